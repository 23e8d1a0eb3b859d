"""Compares what a TODO function did with what was expected. NumPy only, no Paddle.

A `Check` is a value: which probes to run (see probes.py), and rules about what they return. `judge`
turns the values into an `Outcome`. It runs in the process that holds the expected values; the
student's code runs elsewhere and sends back plain arrays.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from tests.todo import statistics, texts


@dataclass(frozen=True)
class Rule:
    """One demand on the values of one probe.

    kind: "close" (equal to `want` within `tol`), "form" (the shape `want`, the dtype), "same" and
        "differ" (`key` against `other`, two observations), "within" (all in [want[0], want[1]]),
        "normal" (independent N(0, 1) draws, see statistics.py), "layers" and "parts" (AutoEncoder).
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
class Check:
    """A question about one TODO, with its points. `needs`: checks that have to pass first."""

    id: str
    todo: str
    points: float
    probes: tuple
    rules: tuple
    needs: tuple = ()
    hidden: bool = True


@dataclass(frozen=True)
class Failure:
    """A probe that brought no values.

    kind: "exception", "unfinished", "bad_answer", "missing", "syntax", "timeout", "memory",
        "crash", "output" or "malformed". type, message, line: of the student's exception.
    """

    kind: str
    type: str = ""
    message: str = ""
    line: int | None = None


@dataclass(frozen=True)
class Outcome:
    """status: passed, failed, skipped, error, timeout, memory, crash or missing."""

    status: str
    reason: str = ""
    hint_id: str | None = None
    hint: str = ""
    note: str = ""


@dataclass(frozen=True)
class Problem:
    """A rule that does not hold: text id, the numbers for it, and a hint id if one is certain."""

    reason: str
    numbers: dict = field(default_factory=dict)
    hint: str = ""


FAILURE_STATUS = {
    "exception": "error",
    "syntax": "error",
    "unfinished": "failed",
    "bad_answer": "failed",
    "output": "failed",
    "malformed": "failed",
}


def judge(check, values, lang="en"):
    """The outcome of one check.

    Args:
        check: Check.
        values: probe id -> dict of arrays, or Failure.
        lang: "en" or "zh".

    Returns:
        Outcome with texts in that language.
    """
    for probe in check.probes:
        answer = values.get(probe["id"], Failure("missing"))
        if isinstance(answer, Failure):
            return _failure_outcome(check, probe, answer, lang)
    found = [(rule, _problem(rule, values[rule.probe])) for rule in check.rules]
    problems = [p for _, p in found if p]
    if not problems:
        return Outcome("passed", note=_note(check, values, lang))
    first = problems[0]
    hint = _known_mistake(check, values) or _own_hint(problems)
    rule = next(r for r, p in found if p is first)
    numbers = {**first.numbers, "what": _asked(check, rule)}
    reason = texts.reason(first.reason, lang, **_shown(numbers, check.hidden))
    return Outcome("failed", reason, hint or None, texts.hint(hint, lang))


def skipped(check, needed, lang="en"):
    """The outcome of a check whose needed check did not pass."""
    return Outcome("skipped", texts.reason("skipped", lang, needed=texts.title(needed, lang)))


def _failure_outcome(check, probe, failure, lang):
    status = FAILURE_STATUS.get(failure.kind, failure.kind)
    hint = texts.hint_for_failure(check.todo, failure, probe)
    where = f" ({texts.reason('line', lang, line=failure.line)})" if failure.line else ""
    reason = texts.reason(
        failure.kind,
        lang,
        todo=check.todo,
        type=failure.type,
        message=texts.failure_message(failure, lang),
        where=where,
    )
    return Outcome(status, reason, hint or None, texts.hint(hint, lang))


def _problem(rule, got):
    """None if the rule holds, else a Problem. Shape, then dtype, then finite, then values."""
    if rule.key not in got:
        return Problem(rule.reason or "no_value", {}, rule.missing)
    value = np.asarray(got[rule.key])
    if value.dtype.kind not in "fiub":
        return Problem("not_numbers")
    return _RULES[rule.kind](rule, value, got)


def _close(rule, value, _):
    want = np.asarray(rule.want)
    value = _reshaped(rule, value, want)
    if value.shape != want.shape:
        return Problem("shape", {"want": _shape(want.shape), "got": _shape(value.shape)})
    if rule.dtype and value.dtype.name != rule.dtype:
        return Problem("dtype", {"want": rule.dtype, "got": value.dtype.name}, "dtype")
    value = value.astype(np.float64)
    if not bool(np.isfinite(value).all()):
        return Problem("not_finite", {"count": int((~np.isfinite(value)).sum())}, rule.hint)
    wrong = ~(np.abs(value - want) <= rule.tol)
    if not bool(wrong.any()):
        return None
    numbers = _worst(rule, value, want, wrong)
    return Problem(rule.reason or "value", numbers, rule.hint)


def _worst(rule, value, want, wrong):
    """Where the values differ first, and the two numbers there with digits that differ."""
    index = tuple(int(i) for i in np.argwhere(wrong)[0])
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
        return Problem("shape", {"want": _shape(want), "got": _shape(value.shape)}, hint)
    if rule.dtype and value.dtype.name != rule.dtype:
        return Problem("dtype", {"want": rule.dtype, "got": value.dtype.name}, "dtype")
    return None


def _same(rule, value, got):
    other = np.asarray(got.get(rule.other, np.nan))
    if value.shape == other.shape and bool((np.abs(value - other) <= rule.tol).all()):
        return None
    return Problem(rule.reason or "not_repeated", {}, rule.hint)


def _differ(rule, value, got):
    other = np.asarray(got.get(rule.other, np.nan))
    if value.shape == other.shape and bool((np.abs(value - other) > rule.tol).any()):
        return None
    return Problem(rule.reason or "repeated", {}, rule.hint)


def _within(rule, value, _):
    low, high = (float(v) for v in rule.want)
    value = value.astype(np.float64)
    if value.size and bool((value >= low).all()) and bool((value <= high).all()):
        return None
    if not value.size or not bool(np.isfinite(value).all()):
        return Problem("not_finite", {"count": int((~np.isfinite(value)).sum())}, rule.hint)
    numbers = {"low": f"{value.min():.4g}", "high": f"{value.max():.4g}"}
    return Problem(rule.reason or "range", numbers, rule.hint)


def _normal(rule, value, got):
    """`want` is [2, ...]: the right mean and standard deviation of each draw."""
    verdict = statistics.judge_normal(rule, value, np.asarray(got.get(rule.other, np.nan)))
    return Problem(verdict[0], {}, verdict[1]) if verdict else None


def _layers(rule, value, _):
    """The layers with parameters, as a table of rows; `want` is sorted."""
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
    return "ae_layer_sizes" if len(ours) == len(theirs) else ""


def _layer_names(rows):
    """ "encoder [16, 3, 3, 3], ..." for the message."""
    parts = ("encoder", "decoder")
    kinds = {1: "BatchNorm2D", 4: "Conv"}
    names = [f"{parts[r[0]]} {kinds.get(r[1], '')} {[n for n in r[2:] if n]}" for r in sorted(rows)]
    return "; ".join(names[:4]) or "-"


def _parts(rule, value, _):
    """What stands in `encoder` and `decoder`: 0 nothing, 1 a layer, 2 Sequential, 3 a list."""
    codes = value.ravel().tolist()
    if codes == [2, 2]:
        return None
    for code, hint in ((3, "ae_list"), (0, "ae_part_missing"), (1, "ae_not_sequential")):
        if code in codes:
            return Problem("parts", {}, hint)
    return Problem("parts")


_RULES = {
    "close": _close,
    "form": _form,
    "same": _same,
    "differ": _differ,
    "within": _within,
    "normal": _normal,
    "layers": _layers,
    "parts": _parts,
}


def _reshaped(rule, value, want):
    """A single value in another shape, where only the value counts."""
    return value.reshape(want.shape) if rule.flat and value.size == want.size == 1 else value


def _known_mistake(check, values):
    """The hint id of the one known mistake that explains every value, or "".

    It has to match on every rule that knows mistakes, and to differ from the right answer on two of
    them (two independent inputs). Where two different hints fit, none is given.
    """
    known = [(r, mistakes_of(r)) for r in check.rules if r.kind == "close" and r.mistakes]
    names = {name for _, mistakes in known for name in mistakes}
    fitting = {n.split("~")[0] for n in names if _explains(n, known, values)}
    return fitting.pop() if len(fitting) == 1 else ""


def mistakes_of(rule):
    """The mistakes of a rule as a dict of arrays."""
    return rule.mistakes() if callable(rule.mistakes) else rule.mistakes


def _explains(name, known, values):
    telling = 0
    for rule, mistakes in known:
        value = np.asarray(values[rule.probe].get(rule.key, np.nan))
        claim = np.asarray(mistakes.get(name, rule.want))
        if value.dtype.kind not in "fiub":
            return False
        value = _reshaped(rule, value, claim)
        if value.shape != claim.shape or not _near(rule, value, claim):
            return False
        telling += claim.shape != np.shape(rule.want) or bool(
            (np.abs(claim - rule.want) > 10 * np.asarray(rule.tol)).any()
        )
    return telling >= 2


def _near(rule, value, claim):
    """Within the rule's tolerance of what the mistake returns, NaN where it returns NaN."""
    tol = rule.tol if np.shape(rule.tol) == claim.shape else np.max(rule.tol)
    with np.errstate(invalid="ignore"):
        near = np.abs(value - claim) <= tol + 1e-3 * np.abs(claim)
    return bool((near | (np.isnan(value) & np.isnan(claim))).all())


def _own_hint(problems):
    """The first hint that a failing rule names itself: each stands for something observed."""
    return next((p.hint for p in problems if p.hint), "")


def _note(check, values, lang):
    """What to say beside a passed check: noise that NumPy drew, in float64."""
    drawn = [values[r.probe][r.key] for r in check.rules if r.kind == "normal"]
    return texts.hint("numpy_noise", lang) if any(v.dtype == np.float64 for v in drawn) else ""


def _asked(check, rule):
    """The call that a rule is about, with shapes: "kl_div_loss([5, 3], [5, 3])"; else its key."""
    probe = next(p for p in check.probes if p["id"] == rule.probe)
    arrays = probe["arrays"]
    for call in probe["params"].get("calls", ()):
        out = call["out"]
        if rule.key == out or rule.key.startswith((f"grad {out} ", f"after {out} ")):
            args = [
                _shape(arrays[a].shape) if isinstance(a, str) else a["value"] for a in call["args"]
            ]
            asked = f"{check.todo}({', '.join(map(str, args))})"
            return asked if rule.key == out else f"{asked}, {rule.key.split()[0]} {args_name(rule)}"
    return rule.key


def args_name(rule):
    """The argument's name in a key like "grad kl1 mu1", without the number of the call."""
    return rule.key.split(" ", 2)[-1].split()[-1].rstrip("0123456789")


def _shown(numbers, hidden):
    """Hidden checks tell neither the expected number nor the student's own."""
    if hidden and "where" in numbers:
        return {**numbers, "want": "", "got": ""}
    return numbers


def _shape(shape):
    return f"[{', '.join(map(str, shape))}]"
