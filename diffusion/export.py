"""Export the denoiser of a diffusion run: `python diffusion/export.py RUN [--out DIR]`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import common  # noqa: F401 - sets the CPU up, so it comes before Paddle

# isort: split
import numpy as np

from common import export
from common.cli import cli
from diffusion.evaluate import load_trained
from diffusion.schedule import make_schedule


def main(argv):
    """Write the program xt, t, y -> prediction, and the schedule that sampling needs."""
    path, out = export.arguments(argv, "diffusion/export.py")
    trained = load_trained(path)
    config, model = trained.config, trained.model
    shape = (4, config.channels, config.image_size, config.image_size)
    inputs = {
        "xt": np.random.default_rng(0).standard_normal(shape, np.float32),
        "t": np.linspace(0, config.timesteps - 1, 4).astype(np.int64),
        "y": np.arange(4) % (model.no_class + 1),
    }
    about = {
        "module": "diffusion",
        "output": f"{config.objective} [B, C, H, W] float32; images are in [-1, 1]",
        "no_class": model.no_class,
        "alpha_bar": make_schedule(config.schedule, config.timesteps).alpha_bar.tolist(),
    }
    export.export(model, "denoiser", inputs, out, about)


if __name__ == "__main__":
    cli(main)
