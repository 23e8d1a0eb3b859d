"""The right answers, and the known wrong ones, in NumPy float64. For the teacher only.

Independent of the three assignment files: nothing here imports them, or Paddle. Each table
`<TODO>_MISTAKES` maps a hint id (tests/todo/texts.py) to the formula of that mistake; "id~2" is
another form of the same mistake.
"""

import numpy as np

# --- reparameterize (Kingma & Welling 2014, section 2.4) ----------------------------------------


def reparameterize(mu, logvar, eps):
    """z = mu + sigma * eps, all [B, Z]."""
    return mu + np.exp(logvar / 2) * eps


def _clamped(low, high):
    return lambda m, lv, e: m + np.exp(np.clip(lv, low, high) / 2) * e


_CLAMPS = [(-c, c) for c in (1, 2, 3, 4, 5, 6, 7, 8, 9, 10)]
_CLAMPS += [(-10, 2), (-10, 4), (-5, 2), (-20, 2), (-30, 10), (-8, 8.5), (-4, 15), (-6, 2)]

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


# --- kl_div_loss (Kingma & Welling 2014, appendix B) --------------------------------------------


def kl_terms(mu, logvar):
    """KL of each dimension, [B, Z], nats."""
    return 0.5 * (mu**2 + np.exp(logvar) - 1 - logvar)


def kl_div_loss(mu, logvar):
    """Sum over Z, mean over B."""
    return kl_terms(mu, logvar).sum(axis=1).mean()


def kl_gradients(mu, logvar):
    """d kl_div_loss / d mu and / d logvar, [B, Z] each."""
    return mu / len(mu), 0.5 * (np.exp(logvar) - 1) / len(mu)


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


# --- region_weighted_loss -----------------------------------------------------------------------


def region_weights(x, threshold=0.7, white=1.0, black=0.3):
    """[B, C, H, W]: the weight of every pixel value of the target."""
    return np.where(x > threshold, white, black)


def region_weighted_loss(x_hat, x, threshold=0.7, white=1.0, black=0.3):
    """Weighted squared error, sum over C, H, W, mean over B."""
    return _image_mean(region_weights(x, threshold, white, black) * (x_hat - x) ** 2)


def region_gradient(x_hat, x, threshold=0.7, white=1.0, black=0.3):
    """d loss / d x_hat, [B, C, H, W]."""
    return 2 * region_weights(x, threshold, white, black) * (x_hat - x) / len(x)


def _image_mean(terms):
    return terms.reshape(len(terms), -1).sum(axis=1).mean()


def _with_mask(mask):
    """The loss with another idea of what is white; mask(x_hat, x, threshold) -> [B, C, H, W]."""
    return lambda p, x, t=0.7, w=1.0, b=0.3: _image_mean(
        np.where(mask(p, x, t), w, b) * (p - x) ** 2
    )


def _with_terms(terms, reduce=_image_mean):
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
    "region_root~2": _with_terms(_squares, lambda v: np.sqrt(_image_mean(v))),
    "region_half": _with_terms(lambda w, p, x: 0.5 * w * (p - x) ** 2),
    "region_cross_entropy": _with_terms(_cross_entropy),
    "region_no_black": lambda p, x, t=0.7, w=1.0, b=0.3: region_weighted_loss(p, x, t, w, 0.0),
    "region_no_white": lambda p, x, t=0.7, w=1.0, b=0.3: region_weighted_loss(p, x, t, 0.0, b),
    "region_black_everywhere": lambda p, x, t=0.7, w=1.0, b=0.3: region_weighted_loss(
        p, x, t, w + b, b
    ),
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
# --- DDPM (Ho et al. 2020) -----------------------------------------------------------------------


def schedule(beta):
    """The tables of DDPM from beta [T], float64."""
    beta = np.asarray(beta, np.float64)
    alpha_bar = np.cumprod(1 - beta)
    before = np.concatenate([[1.0], alpha_bar[:-1]])
    tables = {"beta": beta, "alpha": 1 - beta, "alpha_bar": alpha_bar, "before": before}
    return {**tables, "sigma_square": beta * (1 - before) / (1 - alpha_bar)}


def _at(table, t):
    """table[t] as [B, 1, 1, 1] or [1, 1, 1, 1]; a step below 0 counts from the end."""
    last = len(table) - 1
    return table[np.minimum(np.asarray(t), last).reshape(-1)].reshape(-1, 1, 1, 1)


def add_noise(s, x0, t, eps):
    """Eq. (4). s: schedule(beta); x0, eps [B, C, H, W]; t [B] or 0-D."""
    alpha_bar = _at(s["alpha_bar"], t)
    return np.sqrt(alpha_bar) * x0 + np.sqrt(1 - alpha_bar) * eps


def _pair(signal, noise):
    """add_noise with other coefficients, made of the tables."""
    return lambda s, x0, t, eps: _at(signal(s), t) * x0 + _at(noise(s), t) * eps


def _with_step(function, change):
    """`function` with another t: change(t, T) -> t."""
    return lambda s, a, t, *rest: function(s, a, change(np.asarray(t), len(s["beta"])), *rest)


def _with_schedule(function, change):
    """`function` with other tables: change(s) -> dict of tables to replace."""
    return lambda s, *rest: function({**s, **change(s)}, *rest)


def _along_width(function):
    """`function` with the tables along W in place of B, as [B] tables broadcast; needs B = W."""

    def wrong(s, a, t, eps, *model):
        if np.ndim(t) == 0 or len(t) != a.shape[3]:
            return function(s, a, t, eps, *model)
        answers = [_turned(m(a, t)) for m in model]
        models = [lambda *_, answer=answer: answer for answer in answers]
        return _turned(function(s, _turned(a), t, _turned(eps), *models))

    return wrong


def _turned(image):
    """[B, C, H, W] with B and W exchanged."""
    return np.transpose(image, (3, 1, 2, 0))


def _usual_schedule(s):
    """The linear schedule that many copy, with the given number of steps."""
    return schedule(np.linspace(1e-4, 0.02, len(s["beta"])))


def _usual_thousand(s):
    """The same with 1,000 steps, whatever was given."""
    return schedule(np.linspace(1e-4, 0.02, 1000))


_STEP_CHANGES = {
    "step_after": lambda t, _: t + 1,
    "step_before": lambda t, _: t - 1,
    "step_before~2": lambda t, _: np.maximum(t - 1, 0),
    "step_reversed": lambda t, steps: steps - 1 - t,
    "step_one_for_all": lambda t, _: t.reshape(-1)[0],
    "step_one_for_all~2": lambda t, _: t.reshape(-1)[-1],
    "step_one_for_all~3": lambda t, _: t.max(),
}


def _common_mistakes(function):
    """The mistakes that add_noise and remove_noise share: a wrong step, wrong tables."""
    steps = {n: _with_step(function, change) for n, change in _STEP_CHANGES.items()}
    return {
        **steps,
        "schedule_rebuilt": _with_schedule(function, _usual_schedule),
        "schedule_rebuilt~2": _with_schedule(function, _usual_thousand),
        "table_not_reshaped": _along_width(function),
    }


def _ab(s):
    return s["alpha_bar"]


ADD_NOISE_MISTAKES = {
    **_common_mistakes(add_noise),
    "add_alpha": _pair(lambda s: np.sqrt(s["alpha"]), lambda s: np.sqrt(s["beta"])),
    "add_beta": _pair(lambda s: np.sqrt(s["beta"]), lambda s: np.sqrt(s["alpha"])),
    "add_beta~2": _pair(lambda s: np.sqrt(_ab(s)), lambda s: np.sqrt(s["beta"])),
    "add_beta~3": _pair(lambda s: np.sqrt(s["alpha"]), lambda s: np.sqrt(1 - _ab(s))),
    "add_beta~4": _pair(lambda s: np.sqrt(_ab(s)), lambda s: s["beta"]),
    "add_beta~5": _pair(lambda s: np.sqrt(1 - s["beta"]), lambda s: s["beta"]),
    "add_no_sqrt": _pair(_ab, lambda s: 1 - _ab(s)),
    "add_no_sqrt_signal": _pair(_ab, lambda s: np.sqrt(1 - _ab(s))),
    "add_no_sqrt_noise": _pair(lambda s: np.sqrt(_ab(s)), lambda s: 1 - _ab(s)),
    "add_one_minus_sqrt": _pair(lambda s: np.sqrt(_ab(s)), lambda s: 1 - np.sqrt(_ab(s))),
    "add_one_minus_sqrt~2": _pair(
        lambda s: np.sqrt(_ab(s)), lambda s: np.sqrt(1 - np.sqrt(_ab(s)))
    ),
    "add_one_minus_square": _pair(_ab, lambda s: np.sqrt(1 - _ab(s) ** 2)),
    "add_swapped": _pair(lambda s: np.sqrt(1 - _ab(s)), lambda s: np.sqrt(_ab(s))),
    "add_minus": _pair(lambda s: np.sqrt(_ab(s)), lambda s: -np.sqrt(1 - _ab(s))),
    "add_sigma": _pair(lambda s: np.sqrt(_ab(s)), lambda s: np.sqrt(s["sigma_square"])),
    "add_sigma~2": _pair(lambda s: np.sqrt(_ab(s)), lambda s: s["sigma_square"]),
    "add_no_noise": _pair(lambda s: np.sqrt(_ab(s)), lambda s: 0 * _ab(s)),
    "add_no_signal": _pair(lambda s: 0 * _ab(s), lambda s: np.sqrt(1 - _ab(s))),
    "add_noise_unscaled": _pair(lambda s: np.sqrt(_ab(s)), lambda s: 1 + 0 * _ab(s)),
    "add_signal_unscaled": _pair(lambda s: 1 + 0 * _ab(s), lambda s: np.sqrt(1 - _ab(s))),
    "cumulative_wrong": _with_schedule(
        add_noise, lambda s: {"alpha_bar": np.clip(1 - np.cumsum(s["beta"]), 0, 1)}
    ),
    "cumulative_wrong~2": _with_schedule(add_noise, lambda s: {"alpha_bar": np.cumprod(s["beta"])}),
    "cumulative_wrong~3": _with_schedule(
        add_noise, lambda s: {"alpha_bar": 1 - np.cumprod(s["beta"])}
    ),
    "step_before~3": _with_schedule(add_noise, lambda s: {"alpha_bar": s["before"]}),
}


def network(scale, shift, x, t):
    """The network that stands in for the U-Net: scale * x + shift[t]."""
    return scale * x + _at(np.asarray(shift, np.float64), t)


def remove_noise(s, xt, t, eps, model):
    """Algorithm 2, line 4, with sigma_square (eq. 7). model: (xt, t) -> predicted noise."""
    return _mean(s, xt, t, model(xt, t)) + np.sqrt(_at(s["sigma_square"], t)) * eps


def _mean(s, xt, t, predicted):
    alpha, alpha_bar, beta = (_at(s[n], t) for n in ("alpha", "alpha_bar", "beta"))
    return (xt - beta / np.sqrt(1 - alpha_bar) * predicted) / np.sqrt(alpha)


def _with_std(std):
    """remove_noise with another factor before eps: std(s, t)."""
    return lambda s, xt, t, eps, f: _mean(s, xt, t, f(xt, t)) + std(s, t) * eps


def _with_mean(mean):
    """remove_noise with another mean: mean(a, ab, b, xt, predicted), tables already at t."""

    def wrong(s, xt, t, eps, model):
        a, ab, b = (_at(s[n], t) for n in ("alpha", "alpha_bar", "beta"))
        return mean(a, ab, b, xt, model(xt, t)) + np.sqrt(_at(s["sigma_square"], t)) * eps

    return wrong


def _tables_at(change):
    """remove_noise with another t for the tables, the right one for the network."""

    def wrong(s, xt, t, eps, model):
        other = change(np.asarray(t), len(s["beta"]))
        return remove_noise(s, xt, other, eps, lambda x, _: model(x, t))

    return wrong


def _late(t):
    return np.asarray(t).reshape(-1, 1, 1, 1) > 0


def _x0(ab, xt, p):
    return (xt - np.sqrt(1 - ab) * p) / np.sqrt(ab)


def _no_noise_first(s, t, table):
    """sqrt(table) but as if step 0 were step 1: noise at t = 0 too."""
    return np.sqrt(_at(s[table], np.maximum(np.asarray(t), 1)))


def _gate(decide):
    """Noise for the whole batch or for none of it, as `decide(t)` says."""
    return _with_std(lambda s, t: np.sqrt(_at(s["sigma_square"], t)) * float(decide(np.asarray(t))))


def _clipped(s, xt, t, eps, model):
    """The mean from x0 clipped to [-1, 1]."""
    p = model(xt, t)
    ab, before, b, a = (_at(s[n], t) for n in ("alpha_bar", "before", "beta", "alpha"))
    x0 = np.clip(_x0(ab, xt, p), -1, 1)
    mean = np.sqrt(before) * b / (1 - ab) * x0 + np.sqrt(a) * (1 - before) / (1 - ab) * xt
    return mean + np.sqrt(_at(s["sigma_square"], t)) * eps


REMOVE_NOISE_MISTAKES = {
    **_common_mistakes(remove_noise),
    **{f"{n}~t": _tables_at(c) for n, c in _STEP_CHANGES.items()},
    "variance_beta": _with_std(lambda s, t: np.sqrt(_at(s["beta"], t)) * _late(t)),
    "variance_beta~2": _with_std(lambda s, t: np.sqrt(_at(s["beta"], t))),
    "remove_no_sqrt_sigma": _with_std(lambda s, t: _at(s["sigma_square"], t)),
    "remove_beta_std": _with_std(lambda s, t: _at(s["beta"], t) * _late(t)),
    "remove_beta_std~2": _with_std(lambda s, t: _at(s["beta"], t)),
    "remove_sigma_twice": _with_std(lambda s, t: _at(s["sigma_square"], t) ** 2),
    "remove_no_noise": _with_std(lambda s, t: 0.0),
    "remove_noise_unscaled": _with_std(lambda s, t: 1.0),
    "remove_noise_unscaled~2": _with_std(lambda s, t: 1.0 * _late(t)),
    "remove_noise_minus": _with_std(lambda s, t: -np.sqrt(_at(s["sigma_square"], t))),
    "remove_noise_at_zero": _with_std(lambda s, t: _no_noise_first(s, t, "sigma_square")),
    "remove_noise_gate": _gate(lambda t: t.reshape(-1)[0] > 0),
    "remove_noise_gate~2": _gate(lambda t: (t > 0).all()),
    "remove_noise_std_ab": _with_std(lambda s, t: np.sqrt(1 - _at(s["alpha_bar"], t)) * _late(t)),
    "remove_noise_std_ab~2": _with_std(lambda s, t: np.sqrt(1 - _at(s["alpha_bar"], t))),
    "remove_x0_estimate": lambda s, xt, t, eps, f: _x0(_at(s["alpha_bar"], t), xt, f(xt, t)),
    "remove_x0_estimate~2": _with_mean(lambda a, ab, b, xt, p: _x0(ab, xt, p)),
    "remove_x0_clipped": _clipped,
    "remove_minus_all": _with_mean(lambda a, ab, b, xt, p: xt - p),
    "remove_plus": _with_mean(lambda a, ab, b, xt, p: (xt + b / np.sqrt(1 - ab) * p) / np.sqrt(a)),
    "remove_no_alpha": _with_mean(lambda a, ab, b, xt, p: xt - b / np.sqrt(1 - ab) * p),
    "remove_alpha_no_sqrt": _with_mean(lambda a, ab, b, xt, p: (xt - b / np.sqrt(1 - ab) * p) / a),
    "remove_alpha_times": _with_mean(
        lambda a, ab, b, xt, p: (xt - b / np.sqrt(1 - ab) * p) * np.sqrt(a)
    ),
    "remove_alpha_only_xt": _with_mean(
        lambda a, ab, b, xt, p: xt / np.sqrt(a) - b / np.sqrt(1 - ab) * p
    ),
    "remove_alpha_bar_outside": _with_mean(
        lambda a, ab, b, xt, p: (xt - b / np.sqrt(1 - ab) * p) / np.sqrt(ab)
    ),
    "remove_alpha_inside": _with_mean(
        lambda a, ab, b, xt, p: (xt - b / np.sqrt(1 - a) * p) / np.sqrt(a)
    ),
    "remove_one_minus_ab_no_sqrt": _with_mean(
        lambda a, ab, b, xt, p: (xt - b / (1 - ab) * p) / np.sqrt(a)
    ),
    "remove_sqrt_beta": _with_mean(
        lambda a, ab, b, xt, p: (xt - np.sqrt(b) / np.sqrt(1 - ab) * p) / np.sqrt(a)
    ),
    "remove_ab_not_one_minus": _with_mean(
        lambda a, ab, b, xt, p: (xt - b / np.sqrt(ab) * p) / np.sqrt(a)
    ),
    "remove_alpha_for_beta": _with_mean(
        lambda a, ab, b, xt, p: (xt - a / np.sqrt(1 - ab) * p) / np.sqrt(a)
    ),
    "remove_sqrt_one_minus_ab": _with_mean(
        lambda a, ab, b, xt, p: (xt - np.sqrt(1 - ab) * p) / np.sqrt(a)
    ),
    "remove_eps_for_prediction": lambda s, xt, t, eps, f: _mean(s, xt, t, eps),
    "remove_eps_for_prediction~2": lambda s, xt, t, eps, f: remove_noise(
        s, xt, t, eps, lambda *_: eps
    ),
    "remove_no_prediction": _with_mean(lambda a, ab, b, xt, p: xt / np.sqrt(a)),
}


def loss(xt, t, eps, scale, shift):
    """Eq. (14): the mean squared error of the predicted noise, from a given x_t."""
    return np.mean((eps - network(scale, shift, xt, t)) ** 2)


def loss_gradients(xt, t, eps, scale, shift):
    """d loss / d scale [1] and / d shift [T]."""
    residual = -2 * (eps - network(scale, shift, xt, t)) / xt.size
    rows = np.broadcast_to(np.asarray(t).reshape(-1), (len(xt),))
    d_shift = np.zeros(len(shift))
    np.add.at(d_shift, rows, residual.reshape(len(xt), -1).sum(axis=1))
    return np.array([(residual * xt).sum()]), d_shift


def _loss_with(terms=lambda d: d**2, reduce=np.mean):
    """The loss with other terms of the residual, or another reduction."""
    return lambda x0, xt, t, eps, scale, shift: reduce(terms(eps - network(scale, shift, xt, t)))


def _loss_to(target):
    """The loss against another target: target(x0, xt, eps)."""
    return lambda x0, xt, t, eps, scale, shift: np.mean(
        (target(x0, xt, eps) - network(scale, shift, xt, t)) ** 2
    )


def _huber(d):
    return np.where(np.abs(d) < 1, 0.5 * d**2, np.abs(d) - 0.5)


def _loss_step(change):
    return lambda x0, xt, t, eps, scale, shift: loss(
        xt, change(np.asarray(t), len(shift)), eps, scale, shift
    )


LOSS_MISTAKES = {
    "loss_model_sees_x0": lambda x0, xt, t, eps, c, h: loss(x0, t, eps, c, h),
    "loss_no_noise": lambda x0, xt, t, eps, c, h: np.mean((x0 - network(c, h, x0, t)) ** 2),
    "loss_model_sees_eps": lambda x0, xt, t, eps, c, h: loss(eps, t, eps, c, h),
    "loss_target_x0": _loss_to(lambda x0, xt, eps: x0),
    "loss_target_xt": _loss_to(lambda x0, xt, eps: xt),
    "loss_plus": _loss_to(lambda x0, xt, eps: -eps),
    "loss_no_target": _loss_to(lambda x0, xt, eps: 0 * eps),
    "loss_sum": _loss_with(reduce=np.sum),
    "loss_sum_per_image": _loss_with(reduce=_image_mean),
    "loss_not_reduced": _loss_with(reduce=lambda v: v.reshape(len(v), -1).mean(axis=1)),
    "loss_not_reduced~2": _loss_with(reduce=lambda v: v),
    "loss_not_reduced~3": _loss_with(reduce=lambda v: v.reshape(len(v), -1).sum(axis=1)),
    "loss_absolute": _loss_with(np.abs),
    "loss_huber": _loss_with(_huber),
    "loss_root": _loss_with(reduce=lambda v: np.sqrt(v.mean())),
    "loss_not_squared": _loss_with(lambda d: d),
    "loss_not_squared~2": _loss_with(lambda d: -d),
    "loss_half": _loss_with(lambda d: 0.5 * d**2),
    "loss_sign": _loss_with(lambda d: -(d**2)),
    "loss_square_of_mean": _loss_with(lambda d: d, lambda v: v.mean() ** 2),
    "loss_step": _loss_step(lambda t, _: np.zeros_like(t)),
    "loss_step~2": _loss_step(lambda t, _: t + 1),
    "loss_step~3": _loss_step(lambda t, _: t - 1),
    "loss_step~4": _loss_step(lambda t, last: last - 1 - t),
    "loss_step~5": _loss_step(lambda t, _: t.reshape(-1)[0]),
}
