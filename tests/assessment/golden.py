"""Checks as files: inputs, right outputs and the outputs of known mistakes. No formulas.

One .npz a module, without pickle: the arrays by number, and a JSON text that refers to them.
"""

import json
from pathlib import Path

import numpy as np

from tests.assessment.judge import Check, with_context
from tests.assessment.rules import Rule

FOLDER = Path(__file__).parent / "golden"
ARRAY = "array:"  # before the number of an array in the JSON


def load(path, todo):
    """The checks of one TODO in `path`, in order."""
    with np.load(path, allow_pickle=False) as file:
        plain = json.loads(str(file["json"]))
        arrays = {name: file[name] for name in file.files if name != "json"}
    found = [_unpacked(c, arrays) for c in plain if c["todo"] == todo]
    return with_context([_check(c) for c in found])


def _check(fields):
    rules = tuple(Rule(**r) for r in fields["rules"])
    lists = {n: tuple(fields[n]) for n in ("probes", "needs", "context")}
    return Check(**{**fields, **lists, "rules": rules})


def _unpacked(value, arrays):
    if isinstance(value, str) and value.startswith(ARRAY):
        return arrays[f"a{value.removeprefix(ARRAY)}"]
    if isinstance(value, dict):
        return {n: _unpacked(v, arrays) for n, v in value.items()}
    if isinstance(value, list):
        return [_unpacked(v, arrays) for v in value]
    return value
