"""What the page plays with: sprite sheets in the figures of finished runs."""

import json
import subprocess
import sys

from common.language import say
from common.report import sprites
from common.report.pictures import embed_exact
from common.report.tables.r002 import REPORTED
from common.runtime import ROOT

PLANES = ("002-z2", "003-z2")  # of those with z = 2 the first one found is shown first
LINES = ("002-z1", "003-z1")
SIZES = {"002": (1, 2, 5, 10, 20), "003": (1, 2, 3, 16, 32)}
TENS = {f"report {report}": [f"{report}-z{z}" for z in sizes] for report, sizes in SIZES.items()}
FAIR = ("ae-l32", "vae-l32", "004-mlp", "004-conv")  # on the first screen
CHAINS = ("ddpm-mnist", "ddpm-fashion", "001-ddpm", "000-ddpm")


def draw(steps):
    """Let the finished runs that the page shows write their sheets, if they have none yet."""
    todo = {}
    for step in steps:
        missing = [name for name in _sheets(step.name) if not _figure(step, name).is_file()]
        if missing and step.state == "done" and (step.path / "model.pdparams").is_file():
            todo.setdefault(step.job.module, []).append(str(step.path))
    for module, paths in todo.items():
        script = str(ROOT / module / "explorer.py")
        done = subprocess.run([sys.executable, script, *paths], capture_output=True, text=True)
        if done.returncode:
            why = (done.stderr.strip().splitlines() or ["no output"])[-1]
            say(f"warning: some pictures of the page are missing: {why}", file=sys.stderr)


def _sheets(job):
    """Names of the sheets that a run's explorer.py draws for the page."""
    found = {"plane_sprites": PLANES, "line_sprites": LINES, "reverse_sprites": CHAINS}
    found[sprites.TEN] = (*FAIR, *(name for names in TENS.values() for name in names))
    return [name for name, jobs in found.items() if job in jobs]


def _figure(step, name):
    return step.path / "figures" / f"{name}.png"


def collect(runs):
    """What explorer.js reads: every finished run that has its sheet.

    Returns:
        {"planes", "lines", "chains": [{"job", "sheet", and what the sheet's .json says}],
        "tens": [{"job": report, "sizes": [...], "sheets": [...], ...}], "reported": [[z, digits]]}.
    """
    planes, lines = (
        _found(runs, jobs, f"{name}_sprites") for name, jobs in (("plane", PLANES), ("line", LINES))
    )
    return {
        "planes": planes,
        "lines": lines,
        "chains": _found(runs, CHAINS, "reverse_sprites"),
        "tens": [ten for name, jobs in TENS.items() for ten in _ten(runs, name, jobs)],
        "reported": [[z, "/".join(map(str, digits))] for z, digits in sorted(REPORTED.items())],
    }


def _found(runs, jobs, name):
    found = []
    for job in jobs:
        path = runs.picture(job, name)
        text = path and path.with_suffix(".json")
        if text and text.is_file():
            values = json.loads(text.read_text(encoding="utf-8"))
            found.append({"job": job, "sheet": embed_exact(path), **values})
    return found


def _ten(runs, name, jobs):
    """The ten images of runs that differ in latent size, as one thing; [] if fewer than two."""
    found = _found(runs, jobs, sprites.TEN)
    if len(found) < 2:
        return []
    sizes = [runs.steps[one["job"]].config.latent_dim for one in found]
    return [{**found[0], "job": name, "sizes": sizes, "sheets": [one["sheet"] for one in found]}]
