"""The AutoEncoder of assignment 1 and its known wrong forms, in NumPy float64.

A network is a string of letters, one a layer, encoder and decoder in one: see `_LAYERS`.
"""

import numpy as np

RIGHT = "crbpcrbptrbts"

# Weight shapes in Paddle's order, and how many of the [3 -> 16 -> 32 -> 16 -> 3] channels come out.
CONVOLUTIONS = (
    ("encoder", (16, 3, 3, 3), 16),
    ("encoder", (32, 16, 3, 3), 32),
    ("decoder", (32, 16, 2, 2), 16),
    ("decoder", (16, 3, 2, 2), 3),
)
NORMS = (("encoder", 16), ("encoder", 32), ("decoder", 16))
PARAMETERS = 7475
LOUD = 8.0  # what goes into a batch norm is so large that its epsilon does not matter


def layers():
    """[7, 6] int64, as autoencoder.py reports layers: part, kind, weight shape."""
    parts = {"encoder": 0, "decoder": 1}
    rows = [[parts[p], 4, *shape] for p, shape, _ in CONVOLUTIONS]
    rows += [[parts[p], 1, n, 0, 0, 0] for p, n in NORMS]
    return np.array(sorted(rows), np.int64)


def weights(rng):
    """Random weights by name, float32; the logits stay near 1."""
    out = {}
    for part, shape, channels in CONVOLUTIONS:
        name = f"{part} {'x'.join(map(str, shape))}"
        fan_in = shape[0] if part == "decoder" else np.prod(shape[1:])
        size = LOUD if channels > 3 else 1.5
        out[f"{name} weight"] = rng.normal(0, size / np.sqrt(fan_in), shape)
        out[f"{name} bias"] = rng.normal(0, 0.3, channels)
    for part, n in NORMS:
        sign = np.where(np.arange(n) % 3 == 0, -1, 1)  # a negative scale tells orders apart
        out[f"{part} {n} weight"] = sign * rng.uniform(0.6, 1.4, n)
        out[f"{part} {n} bias"] = rng.normal(0, 0.3, n)
        out[f"{part} {n} _mean"] = LOUD * rng.normal(0.2, 0.15, n)
        out[f"{part} {n} _variance"] = LOUD**2 * rng.uniform(0.5, 1.0, n)
    out = {name: value.astype(np.float32) for name, value in out.items()}
    _centre(out, rng.random((1, 3, 64, 64)))
    return out


def _centre(weights, x):
    """Set the biases before each ReLU so that it cuts every channel, and cuts none off entirely.

    A channel without any variance would be magnified by its batch norm, rounding errors included.
    """
    for place, (part, shape, _) in enumerate(CONVOLUTIONS[:-1]):
        upto = [i for i, letter in enumerate(RIGHT) if letter in "ct"][place] + 1
        h = forward(weights, x, RIGHT[:upto], batch_statistics=True)
        shift = 0.4 * h.std(axis=(0, 2, 3)) - h.mean(axis=(0, 2, 3))
        weights[f"{part} {'x'.join(map(str, shape))} bias"] += shift.astype(np.float32)


def forward(weights, x, plan=RIGHT, batch_statistics=False, epsilon=1e-5):
    """The network `plan` on x [B, 3, 64, 64]; float64, [B, 3, 64, 64]."""
    state = {"convolutions": list(CONVOLUTIONS), "norms": list(NORMS)}
    state |= {"batch": batch_statistics, "epsilon": epsilon}
    h = np.asarray(x, np.float64)
    for letter in plan:
        h = _LAYERS[letter](h, weights, state)
    return h


def _take(weights, part, shape, names):
    prefix = f"{part} {'x'.join(map(str, np.atleast_1d(shape)))}"
    return [weights[f"{prefix} {n}"].astype(np.float64) for n in names]


def _convolution(h, weights, state):
    part, shape, _ = state["convolutions"].pop(0)
    weight, bias = _take(weights, part, shape, ("weight", "bias"))
    padded = np.pad(h, ((0, 0), (0, 0), (1, 1), (1, 1)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(2, 3))
    out = np.tensordot(windows, weight, axes=((1, 4, 5), (1, 2, 3)))  # [B, H, W, out]
    return np.moveaxis(out, -1, 1) + bias.reshape(1, -1, 1, 1)


def _strided(h, weights, state):
    return _convolution(h, weights, state)[:, :, ::2, ::2]


def _transposed(h, weights, state):
    part, shape, _ = state["convolutions"].pop(0)
    weight, bias = _take(weights, part, shape, ("weight", "bias"))
    blocks = np.tensordot(h, weight, axes=(1, 0))  # [B, H, W, out, 2, 2]
    b, rows, columns, out = blocks.shape[:4]
    image = blocks.transpose(0, 3, 1, 4, 2, 5).reshape(b, out, 2 * rows, 2 * columns)
    return image + bias.reshape(1, -1, 1, 1)


def _batch_norm(h, weights, state):
    part, n = state["norms"].pop(0)
    names = ("weight", "bias", "_mean", "_variance")
    scale, shift, mean, variance = _take(weights, part, n, names)
    if state["batch"]:
        mean, variance = h.mean(axis=(0, 2, 3)), h.var(axis=(0, 2, 3))
    factor = scale / np.sqrt(variance + state["epsilon"])
    return h * factor.reshape(1, -1, 1, 1) + (shift - mean * factor).reshape(1, -1, 1, 1)


def _pooled(reduce):
    def pool(h, _weights, _state):
        b, c, rows, columns = h.shape
        return reduce(h.reshape(b, c, rows // 2, 2, columns // 2, 2), axis=(3, 5))

    return pool


def _elementwise(function):
    return lambda h, _weights, _state: function(h)


_LAYERS = {
    "c": _convolution,
    "k": _strided,
    "t": _transposed,
    "b": _batch_norm,
    "p": _pooled(np.max),
    "a": _pooled(np.mean),
    "r": _elementwise(lambda h: np.maximum(h, 0)),
    "s": _elementwise(lambda h: 1 / (1 + np.exp(-h))),
    "h": _elementwise(np.tanh),
    "H": _elementwise(lambda h: (np.tanh(h) + 1) / 2),
    "l": _elementwise(lambda h: np.where(h > 0, h, 0.01 * h)),
    "L": _elementwise(lambda h: np.where(h > 0, h, 0.2 * h)),
    "C": _elementwise(lambda h: np.clip(h, 0, 1)),
}

# hint id -> the plan of that mistake
MISTAKES = {
    "ae_no_sigmoid": "crbpcrbptrbt",
    "ae_tanh": "crbpcrbptrbth",
    "ae_tanh~2": "crbpcrbptrbtH",
    "ae_relu_at_end": "crbpcrbptrbtr",
    "ae_relu_at_end~2": "crbpcrbptrbtrs",
    "ae_relu_at_end~3": "crbpcrbptrbtC",
    "ae_sigmoid_twice": "crbpcrbptrbtss",
    "ae_no_relu": "cbpcbptbts",
    "ae_no_relu~2": "cbpcbptrbts",
    "ae_no_relu~3": "crbpcrbptbts",
    "ae_no_relu~4": "crbpcbptrbts",
    "ae_no_relu~5": "cbpcrbptrbts",
    "ae_norm_order": "cbrpcbrptbrts",
    "ae_norm_order~2": "cbrpcbrptrbts",
    "ae_norm_order~3": "crbpcrbptbrts",
    "ae_norm_order~4": "crpbcrpbtrbts",
    "ae_stride": "krbkrbtrbts",
    "ae_average_pool": "crbacrbatrbts",
    "ae_other_activation": "clbpclbptlbts",
    "ae_other_activation~2": "cLbpcLbptLbts",
    "ae_other_activation~3": "csbpcsbptsbts",
    "ae_other_activation~4": "chbpchbpthbts",
    "ae_code_squashed": "crbpcrbpstrbts",
    "ae_code_squashed~2": "crbpcrbphtrbts",
    "ae_code_squashed~3": "crbpcrbprtrbts",
}


def mistakes(weights, x, batch_statistics=False):
    """hint id -> what that mistake computes, [B, 3, 64, 64]."""
    found = {n: forward(weights, x, plan, batch_statistics) for n, plan in MISTAKES.items()}
    right = forward(weights, x, RIGHT, batch_statistics)
    before_sigmoid = forward(weights, x, RIGHT[:-1], batch_statistics)
    found["ae_skip"] = right + x
    found["ae_skip~2"] = (right + x) / 2
    found["ae_skip~3"] = 1 / (1 + np.exp(-before_sigmoid - x))
    found["ae_skip~4"] = np.clip(right + x, 0, 1)
    other = "ae_global_statistics" if batch_statistics else "ae_batch_statistics"
    found[other] = forward(weights, x, RIGHT, not batch_statistics)
    return found
