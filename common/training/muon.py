"""Muon: the matrices of a network move along the nearest orthogonal matrix to their momentum.

Jordan et al. 2024, https://kellerjordan.github.io/posts/muon. A convolution counts as a matrix of
a row for each of its outputs. Biases, norms, embeddings, and the first and last layer, which are
better off with Adam, stay with it.
"""

import functools
import math
from concurrent.futures import ThreadPoolExecutor

import paddle
from paddle import nn

from common import compute
from common.compute import environment

MOMENTUM, ITERATIONS = 0.95, 5
QUINTIC = (3.4445, -4.7750, 2.0315)  # of the iteration: steep at 0, and about 1 where it ends
SUFFIX = "_muon_0"  # of a momentum's name


class Muon:
    """Used as an optimizer of Paddle is: step, clear_grad, set_lr, state_dict, set_state_dict.

    Args:
        lr: of Adam. model: nn.Layer. adam_for: parts of names whose parameters stay with Adam.
        matrix_lr: of the matrices where Adam's is `lr`; both change in proportion.
        grad_clip: of Adam.
    """

    def __init__(self, lr, model, adam_for=(), matrix_lr=0.02, grad_clip=None):
        named = dict(model.named_parameters())
        turned = {n for n, p in named.items() if p.ndim > 1 and not any(w in n for w in adam_for)}
        self.matrices = [named[name] for name in sorted(turned)]
        rest = [p for name, p in named.items() if name not in turned]
        self.adam = compute.adam(lr, nn.ParameterList(rest), grad_clip)
        self.ratio = matrix_lr / lr
        self.momentum = [paddle.zeros_like(p) for p in self.matrices]

    def set_lr(self, lr):
        """The learning rate of Adam from now on."""
        self.adam.set_lr(lr)

    def step(self):
        """One step of all parameters; those without a gradient are left out."""
        rate = self.ratio * self.adam.get_lr()
        moving = [(p, m) for p, m in zip(self.matrices, self.momentum) if p.grad is not None]
        moving.sort(key=lambda pair: -pair[0].size)  # the longest work begins first
        list(_pool().map(lambda pair: _move(*pair, rate), moving))
        self.adam.step()

    def clear_grad(self, set_to_zero=True):
        """Forget the gradients; set_to_zero: keep their memory."""
        for p in self.matrices:
            p.clear_gradient(set_to_zero)
        self.adam.clear_grad(set_to_zero)

    def state_dict(self):
        """{name: tensor} of Adam, and the momentum of the matrices."""
        own = {p.name + SUFFIX: m for p, m in zip(self.matrices, self.momentum)}
        return {**self.adam.state_dict(), **own}

    def set_state_dict(self, state):
        """Put back what `state_dict` gave."""
        own = {p.name + SUFFIX: m for p, m in zip(self.matrices, self.momentum)}
        for name, momentum in own.items():
            momentum.set_value(state[name])
        self.adam.set_state_dict({n: v for n, v in state.items() if n not in own})


@functools.cache
def _pool():
    return ThreadPoolExecutor(environment.threads())


@paddle.no_grad()
def _move(parameter, momentum, rate):
    """One step of a matrix; of its rows and columns the rows are outputs (Linear: inputs)."""
    gradient = parameter.grad
    momentum.scale_(MOMENTUM).add_(gradient * (1 - MOMENTUM))
    ahead = gradient * (1 - MOMENTUM) + momentum * MOMENTUM  # Nesterov
    matrix = ahead if ahead.ndim == 2 else ahead.flatten(1)
    outputs, inputs = matrix.shape if ahead.ndim > 2 else matrix.shape[::-1]
    step = orthogonal(matrix) * (rate * math.sqrt(max(1, outputs / inputs)))
    parameter.subtract_(step.reshape(parameter.shape))


@paddle.no_grad()
def orthogonal(matrix):
    """U V^T of a matrix U S V^T, about: its singular values become 0.7 to 1.2.

    matrix: [M, N] float32 -> the same shape. Newton and Schulz's iteration, with a quintic.
    """
    turned = matrix.shape[0] > matrix.shape[1]
    x = matrix.T if turned else matrix
    x = x / (x.norm() + 1e-7)
    a, b, c = QUINTIC
    for _ in range(ITERATIONS):
        square = paddle.matmul(x, x, transpose_y=True)
        x = a * x + paddle.matmul(b * square + c * paddle.matmul(square, square), x)
    return x.T if turned else x
