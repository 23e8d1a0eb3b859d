"""The one training loop. It knows nothing of autoencoders, VAEs or diffusion: see `Task`.

    with Trainer(task, data, config, run) as trainer:
        for x, y in trainer.batches():
            trainer.step(x, y)

`Trainer.step` is one step of training; what surrounds the steps (epochs, evaluation, checkpoints,
progress, Ctrl-C) is in `Trainer.batches`. How a step uses all cores, a GPU or several processes is
behind `common/compute`.
"""

import dataclasses
import math
import time
from dataclasses import dataclass, field
from typing import ClassVar

import paddle
from tqdm import tqdm

from common import compute, records
from common.compute import distributed
from common.datasets import feed
from common.errors import RunError, UserError
from common.records import at_least
from common.runtime import numpy_rng, seed_step
from common.training import checkpoint

SAVE_SECONDS = 120  # at least so often within an epoch
LOOK_SECONDS = 0.2  # between two looks at the losses: on a GPU a look has to wait
ROUNDING = 1e-2  # how far below 0 a loss may come that cannot be negative
GPU_STEPS = 50  # between two questions of one process to the others on a GPU, whether to stop


class Task:
    """What the loop needs to know: a model, its loss, and how to test it.

    A module's task.py subclasses it. `losses` is where a reader sees model -> loss.

    Attributes:
        model: nn.Layer.
        optimizer: Paddle optimizer over its parameters.
        average: EMA of its weights, or None.
        never_negative: {loss: name of a finding in findings.json} of the recorded losses that no
            right function makes negative; one below 0 stops the training.
    """

    never_negative: ClassVar[dict] = {}

    def __init__(self, model, optimizer, average=None):
        self.model, self.optimizer, self.average = model, optimizer, average

    def before_step(self, step, steps):
        """Set what changes along the way, the learning rate for one, for a step of `steps`."""

    def sample_inputs(self, x, y):
        """The tensors of one step, each with leading dimension B.

        Everything random (eps, t) is drawn here, so that `losses` is a plain function and a
        batch can be split over threads. x: [B, C, H, W] float32 in [0, 1]; y: [B] int64.
        """
        return (x,)

    def losses(self, model, *inputs):
        """{"loss": 0-D, ...}: means over the batch; "loss" is minimised, the rest recorded."""
        raise NotImplementedError

    def evaluate(self, data):
        """{column: number} for the row of the history, measured on the test images."""
        return {}

    # BEGIN TEACHER
    def pictures(self, data):
        """{name: [N, C, H, W] float32 in [0, 1]} to show after an epoch (--visualdl)."""
        return {}

    # END TEACHER


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

    epoch: int = at_least(0, default=0)
    batch: int = at_least(0, default=0)
    step: int = at_least(0, default=0)
    seen: int = at_least(0, default=0)
    sums: dict[str, float] = field(default_factory=dict)
    seconds: float = at_least(0, default=0.0)
    history: list[dict[str, float]] = field(default_factory=list)

    @classmethod
    def read(cls, values, source, epoch_steps, epochs):
        """The progress of a checkpoint, for a run of so many steps an epoch. Raises UserError."""
        found = records.read(cls, values, source)
        begun = found.batch > 0
        if (
            len(found.history) != found.epoch
            or found.batch > epoch_steps
            or begun != (found.seen > 0)
        ):
            raise records.damaged(source, "its numbers of epochs, batches and images do not agree")
        if found.epoch + begun > epochs:
            raise UserError(
                f"{source} is from epoch {found.epoch + begun} already; give --epochs "
                f"{found.epoch + begun} or more"
            )
        return found


class Trainer:
    """The training of one run; goes on from the run's checkpoint if it resumes.

    Args:
        task: Task.
        data: Data; trains on data.train, evaluates on data.test.
        config: RunConfig (epochs, batch_size, seed, threads, amp, precision).
        run: Run; it begins before the training does, after its checkpoint is read here.

    Attributes:
        progress: Progress.
    """

    def __init__(self, task, data, config, run):
        self.task, self.data, self.config, self.run = task, data, config, run
        compute.accelerate(task.model)
        low = compute.resolve(config.precision, task.model)
        self.precision = compute.Precision(config.amp, low)
        run.precision = self.precision.name
        saved = checkpoint.restore(run, task, self.precision)
        self.optimizer = self.precision.wrap(task.optimizer)
        self.epoch_steps = math.ceil(len(data.train) / config.batch_size)
        self.progress = Progress()
        if saved:
            where = (run.checkpoint, self.epoch_steps, config.epochs)
            self.progress = Progress.read(saved, *where)
        self.waiting = []  # (images, losses) of the steps whose losses have not been read yet

    def step(self, x, y):
        """One step of training. x: [B, C, H, W] float32 in [0, 1]; y: [B] int64.

        Returns {"loss": 0-D, ...}, still on the device.
        """
        task, step = self.task, self.progress.step
        seed_step(self.config.seed, step)
        task.before_step(step, self.epoch_steps * self.config.epochs)
        inputs = task.sample_inputs(x, y)

        def forward_backward(model, weight, *part):
            losses = task.losses(model, *part)
            losses["loss"].backward(weight)  # weight: the part's share of the batch
            return losses

        losses = self.on_all_cores(forward_backward, *inputs)
        self.optimizer.step()
        self.optimizer.clear_grad(set_to_zero=False)  # freed: the next need not be added to 0
        if task.average:
            task.average.update(step)
        self.waiting.append((y.shape[0], losses))
        return losses

    def __enter__(self):
        # not before: several processes exchange their weights in it, once all can start
        model, threads = self.task.model, self.config.threads
        self.on_all_cores = compute.OnAllCores(model, threads, self.precision)
        from common.training.interrupt import Interrupt

        self.interrupt = Interrupt().__enter__()
        self.looked = self.saved = self.counted = time.monotonic()
        return self

    def __exit__(self, kind, error, trace):
        """Of several processes only the first goes on, the others end here (SystemExit)."""
        self.interrupt.__exit__(kind, error, trace)
        if error is None:
            distributed.shutdown()
        else:
            self.run.lock.release()

    def batches(self):
        """The batches (x, y) of all epochs that are left, each for one `step`.

        After an epoch the test images are evaluated, and history.csv and the checkpoint written
        (the checkpoint also every two minutes within one). Raises RunError if a loss is not finite
        or negative where it cannot be, KeyboardInterrupt with the command to go on after Ctrl-C.
        """
        if self.progress.history and distributed.is_main():
            self.run.write_history(self.progress.history)  # killed between checkpoint and history
        for epoch in range(self.progress.epoch, self.config.epochs):
            self.task.model.train()
            yield from self._batches_of_epoch()
            self._end_epoch(epoch)
            distributed.barrier()

    def _batches_of_epoch(self):
        progress, size = self.progress, self.config.batch_size
        order = numpy_rng(self.config.seed, "order", progress.epoch).permutation(
            len(self.data.train)
        )
        bar = tqdm(
            total=self.epoch_steps,
            initial=progress.batch,
            desc=f"epoch {progress.epoch + 1}/{self.config.epochs}",
            unit="batch",
            leave=False,
            disable=None if distributed.is_main() else True,
        )
        with bar:
            for x, y in feed(self.data.train, order[progress.batch * size :], size):
                yield x, y
                progress.step, progress.batch = progress.step + 1, progress.batch + 1
                self._after_step(bar)

    def _after_step(self, bar):
        """Read losses, save and stop where it is time to."""
        batch, now = self.progress.batch, time.monotonic()
        last, on_gpu = batch == self.epoch_steps, paddle.device.get_device() != "cpu"
        stopping = self.interrupt.agreed(last or not on_gpu or batch % GPU_STEPS == 0)
        due = distributed.is_main() and now - self.saved > SAVE_SECONDS
        if stopping or due or last or now - self.looked > LOOK_SECONDS:
            self._read_losses(bar)
            self.looked = now
        if stopping or due:
            self._save()
            self.saved = now
        if stopping:
            raise KeyboardInterrupt(
                f"stopped at epoch {self.progress.epoch + 1}, batch {batch}; go on with: "
                f"{self.run.way_on()}"
            )

    def _read_losses(self, bar):
        """Add the losses of the last steps to the epoch's sums; stop if one is impossible."""
        progress = self.progress
        for back, (count, losses) in enumerate(self.waiting):
            values = {name: value.item() for name, value in losses.items()}
            if not all(math.isfinite(value) for value in values.values()):
                batch = progress.batch - len(self.waiting) + back + 1
                raise RunError(
                    f"the loss is {values['loss']} at epoch {progress.epoch + 1}, batch {batch}; "
                    "try a smaller --lr (the last checkpoint is from before it)"
                )
            self._refuse_negative(values)
            progress.seen += count
            for name, value in values.items():
                progress.sums[name] = progress.sums.get(name, 0.0) + count * value
        bar.update(len(self.waiting))
        bar.set_postfix(loss=f"{values['loss']:.4g}", refresh=False)
        self.waiting = []

    def _refuse_negative(self, values):
        """Raise RunError if a loss is negative that cannot be. values: {loss: number}."""
        for name, finding in self.task.never_negative.items():
            if values[name] < -ROUNDING:
                from common.training import diagnosis

                diagnosis.refuse(self.run, finding, values[name])

    def _end_epoch(self, epoch):
        """The epoch's row of the history: means of the losses, numbers of the test images."""
        progress = self.progress
        means = {f"train_{name}": s / progress.seen for name, s in progress.sums.items()}
        progress.epoch, progress.batch, progress.seen, progress.sums = epoch + 1, 0, 0, {}
        if not distributed.is_main():
            return
        seed_step(self.config.seed, "evaluate")
        self.task.model.eval()
        row = {"epoch": epoch + 1, **means, **self.task.evaluate(self.data)}
        for name, value in row.items():
            if not math.isfinite(value):
                raise RunError(f"{name} is {value} after epoch {epoch + 1}; try a smaller --lr")
        self._count_seconds()
        progress.history.append({**row, "seconds": round(progress.seconds, 2)})
        self._save()
        self.run.write_history(progress.history)
        numbers = "  ".join(f"{name} {value:.5g}" for name, value in row.items() if name != "epoch")
        print(f"epoch {epoch + 1}/{self.config.epochs}  {numbers}", flush=True)
        # BEGIN TEACHER
        if self.config.visualdl:
            from common.training import visualdl

            seed_step(self.config.seed, "pictures")
            visualdl.epoch(self.run, row, self.task.pictures(self.data))
        # END TEACHER

    def _save(self):
        self._count_seconds()
        if distributed.is_main():
            progress = dataclasses.asdict(self.progress)
            checkpoint.save_training(self.run, self.task, self.precision, progress)

    def _count_seconds(self):
        now = time.monotonic()
        self.progress.seconds += now - self.counted
        self.counted = now
