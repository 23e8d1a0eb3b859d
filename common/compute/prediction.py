"""A trained network as a function: no gradients, the fast layers, all cores, checked at the start.

Not by Paddle Inference: a tenth faster, but 4 s to build, and one of its graph passes was silently
wrong on a U-Net.
"""

import copy

import numpy as np
import paddle

from common.compute import data_parallel, environment, layers
from common.compute.precision import Precision

TOLERANCE, LOW_TOLERANCE = 1e-4, 0.05  # of the largest output, in float32 and in bfloat16


def predictor(layer, example=None, mixed=False, threads=0, precision="float32"):
    """The fastest function equal to a trained layer on this device, see `common.compute`."""
    if paddle.device.get_device() == "cpu":
        return Predictor(layer, example, threads, precision)
    precision = Precision(mixed)

    @paddle.no_grad()
    def network(*arrays):
        arrays = [x if paddle.is_tensor(x) else paddle.to_tensor(x) for x in arrays]
        with precision.cast():
            return layer(*arrays).astype("float32")

    return network


class Predictor:
    """predictor(*arrays) is layer(*arrays), row by row, with the weights it has now.

    layer: nn.Layer; a copy is taken, in eval mode. example: a small batch, tensors or arrays. On
    inputs of its shapes (noise for floats, the example's own integers) the fast path must agree
    with Paddle's layers, else it is not taken. threads: 0 for all. precision: see `predictor`.
    `backend`: "fast" or "plain".
    """

    def __init__(self, layer, example=None, threads=0, precision="float32"):
        self.layer = copy.deepcopy(layer)
        self.layer.eval()
        self.threads, self.backend = threads, "plain"
        self.precision, self.wanted = Precision(), precision
        layers.plain(self.layer)
        if environment.fast() and paddle.device.get_device() == "cpu":
            self._try_fast(example)

    def __call__(self, *arrays):
        """arrays: tensors or NumPy arrays with leading dimension B. Returns the layer's tensor."""
        arrays = [x if paddle.is_tensor(x) else paddle.to_tensor(x) for x in arrays]
        threads = self.threads if self.backend == "fast" else 1
        return data_parallel.predict(self._network, *arrays, threads=threads)

    def _network(self, *arrays):
        with self.precision.cast():
            return self.layer(*arrays)

    def _try_fast(self, example):
        inputs = [_noise_like(x) for x in example or ()]
        expected = self(*inputs) if inputs else None
        layers.accelerate(self.layer)
        layers.freeze(self.layer)
        low = self.wanted != "float32" and not layers.no_bfloat16(self.layer)
        self.backend, self.precision = "fast", Precision(low=low)
        if inputs and not _agree(expected, self(*inputs), LOW_TOLERANCE if low else TOLERANCE):
            layers.plain(self.layer)
            self.backend, self.precision = "plain", Precision()


def _noise_like(x):
    x = x.numpy() if paddle.is_tensor(x) else np.asarray(x)
    if x.dtype.kind != "f":
        return x
    return np.random.default_rng(0).standard_normal(x.shape).astype(x.dtype)


def _agree(expected, found, tolerance):
    error = float((expected - found).abs().max())
    return error <= tolerance * float(expected.abs().max()) + 1e-12
