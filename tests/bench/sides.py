"""The measured processes as the parent sees them, and how they take turns."""

import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import time

from common.compute import environment
from common.runtime import ROOT

LIMIT = 120  # seconds that a process may take to answer


class Failed(Exception):
    """A side could not be measured; the text says why."""


class Side:
    """One process that works in blocks when it is told to, and is stopped in between.

    Args:
        python: its interpreter. module: "ours" or "theirs". spec: what to do (see there).
        environment: variables to add. limit: seconds that it may take for one answer.
    """

    COMMAND = None  # another one, in tests

    def __init__(self, python, module, spec, environment=None, limit=LIMIT):
        self.limit, self.began = limit, time.perf_counter()
        self.errors = tempfile.TemporaryFile("w+")  # noqa: SIM115 - closed by close()
        command = self.COMMAND or (python, "-m", f"tests.bench.{module}", json.dumps(spec))
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": self.errors}
        where = {"cwd": ROOT, "env": {**surroundings(), **(environment or {})}}
        self.process = subprocess.Popen(command, text=True, **pipes, **where)
        try:
            self.facts = self._answer()
        except Failed:
            self.close()
            raise
        self.first = time.perf_counter() - self.began  # start of the process to first unit

    def block(self, seconds, least=1):
        """What the process answers after a block of work: see Clock."""
        self._signal("SIGCONT")
        message = json.dumps({"seconds": seconds, "least": least})
        self.process.stdin.write(message + "\n")
        self.process.stdin.flush()
        return self._answer(seconds)

    def close(self):
        self._signal("SIGCONT")
        self.process.kill()
        self.process.communicate()
        self.errors.close()

    def _answer(self, more=0):
        ready, _, _ = select.select([self.process.stdout], [], [], self.limit + more)
        if not ready:
            raise Failed(f"no answer within {self.limit} s")
        line = self.process.stdout.readline()
        if not line:
            self.process.wait()
            self.errors.seek(0)
            lines = self.errors.read().strip().splitlines()
            raise Failed(lines[-1] if lines else f"ended with status {self.process.returncode}")
        self._signal("SIGSTOP")  # its threads would else spin for a while after the work
        return json.loads(line)

    def _signal(self, name):
        if hasattr(signal, name) and self.process.poll() is None:
            os.kill(self.process.pid, getattr(signal, name))


def surroundings():
    """The environment without what `common` set for this process: PyTorch shall choose itself."""
    ours = environment.inherited()
    return {name: value for name, value in os.environ.items() if name not in ours}


def in_turns(makers, rounds, seconds, least=1, warm=0.0, rare=()):
    """Blocks of every side in turns: a, b, c, a, b, c, ...

    Args:
        makers: {label: () -> Side}. rounds, seconds, least: of the blocks that are measured.
        warm: seconds of a first block that is thrown away; 0: none.
        rare: labels of slow sides that only take part in the first two rounds.

    Returns:
        {label: {"blocks": answers, "first": seconds, **facts}, or {"failed": why}}.
    """
    sides, results = {}, {}
    try:
        for label, make in makers.items():
            progress(label)
            try:
                sides[label] = make()
                results[label] = {"blocks": [], "first": sides[label].first, **sides[label].facts}
                if warm and label not in rare:
                    sides[label].block(warm)
            except Failed as error:
                results[label] = {"failed": str(error)}
                sides.pop(label, None)
        for turn in range(rounds):
            for label in [name for name in sides if turn < 2 or name not in rare]:
                progress(label)
                try:
                    results[label]["blocks"].append(sides[label].block(seconds, least))
                except Failed as error:
                    results[label] = {"failed": str(error)}
                    sides.pop(label).close()
    finally:
        for side in sides.values():
            side.close()
        progress("")
    return results


def progress(text):
    """A word on what is being measured, on a terminal."""
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)
