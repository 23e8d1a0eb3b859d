"""The oneDNN library inside Paddle's own wheel, called directly: the C API of oneDNN 3 by ctypes.

See https://uxlfoundation.github.io/oneDNN. A primitive is compiled for one shape; each of its
operands has a memory layout of the primitive's choice, into which reorder primitives copy.
Everything is kept per thread, because the scratch memory of a primitive belongs to the thread
that made it. The library releases the GIL while it computes. Numbers are those of `dnnl_types.h`.
"""

import ctypes
import functools
import os
import platform
import sys
import threading
from ctypes import c_int, c_int64, c_size_t, c_void_p
from types import SimpleNamespace

import paddle

from common.compute.checks import checked
from common.compute.paddle_internals import empty

F32, BF16, _ANY = 3, 2, 1  # dnnl_f32, dnnl_bf16, dnnl_format_tag_any
SRC, SECOND, DST, WEIGHTS, BIAS = 1, 2, 17, 33, 41  # DNNL_ARG_*
_STEP = 32768  # DNNL_ARG_ATTR_MULTIPLE_POST_OP_BASE
DIFF_SRC, DIFF_DST, DIFF_WEIGHTS, DIFF_BIAS = 129, 145, 161, 169
_QUERY = {SRC: 129, DIFF_SRC: 130, WEIGHTS: 131, DIFF_WEIGHTS: 132, DST: 133, DIFF_DST: 134}
local = threading.local()  # engine, stream and plans of a thread
_MOST_PLANS = 256


class _Version(ctypes.Structure):
    _fields_ = (("major", c_int), ("minor", c_int), ("patch", c_int))


class _Argument(ctypes.Structure):
    _fields_ = (("number", c_int), ("memory", c_void_p))


@functools.cache
def library():
    """The oneDNN 3 that Paddle has loaded. Raises OSError or AttributeError if there is none."""
    found = ctypes.CDLL("libdnnl.so.3", mode=os.RTLD_NOLOAD | os.RTLD_LAZY)
    found.dnnl_version.restype = ctypes.POINTER(_Version)
    found.dnnl_primitive_desc_query_md.restype = c_void_p
    found.dnnl_memory_desc_get_size.restype = c_size_t
    return found


def _elsewhere():
    usual = sys.platform == "linux" and platform.machine() == "x86_64"
    return "" if usual else "not known on this system"


@checked("onednn", "oneDNN 3 of Paddle's wheel", "Paddle's own kernels", _elsewhere)
def usable():
    """Whether Paddle has loaded the oneDNN whose functions are called here."""
    return library().dnnl_version().contents.major == 3


def missing():
    """Why oneDNN is not used, "" if it is: what a check `needs`."""
    return "" if usable() else "no oneDNN"


def takes(x):
    """Whether x is float32 on the CPU and not empty, and no graph is being traced."""
    usual = paddle.in_dynamic_mode() and x.dtype == paddle.float32 and x.place.is_cpu_place()
    return usual and 0 not in x.shape


@functools.cache
def _at_once():
    """The library for calls of a microsecond, which keep the GIL: to get it back takes longer."""
    found = ctypes.PyDLL("libdnnl.so.3", mode=os.RTLD_NOLOAD | os.RTLD_LAZY)
    found.dnnl_memory_set_data_handle.argtypes = (c_void_p, c_void_p)
    return found


class Handle:
    """An object of the C library, destroyed with its last reference."""

    def __init__(self, kind, create, *arguments):
        self._as_parameter_ = c_void_p()
        self.kept = arguments
        self.destroy = getattr(library(), f"dnnl_{kind}_destroy")
        call(create, ctypes.byref(self._as_parameter_), *arguments)

    def __del__(self):
        if self._as_parameter_:
            self.destroy(self._as_parameter_)


def call(name, *arguments):
    """Call a function of the C API that answers with a status. Raises RuntimeError."""
    _check(getattr(library(), f"dnnl_{name}")(*arguments))


def _check(status):
    if status != 0:
        raise RuntimeError(f"oneDNN answers with status {status}")


def engine_here():
    """(engine, stream) of the calling thread."""
    if not hasattr(local, "engine"):
        local.engine = Handle("engine", "engine_create", 1, c_size_t(0))
        local.stream = Handle("stream", "stream_create", local.engine, 1)
    return local.engine, local.stream


def plan(kind, *key):
    """`kind(*key)` of the calling thread, made once; kind: a class that holds primitives."""
    plans, key = local.__dict__.setdefault("plans", {}), (kind, *key)
    if key not in plans:
        if len(plans) >= _MOST_PLANS:
            plans.clear()
        plans[key] = kind(*key[1:])
    return plans[key]


def apply(function, *arguments):
    """`function.apply` of a PyLayer; where no gradient is wanted, only its forward."""
    if paddle.is_grad_enabled():
        return function.apply(*arguments)
    return function.forward(SimpleNamespace(), *arguments)


def dims(values):
    """Sizes as the C API takes them."""
    return (c_int64 * 12)(*values)


def layout(shape, tag=None, kind=F32):
    """Memory description: in the order that tag names, without one as the primitive likes it."""
    where = (len(shape), dims(shape), kind)
    if tag is None:
        return Handle("memory_desc", "memory_desc_create_with_tag", *where, _ANY)
    return Handle("memory_desc", "memory_desc_create_with_string_tag", *where, tag.encode())


def followed_by(*steps):
    """Attribute of a primitive whose result goes through more steps before it is written.

    Each is ("eltwise", kind, alpha, beta), or ("binary", kind, layout), whose second operand is
    the argument `second(number of the step, from 0)`.
    """
    post_ops = Handle("post_ops", "post_ops_create")
    for name, *rest in steps:
        call(f"post_ops_append_{name}", post_ops, *rest)
    attribute = Handle("primitive_attr", "primitive_attr_create")
    call("primitive_attr_set_post_ops", attribute, post_ops)
    return attribute


def second(step):
    """Number of the argument that is the second operand of a step of `followed_by`."""
    return _STEP * (step + 1) | SECOND


class Primitive:
    """A compiled operation: called with one tensor for each of `layouts` {argument: layout}."""

    def __init__(self, description, layouts):
        engine, self.stream = engine_here()
        self.primitive = Handle("primitive", "primitive_create", description)
        create = ("memory", "memory_create")
        self.memories = [Handle(*create, md, engine, c_void_p(0)) for md in layouts.values()]
        handles = [memory._as_parameter_ for memory in self.memories]
        self.places = [0] * len(handles)  # where the last call's tensors were
        self.arguments = (_Argument * len(handles))(*zip(layouts, handles, strict=True))

    def __call__(self, *tensors):
        for k, (memory, tensor) in enumerate(zip(self.memories, tensors, strict=True)):
            place = tensor.data_ptr()
            if place != self.places[k]:
                _check(_at_once().dnnl_memory_set_data_handle(memory, place))
                self.places[k] = place
        arguments = (self.stream, len(self.arguments), self.arguments)
        _check(library().dnnl_primitive_execute(self.primitive, *arguments))
        _check(_at_once().dnnl_stream_wait(self.stream))


class Reorder:
    """Copies a tensor from one layout to another; hands it on where the two are the same.

    shape: of the result, if it is plain.
    """

    def __init__(self, source, target, shape=None):
        self.same = bool(library().dnnl_memory_desc_equal(source, target))
        self.result = shape or _floats(target)
        self.start = _floats(source)
        if self.same:
            self.start = self.result
            return
        engine, _ = engine_here()
        arguments = (source, engine, target, engine, None)
        made = Handle("primitive_desc", "reorder_primitive_desc_create", *arguments)
        self.copy = Primitive(made, {SRC: source, DST: target})

    def buffer(self):
        """An empty tensor in the source's layout."""
        return empty(self.start)

    def __call__(self, tensor):
        if self.same:
            return tensor
        result = empty(self.result)
        self.copy(tensor, result)
        return result


def _floats(layout):
    """Shape of a tensor with the memory of a layout, whatever its numbers are."""
    return [-(-library().dnnl_memory_desc_get_size(layout) // 4)]


def chosen(description, argument):
    """The layout that a primitive chose for an operand; the description owns it."""
    return c_void_p(library().dnnl_primitive_desc_query_md(description, _QUERY[argument], 0))
