"""One running child, seen from the grader: what it has sent, its limits, and how it ended."""

import builtins
import math
import os
import signal
import time
from dataclasses import dataclass, replace

from tests.assessment.judge import Failure
from tests.grading import wire
from tests.grading.boxes import too_big

TICK = 0.03  # seconds between two looks at a running child
ENDED = Failure("exception", "SystemExit", "ended without an answer")
TOO_MANY_THREADS = Failure("crash", "crash", "too many threads")
MESSAGES = 3  # that an honest child sends: entered, loaded, done
_FREE_READS = 100  # of its answer; then each waits, or single bytes would keep us busy
_SIGXCPU, _SIGKILL = getattr(signal, "SIGXCPU", -1), getattr(signal, "SIGKILL", -1)
PATIENCE = 60  # seconds for the worker to end a child


class WorkerError(Exception):
    """The grader's own machinery failed; not the student's fault."""


@dataclass(frozen=True)
class Limits:
    """What one call may use."""

    cpu: int = 10  # seconds of CPU, all threads together
    idle: float = 5  # seconds asleep, in all; computing is no sleep, nor is waiting for a CPU
    wall: float = 90  # seconds in all, however busy the machine is
    box_bytes: int = 32 * 2**20
    box_files: int = 2000
    threads: int = 200

    def within(self, seconds):
        """These limits for a call that has only so many seconds left."""
        left = max(seconds, 0.1)
        cpu = math.ceil(left) if left < self.cpu else self.cpu
        return replace(self, cpu=cpu, idle=min(self.idle, left), wall=min(self.wall, left))


@dataclass(frozen=True)
class Reply:
    """values: name -> ndarray, or a Failure. loaded: the student's file ran to its end."""

    values: object
    loaded: bool


class Call:
    """A running child, what it has sent, and why it had to be ended."""

    def __init__(self, pid, box, nonce, limits, lines=0):
        """lines: of the student's file; there is no place behind its end."""
        self.pid, self.box, self.nonce, self.limits = pid, box, nonce, limits
        self.lines = lines
        self.data = bytearray()
        self.cause = ""  # "timeout", "output", "threads": why we ended it
        self.ended_by_us = 0.0  # when
        self.end = None  # {"signal", "cpu", "memory"}
        self.messages = []  # (header, arrays)
        self._malformed = False
        self._reads = 0
        self._begin = self._looked = time.monotonic()
        self._asleep = self._busy = 0.0

    def take(self, descriptor):
        """Read what is there. False at the end, or when nothing more is there now."""
        try:
            data = os.read(descriptor, 1 << 16)
        except BlockingIOError:
            return False
        self._reads += 1
        if self._reads > _FREE_READS:
            time.sleep(0.001)
        if len(self.data) <= wire.MAX_MESSAGE + wire.MAX_HEADER * 3:
            self.data += data
        else:
            self.cause = self.cause or "output"
        return bool(data) and self.cause != "output"

    def look(self):
        """At most once a tick: time asleep, time in all, threads, size of the box."""
        now = time.monotonic()
        since = now - self._looked
        if since < TICK or self.cause:
            return
        self._looked = now
        seen = _activity(self.pid)
        self._note_sleep(seen, since)
        if self._asleep > self.limits.idle or now - self._begin > self.limits.wall:
            self.cause = "timeout"
        elif seen.threads > self.limits.threads:
            self.cause = "threads"
        elif too_big(self.box, self.limits.box_files, self.limits.box_bytes):
            self.cause = "output"

    def _note_sleep(self, seen, since):
        """Count the part of this tick in which it neither computed nor waited for CPU or disk.

        What is left over, not whole ticks: a little work in every tick is no work all the time.
        Below zero is the coarseness of the kernel's count, but no savings.
        """
        rest = since - (seen.busy - self._busy)
        self._busy = seen.busy
        if seen.state not in "RD" or rest < 0:
            self._asleep = max(self._asleep + rest, -0.1)

    def overdue(self):
        """Whether the worker was told to end this call and does not."""
        return bool(self.ended_by_us) and time.monotonic() - self.ended_by_us > PATIENCE

    def finish(self, end):
        """Note how the process ended and read what it sent. WorkerError: it was not isolated."""
        self.end, at = end, 0
        try:
            while len(self.messages) < MESSAGES:
                message = wire.decode(self.data, at)
                if message is None:
                    break
                header, arrays, at = message
                self._malformed |= bool(self.messages) and header.get("nonce") != self.nonce
                self.messages.append((header, arrays))
        except wire.Malformed:
            self._malformed = True
        cut_short = self.cause or end["signal"]
        self._malformed |= at != len(self.data) and not cut_short
        self.data = bytearray()
        if not self.messages and not self.cause:  # no student code has run before "entered"
            raise WorkerError("a child could not be isolated")

    def final(self):
        """(header, arrays) of the last message, None where the child did not get that far."""
        last = self.messages[-1] if self.messages else ({}, {})
        return last if last[0].get("phase") == "done" else None

    def reply(self):
        """The Reply this call amounts to; "malformed" for whatever cannot be understood."""
        try:
            return self._reply()
        except Exception:  # it is a stranger's data: no fault of the grader's, whatever it is
            return Reply(Failure("malformed"), True)

    def _reply(self):
        loaded = any(header.get("phase") == "loaded" for header, _ in self.messages)
        if self._malformed:
            return Reply(Failure("malformed"), True)
        if self.final() is None:
            return Reply(self._death(), loaded)
        header, arrays = self.final()
        if "failure" in header:
            return Reply(_failure(header["failure"], self.lines), loaded)
        return Reply(arrays, True)

    def _death(self):
        """Why there is no answer, from the way the process ended."""
        number, cpu = self.end["signal"], self.end["cpu"]
        if self.cause == "threads":
            return TOO_MANY_THREADS
        if self.cause:
            return Failure(self.cause)
        spent = cpu >= 0.6 * self.limits.cpu  # the kernel's own count, by ticks, is a rough one
        if number and (number == _SIGXCPU or (number == _SIGKILL and spent)):
            return Failure("timeout")
        if number == _SIGKILL and self.end["memory"] > 2**30:
            return Failure("memory")
        if number:
            return Failure("crash", "crash", f"({_signal_name(number)})")
        return ENDED


def _signal_name(number):
    """ "SIGSEGV"; signals between the real-time ones have no name."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _failure(sent, lines):
    """A Failure from what a child says went wrong; every field is checked."""
    kinds = ("exception", "unfinished", "bad_answer", "missing", "syntax", "memory", "output")
    if not isinstance(sent, dict) or sent.get("kind") not in kinds:
        return Failure("malformed")
    name, message, line = sent.get("type"), sent.get("message"), sent.get("line")
    return Failure(
        sent["kind"],
        name if isinstance(name, str) and _is_builtin(name) else "Exception",
        message if isinstance(message, str) else "",
        line if type(line) is int and 0 < line <= lines else None,
    )


def _is_builtin(name):
    """Whether it is one of Python's own exceptions: another name could carry a message."""
    found = getattr(builtins, name, None)
    return isinstance(found, type) and issubclass(found, BaseException)


@dataclass(frozen=True)
class _Activity:
    """What the kernel says of a running process; as it stands here where it says nothing.

    busy: seconds so far in which it computed (all threads) or its first thread waited for a CPU.
    """

    state: str = "R"
    busy: float = 0.0
    threads: int = 1


def _activity(pid):
    try:
        stat = _read(f"/proc/{pid}/stat")  # its name may be any bytes
    except OSError:
        return _Activity()
    fields = stat.rpartition(b")")[2].split()
    cpu = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return _Activity(fields[0].decode(), cpu + _waited(pid), int(fields[17]))


def _waited(pid):
    try:
        return int(_read(f"/proc/{pid}/schedstat").split()[1]) / 1e9
    except (OSError, ValueError, IndexError):
        return 0.0


def _read(path):
    with open(path, "rb") as file:
        return file.read()
