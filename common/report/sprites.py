"""A sheet of images pixel for pixel, for the page to cut up."""

from pathlib import Path

import numpy as np
from PIL import Image

from common import plotting
from common.files import atomic_path, write_json

TEN = "ten_sprites"  # sheet and .json of ten test images and what a model makes of them


def write(images, path, columns):
    """Write a PNG of images side by side, without frame or text.

    Args:
        images: [N, C, H, W] float32 in [0, 1]. columns: images a row; N is a multiple of it.
    """
    sheet = plotting.tile(images, columns, pad=0)
    sheet = np.rint(np.clip(sheet, 0, 1) * 255).astype(np.uint8)
    picture = Image.fromarray(sheet[0] if len(sheet) == 1 else sheet.transpose(1, 2, 0))
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    with atomic_path(path) as temporary:
        picture.save(temporary, optimize=True)


def one_of_each(labels, count=10):
    """Indices [K] of the first image of each class, of ten classes at most. labels: [N] int64."""
    return np.unique(labels, return_index=True)[1][:count]


def write_ten(run, names, rows):
    """Write the sheet of ten images of a run.

    Args:
        run: Run. names: [K] class names. rows: {"original" | "reconstruction" | "sample":
            [K, C, H, W] float32 in [0, 1]}, a row each.
    """
    images = np.concatenate(list(rows.values()))
    path = run.figure(TEN)
    write(images, path, len(names))
    description = {"cell": images.shape[-1], "rows": list(rows), "names": list(names)}
    write_json(path.with_suffix(".json"), description)
