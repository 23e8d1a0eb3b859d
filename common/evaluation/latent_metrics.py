"""How good a space of codes is: are the classes apart in it, and does it have holes?

AE and VAE are measured by the same functions, on the codes of the first images of each split.
"""

import warnings

import numpy as np

from common.evaluation import metrics
from common.runtime import numpy_rng

TRAIN, TEST = 5000, 2000  # images of each split whose codes are looked at
BATCH = 500  # codes decoded at a time
NEIGHBOURS = 10  # of a code, for the evenness of the cloud
FITTED, COMPONENTS, FLOOR = 3000, 10, 1e-3  # as vae/prior.py fits its mixture
ROUNDS = 30  # of the fit, at most
LONGEST = 256  # numbers of a code to which a mixture can be fitted
WIDE, SEEN = 2.0, 0.99  # see `unseen`
RADII = (1, 2, 4)  # see `shells`


def separation(train_codes, train_labels, test_codes, test_labels):
    """How far apart the classes lie in the space of the codes; no t-SNE is involved.

    Args:
        train_codes, test_codes: [N, D] float32. train_labels, test_labels: [N] int64.

    Returns:
        {"knn_accuracy": in [0, 1], "silhouette": of the test codes, in [-1, 1]; above 0 where an
        image is nearer to its own class than to the next one (Rousseeuw 1987); "kmeans_nmi":
        normalised mutual information of the classes and of as many clusters by k-means, in [0, 1];
        both left out where there are fewer than two classes; "unevenness": see there}.
    """
    from sklearn.metrics import silhouette_score  # slow to import

    found = {
        "knn_accuracy": knn_accuracy(train_codes, train_labels, test_codes, test_labels),
        "unevenness": unevenness(test_codes),
    }
    if 1 < len(np.unique(test_labels)) < len(test_labels):
        found["silhouette"] = float(silhouette_score(test_codes, test_labels))
        found["kmeans_nmi"] = kmeans_nmi(test_codes, test_labels)
    return found


def knn_accuracy(train_codes, train_labels, test_codes, test_labels, neighbours=5):
    """Accuracy of a k-nearest-neighbour classifier on codes: how well they keep the class.

    Args:
        train_codes, test_codes: [N, D] float32. train_labels, test_labels: [N] int64.
        neighbours: k; fewer if there are fewer training codes.

    Returns:
        float in [0, 1].
    """
    from sklearn.neighbors import KNeighborsClassifier  # slow to import, rarely needed

    k = min(neighbours, len(train_codes))
    classifier = KNeighborsClassifier(k).fit(train_codes, train_labels)
    return float(classifier.score(test_codes, test_labels))


def kmeans_nmi(codes, labels):
    """What clusters found without the labels say of them: see `separation`."""
    from sklearn.cluster import KMeans
    from sklearn.metrics import normalized_mutual_info_score
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1), warnings.catch_warnings():  # threads add up in any order
        warnings.simplefilter("ignore")  # fewer different codes than classes
        clusters = KMeans(len(np.unique(labels)), n_init=4, random_state=0).fit_predict(codes)
    return float(normalized_mutual_info_score(labels, clusters))


def unevenness(codes):
    """How much the density of a cloud of codes changes: 0 on a grid, more with clusters and holes.

    Standard deviation over mean of the codes' mean distance to their NEIGHBOURS nearest ones.
    codes: [N, D] float32 -> float.
    """
    near = _distances(codes, codes, min(NEIGHBOURS + 1, len(codes)))[:, 1:]
    near = near.mean(axis=1) if near.size else np.zeros(1)
    return float(near.std() / max(near.mean(), 1e-12))


def _distances(codes, of, count):
    """Distances of codes [N, D] to the `count` nearest of others [M, D]: [N, count], ascending."""
    from sklearn.neighbors import NearestNeighbors

    return NearestNeighbors(n_neighbors=count).fit(of).kneighbors(codes)[0]


def holes(decode, train_codes, codes, classifier, data, count, seed):
    """What lies between the codes: FID of images decoded where no image was encoded.

    Args:
        decode: [B, D] float32 codes -> [B, C, H, W] float32 images in [0, 1].
        train_codes, codes: [N, D] float32, of training and of test images; N >= 2 each.
        classifier: Classifier. data: Data.
        count: images to decode each time; fewer if there are fewer codes or half as many test
        images. seed: of the random codes.

    Returns:
        {"codes_fid": FID of what the codes themselves decode to, "midpoint_fid": halfway between
        two random codes, "box_fid": at random points of the box that holds the codes,
        "gaussian_fid", "mixture_fid", "unseen_fid": at random codes of `drawn`,
        "box_fid_floor": real images against real ones, "box_fid_samples": images of each}.
        With 1000 images comparable with `fid_1000` of metrics.sample_quality.
    """
    distance, count, floor = distances_to_real(decode, classifier, data, min(count, len(codes)))
    rng = numpy_rng(seed, "holes")
    first = rng.integers(len(codes), size=count)
    other = (first + rng.integers(1, len(codes), size=count)) % len(codes)  # another image
    box = rng.uniform(codes.min(axis=0), codes.max(axis=0), (count, codes.shape[1]))
    random = drawn(train_codes, codes, count, numpy_rng(seed, "drawn"))
    return {
        "codes_fid": distance(codes[:count]),
        "midpoint_fid": distance((codes[first] + codes[other]) / 2),
        "box_fid": distance(box),
        **{f"{name}_fid": distance(z) for name, z in random.items()},
        "box_fid_floor": floor,
        "box_fid_samples": count,
    }


def shells(decode, size, classifier, data, count, seed):
    """FID of images decoded at codes of one length, in random directions: how far a prior reaches.

    Args:
        size: D; most draws of N(0, I) are about as long as its root. The others as in `holes`.

    Returns:
        {"shell_fid": one for each of RADII, times the root of D}.
    """
    distance, count, _ = distances_to_real(decode, classifier, data, count)
    z = numpy_rng(seed, "shells").standard_normal((count, size))
    z *= size**0.5 / np.linalg.norm(z, axis=1, keepdims=True)
    return {"shell_fid": [distance(radius * z) for radius in RADII]}


def distances_to_real(decode, classifier, data, count):
    """A function from codes to the FID of their images, with what belongs to it.

    Returns:
        (codes [count, D] -> float, count: lowered to half the test images, FID of real images).
    """
    count = min(count, len(data.test) // 2)
    half_a, half_b = metrics.split_real_features(classifier, data.test, count)

    def distance(z):
        batches = np.split(z.astype(np.float32), range(BATCH, len(z), BATCH))
        features = [classifier.features(decode(batch)) for batch in batches]
        return metrics.fid(np.concatenate(features), half_a)

    return distance, count, metrics.fid(half_b, half_a)


def drawn(train_codes, codes, count, rng):
    """Random codes by densities that are fitted to the training codes, whatever made them.

    Args:
        train_codes, codes: [N, D] float32, of training and of test images. count: how many.
        rng: NumPy generator.

    Returns:
        {"gaussian": of the same mean and covariance; "mixture": of COMPONENTS Gaussians (Ghosh et
        al. 2020, section 3.2); "unseen": see there}, [count, D] float32 each. Of codes with more
        than LONGEST numbers the first one only; "unseen" is left out where it is too rare.
    """
    found = {"gaussian": _gaussian(train_codes, count, rng)}
    if train_codes.shape[1] <= LONGEST:
        found["mixture"] = _mixture(train_codes[:FITTED], count)
        far = unseen(train_codes, codes, count, rng)
        if len(far) == count:
            found["unseen"] = far
    return found


def _gaussian(codes, count, rng, scale=1.0):
    """Draws of a Gaussian with the mean and scale^2 times the covariance of codes."""
    centre = codes.mean(axis=0)
    noise = rng.standard_normal((count, len(codes)), np.float32)
    return centre + scale / (len(codes) - 1) ** 0.5 * (noise @ (codes - centre))


def _mixture(codes, count):
    """Draws of a mixture of Gaussians fitted to codes."""
    from sklearn.mixture import GaussianMixture
    from threadpoolctl import threadpool_limits

    settings = {"reg_covar": FLOOR, "max_iter": ROUNDS, "random_state": 0}
    mixture = GaussianMixture(min(COMPONENTS, len(codes)), **settings)
    with threadpool_limits(1), warnings.catch_warnings():  # small matrices: threads only wait
        warnings.simplefilter("ignore")  # not at its end, or fewer different codes than components
        mixture.fit(codes.astype(np.float64))
    return mixture.sample(count)[0].astype(np.float32)


def unseen(train_codes, codes, count, rng):
    """Random codes where no training image is near: `count` at most, [N, D] float32.

    Of draws from a Gaussian WIDE times as wide as the training codes those that are farther from
    their nearest training code than a share SEEN of the test codes are.
    """
    limit = np.quantile(_distances(codes, train_codes, 1), SEEN)
    z = _gaussian(train_codes, 4 * count, rng, WIDE)
    return z[_distances(z, train_codes, 1)[:, 0] > limit][:count]
