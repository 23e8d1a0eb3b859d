"""Enlargement by copies of the nearest pixel, by oneDNN, with gradients, on a CPU.

See `layers.py` and `onednn.py`.
"""

from ctypes import c_float

from paddle.autograd import PyLayer

from common.compute import onednn
from common.compute.onednn import DST, SRC, Handle, Primitive, dims, engine_here, layout
from common.compute.paddle_internals import empty

_INFERENCE, _NEAREST = 96, 0x2FFF0  # dnnl_forward_inference, dnnl_resampling_nearest
_AVERAGE, _LINEAR = 0x2FF, 0x26  # dnnl_pooling_avg_include_padding, dnnl_eltwise_linear


class _Plan:
    """The primitives for one shape and factor."""

    def __init__(self, shape, factor):
        self.small, self.large = shape, [*shape[:2], shape[2] * factor, shape[3] * factor]
        small, large = layout(self.small, "abcd"), layout(self.large, "abcd")
        given = engine_here()[0], _INFERENCE, _NEAREST, None, small, large, None
        made = Handle("primitive_desc", "resampling_forward_primitive_desc_create", *given)
        self.forward = Primitive(made, {SRC: small, DST: large})
        # the gradient, a sum, is an average times the number of copies: oneDNN's own is slow here
        count = onednn.followed_by(("eltwise", _LINEAR, c_float(factor**2), c_float(0)))
        window, none = dims((factor, factor)), dims((0, 0))
        given = engine_here()[0], _INFERENCE, _AVERAGE, large, small, window, window
        create = "pooling_forward_primitive_desc_create"
        made = Handle("primitive_desc", create, *given, none, none, none, count)
        self.backward = Primitive(made, {SRC: large, DST: small})


class _Enlarge(PyLayer):
    @staticmethod
    def forward(ctx, x, factor):
        ctx.key = _Plan, tuple(x.shape), factor
        plan = onednn.plan(*ctx.key)
        y = empty(plan.large)
        plan.forward(x, y)
        return y

    @staticmethod
    def backward(ctx, dy):
        plan = onednn.plan(*ctx.key)
        dx = empty(plan.small)
        plan.backward(dy.contiguous(), dx)
        return dx


def enlarge(x, factor):
    """[B, C, H, W] float32 -> [B, C, factor H, factor W]."""
    return onednn.apply(_Enlarge, x.contiguous(), factor)
