"""Train a variational autoencoder, conditional or not.

python vae/run.py                                report 000: CVAE, 3x64x64
python vae/run.py --preset 001-vae --epochs 10   an experiment of a report
python vae/run.py --dataset digits --image-size 8 --channels 1 --epochs 30
python vae/run.py --dataset photos --epochs 30   yours: photos/<class>/*.png
"""

import math
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import common  # noqa: F401 - sets the CPU up, so it comes before Paddle

# isort: split
import numpy as np
import paddle

from common import datasets
from common.compute import layers
from common.errors import UserError
from common.evaluation import classifier, latent_metrics, metrics
from common.runtime import cli, numpy_rng, seed_step, set_device
from common.training import checkpoint, summary, visualdl
from common.training.config import parse
from common.training.trainer import Task, fit
from vae import evaluate, figures, likelihoods, models, prior
from vae.assignment import kl_div_loss, reparameterize
from vae.config import PRESETS, Config


class VaeTask(Task):
    """Minimise reconstruction + beta * KL, both summed over an image, mean over the batch."""

    def __init__(self, model, optimizer, config):
        super().__init__(model, optimizer)
        self.config = config
        self.likelihood = likelihoods.build(config)
        self.beta = config.beta

    def draw(self, x, y):
        """The batch and eps [B, latent_dim] ~ N(0, 1)."""
        return x, y, paddle.randn([x.shape[0], self.model.latent_dim])

    def losses(self, model, x, y, eps):
        mu, logvar = model.encode(x, y)
        z = reparameterize(mu, logvar, eps)
        recon = self.likelihood.loss(model.logits(z, y), x)
        kl = kl_div_loss(mu, logvar)
        return {"loss": recon + self.beta * kl, "recon": recon, "kl": kl}

    def learning_rate(self, step, steps):
        """Cosine decay (or None), and the weight of the KL at this step."""
        warm = steps * self.config.kl_warmup / self.config.epochs
        self.beta = self.config.beta * min(1.0, (step + 1) / warm if warm else 1.0)
        if self.config.schedule == "cosine":
            return self.config.lr * 0.5 * (1 + math.cos(math.pi * step / steps))
        return None

    def evaluate(self, data):
        return evaluate.bound(self.model, self.likelihood, data.test)

    def pictures(self, data):
        labels = np.arange(figures.SHOWN) % data.train.num_classes
        normal = prior.StandardNormal(self.model.latent_dim)
        return {"samples": evaluate.sample(self.model, normal, figures.SHOWN, labels)}


def main(argv):
    """Train, measure, draw."""
    config, run = parse(Config, PRESETS, argv, "vae", __doc__)
    if config is None:
        return
    set_device(config.device, config.amp)
    data = datasets.load(config)
    if config.conditional and data.train.num_classes < 2:
        raise UserError(f"{data.name} has one class only: give --no-conditional")
    seed_step(config.seed, "init")
    model = models.build(config, data.train.num_classes)
    model.start_at(mean_image(data.train))
    task = VaeTask(model, layers.adam(config.lr, model), config)
    if config.summary:
        summary.show(task, data)
        return
    run.begin(config)
    progress = fit(task, data, config, run)
    checkpoint.save_weights(run.weights, model.state_dict())
    if config.prior == "mixture":
        fit_prior(model, config, data).save(run.path / "prior.npz")
    numbers = measure(task, data, prior.of(run, config, model))
    run.write_metrics({**numbers, "seconds": progress.seconds})
    figures.draw(run.path)
    visualdl.finish(run, config)
    print(f"done: {run.path}")


def mean_image(images):
    """[C, H, W] float32 in [0, 1], the mean of an ImageSet."""
    mean = images.images.mean(axis=0, dtype=np.float64) / 255
    return np.broadcast_to(mean, images.shape).astype(np.float32)


def fit_prior(model, config, data):
    """A mixture fitted to the codes of the training images."""
    model.eval()
    mu, logvar = evaluate.posterior(model, data.train)
    rng = numpy_rng(config.seed, "prior")
    return prior.Mixture.fit(mu, logvar, data.train.labels, model.classes, rng)


def measure(task, data, source):
    """The numbers of metrics.json, on test images; samples are of z from `source`."""
    model, config = task.model, task.config
    model.eval()
    # The judge seeds Paddle, so it comes before the seed of what follows.
    judge = classifier.load_for(config, data) if config.samples else None
    seed_step(config.seed, "measure")
    mu, logvar = evaluate.posterior(model, data.test)
    numbers = {
        **evaluate.bound(model, task.likelihood, data.test),
        "unit": task.likelihood.unit,
        "active_units": evaluate.active_units(mu),
        "kl_per_dimension": evaluate.kl_per_dimension(mu, logvar).tolist(),
        **importance_bounds(task, data),
        **sample_quality(model, config, data, source, judge),
        **evaluate.reconstruction(model, data.test, mu, judge),
        **code_quality(model, config, data, judge, mu[: latent_metrics.TEST]),
        "parameters": sum(int(p.size) for p in model.parameters()),
    }
    if not numbers["active_units"]:
        numbers["warning"] = (
            "posterior collapse: no latent unit is active, so z says nothing of the image; "
            "try --kl-warmup, a smaller --beta, or a longer training"
        )
        print(f"warning: {numbers['warning']}", file=sys.stderr)
    return numbers


def importance_bounds(task, data):
    """-ELBO and IWAE-k on the same test images, where the likelihood is one."""
    k, images = task.config.iwae, data.test.first(task.config.iwae_images)
    if not k or task.likelihood.per_image is None:
        return {}
    arguments = (task.model, task.likelihood, images)
    return {
        "iwae_images": len(images),
        "iwae_1": evaluate.importance_bound(*arguments, 1),
        f"iwae_{k}": evaluate.importance_bound(*arguments, k),
    }


def sample_quality(model, config, data, source, judge):
    """Accuracy and FID of generated images under the independent classifier; time of drawing one.

    Where z is drawn from a mixture, "standard_normal" holds the same numbers of z ~ N(0, I).
    """
    if not judge:
        return {}
    labels = metrics.labels_like(data.test.labels, config.samples, config.seed)

    def quality(source):
        began = time.perf_counter()
        images = evaluate.sample(model, source, config.samples, labels)
        seconds = time.perf_counter() - began
        found = metrics.sample_quality(judge, data, images, labels if model.classes else None)
        return {**found, "ms_per_sample": 1000 * seconds / config.samples}

    numbers = quality(source)
    if config.prior == "mixture":
        plain = quality(prior.StandardNormal(model.latent_dim))
        kept = ("conditional_accuracy", "fid", "diversity", "class_histogram")
        numbers["standard_normal"] = {name: plain[name] for name in kept if name in plain}
    return numbers


def code_quality(model, config, data, judge, codes):
    """How well the codes keep the classes apart, and what lies between them.

    codes: [N, Z] float32, posterior means of the first test images. A conditional model has no
    box to decode: its z means nothing without a class.
    """
    mu, _ = evaluate.posterior(model, data.train.first(latent_metrics.TRAIN))
    labels = data.train.labels[: len(mu)], data.test.labels[: len(codes)]
    found = latent_metrics.separation(mu, labels[0], codes, labels[1])
    if judge and not model.classes:

        def decode(z):
            return model.decode(paddle.to_tensor(z)).numpy()

        count = min(config.samples, metrics.COMMON)
        with paddle.no_grad():
            found |= latent_metrics.holes(decode, codes, judge, data, count, config.seed)
    return found


if __name__ == "__main__":
    cli(main)
