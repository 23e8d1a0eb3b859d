"""Numbers of a DDPM: its noise error on a fixed set of (x0, t, eps), the quality of its samples."""

import time

import numpy as np
import paddle

from common.runtime import numpy_rng
from common.training.checkpoint import save_arrays
from common.training.trained import load
from diffusion import unet
from diffusion.assignment import DDPM
from diffusion.config import Config

IMAGES, BATCH = 2000, 250  # of the fixed set
ANCESTRAL, ANCESTRAL_STEPS = "ancestral.npz", 100  # images by remove_noise, its longest chain
EACH = 8  # of these images of a class


def load_trained(path):
    """The Trained of a finished run, see `common/training/trained.py`."""
    return load(path, "diffusion", Config, unet.build)


def measure(trained, pipeline, classifier):
    """The numbers of metrics.json that are measured after training.

    Also draws images by the assignment's `remove_noise` and keeps them in ancestral.npz.

    Args:
        trained: Trained. pipeline: Pipeline of it. classifier: Classifier, or None.
    """
    from common.evaluation import metrics
    from diffusion import instruments

    data, numbers = trained.data, {}
    images, labels = ancestral_samples(pipeline)
    save_arrays(trained.run.path / ANCESTRAL, images=np.rint(255 * images).astype(np.uint8))
    if classifier:
        numbers = sample_quality(pipeline, classifier, data, trained.config.samples)
        numbers["ancestral_accuracy"] = metrics.conditional_accuracy(classifier, images, labels)
        numbers["ancestral_steps"] = ancestral_settings(pipeline).steps
        # BEGIN TEACHER
        from diffusion import compare_samplers  # which imports this module

        numbers |= compare_samplers.unguided(pipeline, classifier, data)
        # END TEACHER
    numbers |= instruments.measure(trained.model, trained.config, data.test)
    numbers["parameters"] = sum(int(p.size) for p in trained.model.parameters())
    return {**numbers, "class_names": data.class_names}


def ancestral_settings(pipeline):
    """Settings of the samples that `remove_noise` draws: a chain of 100 steps at most."""
    steps = min(ANCESTRAL_STEPS, pipeline.config.timesteps)
    return pipeline.settings(sampler="ddpm", steps=steps)


def ancestral_samples(pipeline):
    """EACH images of every class (of ten at most) by the assignment's `remove_noise`.

    Returns:
        (images [N, C, H, W] float32 in [0, 1], labels [N] int64).
    """
    labels = np.repeat(np.arange(min(10, pipeline.num_classes)), EACH)
    return pipeline.sample(labels, ancestral_settings(pipeline), progress=True), labels


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
def noise_errors(model, objective, beta, images):
    """Squared error of the noise on the fixed set, image by image, whatever the model predicts.

    Args:
        model: UNet. objective: Objective. beta: [T] float32 tensor. images: ImageSet.

    Returns:
        (error [N] float64, mean over the elements of an image; t [N] int64).
    """
    errors, steps, ddpm = [], [], DDPM(None, beta)
    for x0, t, y, eps in fixed_batches(images, len(beta)):
        xt = ddpm.add_noise(x0, t, eps)
        error = eps - objective.noise(model(xt, t, y), xt, t)
        errors.append(error.square().mean([1, 2, 3]).numpy())
        steps.append(t.numpy())
    return np.concatenate(errors).astype(np.float64), np.concatenate(steps)


def noise_mse(task, images):
    """Mean of `noise_errors` of a DiffusionTask: `test_noise_mse`, per element."""
    return float(noise_errors(task.model, task.objective, task.beta, images)[0].mean())
