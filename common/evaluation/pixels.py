"""Pixel statistics of images that a model made."""

import numpy as np


def pixels(images, name):
    """How bright images are and how far they reach.

    Args:
        images: [N, C, H, W] float32 tensor or array. name: the keys begin with it.

    Returns:
        {"<name>_low", "<name>_high", "<name>_mean", "<name>_std"}, on the scale of the images.
    """
    images = np.asarray(images)  # Paddle's std warns of a type that it changes itself
    found = {"low": images.min(), "high": images.max(), "mean": images.mean(), "std": images.std()}
    return {f"{name}_{key}": float(value) for key, value in found.items()}
