"""Everything of Paddle that is not public, in one file; each part checked before its use.

A new Paddle may lack or change any of it. Then its check says no and the public way named in the
check is taken (see `checks.py`). The calls into Paddle's oneDNN are in `onednn.py`.
"""

import functools

import paddle
from paddle import nn

from common.compute.checks import checked, close, numbers

# ---------------------------------------------------------------- the class of a layer


def set_class(layer, kind):
    """Make a layer an instance of `kind`, which must differ in methods alone."""
    if type(layer) is not kind:
        layer.__class__ = kind


class _Doubled(nn.ReLU):
    def forward(self, x):
        return 2 * x


@checked("class", "another class for the same layer", "the layer's own class", switch=False)
def can_set_class():
    """Whether a layer can be given another class, and calls its methods then."""
    layer = nn.ReLU()
    set_class(layer, _Doubled)
    changed = type(layer) is _Doubled and layer(paddle.ones([1])).item() == 2
    set_class(layer, nn.ReLU)
    return changed and type(layer) is nn.ReLU


def no_other_class():
    """Why layers cannot be changed, "" if they can: what a check of a fast layer `needs`."""
    return "" if can_set_class() else "a layer cannot be given another class"


# ---------------------------------------------------------------- the settings of layers


def convolution(layer):
    """(strides, padding, dilations, groups) of a Conv2D or Conv2DTranspose.

    None unless it takes NCHW and pads with zeros by one number a side.
    """
    padding = layer._padding
    if isinstance(padding, int):
        padding = [padding, padding]
    usual = layer._data_format == "NCHW" and layer._padding_mode == "zeros"
    if not usual or len(padding) != 2 or not all(isinstance(p, int) for p in padding):
        return None
    return layer._stride, list(padding), layer._dilation, layer._groups


def group_norm(layer):
    """(groups, epsilon) of a GroupNorm, None unless it takes NCHW."""
    return (layer._num_groups, layer._epsilon) if layer._data_format == "NCHW" else None


def softmax_axis(layer):
    """The axis of a Softmax."""
    return layer._axis


def batch_norm(layer):
    """(running mean, running variance, momentum, epsilon) of a BatchNorm2D.

    None unless it takes NCHW and normalises with the statistics of the batch.
    """
    if layer._data_format != "NCHW" or layer._use_global_stats:
        return None
    return layer._mean, layer._variance, layer._momentum, layer._epsilon


# ---------------------------------------------------------------- the gradient of BatchNorm


def batch_norm_gradients(x, weight, bias, mean, variance, epsilon, dy):
    """Gradients for x, weight and bias, with the statistics taken as constants.

    x, dy: [B, C, H, W] float32; the others [C].
    """
    if x.place.is_cpu_place() and has_batch_norm_gradient():
        return _by_kernel(x, weight, bias, mean, variance, epsilon, dy)
    return _by_formula(x, weight, mean, variance, epsilon, dy)


def _by_kernel(x, weight, bias, mean, variance, epsilon, dy):
    statistics = (mean, variance, mean, (variance + epsilon).rsqrt(), None)
    options = (0.9, epsilon, "NCHW", True, True, False)
    return paddle._C_ops.batch_norm_grad(x, weight, bias, *statistics, dy, *options)


def _by_formula(x, weight, mean, variance, epsilon, dy):
    inverse = (variance + epsilon).rsqrt()
    x_hat = (x - _maps(mean)) * _maps(inverse)
    return dy * _maps(weight * inverse), (dy * x_hat).sum([0, 2, 3]), dy.sum([0, 2, 3])


def _maps(values):
    return values.reshape([-1, 1, 1])


@checked("batch_norm_grad", "Paddle's kernel", "the written formula", switch=False)
def has_batch_norm_gradient():
    """Whether the kernel's three gradients are those of the formula."""
    x, dy = numbers([2, 3, 4, 5]), numbers([2, 3, 4, 5], 5.0)
    weight, bias, mean = numbers([3], 2.0), numbers([3]), numbers([3], 4.0)
    variance = numbers([3]).square() + 0.3
    found = _by_kernel(x, weight, bias, mean, variance, 0.1, dy)
    expected = _by_formula(x, weight, mean, variance, 0.1, dy)
    return all(close(a, b) for a, b in zip(expected, found, strict=True))


# ---------------------------------------------------------------- a tensor to be written


def empty(shape):
    """An empty float32 tensor on the CPU; Paddle's own function spends 6 us more on its checks."""
    return _maker()(shape, paddle.float32, paddle.CPUPlace())


@functools.cache
def _maker():
    if can_make_empty():
        return paddle._C_ops.empty
    return lambda shape, dtype, place: paddle.empty(shape, dtype)


@checked("empty", "empty tensors by the operator", "paddle.empty", switch=False)
def can_make_empty():
    """Whether the operator makes a tensor of the shape and type asked for, on the CPU."""
    x = paddle._C_ops.empty([2, 3], paddle.float32, paddle.CPUPlace())
    return x.shape == [2, 3] and x.dtype == paddle.float32 and x.place.is_cpu_place()


# ---------------------------------------------------------------- one memory for two tensors


def follow(masters, tensors):
    """Let tensors have the values of their masters: by the same memory, or by a copy."""
    share = can_share_memory()
    for master, tensor in zip(masters, tensors, strict=True):
        if share:
            master._share_buffer_to(tensor)
        else:
            paddle.assign(master.detach(), tensor)


@checked(
    "shared_memory",
    "replicas in the master's memory",
    "a copy of the weights each step",
    switch=False,
)
def can_share_memory():
    """Whether a change of the master, in place, is seen in a tensor that shares its memory."""
    master, follower = paddle.zeros([3]), paddle.ones([3])
    master._share_buffer_to(follower)
    master.add_(paddle.full([3], 5.0))
    return close(paddle.full([3], 5.0), follower, 0)


# ---------------------------------------------------------------- Adam's kernel for many tensors


def use_one_kernel(optimizer, wanted):
    """Let the next `step` of Paddle's Adam update all parameters by one kernel, or one by one."""
    optimizer._use_multi_tensor = wanted


def adam_update(optimizer, parameters):
    """(gradients) -> None: one step of some parameters of an Adam by one kernel.

    The optimizer has made a step, so that its moments exist; `set_lr` has its effect. None if a
    parameter has a learning rate, a regularizer or a number format of its own.
    """
    if not all(map(_usual, parameters)):
        return None
    names = (optimizer._moment1_acc_str, optimizer._moment2_acc_str)
    names += (optimizer._beta1_pow_acc_str, optimizer._beta2_pow_acc_str)
    state = [[optimizer._get_accumulator(name, p) for p in parameters] for name in names]
    moments, powers, none = state[:2], state[2:], None  # none: AMSGrad's, float32 weights
    rates = [optimizer._global_learning_rate()] * len(parameters)
    options = (optimizer._beta1, optimizer._beta2, optimizer._epsilon, False, False, False)

    def update(gradients):
        rest = (rates, *moments, none, *powers, none, *options)
        paddle._C_ops.merged_adam_(parameters, gradients, *rest)

    return update


def _usual(p):
    """Whether a parameter has no learning rate, regularizer or type of its own."""
    rate = p.optimize_attr["learning_rate"]
    return rate == 1 and p.regularizer is None and p.dtype == paddle.float32


# ---------------------------------------------------------------- where processes meet


def tcp_store():
    """The store with which the processes of a training found one another."""
    from paddle.base import core

    return core.create_or_get_global_tcp_store()


@checked(
    "tcp_store",
    "waiting by the processes' store",
    "waiting by a message, on CPUs for at most 30 s",
    switch=False,
)
def has_tcp_store():
    """Whether there is such a store, which counts."""
    store = tcp_store()
    before = store.add("probe", 0)
    return store.add("probe", 1) > before
