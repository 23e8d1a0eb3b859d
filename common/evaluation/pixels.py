"""Pixel statistics of images that a model made."""


def pixels(images, name):
    """How bright images are and how far they reach.

    Args:
        images: [N, C, H, W] float32 tensor or array. name: the keys begin with it.

    Returns:
        {"<name>_low", "<name>_high", "<name>_mean", "<name>_std"}, on the scale of the images.
    """
    found = {"low": images.min(), "high": images.max(), "mean": images.mean(), "std": images.std()}
    return {f"{name}_{key}": float(value) for key, value in found.items()}
