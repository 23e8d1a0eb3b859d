"""--visualdl, --summary and --amp: what Paddle brings along, asked for by a flag."""

import importlib
import importlib.util
import os
import re
from pathlib import Path

import numpy as np
import pytest

from common.errors import UserError
from common.training import checkpoint, visualdl
from common.training.run_folder import Run
from tests.conftest import assert_user_error
from tests.unit.platforms.test_gpu import cards, with_cards

import paddle  # isort: skip

SMALL = ["--dataset", "digits", "--image-size", 8, "--channels", 1]
SHORT = [*SMALL, "--max-train", 60, "--max-test", 60, "--epochs", 1]
FLAGS = {
    "ae": ["--latent-dim", 4],
    "vae": ["--latent-dim", 3, "--samples", 0, "--iwae", 0],
    "diffusion": ["--samples", 10, "--steps", 2, "--sampler", "ddim"],
}


def main(module, *flags):
    importlib.import_module(f"{module}.run").main([str(flag) for flag in flags])


@pytest.mark.parametrize("module", FLAGS)
def test_a_run_in_visualdl(tmp_path, monkeypatch, module):
    reader = pytest.importorskip("visualdl", reason="pip install -r requirements-visualdl.txt")
    monkeypatch.chdir(tmp_path)
    out = Path("run")
    main(module, *SHORT, *FLAGS[module], "--visualdl", "--out", out)
    assert os.listdir() == ["run"]  # by itself VisualDL writes to ./runs
    found = reader.LogReader(file_path=str(out / visualdl.NAME))
    tags, run = found.get_tags(), Run(out, module)
    row, metrics = run.read_history(), run.read_metrics()
    (scalar,) = found.get_data("scalar", "train/loss")
    assert scalar.value == pytest.approx(row["train_loss"][0], rel=1e-5)
    assert "metrics/seconds" in tags["scalar"] and "metrics/parameters" in tags["scalar"]
    assert {"samples", "decoded"} & set(tags["image"])
    assert {f"figures/{p.stem}" for p in (out / "figures").glob("*.png")} <= set(tags["image"])
    assert tags["hyper_parameters"] and metrics["parameters"] > 0
    if module != "diffusion":  # it has no latent codes
        (item,) = found.get_data("embeddings", "test codes")
        assert len(item.embeddings.embeddings) == 60


def test_the_numbers_do_not_depend_on_visualdl(tmp_path):
    pytest.importorskip("visualdl", reason="pip install -r requirements-visualdl.txt")
    for name, flags in (("with", ["--visualdl"]), ("without", [])):
        main("vae", *SHORT, *FLAGS["vae"], "--epochs", 2, *flags, "--out", tmp_path / name)
    found = [checkpoint.load(tmp_path / name / "checkpoint.npz")[0] for name in ("with", "without")]
    assert all(np.array_equal(found[0][key], found[1][key]) for key in found[1])


def test_without_visualdl_the_command_to_install_it(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(UserError, match=r"pip install -r requirements-visualdl\.txt"):
        visualdl.check()


@pytest.mark.parametrize("module", FLAGS)
def test_summary_counts_the_parameters_and_writes_nothing(tmp_path, capsys, monkeypatch, module):
    (tmp_path / "kept").write_text("something that another run would be refused for")
    counts = []
    real = paddle.summary

    def counting(net, **options):
        counts.append(sum(int(p.size) for p in net.parameters()))
        return real(net, **options)

    monkeypatch.setattr(paddle, "summary", counting)
    main(module, *SMALL, *FLAGS[module], "--summary", "--out", tmp_path)
    total = re.search(r"Total params: ([\d,]+)", capsys.readouterr().out)[1]
    assert [int(total.replace(",", ""))] == counts  # each layer is met once
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]


# ---------------------------------------------------------------- mixed precision


def test_amp_on_a_cpu_is_refused(tmp_path, script):
    flags = [*SHORT, *FLAGS["ae"], "--amp", "--device", "cpu", "--out", tmp_path / "run"]
    assert_user_error(script("ae/run.py", *flags), "--amp needs a GPU")
    assert not (tmp_path / "run").exists()


@pytest.mark.skipif(not cards(), reason="mixed precision needs a GPU")
@pytest.mark.parametrize("module", FLAGS)
def test_amp_reaches_the_loss_of_float32(tmp_path, script, module):
    rows = []
    for name, amp in (("amp", ["--amp"]), ("float32", [])):
        flags = [*SHORT, *FLAGS[module], *amp, "--device", "gpu", "--out", tmp_path / name]
        result = script(f"{module}/run.py", *flags, env=with_cards())
        assert result.returncode == 0, result.stderr
        rows.append(Run(tmp_path / name, module).read_history()["train_loss"][-1])
    assert rows[0] == pytest.approx(rows[1], rel=0.03)
