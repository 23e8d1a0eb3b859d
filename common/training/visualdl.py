"""A run as VisualDL shows it, `visualdl --logdir results`: optional, asked for by --visualdl.

All goes into one file of the run folder that grows, because VisualDL reads one file a folder.
"""

import contextlib
import importlib.util
import io

import numpy as np

from common.errors import UserError

NAME = "visualdl/vdlrecords.run.log"  # VisualDL looks for "vdlrecords"


def check():
    """Raise UserError if VisualDL is not installed."""
    if importlib.util.find_spec("visualdl") is None:
        raise UserError(
            "--visualdl needs the package visualdl: pip install -r requirements-visualdl.txt"
        )


def epoch(run, row, pictures):
    """Log a row of the history as scalars, and pictures {name: [N, C, H, W] in [0, 1]}."""
    with _writer(run) as writer:
        for name, value in row.items():
            if name != "epoch":
                writer.add_scalar(name.replace("_", "/", 1), value, row["epoch"])
        for name, images in pictures.items():
            strip = np.concatenate(list(np.asarray(images).transpose(0, 2, 3, 1)), axis=1)
            pixels = np.repeat(strip, 3 // strip.shape[2], axis=2) * 255
            writer.add_image(name, pixels.clip(0, 255).astype(np.uint8), row["epoch"])


def finish(run, config):
    """Log what a finished run has: figures, codes of test images, settings beside its numbers."""
    from PIL import Image

    from common.evaluation import saved_codes  # imports Paddle

    numbers = {k: v for k, v in run.read_metrics().items() if isinstance(v, int | float)}
    settings = {k: v for k, v in vars(config).items() if isinstance(v, int | float | str)}
    with _writer(run) as writer:
        for path in sorted((run.path / "figures").glob("*.png")):
            pixels = np.asarray(Image.open(path).convert("RGB"))
            writer.add_image(f"figures/{path.stem}", pixels, config.epochs)
        if (run.path / saved_codes.NAME).is_file():
            found, labels, names = saved_codes.load(run.path)
            writer.add_embeddings("test codes", found, [names[label] for label in labels])
        for name, value in numbers.items():
            writer.add_scalar(f"metrics/{name}", value, config.epochs)
        hparams = {k: int(v) if isinstance(v, bool) else v for k, v in settings.items()}
        writer.add_hparams(hparams, [f"metrics/{name}" for name in numbers])


def _writer(run):
    from visualdl import LogWriter

    path = run.path / NAME
    path.parent.mkdir(exist_ok=True)
    with contextlib.redirect_stdout(io.StringIO()):  # it says so when the file is there already
        return LogWriter(logdir=str(path.parent), file_name=path.name)
