"""What runs inside a measured process: it ticks after each unit of work and obeys the parent.

Standard library only, because PyTorch's Python imports it as well.
"""

import ctypes
import json
import os
import resource
import signal
import sys
import time


class Clock:
    """Takes the time between ticks and reports blocks of them when the parent asks.

    Protocol, a line of JSON each: after the first tick the process says {"parameters": ...}; to
    {"seconds": s, "least": n} it works for s seconds and at least n ticks, and answers {"times":
    seconds of each, "cpu": CPU seconds of a tick, "feed": seconds a tick, "memory": peak bytes}.

    Args:
        facts: sent with the first tick. finish: called before a block's end is timed (on a GPU,
            which works behind the program's back; then `times` is one number, the mean).
        memory: () -> peak bytes; by default the resident memory of the process.
    """

    def __init__(self, facts, finish=None, memory=None):
        self.facts, self.finish, self.memory = facts, finish, memory or peak_memory
        _end_with_the_parent()
        self.out = os.fdopen(os.dup(1), "w")
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # whatever the work prints
        self.wanted = None

    def tick(self):
        """One unit of work is done."""
        now = time.perf_counter()
        if self.wanted is None:
            self._finish()
            self._answer(self.facts)
            return
        if self.last is not None:
            self.times.append(now - self.last)
            self.spent += now - self.last
        self.last = now
        enough = self.spent >= self.wanted["seconds"]
        if enough and len(self.times) >= self.wanted["least"]:
            self._report()

    def skip(self):
        """What is done until the next tick does not count (the end of an epoch)."""
        self.last = None

    def feeding(self, seconds):
        """So many seconds of the current unit were spent on getting its batch."""
        self.feed += seconds

    def _report(self):
        times = self.times
        if self.finish:
            self._finish()
            times = [(time.perf_counter() - self.began) / len(times)]
        count = len(self.times)
        cpu = (time.process_time() - self.cpu) / count
        answer = {"times": times, "cpu": cpu, "feed": self.feed / count, "memory": self.memory()}
        self._answer(answer)

    def _finish(self):
        if self.finish:
            self.finish()

    def _answer(self, message):
        print(json.dumps(message), file=self.out, flush=True)
        line = sys.stdin.readline()
        if not line:
            raise SystemExit
        self.wanted = json.loads(line)
        self.times, self.feed, self.spent = [], 0.0, 0.0
        self.cpu = time.process_time()
        self.began = self.last = time.perf_counter()

    feed = 0.0


def _end_with_the_parent():
    """A stopped process would else outlive a parent that was killed."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


def repeat(clock, work):
    """Do `work` again and again, until the parent has had enough."""
    while True:
        work()
        clock.tick()


def peak_memory():
    """The most resident memory that this process has had, in bytes."""
    try:
        with open("/proc/self/status") as file:
            peak = next(line for line in file if line.startswith("VmHWM"))
        return int(peak.split()[1]) * 1024
    except (OSError, StopIteration):
        unit = 1 if sys.platform == "darwin" else 1024
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def specification():
    """The JSON object that the parent gave on the command line."""
    return json.loads(sys.argv[1])
