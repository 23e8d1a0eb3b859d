"""The Wiener filter that a network may correct."""

import numpy as np
import paddle
import pytest

from common import datasets
from common.errors import UserError
from diffusion import unet
from diffusion.config import Config
from diffusion.schedule import make_schedule


@pytest.fixture(scope="module")
def untrained():
    """(config, data, model): the last convolution is zero, so the model is the filter."""
    config = Config(dataset="digits", objective="v", wiener=True)
    data = datasets.load(config)
    model = unet.build(config, data.train.num_classes)
    model.fit(data.train)
    return config, data, model


def images(data, label):
    train = data.train
    x = 2 * train.batch(slice(None))[0].reshape(len(train), -1) - 1
    return x.astype(np.float64), train.labels, label


@pytest.mark.parametrize("t", [3, 400, 950])
def test_it_is_the_posterior_mean_of_gaussian_images(untrained, t):
    _, data, model = untrained
    x, labels, label = images(data, 7)
    means = np.stack([x[labels == k].mean(axis=0) for k in range(10)])
    covariance = (x - means[labels]).T @ (x - means[labels]) / len(x)
    values, vectors = np.linalg.eigh(covariance)
    covariance = vectors @ np.diag(np.maximum(values, 1e-3)) @ vectors.T
    alpha_bar = make_schedule("cosine", 1000).alpha_bar[t]
    a, s = np.sqrt(alpha_bar), np.sqrt(1 - alpha_bar)
    xt = a * x[:3] + s * np.random.default_rng(0).standard_normal((3, 64))
    gain = a * covariance @ np.linalg.inv(alpha_bar * covariance + s**2 * np.eye(64))
    x0 = means[label] + (xt - a * means[label]) @ gain.T
    given = paddle.to_tensor(xt.reshape(3, 1, 8, 8).astype(np.float32))
    with paddle.no_grad():
        v = model(given, paddle.full([3], t, "int64"), paddle.full([3], label, "int64")).numpy()
    assert np.allclose(v.reshape(3, 64), (a * xt - x0) / s, atol=2e-3)


def test_a_hidden_label_has_the_mean_of_all(untrained):
    _, data, model = untrained
    x, _, _ = images(data, 0)
    assert np.allclose(model.means.numpy()[10], x.mean(axis=0), atol=1e-5)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"objective": "eps"}, "--wiener predicts v: give --objective v, not eps"),
        ({"objective": "v", "image_size": 64}, "at most 3072 numbers, and these have 4096"),
    ],
)
def test_what_it_is_not_made_for_is_refused(settings, said):
    with pytest.raises(UserError, match=said):
        Config(wiener=True, **settings).check()
