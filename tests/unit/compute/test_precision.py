"""precision.py: a scaled loss changes no step, bfloat16 little, float32 needs nothing at all."""

import numpy as np
import pytest

from common import compute  # before Paddle
from tests.unit.compute.test_data_parallel import batch, conv_net, forward_backward

# isort: split
import paddle
from paddle import nn

from common.compute import convolution, environment, layers
from common.compute.checks import close, numbers
from common.errors import UserError


class Scaler:
    """As paddle.amp.GradScaler, which does nothing on a CPU: a scale of shape [1]."""

    updates = 0

    def scale(self, value):
        return value * paddle.full([1], 1024.0)

    def step(self, optimizer):
        for parameter in optimizer._parameter_list:
            parameter.grad.set_value(parameter.grad / 1024)
        optimizer.step()

    def update(self):
        self.updates += 1

    def state_dict(self):
        return {}


def train(precision, threads):
    """The weights of a network after three steps."""
    paddle.seed(0)
    model = compute.accelerate(conv_net())
    sgd = paddle.optimizer.SGD(0.1, parameters=model.parameters())
    optimizer = precision.wrap(sgd)
    on_all_cores = compute.OnAllCores(model, threads, precision)
    for step in range(3):
        optimizer.clear_grad(set_to_zero=False)
        on_all_cores(forward_backward, *batch(8, step))
        optimizer.step()
    return [value.numpy() for value in model.state_dict().values()]


@pytest.mark.parametrize("threads", [1, 2])
def test_the_loss_is_scaled_before_and_unscaled_after_the_gradients(threads):
    scaled = compute.Precision()
    scaled.scaler = Scaler()
    expected, found = train(compute.Precision(), threads), train(scaled, threads)
    for a, b in zip(expected, found, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-7)
    assert scaled.scaler.updates == 3


def test_a_part_weighs_its_share_times_the_scale():
    precision = compute.Precision()
    assert precision.weight() is None and precision.weight(0.25).item() == 0.25
    precision.scaler = Scaler()
    assert precision.weight().item() == 1024 and precision.weight(0.25).shape == []


def test_a_wrapped_optimizer_is_the_optimizer_but_for_its_step():
    precision = compute.Precision()
    sgd = paddle.optimizer.SGD(0.1, parameters=conv_net().parameters())
    assert precision.wrap(sgd) is sgd
    precision.scaler = Scaler()
    precision.wrap(sgd).set_lr(0.5)
    assert sgd.get_lr() == 0.5


def bfloat16_or_skip():
    if why := layers.no_bfloat16(compute.accelerate(conv_net())):
        pytest.skip(why)


@pytest.mark.parametrize("threads", [1, 2])
def test_in_bfloat16_a_step_is_nearly_that_of_float32_and_the_same_bits_again(threads):
    bfloat16_or_skip()
    expected = train(compute.Precision(), threads)
    found, again = (train(compute.Precision(low=True), threads) for _ in range(2))
    differ = 0
    for a, b, c in zip(expected, found, again, strict=True):
        np.testing.assert_allclose(a, b, rtol=0.02, atol=0.02 * np.abs(a).max())
        np.testing.assert_array_equal(b, c)
        differ += (a != b).any()
    assert differ  # it was bfloat16


def test_a_convolution_in_bfloat16_has_the_gradients_of_float32():
    bfloat16_or_skip()
    layer = compute.accelerate(nn.Conv2D(4, 5, 3, stride=2, padding=1))
    results = []
    for low in (False, True):
        paddle.seed(0)  # of numbers in a regular order the sums nearly vanish
        x = paddle.randn([4, 4, 9, 8])
        x.stop_gradient = False
        with compute.Precision(low=low).cast():
            y = layer(x)
        (y * (1 + paddle.randn(y.shape))).sum().backward()
        results.append([y.detach(), x.grad, layer.weight.grad.clone(), layer.bias.grad.clone()])
        layer.clear_gradients()
    assert all(close(a, b, 0.02) for a, b in zip(*results, strict=True))
    assert not all(close(a, b, 1e-5) for a, b in zip(*results, strict=True))


def test_a_predictor_of_a_network_trained_in_bfloat16_is_near_the_network():
    bfloat16_or_skip()
    model, x = conv_net(), numbers([4, 1, 8, 8])
    model.eval()
    predict = compute.predictor(model, (x,), precision="bfloat16")
    assert predict.backend == "fast" and predict.precision.low
    assert close(model(x), predict(x), 0.05)


def test_precision_is_refused_where_it_would_change_nothing(monkeypatch, capsys):
    dense = compute.accelerate(nn.Linear(3, 4))
    with pytest.raises(UserError, match="this network has none"):
        compute.resolve("bfloat16", dense)
    assert not compute.resolve("auto", dense) and not compute.resolve("float32", dense)
    convolution.no_bfloat16.cache_clear()
    monkeypatch.setattr(environment, "flags", lambda: {"avx512f"})
    with pytest.raises(UserError, match="neither AMX nor AVX512-BF16"):
        compute.resolve("bfloat16", compute.accelerate(conv_net()))
    convolution.no_bfloat16.cache_clear()
    assert "precision: float32 (" in capsys.readouterr().out
