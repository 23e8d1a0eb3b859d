"""MNIST and Fashion-MNIST as published: IDX files, checked by checksum, downloaded if missing."""

import gzip
import hashlib
import http.client
import struct
import urllib.request
import zlib

import numpy as np
from tqdm import tqdm

from common.errors import UserError
from common.files import atomic_path
from common.language import translate

URL = "https://dataset.bj.bcebos.com/"  # the mirror that paddle.vision.datasets uses
FILES = (
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
)
# Folder on the mirror, md5 of each uncompressed file (so it does not matter who compressed it).
SETS = {
    "mnist": (
        "mnist",
        (
            "6bbc9ace898e44ae57da46a324031adb",
            "a25bea736e30d166cdddb491f175f624",
            "2646ac647ad5339dbf082846283269ea",
            "27ae3e4e09519cfbb04c329615203637",
        ),
    ),
    "fashion-mnist": (
        "fashion_mnist",
        (
            "f4a8712d7a061bf5bd6d2ca38dc4d50a",
            "9018921c3c673c538a1fc5bad174d6f9",
            "8181f5470baa50b63fa0f6fddb340f0a",
            "15d484375f8d13e6eb1aabb0c3f46965",
        ),
    ),
}
TRIES, TIMEOUT = 3, 20  # of a download; seconds without any data


def read(name, folder):
    """Images and labels of a set: [([N, 1, 28, 28] uint8, [N] int64) of train, of test].

    name: of SETS. folder: Path, which holds the set's folder or will. Raises UserError if a file is
    damaged, or missing and cannot be downloaded.
    """
    mirror, checksums = SETS[name]
    arrays = []
    for file_name, checksum in zip(FILES, checksums):
        path = _find(folder / name, file_name)
        if path is None:
            path = _download(name, f"{URL}{mirror}/{file_name}.gz", folder / name, checksum)
        arrays.append(_parse_idx(path, _checked(path, checksum)))
    images, labels = arrays[0::2], [array.astype(np.int64) for array in arrays[1::2]]
    return [(x[:, None], y) for x, y in zip(images, labels)]


def _find(folder, file_name):
    """A file of a set under its own name or another usual one, packed or not; None: not there.

    Some programs unpack train-images-idx3-ubyte.gz as train-images.idx3-ubyte, or as a folder of
    that name with the file in it.
    """
    for name in (file_name, file_name.replace("-idx", ".idx")):
        for path in (folder / f"{name}.gz", folder / name, folder / name / name):
            if path.is_file():
                return path
        inside = folder / name
        if inside.is_dir() and (others := sorted(p for p in inside.iterdir() if p.is_file())):
            return others[0]
    return None


def _checked(path, checksum):
    """The uncompressed bytes of a file. Raises UserError if they are not the published ones."""
    try:
        raw = path.read_bytes()
        content = gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw
    except (OSError, EOFError, zlib.error) as error:
        raise _damaged(path, error) from None
    if hashlib.md5(content, usedforsecurity=False).hexdigest() != checksum:
        raise _damaged(path, "its checksum is not that of the published file")
    return content


def _damaged(path, reason):
    return UserError(f"{path} is damaged ({reason}); delete it and run again to download it")


def _parse_idx(path, content):
    """IDX: two zero bytes, type (8 = uint8), number of dimensions, then each as big-endian."""
    if content[:3] != b"\x00\x00\x08":
        raise _damaged(path, "it is not an IDX file of bytes")
    dimensions = content[3]
    shape = struct.unpack_from(f">{dimensions}I", content, 4)
    return np.frombuffer(content, np.uint8, offset=4 + 4 * dimensions).reshape(shape)


def _download(name, url, folder, checksum):
    """Fetch one file, with a progress bar, checked before it gets its name."""
    path = folder / url.rsplit("/", 1)[1]
    for attempt in range(TRIES):
        try:
            folder.mkdir(exist_ok=True)
            with atomic_path(path) as temporary:
                _fetch(url, temporary)
                _check_download(temporary, checksum)
            return path
        except (OSError, UserError, http.client.HTTPException) as error:
            reason = getattr(error, "reason", None) or error
            tqdm.write(translate(f"{url}: {reason} (try {attempt + 1} of {TRIES})"))
    raise UserError(
        f"{name} is not in {folder} and could not be downloaded ({reason}). Three ways on: go "
        f"online and run again; copy {FILES[0]}.gz and the three other files into {folder}; "
        "or use --dataset digits, which needs no download"
    )


def _check_download(path, checksum):
    """Raise UserError, without advice on a file that is removed, unless it is the right one."""
    try:
        _checked(path, checksum)
    except UserError:
        with open(path, "rb") as file:
            start = file.read(1000).lstrip().lower()
        if start.startswith((b"<", b"{")):
            what = "a web page came instead of the file: a login or a proxy in between?"
        else:
            what = "something else than the published file came, or not all of it"
        raise UserError(what) from None


def _fetch(url, path):
    with urllib.request.urlopen(url, timeout=TIMEOUT) as response, open(path, "wb") as file:
        size = int(response.headers.get("Content-Length") or 0) or None
        name = url.rsplit("/", 1)[1]
        with tqdm(total=size, unit="B", unit_scale=True, desc=name, disable=None) as bar:
            while block := response.read(1 << 16):
                file.write(block)
                bar.update(len(block))
