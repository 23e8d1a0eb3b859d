"""BatchNorm2D whose statistics are those of the whole batch, although threads share the batch.

Used by `data_parallel.py` only: while a `Team` is at work each thread (or process) normalises
its part with the mean and variance of all parts, and its backward exchanges the two sums that the
gradient needs (Ioffe & Szegedy 2015, section 3), so that the result is that of one thread to
float32 rounding. Outside a team the layer is Paddle's own. Paddle's SyncBatchNorm has no CPU
kernel and gives a smaller share of a batch the weight of a larger one.
"""

import threading
from contextlib import contextmanager

import paddle
import paddle.nn.functional as F
from paddle import nn
from paddle.autograd import PyLayer

from common.compute import distributed
from common.compute import paddle_internals as internals
from common.compute.checks import checked, close, numbers

_local = threading.local()


class Team:
    """Lets n threads, each with its share of the batch, exchange values in the same order.

    The values stand in two lists, used in turns (double buffering): a thread that writes into the
    first list again has passed the barrier of the second, so everybody has read the first.

    Attributes:
        shares: [share of the batch, ...]. error: the first exception of any thread, or None.
    """

    def __init__(self, shares):
        self.shares = shares
        self.barrier = threading.Barrier(len(shares))
        self.places = [[None] * len(shares), [None] * len(shares)]
        self.error = None
        self.lock = threading.Lock()

    @contextmanager
    def member(self, rank):
        """Context in which the calling thread computes part `rank`; an exception fails the team."""
        _local.member, _local.turn = (self, rank), 0
        try:
            with self.watch():
                yield
        finally:
            _local.member = None

    @contextmanager
    def watch(self):
        """Context that keeps an exception as it is: Paddle makes an OSError of a PyLayer's."""
        try:
            yield
        except BaseException as error:
            self.fail(error)
            raise

    def fail(self, error):
        """Remember the first exception and let nobody wait any longer."""
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
        """The values of all processes, in the order of their ranks. Raises ConnectionLost."""
        return distributed.all_gather(value)


class SyncBatchNorm2D(nn.BatchNorm2D):
    """nn.BatchNorm2D that asks its thread's team, if there is one, for the statistics."""

    def forward(self, x):
        member = getattr(_local, "member", None)
        if member is None or not self.training:
            return super().forward(x)
        return _Normalise.apply(x, self.weight, self.bias, internals.batch_norm(self), *member)


def can_sync(layer):
    """Whether `layer`, a BatchNorm of any kind, is the case that SyncBatchNorm2D covers."""
    return (
        type(layer) in (nn.BatchNorm2D, SyncBatchNorm2D)
        and layer.weight is not None
        and layer.bias is not None
        and works()
        and internals.batch_norm(layer) is not None
    )


def sync(model):
    """Let the BatchNorm2Ds of a model be SyncBatchNorm2Ds, in place; `plain` undoes it."""
    for layer in model.sublayers(include_self=True):
        if type(layer) is nn.BatchNorm2D:
            internals.set_class(layer, SyncBatchNorm2D)


class _Normalise(PyLayer):
    @staticmethod
    def forward(ctx, x, weight, bias, settings, team, rank):
        with team.watch():
            zeros, ones = paddle.zeros_like(weight), paddle.ones_like(weight)
            running_mean, running_variance, momentum, epsilon = settings
            mean, variance = _moments(x, zeros, ones, epsilon)
            parts = team.exchange(rank, (mean, variance))
            shares = team.shares
            mean = sum(w * m for w, (m, _) in zip(shares, parts, strict=True))
            spread = [v + (m - mean).square() for m, v in parts]
            variance = sum(w * s for w, s in zip(shares, spread, strict=True))
            if rank == 0:
                for running, value in ((running_mean, mean), (running_variance, variance)):
                    running.scale_(momentum).add_((1 - momentum) * value)
            ctx.frozen = x.stop_gradient, weight.stop_gradient, bias.stop_gradient
            ctx.saved = x, weight, bias, mean, variance, epsilon, team, rank
            return F.batch_norm(x, mean, variance, weight, bias, False, epsilon=epsilon)

    @staticmethod
    def backward(ctx, dy):
        x, weight, bias, mean, variance, epsilon, team, rank = ctx.saved
        with team.watch():
            dtype, x, dy = dy.dtype, _cast(x, "float32"), _cast(dy, "float32")  # mixed precision
            given = (x, weight, bias, mean, variance, epsilon)
            dx, dweight, dbias = internals.batch_norm_gradients(*given, dy)
            parts = team.exchange(rank, (dweight, dbias, x.size / x.shape[1]))
            sum_weight, sum_bias = sum(p[0] for p in parts), sum(p[1] for p in parts)
            inverse = (variance + epsilon).rsqrt()
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


def _on_cpu(x):
    return x.place.is_cpu_place()


def _cast(x, dtype):
    return x if x.dtype == dtype else x.astype(dtype)


def _maps(values):
    return values.reshape([-1, 1, 1])


@checked(
    "BatchNorm2D",
    "statistics of the whole batch",
    "one thread for a model with BatchNorm",
    internals.no_other_class,
    switch=False,
)
def works():
    """Whether a team of one computes what nn.BatchNorm2D does."""
    results, x = [], 3 * numbers([3, 2, 4, 5])
    for kind in (nn.BatchNorm2D, SyncBatchNorm2D):
        layer = nn.BatchNorm2D(2, momentum=0.7, epsilon=0.1)
        for k, p in enumerate(layer.parameters()):
            p.set_value(numbers(p.shape, float(k)))
        internals.set_class(layer, kind)
        inputs = x.clone()
        inputs.stop_gradient = False
        with Team([1.0]).member(0):
            y = layer(inputs)
            (y * numbers(y.shape, 2.0)).sum().backward()
        gradients = [p.grad for p in (inputs, *layer.parameters())]
        kept = layer.buffers() if _on_cpu(x) else []  # a GPU's variance is divided by n - 1
        results.append([y.detach(), *gradients, *kept])
    return all(map(close, *results))
