"""The VAE's run script and figures, as people type them, on real digits."""

import csv
import json
import shutil
import subprocess
import sys

import numpy as np
import paddle
import pytest
from PIL import Image

from common import datasets
from common.evaluation.classifier import load_classifier
from common.training import checkpoint
from tests.conftest import ROOT, assert_user_error, run_here
from vae import evaluate, latent_numbers, models
from vae.config import PRESETS, Config
from vae.task import VaeTask

SMALL = "--dataset digits --image-size 8 --channels 1 --lr 1e-3 --samples 200"


def run(*words):
    return run_here("vae/run.py", *words)


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A conditional run of 30 epochs, sampled from a fitted mixture."""
    out = tmp_path_factory.mktemp("cvae") / "run"
    flags = "--network mlp --latent-dim 6 --likelihood bernoulli --epochs 30 --prior mixture"
    command = [str(ROOT / "vae" / "run.py"), *SMALL.split(), *flags.split(), "--out", str(out)]
    result = subprocess.run([sys.executable, *command], capture_output=True, text=True, cwd=ROOT)
    assert result.returncode == 0, result.stderr
    return out


@pytest.fixture(scope="module")
def plane(tmp_path_factory):
    """Unconditional runs with one and two latent dimensions."""
    folder = tmp_path_factory.mktemp("plane")
    for z in (1, 2):
        flags = "--network mlp --no-conditional --likelihood bernoulli --epochs 15 --latent-dim"
        result = run(*SMALL.split(), *flags.split(), z, "--out", folder / f"z{z}")
        assert result.returncode == 0, result.stderr
    return folder


def numbers(path):
    return json.loads((path / "metrics.json").read_text())


def test_it_learns_to_generate_the_class_asked_for(finished):
    found = numbers(finished)
    assert found["conditional_accuracy"] > 0.8  # chance is 0.1
    assert found["test_neg_elbo"] == pytest.approx(found["test_recon"] + found["test_kl"])
    assert 15 < found["test_neg_elbo"] < 32  # nats; an untrained model has 44
    assert found["active_units"] >= 1 and "warning" not in found
    assert len(found["kl_per_dimension"]) == 6
    assert sum(found["kl_per_dimension"]) == pytest.approx(found["test_kl"], rel=1e-3)
    assert found["iwae_50"] < found["iwae_1"]
    assert {"fid", "fid_floor", "classifier_accuracy", "seconds", "parameters"} <= set(found)
    plain = found["standard_normal"]  # the same model with z ~ N(0, I) instead
    assert plain["conditional_accuracy"] > 0.8 and plain["fid"] != found["fid"]
    assert found["recon_accuracy"] > 0.8 and 0.3 < found["sharpness"] < 1.3
    assert 0.2 < found["diversity"] < 1.5 and found["ms_per_sample"] > 0
    assert "box_fid" not in found  # z means nothing without a class


def test_reconstruction_is_judged_image_by_image(finished):
    """The numbers of metrics.json again, the plain way."""
    trained = evaluate.load_trained(finished)
    config, data, model = trained.config, trained.data, trained.model
    x, y = data.test.batch(slice(None))
    with paddle.no_grad():
        mu, _ = model.encode(paddle.to_tensor(x), paddle.to_tensor(y))
        x_hat = model.decode(mu, paddle.to_tensor(y)).numpy()
    found = numbers(finished)
    assert found["test_mse"] == pytest.approx(((x_hat - x) ** 2).mean(), rel=1e-5)
    right = load_classifier(config, data).predict(x_hat) == y
    assert found["recon_accuracy"] == pytest.approx(right.mean())
    by_class = [right[y == label].mean() for label in range(10)]
    assert found["recon_class_accuracy"] == pytest.approx(by_class)


def test_a_class_without_test_images_has_no_accuracy(finished):
    trained = evaluate.load_trained(finished)
    config, data, model = trained.config, trained.data, trained.model
    some = np.flatnonzero(data.test.labels != 3)[:40]
    images = datasets.ImageSet(data.test.images[some], data.test.labels[some], 1, 10)
    mu = evaluate.posterior(model, images)[0]
    found = evaluate.reconstruction(model, images, mu, load_classifier(config, data))
    assert found["recon_class_accuracy"][3] is None
    plain = evaluate.reconstruction(model, images, mu)
    assert "recon_accuracy" not in plain and plain["test_images"] == 40
    assert 0 < plain["standard_error"]["test_mse"] < plain["test_mse"] < plain["test_mse_white"]


def test_history_has_the_parts_of_the_loss(finished):
    with open(finished / "history.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 30
    for row in (rows[0], rows[-1]):
        parts = float(row["train_recon"]) + float(row["train_kl"])
        assert float(row["train_loss"]) == pytest.approx(parts, rel=1e-4)
    assert float(rows[-1]["test_neg_elbo"]) < float(rows[0]["test_neg_elbo"])
    last, measured = rows[-1], numbers(finished)
    for name in ("test_recon", "test_kl", "test_neg_elbo"):  # z is drawn once for both
        assert float(last[name]) == pytest.approx(measured[name], rel=1e-6)


def test_figures_are_there_and_redrawn_without_training(finished, tmp_path):
    expected = {"loss", "reconstructions", "samples", "latents", "interpolation"}
    expected |= {"kl-by-dimension", "dataset-classes", "dataset-samples", "sample-classes", "wall"}
    assert expected <= {path.stem for path in (finished / "figures").glob("*.png")}
    copy = shutil.copytree(finished, tmp_path / "copy")
    shutil.rmtree(copy / "figures")
    (copy / "checkpoint.npz").unlink()
    assert run_here("vae/figures.py", copy).returncode == 0
    for name in expected:
        again = (copy / "figures" / f"{name}.png").read_bytes()
        assert again == (finished / "figures" / f"{name}.png").read_bytes(), name


def test_strip_and_manifold_belong_to_one_and_two_dimensions(plane):
    one, two = ({p.stem for p in (plane / z / "figures").glob("*.png")} for z in ("z1", "z2"))
    assert "strip" in one - two
    assert {"manifold-grid", "manifold-quantiles"} <= two - one


def test_the_explorers_sheet_is_the_plane(plane):
    """Each cell is what its z decodes to: z1 to the right, z2 upwards."""
    assert run_here("vae/explorer.py", plane / "z2").returncode == 0
    trained = evaluate.load_trained(plane / "z2")
    data, model = trained.data, trained.model
    folder = plane / "z2" / "figures"
    about = json.loads((folder / "plane_sprites.json").read_text())
    sheet = np.asarray(Image.open(folder / "plane_sprites.png"))
    assert (about["extent"], about["steps"], about["cell"]) == (5, 41, 8)
    assert sheet.shape == (41 * 8, 41 * 8) and about["class_names"] == data.class_names
    for column, row, z in ((0, 0, [-5, 5]), (40, 0, [5, 5]), (20, 20, [0, 0]), (24, 40, [1, -5])):
        with paddle.no_grad():
            image = model.decode(paddle.to_tensor([z], "float32")).numpy()[0, 0]
        cell = sheet[row * 8 : row * 8 + 8, column * 8 : column * 8 + 8]
        assert np.abs(cell / 255 - image).max() < 0.003
    mu = evaluate.posterior(model, data.test)[0]
    assert len(about["points"]) == len(mu) <= 1000
    assert np.allclose([p[:2] for p in about["points"]], mu, atol=6e-4)
    assert [p[2] for p in about["points"]] == data.test.labels.tolist()


def test_the_explorers_line_and_ten(plane):
    """One process draws several runs: what z = -3 ... 3 decodes to; ten images of each kind."""
    assert run_here("vae/explorer.py", plane / "z1", plane / "z2").returncode == 0
    trained = evaluate.load_trained(plane / "z1")
    folder = plane / "z1" / "figures"
    about = json.loads((folder / "line_sprites.json").read_text())
    sheet = np.asarray(Image.open(folder / "line_sprites.png"))
    assert about["z"][0] == -3 and about["z"][60] == 0 and sheet.shape == (8, 121 * 8)
    with paddle.no_grad():
        image = trained.model.decode(paddle.to_tensor([[0.0]])).numpy()[0, 0]
    assert np.abs(sheet[:, 480:488] / 255 - image).max() < 0.003
    assert not (folder / "plane_sprites.png").exists()
    about = json.loads((plane / "z2" / "figures" / "ten_sprites.json").read_text())
    assert about["rows"] == ["original", "reconstruction", "sample"]
    sheet = np.asarray(Image.open(plane / "z2" / "figures" / "ten_sprites.png"))
    assert sheet.shape == (3 * 8, 8 * len(about["names"]))
    first = trained.data.test.images[trained.data.test.labels == 3][0, 0]
    place = about["names"].index("3")
    assert np.array_equal(sheet[:8, 8 * place : 8 * place + 8], first)


def test_an_unconditional_run_measures_its_holes(plane):
    found = numbers(plane / "z2")
    for name in ("codes_fid", "midpoint_fid", "box_fid"):
        assert found[name] > found["box_fid_floor"] > 0
    assert found["knn_accuracy"] > 0.3 and -1 < found["silhouette"] < 1


def test_the_line_the_plane_and_walks_are_measured(finished, plane):
    one, two = numbers(plane / "z1"), numbers(plane / "z2")
    assert len(one["line_classes"]) == 121 and 2 <= one["line_digits"] <= 10
    assert 0.7 < one["line_same"] < 1 and "line_same" not in two
    assert 3 <= two["plane_classes"] <= 10 and max(two["plane_patches"]) > 0.8
    for found in (one, two, numbers(finished)):
        assert 0 < found["posterior_std"] < 1 and 0 < found["batch_spread"] < 1
        assert found["walk_smooth"] > 0.3 and found["walk_one_change"] > 0.3


def test_a_class_in_two_places_has_two_patches():
    seen = np.array([[0, 0, -1, 0], [-1, 1, -1, -1], [1, -1, -1, -1]])
    assert latent_numbers.patches(seen, 3) == pytest.approx([2 / 3, 1, 0])


def test_a_walk_that_jumps_is_not_smooth():
    class Judge:
        def predict(self, images):
            return np.zeros(len(images), int)

    class Model:
        classes = 0

        def decode(self, z, y):
            jump = (z > 0).astype("float32")
            return (jump if self.jumps else z).reshape([-1, 1, 1, 1])

    mu, labels = np.linspace(-1, 1, 50, dtype=np.float32)[:, None], np.zeros(50, int)
    Model.jumps = False
    found = latent_numbers.walks(Model(), Judge(), mu, labels, 0)
    assert found == {"walks": 200, "walk_smooth": 1.0, "walk_one_change": 1.0}
    Model.jumps = True
    assert latent_numbers.walks(Model(), Judge(), mu, labels, 0)["walk_smooth"] < 0.7


def test_sweep_compares_runs(plane, tmp_path):
    out = tmp_path / "sweep.png"
    words = ["--sweep", plane / "z2", plane / "z1", "--out", out]
    result = run_here("vae/figures.py", *words)
    assert result.returncode == 0, result.stderr
    with open(tmp_path / "sweep.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["latent_dim"] for row in rows] == ["1", "2"]
    assert float(rows[0]["test_recon"]) == pytest.approx(numbers(plane / "z1")["test_recon"], 1e-3)
    assert out.stat().st_size > 10000


def test_codes_side_by_side(plane, tmp_path):
    out = tmp_path / "both.png"
    words = ["--compare", plane / "z1", plane / "z2", "--out", out]
    assert run_here("vae/figures.py", *words).returncode == 0
    assert out.stat().st_size > 10000


def test_resume_gives_the_same_bits(tmp_path, monkeypatch):
    monkeypatch.setattr("vae.figures.draw", lambda *_: None)
    flags = "--network conv --latent-dim 4 --epochs 2 --max-train 200 --samples 0 --iwae 0"
    flags = [*SMALL.split(), *flags.split()]
    whole, part = tmp_path / "whole", tmp_path / "part"
    assert run(*flags, "--out", whole).returncode == 0
    code = (
        "import os, runpy, signal, sys; sys.argv = sys.argv[1:];"
        f"sys.path.insert(0, {str(ROOT)!r}); import common; from common.training import trainer\n"
        "step = trainer.Trainer.step\n"
        "def dying(self, x, y):\n"
        "    if self.progress.step == 6: os.kill(os.getpid(), signal.SIGKILL)\n"
        "    return step(self, x, y)\n"
        "trainer.Trainer.step = dying; runpy.run_path(sys.argv[0], run_name='__main__')"
    )
    words = [str(ROOT / "vae" / "run.py"), *flags, "--out", str(part)]
    assert subprocess.run([sys.executable, "-c", code, *words]).returncode == -9
    assert run("--resume", "--out", part).returncode == 0
    ours, theirs = (checkpoint.load_weights(p / "model.pdparams") for p in (part, whole))
    assert {n: a.tobytes() for n, a in ours.items()} == {n: a.tobytes() for n, a in theirs.items()}
    assert numbers(part)["test_neg_elbo"] == numbers(whole)["test_neg_elbo"]


def test_posterior_collapse_is_reported(tmp_path):
    flags = "--network mlp --latent-dim 3 --beta 1000 --epochs 3 --likelihood bernoulli --samples 0"
    result = run(*SMALL.split(), *flags.split(), "--out", tmp_path / "run")
    assert result.returncode == 0
    assert "posterior collapse" in result.stderr
    found = numbers(tmp_path / "run")
    assert found["active_units"] == 0 and "posterior collapse" in found["warning"]


def test_kl_warmup_raises_beta_from_zero():
    config = Config(dataset="digits", image_size=8, channels=1, kl_warmup=2.0, epochs=4, beta=3.0)
    task = VaeTask(models.build(config, 10), config)
    betas = []
    for step in range(40):
        task.before_step(step, 40)
        betas.append(task.beta)
    assert betas[0] < 0.3 and betas[9] == pytest.approx(1.5) and set(betas[20:]) == {3.0}


def test_dynamic_binarisation_draws_pixels_anew_in_training_and_once_for_testing():
    config = Config(dataset="digits", image_size=8, channels=1, network="mlp", binarize="dynamic")
    data, again = datasets.load(config), datasets.load(config)
    assert set(np.unique(data.test.images)) == {0, 255}
    np.testing.assert_array_equal(data.test.images, again.test.images)
    config.binarize = "none"
    grey = datasets.load(config).test.images
    chance = grey[(grey > 100) & (grey < 150)].mean() / 255
    assert abs((data.test.images[(grey > 100) & (grey < 150)] > 0).mean() - chance) < 0.05
    config.binarize = "dynamic"
    task = VaeTask(models.build(config, 10), config)
    x, y = map(paddle.to_tensor, data.train.batch(slice(64)))
    first, second = (task.sample_inputs(x, y)[0].numpy() for _ in range(2))
    assert set(np.unique(first)) == {0, 1} and (first != second).any()
    np.testing.assert_array_equal(first[x.numpy() == 1], 1)
    np.testing.assert_array_equal(first[x.numpy() == 0], 0)


def test_the_assignment_is_what_trains(monkeypatch):
    """A student's mistake in kl_div_loss reaches the loss."""
    from vae import task as vae_task

    monkeypatch.setattr(vae_task, "kl_div_loss", lambda mu, logvar: paddle.to_tensor(7.0))
    config = Config(dataset="digits", image_size=8, channels=1)
    task = VaeTask(models.build(config, 10), config)
    x, y = map(paddle.to_tensor, datasets.load(config).train.batch(np.arange(4)))
    assert float(task.losses(task.model, *task.sample_inputs(x, y))["kl"]) == 7


@pytest.mark.parametrize(
    "words, expected",
    [
        ("--latent-dim 0", "--latent-dim"),
        ("--likelihood poisson", "bernoulli, gaussian, region"),
        ("--image-size 30", "divisible by 4"),
        ("--encoder-widths 400,x --network mlp", "400,x"),
        ("--variance 0", "--variance"),
        ("--beta nan", "finite"),
        ("--samples 5", "--samples"),
        ("--preset 005", "001-vae"),
        ("--binarize dynamic", "--likelihood bernoulli"),
    ],
)
def test_bad_settings_are_one_sentence(tmp_path, words, expected):
    result = run("--dataset", "digits", *words.split(), "--out", tmp_path / "run")
    assert_user_error(result, expected)
    assert not (tmp_path / "run").exists()


def test_list_presets_names_the_contracts():
    result = run("--list-presets")
    listed = [line.split()[0] for line in result.stdout.splitlines()]
    contract = "000-cvae 001-vae 001-vae-repo 002-z1 002-z2 002-z5 002-z10 002-z20 003-z1 003-z2"
    contract += " 003-z3 003-z16 003-z32 004-mlp 004-conv"
    assert result.returncode == 0 and listed == contract.split() == list(PRESETS)


@pytest.mark.mnist
def test_short_real_run(real_mnist, tmp_path):
    """Two epochs of 001-vae on a twelfth of MNIST: far below an untrained model's 543 nats."""
    flags = "--preset 001-vae --batch-size 64 --epochs 2 --max-train 5000 --max-test 500"
    flags += " --samples 0 --iwae 0"
    out = tmp_path / "run"
    result = run(*flags.split(), "--data-dir", real_mnist, "--out", out)
    assert result.returncode == 0, result.stderr
    assert 100 < numbers(out)["test_neg_elbo"] < 180
