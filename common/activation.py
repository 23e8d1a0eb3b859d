"""SiLU by oneDNN, with its gradient, for dygraph on a CPU. See `fast.py` and `onednn.py`."""

import functools
from ctypes import c_float

import paddle
import paddle.nn.functional as F
from paddle.autograd import PyLayer

from common import onednn
from common.onednn import DIFF_DST, DIFF_SRC, DST, SRC, Handle, Primitive, engine_here, layout, plan

_TRAINING, _SWISH = 64, 0x2C  # dnnl_forward_training, dnnl_eltwise_swish


class _Plan:
    """The two primitives for so many numbers."""

    def __init__(self, size):
        flat = layout([size], "a")
        scale = c_float(1), c_float(0)  # x * sigmoid(1 * x)
        create = "eltwise_forward_primitive_desc_create"
        given = engine_here()[0], _TRAINING, _SWISH, flat, flat, *scale, None
        forward = Handle("primitive_desc", create, *given)
        create = "eltwise_backward_primitive_desc_create"
        given = engine_here()[0], _SWISH, flat, flat, flat, *scale, forward, None
        backward = Handle("primitive_desc", create, *given)
        self.forward = Primitive(forward, {SRC: flat, DST: flat})
        self.backward = Primitive(backward, {SRC: flat, DIFF_DST: flat, DIFF_SRC: flat})


class _Silu(PyLayer):
    @staticmethod
    def forward(ctx, x):
        ctx.x, y = x, paddle.empty(x.shape, "float32")
        plan(_Plan, x.size).forward(x, y)
        return y

    @staticmethod
    def backward(ctx, dy):
        dx = paddle.empty(dy.shape, "float32")
        plan(_Plan, dy.size).backward(ctx.x, dy.contiguous(), dx)
        return dx


def silu(x):
    """`F.silu` of a float32 tensor on the CPU, any shape."""
    return _Silu.apply(x.contiguous())


@functools.cache
def works():
    """Whether oneDNN is there and agrees with Paddle on a few numbers."""
    if onednn.library() is None:
        return False
    x = paddle.linspace(-9.0, 9.0, 37)
    try:
        return bool(paddle.allclose(silu(x), F.silu(x), atol=1e-6))
    except (RuntimeError, AttributeError):
        return False
