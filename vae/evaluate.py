"""Numbers of a VAE on held-out images: the ELBO and its parts, IWAE, active units, its samples."""

import sys
import time

import numpy as np
import paddle

from common.datasets import feed_in_order
from common.language import say
from common.runtime import seed_step
from common.training.trained import load
from vae import likelihoods, models, prior
from vae.assignment import kl_div_loss, reparameterize
from vae.config import Config

WHITE = 0.7  # a pixel value above it is white
COMPARED, DRAWS = 500, 4  # test images of `agreement`, pairs of codes drawn for each
FAR = 1e9  # in place of what is not finite
ACTIVE = 0.01  # variance of a posterior mean over the images from which a unit counts as active


def load_trained(path):
    """The Trained of a finished run, see `common/training/trained.py`."""
    return load(path, "vae", Config, models.build)


@paddle.no_grad()
def elbo(model, likelihood, images):
    """The evidence lower bound with one z an image, whatever beta the training used.

    Kingma & Welling 2014, equation 3.

    Args:
        model: VAE in eval mode. likelihood: see likelihoods.py. images: ImageSet.

    Returns:
        {"test_recon", "test_kl", "test_neg_elbo"}: means per image. KL is in nats, the rest in
        the likelihood's unit.
    """
    recon = kl = 0.0
    for x, y in feed_in_order(images):
        mu, logvar = model.encode(x, y)
        z = reparameterize(mu, logvar, paddle.randn(mu.shape))
        recon += len(x) * float(likelihood.loss(model.logits(z, y), x))
        kl += len(x) * float(kl_div_loss(mu, logvar))
    recon, kl = recon / len(images), kl / len(images)
    return {"test_recon": recon, "test_kl": kl, "test_neg_elbo": recon + kl}


@paddle.no_grad()
def iwae(model, likelihood, images, samples):
    """IWAE-k: -log (1/k) sum_k p(x|z_k) p(z_k) / q(z_k|x), a tighter bound than -ELBO.

    Burda et al. 2016, equation 8. With k = 1 it is -ELBO; it falls towards -log p(x) as k grows.

    Args:
        model, likelihood, images: as in `elbo`; the likelihood needs `per_image`.
        samples: k.

    Returns:
        float, mean per image.
    """
    total = 0.0
    for x, y in feed_in_order(images):
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
    pairs = [model.encode(x, y) for x, y in feed_in_order(images)]
    return tuple(np.concatenate([part.numpy() for part in parts]) for parts in zip(*pairs))


@paddle.no_grad()
def reconstruction(model, images, mu, classifier=None):
    """How good the images decoded from the means of their codes are.

    Args:
        model: VAE in eval mode. images: ImageSet. mu: [N, Z] float32, of the same images.
        classifier: Classifier, or None.

    Returns:
        {"test_mse": per pixel value, [0, 1] scale, "test_mse_white": of white pixels, mean of the
        images that have some, "test_images": N, "standard_error": {"test_mse",
        "test_mse_white"}, over the images}; with a classifier also {"recon_accuracy": share of
        reconstructions that it puts into the class of the original, "recon_class_accuracy": the
        same by class, None for a class that is absent}.
    """
    start, seen, errors = 0, [], []
    for x, y in feed_in_order(images):
        x_hat = model.decode(paddle.to_tensor(mu[start : start + len(x)]), y)
        errors.append(_image_errors(x_hat.numpy(), x.numpy()))
        start += len(x)
        if classifier:
            seen.append(classifier.predict(x_hat.numpy()))
    found = _means(np.concatenate(errors, axis=1))
    if classifier:
        right = np.concatenate(seen) == images.labels
        classes = [right[images.labels == label] for label in range(images.num_classes)]
        found["recon_accuracy"] = float(right.mean())
        found["recon_class_accuracy"] = [float(c.mean()) if len(c) else None for c in classes]
    return found


def _image_errors(x_hat, x):
    """Mean squared error of each image, and of its white values (NaN if none): [2, B] float64."""
    error = np.float64(x_hat - x).reshape(len(x), -1) ** 2
    white = x.reshape(len(x), -1) > WHITE
    count = np.where(white.any(axis=1), white.sum(axis=1), np.nan)
    return np.stack([error.mean(axis=1), (error * white).sum(axis=1) / count])


def _means(errors):
    """`test_mse` and `test_mse_white` of [2, N] errors, with their standard errors."""
    found = {"test_images": errors.shape[1], "standard_error": {}}
    for name, values in zip(("test_mse", "test_mse_white"), errors):
        values = values[np.isfinite(values)]
        if len(values):
            found[name] = float(values.mean())
            found["standard_error"][name] = float(values.std() / np.sqrt(len(values)))
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
def sample(model, source, count, labels=None, batch_size=500):
    """Images: z from the prior, then the decoder's mean.

    Args:
        model: VAE. source: see prior.py. count: how many. labels: [count] int64 for a conditional
            model.

    Returns:
        [count, C, H, W] float32 in [0, 1].
    """
    images = []
    for start in range(0, count, batch_size):
        chosen = labels[start : start + batch_size] if model.classes else None
        z = source.sample(min(batch_size, count - start), chosen)
        y = paddle.to_tensor(chosen) if model.classes else None
        images.append(model.decode(z, y).numpy())
    return np.concatenate(images)


@paddle.no_grad()
def agreement(model, likelihood, images):
    """Whether the assignment's functions agree with one another on an ImageSet.

    Returns:
        {"z_shift": how far the mean of z over eps and -eps is from mu, in standard deviations, 0 if
        right; "z_variance": of the drawn z over what logvar asks for, 1 if right;
        "kl_error": kl_div_loss against the mean of log q(z|x) - log p(z) over drawn z, relative;
        "recon_mean", ...: see `pixels`; with the region-weighted loss also "white_share": share of
        the squared error that is white by this loss, if its weights differ}.
    """
    from common.evaluation.pixels import pixels

    x, y = map(paddle.to_tensor, images.batch(slice(None)))
    mu, logvar = model.encode(x, y)
    eps = paddle.randn([max(DRAWS, COMPARED * DRAWS // len(images)), *mu.shape])
    eps = paddle.concat([eps, -eps])  # in pairs: half of the chance cancels
    z = paddle.stack([reparameterize(mu, logvar, noise) for noise in eps])
    drawn = float(0.5 * (z * z - logvar - eps * eps).sum(axis=-1).mean())
    x_hat, variance = model.decode(mu, y), paddle.exp(logvar)
    found = {
        "z_shift": float(((z.mean(axis=0) - mu).square() / variance).mean().sqrt()),
        "z_variance": float(((z - mu).square() / variance).mean()),
        "kl_error": (float(kl_div_loss(mu, logvar)) - drawn) / max(abs(drawn), 0.1),
        **likelihoods.shares(likelihood, x_hat, x),
        **pixels(x_hat, "recon"),
    }
    return {name: float(np.clip(np.nan_to_num(v, nan=FAR), -FAR, FAR)) for name, v in found.items()}


def measure(trained, source):
    """The numbers of metrics.json, on test images.

    Args:
        trained: Trained. source: where z of the samples comes from, see prior.py.
    """
    from common.evaluation.classifier import load_classifier

    model, config, data = trained.model, trained.config, trained.data
    likelihood = likelihoods.build(config)
    # The classifier seeds Paddle, so it comes before the seed of what follows.
    classifier = load_classifier(config, data) if config.samples else None
    seed_step(config.seed, "evaluate")  # the z of the last row of history.csv
    bound = elbo(model, likelihood, data.test)
    seed_step(config.seed, "measure")
    mu, logvar = posterior(model, data.test)
    numbers = {
        **bound,
        "unit": likelihood.unit,
        "active_units": active_units(mu),
        "kl_per_dimension": kl_per_dimension(mu, logvar).tolist(),
        **importance_bounds(trained, likelihood),
        **sample_quality(trained, source, classifier),
    }
    decoded = reconstruction(model, data.test, mu, classifier)
    errors = {**numbers.get("standard_error", {}), **decoded["standard_error"]}
    numbers |= {
        **decoded,
        "standard_error": errors,
        **agreement(model, likelihood, data.test.first(COMPARED)),
        "parameters": sum(int(p.size) for p in model.parameters()),
        "train_class_counts": _class_counts(data.train),
    }
    # BEGIN TEACHER
    from vae import latent_numbers  # which imports this module

    numbers |= latent_numbers.measure(trained, classifier, mu, logvar)
    # END TEACHER
    if not numbers["active_units"]:
        numbers["warning"] = (
            "posterior collapse: no latent unit is active, so z says nothing of the image; "
            "try --kl-warmup, a smaller --beta, or a longer training"
        )
        say(f"warning: {numbers['warning']}", file=sys.stderr)
    return numbers


def _class_counts(images):
    """How many images each class has: list of int."""
    return np.bincount(images.labels, minlength=images.num_classes).tolist()


def importance_bounds(trained, likelihood):
    """-ELBO and IWAE-k on the same test images, where the likelihood is one."""
    k, images = trained.config.iwae, trained.data.test.first(trained.config.iwae_images)
    if not k or likelihood.per_image is None:
        return {}
    arguments = (trained.model, likelihood, images)
    return {
        "iwae_images": len(images),
        "iwae_1": iwae(*arguments, 1),
        f"iwae_{k}": iwae(*arguments, k),
    }


def sample_quality(trained, source, classifier):
    """Accuracy and FID of generated images under the independent classifier; time of drawing one.

    Where z is drawn from a mixture, "standard_normal" holds the same numbers of z ~ N(0, I).
    """
    if not classifier:
        return {}
    from common.evaluation import metrics

    model, config, data = trained.model, trained.config, trained.data
    labels = metrics.sample_labels(data.test.labels, config.samples, config.seed)

    def quality(source):
        began = time.perf_counter()
        images = sample(model, source, config.samples, labels)
        seconds = time.perf_counter() - began
        found = metrics.sample_quality(classifier, data, images, labels if model.classes else None)
        return {**found, "ms_per_sample": 1000 * seconds / config.samples}

    numbers = quality(source)
    if config.prior == "mixture":
        plain = quality(prior.StandardNormal(model.latent_dim))
        kept = ("conditional_accuracy", "fid", "fid_1000", "diversity", "sharpness")
        kept += ("class_histogram", "samples", "standard_error", "sure_share")
        numbers["standard_normal"] = {name: plain[name] for name in kept if name in plain}
    return numbers
