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

from ae import models
from ae.config import Config
from common import datasets, plotting
from common.cli import Parser, cli
from common.compute import layers
from common.evaluation import metrics
from common.evaluation import saved_codes as kept
from common.training import checkpoint
from common.training.config import load_config
from common.training.run_folder import Run
from common.training.trainer import as_batches

SHOWN = 10  # images in a row


@paddle.no_grad()
def encode(model, images):
    """Codes of an ImageSet, flattened: ([N, D] float32, labels [N] int64)."""
    codes = [model.encoder(x).flatten(1).numpy() for x, _ in as_batches(images)]
    return np.concatenate(codes), images.labels


def load(path):
    """(run, config, model in eval mode) of a run folder."""
    run = Run.open(path, "ae")
    config = load_config(Config, run)
    model = layers.accelerate(models.build(config))
    checkpoint.set_model(model, checkpoint.load_weights(run.weights), run.weights)
    model.eval()
    return run, config, model


def draw(path):
    """Draw every figure of the run folder `path`; nothing is trained."""
    run, config, model = load(path)
    data = datasets.load(config)
    reconstructions(run, model, data)
    loss_curve(run)
    code_map(run, config, model, data)


@paddle.no_grad()
def reconstructions(run, model, data):
    """Test images above what the model makes of them."""
    x, _ = data.test.batch(slice(0, SHOWN))
    x_hat = model(paddle.to_tensor(x)).numpy()
    error = metrics.mse(x_hat, x)
    title = f"Test images of {data.name}; MSE of these {len(x)}: {error:.4f} per pixel"
    plotting.image_rows({"original": x, "decoded": x_hat}, run.figure("reconstructions"), title)


def loss_curve(run):
    """Mean squared error by epoch, training and test."""
    history = run.read_history()
    series = {"train": history["train_loss"], "test": history["test_mse"]}
    plotting.curves(series, run.figure("loss"), "epoch", "MSE per pixel", "Reconstruction error")


def code_map(run, config, model, data):
    """t-SNE of test codes, coloured by class; distances between clusters mean nothing."""
    codes, labels = encode(model, data.test.first(kept.COUNT))
    kept.save(run, codes, labels, data.class_names)  # for a comparison with other runs
    points, perplexity = metrics.tsne(codes, config.seed)
    title = (
        f"t-SNE of {len(codes)} test codes of {codes.shape[1]} numbers "
        f"(perplexity {perplexity:g}, seed {config.seed})"
    )
    plotting.scatter(
        points, labels, run.figure("tsne"), data.class_names, title, "t-SNE 1", "t-SNE 2"
    )


def main(argv):
    """Redraw the figures of one run."""
    parser = Parser("ae/figures.py", __doc__)
    parser.add_argument("run", metavar="RUN", help="folder of a finished run")
    draw(parser.parse_args(argv).run)


if __name__ == "__main__":
    cli(main)
