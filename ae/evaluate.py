"""Numbers of a trained autoencoder, on test images: the reconstruction."""

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
        {"test_mse", "test_images", "code_size", "parameters", and the keys of `reconstruction`}.
    """
    model, data = trained.model, trained.data
    numbers = {
        "test_mse": test_mse(model, data.test),
        "test_images": len(data.test),
        **reconstruction(model, data.test.first(RECONSTRUCTED)),
        "code_size": encode(model, data.test.first(1))[0].shape[1],
        "parameters": sum(int(p.size) for p in model.parameters() if not p.stop_gradient),
    }
    # BEGIN TEACHER
    from ae import latent_numbers  # which imports this module

    numbers |= latent_numbers.measure(trained)
    # END TEACHER
    return numbers
