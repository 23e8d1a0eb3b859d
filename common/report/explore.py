"""What the latent explorer needs: sprite sheets and points in the figures of finished runs."""

import json
import subprocess
import sys

from common.report.pictures import embed_exact
from common.runtime import ROOT

PLANES = ("002-z2", "003-z2")  # the z = 2 runs; the first one found is shown
CHAINS = ("ddpm-mnist", "ddpm-fashion", "001-ddpm", "000-ddpm")


def draw(steps):
    """Let the finished runs that the explorer shows write their sheets, if they have none yet."""
    for step in steps:
        sheet = {"vae": "manifold_sprites", "diffusion": "reverse_sprites"}.get(step.job.module)
        shown = step.state == "done" and step.name in (*PLANES, *CHAINS)
        trained = (step.path / "model.pdparams").is_file()
        if shown and trained and not (step.path / "figures" / f"{sheet}.png").is_file():
            script = str(ROOT / step.job.module / "explorer.py")
            subprocess.run([sys.executable, script, str(step.path)], capture_output=True)


def collect(runs):
    """{"planes": [...], "chains": [...]}: every finished run that has its sheet.

    A plane: {"job", "sheet", "extent", "steps", "cell", "points", "class_names"}.
    A chain: {"job", "sheet", "cell", "rows", "steps", "sampler"}.
    """
    return {
        "planes": _found(runs, PLANES, "manifold_sprites", "latent_points"),
        "chains": _found(runs, CHAINS, "reverse_sprites", "reverse_sprites"),
    }


def _found(runs, jobs, sheet, description):
    found = []
    for job in jobs:
        path = runs.picture(job, sheet)
        text = path and path.with_name(f"{description}.json")
        if text and text.is_file():
            values = json.loads(text.read_text(encoding="utf-8"))
            title = runs.steps[job].job.title._asdict()
            found.append({"job": job, "title": title, "sheet": embed_exact(path), **values})
    return found
