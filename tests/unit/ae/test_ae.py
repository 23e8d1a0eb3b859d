"""The autoencoder's run script, as people type it."""

import csv
import json
import shutil
import subprocess
import sys

import paddle
import pytest

from ae import evaluate
from ae.assignment import AutoEncoder
from ae.config import Config
from ae.models import VectorAutoEncoder, build
from tests.conftest import ROOT, assert_user_error, run_here

SMALL = [
    "--dataset",
    "digits",
    "--latent-dim",
    "8",
    "--image-size",
    "8",
    "--channels",
    "1",
    "--epochs",
    "2",
]


def test_the_assignment_as_report_000_gives_it():
    model = AutoEncoder()
    assert sum(int(p.size) for p in model.parameters() if not p.stop_gradient) == 7475
    x = paddle.rand([2, 3, 64, 64])
    assert model.encoder(x).shape == [2, 32, 16, 16]
    x_hat = model(x)
    assert x_hat.shape == x.shape and float(x_hat.min()) >= 0 and float(x_hat.max()) <= 1


@pytest.mark.parametrize("channels, size, latent", [(1, 28, 2), (3, 64, 32), (1, 8, 16)])
def test_vector_bottleneck(channels, size, latent):
    model = build(Config(channels=channels, image_size=size, latent_dim=latent))
    assert isinstance(model, VectorAutoEncoder)
    x = paddle.rand([3, channels, size, size])
    assert model.encoder(x).shape == [3, latent]
    assert model(x).shape == x.shape


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A finished run, started from another folder than the root."""
    folder = tmp_path_factory.mktemp("elsewhere")
    command = [sys.executable, str(ROOT / "ae" / "run.py"), *SMALL, "--out", "run"]
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    assert result.stderr == "" and "test_mse" in result.stdout
    return folder / "run"


def test_run_writes_what_the_contract_names(finished):
    metrics = json.loads((finished / "metrics.json").read_text())
    assert 0 < metrics["test_mse"] < 0.08 and metrics["seconds"] > 0
    assert 0.3 < metrics["knn_accuracy"] <= 1  # ten classes: chance is 0.1
    assert -1 < metrics["silhouette"] < 1
    for name in ("codes_fid", "midpoint_fid", "box_fid"):
        assert metrics[name] > metrics["box_fid_floor"] > 0
    with open(finished / "history.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["epoch"] for row in rows] == ["1", "2"]
    assert float(rows[1]["test_mse"]) == metrics["test_mse"]
    assert float(rows[1]["train_loss"]) < float(rows[0]["train_loss"])
    for name in ("reconstructions", "loss", "tsne"):
        assert (finished / "figures" / f"{name}.png").stat().st_size > 5000
    assert not list(finished.rglob(".*"))


def test_saved_weights_give_the_reported_number(finished):
    trained = evaluate.load_trained(finished)
    expected = json.loads((finished / "metrics.json").read_text())["test_mse"]
    assert evaluate.test_mse(trained.model, trained.data.test) == expected


def test_figures_are_redrawn_without_training(finished, tmp_path):
    copy = shutil.copytree(finished, tmp_path / "copy")
    for name in ("checkpoint.npz", "figures/loss.png", "figures/tsne.png"):
        (copy / name).unlink()
    assert run_here("ae/figures.py", copy).returncode == 0
    for name in ("loss", "tsne", "reconstructions"):
        again = (copy / "figures" / f"{name}.png").read_bytes()
        assert again == (finished / "figures" / f"{name}.png").read_bytes()


def test_second_run_into_the_same_folder_is_refused(finished):
    before = {p: p.stat().st_mtime_ns for p in finished.rglob("*")}
    assert_user_error(run_here("ae/run.py", *SMALL, "--out", finished), "not empty", "--resume")
    assert {p: p.stat().st_mtime_ns for p in finished.rglob("*")} == before


def test_as_a_module():
    command = [sys.executable, "-m", "ae.run", "--list-presets"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert result.returncode == 0 and "000-ae" in result.stdout


@pytest.mark.parametrize(
    "words, expected",
    [
        ("--epochs two", "two"),
        ("--dataset nosuch", "nosuch"),
        ("--data-dir /nonexistent --dataset mnist", "/nonexistent"),
        ("--image-size 28 --dataset digits", "--latent-dim"),
        ("--image-size 30 --latent-dim 4 --dataset digits", "divisible by 4"),
        ("--device tpu --dataset digits", "tpu"),
        ("--device gpu:99 --dataset digits", "gpu:99"),
        ("--preset nosuch", "000-ae"),
        ("--samples 50 --latent-dim 4 --dataset digits", "--samples"),
        ("--resume --dataset digits", "nothing to resume"),
    ],
)
def test_mistakes_are_one_sentence_and_leave_nothing(tmp_path, words, expected):
    out = tmp_path / "run"
    result = run_here("ae/run.py", *words.split(), "--out", out)
    assert_user_error(result, expected)
    assert not out.exists()


def test_figures_of_no_run_and_of_a_damaged_one(finished, tmp_path):
    assert_user_error(run_here("ae/figures.py", tmp_path), "not a run folder")
    copy = shutil.copytree(finished, tmp_path / "copy")
    (copy / "model.pdparams").write_bytes(b"PK nothing")
    assert_user_error(run_here("ae/figures.py", copy), "model.pdparams is damaged")


@pytest.mark.mnist
def test_short_real_run(real_mnist, tmp_path):
    """Vector bottleneck on a part of MNIST: the digits are reconstructed, not just their mean."""
    flags = "--dataset mnist --latent-dim 32 --image-size 28 --channels 1 --epochs 2"
    flags += " --batch-size 32 --max-train 4000 --max-test 500"
    flags += " --samples 0"  # no judge, whose training is long
    out = tmp_path / "run"
    result = run_here("ae/run.py", *flags.split(), "--data-dir", real_mnist, "--out", out)
    assert result.returncode == 0, result.stderr
    metrics = json.loads((out / "metrics.json").read_text())
    assert metrics["test_mse"] < 0.03  # the mean image has 0.067
    assert metrics["knn_accuracy"] > 0.85
