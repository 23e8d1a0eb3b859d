"""A user's own images, ROOT/<class name>/*.png: which files are read, how, and what is refused.

All of a class folder counts, however deep, and links are followed. Every image is turned upright
(EXIF), cut to its middle square and resized, so that memory holds uint8 at the run's size only.
"""

import os
import sys
import warnings
import weakref
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps
from tqdm import tqdm

from common.compute import environment
from common.errors import UserError

FORMATS = ("PNG", "JPEG", "BMP", "GIF", "WEBP")  # by content; a suffix alone opens nothing else
SUFFIXES = {".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp"}
KINDS = "png, jpg, bmp, gif or webp"
JUNK = {"thumbs.db", "desktop.ini", "__macosx"}  # left by systems; hidden files go unseen, too
SPLITS = {"train", "test", "val", "valid", "validation"}
LEAST_SIDE = 4  # pixels; the smallest --image-size
CHUNK = 32  # images that a thread reads at a time
NAMED = 5  # files that an error names at most

_kept = weakref.WeakValueDictionary()  # arrays that somebody still holds: the figures need no copy


def find(root):
    """The images of a folder, without opening them.

    Args:
        root: Path of a folder with a subfolder for each class.

    Returns:
        (paths, labels [N] int64, class names sorted, index = label). Raises UserError if there is
        no class, or one with fewer than two images.
    """
    names = [entry.name for entry in _entries(root) if os.path.isdir(entry)]
    if not names:
        raise UserError(
            f"{root} has no subfolders; put the images of each class into a folder of their own, "
            f"{root}/<class name>/*.png (without classes: into one)"
        )
    if len(names) > 1 and {name.lower() for name in names} <= SPLITS:
        raise UserError(
            f"the folders of {root} are splits, not classes ({', '.join(names)}); give one of "
            f"them, --dataset {root / names[0]} for one: a fifth of it is held out"
        )
    paths, labels, few = [], [], []
    ignored = [entry.path for entry in _entries(root) if not os.path.isdir(entry)]
    for label, name in enumerate(names):
        found = []
        for path in _files(root / name):
            (found if Path(path).suffix.lower() in SUFFIXES else ignored).append(path)
        if len(found) < 2:
            few.append(f"{name} ({len(found)})")
        paths += found
        labels += [label] * len(found)
    if few:
        raise UserError(
            f"every class folder of {root} needs two or more images ({KINDS}), because one is "
            f"held out; too few: {_some(few)}. Add images, or remove the folder"
        )
    if ignored:
        _tell(
            f"{root}: ignored {len(ignored)} files that are not {KINDS} in a class folder, "
            f"{ignored[0]} for one"
        )
    return paths, np.array(labels, dtype=np.int64), names


@lru_cache
def _tell(text):
    """Say it on stderr, once, though a run looks at its data several times."""
    print(text, file=sys.stderr)


def _entries(folder):
    """What a folder holds, by name, without hidden files and what systems leave behind."""
    try:
        with os.scandir(folder) as entries:
            shown = [
                e for e in entries if not e.name.startswith(".") and e.name.lower() not in JUNK
            ]
    except OSError as error:
        raise UserError(f"cannot look into the folder {folder}: {error.strerror}") from None
    return sorted(shown, key=lambda entry: entry.name)


def _files(folder, above=()):
    """Paths of all files below a folder; a link back to a folder above it is not followed."""
    here = os.path.realpath(folder)
    if here in above:
        return
    for entry in _entries(folder):
        if os.path.isdir(entry):
            yield from _files(entry.path, (*above, here))
        else:
            yield entry.path


def _some(items):
    """A text of the first few items, and how many more there are."""
    more = f" and {len(items) - NAMED} more" if len(items) > NAMED else ""
    return ", ".join(items[:NAMED]) + more


def read(paths, channels, size):
    """Read images, with a thread for each core and a bar if it takes long.

    Args:
        paths: of the images. channels: 1 or 3. size: height and width of the result.

    Returns:
        [N, channels, size, size] uint8, not to be written to: equal calls share it. Raises
        UserError that names the files if some cannot be read, or before reading if the array
        would take more than half of the memory.
    """
    key = (channels, size, tuple(map(_stamp, paths)))
    if key in _kept:
        return _kept[key]
    _check_memory(len(paths), channels, size)
    images, bad = np.empty((len(paths), channels, size, size), np.uint8), {}

    def one_part(start):
        for index in range(start, min(start + CHUNK, len(paths))):
            try:
                images[index] = _read_one(paths[index], channels, size)
            except Exception as error:  # what decoders raise on a damaged file is not documented
                bad[paths[index]] = _reason(error)

    starts = range(0, len(paths), CHUNK)
    bar = tqdm(total=len(paths), desc="reading", unit="image", leave=False, disable=None, delay=2)
    with warnings.catch_warnings(), bar, ThreadPoolExecutor(environment.threads()) as pool:
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        for start, _ in zip(starts, pool.map(one_part, starts)):
            bar.update(min(CHUNK, len(paths) - start))
    if bad:
        raise UserError(
            f"cannot read {len(bad)} of {len(paths)} images: "
            f"{_some([f'{path} ({bad[path]})' for path in sorted(bad)])}. Replace or remove them"
        )
    images.flags.writeable = False
    _kept[key] = images
    return images


def _stamp(path):
    """A path with size and time of its file, so that a changed file is read again."""
    try:
        status = os.stat(path)
    except OSError:  # said when it is opened
        return path
    return path, status.st_size, status.st_mtime_ns


def _check_memory(count, channels, size):
    need, have = count * channels * size * size, environment.memory()
    if have and need > have / 2:
        raise UserError(
            f"{count:,} images of {channels} x {size} x {size} take {need / 1e9:.1f} GB, more than "
            f"half of the memory ({have / 1e9:.1f} GB); give a smaller --image-size, "
            "--channels 1 or --max-train"
        )


def _reason(error):
    """Why an image cannot be read, in words without the path."""
    if isinstance(error, (Image.DecompressionBombError, Image.DecompressionBombWarning)):
        return f"more than {Image.MAX_IMAGE_PIXELS / 1e6:.0f} million pixels"
    if isinstance(error, Image.UnidentifiedImageError):
        return f"no {KINDS} image, or damaged"
    return getattr(error, "strerror", None) or str(error) or type(error).__name__


def _read_one(path, channels, size):
    """One image as [C, H, W] uint8; of an animation the first frame."""
    mode = "RGB" if channels == 3 else "L"
    with Image.open(path, formats=FORMATS) as picture:
        if min(picture.size) < LEAST_SIDE:
            raise ValueError("{} x {} pixels are too few".format(*picture.size))
        picture.draft(mode, (2 * size, 2 * size))  # a large JPEG is decoded at 1/2 to 1/8 only
        upright = ImageOps.exif_transpose(picture)
        square = ImageOps.fit(_flat(upright, mode), (size, size), Image.Resampling.BILINEAR)
    array = np.asarray(square)
    return array.transpose(2, 0, 1) if channels == 3 else array[None]


def _flat(picture, mode):
    """The picture in 8 bits: 65535 of 16 bits is white, and what is transparent becomes white."""
    if picture.mode.startswith("I"):
        values = np.asarray(picture).astype(np.uint32)
        picture = Image.fromarray(((values + 128) // 257).astype(np.uint8))
    if picture.has_transparency_data:
        picture = picture.convert("RGBA")
        picture = Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture)
    return picture.convert(mode)
