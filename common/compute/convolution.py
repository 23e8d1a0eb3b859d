"""Convolutions by oneDNN, with gradients, for dygraph training on a CPU.

Paddle's CPU kernels unfold every image into a matrix (im2col) and fold its gradient back, which
takes twice the time. No gradients of gradients. See `layers.py`.
"""

import functools
from contextlib import contextmanager

import paddle
import paddle.nn.functional as F
from paddle.autograd import PyLayer

from common.compute import environment, onednn
from common.compute.checks import close, numbers
from common.compute.onednn import (
    BF16,
    BIAS,
    DIFF_BIAS,
    DIFF_DST,
    DIFF_SRC,
    DIFF_WEIGHTS,
    DST,
    F32,
    SRC,
    WEIGHTS,
    Handle,
    Primitive,
    Reorder,
    chosen,
    dims,
    engine_here,
    layout,
)
from common.compute.paddle_internals import empty

_TRAINING = 64  # dnnl_forward_training
_COLOURS, _BLOCK = 3, 16  # channels of an image at most; of a block of oneDNN's
_MOST_PACKED = 4  # shapes of a layer's input for which its weight is kept
_DIRECT = {"convolution": 1, "deconvolution": 10}  # dnnl_alg_kind_t


class _Plan:
    """The primitives of one convolution of one shape, and the copies between their layouts.

    number: BF16 if what is multiplied is bfloat16; sums and results are float32 all the same.
    """

    def __init__(self, number, kind, x, weight, y, strides, padding, dilations):
        sides = (y[1], x[1], *weight[2:])  # oneDNN says [out, in, kh, kw] for both kinds
        bias = layout(y[1:2], "a")
        plain_x, plain_y = layout(x, "abcd"), layout(y, "abcd")
        plain_w = layout(sides, "abcd" if kind == "convolution" else "bacd")
        few = kind == "convolution" and (y[1] < _BLOCK or _COLOURS < x[1] < _BLOCK)
        tag = "acdb" if few else None  # of its own order oneDNN would fill blocks of 16 channels
        any_x, any_w, any_y = layout(x, tag), layout(sides), layout(y, tag)
        low_x, low_w, low_y = (
            layout(x, tag, number), layout(sides, None, number), layout(y, tag, number)
        )  # fmt: skip
        steps = (strides, [d - 1 for d in dilations], padding, padding)
        self.bias = y[1:2]

        def build(name, first, layouts, order, *hint):
            given = (engine_here()[0], *first, _DIRECT[kind], *layouts, *map(dims, steps), *hint)
            create = f"{kind}_{name}_primitive_desc_create"
            made = Handle("primitive_desc", create, *given, None)
            inside = {n: bias if n in (BIAS, DIFF_BIAS) else chosen(made, n) for n in order}
            return made, Primitive(made, inside), *inside.values()

        given = (low_x, low_w, bias, any_y)
        made = build("forward", [_TRAINING], given, (SRC, WEIGHTS, BIAS, DST))
        forward, self.forward, fx, fw, _, fy = made
        order = (SRC, DIFF_DST, DIFF_WEIGHTS, DIFF_BIAS)
        given = (low_x, any_w, bias, low_y)
        made = build("backward_weights", [], given, order, forward)
        weights, self.backward_weights, wx, wy, ww, _ = made
        order = (DIFF_DST, WEIGHTS, DIFF_SRC)
        made = build("backward_data", [], (any_x, low_w, low_y), order, forward)
        data, self.backward_data, dy, dw, dx = made
        self.kept = (forward, weights, data)  # they own the layouts
        self.x_in, self.w_in, self.y_out = (
            Reorder(plain_x, fx), Reorder(plain_w, fw), Reorder(fy, plain_y, y)
        )  # fmt: skip
        self.dy_in, self.x_again, self.dw_out = (
            Reorder(plain_y, wy), Reorder(fx, wx), Reorder(ww, plain_w, weight)
        )  # fmt: skip
        self.dy_data, self.w_data, self.dx_out = (
            Reorder(wy, dy), Reorder(plain_w, dw), Reorder(dx, plain_x, x)
        )  # fmt: skip


class _Convolve(PyLayer):
    @staticmethod
    def forward(ctx, x, weight, bias, key, packed):
        plan = onednn.plan(_Plan, *key)
        inside, y = plan.x_in(x), plan.y_out.buffer()
        plan.forward(inside, _weight(plan, weight, key, packed), bias, y)
        ctx.key, ctx.inside, ctx.weight = key, inside, weight
        ctx.frozen = x.stop_gradient, weight.stop_gradient, bias.stop_gradient
        return plan.y_out(y)

    @staticmethod
    def backward(ctx, dy):
        plan = onednn.plan(_Plan, *ctx.key)
        no_dx, no_dw, no_db = ctx.frozen
        dx, dw, db = None, None, None
        dy = plan.dy_in(dy.contiguous())
        if not (no_dw and no_db):
            buffer, db = plan.dw_out.buffer(), empty(plan.bias)
            plan.backward_weights(plan.x_again(ctx.inside), dy, buffer, db)
            dw, db = None if no_dw else plan.dw_out(buffer), None if no_db else db
        if not no_dx:
            buffer = plan.dx_out.buffer()
            plan.backward_data(plan.dy_data(dy), plan.w_data(ctx.weight), buffer)
            dx = plan.dx_out(buffer)
        return dx, dw, db


def _weight(plan, weight, key, packed):
    """The weight as the plan wants it, kept in `packed` if that is a dict."""
    if packed is None:
        return plan.w_in(weight)
    inside = packed.get(key)
    if inside is None:
        if len(packed) == _MOST_PACKED:
            packed.clear()
        inside = packed[key] = plan.w_in(weight)
    return inside


@contextmanager
def bfloat16():
    """Context in which convolutions of the calling thread multiply in bfloat16.

    But for those of an image and transposed ones, which gain nothing.
    """
    onednn.local.number = BF16
    try:
        yield
    finally:
        onednn.local.number = F32


@functools.cache
def no_bfloat16():
    """Why convolutions cannot (or should not) multiply in bfloat16 here, "" if they can."""
    if onednn.missing():
        return onednn.missing()
    if not environment.flags() & {"avx512_bf16", "amx_bf16"}:
        return "this CPU has neither AMX nor AVX512-BF16"
    return "" if _agrees() else "oneDNN's convolutions answer otherwise in it"


@paddle.enable_grad()
def _agrees():
    """Whether outputs and gradients of a convolution are those of float32, but for rounding."""
    results, shapes = [], ([2, 4, 6, 5], [3, 4, 3, 3], [3])
    for number in (F32, BF16):
        given = [numbers(shape, 1.0 + k) for k, shape in enumerate(shapes)]
        for tensor in given:
            tensor.stop_gradient = False
        onednn.local.number = number
        y = conv2d(*given, [2, 1], [1, 0], [1, 1])
        onednn.local.number = F32
        (y * numbers(y.shape, 2.0)).sum().backward()
        results.append([y.detach(), *(tensor.grad for tensor in given)])
    return all(close(a, b, 0.02) for a, b in zip(*results, strict=True))


@functools.cache
def _no_bias(channels):
    """A bias of 0, which asks for no gradient."""
    return paddle.zeros([channels])


def _convolve(x, weight, bias, key, packed):
    packed = None if paddle.is_grad_enabled() else packed  # what is trained changes
    bias = _no_bias(key[3][1]) if bias is None else bias
    low = key[0] == "convolution" and x.shape[1] > _COLOURS  # the others are faster in float32
    key = (getattr(onednn.local, "number", F32) if low else F32, *key)
    return onednn.apply(_Convolve, x, weight, bias, key, packed)


def conv2d(x, weight, bias, strides, padding, dilations, packed=None):
    """`F.conv2d` without groups. x: [B, C, H, W], weight: [O, C, kh, kw]; float32.

    bias: [O] or None. packed: a dict of the caller's in which a weight that never changes is kept
    as oneDNN wants it.
    """
    span = [d * (k - 1) + 1 for d, k in zip(dilations, weight.shape[2:], strict=True)]
    sizes = zip(x.shape[2:], padding, span, strides, strict=True)
    y = (x.shape[0], weight.shape[0], *((n + 2 * p - k) // s + 1 for n, p, k, s in sizes))
    if min(y) < 1:  # Paddle says what is wrong
        return F.conv2d(x, weight, bias, strides, padding, dilations)
    key = ("convolution", tuple(x.shape), tuple(weight.shape), y)
    key += (tuple(strides), tuple(padding), tuple(dilations))
    return _convolve(x.contiguous(), weight, bias, key, packed)


def conv2d_transpose(x, weight, bias, strides, padding, dilations, packed=None):
    """`F.conv2d_transpose` without groups and output padding. weight: [C, O, kh, kw]."""
    span = [d * (k - 1) + 1 for d, k in zip(dilations, weight.shape[2:], strict=True)]
    sizes = zip(x.shape[2:], padding, span, strides, strict=True)
    y = (x.shape[0], weight.shape[1], *((n - 1) * s - 2 * p + k for n, p, k, s in sizes))
    if min(y) < 1:
        return F.conv2d_transpose(x, weight, bias, strides, padding, 0, 1, dilations)
    key = ("deconvolution", tuple(x.shape), tuple(weight.shape), y)
    key += (tuple(strides), tuple(padding), tuple(dilations))
    return _convolve(x.contiguous(), weight, bias, key, packed)
