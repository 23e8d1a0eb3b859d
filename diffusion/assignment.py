"""Assignment 3: a denoising diffusion probabilistic model, written by hand.

Three methods to write, in this order. Check each with `pytest tests/todo -k NAME`, then train
with `python diffusion/run.py`. Each has a page in docs/guide, with pictures and questions.
Paper: Ho, Jain & Abbeel 2020, https://arxiv.org/abs/2006.11239.

Steps are counted from 0 here: t = 0 is one step of noise, which the paper calls t = 1.
"""

import paddle


class DDPM:
    """The forward (noising) and reverse (denoising) steps of Ho et al. 2020.

    Attributes, all tables [T] float32, one entry a step:
        beta: variance of the noise added at each step.
        alpha: 1 - beta.
        alpha_bar: cumulative product of alpha, the share of signal variance left.
        sigma_square: variance of q(x_{t-1} | x_t, x_0), eq. (7); 0 at t = 0.
        predict_noise: the network, (x_t, t) -> [B, C, H, W], its estimate of eps.
    """

    def __init__(self, predict_noise, beta):
        """Keep the network and compute the tables (given, nothing to write here).

        Args:
            predict_noise: callable (x_t [B, C, H, W], t int64 [B] or 0-D) -> [B, C, H, W].
            beta: [T] float32, each in (0, 1).
        """
        self.predict_noise = predict_noise
        self.beta = beta
        self.alpha = 1 - beta
        self.alpha_bar = paddle.cumprod(self.alpha, dim=0)
        alpha_bar_prev = paddle.concat([paddle.ones([1], dtype=beta.dtype), self.alpha_bar[:-1]])
        self.sigma_square = beta * (1 - alpha_bar_prev) / (1 - self.alpha_bar)

    def add_noise(self, x0, t, eps):
        """Jump from a clean image to step t: a sample of q(x_t | x_0), eq. (4).

        Args:
            x0: [B, C, H, W] float32, clean images, range [-1, 1].
            t: int64, [B] or 0-D (one step for the whole batch), 0 ... T-1.
            eps: [B, C, H, W] float32, the noise, N(0, I).

        Returns:
            x_t: [B, C, H, W] float32.
        """
        # BEGIN SOLUTION add_noise
        alpha_bar = _at(self.alpha_bar, t)
        return paddle.sqrt(alpha_bar) * x0 + paddle.sqrt(1 - alpha_bar) * eps  # eq. (4)
        # END SOLUTION

    def remove_noise(self, xt, t, eps):
        """One step of ancestral sampling, from x_t to x_{t-1}: algorithm 2, line 4.

        The variance is `sigma_square` (eq. 7). At t = 0 no noise is added.

        Args:
            xt: [B, C, H, W] float32, the noisy images.
            t: int64, [B] or 0-D, 0 ... T-1.
            eps: [B, C, H, W] float32, fresh noise N(0, I) (z in the paper).

        Returns:
            x_{t-1}: [B, C, H, W] float32.
        """
        # BEGIN SOLUTION remove_noise
        alpha, alpha_bar, beta = _at(self.alpha, t), _at(self.alpha_bar, t), _at(self.beta, t)
        predicted = self.predict_noise(xt, t)
        mean = (xt - beta / paddle.sqrt(1 - alpha_bar) * predicted) / paddle.sqrt(alpha)  # eq. (11)
        return mean + paddle.sqrt(_at(self.sigma_square, t)) * eps  # sigma_square[0] is 0
        # END SOLUTION

    def loss(self, x0, t, eps):
        """The simple training objective, eq. (14): how well the network predicts eps.

        Args:
            x0: [B, C, H, W] float32, clean images, range [-1, 1].
            t: int64, [B] or 0-D, 0 ... T-1.
            eps: [B, C, H, W] float32, the noise to add and to predict, N(0, I).

        Returns:
            0-D float32, mean squared error over all elements.
        """
        # BEGIN SOLUTION loss
        xt = self.add_noise(x0, t, eps)
        return (eps - self.predict_noise(xt, t)).square().mean()
        # END SOLUTION


# BEGIN SOLUTION add_noise
def _at(table, t):
    """table[t], shaped [B, 1, 1, 1] so that it broadcasts over images; t out of range raises."""
    return paddle.gather(table, t.reshape([-1])).reshape([-1, 1, 1, 1])


# END SOLUTION
