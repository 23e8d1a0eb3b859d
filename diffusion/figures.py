"""Draw the figures of a diffusion run again, from its folder; nothing is trained.

python diffusion/figures.py results/diffusion/digits
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import common  # noqa: F401 - sets the CPU up, so it comes before Paddle

# isort: split
import numpy as np
import paddle

from common import plotting
from common.cli import cli
from common.runtime import run_argument
from common.training.checkpoint import load_arrays
from diffusion import evaluate, schedule
from diffusion.assignment import DDPM
from diffusion.config import LABELS
from diffusion.objective import Objective
from diffusion.pipeline import Pipeline

COLUMNS = evaluate.EACH  # samples of a class
STRIPS = 10  # classes whose way from noise to image is shown, at most
FRAMES = 11  # moments of the forward and of the reverse process
NEIGHBOURS = 5  # training images beside a sample
BINS = 20  # of the steps, for the noise error


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
    # BEGIN TEACHER
    from diffusion import compare_samplers

    compare_samplers.draw(run)
    # END TEACHER


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
    share = {name: (range(len(one)), one.alpha_bar) for name, one in both.items()}
    ratio = {name: (range(len(one)), one.snr) for name, one in both.items()}

    def signal(axes):
        plotting.curves_on(axes, share, "t", "alpha_bar (signal variance left)", "alpha_bar")

    def noise(axes):
        plotting.curves_on(axes, ratio, "t", "SNR", "signal-to-noise ratio", log=True)

    plotting.panels([signal, noise], run.figure("schedules"), width=3.6, height=3.3)


def forward_process(run, pipeline, data):
    """Three test images as noise is added, by the assignment's `add_noise`."""
    x, y = data.test.batch(slice(0, 3))
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
        f"Forward process, {pipeline.config.schedule} schedule; black and white cut the noise off",
        row_labels=[data.class_names[label] for label in y],
        column_labels=[str(t) for t in steps],
        xlabel="t",
        ylabel="class",
    )


def reverse_process(run, pipeline, data):
    """From noise to an image, by the run's own sampler; one row a class."""
    _strip(run.figure("reverse"), pipeline, pipeline.settings(), data)


def _strip(path, pipeline, settings, data):
    """From noise to an image, one row per class."""
    classes = np.arange(min(STRIPS, pipeline.num_classes))
    frames = to_unit(np.stack(list(pipeline.trajectory(classes, settings)), axis=1))
    chosen = np.linspace(0, settings.steps, min(FRAMES, settings.steps + 1)).astype(int)
    plotting.image_grid(
        frames[:, chosen].reshape(-1, *frames.shape[2:]),
        path,
        len(chosen),
        f"Reverse process by {LABELS[settings.sampler]}, guidance {settings.guidance:g}",
        row_labels=data.class_names[: len(classes)],
        column_labels=[str(i) for i in chosen],
        xlabel="steps done",
        ylabel="class",
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
    title = f"DDPM by remove_noise, {settings.steps} steps, guidance {settings.guidance:g}"
    labels = {"row_labels": data.class_names[: len(images) // COLUMNS], "ylabel": "class"}
    plotting.image_grid(images, run.figure("ancestral"), COLUMNS, title, **labels)
    _strip(run.figure("ancestral-reverse"), pipeline, settings, data)


def class_grid(run, pipeline, data):
    """Eight samples of each class, one row per class."""
    rows = min(10, pipeline.num_classes)
    settings = pipeline.settings()
    images = pipeline.sample(np.repeat(np.arange(rows), COLUMNS), settings)
    title = f"{LABELS[settings.sampler]}, {settings.steps} steps, guidance {settings.guidance:g}"
    labels = {"row_labels": data.class_names[:rows], "ylabel": "class"}
    plotting.image_grid(images, run.figure("samples"), COLUMNS, title, **labels)


def nearest_neighbours(run, pipeline, data):
    """One sample of each class above the training images that are nearest to it."""
    labels = np.arange(min(10, pipeline.num_classes))
    count = min(NEIGHBOURS, len(data.train))
    samples = pipeline.sample(labels, pipeline.settings())
    nearest = [data.train.batch(closest(sample, data.train, count))[0] for sample in samples]
    rows = np.concatenate([samples[None], np.stack(nearest, axis=1)])
    plotting.image_grid(
        rows.reshape(-1, *samples.shape[1:]),
        run.figure("neighbours"),
        len(labels),
        "Samples, and below each the training images nearest to it",
        row_labels=["sample", "nearest", *[str(i + 1) for i in range(1, count)]],
        column_labels=[data.class_names[i] for i in labels],
        xlabel="class",
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
    series = {"test": (centres, means)}
    plotting.curves(series, path, "t", "squared error of the noise per element", title, log=True)


def main(argv):
    """Redraw the figures of one run."""
    draw(evaluate.load_trained(run_argument(argv, "diffusion/figures.py", __doc__)))


if __name__ == "__main__":
    cli(main)
