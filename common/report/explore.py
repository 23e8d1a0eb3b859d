"""What the latent explorer needs: sprite sheets and points that runs left in figures/."""

import json

from common.report.pictures import embed_exact

PLANES = ("002-z2", "003-z2")  # the z = 2 runs; the first one found is shown
CHAINS = ("ddpm-mnist", "ddpm-fashion", "001-ddpm", "000-ddpm")


def collect(runs):
    """{"planes": [...], "chains": [...]}: every finished run that left its sheet.

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
