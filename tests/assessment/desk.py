"""The checks at the student's desk: runs the assignment file, judges, says what to do next."""

import warnings
from dataclasses import replace
from functools import cache, partial
from pathlib import Path

import numpy as np

from common.language import language
from common.training.diagnosis import guide
from tests.assessment import golden, repairs, texts
from tests.assessment.judge import Failure, judge, skipped
from tests.assessment.process import Process

ROOT = Path(__file__).parents[2]
# Whatever else is asked would meet the same.
_ENDS = ("syntax", "exit", "timeout", "crash")


def report(file, todo, root=ROOT):
    """What to tell the student about one TODO; "" if everything is right.

    Args:
        file: "ae/assignment.py" and so on, below `root`.
        todo: the name of the TODO.
        root: the student's tree.
    """
    lang, path = language(), root / file
    if not path.is_file():
        return texts.desk("no_file", lang, file=file)
    answer = Answer(path, lang)
    checks = golden.load(golden.FOLDER / f"{file.split('/')[0]}.npz", todo)
    outcomes = answer.outcomes(checks)
    if answer.unwritten(outcomes):
        return texts.desk("unfinished", lang, todo=todo, file=file, guide=guide(todo))
    if all(o.status == "passed" for o in outcomes.values()):
        for note in {o.note for o in outcomes.values() if o.note}:
            warnings.warn(note, stacklevel=2)
        return ""
    answer.mend(checks, outcomes)
    return "\n  ".join(_message(answer, todo, file, outcomes, lang))


@cache
def _process():
    return Process()


class Answer:
    """A student's file, and what it did."""

    def __init__(self, path, lang):
        self.path, self.lang = path, lang
        self.source = path.read_bytes()
        self.text = self.source.decode("utf-8", "replace")
        self.values = {}  # probe id -> arrays, or Failure
        self.printed = ("", 0)  # the beginning, and the number of lines

    def outcomes(self, checks):
        """Check id -> Outcome; after a failure that every call would meet, the rest waits."""
        outcomes, first = {}, None
        for check in checks:
            lacking = [n for n in check.needs if outcomes[n].status != "passed"]
            if first or lacking:
                outcomes[check.id] = skipped(check, first or lacking[0], self.lang)
                continue
            failed = [v for v in map(self._value, check.probes) if isinstance(v, Failure)]
            outcomes[check.id] = judge(check, self.values, self.lang, self.text)
            if any(f.kind in _ENDS for f in failed):
                first = check.id
        return outcomes

    def unwritten(self, outcomes):
        """Whether this TODO's own placeholder was met, not that of another one that it calls."""
        met = any(getattr(v, "kind", "") == "unfinished" for v in self.values.values())
        others = ("other_unwritten", "defined_twice")
        return met and all(o.hint_id not in others for o in outcomes.values())

    def mend(self, checks, outcomes):
        """Give the first check that fails a hint, where none has one and a small change helps."""
        bad = [c for c in checks if outcomes[c.id].status not in ("passed", "skipped")]
        ends = [v for v in self.values.values() if getattr(v, "kind", "") in _ENDS]
        if ends or any(outcomes[c.id].hint for c in bad):
            return
        asked = [bad[0], *(c for c in checks[:1] if c is not bad[0])]
        hint, shown = "kept", {}
        if not any(map(self._remembers, bad[0].probes)):
            passes = partial(self._passes, asked, checks)
            hint, shown = repairs.explain(self.text, bad[0].todo, passes)
        if hint:
            told = {"hint_id": hint, "hint": texts.hint(hint, self.lang, **shown)}
            outcomes[bad[0].id] = replace(outcomes[bad[0].id], **told)

    def _remembers(self, probe):
        """Whether the answers change with the order of the calls; each call has its own seed."""
        calls = [{**c, "seed": i} for i, c in enumerate(probe["params"].get("calls", ()))]
        turned = {**probe, "params": {**probe["params"], "calls": calls[::-1]}}
        values = self.values[probe["id"]], _process().observe(self.path, self.source, turned)[0]
        if any(isinstance(v, Failure) for v in values):
            return False
        return not all(np.allclose(*(v[c["out"]] for v in values), equal_nan=True) for c in calls)

    def _passes(self, asked, checks, source, everything):
        return self._right(asked, source) and (not everything or self._right(checks, source))

    def _right(self, checks, source):
        probes = {p["id"]: p for c in checks for p in c.probes}
        values = {i: _process().observe(self.path, source, p)[0] for i, p in probes.items()}
        return all(judge(c, values).status == "passed" for c in checks)

    def _value(self, probe):
        name = probe["id"]
        if name not in self.values:
            self.values[name], text, lines = _process().observe(self.path, self.source, probe)
            if lines > self.printed[1]:
                self.printed = text, lines
        return self.values[name]


def _message(answer, todo, file, outcomes, lang):
    """What does not hold, its hint, what else was asked, and one next step: a line each."""
    bad = {i: o for i, o in outcomes.items() if o.status not in ("passed", "skipped")}
    shown = next((i for i, o in bad.items() if o.hint), next(iter(bad)))
    told = bad[shown]
    lines = [texts.desk("failed", lang, todo=todo)]
    title = texts.title(shown, lang)
    lines.append(texts.desk("shown", lang, title=title, reason=told.reason))
    if told.hint:
        lines.append(texts.desk("hint", lang, hint=told.hint))
    if answer.printed[1]:
        lines.append(_printed(answer, lang))
    lines.append(_counts(outcomes, bad, shown, lang))
    return [*lines, texts.desk("next", lang, todo=todo, file=file, guide=guide(todo))]


def _printed(answer, lang):
    text, lines = answer.printed
    return texts.desk("printed", lang, lines=lines, text=" | ".join(text.split("\n"))[:80])


def _counts(outcomes, bad, shown, lang):
    """How many checks pass, which others do not, which wait or stopped for the same reason."""
    same = {i for i, o in bad.items() if i != shown and o.reason == bad[shown].reason}
    others = [i for i in bad if i != shown and i not in same]
    waiting = [i for i, o in outcomes.items() if i in same or o.status == "skipped"]
    passed = len(outcomes) - len(bad) - sum(o.status == "skipped" for o in outcomes.values())
    parts = [texts.desk("passed", lang, passed=passed, all=len(outcomes))]
    for name, ids in (("also", others), ("skipped", waiting)):
        if ids:
            names = texts.desk("between", lang).join(texts.title(i, lang) for i in ids)
            parts.append(texts.desk(name, lang, names=names))
    return "".join(parts)
