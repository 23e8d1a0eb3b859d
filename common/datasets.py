"""Data sets in memory: uint8 images as they are stored, expanded to float32 a batch at a time."""

import gzip
import hashlib
import os
import struct
import urllib.request
import zlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image
from tqdm import tqdm

from common import image_folder
from common.compute import environment
from common.errors import UserError
from common.files import atomic_path
from common.runtime import ROOT, numpy_rng

URL = "https://dataset.bj.bcebos.com/"  # the mirror that paddle.vision.datasets uses
FILES = (
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
)
# Folder on the mirror, md5 of each uncompressed file (so it does not matter who compressed it).
IDX_SETS = {
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
FASHION_NAMES = [
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
]
RESIZED_AT_ONCE = 2000  # images: what a pass touches stays in the cache
TRIES, TIMEOUT = 3, 20  # of a download; seconds without any data


@dataclass
class ImageSet:
    """Images and labels of one split.

    Attributes:
        images: [N, c, H, W] uint8 in 0 ... 255; c may be 1 where `channels` is 3.
        labels: [N] int64, 0 ... num_classes - 1.
        channels: channels of a batch; a grey image is repeated.
        num_classes: number of classes of the data set.
    """

    images: np.ndarray
    labels: np.ndarray
    channels: int
    num_classes: int

    def __len__(self):
        return len(self.images)

    @property
    def shape(self):
        """(C, H, W) of an image in a batch."""
        return (self.channels, *self.images.shape[2:])

    def batch(self, indices):
        """Images and labels by index.

        Returns:
            x: [B, C, H, W] float32 in [0, 1]; y: [B] int64.
        """
        x = np.multiply(self.images[indices], np.float32(1 / 255), dtype=np.float32)
        if x.shape[1] != self.channels:
            x = np.repeat(x, self.channels, axis=1)
        return x, self.labels[indices]

    def batches(self, batch_size):
        """All batches in order; the last one may be smaller."""
        for start in range(0, len(self), batch_size):
            yield self.batch(slice(start, start + batch_size))

    def first(self, count):
        """An ImageSet of the first `count` images; 0 means all."""
        if not count:
            return self
        labels = self.labels[:count]
        return ImageSet(self.images[:count], labels, self.channels, self.num_classes)


@dataclass
class Data:
    """A data set: two splits and the names of the classes, index = label."""

    name: str
    train: ImageSet
    test: ImageSet
    class_names: list


def load(config):
    """Read the data set that a RunConfig names.

    Args:
        config: dataset, data_dir, image_size, channels, seed (of the split of `digits` and of
            folders), max_train, max_test.

    Returns:
        Data. Raises UserError with what to do if the set is missing, damaged or unknown.
    """
    name = config.dataset
    if name == "digits":
        (images, labels), names = _digits(), [str(digit) for digit in range(10)]
    elif name in IDX_SETS:
        return _from_splits(config, _idx_splits(name, data_folder(config.data_dir)))
    elif Path(name).is_dir():
        return _folder(Path(name), config)
    else:
        raise UserError(
            f"unknown data set '{name}'; use digits, mnist, fashion-mnist, or an existing folder "
            "ROOT/<class name>/*.png"
        )
    test = _stratified_fifth(labels, config.seed)
    splits = [(images[~test], labels[~test]), (images[test], labels[test])]
    return _from_splits(config, splits, names)


def _folder(root, config):
    """A folder of images, in mixed order; the test images are a fifth of each class."""
    paths, labels, names = image_folder.find(root)
    order = numpy_rng(config.seed, "folder").permutation(len(paths))
    test = _stratified_fifth(labels, config.seed)[order]
    train_order = order[~test][: config.max_train or None]
    test_order = order[test][: config.max_test or None]
    chosen = np.concatenate([train_order, test_order])
    images = image_folder.read([paths[i] for i in chosen], config.channels, config.image_size)
    sets = [
        ImageSet(part, labels[indices], config.channels, len(names))
        for part, indices in zip(np.split(images, [len(train_order)]), (train_order, test_order))
    ]
    return Data(root.resolve().name, *sets, names)


def _from_splits(config, splits, names=None):
    if names is None:
        fashion = config.dataset == "fashion-mnist"
        names = FASHION_NAMES if fashion else [str(digit) for digit in range(10)]
    sets = []
    for (images, labels), limit in zip(splits, (config.max_train, config.max_test)):
        whole = ImageSet(images, labels, config.channels, len(names)).first(limit)
        whole.images = resize(whole.images, config.image_size)
        sets.append(whole)
    return Data(config.dataset, *sets, names)


def resize(images, size):
    """Resize all images with Pillow's bilinear filter, in two calls instead of N.

    Bilinear resizing is one pass over the rows and one over the columns, so both can run over one
    tall picture that holds the rows of all images. Equal to resizing each image by itself, but
    for one grey level of 255 where Pillow takes the two passes in the other order.

    Args:
        images: [N, c, H, W] uint8. size: int, the new H and W.

    Returns:
        [N, c, size, size] uint8.
    """
    count, channels, height, width = images.shape
    if (height, width) == (size, size):
        return images
    result = np.empty((count, channels, size, size), np.uint8)

    def one_part(start):
        part = images[start : start + RESIZED_AT_ONCE]
        rows = _resize_rows(part.reshape(-1, width), size).reshape(-1, height, size)
        columns = np.ascontiguousarray(rows.swapaxes(1, 2)).reshape(-1, height)
        done = _resize_rows(columns, size).reshape(-1, channels, size, size)
        result[start : start + RESIZED_AT_ONCE] = done.swapaxes(2, 3)

    with ThreadPoolExecutor(
        environment.threads()
    ) as pool:  # Pillow lets go of the interpreter lock
        list(pool.map(one_part, range(0, count, RESIZED_AT_ONCE)))
    return result


def _resize_rows(rows, width):
    picture = Image.fromarray(rows)
    return np.asarray(picture.resize((width, len(rows)), Image.Resampling.BILINEAR))


def _digits():
    """scikit-learn's 1,797 handwritten digits, 8 x 8, values 0 ... 16 scaled to 0 ... 255."""
    from sklearn.datasets import load_digits  # slow to import, and only needed here

    bunch = load_digits()
    images = np.rint(bunch.images * (255 / 16)).astype(np.uint8)[:, None]
    return images, bunch.target.astype(np.int64)


def _stratified_fifth(labels, seed):
    """[N] bool: the test images, a fifth of each class, at least one, drawn from the seed."""
    rng, test = numpy_rng(seed, "split"), np.zeros(len(labels), dtype=bool)
    for label in np.unique(labels):
        members = rng.permutation(np.flatnonzero(labels == label))
        test[members[: max(1, len(members) // 5)]] = True
    return test


# ---------------------------------------------------------------- IDX files


def data_folder(data_dir=""):
    """The folder of the data sets: the flag, else GENMODELS_DATA, else data/ of this tree."""
    chosen = data_dir or os.environ.get("GENMODELS_DATA")
    folder = Path(chosen) if chosen else ROOT / "data"
    if not folder.is_dir():
        raise UserError(f"no such data folder: {folder}; create it, or leave --data-dir out")
    return folder


def _idx_splits(name, folder):
    mirror, checksums = IDX_SETS[name]
    arrays = []
    for file_name, checksum in zip(FILES, checksums):
        path = _find(folder / name, file_name)
        if path is None:
            path = _download(name, f"{URL}{mirror}/{file_name}.gz", folder / name, checksum)
        arrays.append(_parse_idx(path, _checked(path, checksum)))
    images, labels = arrays[0::2], [array.astype(np.int64) for array in arrays[1::2]]
    return [(x[:, None], y) for x, y in zip(images, labels)]


def _find(folder, file_name):
    candidates = (folder / f"{file_name}.gz", folder / file_name)
    return next((path for path in candidates if path.is_file()), None)


def _checked(path, checksum):
    """The uncompressed bytes of a file. Raises UserError if they are not the published ones."""
    try:
        raw = path.read_bytes()
        content = gzip.decompress(raw) if path.suffix == ".gz" else raw
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
                _checked(temporary, checksum)
            return path
        except (OSError, UserError) as error:
            reason = getattr(error, "reason", None) or error
            tqdm.write(f"{url}: {reason} (try {attempt + 1} of {TRIES})")
    raise UserError(
        f"{name} is not in {folder} and could not be downloaded ({reason}). Three ways on: go "
        f"online and run again; copy {FILES[0]}.gz and the three other files into {folder}; "
        "or use --dataset digits, which needs no download"
    )


def _fetch(url, path):
    with urllib.request.urlopen(url, timeout=TIMEOUT) as response, open(path, "wb") as file:
        size = int(response.headers.get("Content-Length") or 0) or None
        name = url.rsplit("/", 1)[1]
        with tqdm(total=size, unit="B", unit_scale=True, desc=name, disable=None) as bar:
            while block := response.read(1 << 16):
                file.write(block)
                bar.update(len(block))
