"""BatchNorm2D whose statistics are those of the whole batch, although threads share the batch.

Used by `common/parallel.py` only: while a `Team` is at work each thread normalises its part with
the mean and variance of all parts, and its backward exchanges the two sums that the gradient
needs (Ioffe & Szegedy 2015, section 3), so that the result is that of one thread to float32
rounding. Outside a team the layer is Paddle's own.
"""

import threading

import paddle
import paddle.nn.functional as F
from paddle import nn
from paddle.autograd import PyLayer

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
        mean, variance = zeros.clone(), ones.clone()
        # momentum 0: the "running" statistics become those of this part
        F.batch_norm(x, mean, variance, ones, zeros, True, 0.0, epsilon)
        parts = team.exchange(rank, (mean, variance))
        shares = team.shares
        mean = sum(w * m for w, (m, _) in zip(shares, parts, strict=True))
        spread = [v + (m - mean).square() for m, v in parts]
        variance = sum(w * s for w, s in zip(shares, spread, strict=True))
        if rank == 0:
            for running, value in ((layer._mean, mean), (layer._variance, variance)):
                running.scale_(layer._momentum).add_((1 - layer._momentum) * value)
        ctx.saved = x, weight, bias, mean, variance, epsilon, team, rank
        return F.batch_norm(x, mean, variance, weight, bias, False, epsilon=epsilon)

    @staticmethod
    def backward(ctx, dy):
        x, weight, bias, mean, variance, epsilon, team, rank = ctx.saved
        inverse = (variance + epsilon).rsqrt()
        statistics = (mean, variance, mean, inverse, None)
        options = (0.9, epsilon, "NCHW", True, True, False)  # the statistics taken as constants
        grad = paddle._C_ops.batch_norm_grad
        dx, dweight, dbias = grad(x, weight, bias, *statistics, dy, *options)
        parts = team.exchange(rank, (dweight, dbias, x.size / x.shape[1]))
        sum_weight, sum_bias = sum(p[0] for p in parts), sum(p[1] for p in parts)
        scale = weight * inverse / sum(p[2] for p in parts)
        slope = scale * inverse * sum_weight  # dx -= scale * (sum_bias + x_hat * sum_weight)
        offset = scale * sum_bias - slope * mean
        correction = x * slope.reshape([-1, 1, 1])
        correction.add_(offset.reshape([-1, 1, 1]))
        return dx.subtract_(correction), dweight, dbias
