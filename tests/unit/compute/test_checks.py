"""What is not public in Paddle, taken away or lying: the training goes on by the public way."""

import threading

import numpy as np
import pytest

from common import compute  # before Paddle
from common.compute import checks, onednn, paddle_internals

import paddle  # isort: skip
import paddle.nn.functional as F  # isort: skip
from paddle import nn  # isort: skip

STEPS = 6


@pytest.fixture
def unchecked(monkeypatch):
    """No comparison has been made in this process."""
    monkeypatch.setattr(checks, "_refused", {})


def network():
    return nn.Sequential(
        nn.Conv2D(1, 4, 3, padding=1, bias_attr=False),
        nn.BatchNorm2D(4),
        nn.MaxPool2D(2),
        nn.Conv2D(4, 6, 3, padding=1),
        nn.GroupNorm(2, 6),
        nn.Silu(),
        nn.Upsample(scale_factor=2),
        nn.Conv2DTranspose(6, 2, 4, 2, 1),
        nn.Flatten(),
        nn.Linear(2 * 16 * 16, 5),
        nn.Softmax(),
    )


def forward_backward(model, weight, x, y):
    loss = F.mse_loss(model(x), y)
    loss.backward(weight)
    return {"loss": loss}


def train():
    """{name: array}: the network after a few steps, as a run script makes them."""
    rng = np.random.default_rng(0)
    paddle.seed(0)
    model = compute.accelerate(network())
    optimizer = compute.adam(1e-2, model, nn.ClipGradByGlobalNorm(0.1))
    on_all_cores = compute.OnAllCores(model, 2)
    for _ in range(STEPS):
        shapes = [7, 1, 8, 8], [7, 5]
        batch = [paddle.to_tensor(np.float32(rng.random(shape))) for shape in shapes]
        on_all_cores(forward_backward, *batch)
        optimizer.step()
        optimizer.clear_grad(set_to_zero=False)
    return {name: value.numpy() for name, value in model.state_dict().items()}


@pytest.fixture(scope="module")
def expected():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GENMODELS_FAST", "0")
        return train()


def same(expected, found):
    for name, array in expected.items():
        np.testing.assert_allclose(found[name], array, rtol=1e-3, atol=1e-4, err_msg=name)


@pytest.mark.skipif(paddle.__version__ < "3.1", reason="older ones refuse some, rightly")
def test_all_tricks_are_in_force_here_and_train_alike(unchecked, expected, capfd):
    same(expected, train())
    assert capfd.readouterr().err == ""
    for name, used in compute.in_force().items():
        assert name not in checks._known or used == checks._known[name]._used(), (name, used)


def missing(where, name):
    def arrange(patch):
        patch.delattr(where, name)

    return arrange


def answering(where, name, answer):
    def arrange(patch):
        patch.setattr(where, name, answer)

    return arrange


def raising(where, name):
    def fails(*arguments):
        raise AttributeError(f"no {name}")

    return answering(where, name, fails)


def setattr_that(ends):
    def __setattr__(layer, name, value):
        return ends() if name == "__class__" else original(layer, name, value)

    original = nn.Layer.__setattr__
    return answering(nn.Layer, "__setattr__", __setattr__)


def refuses():
    raise TypeError("__class__ assignment not supported")


def scaled(primitive, *tensors):
    execute(primitive, *tensors)
    tensors[-1].scale_(1.01)


execute = onednn.Primitive.__call__
OPS, TENSOR, READERS = paddle._C_ops, paddle.Tensor, paddle_internals
SETTINGS = READERS.convolution
FAULTS = {
    "merged_adam_ missing": ("Adam", missing(OPS, "merged_adam_")),
    "merged_adam_ lying": ("Adam", answering(OPS, "merged_adam_", lambda *_: None)),
    "Adam's moments elsewhere": ("Adam", raising(READERS, "adam_update")),
    "batch_norm_grad missing": ("batch_norm_grad", missing(OPS, "batch_norm_grad")),
    "batch_norm_grad lying": (
        "batch_norm_grad",
        answering(OPS, "batch_norm_grad", lambda x, weight, bias, *_: (0 * x, weight, bias)),
    ),
    "_share_buffer_to missing": ("shared_memory", missing(TENSOR, "_share_buffer_to")),
    "_share_buffer_to lying": (
        "shared_memory",
        answering(TENSOR, "_share_buffer_to", lambda master, tensor: None),
    ),
    "class not to be set": ("class", setattr_that(refuses)),
    "class set in vain": ("class", setattr_that(lambda: None)),
    "convolution's settings missing": ("Conv2D", raising(READERS, "convolution")),
    "convolution's settings lying": (
        "Conv2D",
        answering(READERS, "convolution", lambda layer: ([1, 1], [1, 1], [1, 1], 1)),
    ),
    "GroupNorm's settings missing": ("GroupNorm", raising(READERS, "group_norm")),
    "GroupNorm's settings lying": (
        "GroupNorm",
        answering(READERS, "group_norm", lambda layer: (1, 1e-5)),
    ),
    "Softmax's axis missing": ("Softmax", raising(READERS, "softmax_axis")),
    "Softmax's axis lying": ("Softmax", answering(READERS, "softmax_axis", lambda layer: -1)),
    "BatchNorm's settings missing": ("BatchNorm2D", raising(READERS, "batch_norm")),
    "BatchNorm's settings lying": (
        "BatchNorm2D",
        answering(READERS, "batch_norm", lambda norm: (norm._mean, norm._variance, 0.5, 1e-5)),
    ),
    "oneDNN missing": ("onednn", raising(onednn, "library")),
    "oneDNN lying": ("Conv2D", answering(onednn.Primitive, "__call__", scaled)),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_the_public_way_is_taken_and_one_line_says_so(
    fault, unchecked, expected, monkeypatch, capfd
):
    trick, arrange = FAULTS[fault]
    compute.in_force()  # imports all checks
    if not checks._known[trick]():
        pytest.skip("not with this Paddle")
    checks._refused.clear()
    capfd.readouterr()
    arrange(monkeypatch)
    same(expected, train())
    found = compute.in_force()
    lines = [line for line in capfd.readouterr().err.splitlines() if line.startswith(f"{trick}: ")]
    check = checks._known[trick]
    assert len(lines) == 1 and lines[0].startswith(f"{trick}: {check.instead} instead of ")
    assert found[trick].startswith(f"{check.instead}: ")


def test_what_is_switched_off_is_not_compared_and_not_spoken_of(unchecked, monkeypatch, capfd):
    raising(onednn, "library")(monkeypatch)
    monkeypatch.setenv("GENMODELS_FAST", "0")
    train()
    found = compute.in_force()
    tricks = set(checks._known) - checks._SEVERAL
    assert all(found[name].endswith(": switched off") for name in tricks)
    assert checks._refused == {}
    assert capfd.readouterr().err == ""


def test_comparisons_leave_random_numbers_and_names_alone(unchecked):
    paddle.seed(3)
    before = paddle.rand([2]).numpy(), nn.Linear(1, 1).weight.name
    paddle.seed(3)
    assert compute.in_force() and checks._refused
    number = int(before[1].split("_")[1].partition(".")[0])
    np.testing.assert_array_equal(paddle.rand([2]).numpy(), before[0])
    assert nn.Linear(1, 1).weight.name == before[1].replace(f"_{number}.", f"_{number + 1}.")


def test_threads_that_ask_at_once_get_one_comparison(unchecked):
    def agrees():
        calls.append(1)
        return True

    calls, answers, start = [], [], threading.Barrier(4)
    check = checks.Check("new", "ours", "Paddle's", agrees, lambda: "")

    def ask():
        start.wait(20)
        answers.append(check())

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert answers == [True] * 4 and calls == [1]


def test_on_a_gpu_nothing_is_compared(unchecked, monkeypatch):
    monkeypatch.setattr(paddle.device, "get_device", lambda: "gpu:0")
    assert all(used.endswith(": not on a CPU") for used in compute.in_force().values())
    assert checks._refused == {}
