"""The grader's end of a worker process: start it, have a probe run, watch limits, clean up.

No Paddle here. A `Worker` runs one call at a time; `grade.py` keeps one for each job.
"""

import contextlib
import json
import os
import secrets
import select
import shutil
import signal
import site
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from tests.grading import wire
from tests.grading.call import TICK, Call, Limits, WorkerError

ROOT = Path(__file__).resolve().parents[2]
MAX_FACTOR = 3  # a probe of several calls gets the CPU time of at most this many
START_SECONDS = 180  # for `import paddle` on a busy machine
BOOT = (  # not by file name: its folder would be the first place to import from
    "import sys; sys.path[:] = [p for p in sys.path if p]; sys.path.insert(0, sys.argv[1]); "
    "from tests.grading import worker; worker.main(int(sys.argv[2]))"
)


class Worker:
    """One worker process. `with Worker() as worker: worker.call(...)`."""

    def __init__(self, limits=None):
        self.limits = limits or Limits()
        self.versions = {}
        self._isolation = None
        self._aborted = False
        self._process = None
        self._control = None
        self._inbox = b""
        self._folder = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def call(self, file, source, probe, seed=0, load_only=False):
        """Run one probe with a student's file; load_only: run the file and nothing else.

        Args:
            file: "vae/assignment.py", the name the student knows it by.
            source: str, its text.
            probe: {"id", "todo", "kind", "arrays", "params"}, see tests/assessment/probes.py.
            seed: int, of all generators at the start.

        Returns:
            Reply. Raises WorkerError if the worker cannot be started or the child not isolated.
        """
        nonce = secrets.token_hex(16)
        plain = {k: v for k, v in probe.items() if k != "arrays"}
        header = {"nonce": nonce, "file": file, "seed": seed, "probe": plain}
        header["load_only"] = load_only
        arrays = {**probe["arrays"], "source": np.frombuffer(source.encode(), np.uint8)}
        calls = 1 if load_only else len(probe["params"].get("calls", [0]))
        order = {"cpu": self.limits.cpu * min(calls, MAX_FACTOR)}
        return self._attempt(order, wire.encode(header, arrays), nonce).reply()

    def isolation(self):
        """What holds a child back, found out by trying: {"user": ..., "layers": {name: bool}}."""
        if self._isolation is None:
            self._isolation = {"user": user(), "layers": self._self_test()}
        return self._isolation

    def _self_test(self):
        call = self._attempt({"cpu": self.limits.cpu, "test": __file__}, b"", "")
        final = call.final()
        if final is None:
            raise WorkerError("the self-test of the sandbox did not finish")
        return final[0]["found"]

    def abort(self):
        """From another thread: end the call in progress, and do not start another one."""
        self._aborted = True
        if self._process is not None:
            self._process.kill()

    def close(self):
        """End the worker and whatever still runs in it; remove its boxes."""
        if self._control is not None:
            self._control.close()
        if self._process is not None:
            try:
                self._process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                os.killpg(self._process.pid, signal.SIGKILL)
                self._process.wait()
        if self._folder is not None:
            remove(self._folder)
        self._process = self._control = self._folder = None
        self._inbox = b""

    def _attempt(self, order, request, nonce):
        """One call; where the worker itself died, once more with a new one."""
        for attempt in (1, 2):
            try:
                if self._process is None:
                    self._start()
                return self._once(order, request, nonce)
            except (OSError, EOFError, WorkerError) as error:
                self.close()
                if attempt == 2:
                    raise WorkerError(f"the worker process does not work: {error}") from error
        raise AssertionError("not reached")

    def _start(self):
        if self._aborted:
            raise WorkerError("stopped")
        self._folder = tempfile.mkdtemp(prefix="grade-")
        self._control, theirs = socket.socketpair()
        command = [sys.executable, "-c", BOOT, str(ROOT), str(theirs.fileno())]
        with theirs, open(os.path.join(self._folder, "log"), "wb") as log:
            self._process = subprocess.Popen(
                command,
                env=environment(self._folder),
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=log,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        try:
            self.versions = self._receive(START_SECONDS)["ready"]["versions"]
        except (OSError, EOFError) as error:
            text = Path(self._folder, "log").read_text(errors="replace")[-2000:]
            self.close()
            raise WorkerError(f"the worker process did not start: {text.strip()}") from error

    def _once(self, order, request, nonce):
        box = tempfile.mkdtemp(dir=self._folder)
        (theirs_in, ours_out), (ours_in, theirs_out) = os.pipe(), os.pipe()
        try:
            message = json.dumps({**order, "run": box}).encode() + b"\n"
            socket.send_fds(self._control, [message], [theirs_in, theirs_out])
            os.close(theirs_in)
            os.close(theirs_out)
            pid = self._receive(START_SECONDS)["pid"]
            with contextlib.suppress(BrokenPipeError):  # the child is dead already
                _write_all(ours_out, request)
            os.close(ours_out)
            call = Call(pid, box, nonce, self._limits_of(order))
            self._watch(call, ours_in)
            return call
        finally:
            os.close(ours_in)
            remove(box)

    def _limits_of(self, order):
        factor = order["cpu"] / self.limits.cpu
        values = {**vars(self.limits), "cpu": order["cpu"], "wall": self.limits.wall * factor}
        return Limits(**values)

    def _watch(self, call, answer):
        """Collect the answer until the child has ended; end it where it oversteps a limit."""
        os.set_blocking(answer, False)
        waiting = {answer, self._control}
        while True:
            ready = select.select(waiting, [], [], TICK)[0]
            if answer in ready and not call.take(answer):
                waiting.discard(answer)
            call.look()
            if call.cause and not call.ended_by_us:
                call.ended_by_us = time.monotonic()
                self._control.sendall(b'{"kill": true}\n')
            if self._control in ready:
                end = self._receive(5)
                while call.take(answer):
                    pass
                return call.finish(end)
            if call.overdue():
                raise EOFError("it does not end its child")

    def _receive(self, seconds):
        """The next line of JSON from the worker. EOFError, TimeoutError (an OSError)."""
        self._control.settimeout(seconds)
        try:
            while b"\n" not in self._inbox:
                data = self._control.recv(65536)
                if not data:
                    raise EOFError("closed")
                self._inbox += data
        finally:
            self._control.settimeout(None)
        line, _, self._inbox = self._inbox.partition(b"\n")
        return json.loads(line)


def user():
    return "root" if hasattr(os, "geteuid") and os.geteuid() == 0 else "ordinary user"


def environment(home):
    """The environment of a worker: what Python and the loader need, no secrets of the teacher."""
    kept = ("LD_LIBRARY_PATH", "SYSTEMROOT", "MKL_DEBUG_CPU_TYPE", "MPLCONFIGDIR")
    environment = {name: os.environ[name] for name in kept if name in os.environ}
    return {
        "MPLCONFIGDIR": os.path.expanduser("~/.cache/matplotlib"),  # its list of fonts is slow
        **environment,
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "HOME": home,
        "PYTHONUSERBASE": site.getuserbase(),  # Paddle may be installed there
        "TMPDIR": home,
        "LANG": "C.UTF-8",
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        "OMP_NUM_THREADS": "1",
        "MALLOC_ARENA_MAX": "2",
        "CUDA_VISIBLE_DEVICES": "",
    }


def _write_all(descriptor, data):
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def remove(folder):
    """Remove a folder that hostile code may have filled."""
    try:
        shutil.rmtree(folder)
    except (OSError, RecursionError):  # deeper than Python's rmtree can go
        subprocess.run(["rm", "-rf", "--", folder], check=False, capture_output=True)
