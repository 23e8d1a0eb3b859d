"""Settings and presets of the autoencoder."""

from dataclasses import dataclass

from common.errors import UserError
from common.training.config import RunConfig, option


@dataclass
class Config(RunConfig):
    """Settings of an autoencoder run."""

    image_size: int = option(64, "height and width in pixels", low=4, high=512)
    channels: int = option(3, "1 grey, 3 colour", choices=(1, 3))
    latent_dim: int = option(0, "numbers of a vector code; 0: the assignment's maps", low=0)
    samples: int = option(1000, "images decoded to look for holes; 0: none", low=0, high=100000)

    def check(self):
        """The assignment's network is made for 3 x 64 x 64; the other halves an image twice."""
        super().check()
        if not self.latent_dim and (self.channels, self.image_size) != (3, 64):
            raise UserError(
                "the assignment's AutoEncoder needs --channels 3 --image-size 64; give "
                "--latent-dim (32 for one) to train on another size"
            )
        if self.image_size % 4:
            raise UserError(f"--image-size must be divisible by 4, not {self.image_size}")
        if self.samples and self.samples < 100:
            raise UserError("--samples must be 0 (no measurement) or at least 100")


PRESETS = {"000-ae": {"help": "report 000: the assignment on 3 x 64 x 64", "epochs": 10}}
