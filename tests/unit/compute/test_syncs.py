"""No step of training waits for the device: nothing reads a tensor's value on the way.

On a GPU each such read (`float(loss)`, `.item()`, `.numpy()`) stops the program until the GPU has
caught up. Counted here on a CPU, by wrapping every way to read a value.
"""

import numpy as np
import paddle
import pytest

import ae.config
import ae.models
import ae.task
import diffusion.config
import diffusion.task
import diffusion.unet
import vae.config
import vae.models
import vae.task
from common import compute
from diffusion.pipeline import Pipeline

READS = ("numpy", "item", "tolist", "__array__", "__float__", "__int__", "__bool__", "__index__")


@pytest.fixture
def reads(monkeypatch):
    """A list that grows with every value read from a tensor."""
    found = []
    monkeypatch.setenv("GENMODELS_FAST", "0")  # a GPU has none of the fast layers of a CPU

    def counted(name, method):
        def read(self, *arguments, **options):
            found.append(name)
            return method(self, *arguments, **options)

        return read

    for name in READS:
        monkeypatch.setattr(paddle.Tensor, name, counted(name, getattr(paddle.Tensor, name)))
    return found


def autoencoder():
    config = ae.config.Config()
    return ae.task.AutoEncoderTask(ae.models.build(config), config), (3, 64, 64)


def conditional_vae():
    config = vae.config.Config(network="conv", likelihood="bernoulli", image_size=8, channels=1)
    return vae.task.VaeTask(vae.models.build(config, 10), config), (1, 8, 8)


def ddpm():
    config = diffusion.config.Config(dataset="digits")
    return diffusion.task.DiffusionTask(diffusion.unet.build(config, 10), config), (1, 8, 8)


@pytest.mark.parametrize("make", [autoencoder, conditional_vae, ddpm])
def test_a_training_step_reads_no_value(make, reads):
    task, shape = make()

    def forward_backward(model, weight, *part):
        losses = task.losses(model, *part)
        losses["loss"].backward(weight)
        return losses

    def step():
        task.before_step(0, 10)
        on_all_cores(forward_backward, *task.sample_inputs(x, y))
        task.optimizer.step()
        task.optimizer.clear_grad()
        if task.average:
            task.average.update(0)

    task.model.train()
    on_all_cores = compute.OnAllCores(task.model, 1)
    x, y = paddle.rand([4, *shape]), paddle.to_tensor(np.arange(4))
    step()  # the fast kernels are compared with Paddle's before the first one
    reads.clear()
    step()
    assert reads == []


@pytest.mark.parametrize("sampler", ["ddim", "dpmpp_2m", "ddpm"])
def test_a_sampler_reads_only_the_images(sampler, reads):
    """One read a batch, at the end: no step waits for the device."""
    config = diffusion.config.Config(dataset="digits", timesteps=20, steps=5)
    pipeline = Pipeline(diffusion.unet.build(config, 10), config)
    reads.clear()
    pipeline.sample(np.arange(4), pipeline.settings(sampler=sampler))
    assert reads == ["numpy"]


def test_reads_are_counted(reads):
    float(paddle.ones([]))
    assert reads
