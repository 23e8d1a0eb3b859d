"""The training loop: means, resuming to the same bits, stopping, non-finite losses."""

import json
import math
import os
import shutil
import signal
import subprocess
import sys
import time

import numpy as np
import paddle
import pytest
from paddle import nn
from PIL import Image

from common import datasets
from common.errors import RunError, UserError
from common.files import Lock
from common.training import checkpoint
from common.training.config import RunConfig
from common.training.run_folder import Run
from common.training.trainer import Task, Trainer
from tests.conftest import ROOT


class Updates:
    """In place of an average of the weights: counts the updates, through a checkpoint too."""

    count = 0

    def update(self, step):
        self.count += 1

    def state(self):
        return {"count": np.array(self.count)}

    def set_state(self, arrays, source):
        self.count = int(arrays["count"])


class Noisy(Task):
    """A linear map that must undo noise: its loss depends on randomness drawn each step."""

    def __init__(self):
        paddle.seed(3)
        model = nn.Sequential(nn.Flatten(), nn.Linear(64, 64))
        adam = paddle.optimizer.Adam(0.01, parameters=model.parameters())
        super().__init__(model, adam, Updates())

    def before_step(self, step, steps):
        self.optimizer.set_lr(0.01 * (1 - step / steps))

    def sample_inputs(self, x, y):
        return x, paddle.randn(x.shape)

    def losses(self, model, x, eps):
        error = (model(x + 0.1 * eps) - x.flatten(1)) ** 2
        return {"loss": error.mean(), "first_pixel": x[:, 0, 0, 3].mean()}


def settings(**fields):
    small = {"dataset": "digits", "image_size": 8, "max_train": 100, "batch_size": 32}
    return RunConfig(**{**small, "epochs": 3, "threads": 1, **fields})


def train(path, task, resume=False, **fields):
    config = settings(**fields)
    return fit(task, datasets.load(config), config, Run.choose(path, "ae", resume))


def fit(task, data, config, run):
    """Train as a run script does; the progress at the end."""
    trainer = Trainer(task, data, config, run)
    run.begin(config, data)
    with trainer:
        for x, y in trainer.batches():
            trainer.step(x, y)
    return trainer.progress


def bits(task):
    return {name: array.tobytes() for name, array in checkpoint.model_arrays(task.model).items()}


def without_seconds(history):
    return [{key: value for key, value in row.items() if key != "seconds"} for row in history]


def test_epoch_means_are_weighted_by_batch_size(tmp_path):
    progress = train(tmp_path, Noisy(), epochs=1)  # 100 images: the last batch holds 4 of them
    x, _ = datasets.load(settings()).train.batch(slice(None))
    assert progress.history[0]["train_first_pixel"] == pytest.approx(x[:, 0, 0, 3].mean(), rel=1e-5)


@pytest.mark.parametrize("batch_size", [1, 7, 64, 500])
def test_feed_gives_the_batches_of_the_order(batch_size, monkeypatch):
    monkeypatch.setattr(datasets, "READ_AT_ONCE", 30 * 64)
    images = datasets.load(settings()).train
    order = np.random.default_rng(0).permutation(100)
    batches = list(datasets.feed(images, order, batch_size))
    assert [len(y) for _, y in batches[:-1]] == [batch_size] * (len(batches) - 1)
    x, y = images.batch(order)
    np.testing.assert_array_equal(np.concatenate([b.numpy() for b, _ in batches]), x)
    np.testing.assert_array_equal(np.concatenate([b.numpy() for _, b in batches]), y)


def test_every_image_once_an_epoch_in_another_order(tmp_path):
    class Recorder(Noisy):
        seen = ()

        def sample_inputs(self, x, y):
            self.seen = (*self.seen, *(image.tobytes() for image in x.numpy()))
            return super().sample_inputs(x, y)

    task = Recorder()
    train(tmp_path, task, epochs=2)
    first, second = task.seen[:100], task.seen[100:]
    everything = datasets.load(settings()).train.batch(slice(None))[0]
    assert sorted(first) == sorted(second) == sorted(image.tobytes() for image in everything)
    assert first != second


def test_same_seed_same_bits_and_other_seed_other_bits(tmp_path):
    tasks = [Noisy() for _ in range(3)]
    for index, (task, seed) in enumerate(zip(tasks, (5, 5, 6))):
        train(tmp_path / str(index), task, seed=seed)
    assert bits(tasks[0]) == bits(tasks[1]) != bits(tasks[2])


def test_resume_after_an_epoch_gives_the_same_bits(tmp_path):
    whole, task = Noisy(), Noisy()
    expected = train(tmp_path / "whole", whole)
    config = settings()
    run = Run.choose(tmp_path / "part", "ae")

    class Stop(Exception):
        pass

    class StopInSecondEpoch(Updates):
        def update(self, step):
            super().update(step)
            if step == 6:
                raise Stop

    task.average = StopInSecondEpoch()
    with pytest.raises(Stop):
        fit(task, datasets.load(config), config, run)
    again = Noisy()
    progress = train(tmp_path / "part", again, resume=True)
    assert bits(again) == bits(whole) and again.average.count == whole.average.count == 12
    assert without_seconds(progress.history) == without_seconds(expected.history)


def test_finished_run_resumes_to_nothing(tmp_path):
    task, again = Noisy(), Noisy()
    train(tmp_path, task)
    train(tmp_path, again, resume=True)
    assert bits(again) == bits(task) and again.average.count == 12


def test_more_epochs_go_on_from_the_last(tmp_path):
    train(tmp_path, Noisy())
    progress = train(tmp_path, Noisy(), resume=True, epochs=4)
    assert [row["epoch"] for row in progress.history] == [1, 2, 3, 4]


def test_nonfinite_loss_names_epoch_and_batch(tmp_path):
    class Exploding(Noisy):
        def losses(self, model, x, eps):
            losses = super().losses(model, x, eps)
            bad = self.average.count == 5
            return {**losses, "loss": losses["loss"] * (math.nan if bad else 1)}

    with pytest.raises(RunError, match=r"nan at epoch 2, batch 2.*smaller --lr"):
        train(tmp_path, Exploding())
    _, meta = checkpoint.load(tmp_path / "checkpoint.npz")
    assert meta["epoch"] == 1  # the last good one


# ---------------------------------------------------------------- the real script, killed

FLAGS = "--dataset digits --latent-dim 8 --image-size 8 --channels 1 --epochs 3 --max-train 640"
AE = [sys.executable, str(ROOT / "ae" / "run.py"), *FLAGS.split(), "--threads", "1"]
KILL = """
import os, runpy, signal, sys
sys.path.insert(0, {root!r})
import common
from common{wing} import {module}
calls, original = [], {module}.{name}
def dying(*arguments, **keywords):
    calls.append(1)
    if len(calls) == {count}:
        {before}
        os.kill(os.getpid(), signal.SIGKILL)
    return original(*arguments, **keywords)
{module}.{name} = dying
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory):
    path = tmp_path_factory.mktemp("whole") / "run"
    subprocess.run([*AE, "--out", str(path)], check=True, capture_output=True)
    return path


def assert_same_run(path, expected):
    ours = checkpoint.load_weights(path / "model.pdparams")
    theirs = checkpoint.load_weights(expected / "model.pdparams")
    assert {n: a.tobytes() for n, a in ours.items()} == {n: a.tobytes() for n, a in theirs.items()}
    metrics = [json.loads((p / "metrics.json").read_text()) for p in (path, expected)]
    assert metrics[0]["test_mse"] == metrics[1]["test_mse"]
    assert not [p for p in path.iterdir() if p.name.startswith(".")]


@pytest.mark.parametrize(
    "wing, module, name, count, before",
    [
        (".training", "trainer", "seed_step", 15, "pass"),  # in the middle of the second epoch
        (
            "",
            "files",
            "_flush",
            9,
            "open(arguments[0], 'r+b').truncate(100)",  # in the middle of a save, half written
        ),
    ],
)
def test_kill_minus_9_then_resume(tmp_path, uninterrupted, wing, module, name, count, before):
    code = KILL.format(
        root=str(ROOT), wing=wing, module=module, name=name, count=count, before=before
    )
    out = ["--out", str(tmp_path / "run")]
    killed = subprocess.run([sys.executable, "-c", code, *AE[1:], *out], capture_output=True)
    assert killed.returncode == -signal.SIGKILL
    assert not (tmp_path / "run" / "metrics.json").exists()
    subprocess.run([*AE, *out, "--resume"], check=True, capture_output=True)
    assert_same_run(tmp_path / "run", uninterrupted)


def test_ctrl_c_saves_and_says_how_to_go_on(tmp_path, uninterrupted):
    out = tmp_path / "run"
    process = subprocess.Popen([*AE, "--out", str(out)], stderr=subprocess.PIPE, text=True)
    while not (out / "history.csv").exists() and process.poll() is None:
        time.sleep(0.002)
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == 130, stderr
    assert f"python {AE[1]} --resume --out {out}" in stderr and "Traceback" not in stderr
    subprocess.run([*AE[:2], "--resume", "--out", str(out)], check=True, capture_output=True)
    assert_same_run(out, uninterrupted)


@pytest.mark.skipif(os.name != "posix", reason="limits the size of files by setrlimit")
def test_full_disk_is_one_sentence_and_leaves_nothing_half_written(tmp_path):
    limit = "import resource, runpy, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (20000, 20000))"
    run = "; sys.argv = sys.argv[1:]; runpy.run_path(sys.argv[0], run_name='__main__')"
    out = tmp_path / "run"
    command = [sys.executable, "-c", limit + run, *AE[1:], "--out", str(out)]
    result = subprocess.run(command, capture_output=True, text=True)
    assert result.returncode == 1 and "cannot write" in result.stderr, result.stderr
    assert "Traceback" not in result.stderr
    assert sorted(p.name for p in out.iterdir()) == ["config.json", "figures"]


def files_of(path):
    return {p.name: p.read_bytes() for p in path.iterdir() if p.is_file()}


def refused(path, match, **fields):
    """A resumed training is refused before it writes anything."""
    before = files_of(path)
    with pytest.raises(UserError, match=match):
        train(path, Noisy(), resume=True, **fields)
    assert files_of(path) == before


def test_what_would_be_lost_is_refused(tmp_path):
    train(tmp_path, Noisy(), epochs=2)
    refused(tmp_path, "from epoch 2 already; give --epochs 2 or more", epochs=1)
    (tmp_path / "checkpoint.npz").rename(tmp_path / "kept")
    refused(tmp_path, r"no checkpoint\.npz to go on from, but history\.csv", epochs=3)
    (tmp_path / "kept").rename(tmp_path / "checkpoint.npz")
    lock = Lock(tmp_path / ".lock")
    code = f"from common.files import Lock; import time; lock = Lock({str(lock.path)!r}); "
    code += "print(lock.take(), flush=True); time.sleep(60)"
    other = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, cwd=ROOT)
    try:
        other.stdout.readline()
        refused(tmp_path, "another process is training", epochs=3)
    finally:
        other.kill()
        other.communicate()
    assert train(tmp_path, Noisy(), resume=True, epochs=3).epoch == 3


@pytest.mark.parametrize(
    "change",
    [{"epoch": "abc"}, {"epoch": 7}, {"batch": -1}, {"history": 3}, {"seen": 5}, {"sums": [1]}],
)
def test_progress_that_makes_no_sense(tmp_path, change):
    train(tmp_path, Noisy(), epochs=1)
    arrays, progress = checkpoint.load(tmp_path / "checkpoint.npz")
    checkpoint.save(tmp_path / "checkpoint.npz", arrays, {**progress, **change})
    refused(tmp_path, r"checkpoint\.npz is damaged", epochs=2)


def test_a_weight_that_became_nan_is_not_saved_over_the_good_one(tmp_path):
    class Hidden(Noisy):
        def before_step(self, step, steps):
            super().before_step(step, steps)
            if step == 5:  # of four an epoch; no loss of a Noisy depends on it
                self.model.register_buffer("unseen", paddle.to_tensor([float("nan")]))

    with pytest.raises(RunError, match="NaN or infinity in model/unseen"):
        train(tmp_path, Hidden(), epochs=2)
    assert checkpoint.load(tmp_path / "checkpoint.npz")[1]["epoch"] == 1


def test_another_folder_of_images_is_refused_and_a_moved_one_is_found(tmp_path):
    photos = tmp_path / "photos"
    for name in "ab":
        (photos / name).mkdir(parents=True)
        for number in range(4):
            values = np.random.default_rng(number).integers(0, 255, (8, 8), np.uint8)
            Image.fromarray(values).save(photos / name / f"{number}.png")
    run = tmp_path / "run"
    train(run, Noisy(), dataset=str(photos), epochs=1)
    moved = photos.rename(tmp_path / "moved")
    assert train(run, Noisy(), True, dataset=str(moved), epochs=2).epoch == 2
    extra = moved / "a" / "9.png"
    shutil.copy(moved / "a" / "0.png", extra)
    refused(run, "class a had 4 images, now 5", dataset=str(moved), epochs=3)
    extra.unlink()
    Image.new("L", (8, 8)).save(moved / "b" / "0.png")
    refused(run, "other pictures", dataset=str(moved), epochs=3)
