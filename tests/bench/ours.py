"""Our side of a row: the real code of the project, ticking a Clock. See `clock.py`."""

import dataclasses
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor

import common  # noqa: F401 - sets the CPU up, so it comes before Paddle

# isort: split
import numpy as np
import paddle
from paddle import nn

import ae.config
import ae.models
import ae.task
import diffusion.config
import diffusion.task
import diffusion.unet
import vae.config
import vae.models
import vae.task
from common.compute import environment
from common.compute.precision import Precision
from common.datasets import Data, ImageSet
from common.runtime import seed_step, set_device
from common.training import checkpoint, trainer
from common.training.run_folder import Run
from diffusion.pipeline import Pipeline
from tests.bench.clock import Clock, repeat, specification

CLASSES, ENDLESS = 10, 10**6
PRESETS = {
    "ae": (ae.config, "000-ae", {}),
    "cvae": (vae.config, "004-conv", {}),
    "vae": (vae.config, "001-vae", {"batch_size": 128}),
    "small": (diffusion.config, "small", {}),
    "001-ddpm": (diffusion.config, "001-ddpm", {}),
}


def config_of(spec):
    """The settings of a preset with the changes of a spec: batch_size, image_size, threads ..."""
    module, preset, fields = PRESETS[spec["net"]]
    fields = {**module.PRESETS[preset], "epochs": ENDLESS, **fields, **spec.get("fields", {})}
    return module.Config(**{k: v for k, v in fields.items() if k != "help"})


def images_of(config):
    """Data of random images in the number of MNIST's, fewer of larger ones."""
    size = config.image_size
    count = min(60000, 60000 * 28 * 28 // size**2)
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, [count, 1, size, size], np.uint8)
    labels = rng.integers(0, CLASSES, count)
    images = ImageSet(pixels, labels, config.channels, CLASSES)
    return Data("random", images, images.first(10), [str(k) for k in range(CLASSES)])


def task_of(spec, config):
    """The Task that run.py makes of a config."""
    seed_step(config.seed, "init")
    if spec["net"] in ("small", "001-ddpm"):
        model = diffusion.unet.build(config, CLASSES)
        return diffusion.task.DiffusionTask(model, config)
    if spec["net"] == "ae":
        return ae.task.AutoEncoderTask(ae.models.build(config), config)
    return vae.task.VaeTask(vae.models.build(config, CLASSES), config)


def train(spec, config):
    """The loop of a run script; a tick after every step."""
    task, data = task_of(spec, config), images_of(config)
    clock = _clock(task.model)
    feed = trainer.feed

    def timed_feed(*arguments):
        batches, began = feed(*arguments), time.perf_counter()
        for batch in batches:
            clock.feeding(time.perf_counter() - began)
            yield batch
            began = time.perf_counter()

    def no_evaluation(data):
        clock.skip()
        return {}

    trainer.feed, task.evaluate = timed_feed, no_evaluation
    with tempfile.TemporaryDirectory() as folder:
        run = Run.choose(folder, "bench")
        run.begin(config, data)
        with trainer.Trainer(task, data, config, run) as loop:
            for x, y in loop.batches():
                loop.step(x, y)
                clock.tick()


def denoise(spec, config):
    """One evaluation of the network as samplers call it."""
    pipeline = _pipeline(spec, config)
    rng = np.random.default_rng(0)
    shape = [config.batch_size, config.channels, config.image_size, config.image_size]
    x = paddle.to_tensor(rng.standard_normal(shape, np.float32))
    t = paddle.to_tensor(rng.integers(0, config.timesteps, len(x)))
    y = paddle.to_tensor(rng.integers(0, CLASSES, len(x)))
    repeat(_clock(pipeline.model), lambda: pipeline.network(x, t, y))


def samples(spec, config):
    """spec["count"] images from noise to [0, 1], as sample.py draws them."""
    pipeline = _pipeline(spec, config)
    labels = np.arange(spec["count"]) % CLASSES
    settings = pipeline.settings(**spec["settings"])
    repeat(_clock(pipeline.model), lambda: pipeline.sample(labels, settings))


def ema(spec, config):
    """The running average of the weights."""
    task = task_of(spec, config)
    repeat(_clock(task.model), lambda: task.average.update(1000))


def save(spec, config):
    """Weights, both moments of Adam and the average: collected, written, flushed to disk."""
    task = task_of(spec, config)
    optimizer, model = task.optimizer, task.model
    for parameter in model.parameters():
        parameter.grad = paddle.zeros_like(parameter)
    optimizer.step()

    def write():
        checkpoint.save_training(run, task, Precision(), dataclasses.asdict(config))

    with tempfile.TemporaryDirectory() as folder:
        run = Run(folder, "bench")
        repeat(_clock(model), write)


def floors(spec, config):
    """Operations and bytes of one forward pass over a batch, and what this machine can do."""
    task, data = task_of(spec, config), images_of(config)
    work = {"operations": 0, "bytes": 0}

    def count(layer, inputs, output):
        if isinstance(layer, nn.Linear):
            work["operations"] += 2 * output.size * layer.weight.shape[0]
        elif isinstance(layer, nn.Conv2D):
            work["operations"] += 2 * output.size * layer.weight.size // layer.weight.shape[0]
        elif isinstance(layer, nn.Conv2DTranspose):
            work["operations"] += 2 * inputs[0].size * layer.weight.size // layer.weight.shape[0]
        work["bytes"] += 4 * int(output.size)

    for layer in task.model.sublayers():
        if not layer.sublayers():
            layer.register_forward_post_hook(count)
    batch = map(paddle.to_tensor, data.train.batch(np.arange(config.batch_size)))
    task.losses(task.model, *task.sample_inputs(*batch))
    work |= {"gemm": _gemm_rate(), "copy": _copy_rate()}
    clock = _clock(task.model)
    clock.facts |= {name: int(value) for name, value in work.items()}
    clock.tick()


def _gemm_rate(size=1024):
    """Operations a second of a matrix product in float32 on all cores; the best of 20."""
    environment.set_blas_threads(environment.threads())
    a = paddle.randn([size, size])
    return 2 * size**3 / min(_seconds(lambda: paddle.matmul(a, a)) for _ in range(20))


def _copy_rate(size=2**26):
    """Bytes a second, read and written, of copying arrays on all cores; the best of 10."""
    count = environment.threads()
    pairs = [(np.ones(size, np.uint8), np.ones(size, np.uint8)) for _ in range(count)]
    with ThreadPoolExecutor(count) as pool:

        def work():
            list(pool.map(lambda pair: np.copyto(*pair), pairs))

        return 2 * size * count / min(_seconds(work) for _ in range(10))


def _seconds(work):
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _pipeline(spec, config):
    return Pipeline(task_of(spec, config).model, config)


def _clock(model):
    facts = {
        "parameters": sum(int(p.size) for p in model.parameters() if not p.stop_gradient),
        "version": f"paddle {paddle.__version__}",
    }
    if paddle.device.get_device() == "cpu":
        return Clock(facts)
    cuda = paddle.device.cuda
    return Clock(facts, cuda.synchronize, cuda.max_memory_allocated)


JOBS = {job.__name__: job for job in (train, denoise, samples, ema, save, floors)}


if __name__ == "__main__":
    spec = specification()
    set_device(spec.get("device", "cpu"))
    JOBS[spec["job"]](spec, config_of(spec))
