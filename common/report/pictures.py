"""Pictures small enough to stand inside the page."""

import base64
import io
from functools import cache

from PIL import Image

QUALITY = 86


@cache
def embed(path, widest=1800):
    """A picture as WebP in a data URI.

    Args:
        path: of a PNG. widest: pixels; a wider picture is made smaller.

    Returns:
        {"src", "width", "height"}.
    """
    with Image.open(path) as picture:
        picture = picture.convert("RGB")
        if picture.width > widest:
            height = round(picture.height * widest / picture.width)
            picture = picture.resize((widest, height), Image.Resampling.LANCZOS)
        return {"src": _uri(picture, quality=QUALITY), **_size(picture)}


def embed_exact(path):
    """A sprite sheet as lossless WebP, pixel for pixel: {"src", "width", "height"}."""
    with Image.open(path) as picture:
        return {"src": _uri(picture.convert("RGB"), lossless=True), **_size(picture)}


def cells(path, cell):
    """The square images of a sprite sheet: [row][column] data URIs. cell: pixels of a side."""
    with Image.open(path) as sheet:
        sheet = sheet.convert("RGB")
        tops, lefts = range(0, sheet.height, cell), range(0, sheet.width, cell)
        return [
            [_uri(sheet.crop((x, y, x + cell, y + cell)), lossless=True) for x in lefts]
            for y in tops
        ]


def _uri(picture, **options):
    buffer = io.BytesIO()
    picture.save(buffer, "WEBP", method=2, **options)
    return "data:image/webp;base64," + base64.b64encode(buffer.getvalue()).decode()


def _size(picture):
    return {"width": picture.width, "height": picture.height}
