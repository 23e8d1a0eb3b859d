"""Known wrong answers for diffusion/assignment.py, NumPy float64: hint id -> formula. Teacher only.

"id~2" is another form of the mistake "id". Hints: tests/assessment/texts/hints_diffusion.json.
"""

import numpy as np

from tests.grading.reference import (
    add_noise,
    at,
    image_mean,
    loss,
    mean_of_step,
    network,
    remove_noise,
    schedule,
)

# --- add_noise --------------------------------------------------------------------------------


def _pair(signal, noise):
    """add_noise with other coefficients, made of the tables."""
    return lambda s, x0, t, eps: at(signal(s), t) * x0 + at(noise(s), t) * eps


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
    "add_rescaled": lambda s, x0, t, eps: add_noise(s, 2 * x0 - 1, t, eps),
    "add_rescaled~2": lambda s, x0, t, eps: add_noise(s, (x0 + 1) / 2, t, eps),
    "add_clipped": lambda s, x0, t, eps: np.clip(add_noise(s, x0, t, eps), -1, 1),
    "add_clipped~2": lambda s, x0, t, eps: np.clip(add_noise(s, x0, t, eps), 0, 1),
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


# --- remove_noise -----------------------------------------------------------------------------


def _with_std(std):
    """remove_noise with another factor before eps: std(s, t)."""
    return lambda s, xt, t, eps, f: mean_of_step(s, xt, t, f(xt, t)) + std(s, t) * eps


def _with_mean(mean):
    """remove_noise with another mean: mean(a, ab, b, xt, predicted), tables already at t."""

    def wrong(s, xt, t, eps, model):
        a, ab, b = (at(s[n], t) for n in ("alpha", "alpha_bar", "beta"))
        return mean(a, ab, b, xt, model(xt, t)) + np.sqrt(at(s["sigma_square"], t)) * eps

    return wrong


def _tables_at(change):
    """remove_noise with another t for the tables, the right one for the network."""

    def wrong(s, xt, t, eps, model):
        other = change(np.asarray(t), len(s["beta"]))
        return remove_noise(s, xt, other, eps, lambda x, _: model(x, t))

    return wrong


def _model_at(change):
    """remove_noise with another t for the network, the right one for the tables."""
    return lambda s, xt, t, eps, f: remove_noise(
        s, xt, t, eps, lambda x, step: f(x, change(np.asarray(step), len(s["beta"])))
    )


def _late(t):
    return np.asarray(t).reshape(-1, 1, 1, 1) > 0


def _x0(ab, xt, p):
    return (xt - np.sqrt(1 - ab) * p) / np.sqrt(ab)


def _no_noise_first(s, t, table):
    """sqrt(table) but as if step 0 were step 1: noise at t = 0 too."""
    return np.sqrt(at(s[table], np.maximum(np.asarray(t), 1)))


def _own_variance(s, t):
    """The variance with alpha_bar of "before the first step" taken as that of step 0, not as 1."""
    before = np.concatenate([s["alpha_bar"][:1], s["alpha_bar"][:-1]])
    return np.sqrt(at(s["beta"] * (1 - before) / (1 - s["alpha_bar"]), t))


def _gate(decide):
    """Noise for the whole batch or for none of it, as `decide(t)` says."""
    return _with_std(lambda s, t: np.sqrt(at(s["sigma_square"], t)) * float(decide(np.asarray(t))))


def _clipped(s, xt, t, eps, model):
    """The mean from x0 clipped to [-1, 1]."""
    p = model(xt, t)
    ab, before, b, a = (at(s[n], t) for n in ("alpha_bar", "before", "beta", "alpha"))
    x0 = np.clip(_x0(ab, xt, p), -1, 1)
    mean = np.sqrt(before) * b / (1 - ab) * x0 + np.sqrt(a) * (1 - before) / (1 - ab) * xt
    return mean + np.sqrt(at(s["sigma_square"], t)) * eps


def _wrapped(s, xt, t, eps, model):
    """The mean from x0 with alpha_bar[t - 1], which at t = 0 is the last entry of the table."""
    p = model(xt, t)
    ab, b, a = (at(s[n], t) for n in ("alpha_bar", "beta", "alpha"))
    before = at(s["alpha_bar"], np.asarray(t) - 1)
    mean = np.sqrt(before) * b / (1 - ab) * _x0(ab, xt, p)
    mean = mean + np.sqrt(a) * (1 - before) / (1 - ab) * xt
    return mean + np.sqrt(at(s["sigma_square"], t)) * eps


REMOVE_NOISE_MISTAKES = {
    "remove_wraps": _wrapped,
    "remove_no_roots": lambda s, xt, t, eps, f: (
        (xt - at(s["beta"], t) / (1 - at(s["alpha_bar"], t)) * f(xt, t)) / at(s["alpha"], t)
        + at(s["sigma_square"], t) * eps
    ),
    "remove_noise_added": lambda s, xt, t, eps, f: (
        mean_of_step(s, xt, t, f(xt, t)) + np.sqrt(at(s["sigma_square"], t)) + eps
    ),
    "remove_noise_added~2": lambda s, xt, t, eps, f: (
        mean_of_step(s, xt, t, f(xt, t)) + at(s["sigma_square"], t) + eps
    ),
    **_common_mistakes(remove_noise),
    **{f"{n}~t": _tables_at(c) for n, c in _STEP_CHANGES.items()},
    "variance_beta": _with_std(lambda s, t: np.sqrt(at(s["beta"], t)) * _late(t)),
    "variance_beta~2": _with_std(lambda s, t: np.sqrt(at(s["beta"], t))),
    "remove_no_sqrt_sigma": _with_std(lambda s, t: at(s["sigma_square"], t)),
    "remove_beta_std": _with_std(lambda s, t: at(s["beta"], t) * _late(t)),
    "remove_beta_std~2": _with_std(lambda s, t: at(s["beta"], t)),
    "remove_sigma_twice": _with_std(lambda s, t: at(s["sigma_square"], t) ** 2),
    "remove_no_noise": _with_std(lambda s, t: 0.0),
    "remove_noise_unscaled": _with_std(lambda s, t: 1.0),
    "remove_noise_unscaled~2": _with_std(lambda s, t: 1.0 * _late(t)),
    "remove_noise_minus": _with_std(lambda s, t: -np.sqrt(at(s["sigma_square"], t))),
    "remove_noise_at_zero": _with_std(lambda s, t: _no_noise_first(s, t, "sigma_square")),
    "remove_noise_at_zero~2": _with_std(_own_variance),
    "remove_noise_too_late": _with_std(
        lambda s, t: np.sqrt(at(s["sigma_square"], t)) * (np.asarray(t).reshape(-1, 1, 1, 1) > 1)
    ),
    "remove_noise_gate": _gate(lambda t: t.reshape(-1)[0] > 0),
    "remove_noise_gate~2": _gate(lambda t: (t > 0).all()),
    "remove_noise_std_ab": _with_std(lambda s, t: np.sqrt(1 - at(s["alpha_bar"], t)) * _late(t)),
    "remove_noise_std_ab~2": _with_std(lambda s, t: np.sqrt(1 - at(s["alpha_bar"], t))),
    "remove_x0_estimate": lambda s, xt, t, eps, f: _x0(at(s["alpha_bar"], t), xt, f(xt, t)),
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
    "remove_eps_for_prediction": lambda s, xt, t, eps, f: mean_of_step(s, xt, t, eps),
    "remove_eps_for_prediction~2": lambda s, xt, t, eps, f: remove_noise(
        s, xt, t, eps, lambda *_: eps
    ),
    "remove_model_step": _model_at(lambda t, _: t + 1),
    "remove_model_step~2": _model_at(lambda t, _: t - 1),
    "remove_model_step~3": _model_at(lambda t, _: np.zeros_like(t)),
    "remove_model_step~4": _model_at(lambda t, steps: steps - 1 - t),
    "remove_model_sees_eps": lambda s, xt, t, eps, f: remove_noise(
        s, xt, t, eps, lambda _, step: f(eps, step)
    ),
    "remove_no_prediction": _with_mean(lambda a, ab, b, xt, p: xt / np.sqrt(a)),
}


# --- loss -------------------------------------------------------------------------------------


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
    "loss_sum_per_image": _loss_with(reduce=image_mean),
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
