"""What the decoder's output means: three reconstruction terms, each summed over an image.

All take logits, the decoder's output before its sigmoid, because log(sigmoid(logits)) of a
saturated pixel is only right when it is computed from them.
"""

import paddle.nn.functional as F

from common import compute
from vae.assignment import region_weighted_loss


class Bernoulli:
    """-log p(x|z) where each pixel is a coin with probability x_hat (Kingma & Welling 2014, C.1).

    In nats an image. Grey targets in [0, 1] are allowed, as everywhere in the literature on
    MNIST; the value is then a cross entropy, and cannot reach 0.
    """

    name, unit = "bernoulli", "nats per image"

    def per_image(self, logits, x):
        """[B, C, H, W] logits and targets in [0, 1] -> [B]."""
        return (compute.softplus(logits) - x * logits).flatten(1).sum(axis=1)

    def loss(self, logits, x):
        """Mean over the batch, 0-D."""
        return compute.cross_entropy_sum(logits, x) / x.shape[0]


class Gaussian:
    """-log N(x; x_hat, variance I) without its constant: |x - x_hat|^2 / (2 variance).

    A variance of 0.5 gives the plain sum of squared errors, the "MSE + KL" of report 001.
    """

    name, unit = "gaussian", "sum of squared errors / (2 variance), per image"

    def __init__(self, variance=0.5):
        self.weight = 0.5 / variance

    def per_image(self, logits, x):
        """[B, C, H, W] logits and targets in [0, 1] -> [B]."""
        squared = F.mse_loss(F.sigmoid(logits), x, reduction="none")
        return self.weight * squared.flatten(1).sum(axis=1)

    def loss(self, logits, x):
        """Mean over the batch, 0-D."""
        return self.weight * F.mse_loss(F.sigmoid(logits), x, reduction="sum") / x.shape[0]


class RegionWeighted:
    """The squared error of assignment 2, in which white pixels weigh more (report 000).

    It is no log-likelihood, so there is no importance-weighted bound with it.
    """

    name, unit = "region", "weighted squared error per image"
    per_image = None

    def __init__(self, white_threshold=0.7, white_coef=1.0, black_coef=0.3):
        self.settings = (white_threshold, white_coef, black_coef)

    def loss(self, logits, x):
        """Mean over the batch, 0-D."""
        return region_weighted_loss(F.sigmoid(logits), x, *self.settings)


def shares(likelihood, x_hat, x):
    """How the squared error is shared between white and black pixels, by a region-weighted loss.

    Args:
        likelihood: of `build`. x_hat, x: [B, C, H, W] float32 in [0, 1].

    Returns:
        {"white_share": in [0, 1] if the loss is a mix of its two weights}; {} for another loss,
        or if the weights do not differ.
    """
    if likelihood.name != "region" or likelihood.settings[1] == likelihood.settings[2]:
        return {}
    _, white, black = likelihood.settings
    squared = F.mse_loss(x_hat, x, reduction="sum") / x.shape[0]
    mix = float(region_weighted_loss(x_hat, x, *likelihood.settings) / squared)
    return {"white_share": (mix - black) / (white - black)}


def build(config):
    """The reconstruction term that a config names."""
    if config.likelihood == "bernoulli":
        return Bernoulli()
    if config.likelihood == "gaussian":
        return Gaussian(config.variance)
    return RegionWeighted(
        config.white_threshold, config.white_region_loss_coef, config.black_region_loss_coef
    )
