"""The priors that generated images are drawn from."""

import numpy as np
import pytest

from common.errors import UserError
from common.runtime import numpy_rng, seed_step
from vae.prior import Mixture, StandardNormal


@pytest.fixture(scope="module")
def fitted():
    """Class 0 lies in two places, class 1 in one with correlated dimensions, class 2 nowhere."""
    rng = np.random.default_rng(0)
    sign = rng.choice([-1.0, 1.0], (400, 1))
    first = 2 * sign + 0.1 * rng.standard_normal((400, 2))
    second = rng.standard_normal((400, 1)) * [1.0, 1.0] + [5.0, 0.0]
    mu = np.concatenate([first, second]).astype("float32")
    logvar = np.full(mu.shape, np.log(0.01), "float32")
    labels = np.repeat([0, 1], 400)
    return Mixture.fit(mu, logvar, labels, 3, numpy_rng(0, "test"))


def draws(prior, label, count=4000):
    seed_step(0, "draws")
    return prior.sample(count, np.full(count, label)).numpy()


def test_each_class_has_the_shape_of_its_codes(fitted):
    first, second, absent = (draws(fitted, label) for label in range(3))
    near = [np.abs(first - place).max(axis=1) < 0.7 for place in (-2, 2)]
    assert all(0.4 < part.mean() < 0.6 for part in near)
    assert (near[0] | near[1]).mean() > 0.99  # nothing between the two places
    np.testing.assert_allclose(second.mean(axis=0), [5, 0], atol=0.15)
    np.testing.assert_allclose(np.cov(second.T), [[1.01, 1], [1, 1.01]], atol=0.15)
    np.testing.assert_allclose(np.cov(absent.T), np.eye(2), atol=0.15)  # no images: N(0, I)


def test_an_unconditional_mixture_has_one_row_and_few_images_get_one_gaussian():
    mu = np.random.default_rng(1).standard_normal((20, 3)).astype("float32")
    prior = Mixture.fit(mu, np.full_like(mu, -4), np.zeros(20, int), 0, numpy_rng(0))
    assert prior.weights.shape[0] == 1 and (prior.weights > 0).sum() == 1
    assert prior.sample(7).shape == [7, 3]


def test_draws_are_repeatable_and_survive_a_file(fitted, tmp_path):
    fitted.save(tmp_path / "prior.npz")
    again = Mixture.load(tmp_path / "prior.npz")
    np.testing.assert_array_equal(draws(again, 1, 50), draws(fitted, 1, 50))
    normal = StandardNormal(2)
    np.testing.assert_array_equal(draws(normal, 0, 50), draws(normal, 0, 50))
    assert abs(draws(normal, 0).std() - 1) < 0.05


def test_a_missing_file_is_a_sentence(tmp_path):
    with pytest.raises(UserError, match=r"prior\.npz"):
        Mixture.load(tmp_path / "prior.npz")
