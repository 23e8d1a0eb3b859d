"""Draw the figures of a VAE run again, from its folder; nothing is trained.

python vae/figures.py results/vae/digits
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import common  # noqa: F401 - sets the CPU up, so it comes before Paddle

# isort: split
import numpy as np
import paddle

from common import plotting
from common.cli import cli
from common.errors import UserError
from common.evaluation import metrics
from common.evaluation.classifier import load_classifier
from common.runtime import numpy_rng, run_argument, seed_step
from vae import evaluate, latent_figures, likelihoods, prior

SHOWN, ROWS = 10, 20  # images in a row; classes shown at most
WALL, WIDE = 200, 20  # pairs of the wall; of them in a row
UNITS = {likelihoods.Gaussian.unit: "squared error / (2 variance)"}  # short enough for an axis


def draw(trained):
    """Draw every figure of a run. trained: Trained."""
    run, config, model, data = trained.run, trained.config, trained.model, trained.data
    seed_step(config.seed, "figures")
    loss_curves(run, config, likelihoods.build(config))
    reconstructions(run, model, data)
    source = prior.load(trained)
    samples(run, model, data, source)
    if isinstance(source, prior.Mixture):
        samples(run, model, data, prior.StandardNormal(model.latent_dim), "samples-normal")
    class_shares(run, data)
    dataset(run, config, data)
    mu, logvar = evaluate.posterior(model, data.test.first(metrics.MAPPED))
    # BEGIN TEACHER
    from common.evaluation import saved_codes

    saved_codes.save(run, mu, data.test.labels, data.class_names)
    # END TEACHER
    latent_figures.draw(trained, mu, logvar)
    wall(run, config, data, model, mu)


def loss_curves(run, config, likelihood):
    """Reconstruction, KL, the loss as it is trained, and -ELBO where that is another; by epoch.

    config: Config. likelihood: its reconstruction term; KL is in nats whatever it is.
    """
    parts = [f"{split}_{part}" for split in ("train", "test") for part in ("recon", "kl")]
    history = run.read_history(*parts, "train_loss", "test_neg_elbo")
    recon, kl = (
        {split: np.array(history[f"{split}_{part}"]) for split in ("train", "test")}
        for part in ("recon", "kl")
    )
    loss = {"train": history["train_loss"], "test": recon["test"] + config.beta * kl["test"]}
    unit, title = likelihood.unit, f"loss: reconstruction + β KL, β = {config.beta:g}"
    if config.kl_warmup:
        title = f"{title} after {config.kl_warmup:g} epochs"
    draws = [panel(recon, "reconstruction", unit), panel(kl, "KL", "nats per image")]
    bound_title = "loss (−ELBO): reconstruction + KL"
    if config.beta != 1 or config.kl_warmup or not likelihood.per_image:
        draws.append(panel(loss, title, "loss per image"))
        bound_title = "−ELBO: reconstruction + KL"
    if likelihood.per_image:
        bound = {split: recon[split] + kl[split] for split in recon}
        draws.append(panel(bound, bound_title, unit))
    plotting.panels(draws, run.figure("loss"), width=3.3, height=2.8, columns=2)


def panel(series, title, unit, xlabel="epoch"):
    """A function that draws {label: values} onto axes, with the unit of a likelihood.

    series: as of plotting.curves_on.
    """

    def draw_on(axes):
        plotting.curves_on(axes, series, xlabel, UNITS.get(unit, unit), title)

    return draw_on


@paddle.no_grad()
def reconstructions(run, model, data):
    """Test images above what the model makes of the mean of their codes."""
    x, y = data.test.batch(slice(0, SHOWN))
    mu, _ = model.encode(paddle.to_tensor(x), paddle.to_tensor(y))
    x_hat = model.decode(mu, paddle.to_tensor(y)).numpy()
    error = metrics.mse(x_hat, x)
    title = f"Test images of {data.name}; MSE of these {len(x)}: {error:.4f} per pixel"
    rows = {"original": x, "reconstruction": x_hat}
    plotting.image_rows(rows, run.figure("reconstructions"), title)


@paddle.no_grad()
def wall(run, config, data, model, mu):
    """Many test images above their reconstructions, framed where another class is seen in them.

    mu: [N, Z] float32, codes of the first N test images. Nothing is drawn of fewer than a row.
    """
    x, y = data.test.batch(slice(0, min(WALL, len(mu)) // WIDE * WIDE))
    classifier = load_classifier(config, data, train=False)
    if not (classifier and len(x)):
        return
    x_hat = model.decode(paddle.to_tensor(mu[: len(x)]), paddle.to_tensor(y)).numpy()
    wrong = classifier.predict(x_hat) != y
    pairs = plotting.framed(x, wrong & False), plotting.framed(x_hat, wrong)
    rows = [images.reshape(-1, WIDE, *images.shape[1:]) for images in pairs]
    images = np.stack(rows, axis=1).reshape(-1, *pairs[0].shape[1:])
    title = (
        f"{len(x)} test images above their reconstructions; framed: the {wrong.sum()} in which the "
        "classifier sees another class"
    )
    plotting.image_grid(images, run.figure("wall"), WIDE, title, cell=0.42)


@paddle.no_grad()
def samples(run, model, data, source, name="samples"):
    """Images of z from `source`; one row per class where the model is conditional.

    Of N(0, I) a column shares its z. A mixture has codes of its own for each class.
    """
    names, title = data.class_names[:ROWS], f"Samples, {source.text}"
    if not model.classes:
        images = evaluate.sample(model, source, SHOWN * SHOWN)
        plotting.image_grid(images, run.figure(name), SHOWN, title)
        return
    y, xlabel = np.repeat(np.arange(len(names)), SHOWN), ""
    z = source.sample(len(y), y)
    if isinstance(source, prior.StandardNormal):
        z, xlabel = z[:SHOWN].tile([len(names), 1]), "one z per column"
    images = model.decode(z, paddle.to_tensor(y)).numpy()
    labels = {"row_labels": names, "ylabel": "class", "xlabel": xlabel}
    plotting.image_grid(images, run.figure(name), SHOWN, title, **labels)


def class_shares(run, data):
    """Share of each class among the generated images, beside the real test images."""
    try:
        generated = run.read_metrics().get("class_histogram")
    except UserError:  # not measured yet
        return
    if generated and len(generated) == data.test.num_classes:
        real = metrics.class_histogram(data.test.labels, data.test.num_classes)
        series = {"real test images": real, "generated": generated}
        title = "Classes, as the classifier sees the generated images"
        names = data.class_names
        plotting.bars(series, names, run.figure("sample-classes"), title, "share", "class")


def dataset(run, config, data):
    """The data themselves (report 001): images per class, and some of each, drawn at random."""
    counts = {
        name: np.bincount(split.labels, minlength=split.num_classes)
        for name, split in (("train", data.train), ("test", data.test))
    }
    title = f"{data.name}: images per class"
    if config.max_train or config.max_test:
        title = f"{data.name}: images per class, cut by --max-train or --max-test"
    path = run.figure("dataset-classes")
    plotting.bars(counts, data.class_names, path, title, "images", "class")
    chosen, names = [], []
    rng = numpy_rng(config.seed, "dataset")
    for label, name in enumerate(data.class_names[:ROWS]):
        members = np.flatnonzero(data.train.labels == label)
        if len(members):
            chosen.append(np.resize(rng.permutation(members), SHOWN))
            names.append(name)
    images = data.train.batch(np.concatenate(chosen))[0]
    title = f"{data.name}: training images, drawn at random with seed {config.seed}"
    labels = {"row_labels": names, "ylabel": "class"}
    plotting.image_grid(images, run.figure("dataset-samples"), SHOWN, title, **labels)


def main(argv):
    """Redraw the figures of one run."""
    # BEGIN TEACHER
    if {"--sweep", "--compare"} & {*argv}:
        from vae import several_runs

        return several_runs.main(argv)
    # END TEACHER
    return draw(evaluate.load_trained(run_argument(argv, "vae/figures.py", __doc__)))


if __name__ == "__main__":
    cli(main)
