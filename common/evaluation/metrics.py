"""Numbers that say how good a model is, computed on held-out data."""

import numpy as np

from common.runtime import numpy_rng

FID_REFERENCE_COUNT = 1000  # images of the FID that compares models, whatever each was judged on
# BEGIN TEACHER
Z975 = 1.959964  # quantile of the normal distribution
# END TEACHER
MAPPED = 2000  # test images whose codes are drawn, at most


def mse(x_hat, x):
    """Mean squared error per pixel value, on the scale of the arrays ([0, 1] for images)."""
    return float(np.mean((np.asarray(x_hat, np.float64) - np.asarray(x, np.float64)) ** 2))


def tsne(codes, seed, perplexity=30.0):
    """t-SNE of codes (van der Maaten & Hinton 2008), by scikit-learn.

    Args:
        codes: [N, D] float32. seed: of the embedding. perplexity: lowered to N / 4 if N is small.

    Returns:
        ([N, 2] float32, the perplexity that was used). A single code lies at the origin.
    """
    from sklearn.manifold import TSNE

    perplexity = min(perplexity, len(codes) / 4)
    if len(codes) < 2:
        return np.zeros((len(codes), 2), np.float32), perplexity
    start = "pca" if codes.shape[1] > 1 else "random"
    model = TSNE(perplexity=perplexity, init=start, random_state=seed)
    return model.fit_transform(np.asarray(codes, np.float32)), perplexity


# ---------------------------------------------------------------- generated images


def conditional_accuracy(classifier, images, labels):
    """Share of images that the classifier puts into the class they were generated for.

    Args:
        classifier: Classifier. images: [N, C, H, W] float32 in [0, 1]. labels: [N] int64.

    Returns:
        float in [0, 1]; read it beside the classifier's own accuracy on real images.
    """
    return float(np.mean(classifier.predict(images) == np.asarray(labels)))


# BEGIN TEACHER
def wilson(share, count):
    """The 95 % interval of a share of `count` images, after Wilson (1927): (low, high)."""
    z2 = Z975**2 / count
    middle = (share + z2 / 2) / (1 + z2)
    half = np.sqrt(z2 * (share * (1 - share) + z2 / 4)) / (1 + z2)
    return np.maximum(0.0, middle - half), np.minimum(1.0, middle + half)


# END TEACHER
def class_histogram(labels, num_classes):
    """Share of each class: [N] int -> [num_classes] float64, sum 1."""
    return np.bincount(np.asarray(labels), minlength=num_classes) / len(labels)


def fid(features_a, features_b):
    """Frechet distance of two sets of features, each taken for a Gaussian; 0 if they are alike.

    Heusel et al. 2017, equation 6: |m_a - m_b|^2 + tr(C_a + C_b - 2 (C_a C_b)^(1/2)), in float64.
    Not comparable with the FID of Inception features; and it falls as N grows (Binkowski et al.
    2018, section 4): compare at one N only, and with the floor of real against real images.

    Args:
        features_a, features_b: [N, D], [M, D] float; two rows or more each.

    Returns:
        float >= 0.
    """
    a, b = np.asarray(features_a, np.float64), np.asarray(features_b, np.float64)
    root_a = _matrix_root(np.cov(a, rowvar=False).reshape(a.shape[1], -1))
    cov_b = np.cov(b, rowvar=False).reshape(b.shape[1], -1)
    # C_a C_b and C_a^(1/2) C_b C_a^(1/2) have the same eigenvalues; the second is symmetric.
    eigenvalues = np.linalg.eigvalsh(root_a @ cov_b @ root_a)
    trace_root = np.sqrt(np.clip(eigenvalues, 0, None)).sum()
    spread = np.trace(root_a @ root_a) + np.trace(cov_b) - 2 * trace_root
    return max(0.0, float(((a.mean(axis=0) - b.mean(axis=0)) ** 2).sum() + spread))


def _matrix_root(matrix):
    """Square root of a symmetric positive semi-definite matrix, by its eigenvectors."""
    values, vectors = np.linalg.eigh(matrix)
    return (vectors * np.sqrt(np.clip(values, 0, None))) @ vectors.T


def sample_labels(labels, count, seed):
    """`count` labels with the class shares of `labels`, in random order, to generate images for.

    Args:
        labels: [N] int64, of real images. count: how many. seed: of the order.

    Returns:
        [count] int64: a random sample without replacement, repeated where count > N.
    """
    rng = numpy_rng(seed, "labels")
    rounds = -(-count // len(labels))
    return np.concatenate([rng.permutation(labels) for _ in range(rounds)])[:count]


def split_real_features(classifier, images, count):
    """Features of real images in two halves, which share no image.

    Args:
        images: ImageSet; shuffled with a fixed seed. count: rows of each half, at most N // 2.

    Returns:
        Two of [count, FEATURES] float32.
    """
    _, real = classifier.real_outputs(images)
    order = numpy_rng(0, "halves").permutation(len(real))
    return real[order[:count]], real[order[len(real) // 2 :][:count]]


def sample_quality(classifier, data, images, labels=None):
    """How good generated images are, in the eyes of a classifier.

    Real images are the test images only. They are shuffled (with a fixed seed) and halved; n is
    the size of a half, or the number of generated images if that is smaller. `fid` compares n
    generated images with the first n of half A, `fid_floor` the first n of half B with the same
    ones of half A: what a perfect model would get.

    Args:
        classifier: Classifier. data: Data. images: [N, C, H, W] float32 in [0, 1].
        labels: [N] int64, the classes that were asked for; None if the model is unconditional.

    Returns:
        {"conditional_accuracy" (if labels), "classifier_accuracy" (on all real test images, at
        the size and channels of `data`), "fid", "fid_floor", "fid_samples" (n), "samples" (N),
        "class_histogram" (list of shares of predicted classes), "fid_1000" (where n >= 1000: of
        the first 1000, to compare models with different n)}.
    """
    predicted, fake = classifier.outputs(images)
    real_predicted, real = classifier.real_outputs(data.test)
    n = min(len(images), len(real) // 2)
    half_a, half_b = split_real_features(classifier, data.test, n)
    quality = {
        "classifier_accuracy": float(np.mean(real_predicted == data.test.labels)),
        "fid": fid(fake[:n], half_a),
        "fid_floor": fid(half_b, half_a),
        "fid_samples": n,
        "samples": len(images),
        "class_histogram": class_histogram(predicted, data.test.num_classes).tolist(),
    }
    if n >= FID_REFERENCE_COUNT:
        quality[f"fid_{FID_REFERENCE_COUNT}"] = fid(
            fake[:FID_REFERENCE_COUNT], half_a[:FID_REFERENCE_COUNT]
        )
    if labels is not None:
        quality["conditional_accuracy"] = float(np.mean(predicted == np.asarray(labels)))
    # BEGIN TEACHER
    from common.evaluation import sample_statistics  # which imports this module

    ours, theirs = (fake, predicted), (real, real_predicted)
    quality |= sample_statistics.measure(classifier, images, ours, data.test, theirs, half_a)
    # END TEACHER
    return quality
