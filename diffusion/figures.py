"""Draw the figures of a diffusion run again, from its folder; nothing is trained.

python diffusion/figures.py results/diffusion/digits
"""

import dataclasses
import sys
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import common  # noqa: F401 - sets the CPU up, so it comes before Paddle

# isort: split
import numpy as np
import paddle

from common import plotting, records
from common.cli import cli
from common.runtime import run_argument
from common.training.checkpoint import load_arrays
from diffusion import evaluate, schedule
from diffusion.assignment import DDPM
from diffusion.objective import Objective
from diffusion.pipeline import Pipeline

COLUMNS = evaluate.EACH  # samples of a class
STRIPS = 5  # classes whose way from noise to image is shown
FRAMES = 11  # moments of the forward and of the reverse process
NEIGHBOURS = 5  # training images beside a sample
BINS = 20  # of the steps, for the noise error
LABELS = {"ddpm": "DDPM", "ddim": "DDIM", "dpmpp_2m": "DPM-Solver++", "solver": "DPM-Solver++"}
ENOUGH = 100  # images for a FID that says anything, even beside its floor


def draw(trained, pipeline=None):
    """Draw every figure of a run. trained: Trained; pipeline: of it, made here if there is none."""
    pipeline = pipeline or Pipeline(trained.model, trained.config)
    run, data = trained.run, trained.data
    loss_curve(run, trained.config)
    schedules(run, trained.config)
    forward_process(run, pipeline, data)
    noise_by_step(run, pipeline, data)
    reverse_process(run, pipeline, data)
    ancestral(run, pipeline, data)
    class_grid(run, pipeline, data)
    nearest_neighbours(run, pipeline, data)
    if (run.path / "study.json").is_file():
        study = read_study(run)
        samplers(run, study)
        guidance(run, study)


@dataclass
class Row:
    """A setting of study.json and its numbers."""

    sampler: str
    steps: int
    guidance: float
    conditional_accuracy: float
    fid: float
    fid_floor: float
    sample_seconds: float


@dataclass
class Study:
    """What study.json holds."""

    images: int
    samplers: list[Row]
    guidance: list[Row]


def read_study(run):
    """The dict of study.json. Raises UserError if it is damaged."""
    path = run.path / "study.json"
    study = dataclasses.asdict(records.read(Study, records.load_json(path), path))
    if not study["samplers"] or {row["sampler"] for row in study["samplers"]} - set(LABELS):
        raise records.damaged(path, "no samplers, or unknown ones")
    return study


def to_unit(x):
    """[-1, 1] -> [0, 1], clipped."""
    return np.clip((x + 1) / 2, 0, 1)


def loss_curve(run, config):
    """Training loss and the noise error on the fixed test set, by epoch."""
    history = run.read_history("train_loss", "test_noise_mse")
    train = {"eps": "train", "v": "train (of v)", "x0": "train (of x0)"}[config.objective]
    series = {train: history["train_loss"], "test, EMA": history["test_noise_mse"]}
    title = f"Noise error: {history['test_noise_mse'][-1]:.4f} at the end"
    plotting.curves(series, run.figure("loss"), "epoch", "squared error per element", title)


def schedules(run, config):
    """alpha_bar and the signal-to-noise ratio of both schedules over t."""
    both = {name: schedule.make_schedule(name, config.timesteps) for name in schedule.NAMES}

    def signal(axes):
        for name, one in both.items():
            axes.plot(one.alpha_bar, label=name)
        axes.set(xlabel="t", ylabel="alpha_bar (signal variance left)", title="alpha_bar")
        axes.grid(alpha=0.3)
        axes.legend(frameon=False)

    def ratio(axes):
        for name, one in both.items():
            axes.plot(one.snr, label=name)
        axes.set(xlabel="t", ylabel="SNR", title="signal-to-noise ratio", yscale="log")
        axes.grid(alpha=0.3)

    plotting.panels([signal, ratio], run.figure("schedules"))


def forward_process(run, pipeline, data):
    """Three test images as noise is added, by the assignment's `add_noise`."""
    x, _ = data.test.batch(slice(0, 3))
    steps = np.linspace(0, pipeline.config.timesteps - 1, FRAMES).astype(np.int64)
    ddpm = DDPM(pipeline.network, pipeline.schedule.tensor("beta"))
    eps = paddle.to_tensor(np.random.default_rng(0).standard_normal(x.shape, np.float32))
    frames = [
        to_unit(ddpm.add_noise(paddle.to_tensor(2 * x - 1), paddle.to_tensor(t), eps).numpy())
        for t in steps
    ]
    plotting.image_grid(
        np.stack(frames, axis=1).reshape(-1, *x.shape[1:]),
        run.figure("forward"),
        FRAMES,
        f"Forward process, {pipeline.config.schedule} schedule",
        column_labels=[f"t = {t}" if i == 0 else str(t) for i, t in enumerate(steps)],
    )


def reverse_process(run, pipeline, data):
    """From noise to an image, by the run's own sampler; one row a class."""
    _strip(run.figure("reverse"), pipeline, pipeline.settings(), data)


def _strip(path, pipeline, settings, data):
    """From noise to an image, a row a class."""
    classes = np.arange(min(STRIPS, pipeline.num_classes))
    frames = to_unit(np.stack(list(pipeline.trajectory(classes, settings)), axis=1))
    chosen = np.linspace(0, settings.steps, min(FRAMES, settings.steps + 1)).astype(int)
    plotting.image_grid(
        frames[:, chosen].reshape(-1, *frames.shape[2:]),
        path,
        len(chosen),
        f"Reverse process: {LABELS[settings.sampler]}, steps done",
        row_labels=data.class_names[: len(classes)],
        column_labels=[str(i) for i in chosen],
    )


def ancestral(run, pipeline, data):
    """What the assignment's `remove_noise` draws: a sheet of samples, and the way to some."""
    settings = evaluate.ancestral_settings(pipeline)
    path = run.path / evaluate.ANCESTRAL
    if path.is_file():
        shape = (pipeline.config.channels, *2 * [pipeline.config.image_size])
        images = load_arrays(path, images=("u", (None, *shape)))["images"] / np.float32(255)
    else:  # of a run from before they were kept
        images, _ = evaluate.ancestral_samples(pipeline)
    title = f"DDPM by remove_noise, {settings.steps} steps: the row is the class"
    names = data.class_names[: len(images) // COLUMNS]
    plotting.image_grid(images, run.figure("ancestral"), COLUMNS, title, row_labels=names)
    _strip(run.figure("ancestral-reverse"), pipeline, settings, data)


def class_grid(run, pipeline, data):
    """Eight samples of each class, a row a class."""
    rows = min(10, pipeline.num_classes)
    settings = pipeline.settings()
    images = pipeline.sample(np.repeat(np.arange(rows), COLUMNS), settings)
    title = (
        f"{LABELS[settings.sampler]}, {settings.steps} steps, guidance {settings.guidance:g}: "
        "the row is the class"
    )
    names = data.class_names[:rows]
    plotting.image_grid(images, run.figure("samples"), COLUMNS, title, row_labels=names)


def nearest_neighbours(run, pipeline, data):
    """One sample of each class beside the training images that are nearest to it."""
    labels = np.arange(min(10, pipeline.num_classes))
    count = min(NEIGHBOURS, len(data.train))
    samples = pipeline.sample(labels, pipeline.settings())
    rows = []
    for sample in samples:
        nearest, _ = data.train.batch(closest(sample, data.train, count))
        rows += [sample, *nearest]
    plotting.image_grid(
        np.stack(rows),
        run.figure("neighbours"),
        1 + count,
        "Samples and the nearest training images",
        row_labels=[data.class_names[i] for i in labels],
        column_labels=["sample", *[str(i + 1) for i in range(count)]],
    )


def closest(image, images, count):
    """Indices [count] of the images nearest to one (all, if fewer), by squared distance of pixels.

    Args:
        image: [C, H, W] float32 in [0, 1]. images: ImageSet.
    """
    distances = [((x - image) ** 2).sum((1, 2, 3)) for x, _ in images.batches(500)]
    return np.argsort(np.concatenate(distances), kind="stable")[:count]


def noise_by_step(run, pipeline, data):
    """Where on the chain the network errs: the noise error against t, beside what is known."""
    config, chain = pipeline.config, pipeline.schedule
    objective, beta = Objective(chain, config.objective), chain.tensor("beta")
    errors, t = evaluate.noise_errors(pipeline.model, objective, beta, data.test)
    edges = np.linspace(0, config.timesteps, BINS + 1)
    place = np.digitize(t, edges) - 1
    filled = [i for i in range(BINS) if np.any(place == i)]
    centres = [(edges[i] + edges[i + 1]) / 2 for i in filled]
    means = [errors[place == i].mean() for i in filled]
    title = f"Noise error by step, {len(t)} test images: {errors.mean():.4f} overall"
    path = run.figure("noise-by-step")
    plotting.curves({"test": (centres, means)}, path, "t", "MSE of eps", title, log=True)


def samplers(run, study):
    """The same ten noises by every sampler, with accuracy, FID and seconds beside each row."""
    path, rows = run.path / "study.npz", len(study["samplers"])
    images = load_arrays(path, images=("u", 5 * (None,)))["images"]
    if len(images) < rows:
        raise records.damaged(path, f"images of {len(images)} settings, not of {rows}")
    images = images[:rows] / np.float32(255)
    enough = study["images"] >= ENOUGH
    labels = [
        f"{LABELS[row['sampler']]} {row['steps']}\n{row['conditional_accuracy']:.1%}"
        + (f", FID {row['fid']:.2f}" if enough else "")
        + f"\n{row['sample_seconds']:.1f} s"
        for row in study["samplers"]
    ]
    floor = f"FID (real images: {study['samplers'][0]['fid_floor']:.2f}), " if enough else ""
    plotting.image_grid(
        images.reshape(-1, *images.shape[2:]),
        run.figure("samplers"),
        images.shape[1],
        f"Samplers: accuracy, {floor}seconds for {study['images']} images",
        row_labels=labels,
    )


def guidance(run, study):
    """Accuracy and FID against the guidance scale."""
    rows = study["guidance"]
    if not rows:
        return
    w = [row["guidance"] for row in rows]

    def accuracy(axes):
        axes.plot(w, [100 * row["conditional_accuracy"] for row in rows], marker="o", markersize=3)
        axes.set(xlabel="guidance", ylabel="%", title="accuracy of the class")
        axes.grid(alpha=0.3)

    def distance(axes):
        axes.plot(w, [row["fid"] for row in rows], marker="o", markersize=3, label="samples")
        axes.axhline(rows[0]["fid_floor"], color="grey", linestyle="--", label="real images")
        axes.set(xlabel="guidance", ylabel="FID", title="distance to the data", yscale="log")
        axes.grid(alpha=0.3)
        axes.legend(frameon=False)

    draws = [accuracy, distance] if study["images"] >= ENOUGH else [accuracy]
    plotting.panels(draws, run.figure("guidance"))


def main(argv):
    """Redraw the figures of one run."""
    draw(evaluate.load_trained(run_argument(argv, "diffusion/figures.py", __doc__)))


if __name__ == "__main__":
    cli(main)
