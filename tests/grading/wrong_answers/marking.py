"""Marks one answer in this process, for the tests of the checks; the grader uses children."""

import traceback
import types
from functools import cache

import numpy as np

from tests.assessment import probes as runner
from tests.assessment.judge import Failure, judge, skipped
from tests.grading.checks import checks, probes


@cache
def asked_of(todo, seed):
    """The checks of a TODO; the same ones serve for many answers."""
    return checks(todo, np.random.default_rng(seed))


def mark(source, todo, seed=3, lang="en"):
    """Outcomes by check id of one TODO for one source text."""
    asked = asked_of(todo, seed)
    values = {p["id"]: observe(source, p) for p in probes(asked)}
    outcomes = {}
    for check in asked:
        lacking = [n for n in check.needs if outcomes[n].status != "passed"]
        outcomes[check.id] = (
            skipped(check, lacking[0], lang) if lacking else judge(check, values, lang, source)
        )
    return outcomes


def load(source, probe):
    """The source as a module, with the notebook form's globals set before it runs."""
    module = types.ModuleType("answer")
    vars(module).update(runner.preset(probe, source))
    exec(compile(source, "answer.py", "exec"), vars(module))
    return module


def observe(source, probe):
    """The values of one probe, or a Failure."""
    try:
        return runner.run(probe, load(source, probe))
    except NotImplementedError as error:
        return Failure("unfinished", message=str(error))
    except runner.BadAnswer as error:
        return Failure("bad_answer", message=str(error))
    except Exception as error:
        frames = traceback.extract_tb(error.__traceback__)
        lines = [f.lineno for f in frames if f.filename == "answer.py"]
        return Failure("exception", type(error).__name__, str(error), (lines or [None])[-1])
