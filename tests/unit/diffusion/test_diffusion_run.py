"""The diffusion scripts, as people type them: train on real digits, sample, resume, redraw."""

import json
import shutil
import subprocess
import sys

import numpy as np
import paddle
import pytest
from PIL import Image

from common import datasets
from common.errors import UserError
from common.training import checkpoint, learning_rate
from common.training.average import EMA
from diffusion import run as diffusion_run
from diffusion import unet
from diffusion.config import PRESETS, Config
from diffusion.evaluate import load_trained
from diffusion.pipeline import Pipeline
from diffusion.task import DiffusionTask
from tests.conftest import ROOT, assert_user_error, run_here

FAST = "--dataset digits --samples 50 --compare 0 --sampler solver --steps 8 --max-test 200"
RUN = [sys.executable, str(ROOT / "diffusion" / "run.py")]


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A run of 8 epochs on the embedded digits, long enough for the classes to be seen."""
    out = tmp_path_factory.mktemp("ddpm") / "run"
    flags = [*FAST.split(), *"--unet lean --epochs 8 --batch-size 32 --out".split(), str(out)]
    result = subprocess.run([*RUN, *flags], capture_output=True, text=True, cwd=ROOT)
    assert result.returncode == 0, result.stderr
    assert result.stderr == ""
    return out


def test_it_learns_and_writes_what_the_contract_names(finished):
    metrics = json.loads((finished / "metrics.json").read_text())
    history = (finished / "history.csv").read_text().splitlines()
    assert len(history) == 9
    assert 0 < metrics["test_noise_mse"] < 0.35  # 1 is what "no noise at all" would get
    assert metrics["conditional_accuracy"] > 0.4  # chance is 0.1
    for key in ("fid", "fid_floor", "sharpness", "diversity", "ms_per_sample", "seconds"):
        assert metrics[key] > 0
    for key in ("parameters", "classifier_accuracy"):
        assert metrics[key] > 0
    figures = {path.stem for path in (finished / "figures").glob("*.png")}
    assert {"loss", "forward", "reverse", "samples", "neighbours", "schedules"} <= figures


def test_images_are_trained_on_in_minus_one_to_one():
    config = Config(dataset="digits", max_train=32)
    task = DiffusionTask(unet.build(config, 10), config)
    x, y = map(paddle.to_tensor, datasets.load(config).train.batch(slice(None)))
    x0, t, _, eps = task.sample_inputs(x, y)
    assert float(x0.min()) == -1 and float(x0.max()) == 1
    assert np.allclose(x0.numpy(), 2 * x.numpy() - 1)
    assert t.shape == [32] and eps.shape == x.shape


def test_labels_are_hidden_as_often_as_asked_for():
    config = Config(dataset="digits", label_dropout=0.25)
    task = DiffusionTask(unet.build(config, 10), config)
    x, y = paddle.zeros([4000, 1, 8, 8]), paddle.full([4000], 3, "int64")
    paddle.seed(1)
    _, t, hidden, _ = task.sample_inputs(x, y)
    labels = hidden.numpy()
    assert set(np.unique(labels)) == {3, 10}  # 10 is "no class"
    assert abs((labels == 10).mean() - 0.25) < 0.035  # five standard deviations
    assert t.numpy().min() < 10 and t.numpy().max() > 989  # every step is trained, the last too


def test_learning_rate_rises_and_falls():
    rates = [learning_rate.factor(step, 1000, "cosine", 100) for step in range(1000)]
    assert rates[0] == pytest.approx(0.01, rel=0.01) and max(rates) > 0.95
    assert int(np.argmax(rates)) in (99, 100) and rates[-1] < 1e-4
    assert learning_rate.factor(500, 1000) == 1


def test_ema_follows_its_closed_form():
    layer = paddle.nn.Linear(1, 1, bias_attr=False)
    values = [0.5, -2.0, 3.0, 1.0]
    layer.weight.set_value(paddle.to_tensor([[values[0]]]))
    ema = EMA(layer, 0.9)
    expected = values[0]
    for step, value in enumerate(values[1:]):
        layer.weight.set_value(paddle.to_tensor([[value]]))
        ema.update(step)
        decay = min(0.9, (1 + step) / (10 + step))
        expected = decay * expected + (1 - decay) * value
    assert ema.shadow["weight"].item() == pytest.approx(expected, rel=1e-6)
    with ema.applied():
        assert layer.weight.item() == pytest.approx(expected, rel=1e-6)
    assert layer.weight.item() == values[-1]


def test_resume_gives_the_same_bits_with_ema(tmp_path, monkeypatch):
    monkeypatch.setattr(diffusion_run, "finish", lambda *_: None)  # nothing is measured or drawn
    flags = "--dataset digits --max-train 200 --max-test 50".split()
    whole, part = tmp_path / "whole", tmp_path / "part"
    assert run_here("diffusion/run.py", *flags, "--epochs", 2, "--out", whole).returncode == 0
    code = (
        "import os, runpy, signal, sys; sys.argv = sys.argv[1:];"
        f"sys.path.insert(0, {str(ROOT)!r});"
        "import common; from common.training.average import EMA; update = EMA.update\n"
        "def dying(self, step):\n"
        "    update(self, step)\n"
        "    if step == 5: os.kill(os.getpid(), signal.SIGKILL)\n"
        "EMA.update = dying; runpy.run_path(sys.argv[0], run_name='__main__')"
    )
    words = [*RUN[1:], *flags, "--epochs", "2", "--out", str(part)]
    killed = subprocess.run([sys.executable, "-c", code, *words])
    assert killed.returncode == -9 and (part / "checkpoint.npz").is_file()
    assert run_here("diffusion/run.py", "--resume", "--out", part).returncode == 0
    ours, theirs = (checkpoint.load(p / "checkpoint.npz")[0] for p in (part, whole))
    assert {name.partition("/")[0] for name in ours} == {"model", "optimizer", "average"}
    assert {n: a.tobytes() for n, a in ours.items()} == {n: a.tobytes() for n, a in theirs.items()}


def open_pipeline(run):
    trained = load_trained(run)
    return Pipeline(trained.model, trained.config)


def sample(*words):
    return run_here("diffusion/sample.py", *words)


def test_sample_script_writes_grid_and_numbers(finished, tmp_path, script):
    out = tmp_path / "grid.png"
    flags = ["--classes", "3,5", "--n", 6, "--steps", 5, "--guidance", 2, "--out", out]
    result = script("diffusion/sample.py", finished, *flags)
    assert result.returncode == 0, result.stderr
    archive = np.load(tmp_path / "grid.npz")
    assert archive["images"].shape == (6, 1, 8, 8) and archive["images"].dtype == np.float32
    assert archive["images"].min() >= 0 and archive["images"].max() <= 1
    assert archive["labels"].tolist() == [3, 3, 3, 5, 5, 5]
    assert out.stat().st_size > 1000
    assert_user_error(sample(finished, *flags), "there already")
    again = sample(finished, *flags[:-1], tmp_path / "again.png")
    assert again.returncode == 0
    same = np.load(tmp_path / "again.npz")["images"]
    assert np.array_equal(same, archive["images"])  # seeded
    other = sample(finished, *flags[:-1], tmp_path / "other.png", "--seed", 1)
    assert other.returncode == 0
    assert not np.array_equal(np.load(tmp_path / "other.npz")["images"], same)


@pytest.mark.parametrize("sampler", ["ddpm", "ddim", "dpmpp_2m"])
def test_samples_stay_in_range_and_do_not_depend_on_the_batch(finished, sampler):
    pipeline = open_pipeline(finished)
    settings = pipeline.settings(sampler=sampler, steps=4)
    labels = np.arange(6) % 10
    together = pipeline.sample(labels, settings)
    assert together.shape == (6, 1, 8, 8) and together.min() >= 0 and together.max() <= 1
    alone = next(iter([*pipeline.trajectory(labels[4:5], settings, first=4)][-1:]))
    assert np.allclose(np.clip((alone + 1) / 2, 0, 1), together[4:5], atol=2e-4)


def test_fast_sampling_equals_the_plain_network(finished):
    pipeline = open_pipeline(finished)
    paddle.seed(0)
    x, t = paddle.randn([10, 1, 8, 8]), paddle.arange(10) * 100
    y = paddle.arange(10)
    with paddle.no_grad():
        plain = pipeline.model(x, t, y).numpy()
        quick = pipeline.network(x, t, y).numpy()
    assert np.abs(plain - quick).max() <= 1e-4 * np.abs(plain).max()


@pytest.mark.parametrize(
    "words, expected",
    [
        ("--timesteps 0", "--timesteps"),
        ("--timesteps 20 --steps 50", "--steps 50"),
        ("--image-size 9", "divisible by"),
        ("--unet huge", "tiny, lean, small, base"),
        ("--schedule quadratic", "linear, cosine"),
        ("--objective score", "eps, v, x0"),
        ("--ema 1", "at most"),
        ("--label-dropout 0 --guidance 2", "guidance"),
        ("--guidance nan", "finite"),
    ],
)
def test_bad_settings_are_one_sentence(tmp_path, words, expected):
    flags = ["--dataset", "digits", *words.split(), "--out", tmp_path / "run"]
    result = run_here("diffusion/run.py", *flags)
    assert_user_error(result, expected)
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    "words, expected",
    [
        ("--classes 0-12", "within 0-9"),
        ("--classes a", "cannot be read"),
        ("--n 0", "--n must be"),
        ("--steps 5000", "1 to 1000 steps"),
        ("--guidance -1", "--guidance"),
        ("--out picture.jpg", ".png"),
        ("--out /nonexistent/a.png", "no such folder"),
        ("--sampler euler", "ddpm"),
    ],
)
def test_bad_sampling_flags_are_one_sentence(finished, words, expected):
    assert_user_error(sample(finished, *words.split()), expected)


def test_a_folder_of_another_model_or_none(finished, tmp_path):
    assert_user_error(sample(tmp_path), "not a run folder")
    copy = shutil.copytree(finished, tmp_path / "copy")
    settings = json.loads((copy / "config.json").read_text())
    (copy / "config.json").write_text(json.dumps({**settings, "module": "vae"}))
    assert_user_error(sample(copy), "'vae', not of 'diffusion'")
    (copy / "config.json").write_text(json.dumps(settings))
    checkpoint.save_weights(copy / "model.pdparams", paddle.nn.Linear(2, 2).state_dict())
    assert_user_error(sample(copy), "another model")


def test_a_checkpoint_without_the_average_is_refused(finished, tmp_path):
    copy = shutil.copytree(finished, tmp_path / "copy")
    arrays, meta = checkpoint.load(copy / "checkpoint.npz")
    kept = {name: value for name, value in arrays.items() if not name.startswith("average/")}
    checkpoint.save(copy / "checkpoint.npz", kept, meta)
    assert_user_error(run_here("diffusion/run.py", "--resume", "--out", copy), "EMA")


def test_figures_are_redrawn_without_training(finished, tmp_path):
    copy = shutil.copytree(finished, tmp_path / "copy")
    (copy / "figures" / "samples.png").unlink()
    assert run_here("diffusion/figures.py", copy).returncode == 0
    again = (copy / "figures" / "samples.png").read_bytes()
    assert again == (finished / "figures" / "samples.png").read_bytes()


def test_the_explorers_sheet_walks_from_noise_to_the_samples(finished):
    folder = finished / "figures"
    assert run_here("diffusion/explorer.py", finished).returncode == 0
    about = json.loads((folder / "reverse_sprites.json").read_text())
    sheet = np.asarray(Image.open(folder / "reverse_sprites.png")) / 255
    assert about["cell"] == 8 and about["sampler"] == "dpmpp_2m"  # its former name is an alias
    assert about["rows"] == [str(i) for i in range(10)]
    assert about["steps"] == list(range(9))  # all, because there are fewer than 26
    assert sheet.shape == (10 * 8, 9 * 8)
    pipeline = open_pipeline(finished)
    images = pipeline.sample(np.arange(10), pipeline.settings())
    assert np.abs(sheet[:, -8:] - images.reshape(80, 8)).max() < 0.01


@pytest.mark.parametrize("name", list(PRESETS))
def test_every_preset_builds_its_network(name):
    fields = {key: value for key, value in PRESETS[name].items() if key != "help"}
    config = Config(**fields)
    config.check()
    model = unet.build(config, 10)
    shape = [2, config.channels, config.image_size, config.image_size]
    with paddle.no_grad():
        out = model(
            paddle.zeros(shape),
            paddle.to_tensor([0, config.timesteps - 1]),
            paddle.to_tensor([0, 10]),
        )
    assert out.shape == shape and float(out.abs().max()) == 0  # the last convolution starts at 0


def test_sizes_that_cannot_be_halved():
    with pytest.raises(UserError, match="divisible by 4"):
        unet.check_size(unet.SIZES["small"], 30)
    unet.check_size(unet.SIZES["base"], 28)
