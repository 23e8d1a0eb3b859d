"""One submission -> marks: run the probes in the worker, judge the values here. No Paddle."""

import hashlib
import hmac
import re
from dataclasses import replace
from functools import cache

import numpy as np

from tests.assessment import judge, texts
from tests.assessment.judge import Failure, Outcome
from tests.grading import checks
from tests.grading.archives import Refused
from tests.grading.call import ENDED
from tests.grading.inert import inert
from tests.grading.messages import say

_DECIMALS = re.compile(r"\d\.\d\d\d")
_ORDER = ("timeout", "crash", "memory", "error")  # the first one that occurs names the TODO


class Marker:
    """Marks submissions with one worker."""

    def __init__(self, worker, seed, lang):
        self.worker, self.seed, self.lang = worker, seed, lang

    def todos(self, submission, names):
        """todo -> {"score", "max_score", "status", "checks"} for the TODOs in `names`, in order."""
        found = {}
        for file in dict.fromkeys(t.file for t in checks.TODOS):
            wanted = [t for t in checks.TODOS if t.file == file and t.name in names]
            if wanted:
                found |= self._file(submission, file, wanted)
        return found

    def _file(self, submission, name, todos):
        problem = submission.problem or _problem(submission.files.get(name), name)
        if problem is not None:
            return {t.name: self._refused(submission, t, problem) for t in todos}
        file = submission.files[name]
        failure = self._load_failure(file, todos[0])
        return {t.name: self._todo(submission, t, file, failure) for t in todos}

    def _refused(self, submission, todo, problem):
        """Marks for a TODO whose file is not there or cannot be read as text."""
        status = "missing" if problem.key == "missing_file" else "error"
        outcome = Outcome(status, problem.say(self.lang))
        questions = self._checks(submission.identity, todo)
        return summary(todo, [(c, outcome) for c in questions], self.lang)

    def _load_failure(self, file, todo):
        """Why the file does not even run, or None. The inputs at hand are not the hidden ones."""
        probe = next(iter(_public_probes(todo.name).values()))
        answer = self.worker.call(file.path, file.text, probe, load_only=True).values
        return self._spoken(answer) if isinstance(answer, Failure) else None

    def _todo(self, submission, todo, file, failure):
        outcomes, values, said = {}, {}, {}
        stopped = failure
        questions = self._checks(submission.identity, todo)
        for check in questions:
            missed = next((n for n in check.needs if outcomes[n].status != "passed"), None)
            if missed is not None:
                outcomes[check.id] = judge.skipped(check, missed, self.lang)
                continue
            for probe in check.probes:
                if probe["id"] not in values:
                    values[probe["id"]] = stopped or self._probe(submission, file, probe, said)
                    stopped = stopped or _final(values[probe["id"]])
            outcomes[check.id] = self._judge(check, values)
        return summary(todo, [(c, outcomes[c.id]) for c in questions], self.lang)

    def _checks(self, identity, todo):
        return checks.checks(todo.name, generator(self.seed, identity, todo.name))

    def _probe(self, submission, file, probe, said):
        """The values of one probe, or a Failure. said: what Failures of this TODO said so far."""
        seed = int(generator(self.seed, submission.identity, probe["id"]).integers(2**31))
        answer = self.worker.call(file.path, file.text, probe, seed).values
        if not isinstance(answer, Failure):
            return answer
        if answer.message and answer.kind != "crash":
            place = (answer.kind, answer.type, answer.line)
            if place not in said:
                said[place] = self._public_message(file, probe, place)
            answer = replace(answer, message=said[place])
        return self._spoken(answer)

    def _public_message(self, file, probe, place):
        """What the same failure says with inputs that are no secret.

        Code may raise ValueError(inputs), so nothing that a process with hidden inputs says is
        shown. Where the failure comes again without them, its message is harmless.
        """
        twin = _public_probes(probe["todo"]).get(probe["id"])
        answer = self.worker.call(file.path, file.text, twin).values if twin else None
        same = isinstance(answer, Failure) and (answer.kind, answer.type, answer.line) == place
        if same and len(_DECIMALS.findall(answer.message)) < 2:  # numbers would only mislead
            return answer.message
        return say("kept_back", self.lang)

    def _spoken(self, failure):
        """A Failure with the grader's own words in the student's language, others inert."""
        if failure == ENDED:
            return replace(failure, message=say("ended", self.lang))
        return replace(failure, message=inert(failure.message, 4000, lines=40))

    def _judge(self, check, values):
        try:
            with np.errstate(all="ignore"):
                return judge.judge(check, values, self.lang)
        except (ValueError, TypeError, IndexError, ArithmeticError, MemoryError):
            # arrays of a shape that no honest code returns
            unusable = {p["id"]: Failure("malformed") for p in check.probes}
            return judge.judge(check, unusable, self.lang)


def generator(seed, *names):
    """A NumPy generator for (seed, names) alone: the same inputs in every run."""
    digest = hmac.new(str(seed).encode(), "\0".join(names).encode(), hashlib.sha256).digest()
    return np.random.default_rng(int.from_bytes(digest, "big"))


@cache
def _public_probes(todo):
    """id -> probe, with inputs that anybody may know."""
    found = checks.checks(todo, np.random.default_rng(0))
    return {p["id"]: p for p in checks.probes(found)}


def summary(todo, outcomes, lang):
    """The record of one TODO from its (check, outcome) pairs."""
    entries = [_entry(check, outcome, lang) for check, outcome in outcomes]
    return {
        "score": round(sum(e["score"] for e in entries), 2),
        "max_score": todo.points,
        "status": status([e["status"] for e in entries]),
        "checks": entries,
    }


def status(found):
    """The status of a TODO from those of its checks."""
    if all(s == "passed" for s in found):
        return "passed"
    if {"missing"} <= set(found) <= {"missing", "skipped"}:
        return "missing"
    return next((s for s in _ORDER if s in found), "failed")


def _entry(check, outcome, lang):
    passed = outcome.status == "passed"
    reason = " ".join(filter(None, [outcome.reason, outcome.note]))
    return {
        "id": check.id,
        "title": texts.title(check.id, lang),
        "status": outcome.status,
        "reason": inert(reason, 600, lines=8),
        "hint": inert(outcome.hint, 1500, lines=20),
        "hint_id": outcome.hint_id,
        "score": check.points if passed else 0,
        "max_score": check.points,
    }


def _problem(file, name):
    if file is None:
        return Refused("missing_file", file=name, short=name.split("/")[0] + ".py")
    return file.problem


def _final(answer):
    """The answer if it is one that every further probe would meet too, at the same cost."""
    return answer if isinstance(answer, Failure) and answer.kind == "timeout" else None
