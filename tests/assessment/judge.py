"""Compares what a TODO function did with what was expected. NumPy only, no Paddle.

A `Check` is a value: which probes to run (see probes.py), and rules about what they return. `judge`
turns the values into an `Outcome`. It runs in the process that holds the expected values; the
student's code runs elsewhere and sends back plain arrays.
"""

from dataclasses import dataclass, replace

import numpy as np

from tests.assessment import failures, texts
from tests.assessment.rules import problem, reshaped, shape_text


@dataclass(frozen=True)
class Check:
    """A question about one TODO, with its points.

    needs: ids of checks that have to pass first. unless: ids of checks whose failure makes this one
    worthless, as its answer can be known without the work. context: rules of the TODO's first
    check; a known mistake has to explain their values, too, before its hint is given.
    """

    id: str
    todo: str
    points: float
    probes: tuple
    rules: tuple
    needs: tuple = ()
    unless: tuple = ()
    hidden: bool = True
    context: tuple = ()


@dataclass(frozen=True)
class Failure:
    """A probe that brought no values.

    kind: "exception", "unfinished", "bad_answer", "unusable", "missing", "syntax", "exit",
        "timeout", "memory", "crash", "output" or "malformed".
    type, message, line: of the student's exception.
    cell: the code cell of a notebook in which the line stands.
    """

    kind: str
    type: str = ""
    message: str = ""
    line: int | None = None
    cell: int | None = None


@dataclass(frozen=True)
class Outcome:
    """status: passed, failed, skipped, error, timeout, memory, crash or missing."""

    status: str
    reason: str = ""
    hint_id: str | None = None
    hint: str = ""
    note: str = ""


FAILURE_STATUS = {
    "exception": "error",
    "syntax": "error",
    "exit": "error",
    "unfinished": "failed",
    "unusable": "failed",
    "bad_answer": "failed",
    "output": "failed",
    "malformed": "failed",
}


def judge(check, values, lang="en", source=""):
    """The outcome of one check.

    Args:
        check: Check.
        values: probe id -> dict of arrays, or Failure.
        lang: "en" or "zh".
        source: the student's file as text, for the hints to an exception.

    Returns:
        Outcome with texts in that language.
    """
    for probe in check.probes:
        answer = values.get(probe["id"], Failure("missing"))
        if isinstance(answer, Failure):
            return _failure_outcome(check, probe, answer, lang, source)
    with np.errstate(all="ignore"):  # the values may be anything
        found = [(rule, problem(rule, values[rule.probe])) for rule in check.rules]
    problems = [p for _, p in found if p]
    if not problems:
        return Outcome("passed", note=_note(check, values, lang))
    first = problems[0]
    rule = next(r for r, p in found if p is first)
    hint, shown = _hint(check, values, problems, source)
    numbers = _worded(first.numbers, lang) | {"what": _asked(check, rule, lang)}
    reason = texts.reason(first.reason, lang, **_shown(numbers, check.hidden))
    return Outcome("failed", reason, hint or None, texts.hint(hint, lang, **shown))


def _hint(check, values, problems, source):
    """(hint id, what its text shows): what the source says without doubt, else the values."""
    first = problems[0]
    hint = _known_mistake(check, values) or _own_hint(problems)
    reason = "not_repeated" if hint == "fresh_noise" else first.reason
    seen = Failure(reason, message=str(first.numbers))
    told = failures.explain(check.todo, seen, check.probes[0], source)
    if told[0] in failures.FIRST or not (hint or _goes_on(first, check, values)):
        return told
    return hint, {}


def _goes_on(first, check, values):
    """NaN where the first check failed already: what is said there is enough."""
    seen = ((r, values.get(r.probe)) for r in check.context)
    failed = any(problem(r, brought) for r, brought in seen if isinstance(brought, dict))
    return first.reason == "not_finite" and failed


def with_context(checks):
    """The same checks of one TODO, where each but the first has the first one as its context."""
    first = tuple(r for r in checks[0].rules if r.kind == "close" and r.mistakes)
    return [checks[0], *(replace(c, context=first) for c in checks[1:])]


def skipped(check, needed, lang="en"):
    """The outcome of a check whose needed check did not pass."""
    return Outcome("skipped", texts.reason("skipped", lang, needed=texts.title(needed, lang)))


def _failure_outcome(check, probe, failure, lang, source):
    absent = failure.kind == "bad_answer" and failure.message.startswith("the file ")
    status = "missing" if absent else FAILURE_STATUS.get(failure.kind, failure.kind)
    hint, shown = failures.explain(check.todo, failure, probe, source)
    place = "cell" if failure.cell else "line"
    name = failures.function_at(source, None, failure.line)
    place = "function" if place == "line" and name and failure.kind == "syntax" else place
    where = texts.reason(place, lang, cell=failure.cell, line=failure.line, name=name)
    where = texts.reason("where", lang, place=where) if failure.line else ""
    reason = texts.reason(
        failure.kind,
        lang,
        todo=check.todo,
        type=failure.type,
        message=texts.failure_message(failure, lang),
        where=where,
    )
    return Outcome(status, reason, hint or None, texts.hint(hint, lang, **shown))


def _known_mistake(check, values):
    """The hint id of the one known mistake that explains every value, or "".

    It has to match on every rule that knows mistakes, to differ from the right answer on two
    independent inputs, and to explain what the first check of the TODO saw. Where two
    different hints fit, none is given.
    """
    own = [(r, mistakes_of(r)) for r in check.rules if r.kind == "close" and r.mistakes]
    seen = (r for r in check.context if isinstance(values.get(r.probe), dict))
    context = [(r, mistakes_of(r)) for r in seen] if own else []
    names = {name for _, mistakes in own for name in mistakes}
    fitting = {n.split("~")[0] for n in names if _explains(n, own, context, values)}
    return fitting.pop() if len(fitting) == 1 else ""


def mistakes_of(rule):
    """The mistakes of a rule as a dict of arrays."""
    return rule.mistakes() if callable(rule.mistakes) else rule.mistakes


def _explains(name, own, context, values):
    """Every value is what the mistake returns, and it shows: in this check, and on two inputs."""
    for rule, mistakes in own + context:
        value = np.asarray(values[rule.probe].get(rule.key, np.nan))
        claim = np.asarray(mistakes.get(name, rule.want))
        if value.dtype.kind not in "fiub":
            return False
        value = reshaped(rule, value, claim)
        if value.shape != claim.shape or not _near(rule, value, claim):
            return False
    here = sum(_shows(name, *pair) for pair in own)
    return here >= 1 and here + sum(_shows(name, *pair) for pair in context) >= 2


def _shows(name, rule, mistakes):
    """The mistake returns something here that is clearly not the right answer."""
    claim = np.asarray(mistakes.get(name, rule.want))
    if claim.shape != np.shape(rule.want):
        return True
    return bool((np.abs(claim - rule.want) > 10 * np.asarray(rule.tol)).any())


def _near(rule, value, claim):
    """Within the rule's tolerance of what the mistake returns, NaN where it returns NaN."""
    tol = rule.tol if np.shape(rule.tol) == claim.shape else np.max(rule.tol)
    with np.errstate(all="ignore"):
        near = np.abs(value - claim) <= tol + 1e-3 * np.abs(claim)
    return bool((near | (np.isnan(value) & np.isnan(claim))).all())


def _own_hint(problems):
    """The first hint that a failing rule names itself: each stands for something observed."""
    return next((p.hint for p in problems if p.hint), "")


def _note(check, values, lang):
    """What to say beside a passed check: noise that NumPy drew, in float64."""
    drawn = [values[r.probe][r.key] for r in check.rules if r.kind == "normal"]
    return texts.hint("numpy_noise", lang) if any(v.dtype == np.float64 for v in drawn) else ""


def _asked(check, rule, lang):
    """The inputs of the call that a rule is about: "inputs of shape [5, 3], [5, 3]"."""
    probe = next(p for p in check.probes if p["id"] == rule.probe)
    for call in probe["params"].get("calls", ()):
        if rule.key.split(" ", 1)[-1].startswith(call["out"]) or rule.key == call["out"]:
            tensors = [probe["arrays"][a].shape for a in call["args"] if isinstance(a, str)]
            numbers = [str(a["value"]) for a in call["args"] if not isinstance(a, str)]
            shapes = ", ".join(map(shape_text, tensors))
            asked = texts.reason("inputs", lang, shapes=shapes)
            more = texts.reason("numbers", lang, numbers=", ".join(numbers))
            return asked + (more if numbers else "")
    return texts.reason("output", lang)


def _worded(numbers, lang):
    """The place and the count in words, each only where there is more than one value."""
    where = texts.reason("element", lang, **numbers) if numbers.get("where") else ""
    count = texts.reason("several", lang, **numbers) if numbers.get("total", 1) > 1 else ""
    return {"count": count, **numbers, "where": where}


def _shown(numbers, hidden):
    """Hidden checks tell neither the expected number nor the student's own."""
    return {**numbers, "want": "", "got": ""} if hidden and "wrong" in numbers else numbers
