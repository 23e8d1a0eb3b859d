"""More numbers of generated images: how sharp and how diverse, and what chance does to them."""

import numpy as np
import paddle
import paddle.nn.functional as F

from common.evaluation import metrics
from common.runtime import numpy_rng

SURE = 0.5  # probability above which a classifier is sure of what it sees
REDRAWS = 20  # of the generated images, for the standard errors


def measure(classifier, images, ours, real_images, theirs, half_a):
    """Numbers of generated images beside real ones, in the eyes of a classifier.

    Args:
        classifier: Classifier. images: [N, C, H, W] float32 in [0, 1], generated.
        real_images: ImageSet.
        ours, theirs: (features [N, D], classes seen [N]) of generated and of real images.
        half_a: [n, D], features of the real images that the FID compares with.

    Returns:
        {"sure_share": share of the images whose class the classifier gives more than half to,
        "sharpness": mean |Laplacian| over that of real images, "diversity": see there (classes as
        the classifier sees them), "standard_error": of fid, fid_1000, sharpness and
        diversity, see `sampling_error`}.
    """
    (fake, predicted), (real, real_predicted) = ours, theirs
    real_sharpness = max(laplacian(real_images.batch(slice(0, 2000))[0]), 1e-12)
    sharpness = laplacian(images) / real_sharpness
    errors = sampling_error(fake, half_a, predicted, real, real_predicted, images)
    return {
        "sure_share": float(np.mean(sure(classifier, images))),
        "sharpness": sharpness,
        "diversity": diversity(fake, predicted, real, real_predicted),
        "standard_error": {**errors, "sharpness": errors["sharpness"] * sharpness},
    }


@paddle.no_grad()
def sure(classifier, images, batch_size=500):
    """Whether the classifier gives more than half to the class that it sees: [N] bool.

    Args:
        classifier: Classifier. images: [N, C, H, W] float32 in [0, 1].
    """
    found = []
    for start in range(0, len(images), batch_size):
        x = paddle.to_tensor(classifier.convert(images[start : start + batch_size]))
        found.append(F.softmax(classifier.network(x), axis=1).max(axis=1).numpy())
    return np.concatenate(found) > SURE


def laplacian(images):
    """Mean absolute Laplacian (4 neighbours), which edges raise and blur lowers.

    Args:
        images: [N, C, H, W] float32 in [0, 1], H and W at least 3.

    Returns:
        float >= 0; proportional to the contrast of the images.
    """
    x = np.asarray(images, np.float32)
    around = x[..., :-2, 1:-1] + x[..., 2:, 1:-1] + x[..., 1:-1, :-2] + x[..., 1:-1, 2:]
    return float(np.abs(around - 4 * x[..., 1:-1, 1:-1]).mean(dtype=np.float64))


def class_spread(features, labels):
    """{class: how far its images are from their mean, root mean square over the class}.

    Args:
        features: [N, D] float. labels: [N] int64. A class of one image is left out.
    """
    spread = {}
    for label in np.unique(labels):
        mine = np.asarray(features, np.float64)[labels == label]
        if len(mine) > 1:
            spread[int(label)] = float(np.sqrt(mine.var(axis=0, ddof=1).sum()))
    return spread


def diversity(fake, fake_labels, real, real_labels):
    """Spread within a class of generated images over that of real ones, mean over the classes.

    Near 0 if a class has collapsed onto a few images, 1 for real images. Wrong digits in a class
    do not raise it where the labels are what a classifier sees.

    Args:
        fake, real: [N, D], [M, D] float features. fake_labels, real_labels: [N], [M] int64.

    Returns:
        float >= 0, or None if no class has two images in both.
    """
    ours, theirs = class_spread(fake, fake_labels), class_spread(real, real_labels)
    ratios = [ours[label] / theirs[label] for label in ours if theirs.get(label)]
    return float(np.mean(ratios)) if ratios else None


def sampling_error(fake, half_a, predicted, real, real_predicted, images):
    """Standard errors of numbers of generated images: how they change with other samples.

    FID and diversity by bootstrap (samples are redrawn with replacement, real images stay),
    sharpness from the means of parts, as a share of it.

    Returns:
        {"fid", "fid_1000" (where there are so many), "diversity", "sharpness"}.
    """
    rng = numpy_rng(0, "bootstrap")
    draws = [rng.integers(len(fake), size=len(fake)) for _ in range(REDRAWS)]
    n, few = len(half_a), metrics.FID_REFERENCE_COUNT
    found = {"fid": [metrics.fid(fake[draw[:n]], half_a) for draw in draws]}
    if n >= few:
        found[f"fid_{few}"] = [metrics.fid(fake[draw[:few]], half_a[:few]) for draw in draws]
    spreads = [diversity(fake[draw], predicted[draw], real, real_predicted) for draw in draws]
    found["diversity"] = [spread for spread in spreads if spread is not None] or [0.0]
    errors = {name: float(np.std(values, ddof=len(values) > 1)) for name, values in found.items()}
    parts = [laplacian(part) for part in np.array_split(images, min(REDRAWS, len(images)))]
    share = np.std(parts) / max(np.mean(parts), 1e-12) / np.sqrt(len(parts))
    return {**errors, "sharpness": float(share)}
