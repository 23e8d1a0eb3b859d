"""What the network predicts - eps, v or x0 - and the algebra between the three.

With a and s the shares of image and noise in x_t (Ho et al. 2020, eq. 4): v = a eps - s x0
(Salimans & Ho 2022, https://arxiv.org/abs/2202.00512, section 4). Any one of eps, v and x0, and
x_t, give the other two.
"""

import numpy as np
import paddle

NAMES = ("eps", "v", "x0")


def eps_from(objective, prediction, xt, a, s):
    """The noise that a prediction stands for.

    Args:
        objective: "eps", "v" or "x0", what `prediction` is.
        prediction, xt: [B, C, H, W] float32. a, s: sqrt(alpha_bar), sqrt(1 - alpha_bar), numbers
            or [B, 1, 1, 1].

    Returns:
        [B, C, H, W] float32.
    """
    if objective == "v":
        return s * xt + a * prediction
    if objective == "x0":
        return (xt - a * prediction) / s
    return prediction


def x0_from(objective, prediction, xt, a, s):
    """The clean image that a prediction stands for; arguments as in `eps_from`."""
    if objective == "v":
        return a * xt - s * prediction
    if objective == "eps":
        return (xt - s * prediction) / a
    return prediction


def target(objective, x0, eps, a, s):
    """What the network should predict for an image and the noise added to it."""
    if objective == "v":
        return a * eps - s * x0
    return eps if objective == "eps" else x0


def snr_weight(schedule, objective, gamma):
    """Min-SNR weights of the loss: min(SNR, gamma) on the x0 scale, and what that is here.

    Hang et al. 2023 (https://arxiv.org/abs/2303.09556), section 3.4: SNR-weighted steps near t = 0
    would otherwise dominate.

    Args:
        schedule: Schedule. objective: "eps", "v" or "x0". gamma: 5 in the paper; 0: no weights.

    Returns:
        [T] float64, or None.
    """
    if not gamma:
        return None
    snr = schedule.snr
    scale = {"eps": snr, "v": snr + 1, "x0": np.ones_like(snr)}[objective]
    return np.minimum(snr, gamma) / scale


class Objective:
    """What the network of a run predicts, and how its predictions are read as noise.

    Args:
        schedule: Schedule. name: "eps", "v" or "x0". gamma: of min-SNR, 0 for none.
    """

    def __init__(self, schedule, name="eps", gamma=0.0):
        self.name = name
        self.a = paddle.to_tensor(np.sqrt(schedule.alpha_bar), "float32")
        self.s = paddle.to_tensor(np.sqrt(1 - schedule.alpha_bar), "float32")
        weight = snr_weight(schedule, name, gamma)
        self.root = None if weight is None else paddle.to_tensor(np.sqrt(weight), "float32")

    def noise(self, prediction, xt, t):
        """The noise that a prediction [B, C, H, W] for x_t at t [B] stands for."""
        return eps_from(self.name, prediction, xt, at(self.a, t), at(self.s, t))

    def noise_for_loss(self, prediction, x0, t, eps):
        """eps plus the (weighted) error of the prediction against its own target.

        The mean square of `eps - noise_for_loss(...)`, the assignment's `loss`, is then the loss on
        v or x0 (or with min-SNR weights), although it only ever compares noise.

        Args:
            prediction, x0, eps: [B, C, H, W] float32. t: [B] int64.
        """
        if self.name == "eps" and self.root is None:
            return prediction
        error = prediction - target(self.name, x0, eps, at(self.a, t), at(self.s, t))
        return eps + (error if self.root is None else error * at(self.root, t))


def at(table, t):
    """table[t] as [B, 1, 1, 1]; raises if a t is out of range (indexing would not)."""
    return paddle.gather(table, t).reshape([-1, 1, 1, 1])
