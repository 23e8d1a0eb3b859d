"""The plane of a VAE with z = 2 as data for a page: a sheet of decoded images, and test points."""

import numpy as np

from common import plotting
from common.files import write_json
from vae.latent_figures import plane

EXTENT, STEPS = 5.0, 41  # the plane is [-EXTENT, EXTENT]^2, decoded at STEPS x STEPS points
POINTS = 1000  # test images at most


def write(run, model, mu, labels, class_names):
    """Write figures/manifold_sprites.png and figures/latent_points.json of a run.

    The sheet has a cell for each point of the plane: z1 grows to the right, z2 upwards. A
    conditional model decodes class 0.

    Args:
        run: Run. model: VAE in eval mode, latent_dim 2. mu: [N, 2] float32, posterior means of
        test images. labels: [>= N] int64. class_names: list of str.
    """
    values = np.linspace(-EXTENT, EXTENT, STEPS)
    plotting.sprites(plane(model, values), run.figure("manifold_sprites"), STEPS)
    points = [[*map(float, np.round(z, 3)), int(y)] for z, y in zip(mu[:POINTS], labels)]
    description = {
        "extent": EXTENT,
        "steps": STEPS,
        "cell": model.shape[1],
        "class_names": list(class_names),
        "points": points,
    }
    write_json(run.path / "figures" / "latent_points.json", description)
