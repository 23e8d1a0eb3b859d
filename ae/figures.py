"""Draw the figures of an autoencoder run again, from its folder; nothing is trained.

python ae/figures.py results/ae/digits
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import common  # noqa: F401 - sets the CPU up, so it comes before Paddle

# isort: split
import numpy as np
import paddle

from ae import evaluate
from common import plotting
from common.cli import cli
from common.evaluation import metrics, saved_codes
from common.runtime import run_argument

SHOWN = 10  # images in a row
WALKS, STEPS = 6, 11  # pairs of images; images between two


def draw(trained):
    """Draw every figure of a run. trained: Trained."""
    run, config, model, data = trained.run, trained.config, trained.model, trained.data
    reconstructions(run, model, data)
    loss_curve(run)
    code_map(run, config, model, data)
    interpolations(run, model, data)


@paddle.no_grad()
def reconstructions(run, model, data):
    """Test images above what the model makes of them."""
    x, _ = data.test.batch(slice(0, SHOWN))
    x_hat = model(paddle.to_tensor(x)).numpy()
    error = metrics.mse(x_hat, x)
    title = f"Test images of {data.name}; MSE of these {len(x)}: {error:.4f} per pixel"
    rows = {"original": x, "reconstruction": x_hat}
    plotting.image_rows(rows, run.figure("reconstructions"), title)


def loss_curve(run):
    """Mean squared error by epoch, training and test."""
    history = run.read_history("train_loss", "test_mse")
    series = {"train": history["train_loss"], "test": history["test_mse"]}
    plotting.curves(series, run.figure("loss"), "epoch", "MSE per pixel", "Reconstruction error")


def code_map(run, config, model, data):
    """t-SNE of test codes, coloured by class; distances between clusters mean nothing."""
    codes, labels = evaluate.encode(model, data.test.first(saved_codes.COUNT))
    saved_codes.save(run, codes, labels, data.class_names)  # for a comparison with other runs
    points, perplexity = metrics.tsne(codes, config.seed)
    title = (
        f"t-SNE of {len(codes)} test codes, {codes.shape[1]} numbers each "
        f"(perplexity {perplexity:g}, seed {config.seed})"
    )
    plotting.scatter(
        points, labels, run.figure("tsne"), data.class_names, title, "t-SNE 1", "t-SNE 2"
    )


@paddle.no_grad()
def interpolations(run, model, data):
    """From each of the first test images to the next of another class, the code on a line."""
    labels = data.test.labels
    first = np.arange(len(labels))[:WALKS]
    others = [np.flatnonzero(np.roll(labels != labels[i], -i)) for i in first]
    last = np.array(
        [(i + (found[0] if len(found) else 1)) % len(labels) for i, found in zip(first, others)]
    )
    x, y = data.test.batch(first)[0], data.test.batch(last)[0]
    start, end = (model.encoder(paddle.to_tensor(images)) for images in (x, y))
    shares = np.linspace(0, 1, STEPS)
    between = [model.decoder(start + (end - start) * float(share)).numpy() for share in shares]
    gap = np.ones_like(x)
    columns = [x, gap, *between, gap, y]
    plotting.image_grid(
        np.stack(columns, axis=1).reshape(-1, *x.shape[1:]),
        run.figure("interpolation"),
        len(columns),
        "Walks between two test images, the code on a line; at both sides the originals",
        [
            f"{data.class_names[labels[a]]} → {data.class_names[labels[b]]}"
            for a, b in zip(first, last)
        ],
        ["original", "", *[f"{share:.1f}" for share in shares], "", "original"],
        xlabel="share of the second image",
    )


def main(argv):
    """Redraw the figures of one run."""
    draw(evaluate.load_trained(run_argument(argv, "ae/figures.py", __doc__)))


if __name__ == "__main__":
    cli(main)
