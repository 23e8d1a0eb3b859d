"""A network that corrects the best linear denoiser of the training images, a Wiener filter.

Were the images of a class Gaussian, the mean of v given x_t would be a formula: shrink x_t - a m
along each principal component, by how much of its variance is noise. That is most of what a network
learns in its first minute (Wang & Vastola 2023, https://arxiv.org/abs/2311.10892), so it is given.
The network sees x_t and the filter's clean image, and corrects the filter's v, on the scale of the
error that it leaves at t (Karras et al. 2022, https://arxiv.org/abs/2206.00364, section 5).
"""

import numpy as np
import paddle
from paddle import nn

from diffusion.schedule import make_schedule

LEAST_VARIANCE = 1e-3  # of a component: one that never varies in training may do so elsewhere
STATISTICS = ("means", "components", "variance")


class WienerCorrected(nn.Layer):
    """(x_t, t, y) -> v: the filter's, plus the network's correction.

    Args:
        network: UNet. config: Config.

    The statistics are buffers, part of the saved weights: zero until `fit`, or until weights are
    loaded.
    """

    def __init__(self, network, config):
        super().__init__()
        self.network, self.no_class = network, network.no_class
        size = config.channels * config.image_size**2
        shapes = [[self.no_class + 1, size], [size, size], [size]]
        for name, shape in zip(STATISTICS, shapes, strict=True):
            self.register_buffer(name, paddle.zeros(shape))
        schedule = make_schedule(config.schedule, config.timesteps)
        self.signal = schedule.tensor("alpha_bar")
        self.noise = paddle.to_tensor((1 - schedule.alpha_bar).astype(np.float32))

    def fit(self, images):
        """Take the statistics of an ImageSet: a mean for each class, the covariance within them."""
        x = 2 * images.batch(slice(None))[0].reshape(len(images), -1) - 1
        means = np.repeat(x.mean(axis=0, keepdims=True), self.no_class + 1, axis=0)
        for label in np.unique(images.labels):
            means[label] = x[images.labels == label].mean(axis=0)
        x -= means[images.labels]
        variance, components = np.linalg.eigh((x.T @ x / len(x)).astype(np.float64))
        found = means, components, np.maximum(variance, LEAST_VARIANCE)
        for name, value in zip(STATISTICS, found, strict=True):
            getattr(self, name).set_value(value.astype(np.float32))

    def forward(self, xt, t, y):
        """Arguments as of UNet.forward; returns v [B, C, H, W] float32."""
        v, x0, error = self._filter(xt.flatten(1), t, y)
        seen = paddle.concat([xt, x0.reshape(xt.shape)], axis=1)
        return v.reshape(xt.shape) + error.reshape([-1, 1, 1, 1]) * self.network(seen, t, y)

    @paddle.no_grad()
    def _filter(self, x, t, y):
        """v and x0 of the filter, each [B, C H W], and the standard error of its v [B, 1]."""
        signal, noise = (paddle.gather(each, t).unsqueeze(1) for each in (self.signal, self.noise))
        mean = paddle.gather(self.means, y)
        total = signal * self.variance + noise  # of each component of x_t
        along = paddle.matmul(x - signal.sqrt() * mean, self.components)
        shrink = (signal * noise).sqrt() * (1 - self.variance) / total
        v = paddle.matmul(shrink * along, self.components, transpose_y=True) - noise.sqrt() * mean
        x0 = signal.sqrt() * x - noise.sqrt() * v
        return v, x0, (self.variance / total).mean(axis=1, keepdim=True).sqrt()
