"""Numbers of a DDPM: its noise error on a fixed set of (x0, t, eps), the quality of its samples."""

import time

import numpy as np
import paddle

from common.runtime import numpy_rng
from common.training.trained import load
from diffusion import unet
from diffusion.config import Config

IMAGES, BATCH = 2000, 250


def load_trained(path):
    """The Trained of a finished run, see `common/training/trained.py`."""
    return load(path, "diffusion", Config, unet.build)


def measure(trained, pipeline, classifier):
    """The numbers of metrics.json that are measured after training.

    Args:
        trained: Trained. pipeline: Pipeline of it. classifier: Classifier, or None.
    """
    data, numbers = trained.data, {}
    if classifier:
        numbers = sample_quality(pipeline, classifier, data, trained.config.samples)
    numbers["parameters"] = sum(int(p.size) for p in trained.model.parameters())
    return {**numbers, "class_names": data.class_names}


def sample_quality(pipeline, classifier, data, count, **changes):
    """Draw `count` images with the class shares of the test set, and judge them.

    Args:
        pipeline: Pipeline. classifier: Classifier. data: Data. changes: of the run's Settings.

    Returns:
        The dict of metrics.sample_quality, with "ms_per_sample" and "sample_seconds".
    """
    from common.evaluation import metrics

    labels = metrics.sample_labels(data.test.labels, count, seed=0)
    settings = pipeline.settings(**changes)
    began = time.perf_counter()
    images = pipeline.sample(labels, settings, progress=True)
    seconds = time.perf_counter() - began
    quality = metrics.sample_quality(classifier, data, images, labels)
    speed = {"ms_per_sample": 1000 * seconds / count, "sample_seconds": seconds}
    return {**quality, **speed}


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
        model: UNet. loss: DiffusionLoss, which knows what the model predicts. images: ImageSet.

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
