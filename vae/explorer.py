"""Images of a VAE for the page of the reports: ten of each kind, and its line or plane of z.

python vae/explorer.py RUN ...     what reproduce.py calls for the runs on its page
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import common  # noqa: F401 - sets the CPU up, so it comes before Paddle

# isort: split
import numpy as np
import paddle

from common.cli import cli
from common.evaluation.classifier import load_classifier
from common.files import write_json
from common.report import sprites
from common.runtime import run_argument, seed_step
from vae import latent_figures, prior
from vae.evaluate import load_trained, posterior, sample
from vae.latent_numbers import LINE

EXTENT, STEPS = 5.0, 41  # the plane is [-EXTENT, EXTENT]^2, decoded at STEPS x STEPS points
POINTS = 1000  # test images at most


def write(trained):
    """Write what fits a Trained VAE: `ten`, and without a class `line` (z = 1) or `plane` (2)."""
    ten(trained)
    more = {1: line, 2: plane}.get(trained.model.latent_dim)
    if more and not trained.model.classes:
        more(trained)


@paddle.no_grad()
def ten(trained):
    """figures/ten_sprites.png and .json: test images, their reconstructions, samples of N(0, I)."""
    model, data = trained.model, trained.data
    x, y = data.test.batch(sprites.one_of_each(data.test.labels))
    classes = paddle.to_tensor(y)
    mu, _ = model.encode(paddle.to_tensor(x), classes)
    seed_step(trained.config.seed, "explorer")
    drawn = sample(model, prior.StandardNormal(model.latent_dim), len(y), y)
    rows = {"original": x, "reconstruction": model.decode(mu, classes).numpy(), "sample": drawn}
    sprites.write_ten(trained.run, [data.class_names[label] for label in y], rows)


@paddle.no_grad()
def line(trained):
    """figures/line_sprites.png and .json: what z = -3 ... 3 decodes to; the class that is seen."""
    images = trained.model.decode(paddle.to_tensor(LINE[:, None])).numpy()
    _describe(trained, "line_sprites", images, len(LINE), z=[round(float(z), 2) for z in LINE])


def plane(trained):
    """figures/plane_sprites.png and .json: the plane of z, decoded; codes of test images on it.

    The sheet has a cell for each point of the plane: z1 grows to the right, z2 upwards.
    """
    images = latent_figures.plane(trained.model, np.linspace(-EXTENT, EXTENT, STEPS))
    test = trained.data.test.first(POINTS)
    mu, _ = posterior(trained.model, test)
    points = [[*map(float, np.round(z, 3)), int(y)] for z, y in zip(mu, test.labels)]
    place = {"extent": EXTENT, "steps": STEPS, "points": points}
    _describe(trained, "plane_sprites", images, STEPS, **place)


def _describe(trained, name, images, columns, **more):
    """Write a sheet and its .json, with the class that the classifier sees in each image."""
    classifier = load_classifier(trained.config, trained.data, train=False)
    path = trained.run.figure(name)
    sprites.write(images, path, columns)
    description = {
        "cell": images.shape[-1],
        "class_names": list(trained.data.class_names),
        "seen": classifier.predict(images).tolist() if classifier else [],
        **more,
    }
    write_json(path.with_suffix(".json"), description)


def main(argv):
    """Write the data of each run."""
    for run in run_argument(argv, "vae/explorer.py", __doc__, several=True):
        write(load_trained(run))


if __name__ == "__main__":
    cli(main)
