"""Figures of the latent space: maps, the z = 1 strip, the z = 2 manifold, interpolations."""

import numpy as np
import paddle

from common import plotting
from common.evaluation import metrics, walks
from common.evaluation.classifier import load_classifier
from common.runtime import numpy_rng
from vae import evaluate

STRIP, SIDE = 25, 21  # images of the strip; of a side of the manifold: odd, so that 0 is one
DIMENSIONS = 100  # of which the KL is shown, at most


def draw(trained, mu, logvar):
    """Every figure of the latent space that fits the model.

    Args:
        trained: Trained. mu, logvar: [N, Z] float32, posteriors of the first N test images.
    """
    run, config, model, data = trained.run, trained.config, trained.model, trained.data
    code_map(run, config, data, mu)
    if mu.shape[1] == 3:
        views(run, data, mu)
    units(run, mu, logvar)
    interpolations(run, data, model, mu)
    if config.latent_dim == 1 and not model.classes:
        strip(run, config, data, model)
    if config.latent_dim == 2 and not model.classes:
        manifold(run, model)


def code_map(run, config, data, mu):
    """Posterior means coloured by class: as they are for one or two dimensions, else t-SNE."""
    labels, names = data.test.labels[: len(mu)], data.class_names
    what, path = f"Posterior means of {len(mu)} test images", run.figure("latents")
    if mu.shape[1] == 1:
        plotting.panels([_line_map(config, mu, labels, names, what)], path, width=6, height=5)
        return
    axes = {"xlabel": "z1", "ylabel": "z2"}
    points = mu
    if mu.shape[1] > 2:
        points, perplexity = metrics.tsne(mu, config.seed)
        what = (
            f"t-SNE of the posterior means of {len(mu)} test images, {mu.shape[1]} numbers each\n"
            f"(perplexity {perplexity:g}, seed {config.seed})"
        )
        axes = {"xlabel": "t-SNE 1", "ylabel": "t-SNE 2"}
    plotting.scatter(points, labels, path, names, what, **axes)


def views(run, data, mu):
    """Posterior means of three dimensions from three sides, as they are: no t-SNE."""
    labels, names = data.test.labels[: len(mu)], data.class_names
    sides = (0, 1), (0, 2), (1, 2)

    def side(a, b):
        def draw_on(axes):
            plotting.scatter_on(axes, mu[:, [a, b]], labels, names)
            if (a, b) != sides[-1]:
                axes.get_legend().remove()
            if (a, b) == sides[1]:
                axes.set_title(f"Posterior means of {len(mu)} test images, seen from three sides")
            axes.set_xlabel(f"z{a + 1}")
            axes.set_ylabel(f"z{b + 1}")

        return draw_on

    draws = [side(*pair) for pair in sides]
    plotting.panels(draws, run.figure("latents-views"), width=4, height=4)


def _line_map(config, mu, labels, names, title):
    """Draws means of one dimension, a band for each class; within it their height is random."""
    jitter = numpy_rng(config.seed, "jitter").uniform(-0.35, 0.35, len(mu))
    points = np.stack([mu[:, 0], labels + jitter], axis=1)

    def draw_on(axes):
        plotting.scatter_on(axes, points, labels, names)
        axes.get_legend().remove()
        shown = range(0, len(names), -(-len(names) // plotting.SHOWN_NAMES))
        axes.set_yticks(shown, [names[label] for label in shown])
        axes.set_title(title, fontsize=10)
        axes.set_xlabel("z")
        axes.set_ylabel("class (spread at random within its band)")

    return draw_on


def units(run, mu, logvar):
    """KL of each latent dimension, largest first: what is near 0 carries nothing."""
    kl = np.sort(evaluate.kl_per_dimension(mu, logvar))[::-1]
    title = (
        f"KL by latent dimension, sum {kl.sum():.2f} nats; "
        f"{evaluate.active_units(mu)} of {len(kl)} active"
    )
    names = [str(place + 1) for place in range(len(kl))][:DIMENSIONS]
    path, xlabel = run.figure("kl-by-dimension"), "latent dimension, largest KL first"
    plotting.bars({"KL": kl[:DIMENSIONS]}, names, path, title, "nats per image", xlabel)


@paddle.no_grad()
def strip(run, config, data, model):
    """What z = -3 ... 3 decodes to, in one row, with the class that the classifier sees."""
    z = np.linspace(-3, 3, STRIP, dtype=np.float32)
    images = model.decode(paddle.to_tensor(z[:, None])).numpy()
    classifier = load_classifier(config, data, train=False)
    labels, title = _ticks("{:g}", z), "What z decodes to"
    if classifier:
        seen = classifier.predict(images)
        labels = [f"{c}\n{data.class_names[k]}" for c, k in zip(labels, seen)]
        title = "What z decodes to, and the class that the classifier sees in it"
    path = run.figure("strip")
    plotting.image_grid(images, path, STRIP, title, column_labels=labels, cell=0.5, xlabel="z")


def _ticks(form, values):
    """Numbers as Matplotlib writes them, with a minus sign."""
    return [form.format(value + 0.0).replace("-", "−") for value in values]


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
        "manifold-grid": (np.linspace(-5, 5, SIDE), "z over [−5, 5]²"),
        "manifold-quantiles": (
            norm.ppf((np.arange(SIDE) + 0.5) / SIDE),
            "z on quantiles of N(0, 1): each image stands for the same share of the prior",
        ),
    }
    for name, (values, title) in grids.items():
        images = plane(model, values)
        labels = {
            "row_labels": _ticks("{:.1f}", values[::-1]),
            "column_labels": _ticks("{:.1f}", values),
            "xlabel": "z1",
            "ylabel": "z2",
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


def interpolations(run, data, model, mu):
    """From one test image to another, z on a line; the walk on which an arc differs most, on both.

    In a conditional model the class is blended along the way: y is a weight for each class.
    """
    labels, notes = data.test.labels, {}
    ends = walks.pairs(labels[: len(mu)])
    lines, arcs = (
        [_walk(model, mu, labels, pair, between) for pair in ends] for between in (lerp, slerp)
    )
    if mu.shape[1] > 1:
        most = int(np.argmax([np.abs(arc - line).mean() for arc, line in zip(arcs, lines)]))
        lines.insert(most + 1, arcs[most])
        ends = np.insert(ends, most + 1, ends[most], axis=0)
        notes = {most + 1: "same, on an arc"}
    title = "Walks between two test images, z on a line; at both sides the originals"
    walks.draw(run.figure("interpolation"), data, ends, lines, title, notes)


@paddle.no_grad()
def _walk(model, mu, labels, pair, between):
    """What z decodes to on the way from one image's code to the other's: [STEPS, C, H, W]."""
    y = None
    if model.classes:
        one_hot = np.eye(model.classes, dtype=np.float32)[labels[pair]]
        y = paddle.to_tensor(np.stack([lerp(*one_hot, share) for share in walks.SHARES]))
    z = np.stack([between(*mu[pair], share) for share in walks.SHARES]).astype(np.float32)
    return model.decode(paddle.to_tensor(z), y).numpy()
