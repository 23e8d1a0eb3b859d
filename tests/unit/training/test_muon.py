"""Muon: which way matrices move, and that a checkpoint holds all of it."""

import numpy as np
import paddle
import pytest
from paddle import nn

from common.training import checkpoint
from common.training.muon import Muon, orthogonal


@pytest.mark.parametrize("shape", [(48, 432), (96, 24), (8, 8)])
def test_the_step_of_a_matrix_keeps_its_directions_and_evens_their_lengths(shape):
    matrix = np.random.default_rng(0).standard_normal(shape).astype(np.float32)
    u, _, v = np.linalg.svd(matrix, full_matrices=False)
    found = orthogonal(paddle.to_tensor(matrix)).numpy()
    lengths = np.diag(u.T @ found @ v.T)
    assert lengths.min() > 0.6 and lengths.max() < 1.3
    assert np.allclose(found, u @ np.diag(lengths) @ v, atol=1e-3)


def network():
    paddle.seed(0)
    return nn.Sequential(nn.Conv2D(1, 4, 3, padding=1), nn.Silu(), nn.Conv2D(4, 1, 3, padding=1))


def steps(model, optimizer, count):
    x = paddle.to_tensor(np.random.default_rng(1).standard_normal((4, 1, 6, 6)), "float32")
    for _ in range(count):
        optimizer.set_lr(1e-2)
        (model(x) - 2 * x).square().mean().backward()
        optimizer.step()
        optimizer.clear_grad(set_to_zero=False)
    return float((model(x) - 2 * x).square().mean())


def test_it_learns_and_goes_on_from_a_checkpoint_to_the_same_bits(tmp_path):
    model = network()
    optimizer = Muon(1e-2, model, adam_for=("2.",))
    before = steps(model, optimizer, 1)
    arrays = checkpoint.optimizer_arrays(optimizer, model)
    weights = checkpoint.model_arrays(model)
    after = steps(model, optimizer, 20)
    assert after < 0.7 * before
    again = network()
    resumed = Muon(1e-2, again, adam_for=("2.",))
    checkpoint.set_model(again, weights, "x")
    checkpoint.set_optimizer(resumed, again, arrays, "x")
    assert steps(again, resumed, 20) == after
