"""Data sets in memory: uint8 images as they are stored, expanded to float32 a batch at a time."""

import math
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import paddle
from PIL import Image

from common.compute import environment
from common.errors import UserError
from common.runtime import ROOT, numpy_rng

DIGITS = [str(digit) for digit in range(10)]
FASHION = ["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat"]
FASHION += ["Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"]
NAMED = {"digits": DIGITS, "mnist": DIGITS, "fashion-mnist": FASHION}  # sets known by name: classes
RESIZED_AT_ONCE = 2000  # images: what a pass touches stays in the cache
READ_AT_ONCE = 2**20  # numbers of the batches that are read together: 4 MiB


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

    def mean(self):
        """The mean image, [C, H, W] float32 in [0, 1]."""
        mean = self.images.mean(axis=0, dtype=np.float64) / 255
        return np.broadcast_to(mean, self.shape).astype(np.float32)

    def first(self, count):
        """An ImageSet of the first `count` images; 0 means all."""
        if not count:
            return self
        labels = self.labels[:count]
        return ImageSet(self.images[:count], labels, self.channels, self.num_classes)

    # BEGIN TEACHER
    def binarized(self, seed):
        """An ImageSet whose values are 0 or 255, 255 with probability value / 255."""
        chance = numpy_rng(seed, "binarize").integers(0, 255, self.images.shape, np.uint8)
        images = np.where(self.images > chance, np.uint8(255), np.uint8(0))
        return replace(self, images=images)

    # END TEACHER


@dataclass
class Data:
    """A data set: two splits and the names of the classes, index = label.

    files: (root, paths, labels) of a folder of images, else None.
    """

    name: str
    train: ImageSet
    test: ImageSet
    class_names: list
    files: tuple | None = None

    def fingerprint(self, content=True):
        """What tells a folder of images from another (see `image_folder.fingerprint`), or None."""
        if self.files is None:
            return None
        from common import image_folder

        return image_folder.fingerprint(*self.files, self.class_names, content)


def load(config):
    """Read the data set that a RunConfig names.

    Args:
        config: dataset, data_dir, image_size, channels, seed (of the split of `digits` and of
            folders), max_train, max_test.

    Returns:
        Data. Raises UserError with what to do if the set is missing, damaged or unknown.
    """
    data = _read(config)
    # BEGIN TEACHER
    if getattr(config, "binarize", "none") == "dynamic":
        data.test = data.test.binarized(config.seed)
    # END TEACHER
    return data


def _read(config):
    """The Data as stored, in the size that the config asks for."""
    name = config.dataset
    if name == "digits":
        return _resized(config, _digits(config.seed))
    if name in NAMED:
        from common import idx_files

        return _resized(config, idx_files.read(name, data_folder(config.data_dir)))
    path = Path(os.path.expanduser(name))
    if os.path.isdir(path):
        return _folder(path, config)
    if path.is_absolute():
        raise UserError(
            f"there is no folder {path}; if the images were moved, name their new place by "
            "--dataset, for a run that was begun together with --resume"
        )
    known = ", ".join(NAMED)
    raise UserError(
        f"unknown data set '{name}'; use {known}, or an existing folder ROOT/<class name>/*.png"
    )


def feed(images, order, batch_size):
    """Tensors (x, y) of an ImageSet's batches; of small ones, several are read at once.

    order: [N] int, the indices in the order in which the batches take them.
    """
    size = max(1, READ_AT_ONCE // (batch_size * math.prod(images.shape))) * batch_size
    for start in range(0, len(order), size):
        x, y = map(paddle.to_tensor, images.batch(order[start : start + size]))
        for first in range(0, len(y), batch_size):
            yield x[first : first + batch_size], y[first : first + batch_size]


def feed_in_order(images, batch_size=256):
    """Tensors (x, y) of an ImageSet's batches in its own order, for evaluation."""
    return feed(images, np.arange(len(images)), batch_size)


def _folder(root, config):
    """A folder of images, in mixed order; the test images are a fifth of each class."""
    from common import image_folder

    paths, labels, names = image_folder.find(root)
    order = numpy_rng(config.seed, "folder").permutation(len(paths))
    test = image_folder.held_out(root, paths, labels, config.seed)[order]
    train_order = order[~test][: config.max_train or None]
    test_order = order[test][: config.max_test or None]
    chosen = np.concatenate([train_order, test_order])
    images = image_folder.read([paths[i] for i in chosen], config.channels, config.image_size)
    sets = [
        ImageSet(part, labels[indices], config.channels, len(names))
        for part, indices in zip(np.split(images, [len(train_order)]), (train_order, test_order))
    ]
    name = image_folder.readable(root.resolve().name)
    return Data(name, *sets, names, (root, paths, labels))


def _resized(config, splits):
    """Data of a known set, at the size that the config asks for."""
    sets, names = [], NAMED[config.dataset]
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

    with ThreadPoolExecutor(environment.threads()) as pool:  # Pillow releases the GIL
        list(pool.map(one_part, range(0, count, RESIZED_AT_ONCE)))
    return result


def _resize_rows(rows, width):
    picture = Image.fromarray(rows)
    return np.asarray(picture.resize((width, len(rows)), Image.Resampling.BILINEAR))


def _digits(seed):
    """scikit-learn's 1,797 handwritten digits, 8 x 8, values 0 ... 16 scaled to 0 ... 255."""
    from sklearn.datasets import load_digits  # slow to import, and only needed here

    bunch = load_digits()
    images = np.rint(bunch.images * (255 / 16)).astype(np.uint8)[:, None]
    labels = bunch.target.astype(np.int64)
    test = _stratified_fifth(labels, seed)
    return [(images[part], labels[part]) for part in (~test, test)]


def _stratified_fifth(labels, seed):
    """[N] bool: the test images, a fifth of each class, at least one, drawn from the seed."""
    rng, test = numpy_rng(seed, "split"), np.zeros(len(labels), dtype=bool)
    for label in np.unique(labels):
        members = rng.permutation(np.flatnonzero(labels == label))
        test[members[: max(1, len(members) // 5)]] = True
    return test


def data_folder(data_dir=""):
    """The folder of the data sets: the flag, else GENMODELS_DATA, else data/ of this tree."""
    variable = "" if data_dir else os.environ.get("GENMODELS_DATA", "")
    chosen = data_dir or variable
    folder = Path(os.path.expanduser(chosen)) if chosen else ROOT / "data"
    if not os.path.isdir(folder):
        hint = "unset the variable GENMODELS_DATA" if variable else "leave --data-dir out"
        raise UserError(f"no such data folder: {folder}; create it, or {hint}")
    return folder
