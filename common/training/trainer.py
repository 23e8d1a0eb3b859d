"""The one training loop. It knows nothing of autoencoders, VAEs or diffusion: see `Task`."""

import dataclasses
import math
import signal
import sys
import time
from dataclasses import dataclass, field

import numpy as np
import paddle
from tqdm import tqdm

from common.compute import distributed, layers
from common.compute.data_parallel import Gradients
from common.compute.precision import Precision
from common.errors import RunError
from common.runtime import numpy_rng, seed_step
from common.training import checkpoint, visualdl

SAVE_SECONDS = 120  # at least so often within an epoch
LOOK_SECONDS = 0.2  # between two looks at the losses: on a GPU a look has to wait
READ_AT_ONCE = 2**20  # numbers of the batches that are read together: 4 MiB
GPU_STEPS = 50  # between two questions of one process to the others on a GPU, whether to stop


class Task:
    """What the loop needs to know: a model, its loss, and how to test it.

    A module's run.py subclasses it. `losses` is where a reader sees model -> loss.

    Attributes:
        model: nn.Layer.
        optimizer: paddle optimizer over its parameters.
    """

    def __init__(self, model, optimizer):
        self.model = model
        self.optimizer = optimizer

    def draw(self, x, y):
        """The tensors of one step, each with leading dimension B.

        Everything random (eps, t) is drawn here, so that `losses` is a plain function and a
        batch can be split over threads. x: [B, C, H, W] float32 in [0, 1]; y: [B] int64.
        """
        return (x,)

    def losses(self, model, *batch):
        """{"loss": 0-D, ...}: means over the batch; "loss" is minimised, the rest recorded."""
        raise NotImplementedError

    def learning_rate(self, step, steps):
        """Learning rate of a step of `steps`, or None to leave the optimizer's alone."""

    def after_update(self, step):
        """Called after each optimizer step; an average of the weights belongs here."""

    def evaluate(self, data):
        """{column: number} for the row of the history, measured on the test images."""
        return {}

    def pictures(self, data):
        """{name: [N, C, H, W] float32 in [0, 1]} to show after an epoch (--visualdl)."""
        return {}

    def extra_state(self):
        """{name: array} to keep in the checkpoint beside model and optimizer."""
        return {}

    def set_extra_state(self, arrays):
        """Put back what `extra_state` gave."""


@dataclass
class Progress:
    """Where a run stands; all of it goes into the checkpoint.

    Attributes:
        epoch, batch: the next batch to train on, both from 0.
        step: optimizer steps done.
        seen: images of the epoch so far; sums: {name: sum over them} for the epoch's means.
        seconds: spent so far, over all sessions.
        history: rows of history.csv.
    """

    epoch: int = 0
    batch: int = 0
    step: int = 0
    seen: int = 0
    sums: dict = field(default_factory=dict)
    seconds: float = 0.0
    history: list = field(default_factory=list)


def fit(task, data, config, run):
    """Train until `config.epochs` are done; go on from the run's checkpoint if it has one.

    Writes history.csv and the checkpoint after every epoch (and every two minutes within one).

    Args:
        task: Task.
        data: Data; trains on data.train.
        config: RunConfig (epochs, batch_size, seed, threads, amp, visualdl).
        run: Run.

    Returns:
        Progress at the end. Of several processes only the first returns, the others end here
        (SystemExit). Raises RunError if the loss is not finite, KeyboardInterrupt with the
        command to go on after Ctrl-C.
    """
    precision = Precision(config.amp)
    progress = _restore(task, run, precision)
    layers.accelerate(task.model)
    gradients = Gradients(task.model, task.losses, config.threads, precision)
    clock = _Clock(progress)
    with _Stop() as stop:
        for epoch in range(progress.epoch, config.epochs):
            _epoch(task, data, config, run, progress, gradients, stop, clock)
            row = {"epoch": epoch + 1, **_means(progress)}
            progress.epoch, progress.batch, progress.seen, progress.sums = epoch + 1, 0, 0, {}
            if distributed.first():
                row |= _evaluate(task, data, config)
                clock.update()
                progress.history.append({**row, "seconds": round(progress.seconds, 2)})
                run.write_history(progress.history)
                _save(task, run, progress, precision)
                _report(row, config)
                if config.visualdl:
                    seed_step(config.seed, "pictures")
                    visualdl.epoch(run, row, task.pictures(data))
            distributed.meet()
    distributed.part()
    return progress


def _evaluate(task, data, config):
    seed_step(config.seed, "evaluate")
    task.model.eval()
    return task.evaluate(data)


def _epoch(task, data, config, run, progress, gradients, stop, clock):
    """Train on the rest of one epoch."""
    order = numpy_rng(config.seed, "order", progress.epoch).permutation(len(data.train))
    batches = math.ceil(len(order) / config.batch_size)
    window, on_gpu = [], paddle.device.get_device() != "cpu"
    saved = looked = time.monotonic()
    task.model.train()
    bar = tqdm(
        total=batches,
        initial=progress.batch,
        desc=f"epoch {progress.epoch + 1}/{config.epochs}",
        unit="batch",
        leave=False,
        disable=None if distributed.first() else True,
    )
    with bar:
        rest = order[progress.batch * config.batch_size :]
        for batch, (x, y) in enumerate(feed(data.train, rest, config.batch_size), progress.batch):
            losses = _step(task, config, progress, gradients, x, y, batches * config.epochs)
            window.append((y.shape[0], losses))
            progress.step, progress.batch = progress.step + 1, batch + 1
            now, last = time.monotonic(), batch + 1 == batches
            stopping = stop.agreed(last or not on_gpu or (batch + 1) % GPU_STEPS == 0)
            due = distributed.first() and now - saved > SAVE_SECONDS
            if stopping or due or last or now - looked > LOOK_SECONDS:
                _account(progress, window, bar)
                window, looked = [], now
            if stopping or due:
                clock.update()
                if distributed.first():
                    _save(task, run, progress, gradients.precision)
                saved = time.monotonic()
            if stopping:
                stop.leave(run, progress)


def feed(images, order, batch_size):
    """Tensors (x, y) of an ImageSet's batches; of small ones, several are read at once."""
    size = max(1, READ_AT_ONCE // (batch_size * math.prod(images.shape))) * batch_size
    for start in range(0, len(order), size):
        x, y = map(paddle.to_tensor, images.batch(order[start : start + size]))
        for first in range(0, len(y), batch_size):
            yield x[first : first + batch_size], y[first : first + batch_size]


def _step(task, config, progress, gradients, x, y, steps):
    """One optimizer step of `steps`; the losses as 0-D tensors, still on the device."""
    seed_step(config.seed, progress.step)
    rate = task.learning_rate(progress.step, steps)
    if rate is not None:
        task.optimizer.set_lr(rate)
    losses = gradients(*task.draw(x, y))
    gradients.precision.step(task.optimizer)
    task.optimizer.clear_grad(set_to_zero=False)  # freed: the next ones need not be added to 0
    task.after_update(progress.step)
    return losses


def _account(progress, window, bar):
    """Add the losses of the last steps to the epoch's sums; stop if one is not finite."""
    for back, (count, losses) in enumerate(window):
        values = {name: value.item() for name, value in losses.items()}
        if not all(math.isfinite(value) for value in values.values()):
            batch = progress.batch - len(window) + back + 1
            raise RunError(
                f"the loss is {values['loss']} at epoch {progress.epoch + 1}, batch {batch}; try "
                "a smaller --lr (the last checkpoint is from before it)"
            )
        progress.seen += count
        for name, value in values.items():
            progress.sums[name] = progress.sums.get(name, 0.0) + count * value
    bar.update(len(window))
    bar.set_postfix(loss=f"{values['loss']:.4g}", refresh=False)


def _means(progress):
    return {f"train_{name}": total / progress.seen for name, total in progress.sums.items()}


def _report(row, config):
    """One line an epoch, on a terminal or in a log."""
    numbers = "  ".join(f"{name} {value:.5g}" for name, value in row.items() if name != "epoch")
    print(f"epoch {row['epoch']}/{config.epochs}  {numbers}", flush=True)


def _save(task, run, progress, precision):
    arrays = {
        **checkpoint.with_prefix("model", checkpoint.model_arrays(task.model)),
        **checkpoint.with_prefix(
            "optimizer", checkpoint.optimizer_arrays(task.optimizer, task.model)
        ),
        **checkpoint.with_prefix("extra", task.extra_state()),
        **checkpoint.with_prefix("precision", precision.state()),
    }
    checkpoint.save(run.checkpoint, arrays, dataclasses.asdict(progress))


def _restore(task, run, precision):
    """The progress of the run's checkpoint, its arrays put into the task; else a fresh start."""
    if not (run.resuming and run.checkpoint.is_file()):
        return Progress()
    arrays, meta = checkpoint.load(run.checkpoint)
    checkpoint.set_model(task.model, checkpoint.below_prefix("model", arrays), run.checkpoint)
    optimizer = checkpoint.below_prefix("optimizer", arrays)
    checkpoint.set_optimizer(task.optimizer, task.model, optimizer)
    task.set_extra_state(checkpoint.below_prefix("extra", arrays))
    precision.set_state(checkpoint.below_prefix("precision", arrays))
    return Progress(**meta)


class _Clock:
    """Adds the time since the last look to progress.seconds."""

    def __init__(self, progress):
        self.progress = progress
        self.last = time.monotonic()

    def update(self):
        now = time.monotonic()
        self.progress.seconds += now - self.last
        self.last = now


class _Stop:
    """Turns the first Ctrl-C (or SIGTERM) into a wish, granted between two steps."""

    def __init__(self):
        self.asked = False

    def __enter__(self):
        self.former = {}
        try:
            for number in (signal.SIGINT, signal.SIGTERM):
                self.former[number] = signal.signal(number, self._ask)
        except ValueError:  # not the main thread: signals are somebody else's business
            pass
        return self

    def _ask(self, number, frame):
        if self.asked and distributed.count() > 1 and number == signal.SIGTERM:
            return  # the launcher sends it twice within a second, and then kills
        if self.asked:
            raise KeyboardInterrupt("stopped at once; the last checkpoint is still good")
        self.asked = True
        print("\nstopping after this step (again to stop at once) ...", file=sys.stderr)

    def agreed(self, together):
        """Whether to stop after this step. Several processes do after the same one.

        together: whether this is a step after which they ask one another.
        """
        return (
            self.asked if distributed.count() == 1 else together and distributed.any_of(self.asked)
        )

    def __exit__(self, *exception):
        for number, handler in self.former.items():
            signal.signal(number, handler)

    def leave(self, run, progress):
        """Raise KeyboardInterrupt with the way on."""
        raise KeyboardInterrupt(
            f"stopped at epoch {progress.epoch + 1}, batch {progress.batch}; go on with: "
            f"python {run.module}/run.py --resume --out {run.path}"
        )


def as_batches(images, batch_size=256):
    """Tensors (x, y) of an ImageSet in order, for evaluation."""
    return feed(images, np.arange(len(images)), batch_size)
