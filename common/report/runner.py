"""Carry out a plan: one run script after another, with progress, time left and a log each."""

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from common.cli import STOPPED, stop
from common.errors import UserError
from common.files import write_json
from common.language import say, translate
from common.report.jobs import SWEEPS
from common.report.plan import can_resume, check_data
from common.runtime import ROOT
from common.training.run_folder import Run

GO_ON = "stopped; the same command goes on from here"
TAIL = 3  # lines of a failed run's output to show
POLL = 1.0  # seconds between two looks at a run
OWN = "report.json"  # what the runner leaves in a run folder: seconds of the whole script


@dataclass
class Seconds:
    """What the runner leaves in a run folder."""

    seconds: float  # of the whole script


def show_plan(steps, screen=say):
    """One line a run and the estimated total."""
    for step in steps:
        state = translate("done" if step.state == "done" else f"about {clock(step.seconds)}")
        screen(f"  {step.name:19} {state:12} {step.command}")
    left = sum(step.seconds for step in steps if step.state != "done")
    done = sum(step.state == "done" for step in steps)
    screen(f"{len(steps)} runs, {done} done; about {clock(left)} to go (estimate for 2 CPU cores)")


def clock(seconds):
    """93 -> "1:33", 3700 -> "1:01:40", None -> "–"."""
    if seconds is None:
        return "–"
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def execute(steps, screen=say):
    """Run what is not done, the cheapest first; a failed run is marked and the next one starts.

    Ctrl-C stops the run (it keeps its checkpoint) and raises KeyboardInterrupt with the way on.
    """
    waiting = (step for step in steps if step.state != "done")
    todo = sorted(waiting, key=lambda step: step.seconds)
    check_data(todo)
    pace = Pace(todo)
    for number, step in enumerate(todo, start=1):
        screen(
            f"[{number}/{len(todo)}] {step.name}: about {clock(step.seconds * pace.ratio)}, "
            f"about {clock(pace.left())} left in all"
        )
        began = time.monotonic()
        _run(step, screen)
        seconds = time.monotonic() - began
        pace.finished(step, seconds)
        if step.state == "done":
            write_json(step.path / OWN, {"seconds": round(seconds, 1)})
            screen(f"      done in {clock(seconds)}")
        else:
            screen(f"      failed: {step.message}\n      whole output: {log_path(step)}")


class Pace:
    """Time left, from the estimates and from how long the runs so far really took."""

    def __init__(self, steps):
        self.waiting = list(steps)
        self.estimated = self.spent = 0.0

    @property
    def ratio(self):
        """Real seconds for an estimated one, drawn towards 1 while little is known."""
        return (self.spent + 60) / (self.estimated + 60)

    def left(self):
        """Seconds until all is done."""
        return self.ratio * sum(step.seconds for step in self.waiting)

    def finished(self, step, seconds):
        """Count a run that has ended."""
        self.waiting.remove(step)
        if step.state == "done":
            self.estimated += step.seconds
            self.spent += seconds


def log_path(step):
    """The file that takes a run's output; it outlives a folder that is replaced."""
    return step.path.with_suffix(".log")


def _english():
    """The environment of a run: what it says is read here, and its figures are for both pages."""
    return {**os.environ, "GENMODELS_LANG": "en"}


def _run(step, screen):
    """Start one run script and wait for it; sets state and message."""
    step.path.parent.mkdir(parents=True, exist_ok=True)
    mode = "--resume" if can_resume(step.path) else "--overwrite"
    script = ROOT / step.job.module / "run.py"
    command = [sys.executable, str(script), *step.flags, "--out", str(step.path), mode]
    with open(log_path(step), "w", encoding="utf-8") as log:
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, env=_english())
        try:
            status = _wait(process, step, screen)
        except BaseException as error:
            stop(process)
            if isinstance(error, KeyboardInterrupt):
                raise KeyboardInterrupt(GO_ON) from None
            raise
    step.state = "failed" if status else "done"
    step.message = _last_words(step) if status else ""
    if status in (STOPPED, -2):  # by itself, or by the signal before it could
        raise KeyboardInterrupt(GO_ON)


def _wait(process, step, screen):
    """Wait for the end; on a terminal show the epoch that was finished last."""
    shown = ""
    while True:
        try:
            return process.wait(timeout=POLL)
        except subprocess.TimeoutExpired:
            line = _epoch_line(step)
            if line != shown and sys.stdout.isatty():
                screen(f"      {line}")
                shown = line


def _lines(step):
    try:
        text = log_path(step).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    return [line.strip() for line in text.splitlines() if line.strip()]


def _epoch_line(step):
    found = [line for line in _lines(step) if line.startswith("epoch ")]
    return found[-1] if found else ""


def _last_words(step):
    """What a failed run said last: its error line or the exception, else its last lines."""
    lines = _lines(step)
    errors = [line for line in lines if line.startswith(("error:", "not written yet:"))]
    if any(line.startswith("Traceback (") for line in lines):
        errors = errors or lines[-1:]
    return errors[-1] if errors else " / ".join(lines[-TAIL:]) or "no output"


def sweeps(steps, out):
    """Draw the pictures that go over several runs: {name: path}; those that fail are left out.

    One that is newer than all of its runs is not drawn again.
    """
    done = {step.name: step.path for step in steps if step.state == "done"}
    pictures = {}
    for sweep in SWEEPS:
        runs = [str(done[job]) for job in sweep.jobs if job in done]
        if len(runs) < 2:
            continue
        path = out / f"{sweep.name}.png"
        if path.is_file() and all(_time(path) >= _time(Path(run, "metrics.json")) for run in runs):
            pictures[sweep.name] = path
            continue
        script = str(ROOT / "vae" / "figures.py")
        command = [sys.executable, script, "--sweep", *runs, "--out", str(path)]
        result = subprocess.run(command, capture_output=True, env=_english())
        if not result.returncode and path.is_file():
            pictures[sweep.name] = path
    return pictures


def _time(path):
    return path.stat().st_mtime


def seconds_of(path):
    """How long the whole run script took, or None if it was not started from here."""
    try:
        return Run(path, None).read_json(OWN, Seconds)["seconds"]
    except UserError:
        return None
