"""A step's gradients on all cores (or by all processes), and predictions likewise.

Paddle's kernels gain little from a second core. Here each Python thread takes a part of the batch
through a replica of the model that shares the master's memory; Paddle and oneDNN release the GIL
while they compute. Everything random must be in the batch, drawn before the split. Processes that
train together (distributed.py) split it in the same way, and then each keeps to one thread.
"""

import copy
import functools
import itertools
from concurrent.futures import ThreadPoolExecutor, wait

import paddle
from paddle import nn

from common.compute import distributed, environment, paddle_internals, sync_batch_norm
from common.compute.precision import Precision
from common.compute.sync_batch_norm import ProcessTeam, Team, can_sync
from common.errors import UserError

_MOST_THREADS = 256
_CONVOLUTIONS = (nn.Conv1D, nn.Conv2D, nn.Conv3D, nn.Conv2DTranspose)
_DROPOUTS = (nn.Dropout, nn.Dropout2D, nn.Dropout3D, nn.AlphaDropout)
_BATCH_NORMS = (nn.BatchNorm, nn.BatchNorm1D, nn.BatchNorm2D, nn.BatchNorm3D, nn.SyncBatchNorm)


def useful_threads(model, threads=0):
    """How many Python threads one step of the model may be split over; 0 asks for all cores.

    1 on a GPU, with Dropout (its masks would depend on the split), with a BatchNorm other than
    the usual BatchNorm2D, and without convolutions: an MLP gains more from OpenMP.
    """
    layers = model.sublayers(include_self=True)
    split = (
        environment.fast("threads")
        and paddle.device.get_device() == "cpu"
        and any(isinstance(layer, _CONVOLUTIONS) for layer in layers)
        and not any(isinstance(layer, _DROPOUTS) for layer in layers)
        and all(can_sync(layer) for layer in layers if isinstance(layer, _BATCH_NORMS))
    )
    return (threads or environment.threads()) if split else 1


class OnAllCores:
    """`on_all_cores(forward_backward, *batch)` leaves a batch's gradients in `model.parameters()`.

    forward_backward(model, weight, *part) -> {"loss": 0-D float32, ...} is the caller's: it
    computes the losses of the part (means over its rows) with the model it is given, which may be
    a replica, and calls `losses["loss"].backward(weight)`. weight: None for a whole batch, else
    0-D, the part's share of the batch (times the loss scale of mixed precision), with which the
    backward pass starts. It runs under `auto_cast` in mixed precision.

    Args:
        model: nn.Layer. threads: 0 for all cores. precision: Precision.

    The same seed, machine and number of threads give the same bits. Of several processes each is
    called with the whole batch; raises UserError for a BatchNorm whose statistics they cannot
    share.
    """

    def __init__(self, model, threads=0, precision=None):
        self.model = model
        self.precision = precision or Precision()
        self.several = distributed.world_size() > 1
        self.parts = 1 if self.several else useful_threads(model, threads)
        convolves = any(isinstance(layer, _CONVOLUTIONS) for layer in model.sublayers())
        cores = threads or max(1, environment.threads() // distributed.local_world_size())
        self.blas_threads = 1 if convolves else cores
        self.replicas = None
        if self.several:
            _check_norms(model)
            sync_batch_norm.sync(model)
            distributed.broadcast([*model.parameters(), *model.buffers()])

    def __call__(self, forward_backward, *batch):
        """batch: tensors with leading dimension B. Returns {"loss": 0-D, ...} for the batch.

        Raises what goes wrong first in any part; in processes ConnectionLost, too.
        """
        size = batch[0].shape[0]
        if self.several:
            return self._with_others(forward_backward, batch)
        if min(self.parts, size) < 2:
            _use_blas_threads(self.blas_threads)
            return self._losses(forward_backward, self.model, 1, batch)
        if self.replicas is None:
            self._start()
        _use_blas_threads(1)
        self._follow()
        cuts = sorted({size * k // self.parts for k in range(self.parts + 1)})
        parts = [[x[a:b] for x in batch] for a, b in itertools.pairwise(cuts)]
        shares = [(b - a) / size for a, b in itertools.pairwise(cuts)]
        results = self._run(forward_backward, parts, shares)
        self._collect(len(parts))
        names = results[0]
        return {n: sum(w * r[n] for w, r in zip(shares, results, strict=True)) for n in names}

    def _losses(self, forward_backward, model, share, batch):
        """The losses of (a share of) a batch; its gradients are left in the model."""
        with self.precision.cast():
            losses = forward_backward(model, self.precision.weight(share), *batch)
        return {name: value.detach() for name, value in losses.items()}

    def _with_others(self, forward_backward, batch):
        """This process's rows of the batch; then gradients and losses, summed over all."""
        own, shares = distributed.rows(batch[0].shape[0])
        share = shares[distributed.rank()]
        team = ProcessTeam(shares)
        _use_blas_threads(self.blas_threads)
        try:
            with team.member(distributed.rank()):
                rows = [x[own] for x in batch]
                losses = self._losses(forward_backward, self.model, share, rows)
        except BaseException as error:
            raise team.error from (None if team.error is error else error)
        losses = {name: value.astype("float32") * share for name, value in losses.items()}
        gradients = [p.grad for p in self.model.parameters() if p.grad is not None]
        distributed.all_reduce_sum([*gradients, *losses.values()])
        return losses

    def _start(self):
        """Make the replicas and the threads."""
        sync_batch_norm.sync(self.model)
        self.replicas = [self.model] + [copy.deepcopy(self.model) for _ in range(self.parts - 1)]
        self.tensors = [[*m.parameters(), *m.buffers()] for m in self.replicas]
        self.layers = [m.sublayers(include_self=True) for m in self.replicas]

    @paddle.no_grad()
    def _follow(self):
        """Give the replicas the master's weights and mode; in shared memory, so without a copy."""
        for tensors, layers in zip(self.tensors[1:], self.layers[1:], strict=True):
            paddle_internals.follow(self.tensors[0], tensors)
            for mine, master in zip(layers, self.layers[0], strict=True):
                mine.training = master.training

    def _run(self, forward_backward, parts, shares):
        """The losses of every part. What goes wrong first, in any thread, stops all."""
        team = Team(shares)
        work = functools.partial(self._part, forward_backward, team)
        jobs = [_pool().submit(work, rank, parts[rank]) for rank in range(1, len(parts))]
        try:
            first = work(0, parts[0])
        finally:
            wait(jobs)
        if team.error is not None:
            self._clear()
            raise team.error
        return [first] + [job.result() for job in jobs]

    def _part(self, forward_backward, team, rank, batch):
        """The losses of one part; None after an exception, which the team keeps."""
        try:
            with team.member(rank):
                replica, share = self.replicas[rank], team.shares[rank]
                return self._losses(forward_backward, replica, share, batch)
        except BaseException:
            return None

    @paddle.no_grad()
    def _collect(self, count):
        """Add the replicas' gradients to the master's, in the order of the parts."""
        for tensors in self.tensors[1:count]:
            for mine, master in zip(tensors, self.tensors[0], strict=True):
                if mine.grad is None:
                    continue
                if master.grad is None:
                    master.grad = mine.grad.clone()
                else:
                    master.grad.add_(mine.grad)
        self._clear()

    def _clear(self):
        """Forget the replicas' gradients."""
        for tensors in self.tensors[1:]:
            for mine in tensors:
                mine.clear_gradient(False)


@paddle.no_grad()
def predict(function, *arrays, batch_size=None, threads=0):
    """function(*parts) of the arrays' parts, in threads, put together again; no gradients.

    function: one tensor from parts of the arrays, row by row (a model in eval mode). arrays:
    tensors with leading dimension B. batch_size: rows of a part; by default B is cut once for
    each thread. threads: 0 for all cores; 1 on a GPU.
    """
    on_cpu = environment.fast("threads") and paddle.device.get_device() == "cpu"
    threads = (threads or environment.threads()) if on_cpu else 1
    size = arrays[0].shape[0]
    step = batch_size or -(-size // threads)
    parts = [[x[a : a + step] for x in arrays] for a in range(0, size, step)]
    if min(threads, len(parts)) == 1:
        return paddle.concat([function(*part) for part in parts])
    results = [None] * len(parts)

    def work(first):
        with paddle.no_grad():  # it holds for one thread
            for k in range(first, len(parts), threads):
                results[k] = function(*parts[k])

    _use_blas_threads(1)
    jobs = [_pool().submit(work, first) for first in range(1, min(threads, len(parts)))]
    try:
        work(0)
    finally:
        wait(jobs)
    for job in jobs:
        job.result()
    return paddle.concat(results)


def _check_norms(model):
    for layer in model.sublayers(include_self=True):
        if isinstance(layer, _BATCH_NORMS) and not can_sync(layer):
            raise UserError(
                f"several processes cannot share the statistics of this {type(layer).__name__}; "
                "use nn.BatchNorm2D with its default settings, or one process"
            )


@functools.cache
def _pool():
    """Threads that live as long as the process: what they have compiled is kept."""
    return ThreadPoolExecutor(_MOST_THREADS, "part", _use_blas_threads, (1,))


def _use_blas_threads(n):
    """Set OpenMP's threads for the calling thread, unless the user has chosen them."""
    chosen = environment.settings().get("OMP_NUM_THREADS", {"from": "user"})
    if chosen["from"] != "user":
        environment.set_blas_threads(n)
