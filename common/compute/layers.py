"""The same layers, faster on a CPU: `accelerate(model)` swaps the classes of its sublayers.

A model file stays as a textbook would have it. Each trick is one class and one row of `_FAST`;
to delete it, delete both. Parameters, buffers and names of the state are untouched, because only
`layer.__class__` changes; outputs and gradients agree to float32 rounding (`test_layers.py`).
`GENMODELS_FAST=0` or `plain(model)` gives Paddle's own layers back, `GENMODELS_FAST=-GroupNorm` one
of them; on a GPU nothing happens.
The times are one thread of an AMD EPYC (Zen 5) with paddlepaddle 3.3.1, forward + backward.
"""

import functools

import paddle
import paddle.nn.functional as F
from paddle import nn

from common.compute import activation, convolution, environment, onednn, resampling


def accelerate(model):
    """Swap what is faster, in place, if this runs on a CPU. Returns the model."""
    if environment.fast() and paddle.device.get_device() == "cpu":
        _swap(
            model, {slow: quick for slow, quick in _FAST.items() if environment.fast(slow.__name__)}
        )
    return model


def adam(rate, model, grad_clip=None):
    """`paddle.optimizer.Adam` of a model's parameters; grad_clip: as there."""
    known = hasattr(paddle.optimizer.Adam, "_moment2_acc_max_str")  # Paddle 3; another kernel in 2
    quick = known and environment.fast("Adam") and paddle.device.get_device() == "cpu"
    kind = FastAdam if quick else paddle.optimizer.Adam
    given = {"parameters": model.parameters(), "grad_clip": grad_clip}
    return kind(rate, **given, use_multi_tensor=quick)


def plain(model):
    """Undo `accelerate`, in place. Returns the model."""
    return _swap(model, {fast: slow for slow, fast in _FAST.items()})


def freeze(model):
    """Let convolutions keep their weights as oneDNN wants them; the weights must not change."""
    for layer in model.sublayers(include_self=True):
        if isinstance(layer, (FastConv2D, FastConv2DTranspose)):
            layer.packed = {}


def _swap(model, table):
    for layer in model.sublayers(include_self=True):
        layer.__class__ = table.get(type(layer), type(layer))
    return model


def _eager(x):
    """Whether x is a float32 image batch on the CPU, and no graph is being traced."""
    return x.ndim == 4 and onednn.takes(x)


def _simple(layer):
    """Whether a convolution is the usual case: a bias, zero padding by one number a side."""
    return (
        layer.bias is not None
        and layer._data_format == "NCHW"
        and layer._padding_mode == "zeros"
        and (isinstance(layer._padding, int) or _pair(layer._padding))
    )


def _pair(padding):
    return len(padding) == 2 and all(isinstance(p, int) for p in padding)


def _padding(layer):
    return [layer._padding] * 2 if isinstance(layer._padding, int) else list(layer._padding)


class FastConv2D(nn.Conv2D):
    """By oneDNN: [64, 32, 28, 28] -> 32 channels 31 -> 16 ms, [64, 3, 64, 64] -> 16 29 -> 7 ms.

    Without oneDNN, and for groups, the bias is added as [C, 1, 1]: Paddle's own broadcast of
    [1, C, 1, 1] misses its fast loop, 36 -> 6 ms at [64, 16, 64, 64].
    """

    packed = None  # see `freeze`

    def forward(self, x):
        if not (_eager(x) and _simple(self)):
            return super().forward(x)
        steps = (self._stride, _padding(self), self._dilation)
        if self._groups == 1 and convolution.works():
            return convolution.conv2d(x, self.weight, self.bias, *steps, self.packed)
        return F.conv2d(x, self.weight, None, *steps, self._groups) + self.bias.reshape([-1, 1, 1])


class FastConv2DTranspose(nn.Conv2DTranspose):
    """By oneDNN: [128, 64, 7, 7] -> 32 channels of 14 x 14 23 -> 9 ms; the bias as in FastConv2D.

    One output channel is better off with Paddle's kernel (2.6 against 5.5 ms at 28 x 28).
    """

    packed = None

    def forward(self, x, output_size=None):
        usual = self.output_padding == 0 and output_size is None
        if not (usual and _eager(x) and _simple(self)):
            return super().forward(x, output_size)
        pads = _padding(self)
        if self._groups == 1 and self._out_channels > 1 and convolution.works():
            steps = (self._stride, pads, self._dilation)
            return convolution.conv2d_transpose(x, self.weight, self.bias, *steps, self.packed)
        steps = (self._stride, pads, 0, self._dilation, self._groups)
        y = F.conv2d_transpose(x, self.weight, None, *steps)
        return y + self.bias.reshape([-1, 1, 1])


class FastLinear(nn.Linear):
    """One kernel for product and bias: 0.034 -> 0.017 ms at [128, 20] to 400, forward.

    Too little to be seen in a step; half of what a U-Net spends on its dense layers.
    """

    def forward(self, x):
        bias = self.bias  # a frozen one would crash the gradient of addmm
        if bias is None or bias.stop_gradient or x.ndim != 2 or not onednn.takes(x):
            return super().forward(x)
        return paddle.addmm(bias, x, self.weight)


class FastMaxPool2D(nn.MaxPool2D):
    """With the positions of the maxima, which make its gradient cheap: 12.7 -> 4.8 ms.

    At [64, 16, 64, 64], windows of 2. Values and gradients are identical, ties too.
    """

    def forward(self, x):
        if not _eager(x) or self.return_mask or self.data_format != "NCHW":
            return super().forward(x)
        return F.max_pool2d(x, self.ksize, self.stride, self.padding, True, self.ceil_mode)[0]


class FastGroupNorm(nn.GroupNorm):
    """By BatchNorm, twice: 8.6 -> 3.2 ms at [64, 32, 28, 28] with 8 groups.

    First of [1, B*G, C/G*H*W, 1], where each group is a channel; then of the result with mean 0 and
    variance 1, which leaves weight and bias: broadcasting [C, 1, 1] would cost more than the norm.
    """

    def forward(self, x):
        if not (_eager(x) and self._data_format == "NCHW" and self._trains_both()):
            return super().forward(x)
        rows = x.reshape([1, x.shape[0] * self._num_groups, -1, 1])
        keep = 1.0  # of the running mean and variance: they stay as they are
        unused = _mean_and_variance(rows.shape[1], "written")
        h = F.batch_norm(rows, *unused, None, None, True, keep, self._epsilon).reshape(x.shape)
        none = _mean_and_variance(x.shape[1], "read")
        return F.batch_norm(h, *none, self.weight, self.bias, False, keep, 0.0)

    def _trains_both(self):
        """Whether weight and bias are there; beside a frozen one BatchNorm leaves out the other."""
        weight, bias = self.weight, self.bias
        there = weight is not None and bias is not None
        return there and weight.stop_gradient == bias.stop_gradient


@functools.cache
def _mean_and_variance(channels, use):
    """0 and 1 for each channel. use: what a network full of NaN has written to, none reads."""
    return paddle.zeros([channels]), paddle.ones([channels])


class FastUpsample(nn.Upsample):
    """By oneDNN, the nearest pixel, a whole factor and no gradient: 0.55 -> 0.22 ms.

    At [32, 96, 7, 7]. The gradient of oneDNN's would be slower than Paddle's.
    """

    def forward(self, x):
        usual = self.mode == "nearest" and self.size is None and self.data_format == "NCHW"
        whole = isinstance(self.scale_factor, int) and not paddle.is_grad_enabled()
        if not (usual and whole and _eager(x) and resampling.works()):
            return super().forward(x)
        return resampling.enlarge(x, self.scale_factor)


class FastSilu(nn.Silu):
    """By oneDNN: 1.2 -> 0.35 ms at [32, 96, 14, 14]."""

    def forward(self, x):
        if not (_eager(x) and activation.works()):
            return super().forward(x)
        return activation.silu(x)


class FastSoftmax(nn.Softmax):
    """By oneDNN, over the last axis: 1.4 -> 0.3 ms at [32, 196, 196]."""

    def forward(self, x):
        if self._axis != -1 or not (onednn.takes(x) and activation.works()):
            return super().forward(x)
        return activation.softmax(x)


class FastAdam(paddle.optimizer.Adam):
    """One kernel for all parameters, and that on each core: an MLP VAE's 0.86 -> 0.51 ms.

    For the usual case, in which each parameter has a gradient and no settings of its own. Where
    the calling thread has one core, because others run convolutions, still 0.70 ms.
    """

    _shares = ()  # of each core: its parameters, and the arguments of the kernel after gradients

    def step(self):
        gradients = {p.name: p.grad for p in self._parameter_list}
        usual = all(gradient is not None for gradient in gradients.values())
        if not (usual and self._shares):
            self._use_multi_tensor = usual  # the same kernel: it can leave no parameter out
            super().step()  # the first time it makes the moments
            if usual and all(map(_plain_parameter, self._parameter_list)):
                self._shares = [self._share(part) for part in _even_parts(self._parameter_list)]
            return
        if self._grad_clip is not None:
            pairs = self._grad_clip([(p, gradients[p.name]) for p in self._parameter_list])
            gradients = {p.name: gradient for p, gradient in pairs}
        update, jobs = paddle._C_ops.merged_adam_, []
        for parameters, rest in self._shares:
            theirs = [gradients[p.name] for p in parameters]
            jobs.append(functools.partial(update, parameters, theirs, *rest))
        environment.side_by_side(jobs)

    def _share(self, parameters):
        names = (self._moment1_acc_str, self._moment2_acc_str)
        names += (self._beta1_pow_acc_str, self._beta2_pow_acc_str)
        state = [[self._get_accumulator(name, p) for p in parameters] for name in names]
        moments, powers, none = state[:2], state[2:], None  # none: AMSGrad's, float32 weights
        rates = [self._global_learning_rate()] * len(parameters)
        numbers = (self._beta1, self._beta2, self._epsilon, False, False, False)
        return parameters, (rates, *moments, none, *powers, none, *numbers)


FastAdam.__name__ = "Adam"  # which is where Paddle looks whether it knows the one kernel


def _plain_parameter(p):
    """Whether it has no learning rate, regularizer or type of its own."""
    rate = p.optimize_attr["learning_rate"]
    return rate == 1 and p.regularizer is None and p.dtype == paddle.float32


def _even_parts(parameters):
    """Lists of parameters, one for each core, of about the same number of elements."""
    parts = [[] for _ in range(environment.threads())]
    for p in sorted(parameters, key=lambda p: p.size, reverse=True):
        min(parts, key=lambda part: sum(q.size for q in part)).append(p)
    return [part for part in parts if part]


_FAST = {
    nn.Conv2D: FastConv2D,
    nn.Conv2DTranspose: FastConv2DTranspose,
    nn.Linear: FastLinear,
    nn.MaxPool2D: FastMaxPool2D,
    nn.GroupNorm: FastGroupNorm,
    nn.Silu: FastSilu,
    nn.Softmax: FastSoftmax,
    nn.Upsample: FastUpsample,
}
