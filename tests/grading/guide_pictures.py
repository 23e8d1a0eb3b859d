"""The pictures of docs/guide: what the right answer draws, and what known wrong ones draw.

python -m tests.grading.guide_pictures [TODO ...]     some minutes for all; writes the PNGs anew

The wrong answers are those of the bank (`wrong_answers`), trained on the embedded digits with the
settings of tutorial.ipynb, so that a student's own pictures can be laid beside them.
"""

import contextlib
import types
from unittest import mock

import common  # noqa: F401 - sets the CPU up, so it comes before Paddle

# isort: split
import numpy as np
import paddle
from PIL import Image

import ae.assignment
import ae.models
import ae.run
import diffusion.assignment
import diffusion.run
import vae.evaluate
import vae.likelihoods
import vae.run
import vae.task
from ae.config import Config as AutoEncoderConfig
from common import compute, datasets, plotting
from common.cli import cli
from common.errors import UserError
from common.files import atomic_path
from common.runtime import ROOT, numpy_rng, seed_step
from common.training.config import preset_values
from diffusion.config import PRESETS
from diffusion.config import Config as DiffusionConfig
from diffusion.pipeline import Pipeline
from tests.grading.wrong_answers.wrong import WRONG
from vae.config import Config as VaeConfig

FOLDER = ROOT / "docs/guide/pictures"
RIGHT = "right"
# TODO -> names of the wrong answers in the bank, in the order of the guide.
SHOWN = {
    "AutoEncoder": ("two sigmoids", "ReLU at the end", "skip"),
    "reparameterize": ("mu only", "no mu", "changed places"),
    "kl_div_loss": ("minus", "sum", "no mu"),
    "region_weighted_loss": ("white only", "weight on output", "mean"),
    "add_noise": ("no roots", "alpha", "swapped"),
    "remove_noise": ("no noise", "plus", "unscaled noise"),
    "loss": ("no target", "sees x0", "target x0"),
}
LABELS = np.arange(10)
TONES = 16

AE = AutoEncoderConfig(dataset="digits", epochs=3, lr=5e-3)
VAE = VaeConfig(
    dataset="digits",
    network="mlp",
    image_size=16,
    channels=1,
    latent_dim=8,
    beta=0.1,
    lr=1e-3,
    epochs=60,
)
DDPM = DiffusionConfig(**{**preset_values(PRESETS, "tiny"), "epochs": 14})


# --- answers -------------------------------------------------------------------------------------


def answer(todo, name):
    """The function, method or class of a TODO as that answer has it."""
    if name == RIGHT:
        files = (ae.assignment, vae.assignment, diffusion.assignment)
        module = next(m for m in files if hasattr(_holder(m), todo))
    else:
        module = types.ModuleType("answer")
        exec(compile(WRONG[todo, name][1], f"{todo}: {name}", "exec"), vars(module))
    return getattr(_holder(module), todo)


def _holder(module):
    """Where a module keeps its answers: the class DDPM, or itself."""
    return getattr(module, "DDPM", module)


@contextlib.contextmanager
def written(todo, name):
    """The project as it is when a student has handed in that answer to that TODO."""
    found = answer(todo, name)
    with contextlib.ExitStack() as stack:
        vaes = (vae.task, vae.evaluate, vae.likelihoods)
        for place in (ae.models, *vaes, diffusion.assignment.DDPM):
            if hasattr(place, todo):
                stack.enter_context(mock.patch.object(place, todo, found))
        yield


# --- training ------------------------------------------------------------------------------------


def trained(module, config):
    """(task, data) after the run's training, but going on where a run would stop."""
    task, data = module.prepare(config)
    compute.accelerate(task.model)
    task.model.train()
    steps = -(-len(data.train) // config.batch_size) * config.epochs
    for step, (x, y) in enumerate(_batches(data.train, config)):
        seed_step(config.seed, step)
        task.before_step(step, steps)
        loss = task.losses(task.model, *task.sample_inputs(x, y))["loss"]
        loss.backward()
        task.optimizer.step()
        task.optimizer.clear_grad()
        if task.average:
            task.average.update(step)
    if task.average:
        task.average.apply()
    task.model.eval()
    print(f"  loss of the last batch: {float(loss):.4g}")
    return task, data


def _batches(images, config):
    for epoch in range(config.epochs):
        order = numpy_rng(config.seed, "order", epoch).permutation(len(images))
        yield from datasets.feed(images, order, config.batch_size)


# --- images of each TODO -------------------------------------------------------------------------


def reconstructions(name):
    """Ten digits, and below them what the autoencoder makes of them, in grey and smaller."""
    with written("AutoEncoder", name):
        task, data = trained(ae.run, AE)
    x, _ = data.test.batch(slice(0, 10))
    with paddle.no_grad():
        images = np.concatenate([x, task.model(paddle.to_tensor(x)).numpy()])
    return images.mean(axis=1, keepdims=True)[:, :, ::4, ::4]


def vae_images(todo, name):
    """Ten digits, their reconstructions, and ten digits of random codes."""
    with written(todo, name):
        task, data = trained(vae.run, VAE)
    places = [int(np.flatnonzero(data.test.labels == k)[0]) for k in LABELS]
    x, y = (paddle.to_tensor(part) for part in data.test.batch(places))
    seed_step(0, "guide")
    with paddle.no_grad():
        restored = task.model.decode(task.model.encode(x, y)[0], y)
        drawn = task.model.decode(paddle.randn(restored.shape[:1] + [VAE.latent_dim]), y)
    return np.concatenate([x.numpy(), restored.numpy(), drawn.numpy()])


def forward(name):
    """One digit at ten steps from t = 0 to T - 1."""
    data = datasets.load(DDPM)
    chain = diffusion.task.make_schedule(DDPM.schedule, DDPM.timesteps)
    t = paddle.to_tensor([0, 100, 200, 300, 400, 500, 600, 700, 850, 999])
    x0 = paddle.to_tensor(2 * data.train.batch(slice(0, 1))[0] - 1).tile([len(t), 1, 1, 1])
    eps = paddle.to_tensor(numpy_rng(0, "guide").standard_normal(x0.shape, np.float32))
    with written("add_noise", name):
        ddpm = diffusion.assignment.DDPM(None, chain.tensor("beta"))
        return (ddpm.add_noise(x0, t, eps).numpy() + 1) / 2


def ancestral(todo, name):
    """Two samples of each class by `remove_noise`, after a training with that `loss`."""
    with written(todo, name):
        network = _network(name if todo == "loss" else RIGHT)
        settings = network.settings(sampler="ddpm", steps=100)
        return network.sample(np.tile(LABELS, 2), settings)


_kept = {}


def _network(loss):
    """A Pipeline trained with that answer to `loss`; it is trained once."""
    if loss not in _kept:
        with written("loss", loss):
            _kept[loss] = Pipeline(trained(diffusion.run, DDPM)[0].model, DDPM)
    return _kept[loss]


def images(todo, name):
    """[N, 1, H, W] float32, about [0, 1], ten a row: what that answer to that TODO draws."""
    if todo == "AutoEncoder":
        return reconstructions(name)
    if todo == "add_noise":
        return forward(name)
    if todo in ("remove_noise", "loss"):
        return ancestral(todo, name)
    return vae_images(todo, name)


# --- files ---------------------------------------------------------------------------------------


def path_of(todo, name):
    """The PNG of an answer."""
    return FOLDER / f"{todo}-{name.replace(' ', '-')}.png"


def save(sheet, path, width=520):
    """A grey PNG of few tones, ten images a row, about `width` pixels wide. NaN is black."""
    tiles = np.nan_to_num(plotting.tile(np.clip(sheet, 0, 1), 10))[0]
    scale = max(1, round(width / tiles.shape[1]))
    tones = np.rint(tiles * (TONES - 1)).astype(np.uint8).repeat(scale, 0).repeat(scale, 1)
    picture = Image.fromarray(tones, "P")
    picture.putpalette([round(i * 255 / (TONES - 1)) for i in range(TONES) for _ in "rgb"])
    path.parent.mkdir(parents=True, exist_ok=True)
    with atomic_path(path) as temporary:
        picture.save(temporary, optimize=True, bits=4)


def main(todos):
    """Draw the pictures of the TODOs named, of all if none is; UserError for another name."""
    unknown = [todo for todo in todos if todo not in SHOWN]
    if unknown:
        raise UserError(f"no TODO is named {unknown[0]}; there are {', '.join(SHOWN)}")
    for todo in todos or SHOWN:
        for name in (RIGHT, *SHOWN[todo]):
            save(images(todo, name), path_of(todo, name))
            print(path_of(todo, name).name, flush=True)


if __name__ == "__main__":
    cli(main)
