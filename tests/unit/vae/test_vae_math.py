"""The VAE family against closed forms: parameter counts, KL, likelihoods, bounds, mistakes."""

import math

import numpy as np
import paddle
import pytest

from common import datasets
from common.errors import UserError
from common.evaluation.walks import pairs
from common.training.config import RunConfig
from vae import evaluate, latent_figures, likelihoods, models
from vae.assignment import kl_div_loss, region_weighted_loss, reparameterize
from vae.config import PRESETS, Config


def preset(name, **changes):
    fields = {key: value for key, value in PRESETS[name].items() if key != "help"}
    return Config(**{**fields, **changes})


# ---------------------------------------------------------------- networks


@pytest.mark.parametrize(
    "name, expected",
    [
        ("001-vae", 652824),
        ("001-vae-repo", 652824),
        ("002-z20", 1137032),
        ("003-z1", 629986),
        ("003-z2", 631188),
        ("003-z3", 632390),
        ("003-z16", 648016),
        ("003-z32", 667248),
        ("004-mlp", 913296),
        ("004-conv", 708545),
    ],
)
def test_parameter_counts_are_the_reports(name, expected):
    model = models.build(preset(name), 10)
    assert sum(int(p.size) for p in model.parameters()) == expected


@pytest.mark.parametrize("name", list(PRESETS))
def test_every_preset_encodes_and_decodes(name):
    config = preset(name)
    config.check()
    model = models.build(config, 10)
    x = paddle.rand([3, config.channels, config.image_size, config.image_size])
    y = paddle.to_tensor([0, 4, 9])
    mu, logvar = model.encode(x, y)
    assert mu.shape == logvar.shape == [3, config.latent_dim]
    x_hat = model.decode(mu, y)
    assert x_hat.shape == x.shape and float(x_hat.min()) >= 0 and float(x_hat.max()) <= 1


@pytest.mark.parametrize(
    "size, channels, classes", [(8, 1, 2), (12, 3, 5), (28, 1, 10), (64, 3, 7)]
)
def test_the_cvae_takes_any_size_divisible_by_four(size, channels, classes):
    model = models.CVAE((channels, size, size), 6, classes)
    x, y = paddle.rand([2, channels, size, size]), paddle.to_tensor([0, classes - 1])
    assert model.decode(model.encode(x, y)[0], y).shape == x.shape


@pytest.mark.parametrize("network", ["mlp", "conv", "cvae"])
def test_the_class_matters_in_encoder_and_decoder(network):
    config = Config(network=network, image_size=8, channels=1, latent_dim=4)
    model = models.build(config, 3)
    x, z = paddle.rand([1, 1, 8, 8]), paddle.randn([1, 4])
    first, second = paddle.to_tensor([0]), paddle.to_tensor([2])
    assert float((model.encode(x, first)[0] - model.encode(x, second)[0]).abs().max()) > 1e-6
    assert float((model.decode(z, first) - model.decode(z, second)).abs().max()) > 1e-6


def test_labels_outside_the_classes_are_refused():
    model = models.MlpVAE((1, 8, 8), 2, (16,), (16,), classes=3)
    model.eval()
    for bad in ([3], [-1]):
        with pytest.raises(UserError, match="labels must be 0 to 2"):
            model.decode(paddle.zeros([1, 2]), paddle.to_tensor(bad))
    with pytest.raises(UserError, match="needs a label"):
        model.decode(paddle.zeros([1, 2]))


# ---------------------------------------------------------------- KL and sampling


@pytest.fixture
def posterior():
    rng = np.random.default_rng(3)
    mu = rng.normal(0, 1.5, (5, 3)).astype(np.float32)
    logvar = rng.uniform(-3, 1.5, (5, 3)).astype(np.float32)
    return mu, logvar


def kl_by_quadrature(mu, logvar):
    """Gauss-Hermite, 60 nodes: E_q[log q - log p], summed over Z, mean over B."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(60)
    weights = weights / weights.sum()
    mu, std = mu.astype(float)[..., None], np.exp(0.5 * logvar.astype(float))[..., None]
    z = mu + std * nodes
    log_q, log_p = -0.5 * nodes**2 - np.log(std), -0.5 * z**2
    return ((log_q - log_p) * weights).sum(-1).sum(1).mean()


def test_kl_equals_quadrature_and_monte_carlo(posterior):
    mu, logvar = posterior
    closed = float(kl_div_loss(*map(paddle.to_tensor, posterior)))
    assert closed == pytest.approx(kl_by_quadrature(mu, logvar), rel=1e-5)
    rng, n = np.random.default_rng(0), 200_000
    eps = rng.standard_normal((n, *mu.shape))
    z = mu + np.exp(0.5 * logvar) * eps
    terms = (0.5 * (z**2 - eps**2) - 0.5 * logvar).sum(-1).mean(-1)
    assert abs(terms.mean() - closed) < 5 * terms.std() / math.sqrt(n)


def test_kl_is_zero_only_at_the_prior():
    zero = paddle.zeros([4, 2])
    assert float(kl_div_loss(zero, zero)) == 0
    assert float(kl_div_loss(zero + 0.1, zero)) > 1e-4
    assert float(kl_div_loss(zero, zero - 0.1)) > 1e-4


def test_reparameterize_has_the_moments_of_q():
    mu, logvar = paddle.full([20000, 1], 1.0), paddle.full([20000, 1], -1.0)
    paddle.seed(5)
    z = reparameterize(mu, logvar).numpy()
    std = math.exp(-0.5)
    assert abs(z.mean() - 1) < 5 * std / math.sqrt(20000)
    assert abs(z.std() / std - 1) < 5 / math.sqrt(2 * 20000)


def test_kl_per_dimension_sums_to_the_kl(posterior):
    parts = evaluate.kl_per_dimension(*posterior)
    assert parts.shape == (3,)
    assert parts.sum() == pytest.approx(float(kl_div_loss(*map(paddle.to_tensor, posterior))), 1e-5)


def test_active_units_counts_means_that_vary():
    mu = np.zeros((100, 3))
    mu[:, 1] = np.linspace(-1, 1, 100)
    assert evaluate.active_units(mu) == 1


# ---------------------------------------------------------------- likelihoods


def test_bernoulli_is_the_cross_entropy_and_survives_saturation():
    rng = np.random.default_rng(0)
    logits, x = rng.normal(0, 3, (4, 1, 5, 5)), rng.uniform(0, 1, (4, 1, 5, 5))
    p = 1 / (1 + np.exp(-logits))
    expected = -(x * np.log(p) + (1 - x) * np.log(1 - p)).sum((1, 2, 3))
    likelihood = likelihoods.Bernoulli()
    logits, x = paddle.to_tensor(logits, "float32"), paddle.to_tensor(x, "float32")
    assert np.allclose(likelihood.per_image(logits, x).numpy(), expected, rtol=1e-5)
    assert float(likelihood.loss(logits, x)) == pytest.approx(expected.mean(), rel=1e-5)
    extreme = likelihood.loss(paddle.full([1, 1, 1, 1], 200.0), paddle.zeros([1, 1, 1, 1]))
    assert float(extreme) == pytest.approx(200)


@pytest.mark.parametrize("variance", [0.5, 2.0])
def test_gaussian_is_the_scaled_squared_error(variance):
    logits, x = paddle.randn([3, 1, 4, 4]), paddle.rand([3, 1, 4, 4])
    x_hat = 1 / (1 + np.exp(-logits.numpy().astype(float)))
    expected = ((x_hat - x.numpy()) ** 2).sum((1, 2, 3)) / (2 * variance)
    likelihood = likelihoods.Gaussian(variance)
    assert np.allclose(likelihood.per_image(logits, x).numpy(), expected, rtol=1e-5)
    assert float(likelihood.loss(logits, x)) == pytest.approx(expected.mean(), rel=1e-5)


def test_region_weights_by_the_target():
    x = paddle.to_tensor([[[[0.5, 0.75]]]])
    x_hat = paddle.to_tensor([[[[0.0, 0.0]]]])
    loss = region_weighted_loss(x_hat, x, 0.5, 2.0, 0.25)  # 0.5 is not above 0.5
    assert float(loss) == pytest.approx(0.25 * 0.25 + 2 * 0.5625)


@pytest.mark.parametrize("name", ["bernoulli", "gaussian", "region"])
def test_loss_does_not_depend_on_the_batch_size(name):
    likelihood = likelihoods.build(Config(likelihood=name))
    logits, x = paddle.randn([1, 1, 8, 8]), paddle.rand([1, 1, 8, 8])
    one = float(likelihood.loss(logits, x))
    many = float(likelihood.loss(logits.tile([7, 1, 1, 1]), x.tile([7, 1, 1, 1])))
    assert many == pytest.approx(one, rel=1e-5)


# ---------------------------------------------------------------- bounds


def test_log_mean_exp_is_stable():
    values = np.array([[1000.0, -1000.0], [1001.0, -1001.0]])
    expected = [1000 + math.log((1 + math.e) / 2), -1000 + math.log((1 + 1 / math.e) / 2)]
    assert np.allclose(evaluate.log_mean_exp(values), expected)


class LinearGaussian:
    """p(x|z) = N(W z, I/2), whose log p(x) is known; q is its posterior, a little too wide.

    It stands in for both a model and a likelihood of vae/; constants of p(x|z) are dropped.
    """

    def __init__(self, pixels, latent):
        self.weight = np.random.default_rng(1).normal(0, 0.25, (pixels, latent))
        precision = np.eye(latent) + 2 * self.weight.T @ self.weight
        self.gain = np.linalg.solve(precision, 2 * self.weight.T)
        self.logvar = np.log(1.5 / np.diag(precision)).astype("float32")

    def encode(self, x, y=None):
        mu = (x.flatten(1).numpy() @ self.gain.T).astype("float32")
        return paddle.to_tensor(mu), paddle.to_tensor(np.tile(self.logvar, (len(mu), 1)))

    def logits(self, z, y=None):
        return paddle.to_tensor((z.numpy() @ self.weight.T).reshape(-1, 1, 8, 8).astype("float32"))

    @staticmethod
    def per_image(logits, x):
        return (logits - x).square().flatten(1).sum(axis=1)

    def neg_log_likelihood(self, x):
        """Mean over x [N, D] of -log of the integral of exp(-|x - W z|^2) N(z; 0, I)."""
        covariance = self.weight @ self.weight.T + np.eye(x.shape[1]) / 2
        squares = (x * np.linalg.solve(covariance, x.T).T).sum(1)
        return 0.5 * (squares.mean() + np.linalg.slogdet(2 * covariance)[1])


def test_elbo_iwae_5_and_iwae_50_approach_the_true_likelihood_in_order():
    images = datasets.load(RunConfig(dataset="digits", image_size=8, max_test=200)).test
    model = LinearGaussian(64, 4)
    paddle.seed(0)
    elbo, five, fifty = (evaluate.iwae(model, model, images, samples) for samples in (1, 5, 50))
    truth = model.neg_log_likelihood(images.batch(slice(None))[0].reshape(200, -1))
    assert elbo > five > fifty > truth - 0.02
    assert fifty - truth < 0.2 * (elbo - truth)


def test_interpolations():
    a, b = np.array([1.0, 0.0]), np.array([0.0, 2.0])
    assert np.allclose(latent_figures.lerp(a, b, 0.5), [0.5, 1.0])
    assert np.allclose(latent_figures.slerp(a, b, 0.0), a) and np.allclose(
        latent_figures.slerp(a, b, 1.0), b
    )
    unit = latent_figures.slerp(np.array([1.0, 0.0]), np.array([0.0, 1.0]), 0.5)
    assert np.linalg.norm(unit) == pytest.approx(1)
    assert np.allclose(latent_figures.slerp(a, 2 * a, 0.5), 1.5 * a)  # parallel: the line


def test_walks_lead_from_class_to_class():
    labels = np.random.default_rng(0).permutation(np.arange(200) % 10)
    found = pairs(labels)
    assert len(found) >= 6 and all(labels[a] != labels[b] for a, b in found)
    assert set(labels[found].ravel()) == set(range(10))
    two, one = (pairs(np.arange(40) % classes) for classes in (2, 1))
    assert len(np.unique(two)) == two.size and len(np.unique(one)) == one.size  # nothing twice
    assert (two[:, 0] % 2 != two[:, 1] % 2).all()
    assert pairs(np.array([3, 1, 3])).max() < 3  # few images: repeated
