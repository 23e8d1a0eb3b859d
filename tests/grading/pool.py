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
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tests.grading import wire
from tests.todo.judge import Failure

ROOT = Path(__file__).resolve().parents[2]
TICK = 0.1  # seconds between two looks at a running child
START_SECONDS = 180  # for `import paddle` on a busy machine
BOOT = (  # not by file name: its folder would be the first place to import from
    "import sys; sys.path[:] = [p for p in sys.path if p]; sys.path.insert(0, sys.argv[1]); "
    "from tests.grading import worker; worker.main(int(sys.argv[2]))"
)


class WorkerError(Exception):
    """The grader's own machinery failed; not the student's fault."""


@dataclass(frozen=True)
class Limits:
    """What one call may use."""

    cpu: int = 10  # seconds of CPU, all threads together
    idle: float = 10  # seconds asleep
    wall: float = 90  # seconds in all, however busy the machine is
    box_bytes: int = 32 * 2**20
    box_files: int = 2000


@dataclass(frozen=True)
class Reply:
    """values: name -> ndarray, or a Failure. loaded: the student's file ran to its end."""

    values: object
    loaded: bool


class Worker:
    """One worker process. `with Worker() as worker: worker.call(...)`."""

    def __init__(self, limits=None):
        self.limits = limits or Limits()
        self.versions = {}
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
            probe: {"id", "todo", "kind", "arrays", "params"}, see tests/todo/probes.py.
            seed: int, of all generators at the start.

        Returns:
            Reply. Raises WorkerError if the worker cannot be started or the child not isolated.
        """
        nonce = secrets.token_hex(16)
        plain = {k: v for k, v in probe.items() if k != "arrays"}
        header = {"nonce": nonce, "file": file, "seed": seed, "probe": plain}
        header["load_only"] = load_only
        arrays = {**probe["arrays"], "source": np.frombuffer(source.encode(), np.uint8)}
        order = {"cpu": self.limits.cpu * int(probe.get("calls", 1))}
        return self._attempt(order, wire.encode(header, arrays), nonce).reply()

    def isolation(self):
        """What holds a child back, found out by trying: layer -> bool."""
        call = self._attempt({"cpu": self.limits.cpu, "test": __file__}, b"", "")
        final = call.final()
        if final is None:
            raise WorkerError("the self-test of the sandbox did not finish")
        return final[0]["found"]

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
            if self._process is None:
                self._start()
            try:
                return self._once(order, request, nonce)
            except (OSError, EOFError, wire.Malformed) as error:
                self.close()
                if attempt == 2:
                    raise WorkerError(f"the worker process ended: {error}") from error
        raise AssertionError("not reached")

    def _start(self):
        self._folder = tempfile.mkdtemp(prefix="grade-")
        self._control, theirs = socket.socketpair()
        command = [sys.executable, "-c", BOOT, str(ROOT), str(theirs.fileno())]
        with theirs, open(os.path.join(self._folder, "log"), "wb") as log:
            self._process = subprocess.Popen(
                command,
                env=_environment(self._folder),
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
                call.ended_by_us = True
                self._control.sendall(b'{"kill": true}\n')
            if self._control in ready:
                call.end = self._receive(5)
                while call.take(answer):
                    pass
                return

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


class Call:
    """A running child, what it has sent, and why it had to be ended."""

    def __init__(self, pid, box, nonce, limits):
        self.pid, self.box, self.nonce, self.limits = pid, box, nonce, limits
        self.data = bytearray()
        self.cause = ""  # "timeout", "output": why we ended it
        self.ended_by_us = False
        self.end = None  # {"status", "cpu", "memory"}
        self._begin = self._awake = self._looked = time.monotonic()
        self._cpu = -1

    def take(self, descriptor):
        """Read what is there. False at the end, or when nothing more is there now."""
        try:
            data = os.read(descriptor, 1 << 16)
        except BlockingIOError:
            return False
        if len(self.data) <= wire.MAX_MESSAGE + wire.MAX_HEADER * 3:
            self.data += data
        else:
            self.cause = self.cause or "output"
        return bool(data) and self.cause != "output"

    def look(self):
        """At most once a tick: time asleep, time in all, size of the box."""
        now = time.monotonic()
        if now - self._looked < TICK or self.cause:
            return
        self._looked = now
        cpu, state = _activity(self.pid)
        if cpu != self._cpu or state in "RD":
            self._cpu, self._awake = cpu, now
        if now - self._awake > self.limits.idle or now - self._begin > self.limits.wall:
            self.cause = "timeout"
        elif _too_big(self.box, self.limits):
            self.cause = "output"

    def reply(self):
        """The Reply this call amounts to."""
        messages = self._messages()
        if messages is None:
            return Reply(Failure("malformed"), True)
        loaded = any(m[0].get("phase") == "loaded" for m in messages)
        final = self.final()
        if final is None:
            return Reply(self._death(), loaded)
        header, arrays = final
        if "failure" in header:
            return Reply(_failure(header["failure"]), loaded)
        return Reply(arrays, True)

    def final(self):
        """(header, arrays) of the last message, None where the child did not get that far."""
        last = (self._messages() or [({}, {})])[-1]
        return last if last[0].get("phase") == "done" else None

    def _messages(self):
        """All messages; None where some bytes are none. Raises WorkerError before "entered"."""
        messages, at = [], 0
        try:
            while (message := wire.decode(self.data, at)) is not None:
                header, arrays, at = message
                if messages and header.get("nonce") != self.nonce:
                    return None
                messages.append((header, arrays))
        except wire.Malformed:
            return None
        if not messages:
            raise WorkerError("a child could not be isolated")
        if at != len(self.data) and not (self.cause or self._death().kind != "malformed"):
            return None
        return messages

    def _death(self):
        """Why there is no answer, from the way the process ended."""
        status, cpu = self.end["status"], self.end["cpu"]
        number = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
        if self.cause:
            return Failure(self.cause)
        if number == signal.SIGXCPU or (number and cpu >= self.limits.cpu):
            return Failure("timeout")
        if number == signal.SIGKILL and self.end["memory"] > 2**30:
            return Failure("memory")
        if number:
            return Failure("crash", signal.Signals(number).name)
        return Failure("exception", "SystemExit", "the program ended without an answer")


def _failure(sent):
    """A Failure from what a child says went wrong; every field is checked."""
    kinds = ("exception", "unfinished", "bad_answer", "missing", "syntax", "memory", "output")
    if not isinstance(sent, dict) or sent.get("kind") not in kinds:
        return Failure("malformed")
    name, message, line = sent.get("type"), sent.get("message"), sent.get("line")
    return Failure(
        sent["kind"],
        name if isinstance(name, str) and name.isidentifier() and len(name) < 40 else "Exception",
        message if isinstance(message, str) else "",
        line if type(line) is int and 0 < line < 10**6 else None,
    )


def _environment(home):
    """The environment of a worker: what Python and the loader need, no secrets of the teacher."""
    kept = ("LD_LIBRARY_PATH", "SYSTEMROOT", "MKL_DEBUG_CPU_TYPE")
    environment = {name: os.environ[name] for name in kept if name in os.environ}
    return {
        **environment,
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "HOME": home,
        "TMPDIR": home,
        "MPLCONFIGDIR": home,
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


def _activity(pid):
    """(CPU ticks so far, state letter) of a process; ("", "R") where /proc does not tell."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (OSError, ValueError):
        return "", "R"
    return int(fields[11]) + int(fields[12]), fields[0]


def _too_big(box, limits):
    """Whether the files under `box` are too many or too large. Links are not followed."""
    folders, count, size = [os.fsencode(box)], 0, 0
    while folders:
        with contextlib.suppress(OSError), os.scandir(folders.pop()) as entries:
            for entry in entries:
                count += 1
                with contextlib.suppress(OSError):
                    size += entry.stat(follow_symlinks=False).st_blocks * 512
                if entry.is_dir(follow_symlinks=False):
                    folders.append(entry.path)
                if count > limits.box_files or size > limits.box_bytes:
                    return True
    return False


def remove(folder):
    """Remove a folder that hostile code may have filled."""
    try:
        shutil.rmtree(folder)
    except (OSError, RecursionError):  # deeper than Python's rmtree can go
        subprocess.run(["rm", "-rf", "--", folder], check=False, capture_output=True)
