"""One running child, seen from the grader: what it has sent, its limits, and how it ended."""

import builtins
import contextlib
import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

from tests.assessment.judge import Failure
from tests.grading import wire

TICK = 0.1  # seconds between two looks at a running child
ENDED = Failure("exception", "SystemExit", "ended without an answer")
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


@dataclass(frozen=True)
class Reply:
    """values: name -> ndarray, or a Failure. loaded: the student's file ran to its end."""

    values: object
    loaded: bool


class Call:
    """A running child, what it has sent, and why it had to be ended."""

    def __init__(self, pid, box, nonce, limits):
        self.pid, self.box, self.nonce, self.limits = pid, box, nonce, limits
        self.data = bytearray()
        self.cause = ""  # "timeout", "output": why we ended it
        self.ended_by_us = 0.0  # when
        self.end = None  # {"signal", "cpu", "memory"}
        self.messages = []  # (header, arrays)
        self._malformed = False
        self._begin = self._looked = time.monotonic()
        self._asleep = 0.0
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
        since = now - self._looked
        if since < TICK or self.cause:
            return
        self._looked = now
        cpu, state = _activity(self.pid)
        self._asleep += since if cpu == self._cpu and state not in "RD" else 0
        self._cpu = cpu
        if self._asleep > self.limits.idle or now - self._begin > self.limits.wall:
            self.cause = "timeout"
        elif _too_big(self.box, self.limits):
            self.cause = "output"

    def overdue(self):
        """Whether the worker was told to end this call and does not."""
        return bool(self.ended_by_us) and time.monotonic() - self.ended_by_us > PATIENCE

    def finish(self, end):
        """Note how the process ended and read what it sent. WorkerError: it was not isolated."""
        self.end, at = end, 0
        try:
            while (message := wire.decode(self.data, at)) is not None:
                header, arrays, at = message
                self._malformed |= bool(self.messages) and header.get("nonce") != self.nonce
                self.messages.append((header, arrays))
        except wire.Malformed:
            self._malformed = True
        cut_short = self.cause or end["signal"]
        self._malformed |= at != len(self.data) and not cut_short
        if not self.messages and not self.cause:  # no student code has run before "entered"
            raise WorkerError("a child could not be isolated")

    def final(self):
        """(header, arrays) of the last message, None where the child did not get that far."""
        last = self.messages[-1] if self.messages else ({}, {})
        return last if last[0].get("phase") == "done" else None

    def reply(self):
        """The Reply this call amounts to."""
        loaded = any(header.get("phase") == "loaded" for header, _ in self.messages)
        if self._malformed:
            return Reply(Failure("malformed"), True)
        if self.final() is None:
            return Reply(self._death(), loaded)
        header, arrays = self.final()
        if "failure" in header:
            return Reply(_failure(header["failure"]), loaded)
        return Reply(arrays, True)

    def _death(self):
        """Why there is no answer, from the way the process ended."""
        number, cpu = self.end["signal"], self.end["cpu"]
        if self.cause:
            return Failure(self.cause)
        spent = cpu >= 0.6 * self.limits.cpu  # the kernel's own count, by ticks, is a rough one
        if number and (number == _SIGXCPU or (number == _SIGKILL and spent)):
            return Failure("timeout")
        if number == _SIGKILL and self.end["memory"] > 2**30:
            return Failure("memory")
        if number:
            return Failure("crash", "crash", f"({signal.Signals(number).name})")
        return ENDED


def _failure(sent):
    """A Failure from what a child says went wrong; every field is checked."""
    kinds = ("exception", "unfinished", "bad_answer", "missing", "syntax", "memory", "output")
    if not isinstance(sent, dict) or sent.get("kind") not in kinds:
        return Failure("malformed")
    name, message, line = sent.get("type"), sent.get("message"), sent.get("line")
    return Failure(
        sent["kind"],
        name if isinstance(name, str) and _is_builtin(name) else "Exception",
        message if isinstance(message, str) else "",
        line if type(line) is int and 0 < line < 10**6 else None,
    )


def _is_builtin(name):
    """Whether it is one of Python's own exceptions: another name could carry a message."""
    found = getattr(builtins, name, None)
    return isinstance(found, type) and issubclass(found, BaseException)


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
