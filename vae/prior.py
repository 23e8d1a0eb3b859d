"""Where z comes from when images are generated: N(0, I), or a mixture fitted to the codes.

A VAE is trained towards q(z|x, y) averaging to N(0, I) within each class, but ends beside it: part
of what N(0, I) draws was never decoded in training. Ghosh et al. 2020, section 3.2 ("ex-post
density estimation") therefore fit a density to the codes of the training images once the training
is over, and draw from that. The model, its loss and its bound stay as they are.
"""

import numpy as np
import paddle

from common import records
from common.errors import UserError
from common.runtime import numpy_rng
from common.training import checkpoint

FILE = "prior.npz"  # of a Mixture in a run folder
COMPONENTS, FITTED = 10, 3000  # Gaussians a class (Ghosh et al.: 10), codes they are fitted to
LEAST = 50  # codes a component, so that a small class gets fewer of them
FLOOR = 1e-3  # added to the variances


class StandardNormal:
    """z ~ N(0, I), what the loss of a VAE assumes."""

    text = "z ~ N(0, I)"

    def __init__(self, latent_dim):
        self.latent_dim = latent_dim

    def sample(self, count, labels=None):
        """`count` codes, from Paddle's generator: [count, latent_dim] float32 tensor."""
        return paddle.randn([count, self.latent_dim])


class Mixture:
    """z ~ a mixture of Gaussians for each class; one mixture for all where there are no classes.

    Args:
        weights: [classes, K] float32, sum 1 along K. means: [classes, K, Z] float32.
        cholesky: [classes, K, Z, Z] float32, Cholesky factors of the covariances.
    """

    text = "z ~ mixture of Gaussians fitted to the training codes"

    def __init__(self, weights, means, cholesky):
        self.weights, self.means, self.cholesky = weights, means, cholesky

    def sample(self, count, labels=None):
        """`count` codes for labels [count] int64, from Paddle's generator: a float32 tensor."""
        u, noise = paddle.rand([count]).numpy(), paddle.randn([count, self.means.shape[2]]).numpy()
        row = np.zeros(count, int) if labels is None else np.asarray(labels)
        limits = self.weights.cumsum(axis=1)[row]
        column = (u[:, None] > limits[:, :-1]).sum(axis=1)
        z = self.means[row, column]
        for index in range(count):  # a batch of matrices would be [count, Z, Z] in memory
            z[index] += self.cholesky[row[index], column[index]] @ noise[index]
        return paddle.to_tensor(z)

    @classmethod
    def fit(cls, mu, logvar, labels, classes, rng):
        """Fit to draws of q(z|x, y) of training images, by scikit-learn's GaussianMixture.

        Args:
            mu, logvar: [N, Z] float32, posteriors of the training images. labels: [N] int64.
            classes: number of classes; 0 for an unconditional model.
            rng: NumPy generator that chooses images and draws codes.

        Returns:
            Mixture; N(0, I) for a class without images.
        """
        rows = []
        for label in range(max(1, classes)):
            members = np.flatnonzero(labels == label) if classes else np.arange(len(labels))
            codes = rng.standard_normal((FITTED, mu.shape[1]))
            if len(members):
                chosen = np.resize(rng.permutation(members), FITTED)  # repeats where there are few
                codes = mu[chosen] + np.exp(0.5 * logvar[chosen]) * codes
            components = min(COMPONENTS, max(1, len(members) // LEAST))
            rows.append(_mixture(codes, components))
        return cls(*(np.stack(parts).astype(np.float32) for parts in zip(*rows)))

    def save(self, path):
        """Write the .npz that `load` reads."""
        checkpoint.save(path, vars(self), {})

    @classmethod
    def load(cls, path):
        """The mixture of a file. Raises UserError if it is missing or damaged."""
        arrays, _ = checkpoint.load(path)
        if "roots" in arrays:  # the former name
            arrays["cholesky"] = arrays.pop("roots")
        shapes = {"weights": ("f", "CK"), "means": ("f", "CKZ"), "cholesky": ("f", "CKZZ")}
        records.expect(arrays, shapes, path)
        return cls(**{name: arrays[name] for name in shapes})


def _mixture(codes, components):
    """Weights [K], means [K, Z] and Cholesky factors [K, Z, Z]; unused components weigh 0."""
    from sklearn.mixture import GaussianMixture  # slow to import, rarely needed

    found = GaussianMixture(components, reg_covar=FLOOR, random_state=0).fit(codes)
    spare = COMPONENTS - components
    parts = found.weights_, found.means_, np.linalg.cholesky(found.covariances_)
    return tuple(np.pad(part, [(0, spare)] + [(0, 0)] * (part.ndim - 1)) for part in parts)


def fit(trained):
    """A Mixture fitted to the codes of a Trained VAE's training images."""
    from vae import evaluate  # which imports this module

    model, train = trained.model, trained.data.train
    mu, logvar = evaluate.posterior(model, train)
    rng = numpy_rng(trained.config.seed, "prior")
    return Mixture.fit(mu, logvar, train.labels, model.classes, rng)


def load(trained):
    """The prior that a Trained VAE draws from. Raises UserError if its file is damaged."""
    if trained.config.prior == "mixture":
        model, path = trained.model, trained.run.path / FILE
        found = Mixture.load(path)
        if found.means.shape[::2] != (max(1, model.classes), model.latent_dim):
            raise UserError(f"{path} is the prior of another model; restore it from a copy")
        return found
    return StandardNormal(trained.model.latent_dim)
