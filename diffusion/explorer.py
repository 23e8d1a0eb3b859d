"""The reverse process of a DDPM for the page of the reports to walk through.

python diffusion/explorer.py RUN ...     what reproduce.py calls for the runs on its page
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import common  # noqa: F401 - sets the CPU up, so it comes before Paddle

# isort: split
import numpy as np

from common.cli import cli
from common.files import write_json
from common.report import sprites
from common.runtime import run_argument
from diffusion.evaluate import load_trained
from diffusion.figures import to_unit
from diffusion.pipeline import Pipeline

FRAMES = 26  # moments of the reverse process at most


def write(trained):
    """Write figures/reverse_sprites.png and .json of a Trained DDPM: ten rows, one per class."""
    pipeline = Pipeline(trained.model, trained.config)
    settings, classes = pipeline.settings(), np.arange(min(10, pipeline.num_classes))
    chosen = np.linspace(0, settings.steps, min(FRAMES, settings.steps + 1)).astype(int)
    frames = to_unit(np.stack(list(pipeline.trajectory(classes, settings)), axis=1))[:, chosen]
    path = trained.run.figure("reverse_sprites")
    sprites.write(frames.reshape(-1, *frames.shape[2:]), path, len(chosen))
    description = {
        "cell": frames.shape[-1],
        "rows": trained.class_names[: len(classes)],
        "steps": chosen.tolist(),
        "sampler": settings.sampler,
    }
    write_json(path.with_suffix(".json"), description)


def main(argv):
    """Write the data of each run."""
    for run in run_argument(argv, "diffusion/explorer.py", __doc__, several=True):
        write(load_trained(run))


if __name__ == "__main__":
    cli(main)
