"""Are these numbers independent draws from N(0, 1)? NumPy only.

Every test has a false-alarm rate that is fixed beforehand; all together stay below 1e-6 for right
code (FALSE_ALARM). With 20,000 draws that still sees a mean 4 % or a standard deviation 3 % off,
uniform noise, and noise that rows or dimensions share.
"""

import math

import numpy as np

Z_LIMIT = 5.5  # two-sided, 3.8e-8 each
KS_LIMIT = 2.9  # of sqrt(n) * distance: 2 exp(-2 * 2.9^2) = 9.9e-8
PAIR_LIMIT = 0.75  # largest correlation of two rows of 100 draws: below 1e-15 for all pairs
FALSE_ALARM = 15 * 3.8e-8 + 9.9e-8 + 1e-14  # 6.7e-7


def judge_normal(rule, first, second):
    """None if both calls drew mean + std * N(0, 1), independent everywhere.

    Args:
        rule: its `want` is [2, B, Z] (mean, std), its `mistakes` name other such pairs.
        first, second: [B, Z], what two calls returned.

    Returns:
        None or (reason id, hint id or "").
    """
    want = np.asarray(rule.want, np.float64)
    if first.shape != want.shape[1:] or second.shape != want.shape[1:]:
        return "noise_shape", ""
    first, second = first.astype(np.float64), second.astype(np.float64)
    if not bool(np.isfinite(first).all() and np.isfinite(second).all()):
        return "noise_not_finite", ""
    fault = _fault(want, *_standard(want, first, second))
    return (fault, _explanation(rule, first, second)) if fault else None


def _standard(pair, first, second):
    return [(z - pair[0]) / pair[1] for z in (first, second)]


def _fault(pair, u, v):
    """The reason id of the first test that fails, or None."""
    both = np.concatenate([u.ravel(), v.ravel()])
    if np.mean(u == v) > 0.5:
        return "noise_repeats"
    for part in (both, *_quarters(pair, both)):
        if abs(part.mean()) * math.sqrt(part.size) > Z_LIMIT:
            return "noise_mean"
        if _chi_square_z((part**2).sum(), part.size) > Z_LIMIT:
            return "noise_std"
    if _ks(both, _normal_cdf(np.sort(both))) > KS_LIMIT:
        return "noise_shape_of_distribution"
    if abs(np.mean(u * v)) * math.sqrt(u.size) > Z_LIMIT:
        return "noise_repeats"
    for w in (np.concatenate([u, v], axis=1), np.concatenate([u.T, v.T], axis=1)):
        rows, columns = w.shape
        if _largest_correlation(w[:, : columns // 2]) > PAIR_LIMIT:
            return "noise_shared"
        if _chi_square_z((w.sum(axis=0) ** 2).sum() / rows, columns) > Z_LIMIT:
            return "noise_shared"
    return None


def _quarters(pair, both):
    """The draws in four parts by the size of their factor: a wrong factor shows in each."""
    order = np.argsort(np.tile(np.abs(pair[1]).ravel(), 2))
    return np.array_split(both[order], 4)


def _explanation(rule, first, second):
    """The hint of the one (formula, noise) pair that explains the draws, or ""."""
    formulas = {"": rule.want, **rule.mistakes}
    found = set()
    for name, pair in formulas.items():
        with np.errstate(all="ignore"):
            u, v = _standard(np.asarray(pair, np.float64), first, second)
        if bool(np.isfinite(u).all() and np.isfinite(v).all()):
            noise = _noise_kind(pair, u, v)
            found.add(noise if noise != "normal" else name.split("~")[0])
        elif np.abs(first - pair[0]).max() < 1e-3:  # a formula without any noise
            found.add("no_noise")
    found.discard("")
    return found.pop() if len(found) == 1 else ""


def _noise_kind(pair, u, v):
    """The hint id of the noise that was drawn, "normal" if it is right, "" if unknown."""
    if np.abs(u).max() < 1e-3:
        return "no_noise"
    rows, columns = np.ptp(u, axis=0).max() < 1e-2, np.ptp(u, axis=1).max() < 1e-2
    if rows or columns:
        return "noise_one" if rows and columns else "noise_rows" if rows else "noise_dims"
    if np.abs(u - v).max() < 1e-2:  # the same twice; is it noise?
        mirrored = np.where(np.indices(u.shape).sum(axis=0) % 2, u, -u)
        return "fixed_noise" if _fault(pair, u, np.roll(mirrored, 7)) is None else ""
    both = np.concatenate([u.ravel(), v.ravel()])
    for low in (0.0, -1.0):
        unit = (np.sort(both) - low) / (1 - low)
        if unit[0] > -1e-3 and unit[-1] < 1.001 and _ks(both, unit) < KS_LIMIT:
            return "uniform_noise"
    return "" if _fault(pair, u, v) else "normal"


def _ks(values, cdf):
    """sqrt(n) times the Kolmogorov-Smirnov distance; cdf: of the sorted values."""
    n = values.size
    steps = np.arange(n + 1) / n
    return math.sqrt(n) * max((steps[1:] - cdf).max(), (cdf - steps[:-1]).max())


def _normal_cdf(x):
    return np.array([0.5 * math.erfc(-v / math.sqrt(2)) for v in x])


def _chi_square_z(value, degrees):
    """|z| of a chi-square value (Wilson & Hilferty 1931)."""
    spread = 2 / (9 * degrees)
    return abs(((value / degrees) ** (1 / 3) - (1 - spread)) / math.sqrt(spread))


def _largest_correlation(rows):
    matrix = np.corrcoef(rows)
    np.fill_diagonal(matrix, 0)
    return np.abs(np.nan_to_num(matrix, nan=1.0)).max()
