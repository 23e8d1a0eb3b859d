"""The right answers in NumPy float64, for the teacher only.

Independent of the three assignment files: nothing here imports them, or Paddle. What is known to go
wrong stands in mistakes_vae.py and mistakes_ddpm.py.
"""

import numpy as np

# --- reparameterize (Kingma & Welling 2014, section 2.4) ----------------------------------------


def reparameterize(mu, logvar, eps):
    """z = mu + sigma * eps, all [B, Z]."""
    return mu + np.exp(logvar / 2) * eps


# --- kl_div_loss (Kingma & Welling 2014, appendix B) --------------------------------------------


def kl_terms(mu, logvar):
    """KL of each dimension, [B, Z], nats."""
    return 0.5 * (mu**2 + np.exp(logvar) - 1 - logvar)


def kl_div_loss(mu, logvar):
    """Sum over Z, mean over B."""
    return kl_terms(mu, logvar).sum(axis=1).mean()


def kl_gradients(mu, logvar):
    """d kl_div_loss / d mu and / d logvar, [B, Z] each."""
    return mu / len(mu), 0.5 * (np.exp(logvar) - 1) / len(mu)


# --- region_weighted_loss -----------------------------------------------------------------------


def region_weights(x, threshold=0.7, white=1.0, black=0.3):
    """[B, C, H, W]: the weight of every pixel value of the target."""
    return np.where(x > threshold, white, black)


def region_weighted_loss(x_hat, x, threshold=0.7, white=1.0, black=0.3):
    """Weighted squared error, sum over C, H, W, mean over B."""
    return image_mean(region_weights(x, threshold, white, black) * (x_hat - x) ** 2)


def region_gradient(x_hat, x, threshold=0.7, white=1.0, black=0.3):
    """d loss / d x_hat, [B, C, H, W]."""
    return 2 * region_weights(x, threshold, white, black) * (x_hat - x) / len(x)


def image_mean(terms):
    return terms.reshape(len(terms), -1).sum(axis=1).mean()


# --- DDPM (Ho et al. 2020) -----------------------------------------------------------------------


def schedule(beta):
    """The tables of DDPM from beta [T], float64."""
    beta = np.asarray(beta, np.float64)
    alpha_bar = np.cumprod(1 - beta)
    before = np.concatenate([[1.0], alpha_bar[:-1]])
    tables = {"beta": beta, "alpha": 1 - beta, "alpha_bar": alpha_bar, "before": before}
    return {**tables, "sigma_square": beta * (1 - before) / (1 - alpha_bar)}


def at(table, t):
    """table[t] as [B, 1, 1, 1] or [1, 1, 1, 1]; a step below 0 counts from the end."""
    last = len(table) - 1
    return table[np.minimum(np.asarray(t), last).reshape(-1)].reshape(-1, 1, 1, 1)


def add_noise(s, x0, t, eps):
    """Eq. (4). s: schedule(beta); x0, eps [B, C, H, W]; t [B] or 0-D."""
    alpha_bar = at(s["alpha_bar"], t)
    return np.sqrt(alpha_bar) * x0 + np.sqrt(1 - alpha_bar) * eps


def network(scale, shift, x, t):
    """The network that stands in for the U-Net: scale * x + shift[t]."""
    return scale * x + at(np.asarray(shift, np.float64), t)


def remove_noise(s, xt, t, eps, model):
    """Algorithm 2, line 4, with sigma_square (eq. 7). model: (xt, t) -> predicted noise."""
    return mean_of_step(s, xt, t, model(xt, t)) + np.sqrt(at(s["sigma_square"], t)) * eps


def mean_of_step(s, xt, t, predicted):
    alpha, alpha_bar, beta = (at(s[n], t) for n in ("alpha", "alpha_bar", "beta"))
    return (xt - beta / np.sqrt(1 - alpha_bar) * predicted) / np.sqrt(alpha)


def loss(xt, t, eps, scale, shift):
    """Eq. (14): the mean squared error of the predicted noise, from a given x_t."""
    return np.mean((eps - network(scale, shift, xt, t)) ** 2)


def loss_gradients(xt, t, eps, scale, shift):
    """d loss / d scale [1] and / d shift [T]."""
    residual = -2 * (eps - network(scale, shift, xt, t)) / xt.size
    rows = np.broadcast_to(np.asarray(t).reshape(-1), (len(xt),))
    d_shift = np.zeros(len(shift))
    np.add.at(d_shift, rows, residual.reshape(len(xt), -1).sum(axis=1))
    return np.array([(residual * xt).sum()]), d_shift
