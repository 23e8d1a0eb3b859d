"""Diffusion in NumPy float64, written from the papers and sharing no line with `diffusion/`.

Tests compare with it. t counts from 0, arrays are [B, C, H, W]; `predict(x, t)` gives eps.
"""

import numpy as np


def linear_alpha_bar(steps):
    alpha_bar, product = [], 1.0
    for t in range(steps):
        first, last = 0.1 / steps * 1.0, 20.0 / steps  # 1e-4 * 1000 / T, 0.02 * 1000 / T
        beta = last if steps == 1 else first + (last - first) * t / (steps - 1)
        product *= 1 - min(beta, 0.999)
        alpha_bar.append(product)
    return np.array(alpha_bar)


def cosine_alpha_bar(steps):
    def f(t):
        return np.cos((t / steps + 0.008) / 1.008 * np.pi / 2) ** 2

    alpha_bar, product = [], 1.0
    for t in range(steps):
        product *= max(f(t + 1) / f(t), 0.001)
        alpha_bar.append(product)
    return np.array(alpha_bar)


def before(alpha_bar, t):
    return alpha_bar[t - 1] if t > 0 else 1.0


def posterior(x0, xt, t, alpha_bar):
    """Mean and variance of q(x_{t-1} | x_t, x_0): Ho et al. 2020, eq. (7)."""
    now, prev = alpha_bar[t], before(alpha_bar, t)
    alpha = now / prev
    mean = (
        np.sqrt(prev) * (1 - alpha) / (1 - now) * x0 + np.sqrt(alpha) * (1 - prev) / (1 - now) * xt
    )
    return mean, (1 - prev) / (1 - now) * (1 - alpha)


def x0_of(eps, xt, ab, clip):
    x0 = (xt - np.sqrt(1 - ab) * eps) / np.sqrt(ab)
    return np.clip(x0, -1, 1) if clip else x0


def ancestral(predict, alpha_bar, x, noises, clip=False):
    for t in range(len(alpha_bar) - 1, -1, -1):
        x0 = x0_of(predict(x, t), x, alpha_bar[t], clip)
        mean, variance = posterior(x0, x, t, alpha_bar)
        x = mean + np.sqrt(variance) * next(noises)
    return x


def ddim(predict, alpha_bar, x, noises=None, eta=0.0, clip=False):
    for t in range(len(alpha_bar) - 1, -1, -1):
        now, prev = alpha_bar[t], before(alpha_bar, t)
        x0 = x0_of(predict(x, t), x, now, clip)
        eps = (x - np.sqrt(now) * x0) / np.sqrt(1 - now)
        sigma = eta * np.sqrt((1 - prev) / (1 - now) * (1 - now / prev))
        x = np.sqrt(prev) * x0 + np.sqrt(1 - prev - sigma**2) * eps
        if sigma > 0:
            x = x + sigma * next(noises)
    return x


def dpmpp_2m(predict, alpha_bar, x, clip=False):
    """DPM-Solver++(2M) with the divided difference D1 written out: Lu et al. 2022, algorithm 2."""
    a, s = np.sqrt(alpha_bar), np.sqrt(1 - alpha_bar)
    lam = np.log(a) - np.log(s)
    order = list(range(len(alpha_bar) - 1, -1, -1))
    m_prev = None
    for i, t in enumerate(order):
        m = x0_of(predict(x, t), x, alpha_bar[t], clip)
        if t == 0:
            return m
        n = order[i + 1]
        h = lam[n] - lam[t]
        d = m
        if m_prev is not None:
            r = (lam[t] - lam[order[i - 1]]) / h
            d = m + (m - m_prev) / (2 * r)
        x = s[n] / s[t] * x - a[n] * (np.exp(-h) - 1) * d
        m_prev = m
    return x


def gaussian_eps(xt, ab, mean, variance):
    """E[eps | x_t] where the data are N(mean, variance): the best that a network can do."""
    return np.sqrt(1 - ab) * (xt - np.sqrt(ab) * mean) / (ab * variance + 1 - ab)


def gaussian_flow(x, ab, mean, variance):
    """Where the noise-free ODE takes x from a level ab to clean data, for N(mean, variance)."""
    return mean + np.sqrt(variance) * (x - np.sqrt(ab) * mean) / np.sqrt(ab * variance + 1 - ab)
