"""An autoencoder whose code is a vector, beside the assignment's, whose code hardly compresses."""

from paddle import nn

from ae.assignment import AutoEncoder


class VectorAutoEncoder(nn.Layer):
    """Convolutional autoencoder with a bottleneck of `latent_dim` numbers.

    No BatchNorm: the code of an image should not depend on the rest of its batch.

    Args:
        channels: of an image. image_size: height = width, divisible by 4.
        latent_dim: numbers of the code. width: channels of the first convolution.
    """

    def __init__(self, channels, image_size, latent_dim, width=32):
        super().__init__()
        small = image_size // 4
        features = 2 * width * small * small
        self.encoder = nn.Sequential(
            nn.Conv2D(channels, width, kernel_size=4, stride=2, padding=1),
            nn.ReLU(),
            nn.Conv2D(width, 2 * width, kernel_size=4, stride=2, padding=1),
            nn.ReLU(),
            nn.Flatten(),
            nn.Linear(features, latent_dim),
        )
        self.decoder = nn.Sequential(
            nn.Linear(latent_dim, features),
            nn.ReLU(),
            nn.Unflatten(1, [2 * width, small, small]),
            nn.Conv2DTranspose(2 * width, width, kernel_size=4, stride=2, padding=1),
            nn.ReLU(),
            nn.Conv2DTranspose(width, channels, kernel_size=4, stride=2, padding=1),
            nn.Sigmoid(),
        )

    def forward(self, x):
        """x: [B, C, H, W] float32 in [0, 1] -> x_hat, same shape and range."""
        return self.decoder(self.encoder(x))


def build(config):
    """The model of a config: the assignment's if latent_dim is 0, else the vector bottleneck."""
    if config.latent_dim:
        return VectorAutoEncoder(config.channels, config.image_size, config.latent_dim)
    return AutoEncoder()
