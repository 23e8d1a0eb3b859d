"""Each trick is compared with Paddle's public way, once a process, before it is used.

`checked` decorates the comparison, and `in_force` tells how all of them ended.
"""

import importlib
import math
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass

import paddle

from common.compute import distributed, environment
from common.language import say

PADDLES = "Paddle's own"
_MODULES = ("layers", "activation", "fast_adam", "data_parallel")  # with these come all checks
_SEVERAL = {"tcp_store"}  # checks of what only several processes use
_lock = threading.RLock()  # a check may ask for another one
_known = {}  # {name: Check}
_refused = {}  # {name: why it is not used, "" if it is}; absent: not compared yet


@dataclass
class Check:
    """One trick, the comparison that it has to pass, and what is used if it does not.

    Attributes:
        name: its name. switch: whether GENMODELS_FAST=-name turns it off.
        used: what the trick is, or () -> that. instead: the public way.
        agrees: () -> bool, the comparison. Any exception means no.
        needs: () -> why there is nothing to compare, "" if there is; that is not worth a line.
    """

    name: str
    used: str | Callable
    instead: str
    agrees: Callable
    needs: Callable
    switch: bool = True

    def __call__(self):
        """Whether the trick may be used; compared once a process, a refusal said on stderr."""
        if not self.wanted():
            return False
        if self.name not in _refused:
            with _lock:
                if self.name not in _refused:
                    _refused[self.name] = self.needs() or self._compare()
        return not _refused[self.name]

    def wanted(self):
        """Whether the user wants it; several processes need what has no switch."""
        if self.switch:
            return environment.fast(self.name)
        return environment.fast() or distributed.world_size() > 1

    def _compare(self):
        try:
            with paddle.utils.unique_name.guard(), paddle.enable_grad():
                why = "" if _undisturbed(self.agrees) else "answers otherwise"
        except Exception as error:  # whatever a changed Paddle may raise
            why = f"{type(error).__name__}: {str(error).strip().partition(chr(10))[0][:80]}"
        if why:
            say(f"{self.name}: {self.instead} instead of {self._used()} ({why})", file=sys.stderr)
        return why

    def _used(self):
        return self.used() if callable(self.used) else self.used

    def describe(self):
        """What is in force, in words."""
        if not self.wanted():
            return f"{self.instead}: switched off"
        return self._used() if self() else f"{self.instead}: {_refused[self.name]}"


def _nothing():
    return ""


def checked(name, used, instead=PADDLES, needs=_nothing, switch=True):
    """Decorator that makes a comparison (() -> bool) the `Check` of a trick, see there."""

    def decorate(agrees):
        _known[name] = Check(name, used, instead, agrees, needs, switch)
        return _known[name]

    return decorate


def _undisturbed(agrees):
    """agrees(), with Paddle's random generator as it was."""
    state = paddle.get_rng_state()
    try:
        return agrees()
    finally:
        paddle.set_rng_state(state)


def in_force():
    """{trick: what is used, or what instead and why}; makes the comparisons that are left."""
    for module in _MODULES:
        importlib.import_module(f"common.compute.{module}")
    if paddle.device.get_device() != "cpu":
        return {name: f"{check.instead}: not on a CPU" for name, check in _known.items()}
    several = distributed.world_size() > 1
    found = {n: check.describe() for n, check in _known.items() if several or n not in _SEVERAL}
    libraries = ", ".join(environment.openmp())
    found["threads"] = "a part of the batch a core" if environment.fast("threads") else "one"
    return {**found, "OpenMP": f"set by {libraries}" if libraries else "as it is: no library found"}


def close(a, b, tolerance=1e-4):
    """Whether two tensors (or None and None) agree to a share of the largest number."""
    if a is None or b is None:
        return a is b
    error = (a - b).abs().max()
    return a.shape == b.shape and bool(error <= tolerance * a.abs().max() + 1e-7)


def numbers(shape, start=-1.0):
    """A tensor for comparisons: all different, of both signs, in no regular order; not random."""
    angles = paddle.arange(math.prod(shape), dtype="float32") * 0.7390851 + start
    return angles.sin().reshape(shape)
