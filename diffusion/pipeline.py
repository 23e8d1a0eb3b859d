"""A trained model ready to draw: from a run folder to images in [0, 1]."""

from dataclasses import dataclass

import numpy as np
import paddle
from tqdm import tqdm

from common.compute import layers
from common.compute.predictor import Predictor
from common.errors import UserError
from common.training import checkpoint
from common.training.config import load_config
from common.training.run_folder import Run
from diffusion import unet
from diffusion.config import Config
from diffusion.sampler import SPACING, Denoiser, Noise, Settings, walk
from diffusion.schedule import make_schedule

PIXELS = 100 * 28 * 28  # values of a batch: memory stays the same for larger images


@dataclass
class Generator:
    """A network with what is needed to sample from it.

    Attributes:
        config: Config of its run. model: UNet with the averaged weights, in eval mode.
        network: (xt, t, y) -> prediction, equal to model but faster where it can be.
        schedule: Schedule it was trained with. run: Run, if it came from one.
    """

    config: Config
    model: unet.UNet
    network: object
    schedule: object
    run: Run = None

    @classmethod
    def open(cls, path):
        """The generator of a finished run. Raises UserError if the folder holds none."""
        run = Run.open(path, "diffusion")
        config = load_config(Config, run)
        config.check()
        arrays = checkpoint.load_weights(run.weights)
        if "label.weight" not in arrays:
            raise UserError(f"{run.weights} holds the weights of another model (no label.weight)")
        model = unet.build(config, len(arrays["label.weight"]) - 1)
        checkpoint.set_model(model, arrays, run.weights)
        return cls.of(model, config, run)

    @classmethod
    def of(cls, model, config, run=None):
        """The generator of a model in memory."""
        model.eval()
        layers.accelerate(model)
        schedule = make_schedule(config.schedule, config.timesteps)
        return cls(config, model, fast_network(model, config), schedule, run)

    @property
    def num_classes(self):
        return self.model.no_class

    def settings(self, **changes):
        """The sampling settings of the run, with some of them changed."""
        names = ("sampler", "steps", "guidance", "clip", "seed")
        return Settings(**{**{name: getattr(self.config, name) for name in names}, **changes})

    def denoiser(self, labels, settings):
        """The Denoiser of one batch. Raises UserError for steps or labels out of range."""
        y = np.asarray(labels, np.int64)
        if len(y) and not 0 <= y.min() <= y.max() <= self.num_classes:
            raise UserError(f"classes are 0 to {self.num_classes - 1} here, not {y.max()}")
        return Denoiser(
            self.network,
            self.schedule.respaced(settings.steps, SPACING.get(settings.sampler, 1.0)),
            y,
            self.num_classes,
            self.config.objective,
            settings.guidance,
            settings.clip,
        )

    @paddle.no_grad()
    def trajectory(self, labels, settings, first=0):
        """The batch after each step of sampling.

        Args:
            labels: [B] int. settings: Settings. first: number of the first image (for its noise).

        Yields:
            [B, C, H, W] float32 array, about [-1, 1]; first the noise, last the images.
        """
        for x in self._walk(labels, settings, first):
            yield x.numpy()

    def _walk(self, labels, settings, first):
        """`trajectory` in tensors, which need not have been computed yet on a GPU."""
        shape = (self.config.channels, self.config.image_size, self.config.image_size)
        noise = Noise(settings.seed, range(first, first + len(labels)), shape)
        return walk(self.denoiser(labels, settings), noise, settings)

    @paddle.no_grad()
    def sample(self, labels, settings, progress=False):
        """Images of the given classes.

        Args:
            labels: [N] int, 0 ... num_classes - 1; num_classes for "any class".
            settings: Settings. progress: show a bar, one tick a step of a batch.

        Returns:
            [N, C, H, W] float32 in [0, 1]. Image i depends on (seed, i) and its label alone.
        """
        size = max(1, PIXELS // (self.config.channels * self.config.image_size**2))
        starts = range(0, len(labels), size)
        images = []
        total = len(starts) * (settings.steps + 1)
        with tqdm(total=total, unit="step", leave=False, disable=None if progress else True) as bar:
            for start in starts:
                part = labels[start : start + size]
                for x in self._walk(part, settings, start):
                    bar.update()
                    last = x
                images.append(last.numpy())
        return np.clip((np.concatenate(images) + 1) / 2, 0, 1)


def fast_network(model, config):
    """The fastest equal of the model: Paddle Inference on a CPU, mixed precision on a GPU."""
    if paddle.device.get_device() != "cpu":
        return mixed_precision(model)
    shape = (2, config.channels, config.image_size, config.image_size)
    example = (paddle.zeros(shape), paddle.zeros([2], "int64"), paddle.zeros([2], "int64"))
    return Predictor(model, example)


def mixed_precision(model):
    """The model under automatic mixed precision; its result is float32 again."""
    bfloat16 = paddle.amp.is_bfloat16_supported()

    def network(xt, t, y):
        with paddle.amp.auto_cast(dtype="bfloat16" if bfloat16 else "float16"):
            return model(xt, t, y).astype("float32")

    return network
