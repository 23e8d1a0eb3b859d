"""How good and how fast the samples of a run are, by sampler and guidance.

python diffusion/compare_samplers.py results/diffusion/small --n 1000

Writes study.json and study.npz into the run folder, from which figures.py draws.
"""

import sys
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import common  # noqa: F401 - sets the CPU up, so it comes before Paddle

# isort: split
import numpy as np

from common.cli import Parser, cli
from common.errors import UserError
from common.evaluation.classifier import load_classifier
from common.files import write_json
from common.runtime import device_flag, set_device
from common.training.checkpoint import save_arrays
from diffusion import evaluate, figures
from diffusion.pipeline import Pipeline

SAMPLERS = (
    *(("ddpm", 1000), ("ddim", 100), ("ddim", 50), ("ddim", 20), ("ddim", 10)),
    *(("dpmpp_2m", 20), ("dpmpp_2m", 15), ("dpmpp_2m", 10)),
)
GUIDANCE = (0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0)
SHOWN = 10  # images kept of each setting


def compare(trained, pipeline, classifier, count):
    """Judge every sampler of SAMPLERS and every w of GUIDANCE; writes study.json, study.npz.

    Args:
        trained: Trained. pipeline: Pipeline of it. classifier: Classifier.
        count: images a setting.
    """
    base = pipeline.settings()
    longest = len(pipeline.schedule)
    samplers = {(name, min(steps, longest)): None for name, steps in SAMPLERS}
    choices = [replace(base, sampler=name, steps=steps) for name, steps in samplers]
    if pipeline.config.label_dropout:
        choices += [replace(base, guidance=guidance) for guidance in GUIDANCE]
    rows, pictures = [], []
    for settings in choices:
        row, images = _measure(pipeline, classifier, trained.data, settings, count)
        rows.append(row)
        pictures.append(images)
        print("  ".join(f"{k} {v:.4g}" if isinstance(v, float) else f"{v}" for k, v in row.items()))
    split = len(samplers)
    save_arrays(trained.run.path / "study.npz", images=np.stack(pictures))
    study = {"images": count, "samplers": rows[:split], "guidance": rows[split:]}
    write_json(trained.run.path / "study.json", study)


def _measure(pipeline, classifier, data, settings, count):
    """A row of the study, and SHOWN of its images, one a class in turn, as uint8."""
    changes = {name: getattr(settings, name) for name in ("sampler", "steps", "guidance")}
    quality = evaluate.sample_quality(pipeline, classifier, data, count, **changes)
    names = ("conditional_accuracy", "fid", "fid_floor", "sample_seconds")
    shown = pipeline.sample(np.arange(SHOWN) % pipeline.num_classes, settings)
    row = {**changes, **{name: quality[name] for name in names}}
    return row, np.rint(shown * 255).astype(np.uint8)


def main(argv):
    """Study one run, redraw its figures."""
    parser = Parser("diffusion/compare_samplers.py", __doc__)
    parser.add_argument("run", metavar="RUN", help="folder of a finished run")
    parser.add_argument("--n", type=int, default=1000, metavar="N", help="images a setting [1000]")
    device_flag(parser)
    options = parser.parse_args(argv)
    if options.n < SHOWN:
        raise UserError(f"--n must be at least {SHOWN}, not {options.n}")
    set_device(options.device)
    trained = evaluate.load_trained(options.run)
    pipeline = Pipeline(trained.model, trained.config)
    classifier = load_classifier(trained.config, trained.data)
    if classifier is None:
        raise UserError(f"{trained.data.name} is too small for a study")
    compare(trained, pipeline, classifier, options.n)
    figures.draw(trained, pipeline)


if __name__ == "__main__":
    cli(main)
