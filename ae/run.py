"""Train the autoencoder of assignment 1, or one with a vector bottleneck.

python ae/run.py                                 the assignment on MNIST
python ae/run.py --dataset digits --epochs 5     embedded, no download
python ae/run.py --dataset photos --epochs 5     yours: photos/<class>/*.png
python ae/run.py --latent-dim 32 --image-size 28 --channels 1
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import common  # noqa: F401 - sets the CPU up, so it comes before Paddle

# isort: split
import numpy as np
import paddle
import paddle.nn.functional as F

from ae import figures, models
from ae.config import PRESETS, Config
from common import datasets
from common.compute import layers
from common.evaluation import classifier, latent_metrics
from common.runtime import cli, seed_step, set_device
from common.training import checkpoint, summary, visualdl
from common.training.config import parse
from common.training.trainer import Task, as_batches, fit


class AutoEncoderTask(Task):
    """Minimise the mean squared error of the reconstruction."""

    def losses(self, model, x):
        return {"loss": F.mse_loss(model(x), x)}

    def evaluate(self, data):
        return {"test_mse": test_mse(self.model, data.test)}

    @paddle.no_grad()
    def pictures(self, data):
        x = data.test.batch(slice(0, figures.SHOWN))[0]
        return {"original": x, "decoded": self.model(paddle.to_tensor(x))}


@paddle.no_grad()
def test_mse(model, images):
    """Mean squared error per pixel value on an ImageSet, [0, 1] scale."""
    total = sum(float((model(x) - x).square().sum()) for x, _ in as_batches(images))
    return total / (len(images) * np.prod(images.shape))


def main(argv):
    """Train, measure, draw."""
    config, run = parse(Config, PRESETS, argv, "ae", __doc__)
    if config is None:
        return
    set_device(config.device, config.amp)
    data = datasets.load(config)
    seed_step(config.seed, "init")
    model = models.build(config)
    optimizer = layers.adam(config.lr, model)
    task = AutoEncoderTask(model, optimizer)
    if config.summary:
        summary.show(task, data)
        return
    run.begin(config)
    progress = fit(task, data, config, run)
    checkpoint.save_weights(run.weights, model.state_dict())
    run.write_metrics({**measure(model, data, config), "seconds": progress.seconds})
    figures.draw(run.path)
    visualdl.finish(run, config)
    print(f"done: {run.path}")


def measure(model, data, config):
    """The numbers of metrics.json, on test images: reconstruction, and the space of the codes."""
    model.eval()
    train_codes, train_labels = figures.encode(model, data.train.first(latent_metrics.TRAIN))
    test_codes, test_labels = figures.encode(model, data.test.first(latent_metrics.TEST))
    return {
        "test_mse": test_mse(model, data.test),
        **latent_metrics.separation(train_codes, train_labels, test_codes, test_labels),
        **holes(model, data, config, test_codes),
        "code_size": train_codes.shape[1],
        "parameters": sum(int(p.size) for p in model.parameters() if not p.stop_gradient),
    }


@paddle.no_grad()
def holes(model, data, config, codes):
    """What the decoder makes of codes that belong to no image (latents.holes)."""
    judge = classifier.load_for(config, data) if config.samples else None
    if not judge:
        return {}
    shape = model.encoder(paddle.to_tensor(data.test.batch(slice(0, 1))[0])).shape[1:]

    def decode(z):
        return model.decoder(paddle.to_tensor(z).reshape([-1, *shape])).numpy()

    return latent_metrics.holes(decode, codes, judge, data, config.samples, config.seed)


if __name__ == "__main__":
    cli(main)
