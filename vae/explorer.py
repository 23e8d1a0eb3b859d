"""The plane of a VAE with z = 2 for the page of the reports: decoded images, and test points.

python vae/explorer.py RUN     what reproduce.py calls for the runs whose plane the page shows
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import common  # noqa: F401 - sets the CPU up, so it comes before Paddle

# isort: split
import numpy as np

from common.cli import cli
from common.errors import UserError
from common.files import write_json
from common.report import sprites
from common.runtime import run_argument
from vae.evaluate import load_trained, posterior
from vae.latent_figures import plane

EXTENT, STEPS = 5.0, 41  # the plane is [-EXTENT, EXTENT]^2, decoded at STEPS x STEPS points
POINTS = 1000  # test images at most


def write(trained):
    """Write figures/manifold_sprites.png and figures/latent_points.json of a Trained VAE.

    The sheet has a cell for each point of the plane: z1 grows to the right, z2 upwards. A
    conditional model decodes class 0. Raises UserError unless z has two dimensions.
    """
    run, model, data = trained.run, trained.model, trained.data
    if model.latent_dim != 2:
        raise UserError(f"{run.path} has {model.latent_dim} latent dimensions; the plane needs 2")
    values = np.linspace(-EXTENT, EXTENT, STEPS)
    sprites.write(plane(model, values), run.figure("manifold_sprites"), STEPS)
    mu, _ = posterior(model, data.test.first(POINTS))
    points = [[*map(float, np.round(z, 3)), int(y)] for z, y in zip(mu, data.test.labels)]
    description = {
        "extent": EXTENT,
        "steps": STEPS,
        "cell": model.shape[1],
        "class_names": list(data.class_names),
        "points": points,
    }
    write_json(run.path / "figures" / "latent_points.json", description)


def main(argv):
    """Write the data of one run."""
    write(load_trained(run_argument(argv, "vae/explorer.py", __doc__)))


if __name__ == "__main__":
    cli(main)
