"""The noise error on a fixed set of (x0, t, eps), the same for every run, whatever it predicts."""

import numpy as np
import paddle

from common.runtime import numpy_rng

IMAGES, BATCH = 2000, 250


def fixed_batches(images, steps, count=IMAGES):
    """Batches of the fixed set; they depend on the test images and T alone, not on a run's seed.

    The steps are spread evenly over the chain, so that the mean has little chance in it.

    Args:
        images: ImageSet. steps: T. count: at most so many of its first images.

    Yields:
        x0 [B, C, H, W] float32 in [-1, 1], t [B] int64, y [B] int64, eps like x0: tensors.
    """
    images = images.first(min(count, len(images)))
    t = np.arange(len(images)) * steps // len(images)
    numpy_rng(0, "validation steps").shuffle(t)
    rng = numpy_rng(0, "validation noise")
    start = 0
    for x, y in images.batches(BATCH):
        eps = rng.standard_normal(x.shape, np.float32)
        arrays = (2 * x - 1, t[start : start + len(x)], y, eps)
        start += len(x)
        yield tuple(paddle.to_tensor(array) for array in arrays)


@paddle.no_grad()
def noise_errors(model, loss, images):
    """Squared error of the noise on the fixed set, image by image.

    Args:
        model: UNet. loss: Loss, which knows what the model predicts. images: ImageSet.

    Returns:
        (error [N] float64, mean over the elements of an image; t [N] int64).
    """
    errors, steps = [], []
    for x0, t, y, eps in fixed_batches(images, len(loss.beta)):
        errors.append(loss.noise_error(model, x0, t, y, eps).numpy())
        steps.append(t.numpy())
    return np.concatenate(errors).astype(np.float64), np.concatenate(steps)


def noise_mse(model, loss, images):
    """Mean of `noise_errors`: `test_noise_mse`, per element."""
    return float(noise_errors(model, loss, images)[0].mean())
