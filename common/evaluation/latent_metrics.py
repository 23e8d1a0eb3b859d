"""How good a space of codes is: are the classes apart in it, and does it have holes?

AE and VAE are measured by the same functions, on the codes of the first images of each split.
"""

import numpy as np

from common.evaluation import metrics
from common.runtime import numpy_rng

TRAIN, TEST = 5000, 2000  # images of each split whose codes are looked at
BATCH = 500  # codes decoded at a time


def separation(train_codes, train_labels, test_codes, test_labels):
    """How far apart the classes lie in the space of the codes; no t-SNE is involved.

    Args:
        train_codes, test_codes: [N, D] float32. train_labels, test_labels: [N] int64.

    Returns:
        {"knn_accuracy": in [0, 1], "silhouette": of the test codes, in [-1, 1]; above 0 where an
        image is nearer to its own class than to the next one (Rousseeuw 1987); left out where
        there are fewer than two classes}.
    """
    from sklearn.metrics import silhouette_score  # slow to import

    found = {
        "knn_accuracy": metrics.knn_accuracy(train_codes, train_labels, test_codes, test_labels)
    }
    if 1 < len(np.unique(test_labels)) < len(test_labels):
        found["silhouette"] = float(silhouette_score(test_codes, test_labels))
    return found


def holes(decode, codes, classifier, data, count, seed):
    """What lies between the codes: FID of images decoded where no image was encoded.

    Args:
        decode: [B, D] float32 codes -> [B, C, H, W] float32 images in [0, 1].
        codes: [N, D] float32, of test images; N >= 2. classifier: Classifier. data: Data.
        count: images to decode each time; fewer if there are fewer codes or half as many test
        images. seed: of the random codes.

    Returns:
        {"codes_fid": FID of what the codes themselves decode to, "midpoint_fid": halfway between
        two random codes, "box_fid": at random points of the box that holds the codes,
        "box_fid_floor": real images against real ones, "box_fid_samples": images of each}.
        With 1000 images comparable with `fid_1000` of metrics.sample_quality.
    """
    count = min(count, len(codes), len(data.test) // 2)
    half_a, half_b = metrics.split_real_features(classifier, data.test, count)
    rng = numpy_rng(seed, "holes")
    first = rng.integers(len(codes), size=count)
    other = (first + rng.integers(1, len(codes), size=count)) % len(codes)  # another image
    box = rng.uniform(codes.min(axis=0), codes.max(axis=0), (count, codes.shape[1]))

    def distance(z):
        batches = np.split(z.astype(np.float32), range(BATCH, count, BATCH))
        features = [classifier.features(decode(batch)) for batch in batches]
        return metrics.fid(np.concatenate(features), half_a)

    return {
        "codes_fid": distance(codes[:count]),
        "midpoint_fid": distance((codes[first] + codes[other]) / 2),
        "box_fid": distance(box),
        "box_fid_floor": metrics.fid(half_b, half_a),
        "box_fid_samples": count,
    }
