"""Export the decoder of a VAE: `python vae/export.py RUN [--out DIR]`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import common  # noqa: F401 - sets the CPU up, so it comes before Paddle

# isort: split
import numpy as np
import paddle.nn.functional as F
from paddle import nn

from common import export
from common.cli import cli
from vae.evaluate import load_trained


class Decoder(nn.Layer):
    """z [B, latent_dim] float32 and, where the VAE has classes, y [B] int64 -> x_hat."""

    def __init__(self, vae):
        super().__init__()
        self.vae = vae

    def forward(self, z, y=None):
        return self.vae.decode(z, None if y is None else F.one_hot(y, self.vae.classes))


def main(argv):
    """Write the program z, y -> x_hat."""
    path, out = export.arguments(argv, "vae/export.py")
    trained = load_trained(path)
    model = trained.model
    inputs = {"z": np.random.default_rng(0).standard_normal([4, model.latent_dim], np.float32)}
    about = {"module": "vae", "output": "x_hat [B, C, H, W] float32 in [0, 1]"}
    if model.classes:
        inputs["y"] = np.arange(4) % model.classes
        about["class_names"] = trained.class_names
    export.export(Decoder(model), "decoder", inputs, out, about)


if __name__ == "__main__":
    cli(main)
