"""One demand on what a probe brought, and whether it holds. NumPy only, no Paddle."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from tests.assessment import statistics

RESEMBLANCE = 0.3  # correlation; of numbers that have nothing to do with it, 0.15 at most


@dataclass(frozen=True)
class Rule:
    """One demand on the values of one probe.

    kind: "close" (equal to `want` within `tol`), "form" (the shape `want`, the dtype), "same" and
        "differ" (`key` against `other`, two observations), "within" (all in [want[0], want[1]]),
        "normal" (independent N(0, 1) draws, see statistics.py), "resembles" (a known mistake, or
        moving from row to row as `want` does), "layers" and "parts" (AutoEncoder).
    tol: same shape as `want`, or 0-D; absolute.
    dtype: the NumPy dtype name that is asked for; "" for any.
    flat: a single value may come in any shape (another rule is about the shape).
    mistakes: hint id -> what that known mistake returns here, or a function that computes this
        when it is needed. "id~2" is a second form of "id".
    reason: text id of what to say, if not the general one. hint: hint id when this rule fails.
    """

    kind: str
    probe: str
    key: str
    want: np.ndarray | None = None
    tol: np.ndarray | float = 0.0
    dtype: str = ""
    flat: bool = False
    other: str = ""
    mistakes: dict | Callable[[], dict] = field(default_factory=dict)
    reason: str = ""
    hint: str = ""
    missing: str = ""  # hint id when the key did not come, a missing gradient for one


@dataclass(frozen=True)
class Problem:
    """A rule that does not hold: text id, the numbers for it, and a hint id if one is certain."""

    reason: str
    numbers: dict = field(default_factory=dict)
    hint: str = ""


def problem(rule, got):
    """None if the rule holds, else a Problem. Shape, then dtype, then finite, then values."""
    if rule.key not in got:
        return Problem(rule.reason or "no_value", {}, rule.missing)
    value = np.asarray(got[rule.key])
    other = np.asarray(got.get(rule.other, np.nan))
    if value.dtype.kind not in "fiub" or other.dtype.kind not in "fiub":
        return Problem("not_numbers")
    return _RULES[rule.kind](rule, value, other)


def _close(rule, value, _):
    want = np.asarray(rule.want)
    value = reshaped(rule, value, want)
    if value.shape != want.shape:
        return Problem("shape", {"want": shape_text(want.shape), "got": shape_text(value.shape)})
    if rule.dtype and value.dtype.name != rule.dtype:
        return Problem("dtype", {"want": rule.dtype, "got": value.dtype.name}, "dtype")
    value = value.astype(np.float64)
    if not bool(np.isfinite(value).all()):
        return _not_finite(value, rule)
    wrong = ~(np.abs(value - want) <= rule.tol)
    if not bool(wrong.any()):
        return None
    numbers = _worst(rule, value, want, wrong)
    return Problem(rule.reason or "value", numbers, rule.hint)


def _not_finite(value, rule):
    numbers = {"bad": int((~np.isfinite(value)).sum()), "total": int(value.size)}
    return Problem("not_finite", numbers, rule.hint)


def _worst(rule, value, want, wrong):
    """Where the values differ most, and the two numbers there with digits that differ."""
    excess = np.where(wrong, np.abs(value - want) - rule.tol, -np.inf)
    index = tuple(int(i) for i in np.unravel_index(excess.argmax(), want.shape))
    ours, theirs = float(want[index]), float(value[index])
    digits = next((d for d in range(4, 17) if f"{ours:.{d}g}" != f"{theirs:.{d}g}"), 17)
    return {
        "where": f"[{', '.join(map(str, index))}]" if index else "",
        "want": f"{ours:.{digits}g}",
        "got": f"{theirs:.{digits}g}",
        "wrong": int(wrong.sum()),
        "total": int(wrong.size),
    }


def _form(rule, value, _):
    """`want` is the shape; what the values are is another rule's question."""
    want = tuple(int(n) for n in rule.want)
    if value.shape != want:
        hint = "one_element" if want == () and value.shape == (1,) else ""
        return Problem("shape", {"want": shape_text(want), "got": shape_text(value.shape)}, hint)
    if rule.dtype and value.dtype.name != rule.dtype:
        return Problem("dtype", {"want": rule.dtype, "got": value.dtype.name}, "dtype")
    return None


def _resembles(rule, value, _):
    """Right or not, the values come from a computation of this kind."""
    want = np.asarray(rule.want, np.float64)
    value = value.astype(np.float64)
    if value.shape != want.shape or not bool(np.isfinite(value).all()):
        return Problem(rule.reason or "value", {}, rule.hint)
    moves, ours = (a - a.mean(axis=0) for a in (value, want))
    scale = np.sqrt((moves**2).sum() * (ours**2).sum())
    if scale > 0 and (moves * ours).sum() / scale >= RESEMBLANCE:
        return None
    claims = rule.mistakes() if callable(rule.mistakes) else rule.mistakes
    if any(bool((np.abs(value - claim) <= rule.tol).all()) for claim in claims.values()):
        return None
    return Problem(rule.reason or "value", {}, rule.hint)


def _same(rule, value, other):
    if not value.size:
        return Problem("no_value")
    value, other = value.astype(np.float64), other.astype(np.float64)
    if value.shape != other.shape:
        return Problem(rule.reason or "not_repeated", {}, rule.hint)
    near = (np.abs(value - other) <= rule.tol) | (np.isnan(value) & np.isnan(other))
    if bool(near.all()):
        return None
    return Problem(rule.reason or "not_repeated", {}, rule.hint)


def _differ(rule, value, other):
    value, other = value.astype(np.float64), other.astype(np.float64)
    if value.shape == other.shape and bool((np.abs(value - other) > rule.tol).any()):
        return None
    return Problem(rule.reason or "repeated", {}, rule.hint)


def _within(rule, value, _):
    low, high = (float(v) for v in rule.want)
    value = value.astype(np.float64)
    if value.size and bool((value >= low).all()) and bool((value <= high).all()):
        return None
    if not value.size or not bool(np.isfinite(value).all()):
        return _not_finite(value, rule)
    numbers = {"low": f"{value.min():.4g}", "high": f"{value.max():.4g}"}
    return Problem(rule.reason or "range", numbers, rule.hint)


def _normal(rule, value, other):
    """`want` is [2, ...]: the right mean and standard deviation of each draw."""
    verdict = statistics.judge_normal(rule, value, other)
    return Problem(verdict[0], {}, verdict[1]) if verdict else None


def _layers(rule, value, _):
    """The layers with parameters, as a table of rows; `want` is sorted."""
    if value.ndim != 2 or value.shape[1] != rule.want.shape[1] or len(value) > 100:
        return Problem("layers", {"missing": "?", "extra": "?"})
    ours, theirs = (sorted(map(tuple, np.asarray(a).tolist())) for a in (rule.want, value))
    if ours == theirs:
        return None
    missing = [r for r in set(ours) | set(theirs) if ours.count(r) > theirs.count(r)]
    extra = [r for r in set(ours) | set(theirs) if theirs.count(r) > ours.count(r)]
    numbers = {"missing": _layer_names(missing), "extra": _layer_names(extra)}
    return Problem("layers", numbers, _layers_hint(ours, theirs, missing, extra))


def _layers_hint(ours, theirs, missing, extra):
    """A hint only where the two tables differ in one way."""
    if not theirs:
        return ""
    if not extra:
        return "ae_no_batch_norm" if all(row[1] == 1 for row in missing) else ""
    if not missing:
        return "ae_extra_layers"
    same_kinds = sorted(r[:2] for r in ours) == sorted(r[:2] for r in theirs)
    return "ae_layer_sizes" if same_kinds else ""


def _layer_names(rows):
    """ "encoder [16, 3, 3, 3], ..." for the message."""
    parts = {0: "encoder", 1: "decoder"}
    kinds = {1: "BatchNorm2D", 4: "Conv"}
    names = [
        f"{parts.get(r[0], '')} {kinds.get(r[1], '')} {[n for n in r[2:] if n]}"
        for r in sorted(rows)
    ]
    return "; ".join(names[:4]) or "-"


def _parts(rule, value, _):
    """What stands in `encoder` and `decoder`: 0 nothing, 1 a layer, 2 Sequential, 3 a list."""
    codes = value.ravel()[:3].tolist()
    if codes == [2, 2]:
        return None
    for code, hint in ((3, "ae_list"), (0, "ae_part_missing"), (1, "ae_not_sequential")):
        if code in codes:
            return Problem("parts", {}, hint)
    return Problem("parts")


def reshaped(rule, value, want):
    """A single value in another shape, where only the value counts."""
    return value.reshape(want.shape) if rule.flat and value.size == want.size == 1 else value


def shape_text(shape):
    """A shape as Paddle prints it: "[5, 3]"."""
    return f"[{', '.join(map(str, shape))}]"


_RULES = {
    "close": _close,
    "form": _form,
    "resembles": _resembles,
    "same": _same,
    "differ": _differ,
    "within": _within,
    "normal": _normal,
    "layers": _layers,
    "parts": _parts,
}
