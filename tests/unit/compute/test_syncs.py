"""No step of training waits for the device: nothing reads a tensor's value on the way.

On a GPU each such read (`float(loss)`, `.item()`, `.numpy()`) stops the program until the GPU has
caught up. Counted here on a CPU, by wrapping every way to read a value.
"""

import numpy as np
import paddle
import pytest

import ae.config
import ae.models
import ae.run
import diffusion.config
import diffusion.run
import diffusion.unet
import vae.config
import vae.models
import vae.run
from common.compute.data_parallel import Gradients
from diffusion.pipeline import Generator

READS = ("numpy", "item", "tolist", "__array__", "__float__", "__int__", "__bool__", "__index__")


@pytest.fixture
def reads(monkeypatch):
    """A list that grows with every value read from a tensor."""
    found = []

    def counted(name, method):
        def read(self, *arguments, **options):
            found.append(name)
            return method(self, *arguments, **options)

        return read

    for name in READS:
        monkeypatch.setattr(paddle.Tensor, name, counted(name, getattr(paddle.Tensor, name)))
    return found


def autoencoder():
    model = ae.models.build(ae.config.Config())
    return ae.run.AutoEncoderTask(model, adam(model)), (3, 64, 64)


def conditional_vae():
    config = vae.config.Config(network="conv", likelihood="bernoulli", image_size=8, channels=1)
    model = vae.models.build(config, 10)
    return vae.run.VaeTask(model, adam(model), config), (1, 8, 8)


def ddpm():
    config = diffusion.config.Config(dataset="digits")
    return diffusion.run.DiffusionTask(config, diffusion.unet.build(config, 10)), (1, 8, 8)


def adam(model):
    return paddle.optimizer.Adam(1e-3, parameters=model.parameters())


@pytest.mark.parametrize("make", [autoencoder, conditional_vae, ddpm])
def test_a_training_step_reads_no_value(make, reads):
    task, shape = make()
    task.model.train()
    gradients = Gradients(task.model, task.losses, 1)
    x, y = paddle.rand([4, *shape]), paddle.to_tensor(np.arange(4))
    reads.clear()
    gradients(*task.draw(x, y))
    task.optimizer.step()
    task.optimizer.clear_grad()
    task.after_update(0)
    assert reads == []


@pytest.mark.parametrize("sampler", ["ddim", "solver", "ddpm"])
def test_a_sampler_reads_only_the_images(sampler, reads):
    """One read a batch, at the end: no step waits for the device."""
    config = diffusion.config.Config(dataset="digits", timesteps=20, steps=5)
    generator = Generator.of(diffusion.unet.build(config, 10), config)
    reads.clear()
    generator.sample(np.arange(4), generator.settings(sampler=sampler))
    assert reads == ["numpy"]


def test_reads_are_counted(reads):
    float(paddle.ones([]))
    assert reads
