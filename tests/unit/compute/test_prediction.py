"""prediction.py: a predictor gives what the layer gives, or falls back to the layer."""

import math

import numpy as np
import pytest

from common import compute  # before Paddle
from common.compute import Predictor, layers, prediction

import paddle  # isort: skip
import paddle.nn.functional as F  # isort: skip
from paddle import nn  # isort: skip


class Block(nn.Layer):
    def __init__(self, channels_in, channels):
        super().__init__()
        self.norm, self.act = nn.GroupNorm(4, channels_in), nn.Silu()
        self.conv = nn.Conv2D(channels_in, channels, 3, padding=1)
        self.shift = nn.Linear(16, channels)

    def forward(self, x, emb):
        return self.conv(self.act(self.norm(x))) + self.shift(emb)[:, :, None, None]


class TinyUNet(nn.Layer):
    """Everything a U-Net for diffusion is made of, once."""

    def __init__(self):
        super().__init__()
        self.label, self.time = nn.Embedding(11, 16), nn.Linear(16, 16)
        self.stem, self.first = nn.Conv2D(1, 8, 3, padding=1), Block(8, 8)
        self.down, self.low = nn.Conv2D(8, 8, 3, stride=2, padding=1), Block(8, 16)
        self.qkv, self.up = nn.Linear(16, 48), nn.Upsample(scale_factor=2, mode="nearest")
        self.last, self.head = Block(24, 8), nn.Conv2D(8, 1, 3, padding=1)

    def attend(self, x):
        b, c, h, w = x.shape
        q, k, v = self.qkv(x.reshape([b, c, h * w]).transpose([0, 2, 1])).chunk(3, axis=-1)
        a = F.softmax(q @ k.transpose([0, 2, 1]) / math.sqrt(c), axis=-1) @ v
        return x + a.transpose([0, 2, 1]).reshape([b, c, h, w])

    def forward(self, x, t, y):
        frequency = paddle.exp(paddle.arange(8, dtype="float32") * (-math.log(10000) / 8))
        angle = t.astype("float32")[:, None] * frequency
        emb = self.time(paddle.concat([angle.sin(), angle.cos()], axis=1)) + self.label(y)
        h = self.first(self.stem(x), emb)
        low = self.attend(self.low(self.down(h), emb))
        return self.head(self.last(paddle.concat([self.up(low), h], axis=1), emb))


def inputs(batch, size, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((batch, 1, size, size)).astype("float32")
    return x, rng.integers(0, 1000, batch), rng.integers(0, 11, batch)


def plainly(net, arrays):
    with paddle.no_grad():
        return net(*map(paddle.to_tensor, arrays)).numpy()


def close(a, b):
    assert a.shape == b.shape
    assert np.abs(a - b).max() <= 1e-4 * np.abs(a).max()


@pytest.mark.parametrize("size", [8, 28])
@pytest.mark.parametrize("threads", [1, 2])
def test_every_batch_size_gives_the_layers_output(size, threads):
    paddle.seed(0)
    net = TinyUNet()
    net.eval()
    predictor = Predictor(net, inputs(2, size), threads)
    assert predictor.backend == "fast"
    for batch in (1, 2, 5):
        arrays = inputs(batch, size, seed=batch)
        found = predictor(*arrays)
        assert found.stop_gradient
        close(plainly(net, arrays), found.numpy())


def test_tensors_are_taken_as_well_as_arrays():
    net = TinyUNet()
    arrays = inputs(3, 8)
    predictor = Predictor(net)
    tensors = [paddle.to_tensor(a) for a in arrays]
    np.testing.assert_array_equal(predictor(*arrays).numpy(), predictor(*tensors).numpy())


def test_the_layer_itself_is_not_touched_and_later_changes_do_not_leak_in():
    net = TinyUNet()
    predictor = Predictor(net, inputs(2, 8))
    assert net.training and type(net.stem) is nn.Conv2D
    before = predictor(*inputs(2, 8)).numpy()
    net.head.bias.set_value(net.head.bias + 1)
    np.testing.assert_array_equal(before, predictor(*inputs(2, 8)).numpy())


def test_dropout_is_off():
    net = nn.Sequential(nn.Conv2D(1, 2, 1), nn.Dropout(0.5))
    x = inputs(4, 8)[0]
    net.eval()
    close(plainly(net, [x]), Predictor(net)(x).numpy())


def test_a_fast_layer_that_is_wrong_is_found_and_not_used(monkeypatch):
    class Wrong(nn.Conv2D):
        def forward(self, x):
            return super().forward(x) * 1.01

    monkeypatch.setitem(layers._FAST, nn.Conv2D, Wrong)
    net = TinyUNet()
    predictor = Predictor(net, inputs(2, 8))
    assert predictor.backend == "plain"
    net.eval()
    close(plainly(net, inputs(3, 8)), predictor(*inputs(3, 8)).numpy())


def test_on_a_cpu_the_door_gives_a_predictor_that_goes_fast():
    assert compute.predictor(TinyUNet(), inputs(2, 8), threads=1).backend == "fast"


@pytest.mark.parametrize("mixed", [False, True])
def test_on_a_gpu_the_network_is_in_mixed_precision_only_if_asked_for(monkeypatch, mixed):
    class Recorded(prediction.Precision):
        def __init__(self, asked):
            super().__init__(False)
            seen.append(asked)

    seen = []
    monkeypatch.setattr(paddle.device, "get_device", lambda: "gpu:0")
    monkeypatch.setattr(prediction, "Precision", Recorded)
    net = TinyUNet()
    found = compute.predictor(net, mixed=mixed)(*inputs(3, 8))
    assert seen == [mixed] and found.stop_gradient and found.dtype == paddle.float32
    close(plainly(net, inputs(3, 8)), found.numpy())


def test_the_switch_means_the_plain_layer(monkeypatch):
    monkeypatch.setenv("GENMODELS_FAST", "0")
    assert Predictor(TinyUNet(), inputs(2, 8)).backend == "plain"
