"""Numbers of a VAE on held-out images: the bound and its parts, active units, a better bound."""

import numpy as np
import paddle

from common.training.trainer import as_batches
from vae.assignment import kl_div_loss, reparameterize

ACTIVE = 0.01  # variance of a posterior mean over the images from which a unit counts as active


@paddle.no_grad()
def bound(model, likelihood, images):
    """The evidence lower bound with one z an image, whatever beta the training used.

    Kingma & Welling 2014, equation 3.

    Args:
        model: VAE in eval mode. likelihood: see likelihoods.py. images: ImageSet.

    Returns:
        {"test_recon", "test_kl", "test_neg_elbo"}: means per image. KL is in nats, the rest in
        the likelihood's unit.
    """
    recon = kl = 0.0
    for x, y in as_batches(images):
        mu, logvar = model.encode(x, y)
        z = reparameterize(mu, logvar, paddle.randn(mu.shape))
        recon += len(x) * float(likelihood.loss(model.logits(z, y), x))
        kl += len(x) * float(kl_div_loss(mu, logvar))
    recon, kl = recon / len(images), kl / len(images)
    return {"test_recon": recon, "test_kl": kl, "test_neg_elbo": recon + kl}


@paddle.no_grad()
def importance_bound(model, likelihood, images, samples):
    """IWAE-k: -log (1/k) sum_k p(x|z_k) p(z_k) / q(z_k|x), a tighter bound than -ELBO.

    Burda et al. 2016, equation 8. With k = 1 it is -ELBO; it falls towards -log p(x) as k grows.

    Args:
        model, likelihood, images: as in `bound`; the likelihood needs `per_image`.
        samples: k.

    Returns:
        float, mean per image.
    """
    total = 0.0
    for x, y in as_batches(images):
        mu, logvar = model.encode(x, y)
        weights = [_log_weight(model, likelihood, x, y, mu, logvar) for _ in range(samples)]
        total -= log_mean_exp(np.stack(weights)).sum()
    return float(total / len(images))


def _log_weight(model, likelihood, x, y, mu, logvar):
    """log p(x|z) + log p(z) - log q(z|x) for one z an image: [B] float64."""
    eps = paddle.randn(mu.shape)
    z = reparameterize(mu, logvar, eps)
    prior_to_posterior = 0.5 * (logvar + eps * eps - z * z).sum(axis=1)
    return (prior_to_posterior - likelihood.per_image(model.logits(z, y), x)).numpy().astype("f8")


def log_mean_exp(values):
    """log of the mean of exp over axis 0, without overflow: [k, B] -> [B]."""
    top = values.max(axis=0)
    return top + np.log(np.exp(values - top).mean(axis=0))


@paddle.no_grad()
def posterior(model, images):
    """mu and logvar of q(z|x) for every image: two of [N, latent_dim] float32."""
    pairs = [model.encode(x, y) for x, y in as_batches(images)]
    return tuple(np.concatenate([part.numpy() for part in parts]) for parts in zip(*pairs))


@paddle.no_grad()
def reconstruction(model, images, mu, classifier=None):
    """How good the images decoded from the means of their codes are.

    Args:
        model: VAE in eval mode. images: ImageSet. mu: [N, Z] float32, of the same images.
        classifier: Classifier, or None.

    Returns:
        {"test_mse": per pixel value, [0, 1] scale}; with a classifier also {"recon_accuracy":
        share of reconstructions that it puts into the class of the original,
        "recon_class_accuracy": the same by class, None for a class that is absent}.
    """
    total, start, seen = 0.0, 0, []
    for x, y in as_batches(images):
        x_hat = model.decode(paddle.to_tensor(mu[start : start + len(x)]), y)
        total += float((x_hat - x).square().sum())
        start += len(x)
        if classifier:
            seen.append(classifier.predict(x_hat.numpy()))
    found = {"test_mse": total / (len(images) * int(np.prod(images.shape)))}
    if classifier:
        right = np.concatenate(seen) == images.labels
        classes = [right[images.labels == label] for label in range(images.num_classes)]
        found["recon_accuracy"] = float(right.mean())
        found["recon_class_accuracy"] = [float(c.mean()) if len(c) else None for c in classes]
    return found


def kl_per_dimension(mu, logvar):
    """KL of each latent dimension, mean over the images: two of [N, Z] -> [Z], in nats."""
    columns = (np.float64(values).T[:, :, None] for values in (mu, logvar))  # [Z, N, 1] each
    pairs = zip(*map(paddle.to_tensor, columns))
    return np.array([float(kl_div_loss(*pair)) for pair in pairs])


def active_units(mu):
    """How many latent dimensions carry something: variance of mu over the images > 0.01.

    Burda et al. 2016, section 5.2. mu: [N, Z] -> int; 0 is posterior collapse.
    """
    return int((np.asarray(mu, np.float64).var(axis=0) > ACTIVE).sum())


@paddle.no_grad()
def sample(model, prior, count, labels=None, batch_size=500):
    """Images: z from the prior, then the decoder's mean.

    Args:
        model: VAE. prior: see prior.py. count: how many. labels: [count] int64 for a conditional
            model.

    Returns:
        [count, C, H, W] float32 in [0, 1].
    """
    images = []
    for start in range(0, count, batch_size):
        chosen = labels[start : start + batch_size] if model.classes else None
        z = prior.draw(min(batch_size, count - start), chosen)
        y = paddle.to_tensor(chosen) if model.classes else None
        images.append(model.decode(z, y).numpy())
    return np.concatenate(images)
