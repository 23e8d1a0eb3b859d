"""Submissions that grade.py marks in a minute: copies of the tree's own assignment files."""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from common.compute import environment
from common.errors import RunError
from common.runtime import ROOT
from tests.bench.sides import progress, surroundings

FILES = ("ae/assignment.py", "vae/assignment.py", "diffusion/assignment.py")
LIMIT = 900


def measure(count=4):
    """{"submissions", "jobs", "seconds", "per_minute"} of one call of grade.py, start included."""
    progress("grading")
    jobs = environment.threads()
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        for k in range(count):
            for file in FILES:
                target = folder / "submissions" / f"s{k:03}" / file
                target.parent.mkdir(parents=True)
                # different by a comment, so that no copy is known from another
                target.write_text((ROOT / file).read_text("utf-8") + f"# {k}\n", "utf-8")
        paths = sorted(map(str, (folder / "submissions").iterdir()))
        command = [sys.executable, "grade.py", *paths, "--out", str(folder / "grades")]
        began = time.perf_counter()
        done = subprocess.run(
            [*command, "--jobs", str(jobs)],
            cwd=ROOT,
            env=surroundings(),
            capture_output=True,
            text=True,
            timeout=LIMIT,
        )
        seconds = time.perf_counter() - began
    progress("")
    if done.returncode != 0:
        raise RunError(f"grade.py: {done.stderr.strip() or done.stdout.strip()}")
    rate = 60 * count / seconds
    return {"submissions": count, "jobs": jobs, "seconds": seconds, "per_minute": rate}
