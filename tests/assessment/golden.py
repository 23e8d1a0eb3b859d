"""Checks as files: inputs, right outputs and the outputs of known mistakes. No formulas.

One .npz a module, without pickle: the arrays by number, and a JSON text that refers to them.
"""

import json
from pathlib import Path

import numpy as np

from tests.assessment.judge import Check, with_context
from tests.assessment.rules import Rule

FOLDER = Path(__file__).parent / "golden"
_ARRAY = "array:"


def save(path, checks):
    """Write checks (list of Check) to `path`."""
    arrays = []
    derived = {"context": ()}  # `load` puts it back
    plain = [
        _packed(vars(c) | derived | {"rules": [vars(r) for r in c.rules]}, arrays) for c in checks
    ]
    named = {f"a{i}": a for i, a in enumerate(arrays)}
    np.savez_compressed(path, json=np.array(json.dumps(plain)), **named)


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


def _packed(value, arrays):
    """The value with every array replaced by "array:<number>"; equal arrays are kept once."""
    if isinstance(value, np.ndarray):
        same = (i for i, a in enumerate(arrays) if _equal(a, value))
        number = next(same, len(arrays))
        if number == len(arrays):
            arrays.append(value)
        return f"{_ARRAY}{number}"
    if isinstance(value, dict):
        return {n: _packed(v, arrays) for n, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_packed(v, arrays) for v in value]
    return value


def _equal(a, b):
    return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()


def _unpacked(value, arrays):
    if isinstance(value, str) and value.startswith(_ARRAY):
        return arrays[f"a{value.removeprefix(_ARRAY)}"]
    if isinstance(value, dict):
        return {n: _unpacked(v, arrays) for n, v in value.items()}
    if isinstance(value, list):
        return [_unpacked(v, arrays) for v in value]
    return value
