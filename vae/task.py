"""What is trained: reconstruction + beta * KL."""

from typing import ClassVar

import paddle

from common import compute
from common.training import learning_rate
from common.training.trainer import Task
from vae import evaluate, likelihoods
from vae.assignment import kl_div_loss, reparameterize


class VaeTask(Task):
    """Minimise reconstruction + beta * KL, both summed over an image, mean over the batch.

    Args:
        model: VAE. config: Config.
    """

    never_negative: ClassVar[dict] = {"kl": "kl_negative", "recon": "recon_negative"}

    def __init__(self, model, config):
        super().__init__(model, compute.adam(config.lr, model))
        self.config = config
        self.likelihood = likelihoods.build(config)
        self.beta = config.beta

    def before_step(self, step, steps):
        if self.config.lr_schedule != "constant":
            share = learning_rate.factor(step, steps, self.config.lr_schedule)
            self.optimizer.set_lr(self.config.lr * share)
        self.beta = self.beta_at(step, steps)

    def beta_at(self, step, steps):
        """Weight of the KL: grows from 0 over the first `kl_warmup` epochs."""
        warmup = steps * self.config.kl_warmup / self.config.epochs
        return self.config.beta * min(1.0, (step + 1) / warmup if warmup else 1.0)

    def sample_inputs(self, x, y):
        """The batch and eps [B, latent_dim] ~ N(0, 1)."""
        # BEGIN TEACHER
        if self.config.binarize == "dynamic":  # Burda et al. 2016, section 5
            x = paddle.bernoulli(x)
        # END TEACHER
        return x, y, paddle.randn([x.shape[0], self.model.latent_dim])

    def losses(self, model, x, y, eps):
        mu, logvar = model.encode(x, y)
        z = reparameterize(mu, logvar, eps)
        recon = self.likelihood.loss(model.logits(z, y), x)
        kl = kl_div_loss(mu, logvar)
        return {"loss": recon + self.beta * kl, "recon": recon, "kl": kl}

    def evaluate(self, data):
        return evaluate.elbo(self.model, self.likelihood, data.test)

    # BEGIN TEACHER
    def pictures(self, data):
        from vae import prior

        labels = paddle.arange(10).numpy() % data.train.num_classes
        normal = prior.StandardNormal(self.model.latent_dim)
        return {"samples": evaluate.sample(self.model, normal, len(labels), labels)}

    # END TEACHER
