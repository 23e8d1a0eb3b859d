"""Ten test images and their reconstructions, for the page of the reports.

python ae/explorer.py RUN ...     what reproduce.py calls for the runs on its page
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import common  # noqa: F401 - sets the CPU up, so it comes before Paddle

# isort: split
import paddle

from ae.evaluate import load_trained
from common.cli import cli
from common.report import sprites
from common.runtime import run_argument


@paddle.no_grad()
def write(trained):
    """Write figures/ten_sprites.png and .json of a Trained autoencoder."""
    data = trained.data
    x, y = data.test.batch(sprites.one_of_each(data.test.labels))
    rows = {"original": x, "reconstruction": trained.model(paddle.to_tensor(x)).numpy()}
    sprites.write_ten(trained.run, [data.class_names[label] for label in y], rows)


def main(argv):
    """Write the data of each run."""
    for run in run_argument(argv, "ae/explorer.py", __doc__, several=True):
        write(load_trained(run))


if __name__ == "__main__":
    cli(main)
