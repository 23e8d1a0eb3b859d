"""Marks one answer in this process, for the tests of the checks; the grader uses children."""

import types

import numpy as np

from tests.grading.checks import checks, probes
from tests.todo import probes as runner
from tests.todo.judge import Failure, judge, skipped


def mark(source, todo, rng=None, lang="en"):
    """Outcomes by check id of one TODO for one source text. rng: numpy Generator."""
    asked = checks(todo, rng or np.random.default_rng(0))
    values = {p["id"]: observe(source, p) for p in probes(asked)}
    outcomes = {}
    for check in asked:
        lacking = [n for n in check.needs if outcomes[n].status != "passed"]
        given = {p["id"]: values[p["id"]] for p in check.probes}
        outcomes[check.id] = (
            skipped(check, lacking[0], lang) if lacking else judge(check, given, lang)
        )
    return outcomes


def load(source, probe):
    """The source as a module, with the notebook form's globals set before it runs."""
    module = types.ModuleType("answer")
    vars(module).update(runner.preset(probe))
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
        return Failure("exception", type(error).__name__, str(error))
