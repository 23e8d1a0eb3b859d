"""Draw images from a finished run: a PNG grid, and the numbers in an .npz beside it.

python diffusion/sample.py results/diffusion/small
python diffusion/sample.py results/diffusion/small --classes 3,5 --n 16
python diffusion/sample.py RUN --classes 0-9 --n 80 --steps 50 --guidance 2
python diffusion/sample.py RUN --sampler ddpm --steps 1000 --out slow.png
"""

import math
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import common  # noqa: F401 - sets the CPU up, so it comes before Paddle

# isort: split
import numpy as np

from common import plotting
from common.cli import Parser, cli
from common.compute import environment
from common.errors import UserError
from common.language import say
from common.runtime import device_flag, set_device
from common.training.checkpoint import save_arrays
from diffusion.config import FORMER_SAMPLERS, SAMPLERS
from diffusion.evaluate import load_trained
from diffusion.pipeline import Pipeline

COLUMNS, SHOWN = 8, 1024  # images in a row of the picture, and in all of it


def parser():
    """The flags; what is not given is as the run was trained to be sampled."""
    flags = Parser("diffusion/sample.py", __doc__)
    flags.add_argument("run", metavar="RUN", help="folder of a finished run")
    flags.add_argument("--classes", default="", metavar="LIST", help="0-9, or 3,5,7, or any [all]")
    flags.add_argument(
        "--n", type=int, default=64, metavar="N", help="images, shared out evenly [64]"
    )
    flags.add_argument(
        "--steps", type=int, metavar="N", help="network evaluations an image [the run's]"
    )
    flags.add_argument(
        "--guidance",
        type=float,
        metavar="X",
        help="0: no class, 1: class, more: overdone [the run's]",
    )
    known = (*SAMPLERS, *FORMER_SAMPLERS)
    text = "ddpm, ddim, dpmpp_2m; consistency of a distilled run [the run's]"
    flags.add_argument("--sampler", choices=known, metavar="TEXT", help=text)
    flags.add_argument(
        "--eta", type=float, default=0.0, metavar="X", help="of ddim: 1 is ancestral [0]"
    )
    flags.add_argument(
        "--variance", choices=("small", "large"), default="small", help="of ddpm [small]"
    )
    flags.add_argument("--seed", type=int, default=0, metavar="N", help="of the noise [0]")
    device_flag(flags)
    flags.add_argument(
        "--out", metavar="FILE.png", help="[in RUN/figures, named after the settings]"
    )
    return flags


def parse_classes(text, num_classes):
    """The labels that a text names: "0-2,7" -> [0, 1, 2, 7]; "any" -> the label for no class.

    Raises UserError if it cannot be read, or names a class that the model does not have.
    """
    if text == "any":
        return [num_classes]
    labels = []
    for part in (text or f"0-{num_classes - 1}").split(","):
        first, _, last = part.strip().partition("-")
        if not first.isdigit() or not (last or first).isdigit():
            raise UserError(f"--classes {text!r} cannot be read; write 0-9 or 3,5,7 or any")
        labels += range(int(first), int(last or first) + 1)
    if not labels or max(labels) >= num_classes:
        raise UserError(f"--classes must be within 0-{num_classes - 1} for this run, not {text!r}")
    return labels


def check(options, config):
    """Raise UserError for numbers that make no sense."""
    if not 1 <= options.n <= 100000:
        raise UserError(f"--n must be 1 to 100000, not {options.n}")
    if options.guidance is not None and not 0 <= options.guidance <= 100:
        raise UserError(f"--guidance must be 0 to 100, not {options.guidance}")
    if not 0 <= options.eta <= 1:
        raise UserError(f"--eta must be 0 to 1, not {options.eta}")
    if options.seed < 0:
        raise UserError(f"--seed must be at least 0, not {options.seed}")
    if config.label_dropout == 0 and options.guidance not in (None, 1):
        raise UserError("this run was trained without label dropout; only --guidance 1 works")
    if options.out:
        check_out(Path(os.path.expanduser(options.out)))
    check_memory(options.n, (config.channels, config.image_size, config.image_size))


def check_out(path):
    """Raise UserError unless the picture, and the .npz beside it, can be written as new files."""
    if path.suffix.lower() != ".png":
        raise UserError(f"--out must end in .png, not {str(path)!r}")
    for file in (path, path.with_suffix(".npz")):
        if file.exists():
            raise UserError(f"{file} is there already and would be replaced; choose another --out")
    if not path.absolute().parent.is_dir():
        raise UserError(f"--out {path}: there is no such folder; make it first")


def check_memory(count, shape):
    """Raise UserError if images in float32, twice, take more than half of the memory."""
    need, have = 8 * count * math.prod(shape), environment.memory()
    if have and need > have / 2:
        raise UserError(
            f"--n {count} images of {' x '.join(map(str, shape))} take {need / 1e9:.1f} GB, more "
            f"than half of the memory ({have / 1e9:.1f} GB); give a smaller --n"
        )


def default_path(run, settings, options):
    """A name made of all that decides the images, so that only equal ones share it."""
    words = [settings.sampler, settings.steps, f"w{settings.guidance:g}", f"seed{settings.seed}"]
    words += [f"eta{settings.eta:g}"] if settings.sampler == "ddim" and settings.eta else []
    words += [settings.variance] if settings.sampler == "ddpm" else []
    words += [f"n{options.n}"] + ([options.classes[:60]] if options.classes else [])
    return run.figure("sample-" + "-".join(map(str, words)))


def main(argv):
    """Sample and write."""
    options = parser().parse_args(argv)
    set_device(options.device)
    trained = load_trained(options.run)
    check(options, trained.config)
    pipeline = Pipeline(trained.model, trained.config)
    classes = parse_classes(options.classes, pipeline.num_classes)
    # in the order of the classes, as evenly as n allows: 5 of [0, 1] are 0 0 0 1 1
    labels = np.sort(np.resize(np.arange(len(classes)), options.n))
    labels = np.asarray(classes)[labels]
    names = ("sampler", "steps", "guidance", "eta", "variance", "seed")
    options.sampler = FORMER_SAMPLERS.get(options.sampler, options.sampler)
    given = {name: getattr(options, name) for name in names}
    settings = pipeline.settings(**{k: v for k, v in given.items() if v is not None})
    images = pipeline.sample(labels, settings, progress=True)
    path = default_path(trained.run, settings, options)
    path = Path(os.path.expanduser(options.out)) if options.out else path
    save_arrays(path.with_suffix(".npz"), images=images, labels=labels)
    title = f"{settings.sampler}, {settings.steps} steps, guidance {settings.guidance:g}"
    if len(images) > SHOWN:
        title = f"{title}; {SHOWN:,} of {len(images):,} images"
    shown = images[np.linspace(0, len(images) - 1, min(SHOWN, len(images))).astype(int)]
    plotting.image_grid(shown, path, min(COLUMNS, len(shown)), title)
    say(f"{path} and {path.with_suffix('.npz').name}: {len(images)} images")


if __name__ == "__main__":
    cli(main)
