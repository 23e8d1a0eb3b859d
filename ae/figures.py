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
from common.evaluation import metrics, walks
from common.runtime import run_argument

SHOWN = 10  # images in a row


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
    codes, labels = evaluate.encode(model, data.test.first(metrics.MAPPED))
    # BEGIN TEACHER
    from common.evaluation import saved_codes

    saved_codes.save(run, codes, labels, data.class_names)  # for a comparison with other runs
    # END TEACHER
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
    """From one test image to another, the code on a line."""
    ends = walks.pairs(data.test.labels[: metrics.MAPPED])
    codes = [model.encoder(paddle.to_tensor(data.test.batch(side)[0])) for side in ends.T]
    steps = [paddle.lerp(*codes, float(share)) for share in walks.SHARES]
    images = np.stack([model.decoder(code).numpy() for code in steps], axis=1)
    title = "Walks between two test images, the code on a line; at both sides the originals"
    walks.draw(run.figure("interpolation"), data, ends, images, title)


def main(argv):
    """Redraw the figures of one run."""
    draw(evaluate.load_trained(run_argument(argv, "ae/figures.py", __doc__)))


if __name__ == "__main__":
    cli(main)
