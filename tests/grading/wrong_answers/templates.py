"""Turns the body of one TODO into a whole assignment file."""

import textwrap

_IMPORTS = """
import math
import random
import numpy as np
import paddle
import paddle.nn.functional as F
from paddle import nn
"""

_SIGNATURES = {
    "reparameterize": "def reparameterize(mu, logvar, eps=None):",
    "kl_div_loss": "def kl_div_loss(mu, logvar):",
    "region_weighted_loss": (
        "def region_weighted_loss(x_hat, x, white_threshold=0.7, white_region_loss_coef=1.0,"
        " black_region_loss_coef=0.3):"
    ),
    "add_noise": "def add_noise(self, x0, t, eps):",
    "remove_noise": "def remove_noise(self, xt, t, eps):",
    "loss": "def loss(self, x0, t, eps):",
}

CONSTRUCTOR = """
    def __init__(self, predict_noise, beta):
        self.predict_noise = predict_noise
        self.beta = beta
        self.alpha = 1 - beta
        self.alpha_bar = paddle.cumprod(self.alpha, dim=0)
        before = paddle.concat([paddle.ones([1], dtype=beta.dtype), self.alpha_bar[:-1]])
        self.sigma_square = beta * (1 - before) / (1 - self.alpha_bar)
"""

_WRONG_ADD_NOISE = """
    def add_noise(self, clean, step, noise):
        return 0 * clean
"""

# Shorthand for the bodies: tables at t, shaped for images.
_TABLES = """
ab = self.alpha_bar[t].reshape([-1, 1, 1, 1])
a = self.alpha[t].reshape([-1, 1, 1, 1])
b = self.beta[t].reshape([-1, 1, 1, 1])
s2 = self.sigma_square[t].reshape([-1, 1, 1, 1])
"""

_AUTOENCODER = """
class AutoEncoder(nn.Layer):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential({encoder})
        self.decoder = nn.Sequential({decoder})

    def forward(self, x):
        {forward}
"""

LAYERS = {
    "c": "nn.Conv2D({i}, {o}, 3, padding=1)",
    "t": "nn.Conv2DTranspose({i}, {o}, 2, stride=2)",
    "r": "nn.ReLU()",
    "b": "nn.BatchNorm2D({i})",
    "p": "nn.MaxPool2D(2)",
    "a": "nn.AvgPool2D(2)",
    "s": "nn.Sigmoid()",
    "h": "nn.Tanh()",
    "l": "nn.LeakyReLU()",
    "d": "nn.Dropout(0.3)",
    "i": "nn.Identity()",
    "x": "nn.Softmax()",
    "u": "nn.Upsample(scale_factor=2)",
}


def function(todo, body):
    """A file with one module-level function of that body."""
    return f"{_IMPORTS}\n{_SIGNATURES[todo]}\n{_indented(body, 1)}\n"


def method(todo, body, tables=True, constructor=CONSTRUCTOR):
    """A file with a class DDPM whose one method has that body; beside `loss` a wrong add_noise."""
    whole = (_TABLES if tables else "") + textwrap.dedent(body)
    constructor += _WRONG_ADD_NOISE if todo == "loss" else ""
    head = f"{_IMPORTS}\nclass DDPM:{constructor}\n"
    return f"{head}    {_SIGNATURES[todo]}\n{_indented(whole, 2)}\n"


def file(source):
    """A file with the usual imports in front."""
    return _IMPORTS + textwrap.dedent(source)


def autoencoder(encoder="crbpcrbp", decoder="trbts", forward=None, **channels):
    """An AutoEncoder from letters (see LAYERS); channels: first=16, second=32."""
    first, second = channels.get("first", 16), channels.get("second", 32)
    rest = [3, first, second]
    parts = []
    for letters, order in ((encoder, rest), (decoder, [second, first, 3])):
        parts.append(", ".join(_layers(letters, order)))
    forward = forward or "return self.decoder(self.encoder(x))"
    body = _indented(forward, 2).lstrip()
    return _IMPORTS + _AUTOENCODER.format(encoder=parts[0], decoder=parts[1], forward=body)


def _layers(letters, channels):
    place = 0
    for letter in letters:
        step = letter in "ct"
        numbers = {"i": channels[place], "o": channels[min(place + 1, 2)]}
        yield LAYERS[letter].format(**numbers)
        place += step


def _indented(text, level):
    return textwrap.indent(textwrap.dedent(text).strip("\n"), "    " * level)
