"""Numbers of a trained autoencoder, on test images: reconstruction, and the space of the codes."""

import numpy as np
import paddle

from ae import models
from ae.config import Config
from common.datasets import feed_in_order
from common.evaluation.pixels import pixels
from common.training.trained import load

RECONSTRUCTED = 200  # test images of which the pixels are looked at


def load_trained(path):
    """The Trained of a finished run, see `common/training/trained.py`."""
    return load(path, "ae", Config, lambda config, _: models.build(config))


@paddle.no_grad()
def test_mse(model, images):
    """Mean squared error per pixel value on an ImageSet, [0, 1] scale."""
    total = sum(float((model(x) - x).square().sum()) for x, _ in feed_in_order(images))
    return total / (len(images) * np.prod(images.shape))


@paddle.no_grad()
def encode(model, images):
    """Codes of an ImageSet, flattened: ([N, D] float32, labels [N] int64)."""
    codes = [model.encoder(x).flatten(1).numpy() for x, _ in feed_in_order(images)]
    return np.concatenate(codes), images.labels


@paddle.no_grad()
def reconstruction(model, images):
    """Pixels of the reconstructions of an ImageSet, and whether they come from the codes alone.

    Returns:
        {"code_gap": largest difference between the model and decoder(encoder(x)), and the keys of
        `pixels`}.
    """
    x = paddle.to_tensor(images.batch(slice(None))[0])
    x_hat = model(x)
    gap = float((x_hat - model.decoder(model.encoder(x))).abs().max())
    return {"code_gap": gap, **pixels(x_hat, "recon")}


def measure(trained):
    """The numbers of metrics.json.

    Args:
        trained: Trained.

    Returns:
        {"test_mse", "code_size", "parameters", and the keys of `reconstruction`,
        latent_metrics.separation and latent_metrics.holes}.
    """
    from common.evaluation import latent_metrics

    model, data = trained.model, trained.data
    train_codes, train_labels = encode(model, data.train.first(latent_metrics.TRAIN))
    test_codes, test_labels = encode(model, data.test.first(latent_metrics.TEST))
    return {
        "test_mse": test_mse(model, data.test),
        **reconstruction(model, data.test.first(RECONSTRUCTED)),
        **latent_metrics.separation(train_codes, train_labels, test_codes, test_labels),
        **_holes(trained, test_codes),
        "code_size": train_codes.shape[1],
        "parameters": sum(int(p.size) for p in model.parameters() if not p.stop_gradient),
    }


@paddle.no_grad()
def _holes(trained, codes):
    """What the decoder makes of codes that belong to no image (latent_metrics.holes)."""
    from common.evaluation import latent_metrics
    from common.evaluation.classifier import load_classifier

    model, data, config = trained.model, trained.data, trained.config
    classifier = load_classifier(config, data) if config.samples else None
    if not classifier:
        return {}
    shape = model.encoder(paddle.to_tensor(data.test.batch(slice(0, 1))[0])).shape[1:]

    def decode(z):
        return model.decoder(paddle.to_tensor(z).reshape([-1, *shape])).numpy()

    return latent_metrics.holes(decode, codes, classifier, data, config.samples, config.seed)
