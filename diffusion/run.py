"""Train the class-conditional DDPM of assignment 3, sample from it, judge the samples.

python diffusion/run.py --dataset digits         8 x 8, embedded, no download
python diffusion/run.py --preset small           MNIST at 28 x 28 on a CPU
python diffusion/run.py --preset 001-ddpm        report 001; for a GPU
python diffusion/run.py --dataset photos --channels 3 --image-size 32
"""

import math
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import common  # noqa: F401 - sets the CPU up, so it comes before Paddle

# isort: split
import paddle

from common import datasets
from common.compute import layers
from common.evaluation import classifier
from common.runtime import cli, seed_step, set_device
from common.training import checkpoint, summary, visualdl
from common.training.average import EMA
from common.training.config import parse
from common.training.trainer import Task, fit
from diffusion import compare_samplers, figures, unet
from diffusion.config import PRESETS, Config
from diffusion.evaluate import noise_mse
from diffusion.objective import Loss
from diffusion.pipeline import Generator
from diffusion.schedule import make_schedule

SHOWN = 10  # samples after an epoch, with --visualdl


class DiffusionTask(Task):
    """Learn to tell the noise in an image, given the step and the class."""

    def __init__(self, config, model):
        clip = paddle.nn.ClipGradByGlobalNorm(config.clip_norm) if config.clip_norm else None
        adam = layers.adam(config.lr, model, grad_clip=clip)
        super().__init__(model, adam)
        self.config = config
        self.ema = EMA(model, config.ema)
        self.loss = Loss(
            make_schedule(config.schedule, config.timesteps), config.objective, config.min_snr
        )

    def draw(self, x, y):
        """Clean images in [-1, 1], steps, labels (some hidden) and noise: all [B, ...]."""
        x0, count = 2 * x - 1, len(x)
        t = paddle.randint(0, self.config.timesteps, [count], "int64")
        hidden = paddle.rand([count]) < self.config.label_dropout
        y = paddle.where(hidden, paddle.full_like(y, self.model.no_class), y)
        return x0, t, y, paddle.randn(x0.shape)

    def losses(self, model, x0, t, y, eps):
        return {"loss": self.loss(model, x0, t, y, eps)}

    def learning_rate(self, step, steps):
        return self.config.lr * rate(step, steps, self.config.warmup, self.config.decay)

    def after_update(self, step):
        self.ema.update(step)

    def evaluate(self, data):
        with self.ema.applied():
            return {"test_noise_mse": noise_mse(self.model, self.loss, data.test)}

    def pictures(self, data):
        with self.ema.applied():
            generator = Generator.of(self.model, self.config)
            labels = [k % generator.num_classes for k in range(SHOWN)]
            return {"samples": generator.sample(labels, generator.settings())}

    def extra_state(self):
        return self.ema.state()

    def set_extra_state(self, arrays):
        self.ema.set_state(arrays)


def rate(step, steps, warmup, decay):
    """Share of the highest learning rate at a step: rises linearly, then falls by a cosine.

    The rise takes `warmup` steps, but no more than a tenth of them all.
    """
    warmup = min(warmup, steps // 10)
    rise = min(1.0, (step + 1) / warmup) if warmup else 1.0
    return rise * (0.5 * (1 + math.cos(math.pi * step / steps)) if decay == "cosine" else 1.0)


def main(argv):
    """Train, sample, measure, draw."""
    config, run = parse(Config, PRESETS, argv, "diffusion", __doc__)
    if config is None:
        return
    set_device(config.device, config.amp)
    data = datasets.load(config)
    if data.train.num_classes == 1:
        print(f"{data.name} has one class only: the class that is asked for changes nothing")
    seed_step(config.seed, "init")
    model = unet.build(config, data.train.num_classes)
    task = DiffusionTask(config, model)
    if config.summary:
        summary.show(task, data)
        return
    run.begin(config)
    progress = fit(task, data, config, run)
    with task.ema.applied():
        checkpoint.save_weights(run.weights, model.state_dict())
    generator = Generator.open(run.path)
    judge = classifier.load_for(config, data)
    run.write_metrics(
        {
            "test_noise_mse": progress.history[-1]["test_noise_mse"],
            **(
                compare_samplers.judge_samples(generator, judge, data, config.samples)
                if judge
                else {}
            ),
            "seconds": progress.seconds,
            "parameters": sum(int(p.size) for p in model.parameters()),
            "class_names": data.class_names,
        }
    )
    if config.compare and judge:
        compare_samplers.compare(generator, judge, data, config.compare)
    figures.draw(run.path)
    visualdl.finish(run, config)
    print(f"done: {run.path}")


if __name__ == "__main__":
    cli(main)
