"""Known wrong answers for vae/assignment.py, NumPy float64: hint id -> formula. For the teacher.

"id~2" is another form of the mistake "id". Hints: tests/assessment/texts/hints_vae.json.
"""

import numpy as np

from tests.grading.reference import (
    image_mean,
    kl_div_loss,
    kl_terms,
    region_weighted_loss,
    region_weights,
)

# --- reparameterize ---------------------------------------------------------------------------


def _clamped(low, high):
    return lambda m, lv, e: m + np.exp(np.clip(lv, low, high) / 2) * e


_LOWS, _HIGHS = (-2, -3, -4, -5, -6, -7, -8, -10, -20), (1, 2, 3, 4, 5, 6, 8, 10, 20)
_CLAMPS = [(low, high) for low in _LOWS for high in _HIGHS if low > -12 or high < 12]

REPARAMETERIZE_MISTAKES = {
    "var_as_std": lambda m, lv, e: m + np.exp(lv) * e,
    "logvar_as_std": lambda m, lv, e: m + lv * e,
    "half_logvar_as_std": lambda m, lv, e: m + 0.5 * lv * e,
    "half_outside_exp": lambda m, lv, e: m + 0.5 * np.exp(lv) * e,
    "negative_exponent": lambda m, lv, e: m + np.exp(-lv / 2) * e,
    "negative_exponent~2": lambda m, lv, e: m + np.exp(-lv) * e,
    "exp_twice_logvar": lambda m, lv, e: m + np.exp(2 * lv) * e,
    "sqrt_of_logvar": lambda m, lv, e: m + np.sqrt(lv) * e,
    "sqrt_of_logvar~2": lambda m, lv, e: m + np.sqrt(np.abs(lv)) * e,
    "sqrt_of_std": lambda m, lv, e: m + np.exp(lv / 4) * e,
    "softplus_std": lambda m, lv, e: m + np.log1p(np.exp(lv)) * e,
    "softplus_std~2": lambda m, lv, e: m + np.sqrt(np.log1p(np.exp(lv))) * e,
    "half_floored": lambda m, lv, e: m + np.exp(lv // 2) * e,
    "minus_noise": lambda m, lv, e: m - np.exp(lv / 2) * e,
    "returns_mu": lambda m, lv, e: m + 0 * e,
    "no_mean": lambda m, lv, e: np.exp(lv / 2) * e,
    "no_std": lambda m, lv, e: m + e,
    "mu_std_swapped": lambda m, lv, e: np.exp(lv / 2) + m * e,
    "arguments_swapped": lambda m, lv, e: lv + np.exp(m / 2) * e,
    "noise_times_sum": lambda m, lv, e: (m + np.exp(lv / 2)) * e,
    "noise_not_multiplied": lambda m, lv, e: m + np.exp(lv / 2) + e,
    "noise_forgotten": lambda m, lv, e: m + np.exp(lv / 2) + 0 * e,
    "product_not_sum": lambda m, lv, e: m * np.exp(lv / 2) * e,
    **{f"logvar_clamped~{i}": _clamped(*c) for i, c in enumerate(_CLAMPS)},
}

# mean and standard deviation of the draws, for the check without a given eps
NOISE_FORMS = ("var_as_std", "logvar_as_std", "half_logvar_as_std", "half_outside_exp", "no_mean")
NOISE_FORMS += ("negative_exponent", "exp_twice_logvar", "no_std", "mu_std_swapped", "sqrt_of_std")
NOISE_FORMS += ("arguments_swapped", "negative_exponent~2", "sqrt_of_logvar~2", "softplus_std")
NOISE_FORMS += ("softplus_std~2", "noise_times_sum", "product_not_sum", "noise_forgotten")


def noise_pair(formula, mu, logvar):
    """[2, B, Z]: offset and factor of a formula that is affine in eps."""
    zero = formula(mu, logvar, np.zeros_like(mu))
    return np.stack([zero, formula(mu, logvar, np.ones_like(mu)) - zero])


# --- kl_div_loss ------------------------------------------------------------------------------


def _sum_mean(terms):
    return lambda m, lv: terms(m, lv).sum(axis=1).mean()


KL_MISTAKES = {
    "kl_sum_all": lambda m, lv: kl_terms(m, lv).sum(),
    "kl_mean_all": lambda m, lv: kl_terms(m, lv).mean(),
    "kl_axes_swapped": lambda m, lv: kl_terms(m, lv).mean(axis=1).sum(),
    "kl_per_image": lambda m, lv: kl_terms(m, lv).sum(axis=1),
    "kl_per_element": lambda m, lv: kl_terms(m, lv),
    "kl_no_half": _sum_mean(lambda m, lv: 2 * kl_terms(m, lv)),
    "kl_sign": _sum_mean(lambda m, lv: -kl_terms(m, lv)),
    "kl_exp_half": _sum_mean(lambda m, lv: 0.5 * (m**2 + np.exp(lv / 2) - 1 - lv)),
    "kl_square_for_exp": _sum_mean(lambda m, lv: 0.5 * (m**2 + lv**2 - 1 - lv)),
    "kl_log_std": _sum_mean(lambda m, lv: 0.5 * (m**2 + np.exp(2 * lv) - 1 - 2 * lv)),
    "kl_log_std~2": _sum_mean(lambda m, lv: 0.5 * (m**2 + np.exp(lv) - 1 - 2 * lv)),
    "kl_logvar_as_std": _sum_mean(lambda m, lv: 0.5 * (m**2 + lv**2 - 1 - np.log(lv**2))),
    "kl_batch_twice": lambda m, lv: kl_div_loss(m, lv) / len(m),
    "kl_first_term": _sum_mean(lambda m, lv: -0.5 + lv - m**2 - np.exp(lv)),
    "kl_first_term~2": _sum_mean(lambda m, lv: 0.5 * m**2 + np.exp(lv) - 1 - lv),
    "kl_first_term~3": _sum_mean(lambda m, lv: 0.5 * np.exp(lv) + m**2 - 1 - lv),
    "kl_mu_not_squared": _sum_mean(lambda m, lv: 0.5 * (m + np.exp(lv) - 1 - lv)),
    "kl_mu_not_squared~2": _sum_mean(lambda m, lv: 0.5 * (np.abs(m) + np.exp(lv) - 1 - lv)),
    "kl_mu_sign": _sum_mean(lambda m, lv: 0.5 * (-(m**2) + np.exp(lv) - 1 - lv)),
    "kl_no_mu": _sum_mean(lambda m, lv: 0.5 * (np.exp(lv) - 1 - lv)),
    "kl_no_minus_one": _sum_mean(lambda m, lv: 0.5 * (m**2 + np.exp(lv) - lv)),
    "kl_plus_one": _sum_mean(lambda m, lv: 0.5 * (m**2 + np.exp(lv) + 1 - lv)),
    "kl_plus_logvar": _sum_mean(lambda m, lv: 0.5 * (m**2 + np.exp(lv) - 1 + lv)),
    "kl_no_logvar": _sum_mean(lambda m, lv: 0.5 * (m**2 + np.exp(lv) - 1)),
    "kl_no_exp": _sum_mean(lambda m, lv: 0.5 * (m**2 + lv - 1 - lv)),
    "kl_no_exp~2": _sum_mean(lambda m, lv: 0.5 * (m**2 - 1 - lv)),
    "kl_exp_sign": _sum_mean(lambda m, lv: 0.5 * (m**2 - np.exp(lv) - 1 - lv)),
    "kl_reversed": _sum_mean(lambda m, lv: 0.5 * ((1 + m**2) * np.exp(-lv) - 1 + lv)),
    "kl_arguments_swapped": lambda m, lv: kl_div_loss(lv, m),
    "kl_bits": lambda m, lv: kl_div_loss(m, lv) / np.log(2),
    "kl_square_of_variance": _sum_mean(lambda m, lv: 0.5 * (m**2 + np.exp(lv) ** 2 - 1 - lv)),
}

KL_CLAMPS = {
    f"logvar_clamped~{i}": lambda m, lv, c=c: kl_div_loss(m, np.clip(lv, *c))
    for i, c in enumerate(_CLAMPS)
}


def kl_partial_gradients(mu, logvar):
    """For mu and for logvar: hint id -> the gradient where a part of the formula was detached."""
    none, rows = np.zeros_like(mu), len(mu)
    linear, exponential = none - 0.5 / rows, 0.5 * np.exp(logvar) / rows
    of_mu = {"gradient_part~1": none}
    of_logvar = {"gradient_part~1": none, "gradient_part~2": linear}
    return of_mu, {**of_logvar, "gradient_part~3": exponential}


# --- region_weighted_loss ---------------------------------------------------------------------


def _with_mask(mask):
    """The loss with another idea of what is white; mask(x_hat, x, threshold) -> [B, C, H, W]."""
    return lambda p, x, t=0.7, w=1.0, b=0.3: image_mean(
        np.where(mask(p, x, t), w, b) * (p - x) ** 2
    )


def _with_terms(terms, reduce=image_mean):
    """The loss with other terms; terms(weights, x_hat, x) -> [B, C, H, W]."""
    return lambda p, x, t=0.7, w=1.0, b=0.3: reduce(terms(region_weights(x, t, w, b), p, x))


def _squares(w, p, x):
    return w * (p - x) ** 2


def _cross_entropy(w, p, x):
    p = np.clip(p, 1e-7, 1 - 1e-7)
    return -w * (x * np.log(p) + (1 - x) * np.log(1 - p))


def _two_means(p, x, t=0.7, w=1.0, b=0.3):
    """The mean of each region by itself."""
    white, d = x > t, (p - x) ** 2
    return sum(c * d[m].mean() if m.any() else 0.0 for c, m in ((w, white), (b, ~white)))


def _fixed_arguments(p, x, t=0.7, w=1.0, b=0.3):
    return region_weighted_loss(p, x)


REGION_MISTAKES = {
    "region_swapped": lambda p, x, t=0.7, w=1.0, b=0.3: region_weighted_loss(p, x, t, b, w),
    "region_swapped~2": _with_mask(lambda p, x, t: x < t),
    "region_mask_of_output": _with_mask(lambda p, x, t: p > t),
    "region_not_strict": _with_mask(lambda p, x, t: x >= t),
    "region_mask_shared": _with_mask(lambda p, x, t: (x > t).any(axis=1, keepdims=True) | (x > 2)),
    "region_mask_shared~2": _with_mask(
        lambda p, x, t: (x > t).all(axis=1, keepdims=True) & (x < 2)
    ),
    "region_mask_shared~3": _with_mask(lambda p, x, t: (x.mean(1, keepdims=True) > t) & (x < 2)),
    "region_mask_shared~4": _with_mask(lambda p, x, t: (x[:, :1] > t) & (x < 2)),
    "region_weight_squared": _with_terms(lambda w, p, x: w**2 * (p - x) ** 2),
    "region_weight_on_output": _with_terms(lambda w, p, x: (w * p - x) ** 2),
    "region_weight_root": _with_terms(lambda w, p, x: np.sqrt(w) * (p - x) ** 2),
    "region_sum_all": _with_terms(_squares, np.sum),
    "region_mean_all": _with_terms(_squares, np.mean),
    "region_per_image": _with_terms(_squares, lambda v: v.reshape(len(v), -1).sum(axis=1)),
    "region_per_image~2": _with_terms(_squares, lambda v: v.sum(axis=(2, 3))),
    "region_per_pixel": _with_terms(_squares, lambda v: v),
    "region_channel_mean": _with_terms(_squares, lambda v: v.sum(axis=(2, 3)).mean()),
    "region_channel_mean~2": _with_terms(
        _squares, lambda v: v.mean(axis=1).sum(axis=(1, 2)).mean()
    ),
    "region_pixel_mean": _with_terms(_squares, lambda v: v.mean(axis=(2, 3)).sum(axis=1).mean()),
    "region_absolute": _with_terms(lambda w, p, x: w * np.abs(p - x)),
    "region_root": _with_terms(_squares, lambda v: np.sqrt(v.mean())),
    "region_root~2": _with_terms(_squares, lambda v: np.sqrt(image_mean(v))),
    "region_half": _with_terms(lambda w, p, x: 0.5 * w * (p - x) ** 2),
    "region_cross_entropy": _with_terms(_cross_entropy),
    "region_no_black": lambda p, x, t=0.7, w=1.0, b=0.3: region_weighted_loss(p, x, t, w, 0.0),
    "region_no_white": lambda p, x, t=0.7, w=1.0, b=0.3: region_weighted_loss(p, x, t, 0.0, b),
    "region_black_everywhere": lambda p, x, t=0.7, w=1.0, b=0.3: region_weighted_loss(
        p, x, t, w + b, b
    ),
    "region_all_black": _with_mask(lambda p, x, t: x > 2),
    "region_all_white": _with_mask(lambda p, x, t: x < 2),
    "region_no_weights": lambda p, x, t=0.7, w=1.0, b=0.3: region_weighted_loss(p, x, t, 1.0, 1.0),
    "region_two_means": _two_means,
    "region_two_means~2": lambda p, x, t=0.7, w=1.0, b=0.3: _two_means(p, x, t, w, b) / 2,
    "region_arguments_fixed": _fixed_arguments,
    "region_arguments_fixed~2": lambda p, x, t=0.7, w=1.0, b=0.3: region_weighted_loss(
        p, x, 0.7, w, b
    ),
    "region_arguments_fixed~3": lambda p, x, t=0.7, w=1.0, b=0.3: region_weighted_loss(p, x, t),
}
REGION_MISTAKES["region_normalised"] = lambda p, x, t=0.7, w=1.0, b=0.3: (
    _squares(region_weights(x, t, w, b), p, x).sum() / region_weights(x, t, w, b).sum()
)
