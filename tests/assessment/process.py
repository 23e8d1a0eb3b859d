"""Runs probes in a process of its own, so that nothing the student's code does ends the checks."""

import atexit
import pickle
import queue
import re
import subprocess
import sys
import tempfile
import threading
from contextlib import suppress
from pathlib import Path

from tests.assessment.judge import Failure

ROOT = Path(__file__).parents[2]
SECONDS = 20  # for one probe; the slowest right loop takes 2
GRACE = 10  # seconds more for a child that was to end itself
STARTING = 120  # seconds for Paddle on a busy machine


class Process:
    """Starts the child when it is first asked, and anew after one has ended."""

    def __init__(self, seconds=SECONDS):
        """seconds: for one probe."""
        self.seconds = seconds
        self._child = None
        self._folder = tempfile.TemporaryDirectory()
        self._trace, self._log = (Path(self._folder.name) / name for name in ("trace", "log"))
        atexit.register(self.close)

    def observe(self, path, source, probe):
        """(values or Failure, the beginning of what was printed, how many lines were printed)."""
        if self._child is None:
            self._start()
        try:
            pickle.dump({"path": str(path), "source": source, "probe": probe}, self._child.stdin)
            self._child.stdin.flush()
            answer = self._answers.get(timeout=self.seconds + GRACE)
        except (OSError, queue.Empty):
            answer = None
        return answer or (self._ended(str(path)), "", 0)

    def _start(self):
        command = [sys.executable, "-m", "tests.assessment.child"]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        with open(self._log, "w") as log:
            self._child = subprocess.Popen(
                [*command, str(self._trace), str(self.seconds)], cwd=ROOT, stderr=log, **pipes
            )
        self._answers = queue.Queue()
        threading.Thread(target=self._listen, args=(self._child.stdout,), daemon=True).start()
        if self._answers.get(timeout=STARTING) is None:
            raise RuntimeError(f"the checks cannot start: {self._log.read_text()[-1000:]}")

    def _listen(self, stream):
        """Put every answer into the queue, and None at the end; a pipe has no time limit itself."""
        answers = self._answers
        with stream:
            try:
                while True:
                    answers.put(pickle.load(stream))
            except Exception:  # the end, or half an answer before it
                answers.put(None)

    def _ended(self, path):
        """Why no answer came: a Failure, with the line of the student's file if it is known."""
        code = self.close()
        trace = self._trace.read_text(errors="replace")
        found = re.search(rf'File "{re.escape(path)}", line (\d+)', trace)
        line = int(found[1]) if found else None
        if code is None or trace.startswith("Timeout"):
            return Failure("timeout", message=str(self.seconds), line=line)
        own_end = not trace and 0 <= code < 256  # Windows' crashes have large numbers
        return Failure("exit" if own_end else "crash", line=line)

    def close(self):
        """End the child; returns its exit status, None if it had to be ended."""
        child, self._child = self._child, None
        if child is None:
            return None
        with suppress(OSError):
            child.stdin.close()
        try:
            return child.wait(timeout=GRACE)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
            return None
