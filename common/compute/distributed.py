"""Several processes that train one model, each on its share of every batch.

`python -m paddle.distributed.launch` starts them and tells each by the environment who it is:
its rank (rank 0 evaluates, writes and prints) and how many there are. They talk by gloo on CPUs
and by nccl on GPUs. A process without others gets the answer at once: nothing is sent.
"""

import itertools
import os
import signal
import sys
import time
from contextlib import contextmanager

from common import cli
from common.errors import RunError, UserError

_state = {"connected": False, "started": False, "alone": False}
_barriers = itertools.count()


class ConnectionLost(RunError):
    """The other processes no longer answer."""

    def __init__(self, why):
        super().__init__(
            f"process {rank()} lost the others ({why}); log/workerlog.* of the one that stopped "
            "first says why"
        )


def world_size():
    """How many processes train together; 1 without the launcher, and after `shutdown`."""
    return 1 if _state["alone"] else int(os.environ.get("PADDLE_TRAINERS_NUM") or 1)


def rank():
    """Number of this process, from 0."""
    return int(os.environ.get("PADDLE_TRAINER_ID") or 0) if world_size() > 1 else 0


def is_main():
    """Whether this process evaluates, writes and prints."""
    return rank() == 0


def local_world_size():
    """How many of the processes run on this machine, this one included."""
    host = os.environ.get("PADDLE_CURRENT_ENDPOINT", "").partition(":")[0]
    endpoints = os.environ.get("PADDLE_TRAINER_ENDPOINTS", "").split(",")
    here = sum(end.partition(":")[0] == host for end in endpoints)
    return max(1, here) if world_size() > 1 else 1


def device(name):
    """The device of this process for --device `name`. Raises UserError if they do not fit."""
    import paddle

    gloo = os.environ.get("PADDLE_DISTRI_BACKEND") == "gloo" or not paddle.is_compiled_with_cuda()
    if name not in ("auto", "cpu" if gloo else "gpu"):
        kind = "CPUs (gloo)" if gloo else "GPUs (nccl)"
        other = "nccl" if gloo else "gloo"
        raise UserError(
            f"--device {name} does not fit processes launched for {kind}; leave it out, or launch "
            f"with --backend {other}"
        )
    chosen = os.environ.get("FLAGS_selected_gpus", "0")  # noqa: SIM112 - Paddle's name
    return "cpu" if gloo else f"gpu:{chosen.partition(',')[0]}"


def init():
    """Connect to the other processes; all but the first print nothing from here on."""
    if world_size() == 1 or _state["connected"]:
        return
    import paddle.distributed as dist

    with _connection():
        dist.init_parallel_env()
    _state["connected"] = True
    cli.on_user_error.append(abort_start)
    if not is_main():
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115 - for the rest of the process


def start_barrier():
    """Wait until all processes are ready to train. Raises UserError if one of them is not."""
    if world_size() > 1:
        _state["started"] = True
        if barrier():
            raise UserError("another process could not start; log/workerlog.* says why")


def abort_start():
    """Tell the processes that wait in `start_barrier` that this process will not train."""
    if _state["connected"] and not _state["started"]:
        _state["started"] = True
        barrier(trouble=True)


def shutdown():
    """The training is over: the first process goes on alone, the others end (SystemExit)."""
    if not is_main():
        sys.exit(0)
    _state["alone"] = world_size() > 1


def barrier(trouble=False):
    """Wait until all processes are here; True if one of them has trouble.

    However long, by counters in the store with which the processes found one another: a message
    by gloo is given up after 30 seconds, which an evaluation by the first process may well take.
    """
    if world_size() == 1:
        return trouble
    from common.compute import paddle_internals

    if not paddle_internals.has_tcp_store():
        return any_across(trouble)
    with _connection():
        return _store_barrier(paddle_internals.tcp_store(), trouble)


def _store_barrier(store, trouble):
    name = f"barrier {next(_barriers)} "

    def add(counter, number=0):
        with _no_signals():
            return store.add(name + counter, number)

    def wait(counter, seconds):
        end = time.monotonic() + seconds
        while add(counter) < world_size() and time.monotonic() < end:
            time.sleep(0.01)

    add("trouble", int(trouble))
    add("came", 1)
    wait("came", float("inf"))
    trouble = add("trouble") > 0
    add("left", 1)
    if is_main():
        wait("left", 10)  # the store is in this process, which may end now
    return trouble


@contextmanager
def _no_signals():
    """Signals wait within: the store takes a receive that Ctrl-C interrupts for an error."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    former = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, former)


def any_across(flag):
    """Whether the flag is true in any process; all must ask at the same step."""
    if world_size() == 1:
        return bool(flag)
    import paddle

    value = paddle.to_tensor([float(flag)])
    _all_reduce(value)
    return float(value.item()) > 0


def rows(size):
    """Which rows of a batch are this process's, and the share of each process.

    Args:
        size: rows of the whole batch. With fewer rows than processes each takes all of them,
            so that none is without rows.

    Returns:
        (slice, [share, ...]); the shares add up to 1.
    """
    ranks = range(world_size())
    if size < world_size():
        return slice(0, size), [1 / world_size() for _ in ranks]
    cuts = [size * k // world_size() for k in (*ranks, world_size())]
    return slice(*cuts[rank() : rank() + 2]), [(cuts[k + 1] - cuts[k]) / size for k in ranks]


def broadcast(tensors):
    """Overwrite tensors with those of the first process."""
    if world_size() > 1:
        import paddle.distributed as dist

        with _connection():
            for tensor in tensors:
                dist.broadcast(tensor, 0)


def all_reduce_sum(tensors):
    """Sum float32 tensors over all processes, in place; one message for all of them."""
    import paddle

    with paddle.no_grad():
        flat = paddle.concat([tensor.flatten() for tensor in tensors])
        _all_reduce(flat)
        parts = flat.split([int(tensor.size) for tensor in tensors])
        for tensor, part in zip(tensors, parts, strict=True):
            paddle.assign(part.reshape(tensor.shape), tensor)


def all_gather(values):
    """Everyone's tuple of values, in the order of the ranks: [(float32 tensor, ...), ...]."""
    import paddle
    import paddle.distributed as dist

    values = [v if paddle.is_tensor(v) else paddle.to_tensor(float(v)) for v in values]
    flat = paddle.concat([value.flatten() for value in values])
    found = []
    with _connection():
        dist.all_gather(found, flat)
    sizes = [int(value.size) for value in values]
    return [
        tuple(x.reshape(v.shape) for x, v in zip(one.split(sizes), values, strict=True))
        for one in found
    ]


def _all_reduce(tensor):
    import paddle.distributed as dist

    with _connection():
        dist.all_reduce(tensor)


@contextmanager
def _connection():
    """Context that makes ConnectionLost of any error: the process that broke it has told why."""
    try:
        yield
    except (RuntimeError, OSError, ValueError) as error:  # Paddle raises any of them
        line = str(error).strip().splitlines()[-1][:100] if str(error).strip() else "no reason"
        raise ConnectionLost(line) from None
