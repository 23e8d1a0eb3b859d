"""One submission -> marks: run the probes in the worker, judge the values here. No Paddle."""

import hashlib
import hmac
import re
import time
from dataclasses import replace
from functools import cache

import numpy as np

from tests.assessment import judge, texts
from tests.assessment.judge import Failure, Outcome
from tests.grading import checks
from tests.grading.archives import Refused
from tests.grading.call import ENDED, TOO_MANY_THREADS, Reply
from tests.grading.inert import inert
from tests.grading.messages import say

_DECIMALS = re.compile(r"\d\.\d\d\d")
SECONDS = 150  # of one submission, whatever it does
RESERVE = 12  # of these are kept for every TODO that is still to come
_FIXED = ("timeout", "memory", "output", "malformed")  # told in the grader's own words alone
_ORDER = ("timeout", "crash", "memory", "error")  # the first one that occurs names the TODO


class Marker:
    """Marks submissions with one worker."""

    def __init__(self, worker, seed, lang):
        self.worker, self.seed, self.lang = worker, seed, lang
        self._until = 0.0  # when the calls of the TODO in hand have to be over
        self._broken = {}  # id of a file that may not even run -> why (a Failure), or None

    def todos(self, submission, names):
        """todo -> {"score", "max_score", "status", "checks"} for the TODOs in `names`, in order."""
        found, self._broken = {}, {}
        end = time.monotonic() + SECONDS
        wanted = [t for t in checks.TODOS if t.name in names]
        for position, todo in enumerate(wanted):
            self._until = end - RESERVE * (len(wanted) - 1 - position)
            file = submission.files.get(todo.file)
            problem = submission.problem or _problem(file, todo.file)
            if problem is not None:
                found[todo.name] = self._refused(submission, todo, problem)
                continue
            found[todo.name] = self._todo(submission, todo, file)
        return found

    def _refused(self, submission, todo, problem):
        """Marks for a TODO whose file is not there or cannot be read as text."""
        status = "missing" if problem.key == "missing_file" else "error"
        outcome = Outcome(status, problem.say(self.lang))
        questions = self._checks(submission.identity, todo)
        return summary(todo, [(c, outcome) for c in questions], self.lang)

    def _todo(self, submission, todo, file):
        """Ask every check with hidden inputs; what is told of a failure comes from public ones."""
        outcomes, hidden, public = {}, {}, {}
        questions = self._checks(submission.identity, todo)
        seed = self._seed_of(submission)
        for check in questions:
            missed = next((n for n in check.needs if outcomes[n].status != "passed"), None)
            if missed is not None:
                outcomes[check.id] = judge.skipped(check, missed, self.lang)
                continue
            self._observe(check, file, hidden, seed)
            outcomes[check.id] = outcome = self._judge(_bare(check), hidden)
            if outcome.status != "passed":
                twin = _public_checks(todo.name)[check.id]
                outcomes[check.id] = self._told(outcome, twin, file, hidden, public)
        self._void(questions, outcomes)
        return summary(todo, [(c, outcomes[c.id]) for c in questions], self.lang)

    def _void(self, questions, outcomes):
        """Take back what anybody could have passed, where another check shows that it is hollow."""
        for check in questions:
            for other in check.unless:
                refuted = outcomes[other].status not in ("passed", "skipped")
                if refuted and outcomes[check.id].status == "passed":
                    outcomes[check.id] = judge.skipped(check, other, self.lang)

    def _checks(self, identity, todo):
        return checks.checks(todo.name, generator(self.seed, identity, todo.name))

    def _seed_of(self, submission):
        """probe -> the seed of all generators in its process."""
        names = (self.seed, submission.identity)
        return lambda probe: int(generator(*names, probe["id"]).integers(2**31))

    def _observe(self, check, file, values, seed):
        """Run the probes of a check that have not been run; a timeout is the last one."""
        for probe in check.probes:
            if probe["id"] not in values:
                stopped = next(filter(_final, values.values()), None)
                values[probe["id"]] = stopped or self._ask(file, probe, seed(probe))

    def _ask(self, file, probe, seed):
        """The values of one probe, or a Failure: for all of them, where the file does not run."""
        if not self._broken.get(id(file)):
            reply = self._call(file, probe, seed)
            if reply.loaded or self._runs(file, reply.values, probe["todo"]):
                return reply.values
        return self._broken[id(file)]

    def _runs(self, file, seen, todo):
        """Whether a file comes to its end, with inputs that are not hidden.

        seen: the Failure of a probe that never got that far.
        """
        if id(file) not in self._broken:
            probe = next(iter(_public_checks(todo).values())).probes[0]
            reply = None if _final(seen) else self._call(file, probe, load_only=True)
            answer = reply.values if reply else seen
            self._broken[id(file)] = answer if isinstance(answer, Failure) else None
        return self._broken[id(file)] is None

    def _call(self, file, probe, seed=0, load_only=False):
        """The worker's Reply; a Failure in it is worded for the student."""
        left = self._until - time.monotonic()
        if left <= 0:
            return Reply(Failure("timeout"), True)
        reply = self.worker.call(file.path, file.text, probe, seed, load_only, left)
        failed = isinstance(reply.values, Failure)
        return replace(reply, values=self._spoken(reply.values)) if failed else reply

    def _told(self, outcome, twin, file, hidden, public):
        """What may be said of a failure: what the same check says about inputs that are no secret.

        A process that sees hidden inputs can put them into a message, a line number, a shape or
        the choice of its mistake. So of its failure only the kind is told, unless the public
        inputs bring the same kind: then their whole story is.
        """
        first = next((v for p in twin.probes if isinstance(v := hidden[p["id"]], Failure)), None)
        if first is not None and (self._broken.get(id(file)) or first.kind in _FIXED):
            return self._judge(twin, hidden, file.text)  # without a word of the hidden inputs
        self._observe(twin, file, public, lambda _: 0)
        known = {p["id"]: self._without_numbers(public[p["id"]]) for p in twin.probes}
        told = self._judge(twin, {**public, **known}, file.text)
        if told.status == outcome.status:
            return told
        return Outcome(outcome.status, say("kept_back", self.lang))

    def _without_numbers(self, answer):
        """A Failure whose message has no numbers of inputs that the student does not know."""
        if isinstance(answer, Failure) and len(_DECIMALS.findall(answer.message)) >= 2:
            return replace(answer, message=say("message_kept_back", self.lang))
        return answer

    def _spoken(self, failure):
        """A Failure with the grader's own words in the student's language, others inert."""
        own = {ENDED: "ended", TOO_MANY_THREADS: "threads"}.get(failure)
        if own is not None:
            return replace(failure, message=say(own, self.lang))
        return replace(failure, message=inert(failure.message, 4000, lines=40))

    def _judge(self, check, values, source=""):
        """The outcome; with the student's file, hints to what stands in it, too."""
        try:
            with np.errstate(all="ignore"):
                return judge.judge(check, values, self.lang, source)
        except Exception:  # arrays of a kind that no honest code returns
            unusable = {p["id"]: Failure("malformed") for p in check.probes}
            return judge.judge(check, unusable, self.lang)


def generator(seed, *names):
    """A NumPy generator for (seed, names) alone: the same inputs in every run."""
    digest = hmac.new(str(seed).encode(), "\0".join(names).encode(), hashlib.sha256).digest()
    return np.random.default_rng(int.from_bytes(digest, "big"))


@cache
def _public_checks(todo):
    """id -> check, with inputs that anybody may know."""
    return {c.id: c for c in checks.checks(todo, np.random.default_rng(0))}


def _bare(check):
    """The check without its known mistakes: whether it passes, found out fast."""
    rules = (r if r.kind == "resembles" else replace(r, mistakes={}) for r in check.rules)
    return replace(check, rules=tuple(rules), context=())


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
