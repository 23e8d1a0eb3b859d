"""Compare settings on training images that are kept out, so that no test image chooses one.

python -m tests.bench.validation vae-cosine     one row of results.py; without a name all of TRIALS

The last 5,000 training images stand in for the test images; training has the others.
"""

import dataclasses
from pathlib import Path

import ae.run
import diffusion.run
import reproduce
import vae.run
from common import datasets
from common.cli import Parser, cli
from common.errors import UserError
from common.report import plan
from common.training.run_folder import Run
from tests.bench import results

KEPT = 5000
SCRIPTS = {"ae": ae.run, "vae": vae.run, "diffusion": diffusion.run}
TRIALS = {  # row: what decides (less is better), the setting, its values
    "vae-cosine": ("test_neg_elbo", "lr", (1e-3, 2e-3, 4e-3, 8e-3)),
    "cvae-mlp": ("test_neg_elbo", "lr", (1e-3, 2e-3, 4e-3)),
    "cvae-conv": ("test_neg_elbo", "lr", (1e-3, 2e-3, 4e-3)),
    "cvae": ("fid", "beta", (1, 2, 5, 10)),
    "ddpm-mnist-4": ("fid", "lr", (1e-3, 2e-3, 4e-3)),
}


class KeptOut:
    """Stands for `common.datasets` in a run script."""

    @staticmethod
    def load(config):
        """The Data of a config without its test images."""
        data = datasets.load(config)
        first = len(data.train) - KEPT
        images, labels = data.train.images[first:], data.train.labels[first:]
        kept = dataclasses.replace(data.train, images=images, labels=labels)
        return dataclasses.replace(data, train=data.train.first(first), test=kept)


def main(argv):
    """Train each trial that is not done, and print what decides."""
    parser = Parser("-m tests.bench.validation", __doc__)
    parser.add_argument("rows", nargs="*", metavar="ROW", help=", ".join(TRIALS))
    parser.add_argument("--out", type=Path, default=Path("results/validation"), metavar="DIR")
    given = parser.parse_args(argv)
    for name in given.rows:
        if name not in TRIALS:
            raise UserError(f"there are trials of {', '.join(TRIALS)}, not of '{name}'")
    for name in given.rows or TRIALS:
        compare(next(row for row in results.ROWS if row.name == name), given.out)


def compare(row, out):
    """Print what decides for each value of the setting, as it comes."""
    key, setting, values = TRIALS[row.name]
    script = SCRIPTS[row.module]
    script.datasets = KeptOut
    for value in values:
        job = dataclasses.replace(row.job, settings={**row.settings, setting: value}, seeds=1)
        (step,) = plan.steps_of([job], reproduce.MODULES, "full", out)
        if step.state != "done":
            script.train(step.config, step.path, overwrite=True)
        found = Run.open(step.path).read_metrics()[key]
        print(f"{row.name}: {setting} {value:g}: {key} {found:.4g}", flush=True)


if __name__ == "__main__":
    cli(main)
