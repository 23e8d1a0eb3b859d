"""Two processes that train one model: the numbers of one process, one writer, clean ends.

Most tests start the two processes themselves, as the launcher does: it looks at them only every
three seconds. All on one machine, by gloo.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import time

import numpy as np
import pytest

from common.compute import distributed
from common.training import checkpoint
from common.training.run_folder import Run
from tests.conftest import ROOT

import paddle  # isort: skip

# One start of a process trains every module: two epochs, whose last batch of one image is less
# than the processes are; AE with BatchNorm has 3 of 40, 40 and 16. Numbers are compared, so
# figures and metrics are left out.
SMALL = "--dataset digits --image-size 8 --channels 1 --max-train 99 --batch-size 49 --max-test 60"
RUNS = {
    "ae": "ae --dataset digits --max-train 96 --batch-size 40 --max-test 60 --epochs 2",
    "vae": f"vae {SMALL} --epochs 2",
    "diffusion": f"diffusion {SMALL} --epochs 2",
}
TRAIN = """
import importlib, sys
sys.path.insert(0, sys.argv[1])
import common.compute.distributed
class Done(BaseException): pass
for line in sys.argv[2:]:
    module, *arguments = line.split()
    script = importlib.import_module(f"{module}.run")
    def finish(*arguments):
        raise Done
    script.finish = finish
    try:
        script.main(arguments)
    except (Done, SystemExit):
        common.compute.distributed._state["alone"] = False
"""


def environment(rank, port):
    """What the launcher tells a process."""
    return {
        **os.environ,
        "PADDLE_DISTRI_BACKEND": "gloo",
        "PADDLE_TRAINERS_NUM": "2",
        "PADDLE_TRAINER_ID": str(rank),
        "PADDLE_TRAINER_ENDPOINTS": f"127.0.0.1:{port},127.0.0.1:{port + 1}",
        "PADDLE_CURRENT_ENDPOINT": f"127.0.0.1:{port + rank}",
    }


def start(*commands):
    """Two processes, of one command or of one each."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "cwd": ROOT}
    return [
        subprocess.Popen([sys.executable, *commands[k % len(commands)]], env=env, **pipes)
        for k, env in enumerate(environment(rank, port) for rank in (0, 1))
    ]


def end(processes, timeout=60):
    """[(exit status, stdout, stderr), ...]; nobody is left behind."""
    try:
        texts = [process.communicate(timeout=timeout) for process in processes]
    finally:
        for process in processes:
            process.kill()
    return [(p.returncode, *text) for p, text in zip(processes, texts)]


def training(folder, **more):
    lines = [f"{line} --out {folder / name}" for name, line in {**RUNS, **more}.items()]
    return ["-c", TRAIN, str(ROOT), *lines]


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """Folders of runs by one process and by two; the AE of the two was stopped and resumed."""
    folder = tmp_path_factory.mktemp("ranks")
    one, two = folder / "one", folder / "two"
    first = RUNS["ae"].replace("--epochs 2", "--epochs 1")
    again = {"ae --resume --epochs 2": f"ae --resume --epochs 2 --out {two / 'ae'}"}
    lines = [f"{first} --out {two / 'ae'}", *again.values()]
    lines += [f"{RUNS[name]} --out {two / name}" for name in ("vae", "diffusion")]
    pair = start(["-c", TRAIN, str(ROOT), *lines])
    single = subprocess.run([sys.executable, *training(one)], capture_output=True, text=True)
    assert single.returncode == 0, single.stderr
    for status, _, stderr in end(pair, 120):
        assert status == 0, stderr
    return one, two


@pytest.mark.parametrize("name", RUNS)
def test_two_processes_have_the_losses_and_weights_of_one(trained, name):
    runs = [Run(folder / name, name) for folder in trained]
    expected, found = (run.read_history() for run in runs)
    assert list(found) == list(expected) and len(found["epoch"]) == 2
    for column in set(expected) - {"seconds"}:
        assert found[column] == pytest.approx(expected[column], rel=1e-4), column
    arrays = [checkpoint.load(run.checkpoint)[0] for run in runs]
    assert set(arrays[0]) == set(arrays[1])
    for key, array in arrays[0].items():
        if key.startswith(("model/", "extra/")):  # the running statistics of BatchNorm as well
            np.testing.assert_allclose(arrays[1][key], array, atol=2e-3, err_msg=key)


def test_the_launcher_trains_measures_and_draws_once(tmp_path):
    launch = "-m paddle.distributed.launch --nproc_per_node 2 --backend gloo --log_dir"
    script = "ae/run.py --dataset digits --image-size 8 --channels 1 --latent-dim 4 --epochs 1"
    command = [*launch.split(), str(tmp_path / "log"), *script.split(), "--max-train", "100"]
    out = ["--max-test", "60", "--out", str(tmp_path / "run")]
    result = subprocess.run(
        [sys.executable, *command, *out], cwd=ROOT, capture_output=True, text=True, timeout=100
    )
    assert result.returncode == 0, result.stdout + result.stderr
    assert result.stdout.count(f"done: {tmp_path / 'run'}") == 1
    assert "done" not in (tmp_path / "log" / "workerlog.1").read_text()
    metrics = json.loads((tmp_path / "run" / "metrics.json").read_text())
    assert 0 < metrics["test_mse"] < 1
    assert (tmp_path / "run" / "figures" / "tsne.png").is_file()


AE = "ae/run.py --dataset digits --image-size 8 --channels 1 --latent-dim 4".split()


def test_a_mistake_in_one_process_ends_all_with_status_2(tmp_path):
    bad = [*AE[:2], str(tmp_path / "nowhere"), *AE[3:]]
    out = ["--out", str(tmp_path / "run")]
    (status, _, first), (other_status, _, other) = end(start([*AE, *out], [*bad, *out]))
    assert status == other_status == 2, first + other
    assert "another process could not start" in first and "nowhere" in other
    assert "Traceback" not in first + other
    assert not (tmp_path / "run").exists()


def test_ctrl_c_ends_all_after_the_same_step_with_a_checkpoint(tmp_path):
    out = tmp_path / "run"
    processes = start([*AE, "--epochs", "100", "--max-test", "60", "--out", str(out)])
    while not (out / "history.csv").exists() and processes[0].poll() is None:
        time.sleep(0.01)
    processes[1].send_signal(signal.SIGINT)  # one is enough
    for status, _, stderr in end(processes):
        assert status == 130 and "Traceback" not in stderr, stderr
        assert f"--resume --out {out}" in stderr
    _, meta = checkpoint.load(out / "checkpoint.npz")
    assert meta["step"] >= 23 and meta["epoch"] < 100


# ---------------------------------------------------------------- without a second process


@pytest.fixture
def as_rank(monkeypatch):
    def become(rank, count=2):
        monkeypatch.setenv("PADDLE_TRAINERS_NUM", str(count))
        monkeypatch.setenv("PADDLE_TRAINER_ID", str(rank))

    return become


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64])
def test_every_row_has_the_same_weight(as_rank, size):
    weights = np.zeros(size)
    for rank in range(3):
        as_rank(rank, 3)
        own, shares = distributed.rows(size)
        assert sum(shares) == pytest.approx(1)
        weights[own] += shares[rank] / len(weights[own])
    assert weights == pytest.approx(np.full(size, 1 / size))


def test_after_the_training_the_first_is_alone(as_rank, monkeypatch):
    """It may train a classifier then, by the same `OnAllCores`."""
    monkeypatch.setitem(distributed._state, "alone", False)
    as_rank(1)
    with pytest.raises(SystemExit) as ended:
        distributed.shutdown()
    assert not ended.value.code and distributed.world_size() == 2
    as_rank(0)
    distributed.shutdown()
    assert distributed.world_size() == 1 and distributed.is_main()
    assert distributed.local_world_size() == 1


def test_a_batchnorm_that_cannot_be_shared_is_refused(as_rank):
    from common.compute import OnAllCores
    from common.errors import UserError

    as_rank(0)
    with pytest.raises(UserError, match=r"BatchNorm1D.*nn.BatchNorm2D"):
        OnAllCores(paddle.nn.Sequential(paddle.nn.BatchNorm1D(3)))


def test_a_connection_lost_in_a_batchnorm_stays_one_sentence(as_rank, monkeypatch):
    """Paddle makes an OSError of what is raised in the backward pass of a PyLayer."""

    def all_gather(values):
        if len(values) == 3:  # of the backward pass
            raise distributed.ConnectionLost("on purpose")
        return [values, values]

    def forward_backward(model, weight, x):
        loss = model(x).square().mean()
        loss.backward(weight)
        return {"loss": loss}

    from common.compute import OnAllCores

    as_rank(0)
    monkeypatch.setattr(distributed, "broadcast", lambda tensors: None)
    monkeypatch.setattr(distributed, "all_gather", all_gather)
    step = OnAllCores(paddle.nn.Sequential(paddle.nn.BatchNorm2D(3)))
    with pytest.raises(distributed.ConnectionLost, match="process 0 lost the others"):
        step(forward_backward, paddle.rand([4, 3, 2, 2]))


@pytest.mark.parametrize("works", [True, False])
def test_processes_meet_in_the_store_or_by_a_message(as_rank, monkeypatch, capfd, works):
    class Store(dict):
        def add(self, name, number):
            self[name] = self.get(name, 0) + number * 2  # the other process does the same
            return self[name]

    from common.compute import checks, paddle_internals

    as_rank(0)
    monkeypatch.setattr(checks, "_refused", {})
    monkeypatch.setattr(distributed, "any_across", lambda flag: f"asked {flag}")
    store = Store()
    monkeypatch.setattr(paddle_internals, "tcp_store", (lambda: store) if works else None)
    assert distributed.barrier() == (False if works else "asked False")
    assert (
        "tcp_store: waiting by a message, on CPUs for at most 30 s" in capfd.readouterr().err
    ) != works
    assert distributed.barrier(trouble=True) == (True if works else "asked True")


@pytest.mark.parametrize("name", ["gpu", "gpu:0"])
def test_a_device_that_does_not_fit_the_launch_is_refused(as_rank, monkeypatch, name):
    from common.errors import UserError

    as_rank(1)
    monkeypatch.setenv("PADDLE_DISTRI_BACKEND", "gloo")
    with pytest.raises(UserError, match="--backend nccl"):
        distributed.device(name)
    assert distributed.device("auto") == "cpu"
