"""How good and how fast the samples of a run are, by sampler and guidance.

python diffusion/compare_samplers.py results/diffusion/small --n 1000

Writes study.json and study.npz into the run folder, and two figures of them.
"""

import sys
from dataclasses import asdict, dataclass, replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import common  # noqa: F401 - sets the CPU up, so it comes before Paddle

# isort: split
import numpy as np

from common import plotting, records
from common.cli import Parser, cli
from common.errors import UserError
from common.evaluation import metrics
from common.evaluation.classifier import load_classifier
from common.files import write_json
from common.runtime import device_flag, set_device
from common.training.checkpoint import load_arrays, save_arrays
from diffusion import evaluate
from diffusion.config import LABELS
from diffusion.pipeline import Pipeline

SAMPLERS = (
    *(("ddpm", 1000), ("ddim", 100), ("ddim", 50), ("ddim", 20), ("ddim", 10)),
    *(("dpmpp_2m", 20), ("dpmpp_2m", 15), ("dpmpp_2m", 10)),
)
GUIDANCE = (0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0)
SHOWN = 10  # images kept of each setting
ENOUGH = 100  # images for a FID that says anything, even beside its floor
UNGUIDED = {"sampler": "dpmpp_2m", "steps": 10}  # of samples without guidance: fast, good enough


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


def unguided(pipeline, classifier, data):
    """What the class does for the samples: none at guidance 0, and at 1 as trained.

    Returns:
        {"guidance_0", "guidance_1": {"conditional_accuracy", "fid_1000", "samples",
        "standard_error"}}; {} for a run that never hides its labels, one that is judged on fewer
        than 1000 samples, or of few test images.
    """
    count, config = metrics.FID_REFERENCE_COUNT, pipeline.config
    if not config.label_dropout or min(config.samples, len(data.test) // 2) < count:
        return {}
    kept, found = ("conditional_accuracy", "fid_1000", "samples", "standard_error"), {}
    for w in (0, 1):
        quality = evaluate.sample_quality(pipeline, classifier, data, count, guidance=w, **UNGUIDED)
        found[f"guidance_{w}"] = {name: quality[name] for name in kept}
    return found


def draw(run):
    """Draw the two figures of a run that has a study.json. Raises UserError if it is damaged."""
    if (run.path / "study.json").is_file():
        study = _read(run)
        _samplers(run, study)
        _guidance(run, study)


@dataclass
class Row:
    """A setting of study.json and its numbers."""

    sampler: str
    steps: int
    guidance: float
    conditional_accuracy: float
    fid: float
    fid_floor: float
    sample_seconds: float


@dataclass
class Study:
    """What study.json holds."""

    images: int
    samplers: list[Row]
    guidance: list[Row]


def _read(run):
    """The dict of study.json. Raises UserError if it is damaged."""
    path = run.path / "study.json"
    study = asdict(records.read(Study, records.load_json(path), path))
    if not study["samplers"] or {row["sampler"] for row in study["samplers"]} - set(LABELS):
        raise records.damaged(path, "no samplers, or unknown ones")
    return study


def _samplers(run, study):
    """The same ten noises by every sampler, with accuracy, FID and seconds beside each row."""
    path, rows = run.path / "study.npz", len(study["samplers"])
    images = load_arrays(path, images=("u", 5 * (None,)))["images"]
    if len(images) < rows:
        raise records.damaged(path, f"images of {len(images)} settings, not of {rows}")
    images = images[:rows] / np.float32(255)
    count = study["images"]
    labels = [
        f"{LABELS[row['sampler']]} {row['steps']}\n{_interval(row['conditional_accuracy'], count)}"
        + (f"\nFID {row['fid']:.2f}, " if count >= ENOUGH else "\n")
        + f"{row['sample_seconds']:.1f} s"
        for row in study["samplers"]
    ]
    title = f"Sampler, steps; accuracy of {count} images (95 % interval), seconds"
    if count >= ENOUGH:
        floor = study["samplers"][0]["fid_floor"]
        title = (
            f"Sampler, steps; accuracy of {count} images (95 % interval), "
            f"FID (of real images: {floor:.2f}), seconds"
        )
    sheet = images.reshape(-1, *images.shape[2:])
    plotting.image_grid(sheet, run.figure("samplers"), images.shape[1], title, row_labels=labels)


def _interval(share, count):
    low, high = metrics.wilson(share, count)
    return f"{share:.0%} ({100 * low:.0f}–{high:.0%})"


def _guidance(run, study):
    """Accuracy, with its 95 % interval, and FID against the guidance scale."""
    rows, count = study["guidance"], study["images"]
    if not rows:
        return
    w = [row["guidance"] for row in rows]
    shares = np.array([row["conditional_accuracy"] for row in rows])
    beside = [np.abs(np.array(end) - shares) for end in metrics.wilson(shares, count)]

    def accuracy(axes):
        errors = 100 * np.stack(beside)
        axes.errorbar(w, 100 * shares, errors, marker="o", markersize=3, capsize=2)
        axes.set_title(f"class accuracy of {count} images, 95 % interval", fontsize=10)
        axes.set_xlabel("guidance")
        axes.set_ylabel("%")
        axes.grid(alpha=0.3)

    distances = {
        "samples": (w, [row["fid"] for row in rows]),
        "real images": (w, [row["fid_floor"] for row in rows]),
    }

    def distance(axes):
        log = max(distances["samples"][1]) > 10 * rows[0]["fid_floor"]
        plotting.curves_on(axes, distances, "guidance", "FID", "distance to the data", log)

    draws = [accuracy, distance] if count >= ENOUGH else [accuracy]
    plotting.panels(draws, run.figure("guidance"), width=3.6, height=3.3)


def main(argv):
    """Study one run, draw its two figures."""
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
    draw(trained.run)


if __name__ == "__main__":
    cli(main)
