"""data_parallel.py: split over threads, a step has the gradients of one thread, always."""

import functools
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from common.compute import layers, paddle_internals, sync_batch_norm  # before Paddle
from common.compute.data_parallel import OnAllCores, predict, useful_threads

import paddle  # isort: skip
import paddle.nn.functional as F  # isort: skip
from paddle import nn  # isort: skip

ROOT = Path(__file__).resolve().parents[3]


def conv_net(*extra):
    return nn.Sequential(
        nn.Conv2D(1, 4, 3, padding=1),
        nn.ReLU(),
        *extra,
        nn.MaxPool2D(2),
        nn.Conv2D(4, 6, 3, padding=1),
        nn.GroupNorm(2, 6),
        nn.Silu(),
        nn.Flatten(),
        nn.Linear(6 * 4 * 4, 3),
    )


def norm_net():
    return conv_net(nn.BatchNorm2D(4), nn.Conv2D(4, 4, 1), nn.BatchNorm2D(4, momentum=0.7))


def frozen_net():
    """The first norm sees the images themselves, and half of the layers are not trained."""
    net = nn.Sequential(nn.BatchNorm2D(1), *norm_net())
    for parameter in (net[1].weight, net[3].weight, net[3].bias, net[4].bias, net[7].weight):
        parameter.stop_gradient = True
    return net


def losses(model, x, target):
    out = model(x)
    return {"loss": F.mse_loss(out, target), "size": out.abs().mean()}


def of(losses):
    """The forward_backward of a function of losses."""

    def forward_backward(model, weight, *part):
        found = losses(model, *part)
        found["loss"].backward(weight)
        return found

    return forward_backward


forward_backward = of(losses)


def batch(size=7, seed=0):
    rng = np.random.default_rng(seed)
    x = 3 * rng.standard_normal((size, 1, 8, 8)) + 1
    y = rng.standard_normal((size, 3))
    return [paddle.to_tensor(a.astype("float32")) for a in (x, y)]


def build(make, threads, accelerate=True):
    paddle.seed(0)
    model = make()
    if accelerate:
        layers.accelerate(model)
    return model, functools.partial(OnAllCores(model, threads), forward_backward)


def close(a, b, tolerance=1e-4):
    assert np.abs(a - b).max() <= tolerance * np.abs(a).max() + 1e-7


@pytest.mark.parametrize("make", [conv_net, norm_net, frozen_net])
@pytest.mark.parametrize(("threads", "size"), [(2, 8), (2, 7), (3, 7), (4, 3)])
def test_gradients_losses_and_buffers_are_those_of_one_thread(make, threads, size):
    plain, plainly = build(make, 1, accelerate=False)
    model, gradients = build(make, threads)
    assert gradients.func.parts == threads
    expected, found = plainly(*batch(size)), gradients(*batch(size))
    assert list(found) == list(expected)
    for name in expected:
        close(expected[name].numpy(), found[name].numpy())
    grads = [p.grad for p in plain.parameters()]
    scale = max(float(g.abs().max()) for g in grads if g is not None)
    for a, p in zip(grads, model.parameters()):
        assert (a is None) == (p.grad is None)
        if a is not None:
            # scale: the true gradient of a bias in front of BatchNorm is 0
            error = float((a - p.grad).abs().max())
            assert error <= 1e-4 * float(a.abs().max()) + 1e-6 * scale
    for name, value in plain.state_dict().items():
        close(value.numpy(), model.state_dict()[name].numpy())


def test_shared_statistics_by_the_formulas_of_a_gpu(monkeypatch):
    monkeypatch.setattr(sync_batch_norm, "_on_cpu", lambda x: False)
    monkeypatch.setattr(paddle_internals, "has_batch_norm_gradient", lambda: False)
    test_gradients_losses_and_buffers_are_those_of_one_thread(norm_net, 3, 7)


def train(threads, make=norm_net, steps=50):
    model, gradients = build(make, threads)
    optimizer = paddle.optimizer.Adam(1e-3, parameters=model.parameters(), use_multi_tensor=True)
    for step in range(steps):
        gradients(*batch(8, step))
        optimizer.step()
        optimizer.clear_grad()
    return {name: value.numpy() for name, value in model.state_dict().items()}


def test_fifty_steps_are_the_same_to_the_bit_when_repeated():
    first, second = train(2), train(2)
    assert all(np.array_equal(first[name], second[name]) for name in first)


def test_fifty_steps_stay_with_one_thread():
    one, two = train(1, conv_net, 50), train(2, conv_net, 50)
    for name in one:
        close(one[name], two[name], 1e-3)


def test_replicas_follow_new_weights_and_modes():
    model, gradients = build(norm_net, 2)
    gradients(*batch())
    model.set_state_dict({n: v * 0.5 for n, v in model.state_dict().items()})
    for p in model.parameters():
        p.clear_gradient()
    plain, plainly = build(norm_net, 1, accelerate=False)
    plain.set_state_dict(model.state_dict())
    close(plainly(*batch())["loss"].numpy(), gradients(*batch())["loss"].numpy())
    model.eval(), plain.eval()
    close(plainly(*batch())["loss"].numpy(), gradients(*batch())["loss"].numpy())


def test_state_names_are_unchanged_after_training():
    model, gradients = build(norm_net, 2)
    names = list(model.state_dict())
    gradients(*batch())
    assert list(model.state_dict()) == names == list(norm_net().state_dict())


@pytest.mark.parametrize("broken", [0, 1, "all"])
def test_an_error_in_any_thread_reaches_the_caller_and_nothing_hangs(broken):
    def fails(model, x, target):
        out = losses(model, x, target)
        if broken == "all" or bool(x[0, 0, 0, 0] == marks[broken]):
            raise ValueError("on purpose")
        return out

    x, y = batch(8)
    marks = {0: x[0, 0, 0, 0], 1: x[4, 0, 0, 0]}
    model, _ = build(norm_net, 2)
    on_all_cores = OnAllCores(model, 2)
    with pytest.raises(ValueError, match="on purpose"):
        on_all_cores(of(fails), x, y)
    for p in model.parameters():
        p.clear_gradient()
    _, plainly = build(norm_net, 1)
    found = on_all_cores(forward_backward, x, y)
    close(plainly(x, y)["loss"].numpy(), found["loss"].numpy())


def test_an_error_before_the_first_batch_norm_does_not_leave_the_other_waiting():
    def fails(model, x, target):
        if bool(x[0, 0, 0, 0] == mark):
            raise ValueError("early")
        return losses(model, x, target)

    x, y = batch(9)
    mark = x[3, 0, 0, 0]
    model, _ = build(norm_net, 3)
    with pytest.raises(ValueError, match="early"):
        OnAllCores(model, 3)(of(fails), x, y)


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (conv_net, 2),
        (norm_net, 2),
        (lambda: conv_net(nn.Dropout(0.1)), 1),
        (lambda: conv_net(nn.BatchNorm(4)), 1),
        (lambda: nn.Sequential(nn.Linear(3, 3)), 1),
    ],
)
def test_only_models_that_can_be_split_are_split(make, expected):
    assert useful_threads(make(), 2) == expected


@pytest.mark.parametrize("switch", ["0", "-threads"])
def test_the_switch_means_one_thread(switch, monkeypatch):
    monkeypatch.setenv("GENMODELS_FAST", switch)
    assert useful_threads(conv_net(), 2) == 1


def test_losses_carry_no_graph():
    for threads in (1, 2):
        _, gradients = build(conv_net, threads)
        assert all(value.stop_gradient for value in gradients(*batch()).values())


def test_gradients_add_up_like_paddles_own():
    model, gradients = build(conv_net, 2)
    gradients(*batch())
    once = [p.grad.numpy() for p in model.parameters()]
    gradients(*batch())
    for a, p in zip(once, model.parameters()):
        close(2 * a, p.grad.numpy())


@pytest.mark.parametrize("size", [None, 3, 100])
def test_predict_is_the_model_row_by_row(size):
    model, _ = build(norm_net, 1)
    model.eval()
    x, _ = batch(11)
    found = predict(model, x, batch_size=size, threads=2)
    assert found.stop_gradient
    close(model(x).numpy(), found.numpy(), 1e-5)


def test_predict_uses_threads_and_passes_errors_on():
    seen = set()

    def function(x):
        seen.add(threading.get_ident())
        barrier.wait(20)
        return x

    barrier = threading.Barrier(2)
    predict(function, paddle.ones([4, 2]), threads=2)
    assert len(seen) == 2

    def fails(x):
        raise ValueError("on purpose")

    with pytest.raises(ValueError, match="on purpose"):
        predict(fails, paddle.ones([4, 2]), threads=2)


def test_ctrl_c_stops_a_step():
    code = """
import os, signal, threading, time
from common.compute import OnAllCores
import paddle
from paddle import nn
def forward_backward(model, weight, x):
    if threading.current_thread() is threading.main_thread():
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.2)
    loss = model(x).mean()
    loss.backward(weight)
    return {"loss": loss}
model = nn.Sequential(nn.Conv2D(1, 2, 3), nn.BatchNorm2D(2))
try:
    OnAllCores(model, 2)(forward_backward, paddle.ones([4, 1, 5, 5]))
except KeyboardInterrupt:
    print("stopped")
"""
    out = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert out.stdout.strip() == "stopped"
    assert out.returncode == 0


def test_an_exception_while_batch_norm_waits_for_its_team_stays_itself(monkeypatch):
    """Paddle makes an OSError of what is raised in the backward pass of a PyLayer."""
    exchange = sync_batch_norm.Team.exchange

    def interrupted(team, rank, value):
        if rank == 0 and len(value) == 3:  # of the backward pass
            raise KeyboardInterrupt("on purpose")
        return exchange(team, rank, value)

    _, gradients = build(norm_net, 2)
    monkeypatch.setattr(sync_batch_norm.Team, "exchange", interrupted)
    with pytest.raises(KeyboardInterrupt, match="on purpose"):
        gradients(*batch(8))


def test_ctrl_c_in_a_backward_pass_ends_a_script_with_status_130():
    code = """
import os, signal
from common.cli import cli
import paddle
class Interrupted(paddle.autograd.PyLayer):
    @staticmethod
    def forward(ctx, x):
        return x * 1
    @staticmethod
    def backward(ctx, dy):
        os.kill(os.getpid(), signal.SIGINT)
        for _ in range(1000):
            pass
        return dy
def main(argv):
    x = paddle.ones([2])
    x.stop_gradient = False
    Interrupted.apply(x).sum().backward()
cli(main)
"""
    out = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert (out.returncode, out.stderr.splitlines()[-1]) == (130, "stopped")
    assert "Traceback" not in out.stderr
