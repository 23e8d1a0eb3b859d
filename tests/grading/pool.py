"""The grader's end of a worker process: start it, have a probe run, watch limits, clean up.

No Paddle here. A `Worker` runs one call at a time; `grade.py` keeps one for each job.
"""

import contextlib
import json
import math
import os
import secrets
import select
import signal
import site
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from tests.grading import wire
from tests.grading.boxes import remove
from tests.grading.call import TICK, Call, Limits, WorkerError

ROOT = Path(__file__).resolve().parents[2]
PRIVATE = (  # what a worker needs of the project: no expected value, no solution, no other check
    "common/**/*.py",
    "tests/__init__.py",
    "tests/assessment/__init__.py",
    *(f"tests/assessment/{name}.py" for name in ("probes", "autoencoder", "network")),
    "tests/grading/__init__.py",
    *(f"tests/grading/{name}.py" for name in ("worker", "child", "wire", "sandbox", "boxes")),
    "tests/grading/syscalls.txt",
)
SECRETS = (  # of these it must not read any
    "tests/grading/pool.py",
    "tests/grading/reference.py",
    "tests/grading/gradescope/seed.txt",
    "tests/assessment/golden/vae.npz",
    *(f"{module}/assignment.py" for module in ("ae", "vae", "diffusion")),
)
MAX_FACTOR = 3  # a probe of several calls gets the CPU time of at most this many
START_SECONDS = 180  # for `import paddle` on a busy machine
BOOT = (  # not by file name: its folder would be the first place to import from
    "import sys; sys.path[:] = [p for p in sys.path if p]; sys.path.insert(0, sys.argv[1]); "
    "from tests.grading import worker; worker.main(int(sys.argv[2]))"
)


class Worker:
    """One worker process. `with Worker() as worker: worker.call(...)`."""

    def __init__(self, limits=None, secrets=()):
        """secrets: files and folders that no submission must read, beside the project's."""
        self.limits = limits or Limits()
        self.versions = {}
        self.left = []  # folders that could not be removed
        self._secrets = secrets
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

    def call(self, file, source, probe, seed=0, load_only=False, seconds=math.inf):
        """Run one probe with a student's file; load_only: run the file and nothing else.

        Args:
            file: "vae/assignment.py", the name the student knows it by.
            source: str, its text.
            probe: {"id", "todo", "kind", "arrays", "params"}, see tests/assessment/probes.py.
            seed: int, of all generators at the start.
            seconds: in all, if less than the limits would allow.

        Returns:
            Reply. Raises WorkerError if the worker cannot be started or the child not isolated.
        """
        nonce, request = request_of(file, source, probe, seed, load_only)
        limits = limits_of(self.limits, probe, load_only).within(seconds)
        call = self._attempt(limits, request, nonce)
        call.lines = len(source.splitlines()) + 1
        return call.reply()

    def isolation(self):
        """What holds a child back, found out by trying: {"user": ..., "layers": {name: bool}}."""
        if self._isolation is None:
            self._isolation = {"user": user(), "layers": self._self_test()}
        return self._isolation

    def _self_test(self):
        with writable_by_all() as writable:
            test = {"test": [secret_files(self._secrets), writable]}
            final = self._attempt(self.limits, b"", "", **test).final()
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
            self._remove(self._folder)
        self._process = self._control = self._folder = None
        self._inbox = b""

    def _remove(self, folder):
        if not remove(folder):
            self.left.append(folder)

    def _attempt(self, limits, request, nonce, **order):
        """One call; where the worker itself died, once more with a new one."""
        for attempt in (1, 2):
            try:
                if self._process is None:
                    self._start()
                return self._once(limits, request, nonce, order)
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
        code = private_copy(self._folder)
        command = [sys.executable, "-c", BOOT, code, str(theirs.fileno())]
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

    def _once(self, limits, request, nonce, order):
        box = tempfile.mkdtemp(dir=self._folder)
        (theirs_in, ours_out), (ours_in, theirs_out) = os.pipe(), os.pipe()
        try:
            message = json.dumps({**order, "cpu": limits.cpu, "run": box}).encode() + b"\n"
            socket.send_fds(self._control, [message], [theirs_in, theirs_out])
            os.close(theirs_in)
            os.close(theirs_out)
            pid = self._receive(START_SECONDS)["pid"]
            with contextlib.suppress(BrokenPipeError):  # the child is dead already
                _write_all(ours_out, request)
            os.close(ours_out)
            call = Call(pid, box, nonce, limits)
            self._watch(call, ours_in)
            return call
        finally:
            os.close(ours_in)
            self._remove(box)

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


def request_of(file, source, probe, seed, load_only):
    """(nonce, the bytes that tell a child what to do)."""
    nonce = secrets.token_hex(16)
    plain = {k: v for k, v in probe.items() if k != "arrays"}
    header = {"nonce": nonce, "file": file, "seed": seed, "probe": plain, "load_only": load_only}
    arrays = {**probe["arrays"], "source": np.frombuffer(source.encode(), np.uint8)}
    return nonce, wire.encode(header, arrays, most=wire.MAX_MESSAGE)


def limits_of(limits, probe, load_only):
    """The limits of one call of a worker: a probe of several calls may compute longer."""
    calls = 1 if load_only else len(probe["params"].get("calls", [0]))
    factor = min(calls, MAX_FACTOR)
    return replace(limits, cpu=limits.cpu * factor, wall=limits.wall * factor)


def private_copy(folder):
    """Copy what a worker needs into `folder`; every user may read it. Returns its path."""
    os.chmod(folder, 0o711)  # a child that is another user passes through to its box
    target = Path(folder, "code")
    for path in sorted(p for pattern in PRIVATE for p in ROOT.glob(pattern)):
        copy = target / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(path.read_bytes())
        copy.chmod(0o644)
    for inner in (target, *(p for p in target.rglob("*") if p.is_dir())):
        inner.chmod(0o755)
    return str(target)


def secret_files(others=()):
    """Paths that a submission must not read: expected values, solutions, `others` (some)."""
    paths = [*(ROOT / name for name in SECRETS), *map(Path, others[:20])]
    return [str(p.absolute()) for p in paths if p.exists()]


@contextlib.contextmanager
def writable_by_all():
    """The path of an empty file that everybody may write by its mode, for the self-test."""
    descriptor, path = tempfile.mkstemp(prefix="grade-")
    os.close(descriptor)
    try:
        os.chmod(path, 0o666)
        yield path
    finally:
        os.remove(path)


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
