"""SiLU, softmax, softplus and the cross entropy of pixels by oneDNN, with gradients, on a CPU.

See `layers.py` and `onednn.py`. Paddle's own kernels do not vectorise the exponential.
"""

import math
from ctypes import c_float

import paddle
import paddle.nn.functional as F
from paddle.autograd import PyLayer

from common.compute import onednn
from common.compute.checks import checked, close, numbers
from common.compute.onednn import (
    DIFF_DST,
    DIFF_SRC,
    DST,
    SECOND,
    SRC,
    Handle,
    Primitive,
    engine_here,
    layout,
    plan,
    second,
)
from common.compute.paddle_internals import empty

_TRAINING = 64  # dnnl_forward_training
_SOFTPLUS, _SIGMOID, _SWISH = 0x27, 0x29, 0x2C  # dnnl_eltwise_soft_relu, _logistic, _swish
_SOFTMAX = 0x30000  # dnnl_softmax_accurate
_ADD, _MULTIPLY, _SUBTRACT = 0x1FFF0, 0x1FFF1, 0x1FFF5  # dnnl_binary_*


class _Plan:
    """The two primitives of a function for so many numbers, or of softmax for so many rows."""

    def __init__(self, kind, *shape):
        flat = layout(shape, "ab"[: len(shape)])
        # of the others alpha and beta: x * sigmoid(1 * x), log(1 + exp(1 * x)) / 1
        name, extra, kept = "eltwise", (c_float(1), c_float(0)), SRC
        if kind == _SOFTMAX:
            name, extra, kept = "softmax", (1,), DST  # the axis
        given = engine_here()[0], _TRAINING, kind, flat, flat, *extra, None
        forward = Handle("primitive_desc", f"{name}_forward_primitive_desc_create", *given)
        given = engine_here()[0], kind, flat, flat, flat, *extra, forward, None
        backward = Handle("primitive_desc", f"{name}_backward_primitive_desc_create", *given)
        self.forward = Primitive(forward, {SRC: flat, DST: flat})
        self.backward = Primitive(backward, {kept: flat, DIFF_DST: flat, DIFF_SRC: flat})


def _plan(kind, x):
    count = math.prod(x.shape)  # Tensor.size takes 3 us
    shape = (count // x.shape[-1], x.shape[-1]) if kind == _SOFTMAX else (count,)
    return plan(_Plan, kind, *shape)


def _value(kind, x):
    y = empty(x.shape)
    _plan(kind, x).forward(x, y)
    return y


class _Function(PyLayer):
    @staticmethod
    def forward(ctx, x, kind):
        y = _value(kind, x)
        ctx.kind, ctx.kept = kind, y if kind == _SOFTMAX else x
        return y

    @staticmethod
    def backward(ctx, dy):
        dx = empty(dy.shape)
        _plan(ctx.kind, dy).backward(ctx.kept, dy.contiguous(), dx)
        return dx


class _EntropyPlan:
    """softplus(l) - x l and its gradient (sigmoid(l) - x) dy of so many logits l, in few passes."""

    def __init__(self, count):
        flat, one = layout([1, count], "ab"), layout([1, 1], "ab")
        self.zero = paddle.zeros([1])

        def primitive(kind, operand, *steps):
            given = engine_here()[0], kind, flat, operand, flat, onednn.followed_by(*steps)
            made = Handle("primitive_desc", "binary_primitive_desc_create", *given)
            more = {second(k): step[2] for k, step in enumerate(steps) if step[0] == "binary"}
            return Primitive(made, {SRC: flat, SECOND: operand, **more, DST: flat})

        def first(function):  # after adding 0: an eltwise primitive with post-ops is not compiled
            return _ADD, one, ("eltwise", function, c_float(1), c_float(0))

        self.product = primitive(_MULTIPLY, flat)
        self.rest = primitive(*first(_SOFTPLUS), ("binary", _SUBTRACT, flat))
        steps = ("binary", _SUBTRACT, flat), ("binary", _MULTIPLY, one)
        self.slope = primitive(*first(_SIGMOID), *steps)

    def value(self, logits, x):
        """softplus(logits) - x logits, of the shape of x."""
        y = empty(x.shape)
        self.product(logits, x, y)
        self.rest(logits, self.zero, y, y)
        return y

    def gradient(self, logits, x, dy):
        """(sigmoid(logits) - x) dy, of the shape of x; dy: 0-D."""
        dlogits = empty(x.shape)
        self.slope(logits, self.zero, x, dy, dlogits)
        return dlogits


class _CrossEntropy(PyLayer):
    @staticmethod
    def forward(ctx, logits, x):
        ctx.logits, ctx.x = logits, x
        ctx.key = _EntropyPlan, math.prod(x.shape)
        return plan(*ctx.key).value(logits, x).sum()

    @staticmethod
    def backward(ctx, dy):
        logits, x = ctx.logits, ctx.x
        dlogits = None if logits.stop_gradient else plan(*ctx.key).gradient(logits, x, dy)
        return dlogits, None if x.stop_gradient else -logits * dy


def silu(x):
    """`F.silu` of a float32 tensor on the CPU, any shape."""
    return onednn.apply(_Function, x.contiguous(), _SWISH)


def softmax(x):
    """`F.softmax` of a float32 tensor on the CPU, over the last axis."""
    return onednn.apply(_Function, x.contiguous(), _SOFTMAX)


def softplus(x):
    """`F.softplus`, by oneDNN where it can be trusted (with an error of up to 2e-6)."""
    if onednn.takes(x) and has_softplus():
        return onednn.apply(_Function, x.contiguous(), _SOFTPLUS)
    return F.softplus(x)


def cross_entropy_sum(logits, x):
    """`F.binary_cross_entropy_with_logits(logits, x, reduction="sum")`, 0-D; targets in [0, 1]."""
    alike = onednn.takes(logits) and onednn.takes(x) and logits.shape == x.shape
    if alike and has_cross_entropy():
        return onednn.apply(_CrossEntropy, logits.contiguous(), x.contiguous())
    return (F.softplus(logits) - x * logits).sum()


@checked("Softplus", "oneDNN", needs=onednn.missing)
def has_softplus():
    """Whether oneDNN's softplus and its gradient are Paddle's."""
    return _agree(lambda z: onednn.apply(_Function, z, _SOFTPLUS), F.softplus)


@checked("CrossEntropy", "oneDNN", needs=onednn.missing)
def has_cross_entropy():
    """Whether the cross entropy by oneDNN and its gradient are those of its formula."""
    x = numbers([37]).square()
    ours, formula = _CrossEntropy.apply, lambda z, x: (F.softplus(z) - x * z).sum()
    return _agree(lambda z: ours(z, x), lambda z: formula(z, x))


def _agree(ours, paddles):
    """Whether two functions of [37] logits have the same value and gradient."""
    results = []
    for function in (ours, paddles):
        z = paddle.linspace(-9.0, 9.0, 37)
        z.stop_gradient = False
        y = function(z)
        (y * numbers(y.shape, 2.0)).sum().backward()
        results.append((y.detach(), z.grad))
    return all(close(a, b, 1e-5) for a, b in zip(*results, strict=True))
