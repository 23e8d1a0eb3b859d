"""BatchNorm2D whose statistics are those of the whole batch, although threads share the batch.

Used by `data_parallel.py` only: while a `Team` is at work each thread (or process) normalises
its part with the mean and variance of all parts, and its backward exchanges the two sums that the
gradient needs (Ioffe & Szegedy 2015, section 3), so that the result is that of one thread to
float32 rounding. Outside a team the layer is Paddle's own. Paddle's SyncBatchNorm has no CPU
kernel and gives a smaller share of a batch the weight of a larger one.
"""

import threading

import paddle
import paddle.nn.functional as F
from paddle import nn
from paddle.autograd import PyLayer

from common.compute import distributed

_local = threading.local()


class Team:
    """Lets n threads, each with its share of the batch, exchange values in the same order.

    Two lists of places are used in turns: who fills a place for the third time knows by the
    barrier between that everyone has read the first.
    """

    def __init__(self, shares):
        self.shares = shares
        self.barrier = threading.Barrier(len(shares))
        self.places = [[None] * len(shares), [None] * len(shares)]
        self.error = None  # the first one, from any thread
        self.lock = threading.Lock()

    def join(self, rank):
        _local.member = (self, rank)
        _local.turn = 0

    @staticmethod
    def leave():
        _local.member = None

    def fail(self, error):
        """Remember the first error and let nobody wait any longer."""
        with self.lock:
            self.error = self.error or error
        self.barrier.abort()

    def exchange(self, rank, value):
        """The values of all threads, in the order of their ranks."""
        places = self.places[_local.turn]
        _local.turn = 1 - _local.turn
        places[rank] = value
        self.barrier.wait()
        return list(places)


class ProcessTeam(Team):
    """The same between processes, each of which has one part. The first keeps the statistics."""

    def exchange(self, rank, value):
        return distributed.gather(value)


class SyncBatchNorm2D(nn.BatchNorm2D):
    """nn.BatchNorm2D that asks its thread's team, if there is one, for the statistics."""

    def forward(self, x):
        member = getattr(_local, "member", None)
        if member is None or not self.training:
            return super().forward(x)
        return _Normalise.apply(x, self.weight, self.bias, self, *member)


def can_sync(layer):
    """Whether `layer`, a BatchNorm of any kind, is the case that SyncBatchNorm2D covers."""
    return (
        type(layer) in (nn.BatchNorm2D, SyncBatchNorm2D)
        and layer._data_format == "NCHW"
        and layer.weight is not None
        and layer.bias is not None
        and not layer._use_global_stats
        and hasattr(paddle._C_ops, "batch_norm_grad")
    )


class _Normalise(PyLayer):
    @staticmethod
    def forward(ctx, x, weight, bias, layer, team, rank):
        zeros, ones = paddle.zeros_like(weight), paddle.ones_like(weight)
        epsilon = layer._epsilon
        mean, variance = _moments(x, zeros, ones, epsilon)
        parts = team.exchange(rank, (mean, variance))
        shares = team.shares
        mean = sum(w * m for w, (m, _) in zip(shares, parts, strict=True))
        spread = [v + (m - mean).square() for m, v in parts]
        variance = sum(w * s for w, s in zip(shares, spread, strict=True))
        if rank == 0:
            for running, value in ((layer._mean, mean), (layer._variance, variance)):
                running.scale_(layer._momentum).add_((1 - layer._momentum) * value)
        ctx.frozen = x.stop_gradient, weight.stop_gradient, bias.stop_gradient
        ctx.saved = x, weight, bias, mean, variance, epsilon, team, rank
        return F.batch_norm(x, mean, variance, weight, bias, False, epsilon=epsilon)

    @staticmethod
    def backward(ctx, dy):
        x, weight, bias, mean, variance, epsilon, team, rank = ctx.saved
        dtype, x, dy = dy.dtype, _cast(x, "float32"), _cast(dy, "float32")  # mixed precision
        inverse = (variance + epsilon).rsqrt()
        dx, dweight, dbias = _gradients(x, weight, bias, mean, variance, inverse, epsilon, dy)
        parts = team.exchange(rank, (dweight, dbias, x.size / x.shape[1]))
        sum_weight, sum_bias = sum(p[0] for p in parts), sum(p[1] for p in parts)
        scale = weight * inverse / sum(p[2] for p in parts)
        slope = scale * inverse * sum_weight  # dx -= scale * (sum_bias + x_hat * sum_weight)
        offset = scale * sum_bias - slope * mean
        correction = x * _maps(slope)
        correction.add_(_maps(offset))
        gradients = _cast(dx.subtract_(correction), dtype), dweight, dbias
        return tuple(None if f else g for f, g in zip(ctx.frozen, gradients, strict=True))


def _moments(x, zeros, ones, epsilon):
    """Mean and (biased) variance of each channel of x [B, C, H, W]: two of [C] float32."""
    if _on_cpu(x):
        mean, variance = zeros.clone(), ones.clone()
        # momentum 0: the "running" statistics become those of this part
        F.batch_norm(x, mean, variance, ones, zeros, True, 0.0, epsilon)
        return mean, variance
    x = _cast(x, "float32")  # cuDNN's running variance is another one, divided by n - 1
    mean = x.mean([0, 2, 3])
    return mean, (x - _maps(mean)).square().mean([0, 2, 3])


def _gradients(x, weight, bias, mean, variance, inverse, epsilon, dy):
    """Gradients for x, weight and bias, with the statistics taken as constants."""
    if _on_cpu(x):
        statistics = (mean, variance, mean, inverse, None)
        options = (0.9, epsilon, "NCHW", True, True, False)
        return paddle._C_ops.batch_norm_grad(x, weight, bias, *statistics, dy, *options)
    x_hat = (x - _maps(mean)) * _maps(inverse)
    return dy * _maps(weight * inverse), (dy * x_hat).sum([0, 2, 3]), dy.sum([0, 2, 3])


def _on_cpu(x):
    return x.place.is_cpu_place()


def _cast(x, dtype):
    return x if x.dtype == dtype else x.astype(dtype)


def _maps(values):
    return values.reshape([-1, 1, 1])
