"""Numbers of a trained autoencoder, on test images: reconstruction, and the space of the codes."""

import numpy as np
import paddle

from ae import models
from ae.config import Config
from common.datasets import feed_in_order
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
    """Pixels of the reconstructions of an ImageSet, and what they depend on.

    Returns:
        {"batch_gap": how far a reconstruction changes, at most, with the other images of the batch;
        "code_gap": how far it is, at most, from that of the image whose code was put in (absent
        if `encoder` is not called as a whole); both are 0 if right; and the keys of `pixels`}.
    """
    from common.evaluation.pixels import pixels

    x = paddle.to_tensor(images.batch(slice(None))[0])
    x_hat = model(x)
    found = {"batch_gap": _gap(model(x[:1]), x_hat[:1]), **pixels(x_hat, "recon")}
    swapped = []

    def swap(layer, inputs, code):
        swapped.append(code)
        return code.flip([0])

    hook = model.encoder.register_forward_post_hook(swap)
    gap = _gap(model(x), x_hat.flip([0]))
    hook.remove()
    return {**found, "code_gap": gap} if swapped else found


def _gap(one, other):
    """The largest difference of two tensors of the same shape."""
    return float((one - other).abs().max())


def measure(trained):
    """The numbers of metrics.json.

    Args:
        trained: Trained.

    Returns:
        {"test_mse", "test_images", "code_size", "parameters", and the keys of `reconstruction`,
        latent_metrics.separation and latent_metrics.holes}.
    """
    from common.evaluation import latent_metrics

    model, data = trained.model, trained.data
    train_codes, train_labels = encode(model, data.train.first(latent_metrics.TRAIN))
    test_codes, test_labels = encode(model, data.test.first(latent_metrics.TEST))
    return {
        "test_mse": test_mse(model, data.test),
        "test_images": len(data.test),
        **reconstruction(model, data.test.first(RECONSTRUCTED)),
        **latent_metrics.separation(train_codes, train_labels, test_codes, test_labels),
        **_holes(trained, train_codes, test_codes),
        "code_size": train_codes.shape[1],
        "parameters": sum(int(p.size) for p in model.parameters() if not p.stop_gradient),
    }


@paddle.no_grad()
def _holes(trained, train_codes, codes):
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

    judge = (classifier, data, config.samples, config.seed)
    return latent_metrics.holes(decode, train_codes, codes, *judge)
