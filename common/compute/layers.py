"""The same layers, faster on a CPU: `accelerate(model)` swaps the classes of its sublayers.

A model file stays as a textbook would have it. Each trick is one class and one row of `_TRICKS`;
to delete it, delete both. Parameters, buffers and names of the state are untouched, because only
the class of a layer changes; outputs and gradients agree to float32 rounding, which is checked once
a process before a trick is used. `GENMODELS_FAST=0` or `plain(model)` gives Paddle's own layers
back, `GENMODELS_FAST=-GroupNorm` one of them; on a GPU nothing happens.
"""

import copy
import functools
import math

import paddle
import paddle.nn.functional as F
from paddle import nn

from common.compute import activation, convolution, environment, onednn, resampling
from common.compute import paddle_internals as internals
from common.compute.checks import checked, close, numbers
from common.compute.sync_batch_norm import SyncBatchNorm2D


def accelerate(model):
    """Swap what is faster and trusted, in place, if this runs on a CPU. Returns the model."""
    if environment.fast() and paddle.device.get_device() == "cpu":
        kinds = {type(layer) for layer in model.sublayers(include_self=True)}
        table = {slow: fast for slow, fast in _FAST.items() if slow in kinds and _CHECKS[slow]()}
        _swap(model, table)
    return model


def plain(model):
    """Give every layer Paddle's own class again, in place. Returns the model."""
    return _swap(
        model, {fast: slow for slow, fast in _FAST.items()} | {SyncBatchNorm2D: nn.BatchNorm2D}
    )


def freeze(model):
    """Let convolutions keep their weights as oneDNN wants them; the weights must not change."""
    for layer in model.sublayers(include_self=True):
        if isinstance(layer, (FastConv2D, FastConv2DTranspose)):
            layer.packed = {}


def no_bfloat16(model):
    """Why the convolutions of an accelerated model cannot multiply in bfloat16; "" if they can."""
    if paddle.device.get_device() != "cpu":
        return "on a GPU mixed precision is --amp"
    kinds = {type(layer) for layer in model.sublayers(include_self=True)}
    if FastConv2D not in kinds:
        return "it is for convolutions by oneDNN, and this network has none"
    return convolution.no_bfloat16()


def _swap(model, table):
    """Give the layers of the classes in `table` {old: new} their new class."""
    for layer in model.sublayers(include_self=True):
        internals.set_class(layer, table.get(type(layer), type(layer)))
    return model


def _eager(x):
    """Whether x is a float32 image batch on the CPU, and no graph is being traced."""
    return x.ndim == 4 and onednn.takes(x)


def _weighs(layer, x, axis):
    """Whether a layer's weight is float32 and of as many channels as x, as its kernel expects."""
    weight = layer.weight
    return weight.dtype == paddle.float32 and weight.shape[axis] == x.shape[1]


class FastConv2D(nn.Conv2D):
    """By oneDNN.

    Without it, and for groups, the bias is added as [C, 1, 1]: Paddle is slow with [1, C, 1, 1].
    """

    packed = None  # see `freeze`

    def forward(self, x):
        usual = internals.convolution(self) if _eager(x) else None
        if usual is None:
            return super().forward(x)
        *steps, groups = usual
        if groups == 1 and _weighs(self, x, 1) and onednn.usable():
            return convolution.conv2d(x, self.weight, self.bias, *steps, self.packed)
        if self.bias is None:
            return super().forward(x)
        return F.conv2d(x, self.weight, None, *steps, groups) + self.bias.reshape([-1, 1, 1])


class FastConv2DTranspose(nn.Conv2DTranspose):
    """By oneDNN, the bias as in FastConv2D; to one channel Paddle's kernel is the faster one."""

    packed = None

    def forward(self, x, output_size=None):
        usual = self.output_padding == 0 and output_size is None and _eager(x)
        usual = internals.convolution(self) if usual else None
        if usual is None:
            return super().forward(x, output_size)
        strides, padding, dilations, groups = usual
        several = groups == 1 and self.weight.shape[1] > 1
        if several and _weighs(self, x, 0) and onednn.usable():
            steps = (strides, padding, dilations)
            return convolution.conv2d_transpose(x, self.weight, self.bias, *steps, self.packed)
        if self.bias is None:
            return super().forward(x)
        steps = (strides, padding, 0, dilations, groups)
        y = F.conv2d_transpose(x, self.weight, None, *steps)
        return y + self.bias.reshape([-1, 1, 1])


class FastLinear(nn.Linear):
    """One kernel for product and bias."""

    def forward(self, x):
        bias = self.bias  # a frozen one would crash the gradient of addmm
        if bias is None or bias.stop_gradient or x.ndim != 2 or not onednn.takes(x):
            return super().forward(x)
        return paddle.addmm(bias, x, self.weight)


class FastMaxPool2D(nn.MaxPool2D):
    """With the positions of the maxima, which make its gradient cheap; the same values.

    Not with ceil_mode, where Paddle 2.6 gives another shape. A window without a number above
    -FLT_MAX has position -1, to which the gradient would be written all the same: outside of the
    image. Then Paddle's own way is taken.
    """

    def forward(self, x):
        usual = _eager(x) and not self.return_mask and self.data_format == "NCHW"
        if not usual or self.ceil_mode or not paddle.is_grad_enabled():
            return super().forward(x)
        settings = (self.ksize, self.stride, self.padding, True, self.ceil_mode)
        y, positions = F.max_pool2d(x, *settings)
        return super().forward(x) if positions.min().item() < 0 else y


class FastGroupNorm(nn.GroupNorm):
    """By BatchNorm, twice.

    First of [1, B*G, C/G*H*W, 1], where each group is a channel; then of the result with mean 0 and
    variance 1, which leaves weight and bias: broadcasting [C, 1, 1] would cost more than the norm.
    """

    def forward(self, x):
        usual = _eager(x) and self._trains_all(x) and _weighs(self, x, 0)
        usual = internals.group_norm(self) if usual else None
        if usual is None:
            return super().forward(x)
        groups, epsilon = usual
        rows = x.reshape([1, x.shape[0] * groups, -1, 1])
        keep = 1.0  # of the running mean and variance: they stay as they are
        unused = _mean_and_variance(rows.shape[1], "written")
        h = F.batch_norm(rows, *unused, None, None, True, keep, epsilon).reshape(x.shape)
        none = _mean_and_variance(x.shape[1], "read")
        return F.batch_norm(h, *none, self.weight, self.bias, False, keep, 0.0)

    def _trains_all(self, x):
        """Whether weight and bias are there, and all three have gradients, or none is wanted.

        Beside a frozen one BatchNorm leaves out the other, or fails (before Paddle 3.1).
        """
        if self.weight is None or self.bias is None:
            return False
        frozen = {t.stop_gradient for t in (x, self.weight, self.bias)}
        return len(frozen) == 1 or not paddle.is_grad_enabled()


@functools.cache
def _mean_and_variance(channels, use):
    """0 and 1 for each channel.

    use: one pair for each of the two norms, because the first overwrites it, with NaN if the
    network has become NaN.
    """
    return paddle.zeros([channels]), paddle.ones([channels])


class FastUpsample(nn.Upsample):
    """By oneDNN: the nearest pixel, a whole factor."""

    def forward(self, x):
        nearest = self.mode == "nearest" and self.data_format in (None, "NCHW")
        whole = self.size is None and isinstance(self.scale_factor, int)
        usual = nearest and whole and not self.align_corners
        if not (usual and _eager(x) and onednn.usable()):
            return super().forward(x)
        return resampling.enlarge(x, self.scale_factor)


class FastSilu(nn.Silu):
    """By oneDNN."""

    def forward(self, x):
        if not (_eager(x) and onednn.usable()):
            return super().forward(x)
        return activation.silu(x)


class FastSoftmax(nn.Softmax):
    """By oneDNN, over the last axis; a row with NaN or infinity is left to Paddle."""

    def forward(self, x):
        last = x.ndim > 0 and internals.softmax_axis(self) == -1
        if not (last and onednn.takes(x) and onednn.usable()):
            return super().forward(x)
        y = activation.softmax(x)
        return y if math.isfinite(y.sum().item()) else super().forward(x)


# ---------------------------------------------------------------- what each trick is checked with


def _by_onednn():
    return "Paddle's kernel, the bias apart" if onednn.missing() else "oneDNN"


def _same_classes():
    return internals.no_other_class()


def _same_classes_or_kernels():
    return internals.no_other_class() or onednn.missing()


# Paddle's layer, ours, what it is, what it needs, and [(layer, shape of x)] on odd settings.
_TRICKS = (
    (nn.Conv2D, FastConv2D, _by_onednn, _same_classes, [
        (lambda: nn.Conv2D(3, 5, (3, 1), (2, 1), (1, 0)), [2, 3, 8, 6]),
        (lambda: nn.Conv2D(3, 4, 3, 1, 2, 2, bias_attr=False), [2, 3, 7, 6]),
        (lambda: nn.Conv2D(4, 6, 3, padding=1, groups=2), [2, 4, 5, 6]),
    ]),
    (nn.Conv2DTranspose, FastConv2DTranspose, _by_onednn, _same_classes, [
        (lambda: nn.Conv2DTranspose(3, 5, (4, 3), (2, 1), (1, 0)), [2, 3, 5, 4]),
        (lambda: nn.Conv2DTranspose(3, 4, 3, 1, 2, 0, 2, bias_attr=False), [2, 3, 7, 6]),
        (lambda: nn.Conv2DTranspose(4, 6, 3, 2, 1, groups=2), [2, 4, 5, 4]),
    ]),
    (nn.Linear, FastLinear, "addmm", _same_classes, [(lambda: nn.Linear(7, 5), [4, 7])]),
    (nn.MaxPool2D, FastMaxPool2D, "positions kept", _same_classes, [
        (lambda: nn.MaxPool2D(3, 2, 1), [2, 3, 9, 8]),
        (lambda: nn.MaxPool2D(2, ceil_mode=True), [2, 3, 7, 7]),
    ]),
    (nn.GroupNorm, FastGroupNorm, "BatchNorm, twice", _same_classes, [
        (lambda: nn.GroupNorm(2, 6, 0.1), [3, 6, 5, 4]),
    ]),
    (nn.Upsample, FastUpsample, "oneDNN", _same_classes_or_kernels, [
        (lambda: nn.Upsample(scale_factor=3), [2, 3, 4, 5]),
        (lambda: nn.Upsample(scale_factor=2), [2, 3, 7, 3]),
    ]),
    (nn.Silu, FastSilu, "oneDNN", _same_classes_or_kernels, [(nn.Silu, [2, 3, 4, 5])]),
    (nn.Softmax, FastSoftmax, "oneDNN", _same_classes_or_kernels, [
        (nn.Softmax, [3, 7, 5]),
        (lambda: nn.Softmax(1), [3, 7, 5]),
    ]),
)  # fmt: skip
_FAST = {slow: fast for slow, fast, *_ in _TRICKS}


def _agree(fast, cases):
    """Whether a fast layer has the outputs and gradients of Paddle's."""
    for build, shape in cases:
        layer = build()
        for k, p in enumerate(layer.parameters(), 1):  # not 0: Paddle's GroupNorm errs there
            p.set_value(numbers(p.shape, float(k)))
        other = copy.deepcopy(layer)
        internals.set_class(other, fast)
        if not all(map(close, _results(layer, shape), _results(other, shape))):
            return False
    return True


def _results(layer, shape):
    """The output without gradients and with, the gradients of x and of the parameters."""
    x = 9 * numbers(shape)
    with paddle.no_grad():
        alone = layer(x)
    x.stop_gradient = False
    y = layer(x)
    (y * numbers(y.shape, 2.0)).sum().backward()
    return [alone, y.detach(), x.grad, *(p.grad for p in layer.parameters())]


_CHECKS = {
    slow: checked(slow.__name__, used, needs=needs)(functools.partial(_agree, fast, cases))
    for slow, fast, used, needs, cases in _TRICKS
}
