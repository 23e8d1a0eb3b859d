"""layers.py: accelerated layers give the outputs and gradients of Paddle's own."""

import copy

import numpy as np
import pytest

from common import compute  # before Paddle
from common.compute import activation, fast_adam, layers, onednn, sync_batch_norm

import paddle  # isort: skip
import paddle.nn.functional as F  # isort: skip
from paddle import nn  # isort: skip

LAYERS = {
    "conv": (lambda: nn.Conv2D(3, 8, 3, padding=1), [4, 3, 9, 7]),
    "conv stride": (lambda: nn.Conv2D(11, 32, 4, stride=2, padding=1), [5, 11, 28, 28]),
    "conv pair": (lambda: nn.Conv2D(3, 5, (3, 1), (2, 1), (1, 0)), [2, 3, 8, 6]),
    "conv dilated": (lambda: nn.Conv2D(3, 5, 3, 1, 2, 2), [2, 3, 8, 8]),
    "conv 1x1": (lambda: nn.Conv2D(16, 24, 1), [3, 16, 7, 7]),
    "conv groups": (lambda: nn.Conv2D(4, 8, 3, padding=1, groups=2), [2, 4, 6, 6]),
    "conv depthwise": (lambda: nn.Conv2D(4, 4, 3, padding=1, groups=4), [2, 4, 6, 6]),
    "conv no bias": (lambda: nn.Conv2D(4, 8, 3, bias_attr=False), [2, 4, 6, 6]),
    "conv same": (lambda: nn.Conv2D(4, 8, 3, padding="SAME"), [2, 4, 6, 6]),
    "conv four pads": (lambda: nn.Conv2D(4, 8, 3, padding=[1, 0, 2, 1]), [2, 4, 6, 6]),
    "conv reflect": (lambda: nn.Conv2D(4, 8, 3, padding=1, padding_mode="reflect"), [2, 4, 6, 6]),
    "conv NHWC": (lambda: nn.Conv2D(4, 8, 3, data_format="NHWC"), [2, 6, 6, 4]),
    "up 2": (lambda: nn.Conv2DTranspose(8, 5, 2, stride=2), [4, 8, 5, 7]),
    "up 4": (lambda: nn.Conv2DTranspose(8, 16, 4, stride=2, padding=1), [3, 8, 7, 7]),
    "up to 1": (lambda: nn.Conv2DTranspose(8, 1, 4, stride=2, padding=1), [3, 8, 7, 7]),
    "up no bias": (lambda: nn.Conv2DTranspose(8, 5, 4, 2, 1, bias_attr=False), [2, 8, 5, 7]),
    "up padded": (lambda: nn.Conv2DTranspose(4, 6, 3, 2, 1, output_padding=1), [2, 4, 5, 5]),
    "up groups": (lambda: nn.Conv2DTranspose(4, 6, 3, 2, 1, groups=2), [2, 4, 5, 5]),
    "group norm": (lambda: nn.GroupNorm(2, 6), [3, 6, 5, 4]),
    "group norm of one row": (lambda: nn.GroupNorm(1, 4), [1, 4, 3, 3]),
    "group norm no affine": (lambda: nn.GroupNorm(2, 4, weight_attr=False), [2, 4, 3, 3]),
    "pool": (lambda: nn.MaxPool2D(2), [3, 4, 8, 6]),
    "pool odd": (lambda: nn.MaxPool2D(3, 2, 1), [3, 4, 9, 9]),
    "pool ceil": (lambda: nn.MaxPool2D(2, ceil_mode=True), [3, 4, 7, 7]),
    "silu": (nn.Silu, [3, 4, 7, 5]),
    "softmax": (nn.Softmax, [3, 7, 5]),
    "softmax of another axis": (lambda: nn.Softmax(1), [3, 7, 5]),
    "upsample": (lambda: nn.Upsample(scale_factor=2), [2, 3, 4, 5]),
    "upsample by 3": (lambda: nn.Upsample(scale_factor=3), [2, 3, 4, 5]),
    "upsample bilinear": (lambda: nn.Upsample(scale_factor=2, mode="bilinear"), [2, 3, 4, 5]),
    "linear": (lambda: nn.Linear(7, 5), [4, 7]),
    "linear no bias": (lambda: nn.Linear(7, 5, bias_attr=False), [4, 7]),
    "linear of three axes": (lambda: nn.Linear(7, 5), [2, 4, 7]),
}


def close(a, b, tolerance=1e-4):
    scale = np.abs(a).max() + 1e-12
    assert a.shape == b.shape
    assert np.abs(a - b).max() / scale <= tolerance


def results(layer, x):
    """Output, gradient of x and gradients of the parameters for a fixed weighting of the output."""
    x = paddle.to_tensor(x, stop_gradient=False)
    y = layer(x)
    weights = np.float32(np.random.default_rng(1).standard_normal(y.shape))
    (y * paddle.to_tensor(weights)).sum().backward()
    trained = [p for p in layer.parameters() if not p.stop_gradient]
    return [y.numpy(), x.grad.numpy(), *(p.grad.numpy() for p in trained if p.grad is not None)]


@pytest.mark.parametrize("with_onednn", [True, False])
@pytest.mark.parametrize("name", LAYERS)
def test_outputs_and_gradients_agree(name, with_onednn, monkeypatch):
    if not with_onednn:
        monkeypatch.setattr(onednn, "usable", lambda: False)
    build, shape = LAYERS[name]
    layer = build()
    x = np.random.default_rng(0).standard_normal(shape).astype("float32")
    other = layers.accelerate(copy.deepcopy(layer))
    assert type(other) is not type(layer)
    for a, b in zip(results(layer, x), results(other, x), strict=True):
        close(a, b)
    with paddle.no_grad():
        close(layer(paddle.to_tensor(x)).numpy(), other(paddle.to_tensor(x)).numpy())


def test_a_frozen_network_gives_the_same_for_many_batch_sizes():
    net = nn.Sequential(nn.Conv2D(3, 8, 3), nn.Conv2DTranspose(8, 5, 4, 2, 1))
    other = layers.accelerate(copy.deepcopy(net))
    layers.freeze(other)
    for batch in [1, 2, 3, 4, 5, 6, 5, 1]:
        x = paddle.randn([batch, 3, 6, 6])
        with paddle.no_grad():
            close(net(x).numpy(), other(x).numpy())
    for a, b in zip(results(net, x.numpy()), results(other, x.numpy())):
        close(a, b)


def test_a_convolution_without_a_bias_is_computed_by_onednn(monkeypatch):
    layer = layers.accelerate(nn.Conv2D(2, 3, 3, bias_attr=False))
    x = np.ones([2, 2, 5, 5], "float32")
    expected = results(copy.deepcopy(layer), x)
    monkeypatch.delattr(F, "conv2d")
    for a, b in zip(expected, results(layer, x), strict=True):
        np.testing.assert_array_equal(a, b)


def test_ties_in_a_pooling_window_share_the_gradient_alike():
    x = np.zeros([1, 1, 4, 4], "float32")
    layer = nn.MaxPool2D(2)
    for a, b in zip(results(layer, x), results(layers.accelerate(nn.MaxPool2D(2)), x)):
        np.testing.assert_array_equal(a, b)


def test_silu_of_large_numbers():
    """Paddle's own gradient is NaN from about -90 on; the right one is 0."""
    x = np.array([-1e6, -200, -90, -30, 0, 30, 90, 200, 1e6], "float32").reshape([1, 1, 3, 3])
    layer = layers.accelerate(nn.Silu())
    value = paddle.to_tensor(x, stop_gradient=False)
    y = layer(value)
    y.sum().backward()
    sigmoid = 1 / (1 + np.exp(-x.astype("float64").clip(-700, 700)))
    np.testing.assert_allclose(y.numpy(), x * sigmoid, rtol=1e-5, atol=1e-6)
    slope = sigmoid * (1 + x * (1 - sigmoid))
    np.testing.assert_allclose(value.grad.numpy(), slope, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("with_onednn", [True, False])
def test_softplus_and_cross_entropy_are_those_of_paddle(with_onednn, monkeypatch):
    if not with_onednn:
        monkeypatch.setattr(activation, "has_softplus", lambda: False)
        monkeypatch.setattr(activation, "has_cross_entropy", lambda: False)
    rng = np.random.default_rng(0)
    logits = np.concatenate([rng.normal(-6, 8, 5000), [-1e4, -90, -20, 20, 90, 1e4]])
    # not 0, where the gradient of Paddle's cross entropy is that of max(z, 0)
    x = rng.random(len(logits))
    pairs = {
        activation.softplus: F.softplus,
        lambda z: activation.cross_entropy_sum(z, targets): lambda z: (
            F.binary_cross_entropy_with_logits(z, targets, reduction="sum")
        ),
    }
    targets = paddle.to_tensor(x.astype("float32"))
    for ours, paddles in pairs.items():
        for a, b in zip(
            results(Function(paddles), logits.astype("float32")),
            results(Function(ours), logits.astype("float32")),
        ):
            close(a, b, 1e-5)


def test_cross_entropy_has_a_gradient_for_its_targets_too():
    logits, x = paddle.randn([3, 4]), paddle.rand([3, 4])
    x.stop_gradient = False
    activation.cross_entropy_sum(logits, x).backward()
    np.testing.assert_allclose(x.grad.numpy(), -logits.numpy(), rtol=1e-6)


class Function(nn.Layer):
    def __init__(self, function):
        super().__init__()
        self.forward = function


def adam_steps(optimizer_of, skip=None):
    """The parameters after 30 steps; `skip`: a step in which one of them has no gradient."""
    paddle.seed(0)
    first, last = nn.Linear(5, 7), nn.Linear(7, 3)
    net = nn.Sequential(first, nn.ReLU(), last)
    optimizer = optimizer_of(net)
    for step in range(30):
        optimizer.set_lr(0.01 / (1 + step))
        net(paddle.randn([4, 5])).square().sum().backward()
        if step == skip:
            last.bias.clear_gradient(False)
        optimizer.step()
        optimizer.clear_grad(set_to_zero=False)
    return [p.numpy() for p in net.parameters()], optimizer


one_kernel = pytest.mark.skipif(not fast_adam.works(), reason="not with this Paddle")


@one_kernel
@pytest.mark.parametrize("skip", [None, 0, 9])
def test_adam_of_all_parameters_at_once_takes_the_steps_of_paddles(monkeypatch, skip):
    def optimizer_of(net):
        return compute.adam(0.01, net, nn.ClipGradByGlobalNorm(0.5))

    ours, optimizer = adam_steps(optimizer_of, skip)
    monkeypatch.setenv("GENMODELS_FAST", "-Adam")
    paddles, other = adam_steps(optimizer_of, skip)
    assert isinstance(optimizer, fast_adam.FastAdam) and type(other) is paddle.optimizer.Adam
    assert len(optimizer.state_dict()) == len(other.state_dict())
    for a, b in zip(paddles, ours, strict=True):
        close(a, b)


@one_kernel
def test_adam_on_several_cores_gives_the_bits_of_one_call():
    def of_paddle(net):
        options = {"parameters": net.parameters(), "use_multi_tensor": True}
        return paddle.optimizer.Adam(0.01, **options)

    ours, _ = adam_steps(lambda net: compute.adam(0.01, net))
    for a, b in zip(ours, adam_steps(of_paddle)[0], strict=True):
        np.testing.assert_array_equal(a, b)


def test_adam_obeys_a_parameters_own_learning_rate():
    def optimizer_of(net):
        net[0].weight.optimize_attr["learning_rate"] = 0.0
        return compute.adam(0.01, net)

    paddle.seed(0)
    start = nn.Linear(5, 7).weight.numpy()
    parameters, _ = adam_steps(optimizer_of)
    np.testing.assert_array_equal(parameters[0], start)
    assert np.abs(parameters[1]).max() > 0  # the bias is trained


def test_a_network_of_nan_leaves_no_trace_in_another():
    """Group norms share what stands for their unused running statistics."""
    layer = layers.accelerate(nn.GroupNorm(2, 4))
    x = paddle.randn([2, 4, 3, 3])
    expected = layer(x).numpy()
    layer(paddle.full_like(x, float("nan")))
    np.testing.assert_array_equal(layer(x).numpy(), expected)


TRAINED = {
    "conv": (lambda: nn.Conv2D(3, 4, 3), [2, 3, 9, 9]),
    "conv transposed": (lambda: nn.Conv2DTranspose(3, 4, 3), [2, 3, 9, 9]),
    "linear": (lambda: nn.Linear(7, 5), [4, 7]),
    "group norm": (lambda: nn.GroupNorm(2, 4), [2, 4, 3, 3]),
}


@pytest.mark.parametrize("frozen", ["x", "weight", "bias", "x weight", "x bias", "weight bias"])
@pytest.mark.parametrize("name", TRAINED)
def test_what_is_frozen_has_no_gradient_and_the_rest_has_its_own(name, frozen):
    """As where a trained encoder is kept, or an image is changed to please a trained network."""
    build, shape = TRAINED[name]
    layer = build()
    for part in {"weight", "bias"} & set(frozen.split()):
        getattr(layer, part).stop_gradient = True
    gradients = []
    for each in (layer, layers.accelerate(copy.deepcopy(layer))):
        x = np.random.default_rng(0).standard_normal(shape).astype("float32")
        x = paddle.to_tensor(x, stop_gradient="x" in frozen.split())
        try:
            (each(x) ** 3).sum().backward()
        except ValueError as error:  # before Paddle 3.1 its own GroupNorm fails beside a frozen x
            assert each is layer, error
            pytest.skip(f"Paddle's own layer fails: {error}")
        gradients.append({"x": x.grad, "weight": each.weight.grad, "bias": each.bias.grad})
    for part, expected in gradients[0].items():
        assert (expected is None) == (gradients[1][part] is None) == (part in frozen.split())
        if expected is not None:
            close(expected.numpy(), gradients[1][part].numpy())


def model():
    return nn.Sequential(nn.Conv2D(1, 4, 3, padding=1), nn.BatchNorm2D(4), nn.MaxPool2D(2))


def test_state_and_its_names_are_unchanged_and_plain_undoes():
    net = model()
    before = {name: value.numpy() for name, value in net.state_dict().items()}
    classes = [type(layer) for layer in net]
    assert layers.accelerate(net) is net
    assert [type(layer) for layer in net] != classes
    after = net.state_dict()
    assert list(after) == list(before)
    assert all(np.array_equal(after[name].numpy(), before[name]) for name in before)
    sync_batch_norm.sync(net)
    assert type(net[1]) is sync_batch_norm.SyncBatchNorm2D
    layers.plain(net)
    assert [type(layer) for layer in net] == classes


def test_a_deepcopy_works_and_is_independent():
    net = layers.accelerate(model())
    twin = copy.deepcopy(net)
    x = paddle.ones([2, 1, 4, 4])
    net.eval(), twin.eval()
    np.testing.assert_array_equal(net(x).numpy(), twin(x).numpy())
    twin[0].bias.set_value(twin[0].bias + 1)
    assert not np.array_equal(net(x).numpy(), twin(x).numpy())


def test_the_switch_keeps_paddles_layers(monkeypatch):
    monkeypatch.setenv("GENMODELS_FAST", "0")
    assert type(layers.accelerate(model())[0]) is nn.Conv2D


def test_one_trick_can_be_switched_off(monkeypatch):
    monkeypatch.setenv("GENMODELS_FAST", "-MaxPool2D,-onednn")
    net = layers.accelerate(model())
    assert type(net[0]) is layers.FastConv2D and type(net[2]) is nn.MaxPool2D
    assert not onednn.usable() and compute.in_force()["MaxPool2D"].endswith("switched off")


def test_a_students_own_subclass_is_left_alone():
    class Mine(nn.Conv2D):
        def forward(self, x):
            return super().forward(x) * 0

    assert type(layers.accelerate(Mine(1, 2, 3))) is Mine


def test_float64_and_no_grad_take_the_right_path():
    layer = layers.accelerate(nn.Conv2D(2, 3, 3))
    x = paddle.randn([2, 2, 5, 5])
    with paddle.no_grad():
        assert layer(x).stop_gradient
    expected = F.conv2d(x.astype("float64"), layer.weight.astype("float64"), None)
    layer.to(dtype="float64")
    close(
        expected.numpy(), (layer(x.astype("float64"))).numpy() - layer.bias.numpy()[:, None, None]
    )


def test_gradients_flow_through_a_non_contiguous_input():
    layer = nn.Conv2D(2, 3, 3)
    x = paddle.randn([5, 2, 6, 6])
    flipped = x.transpose([0, 1, 3, 2])
    close(layer(flipped).numpy(), layers.accelerate(copy.deepcopy(layer))(flipped).numpy())


def test_many_shapes_do_not_pile_up(monkeypatch):
    layer = layers.accelerate(nn.Conv2D(1, 2, 3))
    monkeypatch.setattr(onednn, "_MOST_PLANS", 5)
    for size in range(3, 23):
        layer(paddle.ones([1, 1, size, 3]))
    assert len(getattr(onednn.local, "plans", {})) <= 5
