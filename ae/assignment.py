"""Assignment 1: an autoencoder for colour images of 64 x 64 pixels.

One class to write, in two steps: the layers in `__init__`, then `forward`.
Check your work with `pytest tests/todo -k AutoEncoder`, then train it with `python ae/run.py`.
Pictures of right and wrong answers, and questions: docs/guide/AutoEncoder.md.
"""

from paddle import nn


class AutoEncoder(nn.Layer):
    """A convolutional autoencoder (Hinton & Salakhutdinov 2006, with convolutions).

    The encoder halves the image twice, the decoder doubles it twice:

        encoder  Conv2D(3 -> 16, kernel 3, stride 1, padding 1)    [B, 16, 64, 64]
                 ReLU, BatchNorm2D(16), MaxPool2D(2)               [B, 16, 32, 32]
                 Conv2D(16 -> 32, kernel 3, stride 1, padding 1)   [B, 32, 32, 32]
                 ReLU, BatchNorm2D(32), MaxPool2D(2)               [B, 32, 16, 16]  the code
        decoder  Conv2DTranspose(32 -> 16, kernel 2, stride 2)     [B, 16, 32, 32]
                 ReLU, BatchNorm2D(16)
                 Conv2DTranspose(16 -> 3, kernel 2, stride 2)      [B, 3, 64, 64]
                 Sigmoid

    It has 7,475 trainable parameters. The code holds 8,192 numbers for 12,288 pixel values,
    so it hardly compresses; `ae/models.py` has a variant with a vector bottleneck.

    Attributes:
        encoder: `nn.Sequential`, [B, 3, 64, 64] -> [B, 32, 16, 16].
        decoder: `nn.Sequential`, [B, 32, 16, 16] -> [B, 3, 64, 64].
    """

    def __init__(self):
        super().__init__()
        # BEGIN SOLUTION AutoEncoder
        self.encoder = nn.Sequential(
            nn.Conv2D(3, 16, kernel_size=3, stride=1, padding=1),
            nn.ReLU(),
            nn.BatchNorm2D(16),
            nn.MaxPool2D(2),
            nn.Conv2D(16, 32, kernel_size=3, stride=1, padding=1),
            nn.ReLU(),
            nn.BatchNorm2D(32),
            nn.MaxPool2D(2),
        )
        self.decoder = nn.Sequential(
            nn.Conv2DTranspose(32, 16, kernel_size=2, stride=2),
            nn.ReLU(),
            nn.BatchNorm2D(16),
            nn.Conv2DTranspose(16, 3, kernel_size=2, stride=2),
            nn.Sigmoid(),
        )
        # END SOLUTION

    def forward(self, x):
        """Reconstruct a batch of images.

        Args:
            x: [B, 3, 64, 64] float32, range [0, 1].

        Returns:
            x_hat: [B, 3, 64, 64] float32, range [0, 1].
        """
        # BEGIN SOLUTION AutoEncoder
        return self.decoder(self.encoder(x))
        # END SOLUTION
