"""Where processes cannot be forked safely (macOS, Windows): a fresh interpreter for every call.

Slow, as each call imports Paddle, and with fewer layers of isolation; `isolation` says which. The
marks are as hard to forge: expected values stay in the grader, which compares values.
"""

import contextlib
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import threading

import numpy as np

from tests.grading import wire
from tests.grading.call import Call, Limits, WorkerError
from tests.grading.pool import MAX_FACTOR, ROOT, environment, remove, user

BOOT = (
    "import sys; sys.path[:] = [p for p in sys.path if p]; sys.path.insert(0, sys.argv[1]); "
    "from tests.grading import worker; worker.once(*sys.argv[2:])"
)
START_SECONDS = 60  # of wall clock beside the limit: to import Paddle


def can_fork():
    """Whether pool.Worker works here."""
    return sys.platform == "linux" and hasattr(socket, "send_fds")


class Spawner:
    """Same interface as pool.Worker."""

    def __init__(self, limits=None):
        self.limits = limits or Limits()
        self.versions = {}
        self._isolation = None

    def call(self, file, source, probe, seed=0, load_only=False):
        """Run one probe with a student's file; see pool.Worker.call."""
        nonce = secrets.token_hex(16)
        plain = {k: v for k, v in probe.items() if k != "arrays"}
        header = {"nonce": nonce, "file": file, "seed": seed, "probe": plain}
        arrays = {**probe["arrays"], "source": np.frombuffer(source.encode(), np.uint8)}
        calls = 1 if load_only else len(probe["params"].get("calls", [0]))
        cpu = self.limits.cpu * min(calls, MAX_FACTOR)
        request = wire.encode({**header, "load_only": load_only}, arrays)
        return self._run(cpu, request, nonce).reply()

    def isolation(self):
        """What holds a child back; see pool.Worker.isolation."""
        if self._isolation is None:
            final = self._run(self.limits.cpu, b"", "", test=__file__).final()
            if final is None:
                raise WorkerError("the self-test of the sandbox did not finish")
            self._isolation = {"user": user(), "layers": final[0]["found"]}
        return self._isolation

    def abort(self):
        """A call in progress ends by its own limit."""

    def close(self):
        """Nothing is left running between calls."""

    def _run(self, cpu, request, nonce, test=""):
        box = tempfile.mkdtemp(prefix="grade-")
        try:
            process = subprocess.Popen(
                [sys.executable, "-c", BOOT, str(ROOT), box, str(cpu), test],
                env=environment(box),
                cwd=box,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
            call = Call(process.pid, box, nonce, Limits(**{**vars(self.limits), "cpu": cpu}))
            self._converse(call, process, request)
            self.versions = call.messages[0][0].get("versions", {}) if call.messages else {}
            return call
        finally:
            remove(box)

    def _converse(self, call, process, request):
        """Send the request, collect the answer, end the process where it oversteps a limit."""
        reader = threading.Thread(target=_collect, args=(call, process.stdout), daemon=True)
        reader.start()
        with contextlib.suppress(OSError), process.stdin:
            process.stdin.write(request)
        reader.join(START_SECONDS + call.limits.cpu * 3)
        if reader.is_alive() and not call.cause:
            call.cause = "timeout"
        _end(process)
        reader.join(5)
        call.finish({"signal": _signal(process.wait()), "cpu": 0.0, "memory": 0})


def _signal(status):
    """The signal that ended a process, 0 for none; Windows has codes for crashes instead."""
    if status < 0:
        return -status
    return signal.SIGSEGV if status >= 0xC0000000 else 0


def _collect(call, stream):
    while call.take(stream.fileno()):
        pass


def _end(process):
    """Kill it, with all of its group where there are groups. It may have ended already."""
    if os.name == "posix":
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    process.poll() or process.kill()
