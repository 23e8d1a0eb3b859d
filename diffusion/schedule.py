"""How much noise at which step: the tables of a diffusion chain, plain data.

Everything is computed in float64, because 1 - alpha_bar cancels near t = 0; `Schedule.tensor` and
the training loss take float32. Steps count from 0: t = 0 is one step of noise. Papers: Ho et al.
2020 (https://arxiv.org/abs/2006.11239), Nichol & Dhariwal 2021 (https://arxiv.org/abs/2102.09672).
"""

from dataclasses import dataclass

import numpy as np
import paddle

from common.errors import UserError

NAMES = ("linear", "cosine")
MAX_BETA = 0.999  # Nichol & Dhariwal 2021, section 3.2: no singularity near t = T
ENDS_IN_NOISE = 1e-3  # the most signal variance that may be left at the last step


@dataclass(frozen=True)
class Schedule:
    """Tables of a chain of T steps, each [T] float64.

    Attributes:
        beta: variance of the noise added at each step, in (0, 1).
        timesteps: int64, the number that the network was trained with for each step; 0 ... T-1,
            or a part of them after `respaced`.
    """

    beta: np.ndarray
    timesteps: np.ndarray

    def __len__(self):
        return len(self.beta)

    @property
    def alpha(self):
        """1 - beta."""
        return 1 - self.beta

    @property
    def alpha_bar(self):
        """Share of the image's variance left: the product of alpha = 1 - beta up to t."""
        return np.cumprod(self.alpha)

    @property
    def alpha_bar_prev(self):
        """alpha_bar one step before; 1 at t = 0."""
        return np.concatenate([[1.0], self.alpha_bar[:-1]])

    @property
    def snr(self):
        """Signal-to-noise ratio alpha_bar / (1 - alpha_bar)."""
        return self.alpha_bar / (1 - self.alpha_bar)

    @property
    def variance_small(self):
        """Variance of q(x_{t-1} | x_t, x_0), eq. (7) of Ho et al.; 0 at t = 0. Right if the data
        are a single point; the assignment's `sigma_square`."""
        return self.beta * (1 - self.alpha_bar_prev) / (1 - self.alpha_bar)

    @property
    def variance_large(self):
        """beta, right if the data are N(0, I) (Ho et al., section 3.2); 0 at t = 0, where no noise
        is added."""
        return np.concatenate([[0.0], self.beta[1:]])

    def tensor(self, name):
        """A table by name as a float32 tensor [T]."""
        return paddle.to_tensor(getattr(self, name).astype(np.float32))

    def respaced(self, steps, power=1.0):
        """A shorter chain through `steps` of these steps, first and last included.

        Its betas are such that alpha_bar is unchanged at every step that is kept: eq. (19) of
        Nichol & Dhariwal.

        Args:
            steps: 1 ... T. power: 1 for even spacing; above 1 the steps are denser near t = 0.
                None: even, and the first of these steps is left out, which would cost an evaluation
                and hardly move an image (Lin et al. 2024, https://arxiv.org/abs/2305.08891).

        Returns:
            Schedule of that length. Raises UserError if steps is out of range.
        """
        if not 1 <= steps <= len(self):
            raise UserError(f"sampling takes 1 to {len(self)} steps here, not {steps}")
        if steps == len(self):
            return self
        kept = trailing(steps, len(self)) if power is None else _both_ends(steps, len(self), power)
        alpha_bar = self.alpha_bar[kept]
        beta = 1 - alpha_bar / np.concatenate([[1.0], alpha_bar[:-1]])
        return Schedule(beta, self.timesteps[kept])


def trailing(steps, of):
    """[steps] int64: every (of / steps)-th of `of` steps, the last included."""
    return np.arange(1, steps + 1) * of // steps - 1


def _both_ends(steps, of, power):
    place = np.linspace(1, 0, steps)[::-1] ** power * (of - 1)
    even = np.arange(steps)  # no step twice, where the spacing is below 1
    return np.minimum(np.maximum(np.round(place), even), of - steps + even).astype(int)


def linear_beta(steps):
    """Ho et al. 2020, section 4: 1e-4 ... 0.02 for T = 1000, scaled by 1000 / T for other T.

    Without the scaling a short chain would not end in noise: at T = 100, 36 % of the image's
    variance would be left.
    """
    scale = 1000 / steps
    return np.minimum(np.linspace(0.02 * scale, 1e-4 * scale, steps)[::-1], MAX_BETA)


def cosine_beta(steps, offset=0.008):
    """Nichol & Dhariwal 2021, eq. (17); `squaredcos_cap_v2` in the words of report 001."""
    t = np.arange(steps + 1) / steps
    f = np.cos((t + offset) / (1 + offset) * np.pi / 2) ** 2
    return np.minimum(1 - f[1:] / f[:-1], MAX_BETA)


def make_schedule(name, steps):
    """A schedule by name.

    Args:
        name: "linear" or "cosine". steps: T >= 1.

    Returns:
        Schedule. Raises UserError for an unknown name or T < 1.
    """
    if name not in NAMES:
        raise UserError(f"--schedule must be one of {', '.join(NAMES)}, not '{name}'")
    if steps < 1:
        raise UserError(f"--timesteps must be at least 1, not {steps}")
    beta = linear_beta(steps) if name == "linear" else cosine_beta(steps)
    schedule = Schedule(beta, np.arange(steps))
    left = schedule.alpha_bar[-1]
    assert left <= ENDS_IN_NOISE * (1 + 1e-9), f"{name}, T = {steps}: {left:.2g} of the image left"
    return schedule
