"""A sheet of images pixel for pixel, for the page to cut up."""

from pathlib import Path

import numpy as np
from PIL import Image

from common import plotting
from common.files import atomic_path


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
