"""A user's own images, ROOT/<class name>/*.png: which files are read, how, and what is refused.

All of a class folder counts, however deep, and links are followed; what NAS, phones and systems
leave there does not, nor do runs of this project. Every image is turned upright (EXIF), cut to its
middle square and resized, so that memory holds uint8 at the run's size only.
"""

import hashlib
import os
import stat
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache

import numpy as np
from PIL import Image, ImageOps
from tqdm import tqdm

from common.compute import environment
from common.errors import UserError
from common.language import say

FORMATS = ("PNG", "JPEG", "BMP", "GIF", "WEBP")  # by content; a suffix alone opens nothing else
SUFFIXES = {".png", ".apng", ".jpg", ".jpeg", ".jpe", ".jfif", ".jif", ".jfi", ".pjpeg", ".pjp"}
SUFFIXES |= {".bmp", ".dib", ".gif", ".webp"}
KINDS = "png, jpg, bmp, gif or webp"
JUNK = {  # left by systems, NAS and viewers; hidden files go unseen, too
    *("thumbs.db", "ehthumbs.db", "ehthumbs_vista.db", "desktop.ini", "picasa.ini", "icon\r"),
    *(
        "__macosx",
        "@eadir",
        "@recycle",
        "@recently-snapshot",
        "@tmp",
        "@sharesnap",
        "@synoresource",
    ),
    *("#recycle", "#snapshot", "$recycle.bin", "recycler", "system volume information"),
    *("lost+found", "network trash folder", "temporary items", "thevolumesettingsfolder"),
    *("@synoresource", "found.000", "lost.dir", "@__thumb"),
}
SPLITS = {"train", "test", "val", "valid", "validation"}
LEAST_SIDE = 4  # pixels; the smallest --image-size
CHUNK = 32  # images that a thread reads at a time
NAMED = 5  # files that an error names at most


def find(root):
    """The images of a folder, without opening them.

    Args:
        root: Path of a folder with a subfolder for each class.

    Returns:
        (paths, labels [N] int64, class names sorted, index = label). Raises UserError if there is
        no class, or one with fewer than two images.
    """
    classes, ignored = _classes(root)
    paths, labels, few = [], [], []
    for label, (name, files) in enumerate(classes.items()):
        found = [path for path in files if _is_image(path)]
        others = [path for path in files if not _is_image(path)]
        if len(found) < 2:
            few.append(
                f"{readable(name)} ({len(found)}, and {len(others)} other files, "
                f"{_name(others[0])} for one)"
                if others
                else f"{readable(name)} ({len(found)})"
            )
        ignored += others
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
    return paths, np.array(labels, dtype=np.int64), list(map(readable, classes))


def _classes(root):
    """({class folder: paths of its files}, paths of files beside the folders) of a data set."""
    classes, beside = {}, []
    for entry in _entries(root):
        if not os.path.isdir(entry):
            beside.append(entry.path)
            continue
        folder, runs = os.path.join(root, entry.name), []
        files = list(_files(folder, runs))
        own_images = (_is_image(path) for path in files if os.path.dirname(path) == folder)
        if runs and not any(own_images):
            _tell(f"{root}: {readable(entry.name)} holds runs of this project and is no class")
        else:
            classes[entry.name] = files
    names = list(classes)
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
    return classes, beside


def readable(name):
    """A file name as text; bytes that are not UTF-8 are escaped, as in caf\\xe9."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def _name(path):
    return readable(os.path.basename(path))


def _is_image(path):
    return os.path.splitext(path)[1].lower() in SUFFIXES


def held_out(root, paths, labels, seed):
    """[N] bool: the test images, a fifth of each class, at least one.

    They are those with the lowest hashes of the seed and the file's name within `root`, not of its
    position, so that an image that is added moves one other at most.
    """
    digests = [hashlib.sha256(b"%d/%s" % (seed, place)).digest() for place in _places(root, paths)]
    test = np.zeros(len(labels), dtype=bool)
    for label in np.unique(labels):
        members = sorted(np.flatnonzero(labels == label), key=digests.__getitem__)
        test[members[: max(1, len(members) // 5)]] = True
    return test


def _places(root, paths):
    """The files' names within the folder, as bytes, alike on all systems."""
    return [os.fsencode(os.path.relpath(path, root)).replace(b"\\", b"/") for path in paths]


def fingerprint(root, paths, labels, names, content=True):
    """What tells one set of pictures from another, for JSON.

    Returns:
        {"counts": {class: images}, "names": digest of the files' names within `root`, "content":
        digest of their bytes, if that is asked for: every file is read}. Raises UserError.
    """
    counts = np.bincount(labels, minlength=len(names)).tolist()
    found = {"counts": dict(zip(names, counts)), "names": _hash(_places(root, paths))}
    if content:
        with ThreadPoolExecutor(environment.threads()) as pool:
            found["content"] = _hash(pool.map(_digest, paths))
    return found


def _hash(parts):
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part + b"\0")
    return digest.hexdigest()[:16]


def _digest(path):
    try:
        with open(path, "rb") as file:
            digest = hashlib.sha256()
            while block := file.read(1 << 20):
                digest.update(block)
            return digest.digest()
    except OSError as error:
        raise UserError(f"cannot read {path}: {error.strerror}") from None


@lru_cache
def _tell(text):
    """Say it on stderr, once, though a run looks at its data several times."""
    say(text, file=sys.stderr)


def _entries(folder):
    """What a folder holds, by name, without hidden files and what systems leave behind."""
    try:
        with os.scandir(folder) as entries:
            shown = [e for e in entries if not _is_hidden(e) and e.name.lower() not in JUNK]
    except OSError as error:
        raise UserError(f"cannot look into the folder {folder}: {error.strerror}") from None
    return sorted(shown, key=lambda entry: entry.name)


def _is_hidden(entry):
    """Whether a system hides an entry of a folder: by a dot, or by an attribute on Windows."""
    if entry.name.startswith("."):
        return True
    if os.name != "nt":
        return False
    attributes = entry.stat(follow_symlinks=False).st_file_attributes
    return bool(attributes & (stat.FILE_ATTRIBUTE_HIDDEN | stat.FILE_ATTRIBUTE_SYSTEM))


def _files(folder, runs, above=()):
    """Paths of all files below a folder; runs of this project are left out and added to `runs`.

    A link back to a folder above it is not followed.
    """
    here = os.path.realpath(folder)
    if here in above:
        return
    entries = _entries(folder)
    if _is_run({entry.name for entry in entries}):
        runs.append(folder)
        return
    for entry in entries:
        if os.path.isdir(entry):
            yield from _files(entry.path, runs, (*above, here))
        else:
            yield entry.path


def _is_run(names):
    """Whether a folder with such names in it is a run of this project."""
    return {"config.json", "figures"} <= names


def _some(items):
    """A text of the first few items, and how many more there are."""
    more = f" and {len(items) - NAMED} more" if len(items) > NAMED else ""
    return ", ".join(items[:NAMED]) + more


def read(paths, channels, size):
    """Read images, with a thread for each core and a bar if it takes long.

    Args:
        paths: of the images. channels: 1 or 3. size: height and width of the result.

    Returns:
        [N, channels, size, size] uint8. Raises UserError that names the files if some cannot be
        read, or before reading if the array would take more than half of the memory.
    """
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
    return images


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
    """The picture in 8 bits: 65535 of 16 bits is white, and what is transparent becomes white.

    A picture of colours that would be transparent everywhere is taken as opaque.
    """
    if picture.mode.startswith("I"):
        values = np.asarray(picture).astype(np.uint32)
        picture = Image.fromarray(((values + 128) // 257).astype(np.uint8))
    if picture.has_transparency_data:
        has_alpha = picture.mode.endswith("A")
        picture = picture.convert("RGBA")
        *colours, (_, most) = picture.getextrema()
        if has_alpha and most == 0 and any(high for _, high in colours):
            return picture.convert("RGB").convert(mode)  # some tools leave the fourth byte empty
        picture = Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture)
    return picture.convert(mode)
