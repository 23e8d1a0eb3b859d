"""From noise to images: three samplers, each a short loop around the network.

`ancestral` is Ho et al. 2020, algorithm 2, and calls the assignment's `remove_noise`. `ddim` is
Song et al. 2021 (https://arxiv.org/abs/2010.02502). `dpmpp_2m` is DPM-Solver++(2M), Lu et al. 2022
(https://arxiv.org/abs/2211.01095), algorithm 2. All are generators: they yield the batch after
each step, and what they yield last are the images, [B, C, H, W] float32 in about [-1, 1].
"""

import math
from dataclasses import dataclass, replace

import numpy as np
import paddle

from common.runtime import numpy_rng
from diffusion.assignment import DDPM
from diffusion.objective import eps_from, x0_from

SPACING = {"dpmpp_2m": 1.5, "consistency": None}  # `power` of Schedule.respaced; 1 for the others


@dataclass
class Denoiser:
    """The network as samplers see it: guided, and clipped if wished, for one batch of labels.

    Classifier-free guidance (Ho & Salimans 2022, https://arxiv.org/abs/2207.12598) in the form
    prediction = without class + w (with class - without class): 0 is without, 1 with the class.

    Attributes:
        network: (xt, t [B] int64, y [B] int64) -> [B, C, H, W].
        schedule: Schedule of the chain that is walked (after `respaced`).
        y: [B] int64 array, the classes wanted.
        no_class: the label that means "no class".
        objective: what the network predicts: "eps", "v" or "x0".
        guidance: w. clip: keep the estimate of x0 in [-1, 1].
    """

    network: object
    schedule: object
    y: np.ndarray
    no_class: int
    objective: str = "eps"
    guidance: float = 1.0
    clip: bool = True

    def __post_init__(self):
        self.a = np.sqrt(self.schedule.alpha_bar)
        self.s = np.sqrt(1 - self.schedule.alpha_bar)

    def predict(self, xt, step):
        """The guided prediction of the network at a step of the chain."""
        none = np.full_like(self.y, self.no_class)
        if self.guidance in (0, 1):
            return self._network(xt, step, self.y if self.guidance else none)
        both = self._network(paddle.concat([xt, xt]), step, np.concatenate([self.y, none]))
        with_class, without = both.chunk(2)
        return without + self.guidance * (with_class - without)

    def _network(self, xt, step, y):
        t = paddle.full([len(y)], int(self.schedule.timesteps[step]), "int64")
        return self.network(xt, t, paddle.to_tensor(y))

    def x0_and_eps(self, xt, step):
        """Estimates of the clean image and of the noise that agree with each other and x_t."""
        a, s = float(self.a[step]), float(self.s[step])
        prediction = self.predict(xt, step)
        x0 = x0_from(self.objective, prediction, xt, a, s)
        if not self.clip:
            return x0, eps_from(self.objective, prediction, xt, a, s)
        x0 = x0.clip(-1, 1)
        return x0, (xt - a * x0) / s


def ancestral(denoiser, x, noise, variance="small"):
    """Ancestral sampling, algorithm 2 of Ho et al., by the assignment's `remove_noise`.

    Args:
        denoiser: Denoiser. x: [B, C, H, W] float32, N(0, I). noise: () -> the like of x, fresh.
        variance: "small" is eq. (7), "large" is beta (Ho et al., section 3.2).
    """
    chain = _Chain(denoiser, variance)
    for step in reversed(range(len(denoiser.schedule))):
        x = chain.back(x, step, noise())
        yield x


class _Chain(DDPM):
    """The assignment's DDPM with a Denoiser for its network.

    Its tables come by way of float64: in a short chain 1 - beta cancels in float32.
    """

    def __init__(self, denoiser, variance):
        schedule = denoiser.schedule
        super().__init__(self._noise, schedule.tensor("beta"))
        self.alpha, self.alpha_bar = schedule.tensor("alpha"), schedule.tensor("alpha_bar")
        self.sigma_square = schedule.tensor(f"variance_{variance}")
        self.denoiser = denoiser

    def back(self, x, step, eps):
        """x_{t-1} of x_t for the number of a step."""
        self.step, self.first_row = step, 0
        return self.remove_noise(x, paddle.full([len(x)], step, "int64"), eps)

    def _noise(self, xt, t):
        """predict_noise at `self.step`, which is t: to read t would wait for a GPU.

        `remove_noise` may ask for one row after the other.
        """
        denoiser, rows = self.denoiser, slice(self.first_row, self.first_row + len(xt))
        if len(xt) < len(denoiser.y):
            denoiser = replace(denoiser, y=denoiser.y[rows])
        self.first_row = rows.stop
        return denoiser.x0_and_eps(xt, self.step)[1]


def ddim(denoiser, x, noise, eta=0.0):
    """DDIM, eq. (12) of Song et al.; eta = 0 draws no noise, eta = 1 is ancestral sampling.

    Args:
        denoiser, x, noise: as for `ancestral`. eta: scales sigma, eq. (16).
    """
    schedule = denoiser.schedule
    sigma = eta * np.sqrt(schedule.variance_small)
    away = np.sqrt(1 - schedule.alpha_bar_prev - sigma**2)  # of the direction to x_t
    for step in reversed(range(len(schedule))):
        x0, eps = denoiser.x0_and_eps(x, step)
        x = math.sqrt(schedule.alpha_bar_prev[step]) * x0 + float(away[step]) * eps
        if sigma[step] > 0:
            x = x + float(sigma[step]) * noise()
        yield x


def dpmpp_2m(denoiser, x, noise=None):
    """DPM-Solver++(2M): a second-order multistep solver of the ODE whose first order is DDIM.

    The x0 of two steps are extrapolated, linearly in lambda = log(a / s). The last step, to the
    clean image (lambda = infinity), is of first order. One network evaluation a step.

    Args:
        denoiser, x: as for `ancestral`. noise: not used, it draws none.
    """
    a, s = denoiser.a, denoiser.s
    lam = np.log(a / s)
    before, h_before = None, None
    for step in reversed(range(len(a))):
        x0, _ = denoiser.x0_and_eps(x, step)
        if step == 0:
            yield x0
            return
        h = lam[step - 1] - lam[step]
        estimate = x0
        if before is not None:
            ratio = float(h / (2 * h_before))  # 1 / (2 r) of the paper
            estimate = (1 + ratio) * x0 - ratio * before
        shrink, grow = s[step - 1] / s[step], -a[step - 1] * math.expm1(-h)
        x = float(shrink) * x + float(grow) * estimate
        before, h_before = x0, h
        yield x


def consistency(denoiser, x, noise):
    """Song et al. 2023 (https://arxiv.org/abs/2303.01469), algorithm 1: for a distilled network.

    Each step goes to a clean image at once, and back to less noise. Arguments as of `ancestral`.
    """
    signal = denoiser.schedule.alpha_bar_prev
    for step in reversed(range(len(signal))):
        x, _ = denoiser.x0_and_eps(x, step)
        if step:
            x = math.sqrt(signal[step]) * x + math.sqrt(1 - signal[step]) * noise()
        yield x


@dataclass(frozen=True)
class Settings:
    """How to sample.

    Attributes:
        sampler: of config.SAMPLERS. steps: network evaluations an image (twice as many
            with guidance other than 0 and 1). guidance, clip: see Denoiser. eta: of DDIM.
        variance: of ddpm, "small" or "large". seed: image i depends on (seed, i) alone.
    """

    sampler: str = "ddim"
    steps: int = 50
    guidance: float = 2.0
    clip: bool = True
    eta: float = 0.0
    variance: str = "small"
    seed: int = 0


class Noise:
    """A stream of noise for each image, so that an image does not depend on its batch.

    Args:
        seed: of all. indices: the number of each image in the batch. shape: (C, H, W).
    """

    def __init__(self, seed, indices, shape):
        self.shape = shape
        self.rngs = [numpy_rng(seed, "sample", index) for index in indices]

    def __call__(self):
        """[B, C, H, W] float32, N(0, I)."""
        draws = [rng.standard_normal(self.shape, np.float32) for rng in self.rngs]
        return paddle.to_tensor(np.stack(draws))


def trajectory(denoiser, noise, settings):
    """The generator of one batch: first the noise, then what the sampler yields."""
    x = noise()
    yield x
    if settings.sampler == "ddpm":
        yield from ancestral(denoiser, x, noise, settings.variance)
    elif settings.sampler == "ddim":
        yield from ddim(denoiser, x, noise, settings.eta)
    elif settings.sampler == "consistency":
        yield from consistency(denoiser, x, noise)
    else:
        yield from dpmpp_2m(denoiser, x)
