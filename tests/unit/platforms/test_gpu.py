"""GPUs: what is decided for one, without one; and, where there is a card, that it works."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest

from common import compute, export, runtime
from common.errors import UserError
from tests.conftest import CARDS, ROOT
from tests.unit.platforms import believed_gpu

import paddle  # isort: skip
from paddle import nn  # isort: skip
import diffusion.figures, diffusion.run  # isort: skip  # noqa: E401

TINY = "--dataset digits --max-train 64 --max-test 32 --epochs 1 --unet tiny --timesteps 20"
TINY = (*TINY.split(), *"--steps 2 --samples 10 --compare 0".split())


@pytest.fixture
def gpu(monkeypatch):
    """Paddle says that there is one GPU."""
    believed_gpu.believe(monkeypatch)


def test_auto_takes_the_gpu_and_says_so(gpu):
    assert runtime.set_device("auto") == "gpu:0"
    assert runtime.why_auto() == "gpu, of 1"
    assert runtime.set_device("cpu") == "cpu"


@pytest.mark.parametrize("name", ["gpu:1", "gpu:x", "tpu"])
def test_a_gpu_that_is_not_there_is_refused(gpu, name):
    with pytest.raises(UserError, match=r"this machine has 1|unknown device"):
        runtime.set_device(name)


def test_without_a_gpu_auto_says_why_not(monkeypatch):
    monkeypatch.setattr(paddle, "is_compiled_with_cuda", lambda: False)
    assert runtime.set_device("auto") == "cpu"
    assert runtime.why_auto() == "cpu: this Paddle is built for CPUs"


def test_a_custom_device_is_taken_when_asked_for(monkeypatch):
    chosen = []
    monkeypatch.setattr(paddle.device, "get_all_custom_device_type", lambda: ["npu"])
    monkeypatch.setattr(paddle.device, "get_available_custom_device", lambda: ["npu:0", "npu:1"])
    monkeypatch.setattr(paddle.device, "set_device", chosen.append)
    runtime.set_device("npu:1")
    assert chosen == ["npu:1"]
    assert runtime.why_auto().endswith("; --device npu takes that")
    with pytest.raises(UserError, match="this machine has 2"):
        runtime.set_device("npu:2")


def test_tricks_for_the_cpu_stay_away_from_a_gpu(gpu):
    layer = compute.accelerate(nn.Conv2D(1, 2, 3))
    assert type(layer) is nn.Conv2D
    assert type(compute.adam(1e-3, layer)) is paddle.optimizer.Adam
    assert all(used.endswith("not on a CPU") for used in compute.in_force().values())


@pytest.mark.parametrize("mixed", ["--amp", "--no-amp"])
def test_a_run_and_its_figures_go_the_way_of_a_gpu(gpu, tmp_path, mixed):
    out = tmp_path / "run"
    diffusion.run.main([*TINY, mixed, "--out", str(out)])
    record = json.loads((out / "config.json").read_text(encoding="utf-8"))
    expected = {"name": "gpu:0", "card": believed_gpu.CARD}
    versions = {"cuda": believed_gpu.CUDA, "cudnn": believed_gpu.CUDNN}
    assert record["device"] == {**expected, **versions}
    diffusion.figures.main([str(out), "--device", "cpu"])
    assert paddle.device.get_device() == "cpu"


def test_an_export_is_compared_without_tf32(gpu, tmp_path, monkeypatch):
    flags, seen, real = dict.fromkeys(export.TF32[:2], True), [], paddle.get_flags

    def get_flags(names):
        return {names[0]: flags[names[0]]} if names[0] in flags else real(names)

    def difference(*_):
        seen.append(dict(flags))
        return 0.0

    monkeypatch.setattr(paddle, "get_flags", get_flags)
    monkeypatch.setattr(paddle, "set_flags", flags.update)
    monkeypatch.setattr(export, "difference", difference)
    export.export(nn.Linear(2, 3), "thing", {"x": np.ones([2, 2], np.float32)}, tmp_path / "o", {})
    assert seen == [dict.fromkeys(export.TF32[:2], False)]
    assert all(flags.values())


def test_tests_are_of_the_cpu_wherever_they_run():
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    command += ["-p", "tests.unit.platforms.believed_gpu", "tests/unit/compute/test_layers.py"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-800:]


def cards():
    """How many GPUs Paddle finds; asked in a process of its own, because this one is of the CPU."""
    if not paddle.is_compiled_with_cuda():
        return 0
    code = "import paddle; print(paddle.device.cuda.device_count())"
    done = subprocess.run(
        [sys.executable, "-c", code], env=with_cards(), capture_output=True, text=True
    )
    return int(done.stdout.split()[-1]) if done.returncode == 0 else 0


def with_cards():
    """The environment with the GPUs that the tests are kept from."""
    hidden = {name: value for name, value in os.environ.items() if name != "CUDA_VISIBLE_DEVICES"}
    return hidden if CARDS is None else {**hidden, "CUDA_VISIBLE_DEVICES": CARDS}


@pytest.mark.skipif(not cards(), reason="no GPU here")
def test_a_card_trains_draws_and_exports(script, tmp_path):
    out = tmp_path / "run"
    for path, *arguments in (
        ("diffusion/run.py", *TINY, "--device", "gpu", "--out", out),
        ("diffusion/figures.py", out, "--device", "gpu"),
        ("diffusion/export.py", out, "--device", "gpu"),
    ):
        done = script(path, *arguments, env=with_cards())
        assert done.returncode == 0, done.stderr
    record = json.loads((out / "config.json").read_text(encoding="utf-8"))
    assert record["device"]["name"] == "gpu:0" and record["device"]["card"]
