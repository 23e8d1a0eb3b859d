"""Writes the golden arrays of the student's copy: python -m tests.grading.make_golden.

The same checks as the grader's, with inputs that never change. Run it after a change of the checks;
tests/unit/assessment/test_checks.py says when that was forgotten.
"""

import json
from dataclasses import replace

import numpy as np

from tests.assessment import golden
from tests.assessment.judge import mistakes_of, with_context
from tests.grading.checks import TODOS, checks

SEED = 20201126
LARGEST = 500  # values; what known mistakes return is kept for small outputs only


def golden_checks(todo):
    """The checks of one TODO as the student's copy holds them: smaller, and not hidden."""
    number = [t.name for t in TODOS].index(todo)
    rng = np.random.default_rng([SEED, number])
    return with_context([_small(check) for check in checks(todo, rng, hidden=False)])


def path_of(file):
    """The golden file for an assignment file: "ae/assignment.py" -> golden/ae.npz."""
    return golden.FOLDER / f"{file.partition('/')[0]}.npz"


def _small(check):
    return replace(check, rules=tuple(_small_rule(rule) for rule in check.rules))


def _small_rule(rule):
    """float32 for everything large, and no mistakes where they would fill the file."""
    fields = {n: _narrow(v) for n, v in vars(rule).items()}
    keep = rule.kind == "close" and rule.want.size <= LARGEST
    mistakes = mistakes_of(rule) if keep else {}
    return replace(rule, **{**fields, "mistakes": {n: _narrow(v) for n, v in mistakes.items()}})


def _narrow(value):
    large = isinstance(value, np.ndarray) and value.dtype == np.float64 and value.size > 1
    with np.errstate(over="ignore"):
        return value.astype(np.float32) if large else value


def save(path, checks):
    """Write checks (list of Check) to `path`."""
    arrays = []
    derived = {"context": ()}  # golden.load puts it back
    plain = [
        _packed(vars(c) | derived | {"rules": [vars(r) for r in c.rules]}, arrays) for c in checks
    ]
    named = {f"a{i}": a for i, a in enumerate(arrays)}
    np.savez_compressed(path, json=np.array(json.dumps(plain)), **named)


def _packed(value, arrays):
    """The value with every array replaced by "array:<number>"; equal arrays are kept once."""
    if isinstance(value, np.ndarray):
        same = (i for i, a in enumerate(arrays) if _equal(a, value))
        number = next(same, len(arrays))
        if number == len(arrays):
            arrays.append(value)
        return f"{golden.ARRAY}{number}"
    if isinstance(value, dict):
        return {n: _packed(v, arrays) for n, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_packed(v, arrays) for v in value]
    return value


def _equal(a, b):
    return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()


def main():
    """Write one file for each module."""
    golden.FOLDER.mkdir(exist_ok=True)
    for file in dict.fromkeys(t.file for t in TODOS):
        found = [c for t in TODOS if t.file == file for c in golden_checks(t.name)]
        save(path_of(file), found)
        print(f"{path_of(file).name}: {path_of(file).stat().st_size / 1024:.0f} KB")


if __name__ == "__main__":
    main()
