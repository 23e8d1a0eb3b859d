"""Observes a student's AutoEncoder: its layers, and what it computes with weights put into it.

The weights of every layer come with the probe, so that whoever sent them knows what a right
network returns. Knows no expected value.
"""

import numpy as np
import paddle
from paddle import nn

SLOTS = ("encoder", "decoder")


def observe(probe, autoencoder, plain, bad_answer):
    """One probe of kind "autoencoder"; params["what"] says which of the observations below."""
    return _OBSERVATIONS[probe["params"]["what"]](probe, autoencoder, plain, bad_answer)


def _structure(probe, autoencoder, plain, _):
    """A fresh network: its layers, its parameters, the shapes it returns for B = 2 and B = 1."""
    model = autoencoder()
    parts = [getattr(model, slot, None) for slot in SLOTS]
    parameters = model.parameters()
    trainable = [p for p in parameters if not p.stop_gradient]
    observed = {
        "parts": np.array([_part_code(part) for part in parts], np.int64),
        "trainable": np.array(sum(int(p.size) for p in trainable)),
        "frozen": np.array(_frozen(model, parameters)),
        "layers": _inventory(parts),
    }
    model.eval()
    for name in ("x", "x_one"):
        x = paddle.to_tensor(probe["arrays"][name])
        observed[f"out {name}"] = plain(model(x), "forward")
        observed[f"after {name}"] = plain(x, "x")
    code = _code_shape(model, paddle.to_tensor(probe["arrays"]["x"]))
    return {**observed, **({} if code is None else {"code": code})}


def _part_code(part):
    """0 nothing, 1 another layer, 2 nn.Sequential, 3 a Python list or tuple or dict."""
    if isinstance(part, (list, tuple, dict)):
        return 3
    return 2 if isinstance(part, nn.Sequential) else int(isinstance(part, nn.Layer))


def _frozen(model, parameters):
    """How many values are frozen that a layer would train by itself (not running statistics)."""
    norms = [la for la in model.sublayers() if _is_batch_norm(la)]
    running = {id(getattr(la, n)) for la in norms for n in ("_mean", "_variance")}
    return sum(int(p.size) for p in parameters if p.stop_gradient and id(p) not in running)


def _inventory(parts):
    """[layers, 6]: part (0 encoder, 1 decoder), kind (4 weights' ndim, 1 batch norm), weight shape.

    Only layers that hold parameters, in the order in which they stand; the shape is padded with 0.
    """
    rows = []
    for place, part in enumerate(parts):
        layers = part.sublayers(include_self=True) if isinstance(part, nn.Layer) else []
        for layer in layers:
            own = layer._parameters
            if any(p is not None for p in own.values()):
                weight = own.get("weight")
                shape = list(weight.shape) if weight is not None else []
                kind = 1 if _is_batch_norm(layer) else len(shape)
                rows.append([place, kind, *(shape + [0] * 4)[:4]])
    return np.array(rows, np.int64).reshape(-1, 6)


def _is_batch_norm(layer):
    return "_mean" in layer._parameters or "_mean" in layer._buffers


def _code_shape(model, x):
    """The shape of what reaches the decoder's first transposed convolution, or its first layer."""
    decoder = getattr(model, "decoder", None)
    layers = decoder.sublayers() if isinstance(decoder, nn.Layer) else []
    transposed = [la for la in layers if isinstance(la, nn.Conv2DTranspose)]
    if not layers:
        return None
    first = (transposed or layers)[0]
    seen = []
    hook = first.register_forward_pre_hook(lambda _, inputs: seen.append(list(inputs[0].shape)))
    model(x)
    hook.remove()
    return np.array(seen[0], np.int64) if seen else None


# --- with weights put in -----------------------------------------------------------------------


def _evaluation(probe, autoencoder, plain, bad_answer):
    """Evaluation mode, at the picked pixels: two batches, the first again and row by row."""
    model = _filled(probe, autoencoder, bad_answer)
    model.eval()
    x = paddle.to_tensor(probe["arrays"]["x1"])
    outputs = _two_batches(probe, model, plain)
    rows = [plain(model(x[i : i + 1]), "forward") for i in range(len(x))]
    outputs["alone"] = np.concatenate(rows)
    return {name: _picked(probe, image) for name, image in outputs.items()}


def _training(probe, autoencoder, plain, bad_answer):
    """Training mode, at the picked pixels; which running statistics moved; and how many parameters
    changed when those of another network were filled.
    """
    model = _filled(probe, autoencoder, bad_answer)
    before = _statistics(model)
    model.train()
    outputs = _two_batches(probe, model, plain)
    observed = {name: _picked(probe, image) for name, image in outputs.items()}
    moved = [float(np.abs(b - a).max()) for a, b in zip(before, _statistics(model))]
    for parameter in autoencoder().parameters():
        parameter.set_value(paddle.full_like(parameter, 0.5))
    shared = sum(bool((p == 0.5).all()) for p in model.parameters())
    return {**observed, "moved": np.array(moved), "shared": np.array(shared)}


def _two_batches(probe, model, plain):
    batches = {"out1": "x1", "out2": "x2", "again": "x1"}
    tensors = {n: paddle.to_tensor(probe["arrays"][x]) for n, x in batches.items()}
    model(tensors["out1"].flip(0))  # what is kept of it for this shape is wrong from here on
    return {n: plain(model(x), "forward") for n, x in tensors.items()}


def _gradients(probe, autoencoder, plain, bad_answer):
    """The largest absolute gradient of each trainable parameter, -1 where none came."""
    model = _filled(probe, autoencoder, bad_answer)
    model.train()
    out = model(paddle.to_tensor(probe["arrays"]["x1"]))
    weight = paddle.to_tensor(probe["arrays"]["weight"])
    plain(out, "forward")
    if not out.stop_gradient:
        (out * weight).sum().backward()
    trainable = [p for p in model.parameters() if not p.stop_gradient]
    sizes = [-1.0 if p.grad is None else float(p.grad.abs().max()) for p in trainable]
    return {"gradients": np.array(sizes)}


_OBSERVATIONS = {
    "structure": _structure,
    "evaluation": _evaluation,
    "training": _training,
    "gradients": _gradients,
}


def _picked(probe, image):
    """[B, picks]: the pixels whose flat index stands in arrays["pick"]."""
    if image.shape[1:] != probe["arrays"]["x1"].shape[1:]:
        return image
    return image.reshape(len(image), -1)[:, probe["arrays"]["pick"]]


def _statistics(model):
    """The running mean and variance of every batch norm, as arrays."""
    layers = [la for la in model.sublayers() if _is_batch_norm(la)]
    return [np.array(getattr(la, n).numpy()) for la in layers for n in ("_mean", "_variance")]


def _filled(probe, autoencoder, bad_answer):
    """A network with the probe's weights: each layer is found by its part and its weight's shape.

    Array names: "<part> <weight shape, x between> <weight|bias|_mean|_variance>".
    """
    model = autoencoder()
    wanted = {n for n in probe["arrays"] if n.split()[0] in SLOTS}
    for slot in SLOTS:
        part = getattr(model, slot, None)
        for layer in part.sublayers(include_self=True) if isinstance(part, nn.Layer) else []:
            wanted -= _fill_layer(probe, slot, layer)
    if wanted:
        raise bad_answer(f"no layer found for: {', '.join(sorted(wanted)[:3])}")
    return model


def _fill_layer(probe, slot, layer):
    own = {**layer._parameters, **layer._buffers}
    weight = own.get("weight")
    if weight is None:
        return set()
    prefix = f"{slot} {'x'.join(map(str, weight.shape))}"
    names = {f"{prefix} {n}": n for n, value in own.items() if value is not None}
    for name, attribute in names.items():
        if name in probe["arrays"]:
            own[attribute].set_value(paddle.to_tensor(probe["arrays"][name]))
    return set(names)
