"""Export the decoder of an autoencoder: `python ae/export.py RUN [--out DIR]`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import common  # noqa: F401 - sets the CPU up, so it comes before Paddle

# isort: split
import numpy as np
import paddle

from ae import evaluate
from common import export
from common.cli import cli


def main(argv):
    """Write the program z -> x_hat."""
    path, out = export.arguments(argv, "ae/export.py")
    trained = evaluate.load_trained(path)
    config, model = trained.config, trained.model
    image = paddle.zeros([1, config.channels, config.image_size, config.image_size])
    shape = model.encoder(image).shape[1:]
    z = np.random.default_rng(0).standard_normal([4, *shape], np.float32)
    about = {"module": "ae", "output": "x_hat [B, C, H, W] float32 in [0, 1]"}
    export.export(model.decoder, "decoder", {"z": z}, out, about)


if __name__ == "__main__":
    cli(main)
