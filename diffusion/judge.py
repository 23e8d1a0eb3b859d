"""Judge 5,000 samples of a finished run, by the number of evaluations of the network.

python diffusion/judge.py results/diffusion/small --steps 1,2,4,8
python diffusion/judge.py results/diffusion/small --steps 10 --guidance 1.5 --sampler dpmpp_2m
"""

import hashlib
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import common  # noqa: F401 - sets the CPU up, so it comes before Paddle

# isort: split
import numpy as np

from common.cli import Parser, cli
from common.errors import UserError
from common.evaluation import metrics
from common.evaluation.classifier import load_classifier
from common.runtime import device_flag, set_device
from common.training import checkpoint
from diffusion.config import SAMPLERS
from diffusion.evaluate import load_trained
from diffusion.pipeline import Pipeline

SAMPLES = 5000


def judge(trained, **changes):
    """Judge SAMPLES samples of a Trained, with the class shares of the test images.

    changes: of the run's sampling settings. `fid` and `fid_floor` are of 1,000 images, as the
    project compares, and means over the thousands. At 5,000 (`fid_of_all`) even real training
    images of MNIST have twice the floor.
    """
    pipeline, data = Pipeline(trained.model, trained.config), trained.data
    classifier = load_classifier(trained.config, data)
    labels = metrics.sample_labels(data.test.labels, SAMPLES, seed=0)
    images = pipeline.sample(labels, pipeline.settings(**changes), progress=True)
    predicted, fake = classifier.outputs(images)
    count = min(SAMPLES, len(data.test) // 2)
    half_a, half_b = metrics.split_real_features(classifier, data.test, count)
    return {
        "conditional_accuracy": float(np.mean(predicted == labels)),
        "fid": _mean_fid(fake[:count], half_a),
        "fid_floor": _mean_fid(half_b, half_a),
        "fid_of_all": metrics.fid(fake[:count], half_a),
        "fid_floor_of_all": metrics.fid(half_b, half_a),
        "judge": _checksum(classifier),
    }


def _mean_fid(a, b):
    """The FID of 1,000 rows of each, or of all where there are fewer; mean over the thousands."""
    size = min(metrics.FID_REFERENCE_COUNT, len(a))
    starts = range(0, len(a) - size + 1, size)
    return float(np.mean([metrics.fid(a[k : k + size], b[k : k + size]) for k in starts]))


def _checksum(classifier):
    """Eight hex digits of the judge's weights: only numbers of one judge can be compared."""
    arrays = checkpoint.model_arrays(classifier.network)
    digest = hashlib.sha256()
    for name in sorted(arrays):
        digest.update(np.ascontiguousarray(arrays[name]))
    return digest.hexdigest()[:8]


def table(trained, counts, **changes):
    """Judge a Trained at each number of steps, printing as it goes. Returns the rows."""
    rows = []
    for steps in counts:
        rows.append({"steps": steps, **judge(trained, steps=steps, **changes)})
        print(in_words(rows[-1]), flush=True)
    return rows


def in_words(numbers):
    """{name: value} as a line to print."""
    words = (f"{k} {v:.4g}" if isinstance(v, float) else f"{k} {v}" for k, v in numbers.items())
    return "  ".join(words)


def main(argv):
    """Print the table of a run."""
    flags = Parser("diffusion/judge.py", __doc__)
    flags.add_argument("run", metavar="RUN", help="folder of a finished run")
    flags.add_argument("--steps", default="1,2,4,8", metavar="LIST", help="of sampling [1,2,4,8]")
    text = "two evaluations a step where it is neither 0 nor 1 [the run's]"
    flags.add_argument("--guidance", type=float, metavar="X", help=text)
    flags.add_argument("--sampler", choices=SAMPLERS, metavar="TEXT", help="[the run's]")
    device_flag(flags)
    options = flags.parse_args(argv)
    counts = options.steps.split(",")
    if not all(count.isdecimal() for count in counts):
        raise UserError(f"--steps must be numbers with commas between them, not {options.steps}")
    set_device(options.device)
    given = {"guidance": options.guidance, "sampler": options.sampler}
    changes = {name: value for name, value in given.items() if value is not None}
    table(load_trained(options.run), map(int, counts), **changes)


if __name__ == "__main__":
    cli(main)
