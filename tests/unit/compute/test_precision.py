"""precision.py: a scaled loss changes no step, and float32 needs nothing at all."""

import numpy as np
import pytest

from common import compute  # before Paddle
from tests.unit.compute.test_data_parallel import batch, conv_net, forward_backward

import paddle  # isort: skip


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
    model = conv_net()
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
