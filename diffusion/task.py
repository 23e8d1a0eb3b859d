"""What is trained: the noise in an image, told the step and the class."""

from typing import ClassVar

import paddle

from common import compute
from common.training import learning_rate
from common.training.average import EMA
from common.training.trainer import Task
from diffusion import evaluate
from diffusion.assignment import DDPM
from diffusion.objective import Objective
from diffusion.schedule import make_schedule


class DiffusionTask(Task):
    """Learn to tell the noise in an image, given the step and the class.

    Args:
        model: UNet. config: Config.
    """

    never_negative: ClassVar[dict] = {"loss": "loss_negative"}

    def __init__(self, model, config):
        clip = paddle.nn.ClipGradByGlobalNorm(config.clip_norm) if config.clip_norm else None
        super().__init__(model, _optimizer(config, model, clip), EMA(model, config.ema))
        self.config = config
        schedule = make_schedule(config.schedule, config.timesteps)
        self.beta = schedule.tensor("beta")
        self.objective = Objective(schedule, config.objective, config.min_snr)

    @paddle.no_grad()
    def rehearse(self):
        """Call the assignment's functions once: one that is not written yet is told at once."""
        x, t = paddle.zeros([1, 1, 4, 4]), paddle.zeros([1], "int64")
        ddpm = DDPM(lambda xt, t: xt, self.beta)
        ddpm.add_noise(x, t, x)
        ddpm.remove_noise(x, t, x)
        ddpm.loss(x, t, x)

    def before_step(self, step, steps):
        """The learning rate: a warm-up, then a cosine or a constant."""
        config = self.config
        share = learning_rate.factor(step, steps, config.lr_schedule, config.warmup)
        self.optimizer.set_lr(config.lr * share)

    def sample_inputs(self, x, y):
        """Clean images in [-1, 1], steps, labels (some hidden) and noise: all [B, ...]."""
        x0, count = 2 * x - 1, len(x)
        t = paddle.randint(0, self.config.timesteps, [count], "int64")
        hidden = paddle.rand([count]) < self.config.label_dropout
        y = paddle.where(hidden, paddle.full_like(y, self.model.no_class), y)
        return x0, t, y, paddle.randn(x0.shape)

    def losses(self, model, x0, t, y, eps):
        """The assignment's `loss`, with a network that is told the class as well."""
        first = 0  # of the rows that are asked for next: a loss may ask for one after the other

        def predict_noise(xt, step):
            nonlocal first
            rows = slice(first, first + len(xt))
            first = rows.stop % len(x0)
            steps = paddle.zeros([len(xt)], "int64") + step  # one number is taken, too
            prediction = model(xt, steps, y[rows])
            return self.objective.noise_for_loss(prediction, x0[rows], t[rows], eps[rows])

        return {"loss": DDPM(predict_noise, self.beta).loss(x0, t, eps)}

    def evaluate(self, data):
        with self.average.applied():
            return {"test_noise_mse": evaluate.noise_mse(self, data.test)}

    # BEGIN TEACHER
    def pictures(self, data):
        from diffusion.pipeline import Pipeline  # sampling takes no part in training

        with self.average.applied():
            pipeline = Pipeline(self.model, self.config)
            labels = [k % pipeline.num_classes for k in range(10)]
            return {"samples": pipeline.sample(labels, pipeline.settings())}

    # END TEACHER


def _optimizer(config, model, clip):
    # BEGIN TEACHER
    if config.optimizer == "muon":
        from common.training.muon import Muon

        return Muon(config.lr, model, ("stem", "head", "label", "time"), grad_clip=clip)
    # END TEACHER
    return compute.adam(config.lr, model, grad_clip=clip)
