"""Where processes cannot be forked safely (macOS, Windows): a fresh interpreter for every call.

Slow, as each call imports Paddle, and with fewer layers of isolation; `isolation` says which. As
with a Worker, expected values stay in the grader; what else can be read is for the layers.
"""

import contextlib
import json
import math
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import weakref

from tests.grading.boxes import remove, too_big
from tests.grading.call import Call, Limits, WorkerError
from tests.grading.pool import (
    environment,
    limits_of,
    private_copy,
    request_of,
    secret_files,
    user,
    writable_by_all,
)

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

    def __init__(self, limits=None, secrets=()):
        self.limits = limits or Limits()
        self.versions = {}
        self.left = []
        self._secrets = secrets
        self._isolation = None
        self._folder = self._code = None

    def call(self, file, source, probe, seed=0, load_only=False, seconds=math.inf):
        """Run one probe with a student's file; see pool.Worker.call."""
        nonce, request = request_of(file, source, probe, seed, load_only)
        call = self._run(limits_of(self.limits, probe, load_only).within(seconds), request, nonce)
        call.lines = len(source.splitlines()) + 1
        return call.reply()

    def isolation(self):
        """What holds a child back; see pool.Worker.isolation."""
        if self._isolation is None:
            with writable_by_all() as writable:
                test = json.dumps([secret_files(self._secrets), writable])
                final = self._run(self.limits, b"", "", test).final()
            if final is None:
                raise WorkerError("the self-test of the sandbox did not finish")
            self._isolation = {"user": user(), "layers": final[0]["found"]}
        return self._isolation

    def abort(self):
        """A call in progress ends by its own limit."""

    def close(self):
        """Remove the copy of the modules; nothing is left running between calls."""
        if self._folder is not None:
            self._remove(self._folder)
        self._folder = None

    def _remove(self, folder):
        if not remove(folder):
            self.left.append(folder)

    def _run(self, limits, request, nonce, test=""):
        if self._folder is None:
            self._folder = tempfile.mkdtemp(prefix="grade-")
            weakref.finalize(self, remove, self._folder)  # should nobody call close()
            self._code = private_copy(self._folder)
        box = tempfile.mkdtemp(dir=self._folder)
        try:
            process = subprocess.Popen(
                [sys.executable, "-c", BOOT, self._code, box, str(limits.cpu), test],
                env=environment(box),
                cwd=box,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
            call = Call(process.pid, box, nonce, limits)
            self._converse(call, process, request)
            self.versions = call.messages[0][0].get("versions", {}) if call.messages else {}
            return call
        finally:
            self._remove(box)

    def _converse(self, call, process, request):
        """Send the request, collect the answer, end the process where it oversteps a limit."""
        reader = threading.Thread(target=_collect, args=(call, process.stdout), daemon=True)
        reader.start()
        with contextlib.suppress(OSError), process.stdin:
            process.stdin.write(request)
        self._watch(call, reader)
        _end(process)
        reader.join(5)
        call.finish({"signal": _signal(process.wait()), "cpu": 0.0, "memory": 0})

    def _watch(self, call, reader):
        """Wait until everything is read, the time is over, or the box is too large."""
        allowed = min(call.limits.cpu * 3, call.limits.wall)
        end = time.monotonic() + START_SECONDS + allowed
        while reader.is_alive() and not call.cause:
            reader.join(0.1)
            if time.monotonic() > end:
                call.cause = "timeout"
            elif too_big(call.box, call.limits.box_files, call.limits.box_bytes):
                call.cause = "output"


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
