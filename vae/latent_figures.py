"""Figures of the latent space: maps, the z = 1 strip, the z = 2 manifold, interpolations."""

import numpy as np
import paddle

from common import plotting
from common.evaluation import metrics
from common.evaluation.classifier import load_classifier
from common.runtime import numpy_rng
from vae import evaluate

STRIP, SIDE, STEPS = 30, 20, 10  # images of the strip; of a side of the manifold; between two


def draw(trained, mu, logvar):
    """Every figure of the latent space that fits the model.

    Args:
        trained: Trained. mu, logvar: [N, Z] float32, posteriors of the first N test images.
    """
    run, config, model, data = trained.run, trained.config, trained.model, trained.data
    code_map(run, config, data, mu)
    units(run, mu, logvar)
    interpolations(run, data, model, mu)
    if config.latent_dim == 1 and not model.classes:
        strip(run, config, data, model)
    if config.latent_dim == 2 and not model.classes:
        manifold(run, model)


def code_map(run, config, data, mu):
    """Posterior means coloured by class: as they are for one or two dimensions, else t-SNE."""
    labels, names = data.test.labels[: len(mu)], data.class_names
    what = f"posterior means of {len(mu)} test images"
    if mu.shape[1] == 1:
        jitter = numpy_rng(config.seed, "jitter").uniform(-0.35, 0.35, len(mu))
        points = np.stack([mu[:, 0], labels + jitter], axis=1)
        axes = {"xlabel": "z", "ylabel": "class, spread at random"}
    elif mu.shape[1] == 2:
        points, axes = mu, {"xlabel": "z1", "ylabel": "z2"}
    else:
        points, perplexity = metrics.tsne(mu, config.seed)
        what = (
            f"t-SNE of the {what}, {mu.shape[1]} numbers each "
            f"(perplexity {perplexity:g}, seed {config.seed})"
        )
        axes = {"xlabel": "t-SNE 1", "ylabel": "t-SNE 2"}
    plotting.scatter(points, labels, run.figure("latents"), names, what, **axes)


def units(run, mu, logvar):
    """KL of each latent dimension, largest first: what is near 0 carries nothing."""
    kl = np.sort(evaluate.kl_per_dimension(mu, logvar))[::-1]
    title = (
        f"KL by latent dimension, sum {kl.sum():.2f} nats; "
        f"{evaluate.active_units(mu)} of {len(kl)} active"
    )
    series = {"KL": (range(1, len(kl) + 1), kl)}
    plotting.curves(series, run.figure("kl-by-dimension"), "dimension, sorted", "nats", title)


@paddle.no_grad()
def strip(run, config, data, model):
    """What z = -3 ... 3 decodes to, with the class the classifier sees."""
    z = np.linspace(-3, 3, STRIP, dtype=np.float32)
    images = model.decode(paddle.to_tensor(z[:, None])).numpy()
    classifier = load_classifier(config, data, train=False)
    captions = [f"{value:.2f}" for value in z]
    if classifier:
        seen = classifier.predict(images)
        captions = [f"{c}\n{data.class_names[k]}" for c, k in zip(captions, seen)]
    title = "z and the class that the classifier sees in the decoded image"
    plotting.captioned(images, captions, run.figure("strip"), columns=10, title=title)


@paddle.no_grad()
def plane(model, values):
    """What z = (z1, z2) decodes to at all pairs of `values`; a conditional model decodes class 0.

    Returns:
        [len(values)^2, C, H, W] float32 in [0, 1]: row by row, the largest z2 first.
    """
    z1, z2 = np.meshgrid(values, values[::-1])
    z = np.stack([z1.ravel(), z2.ravel()], axis=1).astype(np.float32)
    y = paddle.zeros([len(z)], "int64") if model.classes else None
    return model.decode(paddle.to_tensor(z), y).numpy()


def manifold(run, model):
    """The plane z = (z1, z2), decoded on a grid over [-5, 5]^2 and on quantiles of N(0, 1)."""
    from scipy.stats import norm  # slow to import

    grids = {
        "manifold-grid": (np.linspace(-5, 5, SIDE), "z over [-5, 5]^2"),
        "manifold-quantiles": (
            norm.ppf((np.arange(SIDE) + 0.5) / SIDE),
            "z on quantiles of N(0, 1): each image stands for the same share of the prior",
        ),
    }
    for name, (values, title) in grids.items():
        images = plane(model, values)
        labels = {
            "row_labels": [f"{v:.1f}" for v in values[::-1]],
            "column_labels": [f"{v:.1f}" for v in values],
        }
        plotting.image_grid(images, run.figure(name), SIDE, title, cell=0.33, **labels)


def slerp(a, b, share):
    """A point on the arc from a to b (Shoemake 1985); on the line if they are nearly parallel.

    Args:
        a, b: [Z] float. share: 0 gives a, 1 gives b.
    """
    cosine = np.dot(a, b) / (np.linalg.norm(a) * np.linalg.norm(b) + 1e-12)
    angle = np.arccos(np.clip(cosine, -1, 1))
    if np.sin(angle) < 1e-4:
        return (1 - share) * a + share * b
    return (np.sin((1 - share) * angle) * a + np.sin(share * angle) * b) / np.sin(angle)


def lerp(a, b, share):
    """A point on the line from a to b: share 0 gives a, 1 gives b."""
    return (1 - share) * a + share * b


def pairs(labels):
    """Indices of two images of one class and of two images of different classes.

    Args:
        labels: [N] int64, N >= 2. A pair that does not exist is left out.
    """
    first = labels[0]
    same = np.flatnonzero(labels == first)[1:2]
    other = np.flatnonzero(labels != first)[:1]
    found = {"one class": same, "two classes": other}
    return {name: (0, int(second[0])) for name, second in found.items() if len(second)}


@paddle.no_grad()
def interpolations(run, data, model, mu):
    """From one test image to another, the originals at both ends; z on a line and on an arc.

    In a conditional model the class is blended along the way: y is a weight for each class.
    """
    x, labels = data.test.batch(slice(0, len(mu)))
    shares = np.linspace(0, 1, STEPS, dtype=np.float32)
    rows = {}
    for name, (a, b) in pairs(labels).items():
        y = None
        if model.classes:
            one_hot = np.eye(model.classes, dtype=np.float32)[labels[[a, b]]]
            y = paddle.to_tensor(np.stack([lerp(*one_hot, share) for share in shares]))
        for path, between in (("{}, on a line", lerp), ("{}, on an arc", slerp)):
            z = np.stack([between(mu[a], mu[b], share) for share in shares]).astype(np.float32)
            images = model.decode(paddle.to_tensor(z), y).numpy()
            rows[path.format(name)] = np.concatenate([x[a : a + 1], images, x[b : b + 1]])
    title = "between two test images (the outermost, originals)"
    plotting.image_rows(rows, run.figure("interpolation"), title)
