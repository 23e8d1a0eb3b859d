"""Walks between test images: from one code to another, decoded on the way."""

import numpy as np

from common import plotting

COUNT, STEPS = 6, 11  # pairs of images; images between two
SHARES = np.linspace(0, 1, STEPS, dtype=np.float32)  # of the second image, at each step


def pairs(labels):
    """Images to walk between, of two classes where there are two: [COUNT, 2] indices.

    Args:
        labels: [N] int64, N >= 1. Every class has its turn; what is few is repeated.
    """
    members = [np.flatnonzero(labels == label) for label in np.unique(labels)]
    turns = (divmod(turn, len(members)) for turn in range(2 * COUNT))
    chosen = [members[k][turn % len(members[k])] for turn, k in turns]
    return np.array(chosen).reshape(COUNT, 2)


def draw(path, data, ends, walks, title, notes=None):
    """A sheet of walks, one per row; the originals stand apart, the ends are reconstructions.

    Args:
        path: the PNG. data: Data. ends: [W, 2] indices of test images.
        walks: [W] of [STEPS, C, H, W] float32. notes: {row: what it says in place of its classes}.
    """
    (first, y), (last, other) = (data.test.batch(ends[:, side]) for side in (0, 1))
    names = [f"{data.class_names[a]} → {data.class_names[b]}" for a, b in zip(y, other)]
    for row, note in (notes or {}).items():
        names[row] = note
    gap = np.ones_like(first[:1])
    rows = [(a[None], gap, walk, gap, b[None]) for a, walk, b in zip(first, walks, last)]
    plotting.image_grid(
        np.concatenate([images for row in rows for images in row]),
        path,
        STEPS + 4,
        title,
        row_labels=names,
        column_labels=["original", "", *[f"{share:.1f}" for share in SHARES], "", "original"],
        xlabel="share of the second image",
    )
