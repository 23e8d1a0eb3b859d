"""Assignment 2: the three formulas of a variational autoencoder.

Write them in this order. Check each with `pytest tests/todo -k NAME`, then train with
`python vae/run.py`. Each has a page in docs/guide, with pictures and questions.
Paper: Kingma & Welling 2014, https://arxiv.org/abs/1312.6114.
"""

import paddle


def reparameterize(mu, logvar, eps=None):
    """Draw z from N(mu, exp(logvar)) so that gradients reach mu and logvar.

    Kingma & Welling 2014, section 2.4: the randomness moves into eps ~ N(0, I), and z becomes a
    differentiable function of mu, logvar and eps.

    Args:
        mu: [B, Z] float32, mean of q(z|x).
        logvar: [B, Z] float32, natural log of the variance (not of the standard deviation).
        eps: [B, Z] float32, used as it is; None draws a fresh N(0, 1) value for every element.

    Returns:
        z: [B, Z] float32.
    """
    # BEGIN SOLUTION reparameterize
    if eps is None:
        eps = paddle.randn(mu.shape, dtype=mu.dtype)
    return mu + paddle.exp(0.5 * logvar) * eps
    # END SOLUTION


def kl_div_loss(mu, logvar):
    """KL(N(mu, exp(logvar)) || N(0, I)), summed over Z, mean over B, in nats.

    Kingma & Welling 2014, appendix B (there: minus this, per image).

    Args:
        mu: [B, Z] float32, mean of q(z|x).
        logvar: [B, Z] float32, natural log of the variance of q(z|x).

    Returns:
        0-D float32, >= 0; 0 if and only if mu = 0 and logvar = 0 everywhere.
    """
    # BEGIN SOLUTION kl_div_loss
    kl = -0.5 * (1 + logvar - mu.square() - paddle.exp(logvar))  # [B, Z]
    return kl.sum(axis=1).mean()
    # END SOLUTION


def region_weighted_loss(
    x_hat,
    x,
    white_threshold=0.7,
    white_region_loss_coef=1.0,
    black_region_loss_coef=0.3,
):
    """Squared error in which the strokes weigh more than the background.

    A pixel value whose *target* is greater than `white_threshold` (strictly, element by element)
    weighs `white_region_loss_coef`, any other `black_region_loss_coef`. Summed over C, H and W,
    mean over B.

    Args:
        x_hat: [B, C, H, W] float32, the reconstruction.
        x: [B, C, H, W] float32, the target, range [0, 1].
        white_threshold: float in [0, 1].
        white_region_loss_coef: float, weight of the white region.
        black_region_loss_coef: float, weight of the black region.

    Returns:
        0-D float32, >= 0.
    """
    # BEGIN SOLUTION region_weighted_loss
    white = (x > white_threshold).astype(x.dtype)
    weight = white_region_loss_coef * white + black_region_loss_coef * (1 - white)
    return (weight * (x_hat - x).square()).sum(axis=[1, 2, 3]).mean()
    # END SOLUTION
