"""Convolutions by the oneDNN library inside Paddle's own wheel, called directly through ctypes.

Paddle's CPU kernels unfold every image into a matrix (im2col) and fold its gradient back; in
dygraph training they never call the oneDNN that ships beside them. Its convolutions reach the
peak of the machine: [64, 32, 28, 28] to 32 channels, one thread, forward + backward 31 -> 14 ms;
[64, 16, 32, 32] to 32, 33 -> 10 ms. The C API is that of oneDNN 3 (uxlfoundation.github.io/oneDNN):
a primitive is compiled for one shape, and each of its operands has a memory layout of the
primitive's choice, into which `reorder` primitives copy. Everything is kept per thread, because
the scratch memory of a primitive belongs to the thread that made it. Used by `common/fast.py`.
"""

import ctypes
import functools
import os
import threading
from ctypes import c_int, c_int64, c_size_t, c_void_p

import paddle
import paddle.nn.functional as F
from paddle.autograd import PyLayer

_F32, _ANY, _TRAINING = 3, 1, 64  # dnnl_f32, dnnl_format_tag_any, dnnl_forward_training
_DIRECT = {"convolution": 1, "deconvolution": 10}  # dnnl_alg_kind_t
_SRC, _DST, _WEIGHTS, _BIAS = 1, 17, 33, 41  # DNNL_ARG_*
_DIFF_SRC, _DIFF_DST, _DIFF_WEIGHTS, _DIFF_BIAS = 129, 145, 161, 169
_QUERY = {_SRC: 129, _DIFF_SRC: 130, _WEIGHTS: 131, _DIFF_WEIGHTS: 132, _DST: 133, _DIFF_DST: 134}
_MOST_PLANS = 256
_local = threading.local()


class _Version(ctypes.Structure):
    _fields_ = (("major", c_int), ("minor", c_int), ("patch", c_int))


class _Argument(ctypes.Structure):
    _fields_ = (("number", c_int), ("memory", c_void_p))


@functools.cache
def library():
    """The oneDNN 3 that Paddle has loaded, or None."""
    try:
        found = ctypes.CDLL("libdnnl.so.3", mode=os.RTLD_NOLOAD | os.RTLD_LAZY)
        found.dnnl_version.restype = ctypes.POINTER(_Version)
        found.dnnl_primitive_desc_query_md.restype = c_void_p
        found.dnnl_memory_desc_get_size.restype = c_size_t
        found.dnnl_memory_set_data_handle.argtypes = (c_void_p, c_void_p)
    except (OSError, AttributeError):
        return None
    return found if found.dnnl_version().contents.major == 3 else None


class _Handle:
    """An object of the C library, destroyed with its last reference."""

    def __init__(self, kind, create, *arguments):
        self._as_parameter_ = c_void_p()
        self.kept = arguments
        self.destroy = getattr(library(), f"dnnl_{kind}_destroy")
        _check(getattr(library(), f"dnnl_{create}")(ctypes.byref(self._as_parameter_), *arguments))

    def __del__(self):
        if self._as_parameter_:
            self.destroy(self._as_parameter_)


def _check(status):
    if status != 0:
        raise RuntimeError(f"oneDNN answers with status {status}")


def _engine():
    """(engine, stream) of the calling thread."""
    if not hasattr(_local, "engine"):
        _local.engine = _Handle("engine", "engine_create", 1, c_size_t(0))
        _local.stream = _Handle("stream", "stream_create", _local.engine, 1)
    return _local.engine, _local.stream


def _dims(values):
    return (c_int64 * 12)(*values)


def _layout(shape, tag=None):
    """Memory description: in the order that tag names, without one as the primitive likes it."""
    where = (len(shape), _dims(shape), _F32)
    if tag is None:
        return _Handle("memory_desc", "memory_desc_create_with_tag", *where, _ANY)
    return _Handle("memory_desc", "memory_desc_create_with_string_tag", *where, tag.encode())


class _Primitive:
    """A compiled operation: called with one tensor for each of `layouts` {argument: layout}."""

    def __init__(self, description, layouts):
        engine, self.stream = _engine()
        self.primitive = _Handle("primitive", "primitive_create", description)
        create = ("memory", "memory_create")
        self.memories = [_Handle(*create, md, engine, c_void_p(0)) for md in layouts.values()]
        handles = [memory._as_parameter_ for memory in self.memories]
        self.arguments = (_Argument * len(handles))(*zip(layouts, handles, strict=True))

    def __call__(self, *tensors):
        for memory, tensor in zip(self.memories, tensors, strict=True):
            _check(library().dnnl_memory_set_data_handle(memory, tensor.data_ptr()))
        arguments = (self.stream, len(self.arguments), self.arguments)
        _check(library().dnnl_primitive_execute(self.primitive, *arguments))
        _check(library().dnnl_stream_wait(self.stream))


class _Reorder:
    """Copies a tensor from one layout to another; hands it on where the two are the same.

    `buffer()` is an empty tensor in the source's layout; shape: of the result, if it is plain.
    """

    def __init__(self, source, target, shape=None):
        self.same = bool(library().dnnl_memory_desc_equal(source, target))
        self.result = shape or [library().dnnl_memory_desc_get_size(target) // 4]
        self.start = [library().dnnl_memory_desc_get_size(source) // 4]
        if self.same:
            self.start = self.result
            return
        engine, _ = _engine()
        arguments = (source, engine, target, engine, None)
        made = _Handle("primitive_desc", "reorder_primitive_desc_create", *arguments)
        self.copy = _Primitive(made, {_SRC: source, _DST: target})

    def buffer(self):
        return paddle.empty(self.start, "float32")

    def __call__(self, tensor):
        if self.same:
            return tensor
        result = paddle.empty(self.result, "float32")
        self.copy(tensor, result)
        return result


class _Plan:
    """The primitives of one convolution of one shape, and the copies between their layouts."""

    def __init__(self, kind, x, weight, y, strides, padding, dilations):
        sides = (y[1], x[1], *weight[2:])  # oneDNN says [out, in, kh, kw] for both kinds
        bias = _layout(y[1:2], "a")
        plain_x, plain_y = _layout(x, "abcd"), _layout(y, "abcd")
        plain_w = _layout(sides, "abcd" if kind == "convolution" else "bacd")
        any_x, any_w, any_y = _layout(x), _layout(sides), _layout(y)
        steps = (strides, [d - 1 for d in dilations], padding, padding)
        self.bias = y[1:2]

        def build(name, first, layouts, order, *hint):
            given = (_engine()[0], *first, _DIRECT[kind], *layouts, *map(_dims, steps), *hint)
            create = f"{kind}_{name}_primitive_desc_create"
            made = _Handle("primitive_desc", create, *given, None)
            query = library().dnnl_primitive_desc_query_md
            inside = {
                n: c_void_p(query(made, _QUERY[n], 0)) if n in _QUERY else bias for n in order
            }
            return made, _Primitive(made, inside), *inside.values()

        full = (any_x, any_w, bias, any_y)
        made = build("forward", [_TRAINING], full, (_SRC, _WEIGHTS, _BIAS, _DST))
        forward, self.forward, fx, fw, _, fy = made
        order = (_SRC, _DIFF_DST, _DIFF_WEIGHTS, _DIFF_BIAS)
        made = build("backward_weights", [], full, order, forward)
        weights, self.backward_weights, wx, wy, ww, _ = made
        order = (_DIFF_DST, _WEIGHTS, _DIFF_SRC)
        made = build("backward_data", [], (any_x, any_w, any_y), order, forward)
        data, self.backward_data, dy, dw, dx = made
        self.kept = (forward, weights, data)  # they own the layouts
        self.x_in, self.w_in, self.y_out = (
            _Reorder(plain_x, fx), _Reorder(plain_w, fw), _Reorder(fy, plain_y, y)
        )  # fmt: skip
        self.dy_in, self.x_again, self.dw_out = (
            _Reorder(plain_y, wy), _Reorder(fx, wx), _Reorder(ww, plain_w, weight)
        )  # fmt: skip
        self.dy_data, self.w_data, self.dx_out = (
            _Reorder(wy, dy), _Reorder(plain_w, dw), _Reorder(dx, plain_x, x)
        )  # fmt: skip

    @classmethod
    def of(cls, *key):
        """The plan of this thread for a kind, shapes and steps."""
        plans = _local.__dict__.setdefault("plans", {})
        if key not in plans:
            if len(plans) >= _MOST_PLANS:
                plans.clear()
            plans[key] = cls(*(list(part) if isinstance(part, tuple) else part for part in key))
        return plans[key]


class _Convolve(PyLayer):
    @staticmethod
    def forward(ctx, x, weight, bias, key):
        plan = _Plan.of(*key)
        inside, y = plan.x_in(x), plan.y_out.buffer()
        plan.forward(inside, plan.w_in(weight), bias, y)
        ctx.key, ctx.inside, ctx.weight, ctx.skip_x = key, inside, weight, x.stop_gradient
        return plan.y_out(y)

    @staticmethod
    def backward(ctx, dy):
        plan = _Plan.of(*ctx.key)
        dy = plan.dy_in(dy.contiguous())
        dw, db = plan.dw_out.buffer(), paddle.empty(plan.bias, "float32")
        plan.backward_weights(plan.x_again(ctx.inside), dy, dw, db)
        dw = plan.dw_out(dw)
        if ctx.skip_x:
            return None, dw, db
        dx = plan.dx_out.buffer()
        plan.backward_data(plan.dy_data(dy), plan.w_data(ctx.weight), dx)
        return plan.dx_out(dx), dw, db


def conv2d(x, weight, bias, strides, padding, dilations):
    """`F.conv2d` without groups. x: [B, C, H, W], weight: [O, C, kh, kw], bias: [O]; float32."""
    span = [d * (k - 1) + 1 for d, k in zip(dilations, weight.shape[2:], strict=True)]
    sizes = zip(x.shape[2:], padding, span, strides, strict=True)
    y = (x.shape[0], weight.shape[0], *((n + 2 * p - k) // s + 1 for n, p, k, s in sizes))
    key = ("convolution", tuple(x.shape), tuple(weight.shape), y)
    key += (tuple(strides), tuple(padding), tuple(dilations))
    return _Convolve.apply(x.contiguous(), weight, bias, key)


def conv2d_transpose(x, weight, bias, strides, padding, dilations):
    """`F.conv2d_transpose` without groups and output padding. weight: [C, O, kh, kw]."""
    span = [d * (k - 1) + 1 for d, k in zip(dilations, weight.shape[2:], strict=True)]
    sizes = zip(x.shape[2:], padding, span, strides, strict=True)
    y = (x.shape[0], weight.shape[1], *((n - 1) * s - 2 * p + k for n, p, k, s in sizes))
    key = ("deconvolution", tuple(x.shape), tuple(weight.shape), y)
    key += (tuple(strides), tuple(padding), tuple(dilations))
    return _Convolve.apply(x.contiguous(), weight, bias, key)


@functools.cache
def works():
    """Whether oneDNN is there and agrees with Paddle on two small convolutions."""
    if library() is None:
        return False
    x = paddle.linspace(-1.0, 1.0, 2 * 3 * 7 * 5).reshape([2, 3, 7, 5])
    weight = paddle.linspace(-0.5, 0.4, 81).reshape([3, 3, 3, 3])
    bias = paddle.to_tensor([0.1, -0.2, 0.3])
    try:
        pairs = (
            (conv2d(x, weight, bias, [2, 2], [1, 1], [1, 1]), F.conv2d(x, weight, bias, 2, 1)),
            (
                conv2d_transpose(x, weight, bias, [2, 2], [1, 1], [1, 1]),
                F.conv2d_transpose(x, weight, bias, 2, 1),
            ),
        )
    except (RuntimeError, AttributeError):
        return False
    return all(a.shape == b.shape and bool(paddle.allclose(a, b, atol=1e-5)) for a, b in pairs)
