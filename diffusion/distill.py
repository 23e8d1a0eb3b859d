"""Distil a finished run into a network that draws an image in 1, 2 or 4 evaluations.

python diffusion/distill.py results/diffusion/small --out results/diffusion/few
python diffusion/sample.py results/diffusion/few --steps 1

Consistency distillation (Song et al. 2023, https://arxiv.org/abs/2303.01469) over the steps at
which the new network is asked: from each, its clean image shall be the one from the next, to which
the finished network leads, with its guidance. No second derivatives are needed.
"""

import dataclasses
import math
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import common  # noqa: F401 - sets the CPU up, so it comes before Paddle

# isort: split
import paddle

from common import compute
from common.cli import Parser, cli
from common.errors import UserError
from common.runtime import set_device
from common.training import learning_rate
from common.training.average import EMA
from common.training.run_folder import Run
from common.training.trained import Trained
from common.training.trainer import Task, Trainer
from diffusion import unet
from diffusion.evaluate import load_trained
from diffusion.judge import table
from diffusion.objective import eps_from, x0_from
from diffusion.schedule import make_schedule, trailing

LEVELS = 4  # noise levels that are learnt: where 1, 2 and 4 evaluations take place
RECIPE = {
    "batch_size": 64,
    "epochs": 1,
    "optimizer": "adam",
    "lr": 5e-4,
    "warmup": 50,
    "lr_schedule": "cosine",
    "ema": 0.98,
    "clip_norm": 0.0,
    "sampler": "consistency",
    "steps": LEVELS,
    "guidance": 1.0,
    "label_dropout": 0.0,
}
JUDGED = (1, 2, 4)  # evaluations


class Distillation(Task):
    """Learn to jump to where the teacher's path ends.

    Args:
        teacher: Trained, whose model is not changed. model: network of the same kind, which starts
            with its weights. target: another; it has the average of the model's weights.
        config: Config of the new run.
    """

    def __init__(self, teacher, model, target, config):
        self.teacher, self.target, self.config = teacher, target, config
        for network in (model, target):
            network.set_state_dict(teacher.model.state_dict())
        compute.accelerate(target).eval()
        average = EMA(model, config.ema)
        average.shadow = dict(target.named_parameters())
        super().__init__(model, compute.adam(config.lr, model), average)
        schedule = make_schedule(config.schedule, config.timesteps)
        self.stops = paddle.to_tensor([0, *trailing(2 * LEVELS, config.timesteps)], "int64")
        self.a = paddle.to_tensor(schedule.alpha_bar**0.5, "float32")
        self.s = paddle.to_tensor((1 - schedule.alpha_bar) ** 0.5, "float32")

    def before_step(self, step, steps):
        share = learning_rate.factor(step, steps, self.config.lr_schedule, self.config.warmup)
        self.optimizer.set_lr(self.config.lr * share)

    def sample_inputs(self, x, y):
        """Noisy images at one of the levels, the noisier the more often, level and class."""
        level = paddle.ceil(LEVELS * paddle.rand([len(x)]).sqrt()).clip(1, LEVELS).astype("int64")
        a, s = self._shares(self._stop(2 * level))
        x0 = 2 * x - 1
        return a * x0 + s * paddle.randn(x0.shape), level, y

    def losses(self, model, xt, level, y):
        """Pseudo-Huber distance (Song & Dhariwal 2023) to the clean image from the next level."""
        with paddle.no_grad():
            near = self._follow(xt, level, y)
            goal = self.clean(self.target, near, self._stop(2 * level - 2), y)
        error = self.clean(model, xt, self._stop(2 * level), y) - goal
        c = 0.00054 * math.sqrt(error[0].size)
        return {"loss": ((error**2).sum([1, 2, 3]) + c**2).sqrt().mean() - c}

    def clean(self, network, xt, t, y):
        """A network's clean image [B, C, H, W] for xt at t [B] and classes y [B]."""
        return x0_from(self.config.objective, network(xt, t, y), xt, *self._shares(t))

    def _follow(self, xt, level, y):
        """xt a level nearer to the image on the teacher's path, by DPM-Solver++(2S)."""
        start, middle, end = (self._stop(2 * level - k) for k in range(3))
        first = self._guided(xt, start, y)
        second = self._guided(self._move(xt, first, start, middle), middle, y)
        begin, half, whole = (paddle.log(self.a[t] / self.s[t]) for t in (start, middle, end))
        weight = (0.5 * (whole - begin) / (half - begin)).reshape([-1, 1, 1, 1])
        return self._move(xt, first + weight * (second - first), start, end)

    def _guided(self, xt, t, y):
        """The teacher's clean image with the guidance of its run, clipped as in sampling."""
        network, w = self.teacher.model, self.teacher.config.guidance
        x0 = self.clean(network, xt, t, y)
        if w != 1:
            without = self.clean(network, xt, t, paddle.full_like(y, network.no_class))
            x0 = without + w * (x0 - without)
        return x0.clip(-1, 1) if self.config.clip else x0

    def _move(self, xt, x0, t, to):
        """xt along the line to a clean image, from steps t to steps `to`: a step of DDIM."""
        a, s = self._shares(to)
        return a * x0 + s * eps_from("x0", x0, xt, *self._shares(t))

    def _stop(self, number):
        return paddle.gather(self.stops, number)

    def _shares(self, t):
        """sqrt(alpha_bar) and sqrt(1 - alpha_bar) at t, each [B, 1, 1, 1]."""
        return (paddle.gather(table, t).reshape([-1, 1, 1, 1]) for table in (self.a, self.s))


def distil(teacher, run, **changes):
    """Distil a Trained into a Run, not begun; the Trained of it. changes: of the Config."""
    config = dataclasses.replace(teacher.config, **{**RECIPE, **changes})
    config.check()
    data, classes = teacher.data, teacher.model.no_class
    task = Distillation(teacher, *(unet.build(config, classes) for _ in range(2)), config)
    trainer = Trainer(task, data, config, run)
    run.begin(config, data)
    with trainer:
        for x, y in trainer.batches():
            trainer.step(x, y)
    task.average.apply()
    trained = Trained(run, config, task.model, data)
    trained.save()
    return trained, trainer.progress.seconds


def parser():
    """The flags."""
    flags = Parser("diffusion/distill.py", __doc__)
    flags.add_argument("run", metavar="RUN", help="folder of a finished run")
    flags.add_argument("--out", metavar="DIR", help="[RUN-few, beside it]")
    flags.add_argument("--overwrite", action="store_true", help="replace an earlier run in DIR")
    flags.add_argument("--epochs", type=int, default=1, metavar="N", help="of training [1]")
    flags.add_argument("--seed", type=int, default=0, metavar="N", help="[0]")
    return flags


def main(argv):
    """Distil as the command line says, and judge what comes out."""
    options = parser().parse_args(argv)
    set_device("cpu")
    teacher = load_trained(options.run)
    if teacher.config.sampler == "consistency":
        raise UserError(f"{options.run} is distilled already; give the run it was made of")
    if teacher.config.timesteps < 2 * LEVELS:
        raise UserError(
            f"{options.run} has fewer than {2 * LEVELS} steps; there is nothing to save"
        )
    out = options.out or f"{options.run.rstrip('/')}-few"
    run = Run.choose(Path(out).expanduser(), "diffusion", overwrite=options.overwrite)
    trained, seconds = distil(teacher, run, epochs=options.epochs, seed=options.seed)
    rows = table(trained, JUDGED)
    run.write_metrics({"seconds": seconds, **rows[-1], "rows": rows})
    run.finish(trained.config)


if __name__ == "__main__":
    cli(main)
