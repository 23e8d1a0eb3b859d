"""Numbers of the latent space: classes, holes, line, plane, walks; how steady the loss is."""

import numpy as np
import paddle

from common.evaluation import latent_metrics, metrics
from common.evaluation.sample_statistics import sure
from common.evaluation.walks import STEPS
from common.runtime import numpy_rng, seed_step
from vae import latent_figures, likelihoods
from vae.assignment import kl_div_loss, reparameterize
from vae.evaluate import posterior

LINE = np.linspace(-3, 3, 121, dtype=np.float32)  # places of z, 0.05 apart
PLANE = np.linspace(-5, 5, latent_figures.SIDE)  # of either axis, as in `manifold-grid`
WALKS, EVEN = 200, 3  # pairs; times the mean step of a walk
BATCHES, DECODED = 50, 500  # batches whose loss is looked at; images decoded at a time


def measure(trained, classifier, mu, logvar):
    """The numbers that fit the model.

    Args:
        trained: Trained. classifier: Classifier, or None. mu, logvar: [N, Z] float32, posteriors of
            the first N test images.

    Returns:
        {"posterior_std": mean standard deviation of q(z|x), "batch_spread": see there}, those of
        `code_quality` and, with a classifier, those of `walks` and of `line` or `plane`.
    """
    model, config, labels = trained.model, trained.config, trained.data.test.labels
    found = {
        **code_quality(trained, classifier, mu),
        "posterior_std": float(np.exp(0.5 * np.float64(logvar)).mean()),
        "batch_spread": batch_spread(trained),
    }
    if classifier and len(mu) > 1:
        found |= walks(model, classifier, mu, labels[: len(mu)], config.seed)
    measured = {1: line, 2: plane}.get(config.latent_dim)
    if classifier and measured and not model.classes:
        found |= measured(model, classifier)
    return found


def code_quality(trained, classifier, mu):
    """How well the codes keep the classes apart, and what lies between them.

    mu: [N, Z] float32, posterior means of the test images. A conditional model has no box to
    decode: its z means nothing without a class.
    """
    model, config, data = trained.model, trained.config, trained.data
    codes = mu[: latent_metrics.TEST]
    train_codes, _ = posterior(model, data.train.first(latent_metrics.TRAIN))
    labels = data.train.labels[: len(train_codes)], data.test.labels[: len(codes)]
    found = latent_metrics.separation(train_codes, labels[0], codes, labels[1])
    if classifier and not model.classes:

        def decode(z):
            return model.decode(paddle.to_tensor(z)).numpy()

        count = min(config.samples, metrics.FID_REFERENCE_COUNT)
        with paddle.no_grad():
            judge = (classifier, data, count, config.seed)
            found |= latent_metrics.holes(decode, train_codes, codes, *judge)
            found |= latent_metrics.shells(decode, model.latent_dim, *judge)
    return found


@paddle.no_grad()
def batch_spread(trained):
    """Standard deviation of the loss over batches of training images, divided by its mean.

    The weights stand still, so that it is the noise of the loss curve without its trend.
    """
    model, config, train = trained.model, trained.config, trained.data.train
    likelihood, losses = likelihoods.build(config), []
    order = numpy_rng(config.seed, "spread").permutation(len(train))
    seed_step(config.seed, "spread")
    for start in range(0, len(order), config.batch_size)[:BATCHES]:
        x, y = map(paddle.to_tensor, train.batch(order[start : start + config.batch_size]))
        mu, logvar = model.encode(x, y)
        z = reparameterize(mu, logvar, paddle.randn(mu.shape))
        kl = config.beta * kl_div_loss(mu, logvar)
        losses.append(float(likelihood.loss(model.logits(z, y), x) + kl))
    return float(np.std(losses) / max(abs(np.mean(losses)), 1e-12))


def walks(model, classifier, mu, labels, seed):
    """How evenly images change on straight lines between the codes of two images.

    In a conditional model the class is blended along the way.

    Args:
        mu: [N, Z] float32, N >= 2. labels: [N] int64.

    Returns:
        {"walks": how many, "walk_smooth": share of them whose largest step (root mean square over
        the pixels) is at most EVEN times their mean step, "walk_one_change": share on which the
        class that the classifier sees changes at most once}.
    """
    rng = numpy_rng(seed, "walks")
    first = rng.integers(len(mu), size=WALKS)
    other = (first + rng.integers(1, len(mu), size=WALKS)) % len(mu)
    share = np.linspace(0, 1, STEPS, dtype=np.float32)[:, None]

    def between(ends):
        a, b = ends[first][:, None], ends[other][:, None]
        return ((1 - share) * a + share * b).reshape(WALKS * STEPS, -1)

    one_hot = np.eye(max(1, model.classes), dtype=np.float32)
    images = _decode(model, between(mu), between(one_hot[labels]) if model.classes else None)
    path = images.reshape(WALKS, STEPS, -1)
    steps = np.sqrt(np.mean(np.diff(path, axis=1) ** 2, axis=2, dtype=np.float64))
    seen = classifier.predict(images).reshape(WALKS, STEPS)
    return {
        "walks": WALKS,
        "walk_smooth": float((steps.max(axis=1) <= EVEN * steps.mean(axis=1)).mean()),
        "walk_one_change": float(((np.diff(seen, axis=1) != 0).sum(axis=1) <= 1).mean()),
    }


@paddle.no_grad()
def _decode(model, z, y=None):
    """Images [N, C, H, W] of codes z [N, Z] and weights of the classes y [N, classes]."""
    parts = []
    for start in range(0, len(z), DECODED):
        rows = slice(start, start + DECODED)
        classes = None if y is None else paddle.to_tensor(y[rows])
        parts.append(model.decode(paddle.to_tensor(z[rows]), classes).numpy())
    return np.concatenate(parts)


def line(model, classifier):
    """What z = -3 ... 3 decodes to, where z is one number.

    Returns:
        {"line_classes": the class seen at each place of LINE, "line_digits": how many classes the
        classifier is sure of somewhere, "line_same": share of neighbours of the same class}.
    """
    images = _decode(model, LINE[:, None])
    seen = classifier.predict(images)
    return {
        "line_classes": seen.tolist(),
        "line_digits": len(np.unique(seen[sure(classifier, images)])),
        "line_same": float((np.diff(seen) == 0).mean()),
    }


def plane(model, classifier):
    """What z in [-5, 5]^2 decodes to, where z is two numbers.

    Returns:
        {"plane_classes": how many classes the classifier is sure of somewhere, "plane_patches":
        see `patches`}.
    """
    images = latent_figures.plane(model, PLANE)
    seen = np.where(sure(classifier, images), classifier.predict(images), -1)
    seen = seen.reshape(len(PLANE), -1)
    found = len(np.unique(seen[seen >= 0]))
    return {"plane_classes": found, "plane_patches": patches(seen, classifier.num_classes)}


def patches(seen, classes):
    """Share of each class's places that lie together, in its largest connected patch.

    Args:
        seen: [H, W] int, the class at each place, -1 for none. classes: how many.

    Returns:
        [classes] floats; 0 for a class that is nowhere. Places touch at corners, too.
    """
    from scipy.ndimage import label  # slow to import

    shares = []
    for k in range(classes):
        patch, _ = label(seen == k, np.ones((3, 3)))
        sizes = np.bincount(patch.ravel())[1:]
        shares.append(float(sizes.max() / sizes.sum()) if len(sizes) else 0.0)
    return shares
