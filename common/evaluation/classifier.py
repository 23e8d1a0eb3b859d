"""An independent classifier that judges generated images; trained once, then kept in data/cache/.

Every number it gives is only as good as the classifier itself, so its own accuracy on real test
images stands beside each of them (`metrics.sample_quality`).
"""

import hashlib
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import paddle
import paddle.nn.functional as F
from paddle import nn
from tqdm import tqdm

from common import compute, datasets, records
from common.errors import UserError
from common.language import say
from common.runtime import ROOT, numpy_rng, seed_step
from common.training import checkpoint
from common.training.config import RunConfig

VERSION = 2  # of network, training and features; another number trains anew
CACHE = ROOT / "data" / "cache"
SHAPES = {"digits": (1, 8), "mnist": (1, 28), "fashion-mnist": (1, 28)}  # channels, size
FOLDER = (3, 32)  # of any folder of images
FEATURES, BATCH, RATE = 64, 128, 2e-3
EPOCHS, LEAST_STEPS = 8, 1000  # passes over the training images; more for a small set
SEED = 2013


@dataclass
class Known:
    """What is kept of a classifier beside its weights, see `Classifier`."""

    accuracy: float
    scale: float


class Network(nn.Layer):
    """Two convolutions and a layer of FEATURES numbers; [B, C, H, W] in [0, 1] -> logits.

    A quarter of the image's size has to be whole. The convolutions have no biases.
    """

    def __init__(self, channels, size, classes):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2D(channels, 32, kernel_size=5, stride=2, padding=2, bias_attr=False),
            nn.ReLU(),
            nn.Conv2D(32, 64, kernel_size=3, padding=1, bias_attr=False),
            nn.ReLU(),
            nn.MaxPool2D(2),
            nn.Flatten(),
            nn.Linear(64 * (size // 4) ** 2, FEATURES),
            nn.ReLU(),
        )
        self.head = nn.Linear(FEATURES, classes)

    def forward(self, x):
        return self.head(self.features(x))


class Classifier:
    """A trained network with the images it expects.

    Attributes:
        accuracy: on the real test images of its data set, at its own resolution, in [0, 1].
        channels, size: of the images it looks at; others are converted.
        num_classes: number of classes.
    """

    def __init__(self, network, shape, accuracy=0.0, scale=1.0):
        self.network = network
        self.channels, self.size = shape
        self.accuracy = accuracy
        self.scale = scale
        self.num_classes = network.head.weight.shape[1]
        self._real = None

    def convert(self, images):
        """Images of any size and channel count, as this classifier sees them.

        Args:
            images: [N, C, H, W] float32, range [0, 1] (values outside are clipped), C = 1 or 3.

        Returns:
            [N, channels, size, size] float32: rounded to 256 levels as stored images are,
            averaged to grey or repeated to colour, resized with Pillow's bilinear filter.
        """
        images = np.asarray(images, np.float32)
        if images.shape[1] > self.channels:
            images = images.mean(axis=1, keepdims=True)
        stored = np.rint(np.clip(images, 0, 1) * 255).astype(np.uint8)
        stored = datasets.resize(stored, self.size)
        return np.repeat(stored, self.channels // stored.shape[1], axis=1) / np.float32(255)

    @paddle.no_grad()
    def outputs(self, images, batch_size=500):
        """Labels [N] int64 and features [N, FEATURES] float32 of images (see `convert`).

        The features are scaled so that the real training images have a mean variance of 1 each.
        """
        labels, features = [], []
        for start in range(0, len(images), batch_size):
            x = paddle.to_tensor(self.convert(images[start : start + batch_size]))
            hidden = self.network.features(x)
            labels.append(self.network.head(hidden).argmax(axis=1).numpy())
            features.append(hidden.numpy() * np.float32(self.scale))
        return np.concatenate(labels), np.concatenate(features)

    def real_outputs(self, images):
        """`outputs` of an ImageSet, a batch at a time; those of the last one asked for are kept."""
        if self._real is None or self._real[0] is not images:
            parts = [self.outputs(x) for x, _ in images.batches(1000)]
            self._real = images, tuple(np.concatenate(part) for part in zip(*parts))
        return self._real[1]

    def predict(self, images):
        """The class of each image: [N, C, H, W] float32 in [0, 1] -> [N] int64."""
        return self.outputs(images)[0]

    def features(self, images):
        """The layer before the last: [N, C, H, W] float32 in [0, 1] -> [N, FEATURES] float32."""
        return self.outputs(images)[1]


def load_classifier(config, data, train=True):
    """The classifier of a run's data set, trained now if it never was.

    It is trained on all training images at its own resolution, whatever image_size, channels and
    max_train of the config are, so that all runs on a data set are judged by the same one.

    Args:
        config: RunConfig (dataset, data_dir, seed of the split, threads). data: Data of the run.
        train: False gives None where it was never trained, instead of training it.

    Returns:
        Classifier; None (and a line that says so) where the data are too few to judge anything by.
    """
    if data.train.num_classes < 2 or len(data.test) < 4:
        say("generated images are not judged: that takes two classes and four test images")
        return None
    shape = SHAPES.get(config.dataset, FOLDER)
    native = _at_shape(config, data, shape)
    seed_step(SEED, "classifier")
    network = Network(*shape, native.train.num_classes)
    path = CACHE / f"classifier-{VERSION}-{_content_hash(native)}.npz"
    try:
        arrays, meta = checkpoint.load(path)
        checkpoint.set_model(network, arrays, path)
        meta = vars(records.read(Known, meta, path))
    except UserError:  # not there yet, or damaged: train
        if not train:
            return None
        meta = _train(network, shape, native, config.threads)
        _keep(path, network, meta)
    compute.accelerate(network).eval()  # the same bits, whether trained now or kept
    return Classifier(network, shape, meta["accuracy"], meta["scale"])


def _at_shape(config, data, shape):
    """The whole data set at (channels, size); what the run has read already, if that is it."""
    if data.train.shape == (*shape, shape[1]) and not (config.max_train or config.max_test):
        return data
    settings = {"dataset": config.dataset, "data_dir": config.data_dir, "seed": config.seed}
    return datasets.load(RunConfig(**settings, channels=shape[0], image_size=shape[1]))


def _content_hash(data):
    """16 hex digits that name the images and labels of both splits."""
    digest = hashlib.sha256()
    for split in (data.train, data.test):
        digest.update(repr((split.images.shape, split.num_classes)).encode())
        digest.update(np.ascontiguousarray(split.images))
        digest.update(np.ascontiguousarray(split.labels))
    return digest.hexdigest()[:16]


def _keep(path, network, meta):
    """Write the weights into the cache; without the right to, the next run trains again."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        checkpoint.save(path, checkpoint.model_arrays(network), meta)
    except OSError as error:
        say(f"the classifier could not be kept in {path.parent} ({error.strerror})")


@paddle.enable_grad()  # the caller may measure without gradients
def _train(network, shape, data, threads):
    """Train a network; {"accuracy", "scale"} of it."""
    say(f"training the classifier that judges generated {Path(data.name).name} (once) ...")
    compute.accelerate(network)
    batches = math.ceil(len(data.train) / BATCH)
    epochs = max(EPOCHS, math.ceil(LEAST_STEPS / batches))
    rate = paddle.optimizer.lr.CosineAnnealingDecay(RATE, epochs * batches)
    optimizer = paddle.optimizer.AdamW(rate, parameters=network.parameters(), weight_decay=0.01)
    on_all_cores = compute.OnAllCores(network, threads)
    for epoch in tqdm(range(epochs), unit="epoch", leave=False, disable=None):
        order = numpy_rng(SEED, "order", epoch).permutation(len(data.train))
        for start in range(0, len(order), BATCH):
            x, y = data.train.batch(order[start : start + BATCH])
            x = _shift(x, *numpy_rng(SEED, "shift", epoch, start).integers(-1, 2, size=2))
            on_all_cores(_forward_backward, paddle.to_tensor(x), paddle.to_tensor(y))
            optimizer.step()
            optimizer.clear_grad(set_to_zero=False)
            rate.step()
    network.eval()
    features = Classifier(network, shape).features(data.train.first(10000).batch(slice(None))[0])
    predicted = Classifier(network, shape).predict(data.test.batch(slice(None))[0])
    accuracy = float((predicted == data.test.labels).mean())
    say(f"its accuracy on {len(data.test)} real test images: {accuracy:.2%}")
    scale = 1 / math.sqrt(features.var(axis=0, dtype=np.float64).mean() + 1e-12)
    return {"accuracy": accuracy, "scale": scale}


def _forward_backward(network, weight, x, y):
    loss = F.cross_entropy(network(x), y, label_smoothing=0.05)
    loss.backward(weight)
    return {"loss": loss}


def _shift(x, down, right):
    """A batch moved by a pixel or none; the edge that comes in is a copy of the old edge."""
    padded = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)), mode="edge")
    height, width = x.shape[2:]
    return np.ascontiguousarray(
        padded[:, :, 1 - down : 1 - down + height, 1 - right : 1 - right + width]
    )
