"""Small pieces that the checks are built from."""

from functools import cache

import numpy as np

from tests.assessment.judge import Check
from tests.assessment.rules import Rule

FLOAT32 = 1e-4  # relative; float32 formulas of a few terms are right to 5e-6


def f32(array):
    """float32, as the student gets it; the expected values are computed from the rounded ones."""
    return np.asarray(array, np.float32)


def f64(*arrays):
    """The same numbers in float64."""
    return [np.asarray(a, np.float64) for a in arrays]


def probe(todo, name, kind, arrays, **params):
    """A probe as data; its id is "<todo>/<name>"."""
    return {
        "id": f"{todo}/{name}",
        "todo": todo,
        "kind": kind,
        "arrays": {n: np.array(a, order="C") for n, a in arrays.items()},
        "params": params,
    }


def call(out, *args, grad=None, weight=None, after=False):
    """One call of a "calls" probe, see probes.py. Numbers in args stand for themselves."""
    given = [a if isinstance(a, str) else {"value": a} for a in args]
    extra = {"grad": list(grad)} if grad else {}
    return {"out": out, "args": given, "after": after, "weight": weight, **extra}


def check(todo, name, points, rules, probes, needs=(), unless=()):
    """A Check; its id is "<todo>/<name>"."""
    needed, refuting = (tuple(f"{todo}/{n}" for n in names) for names in (needs, unless))
    return Check(f"{todo}/{name}", todo, points, tuple(probes), tuple(rules), needed, refuting)


def close(of, key, want, tol, **options):
    """Equal to `want` within `tol`, which has the shape of `want` or is one number."""
    tol = np.asarray(tol, np.float64)
    return Rule("close", of["id"], key, np.asarray(want, np.float64), tol, **options)


def form(of, key, shape):
    """The shape of the answer, and float32."""
    return Rule("form", of["id"], key, np.array(shape, np.int64), dtype="float32")


KEPT = {"reason": "kept", "hint": "kept"}
ONE_SIZE = {"reason": "one_size", "hint": "one_size"}


def another_size(rng, size, low=2, high=8):
    """A size that differs from `size` in every place, drawn so that nobody can know it."""
    return tuple(int(rng.choice([n for n in range(low, high) if n != old])) for old in size)


def unchanged(of, out, names):
    """The arguments of a call, the tables and the generators are what they were before it."""
    arrays = of["arrays"]
    options = {"reason": "input_changed", "hint": "input_changed"}
    inputs = [close(of, f"after {out} {n}", arrays[n], 0.0, **options) for n in names]
    others = {"resets": "seed_reset", "tables": "tables_changed"}
    return inputs + [close(of, n, 0, 0.0, reason=r, hint=r) for n, r in others.items()]


def known(mistakes, *args):
    """A function that computes, once: hint id -> the array that this mistake returns for `args`."""

    @cache
    def claims():
        with np.errstate(all="ignore"):  # a known mistake may overflow; that is part of its value
            return {name: np.asarray(f(*args), np.float64) for name, f in mistakes.items()}

    return claims
