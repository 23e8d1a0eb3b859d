"""Layers on NaN, infinities, denormals, constants and empty batches: as Paddle's own, each in a
process of its own, because what goes wrong here can end the interpreter."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PROGRAM = """
import copy, sys
import common
import numpy as np, paddle
from paddle import nn
from common import compute

def answers(layer, x):
    t = paddle.to_tensor(x, stop_gradient=False)
    y = layer(t)
    (y * paddle.to_tensor(np.cos(np.arange(y.size, dtype="f")).reshape(y.shape))).sum().backward()
    with paddle.no_grad():
        alone = layer(t)
    grads = [t.grad.numpy(), *(p.grad.numpy() for p in layer.parameters())]
    return [y.numpy(), alone.numpy(), *grads[:WEIGHTS]]

def spoilt(shape):
    plain = np.random.default_rng(0).standard_normal(shape).astype("f")
    yield "numbers", plain
    for value in (np.nan, np.inf, -np.inf, 1e-42, 3e38):
        for place in ((0, 0), (1, 1), (slice(None),)):
            x = plain.copy()
            x[place] = value
            if abs(value) != 3e38 or EXTREMES:
                yield f"{value} at {place}", x
    yield "constant", np.full(shape, 3.5, "f")
    yield "empty", plain[:0]

for build, shape in CASES:
    for name, x in spoilt(shape):
        layer = build()
        other = compute.accelerate(nn.Sequential(copy.deepcopy(layer)))
        try:
            expected = answers(layer, x)
        except Exception:
            try:
                answers(other, x)
            except Exception:
                continue
            sys.exit(f"{name}: Paddle refuses it, the fast layer does not")
        for number, (a, b) in enumerate(zip(expected, answers(other, x), strict=True)):
            a, b = (np.where(np.isfinite(v), v, np.nan) for v in (a, b))
            reach = 1e-4 * np.abs(np.nan_to_num(a)).max(initial=0) + 1e-4
            if not np.allclose(a, b, 0, reach, equal_nan=True):
                sys.exit(f"{type(layer).__name__}, {name}: result {number} differs")
"""
POOLS = "[(lambda: nn.MaxPool2D(2), (3, 4, 8, 8)), (lambda: nn.MaxPool2D(3, 2, 1), (2, 3, 9, 8)),"
POOLS += "(lambda: nn.MaxPool2D(1), (2, 2, 4, 4)), (lambda: nn.MaxPool2D(2, ceil_mode=True),"
POOLS += "(2, 2, 5, 5))]"
OTHERS = """[
    (lambda: nn.Conv2D(3, 5, 3, padding=1), (2, 3, 8, 6)),
    (lambda: nn.Conv2DTranspose(3, 5, 4, 2, 1), (2, 3, 5, 4)),
    (lambda: nn.Linear(7, 5), (4, 7)),
    (lambda: nn.GroupNorm(2, 6), (3, 6, 5, 4)),
    (lambda: nn.Silu(), (2, 3, 4, 5)),
    (lambda: nn.Softmax(), (3, 7, 5)),
    (lambda: nn.Upsample(scale_factor=2), (2, 3, 4, 5)),
]"""


def run(program, **names):
    text = "".join(f"{name} = {value}\n" for name, value in names.items())
    head, sep, tail = program.partition("def answers")
    return subprocess.run(
        [sys.executable, "-c", f"{head}{text}{sep}{tail}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.mark.parametrize(
    ("cases", "weights", "extremes"),
    # The weight's gradient of a transposed convolution leaves products with padding out, so that
    # fewer of its entries are NaN, never none.
    [(POOLS, None, True), (OTHERS, 1, False)],
    ids=["pooling", "others"],
)
def test_layers_answer_like_paddles_on_what_is_no_number(cases, weights, extremes):
    done = run(PROGRAM, CASES=cases, WEIGHTS=weights, EXTREMES=extremes)
    assert done.returncode == 0, done.stderr[-500:]


MISFITS = """
import common
import paddle
import paddle.nn.functional as F
from paddle import nn
from common import compute

def refused(call):
    try:
        call()
    except Exception as error:
        return "oneDNN" not in str(error)
    return False

def answers():
    for layer, shape in (
        (nn.Conv2D(3, 5, 3), [2, 9, 8, 8]),
        (nn.Conv2DTranspose(3, 5, 3), [2, 9, 8, 8]),
        (nn.GroupNorm(2, 6), [2, 12, 4, 4]),
    ):
        fast = compute.accelerate(nn.Sequential(layer))
        assert refused(lambda: fast(paddle.ones(shape))), (layer, shape)

answers()
logits, x = paddle.zeros([2, 1, 4]), paddle.ones([2, 3, 4])
found = compute.cross_entropy_sum(logits, x)  # broadcast, as the formula is
assert abs(found.item() - (F.softplus(logits) - x * logits).sum().item()) < 1e-4
"""


def test_what_does_not_fit_a_kernel_does_not_reach_it():
    done = run(MISFITS)
    assert done.returncode == 0, done.stderr[-500:]
