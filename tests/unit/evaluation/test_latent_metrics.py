"""What is said of a space of codes, on spaces whose answer is known."""

from types import SimpleNamespace

import numpy as np
import pytest

from common import datasets
from common.evaluation import latent_metrics
from common.evaluation.sample_statistics import diversity, laplacian
from common.training.config import RunConfig


class Pixels:
    """A judge whose features are the first three pixels of an image."""

    def features(self, images):
        return images.reshape(len(images), -1)[:, :3]

    def real_outputs(self, images):
        return images.labels, self.features(images.batch(slice(None))[0])


@pytest.fixture(scope="module")
def line():
    """Real images on a line: codes in [0, 1] x {0} x {0}, with a gap in the middle."""
    rng = np.random.default_rng(0)
    bright = np.concatenate([rng.uniform(0, 0.2, 200), rng.uniform(0.8, 1, 200)])
    pixels = np.zeros((400, 1, 4, 4), np.uint8)
    pixels[:, 0, 0, 0] = np.rint(bright * 255)
    images = datasets.ImageSet(pixels, (bright > 0.5).astype(np.int64), 1, 2)
    return SimpleNamespace(test=images), (pixels[:, 0, 0, :3] / np.float32(255))


def decode(z):
    x = np.zeros((len(z), 1, 4, 4), np.float32)
    x[:, 0, 0, :3] = z
    return x


def test_holes_of_a_space_with_a_gap_in_the_middle(line):
    data, codes = line
    found = latent_metrics.holes(decode, codes[1::2], codes[::2], Pixels(), data, 1000, seed=0)
    assert found["box_fid_samples"] == 200  # as many as there are codes, or half the images
    # Moments on the line: mean 1/2 everywhere; variance 0.16 + 0.2^2 / 12 of the codes, 1/12 of
    # the box, half of the codes' at midpoints. FID of Gaussians: (difference of the roots)^2.
    of_codes = 0.16 + 0.04 / 12
    expected = {"codes_fid": 0, "box_fid": (of_codes**0.5 - (1 / 12) ** 0.5) ** 2}
    expected["midpoint_fid"] = (of_codes**0.5 - (of_codes / 2) ** 0.5) ** 2
    for name, value in expected.items():
        assert found[name] == pytest.approx(value, abs=4e-3), name
    assert found["box_fid_floor"] < 2e-3
    assert found["gaussian_fid"] < 4e-3 and found["mixture_fid"] < 4e-3  # the same moments
    assert (
        latent_metrics.holes(decode, codes[1::2], codes[::2], Pixels(), data, 1000, seed=0) == found
    )
    assert (
        latent_metrics.holes(decode, codes[1::2], codes[::2], Pixels(), data, 1000, seed=1) != found
    )


def test_a_midpoint_is_never_a_code(line):
    data, _ = line
    seen = []

    def spy(z):
        seen.append(z)
        return decode(z)

    codes = np.eye(3, dtype=np.float32)
    latent_metrics.holes(spy, codes, codes, Pixels(), data, 1000, seed=0)
    assert set(np.unique(seen[1])) == {0, 0.5}


def test_a_fitted_mixture_finds_the_gap_and_unseen_codes_lie_in_it(line):
    _, codes = line
    train, test = codes[1::2], codes[::2]
    found = latent_metrics.drawn(train, test, 100, np.random.default_rng(0))
    in_gap = {name: np.mean(np.abs(z[:, 0] - 0.5) < 0.2) for name, z in found.items()}
    assert in_gap["mixture"] < 0.1 < in_gap["gaussian"]
    away = [np.abs(train[:, 0] - x).min() for x in found["unseen"][:, 0]]
    assert min(away) > np.quantile([np.abs(train[:, 0] - x).min() for x in test[:, 0]], 0.9)
    long = np.ones((9, 300), "f4")
    assert list(latent_metrics.drawn(long, long, 5, np.random.default_rng(0))) == ["gaussian"]


def test_shells_are_the_prior_and_beyond(line):
    data, _ = line
    found = latent_metrics.shells(lambda z: decode(z / 10), 3, Pixels(), data, 1000, seed=0)
    assert len(found["shell_fid"]) == 3 and found["shell_fid"] == sorted(found["shell_fid"])


def test_evenness_of_a_grid_and_of_clusters():
    grid = np.stack(np.meshgrid(np.arange(20), np.arange(20)), -1).reshape(-1, 2).astype("f4")
    close = np.concatenate([grid[:200] / 50, grid[200:]])
    uneven = latent_metrics.unevenness(close)
    assert latent_metrics.unevenness(grid) < 0.2 < uneven
    assert latent_metrics.unevenness(10 * close) == pytest.approx(uneven, rel=1e-4)
    assert latent_metrics.unevenness(grid[:1]) == 0


def test_separation_of_clusters_and_of_noise():
    rng = np.random.default_rng(0)
    labels = np.arange(300) % 3
    apart = np.eye(3)[labels] * 50 + rng.normal(size=(300, 3))
    found = latent_metrics.separation(apart[:200], labels[:200], apart[200:], labels[200:])
    assert found["knn_accuracy"] == 1 and found["silhouette"] > 0.9
    assert found["kmeans_nmi"] == pytest.approx(1)
    noise = rng.normal(size=(300, 3))
    found = latent_metrics.separation(noise[:200], labels[:200], noise[200:], labels[200:])
    assert found["knn_accuracy"] < 0.6 and abs(found["silhouette"]) < 0.1
    assert found["kmeans_nmi"] < 0.2
    assert "silhouette" not in latent_metrics.separation(noise, labels * 0, noise, labels * 0)


def test_sharpness_goes_with_contrast_and_blur():
    x = datasets.load(RunConfig(dataset="digits", image_size=8)).test.batch(slice(0, 100))[0]
    assert laplacian(x / 2) == pytest.approx(laplacian(x) / 2, rel=1e-5)
    assert laplacian(np.full_like(x, 0.7)) == 0
    blurred = (x + np.roll(x, 1, axis=2) + np.roll(x, 1, axis=3)) / 3
    assert laplacian(blurred) < 0.7 * laplacian(x)
    checks = np.indices((4, 4)).sum(axis=0)[None, None] % 2
    assert laplacian(checks) == 4


def test_diversity_of_half_the_spread_of_a_collapsed_and_of_an_absent_class():
    rng = np.random.default_rng(0)
    labels = np.arange(400) % 2
    real = rng.normal(size=(400, 5)) + 10 * labels[:, None]
    centre = np.where(labels[:, None], real[labels == 1].mean(0), real[labels == 0].mean(0))
    half = centre + (real - centre) / 2
    assert diversity(half, labels, real, labels) == pytest.approx(0.5)
    assert diversity(real, labels, real, labels) == pytest.approx(1)
    collapsed = np.where(labels[:, None] == 1, real[1], real)
    assert diversity(collapsed, labels, real, labels) == pytest.approx(0.5)
    ones = real[labels == 1]
    assert diversity(ones, labels[labels == 1], real, labels) == pytest.approx(1)
    assert diversity(real[:1], labels[:1], real, labels) is None
