"""How good and how fast the samples of a run are, by sampler and guidance.

python diffusion/compare_samplers.py results/diffusion/small --n 1000

Writes study.json and study.npz into the run folder, from which figures.py draws.
"""

import sys
import time
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import common  # noqa: F401 - sets the CPU up, so it comes before Paddle

# isort: split
import numpy as np

from common import datasets
from common.cli import Parser, cli
from common.errors import UserError
from common.evaluation import classifier, metrics
from common.files import write_json
from common.runtime import set_device
from common.training.checkpoint import save_arrays
from diffusion import figures
from diffusion.pipeline import Generator

SAMPLERS = (
    *(("ddpm", 1000), ("ddim", 100), ("ddim", 50), ("ddim", 20), ("ddim", 10)),
    *(("solver", 20), ("solver", 15), ("solver", 10)),
)
GUIDANCE = (0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0)
SHOWN = 10  # images kept of each setting


def judge_samples(generator, judge, data, count, **changes):
    """Draw `count` images with the class shares of the test set, and judge them.

    Args:
        generator: Generator. judge: Classifier. data: Data. changes: of the run's Settings.

    Returns:
        The dict of metrics.sample_quality, with "ms_per_sample" and "sample_seconds".
    """
    labels = metrics.labels_like(data.test.labels, count, seed=0)
    settings = generator.settings(**changes)
    began = time.perf_counter()
    images = generator.sample(labels, settings, progress=True)
    seconds = time.perf_counter() - began
    quality = metrics.sample_quality(judge, data, images, labels)
    speed = {"ms_per_sample": 1000 * seconds / count, "sample_seconds": seconds}
    return {**quality, **speed}


def compare(generator, judge, data, count):
    """Judge every sampler of SAMPLERS and every w of GUIDANCE; writes study.json, study.npz.

    Args:
        generator: Generator of a run. judge: Classifier. data: Data. count: images a setting.
    """
    base = generator.settings()
    longest = len(generator.schedule)
    samplers = {(name, min(steps, longest)): None for name, steps in SAMPLERS}
    choices = [replace(base, sampler=name, steps=steps) for name, steps in samplers]
    if generator.config.label_dropout:
        choices += [replace(base, guidance=guidance) for guidance in GUIDANCE]
    rows, pictures = [], []
    for settings in choices:
        row, images = _measure(generator, judge, data, settings, count)
        rows.append(row)
        pictures.append(images)
        print("  ".join(f"{k} {v:.4g}" if isinstance(v, float) else f"{v}" for k, v in row.items()))
    split = len(samplers)
    save_arrays(generator.run.path / "study.npz", images=np.stack(pictures))
    study = {"images": count, "samplers": rows[:split], "guidance": rows[split:]}
    write_json(generator.run.path / "study.json", study)


def _measure(generator, judge, data, settings, count):
    """A row of the study, and SHOWN of its images, one a class in turn, as uint8."""
    changes = {name: getattr(settings, name) for name in ("sampler", "steps", "guidance")}
    quality = judge_samples(generator, judge, data, count, **changes)
    names = ("conditional_accuracy", "fid", "fid_floor", "sample_seconds")
    shown = generator.sample(np.arange(SHOWN) % generator.num_classes, settings)
    row = {**changes, **{name: quality[name] for name in names}}
    return row, np.rint(shown * 255).astype(np.uint8)


def main(argv):
    """Study one run, redraw its figures."""
    parser = Parser("diffusion/compare_samplers.py", __doc__)
    parser.add_argument("run", metavar="RUN", help="folder of a finished run")
    parser.add_argument("--n", type=int, default=1000, metavar="N", help="images a setting [1000]")
    options = parser.parse_args(argv)
    if options.n < SHOWN:
        raise UserError(f"--n must be at least {SHOWN}, not {options.n}")
    generator = Generator.open(options.run)
    set_device(generator.config.device)
    data = datasets.load(generator.config)
    judge = classifier.load_for(generator.config, data)
    if judge is None:
        raise UserError(f"{data.name} is too small for a study")
    compare(generator, judge, data, options.n)
    figures.draw(options.run)


if __name__ == "__main__":
    cli(main)
