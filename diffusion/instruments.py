"""Does the assignment's DDPM do what its tables say, on images of the run? For `diagnose.py`.

Each number is known beforehand, whatever the data: a run in which it is another has a mistake in
the method that is named.
"""

from dataclasses import dataclass

import numpy as np
import paddle

from common.runtime import numpy_rng
from diffusion.assignment import DDPM
from diffusion.objective import Objective, eps_from
from diffusion.sampler import ancestral
from diffusion.schedule import make_schedule

STEPS = 5  # of the forward process that are looked at
CHAIN = 100  # steps of the chain back, at most
VALUES, IMAGES = 40_000, 200  # of the images that are used, at most
FAR = 1e9  # in place of what is not finite


@paddle.no_grad()
def measure(model, config, images):
    """The numbers of all three methods.

    Args:
        model: UNet in eval mode. config: Config. images: ImageSet.

    Returns:
        The keys of `forward`, `loss_ratio` and `backward`: floats, finite.
    """
    count = max(STEPS, min(IMAGES, VALUES // int(np.prod(images.shape))))
    x0 = paddle.to_tensor(2 * images.first(min(count, len(images))).batch(slice(None))[0] - 1)
    schedule = make_schedule(config.schedule, config.timesteps)
    objective = Objective(schedule, config.objective)

    def predict_noise(xt, t):  # of any class, as a loss may ask for one row after the other
        t = paddle.zeros([len(xt)], "int64") + t  # one number is taken, too
        y = paddle.full([len(xt)], model.no_class, "int64")
        return objective.noise(model(xt, t, y), xt, t)

    found = {
        **forward(schedule, x0),
        **loss_ratio(schedule, predict_noise, x0),
        **backward(schedule, x0),
    }
    return {name: float(np.clip(np.nan_to_num(v, nan=FAR), -FAR, FAR)) for name, v in found.items()}


def _random(x0):
    """Noise for x0, the same in every run."""
    return paddle.to_tensor(numpy_rng(0, "instruments").standard_normal(x0.shape, np.float32))


def _spread(schedule, x0):
    """Steps for x0 from 0 to T - 1, STEPS different ones: [B] int64."""
    chosen = np.linspace(0, len(schedule) - 1, STEPS).astype(np.int64)
    return paddle.to_tensor(chosen[np.arange(len(x0)) % STEPS])


def forward(schedule, x0):
    """What add_noise mixes, by least squares over the images of a step; the worst of STEPS.

    Returns:
        {"signal_error": share of the image, squared, minus alpha_bar; "noise_error": share of the
        noise, squared, minus what is left; "forward_residue": root mean square of what is
        neither}.
    """
    eps, t = _random(x0), _spread(schedule, x0)
    xt = DDPM(None, schedule.tensor("beta")).add_noise(x0, t, eps)
    rows = []
    for step in np.unique(t.numpy()):
        mine = t.numpy() == step
        parts = np.stack([x0.numpy()[mine].ravel(), eps.numpy()[mine].ravel()], 1).astype("f8")
        target = xt.numpy()[mine].ravel()
        shares = np.linalg.lstsq(parts, np.nan_to_num(target, nan=FAR), rcond=None)[0]
        squares = shares * np.abs(shares)  # a share below 0 is no share
        left = schedule.alpha_bar[step]
        residue = np.sqrt(np.square(target - parts @ shares).mean())
        rows.append([squares[0] - left, squares[1] - (1 - left), residue])
    worst = np.abs(rows).argmax(axis=0)
    names = ("signal_error", "noise_error", "forward_residue")
    return {name: rows[row][column] for column, (name, row) in enumerate(zip(names, worst))}


def loss_ratio(schedule, predict_noise, x0):
    """The assignment's loss over the mean square error of the noise on the same images.

    Returns:
        {"loss_ratio": 1 if right}.
    """
    eps, t = _random(x0), _spread(schedule, x0)
    ddpm = DDPM(predict_noise, schedule.tensor("beta"))
    predicted = predict_noise(ddpm.add_noise(x0, t, eps), t)
    return {"loss_ratio": float(ddpm.loss(x0, t, eps)) / float((predicted - eps).square().mean())}


@dataclass
class Known:
    """In place of a Denoiser: it knows the images, so it makes no mistake.

    Attributes:
        y: the images [B, C, H, W] float32, a row for each image as a Denoiser's labels.
        schedule: Schedule.
    """

    y: paddle.Tensor
    schedule: object

    def x0_and_eps(self, xt, step):
        """The images, and the noise that x_t then has."""
        a, s = (np.sqrt(share) for share in self.shares(step))
        return self.y, eps_from("x0", self.y, xt, float(a), float(s))

    def shares(self, step):
        """Variance of image and noise in x_t."""
        left = self.schedule.alpha_bar[step]
        return left, 1 - left


def backward(schedule, x0):
    """Where a chain of remove_noise leads if the network makes no mistake.

    Returns:
        {"chain_error": root mean square distance of its end from the images, 0 if right;
        "chain_noise": on the way, standard deviation of the noise over what it should be, 1 if
        right; the step where it is farthest from 1}.
    """
    schedule = schedule.respaced(min(CHAIN, len(schedule)))
    rng, known, ratios = numpy_rng(0, "chain"), Known(x0, schedule), [1.0]

    def noise():
        return paddle.to_tensor(rng.standard_normal(x0.shape, np.float32))

    steps = reversed(range(len(schedule)))
    for step, x in zip(steps, ancestral(known, noise(), noise)):
        if step:
            signal, rest = known.shares(step - 1)
            ratios.append(float(((x - signal**0.5 * x0).square().mean() / rest).sqrt()))
    error = float((x - x0).square().mean().sqrt())
    worst = np.nan_to_num(np.log(np.maximum(ratios, 1e-9)), nan=FAR)
    return {"chain_error": error, "chain_noise": ratios[int(np.abs(worst).argmax())]}
