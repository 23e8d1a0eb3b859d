"""A trained network ready to sample: labels in, images in [0, 1] out."""

import numpy as np
import paddle
from tqdm import tqdm

from common import compute
from common.errors import UserError
from diffusion.sampler import SPACING, Denoiser, Noise, Settings, trajectory
from diffusion.schedule import make_schedule

PIXELS = 100 * 28 * 28  # values of a batch: memory stays the same for larger images


class Pipeline:
    """A network with what is needed to sample from it.

    Args:
        model: UNet with its final weights. config: Config of its run.

    Attributes:
        network: (xt, t, y) -> prediction, equal to the model but faster where it can be.
        schedule: Schedule it was trained with.
    """

    def __init__(self, model, config):
        model.eval()
        self.model, self.config = model, config
        self.schedule = make_schedule(config.schedule, config.timesteps)
        shape = (2, config.channels, config.image_size, config.image_size)
        example = (paddle.zeros(shape), paddle.zeros([2], "int64"), paddle.zeros([2], "int64"))
        formats = {"mixed": config.amp, "precision": config.precision}
        self.network = compute.predictor(model, example, **formats)

    @property
    def num_classes(self):
        """Number of classes; as a label it means "any class"."""
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
        for x in self._trajectory(labels, settings, first):
            yield x.numpy()

    def _trajectory(self, labels, settings, first):
        """`trajectory` in tensors, which need not have been computed yet on a GPU."""
        shape = (self.config.channels, self.config.image_size, self.config.image_size)
        noise = Noise(settings.seed, range(first, first + len(labels)), shape)
        return trajectory(self.denoiser(labels, settings), noise, settings)

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
                for x in self._trajectory(part, settings, start):
                    bar.update()
                    last = x
                images.append(last.numpy())
        return np.clip((np.concatenate(images) + 1) / 2, 0, 1)
