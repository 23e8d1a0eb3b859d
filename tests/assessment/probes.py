"""Runs one probe beside the student's code and returns plain arrays. Knows no expected value.

A probe is data: {"id", "todo", "kind", "arrays": {name: ndarray}, "params": {JSON}}.
`run(probe, module)` calls the student's function with the arrays and returns what was observed.
Exceptions of the student's code pass through; an answer of the wrong type raises BadAnswer.
"""

import inspect
import random

import numpy as np
import paddle

from tests.assessment.autoencoder import observe as observe_autoencoder
from tests.assessment.network import Network

_to_numpy = paddle.Tensor.numpy  # taken before any student code runs


class BadAnswer(Exception):
    """The function returned something that is not a Tensor of numbers."""


def run(probe, module):
    """Perform one probe.

    Args:
        probe: dict, see above.
        module: the loaded student file.

    Returns:
        dict[str, ndarray]: base-class NumPy arrays of numbers.
    """
    paddle.jit.enable_to_static(False)  # what it has compiled belongs to one copy of the file
    try:
        observed = _KINDS[probe["kind"]](probe, module)
    finally:
        paddle.jit.enable_to_static(True)
    return {name: np.array(value, copy=True) for name, value in observed.items()}


def preset(probe, source):
    """The globals that the notebook form reads, to be set before the student's file runs.

    Empty for probes without a schedule, and for a file that defines DDPM: in training nobody would
    set them. The tables are [T, 1, 1, 1] as in the notebook. source: the file, str or bytes.
    """
    if "beta" not in probe["arrays"] or _defines_ddpm(source):
        return {}
    names = ("beta", "alpha", "alpha_bar", "sigma_square")
    tables = {n: paddle.to_tensor(probe["arrays"][n]).reshape([-1, 1, 1, 1]) for n in names}
    return {**tables, "predict_noise": _network(probe)}


def _defines_ddpm(source):
    try:
        return "DDPM" in compile(source, "", "exec", dont_inherit=True).co_names
    except (SyntaxError, ValueError):
        return False  # whoever runs the file will say so


def plain(answer, what="the function"):
    """A student's Tensor as a base-class ndarray."""
    if not isinstance(answer, paddle.Tensor):
        kind = "None" if answer is None else type(answer).__name__
        raise BadAnswer(f"{what} must return a paddle Tensor, it returned {kind}")
    return np.array(_to_numpy(answer), copy=True)


# --- functions and DDPM methods: a list of calls ------------------------------------------------


def _calls(probe, module):
    """Calls as data: {"out": name, "args": [array name or {"value": number}], "grad": [names],
    "weight": array name, "after": bool, "seed": number}. Keys: out, "grad out name", "after out
    name"; "resets": how often a generator stood after a call where it stood after another, in spite
    of another seed; "tables": how many tables of the DDPM have changed.
    """
    function, parameters = _function(probe, module)
    tables, drawn, observed = _tables(function), [], {}
    for number, call in enumerate(probe["params"]["calls"]):
        _seed(call.get("seed", number))
        observed.update(_call(probe, function, parameters, call))
        drawn.append((plain(paddle.rand([])).item(), np.random.rand(), random.random()))  # noqa: NPY002
    resets = sum(len(numbers) - len(set(numbers)) for numbers in zip(*drawn))
    changed = sum(not np.array_equal(t, _tables(function)[n]) for n, t in tables.items())
    return {**observed, "resets": np.array(resets), "tables": np.array(changed)}


def _tables(function):
    """The tables of the DDPM that a method belongs to, as far as they have the usual names."""
    owner = getattr(function, "__self__", None)
    found = {n: getattr(owner, n, None) for n in ("beta", "alpha", "alpha_bar", "sigma_square")}
    return {n: plain(t) for n, t in found.items() if isinstance(t, paddle.Tensor)}


def _call(probe, function, parameters, call):
    tensors = {n: _tensor(probe, n, call) for n in call["args"] if isinstance(n, str)}
    args = [tensors[a] if isinstance(a, str) else a["value"] for a in call["args"]]
    out = call["out"]
    answer = function(*args)
    observed = {out: plain(answer, probe["todo"])}
    if "grad" in call:
        for parameter in parameters.values():
            parameter.clear_gradient(set_to_zero=False)
        _backward(answer, probe["arrays"].get(call.get("weight")))
        watched = {**tensors, **parameters}
        grads = {n: watched[n].grad for n in call["grad"]}
        observed.update({f"grad {out} {n}": plain(g) for n, g in grads.items() if g is not None})
    if call.get("after"):
        observed.update({f"after {out} {n}": plain(t.detach()) for n, t in tensors.items()})
    return observed


def _tensor(probe, name, call):
    """A fresh tensor for every call; it asks for a gradient where the call does."""
    tensor = paddle.to_tensor(probe["arrays"][name])
    tensor.stop_gradient = name not in call.get("grad", ())
    return tensor


def _backward(answer, weight):
    if not answer.stop_gradient:
        (answer if weight is None else (answer * paddle.to_tensor(weight)).sum()).backward()


def _function(probe, module):
    """The callable, and the tensors whose gradient can be asked for beside its arguments."""
    if "beta" in probe["arrays"]:
        return _ddpm_function(probe, module)
    todo = probe["todo"]
    if hasattr(module, todo):
        return getattr(module, todo), {}
    if todo == "reparameterize" and hasattr(module, "CVAE"):
        return module.CVAE.__new__(module.CVAE).reparameterize, {}
    raise BadAnswer(f"the file does not define {todo}")


# --- DDPM: the class, or the notebook form -----------------------------------------------------


def _ddpm_function(probe, module):
    todo = probe["todo"]
    if hasattr(getattr(module, "DDPM", None), todo):
        return _method(probe, module.DDPM)
    if not hasattr(module, todo):
        raise BadAnswer(f"the file defines neither DDPM.{todo} nor a function {todo}")
    if hasattr(module, "DDPM"):
        raise BadAnswer(f"the file defines {todo} outside of the class DDPM")
    network = module.predict_noise
    if "xt" in probe["params"]:
        module.add_noise = _stand_in(probe, getattr(module, "add_noise", None))
    return getattr(module, todo), _parameters(network)


def _method(probe, ddpm_class):
    """The bound method of a fresh DDPM; before it, perhaps, a call on one with another schedule."""
    if "warm" in probe["params"]:
        other = _network(probe)
        beta = paddle.to_tensor(probe["arrays"]["other_beta"])
        warm = getattr(ddpm_class(other, beta), probe["todo"])
        warm(*[_tensor(probe, n, {}) for n in probe["params"]["warm"]])
    network = _network(probe)
    ddpm = ddpm_class(network, paddle.to_tensor(probe["arrays"]["beta"]))
    if "xt" in probe["params"]:
        _replace_add_noise(probe, ddpm)
    return getattr(ddpm, probe["todo"]), _parameters(network)


def _parameters(network):
    return dict(network.named_parameters()) if isinstance(network, Network) else {}


def _network(probe):
    arrays = probe["arrays"]
    return Network(arrays["scale"], arrays["shift"])


def _replace_add_noise(probe, ddpm):
    """Put the stand-in on the instance and on every class that has an add_noise of its own."""
    original = getattr(ddpm, "add_noise", None)
    stand_in = _stand_in(probe, original)
    for owner in type(ddpm).__mro__[:-1]:
        if "add_noise" in vars(owner):
            owner.add_noise = lambda _self, *a, **k: stand_in(*a, **k)
    ddpm.add_noise = stand_in


def _stand_in(probe, original):
    """An add_noise that looks x_t up: params["xt"] = list of [x0, t, eps, x_t] array names.

    Each row of x0 is found among the known ones. Where the caller's x0, t or eps differ from the
    known row, the answer moves by the difference, so that a wrong argument shows.
    """
    names = probe["params"]["xt"]
    known = [np.concatenate([_rows(probe, four)[i] for four in names]) for i in range(4)]
    known_x0, known_t, known_eps, known_xt = known

    def add_noise(*args, **kwargs):
        x0, t, eps = _in_order(original, args, kwargs)
        rows = plain(x0, "x0").reshape((-1, *known_x0.shape[1:]))
        steps = np.broadcast_to(np.asarray(plain(t, "t"), np.int64).reshape(-1), (len(rows),))
        cost = np.abs(rows[:, None] - known_x0[None]).sum(axis=(2, 3, 4))
        cost = cost + 1e-3 * np.abs(steps[:, None] - known_t[None])
        i = cost.argmin(axis=1)
        moved = (steps - known_t[i]).reshape(-1, 1, 1, 1)
        xt = known_xt[i] + (rows - known_x0[i]) + (plain(eps, "eps") - known_eps[i]) + moved
        return paddle.to_tensor(xt.astype("float32"))

    return add_noise


def _rows(probe, names):
    """(x0, t, eps, x_t) of one known call, a row for each image; t repeated where it was 0-D."""
    x0, t, eps, xt = (probe["arrays"][n] for n in names)
    return x0, np.broadcast_to(t.reshape(-1), (len(x0),)), eps, xt


def _in_order(original, args, kwargs):
    """The arguments in their order, whatever names the student's own add_noise gives them."""
    if kwargs:
        args = inspect.signature(original).bind(*args, **kwargs).args
    tensors = len(args) >= 3 and all(isinstance(a, paddle.Tensor) for a in args[:3])
    if not tensors or args[1].is_floating_point() or args[0].ndim < 3 or args[2].ndim < 3:
        raise TypeError("add_noise: the arguments must be x0, t (whole numbers), eps")
    return args[:3]


# --- reparameterize without eps: what is drawn ------------------------------------------------


def _noise(probe, module):
    """Two calls one after the other: "first" and "second" [B, Z]."""
    function, _ = _function(probe, module)
    _seed(probe["params"]["seed"])
    mu, logvar = _tensor(probe, "mu", {}), _tensor(probe, "logvar", {})
    function(mu, logvar, paddle.randn(mu.shape))  # a given eps is not kept for later
    return {name: plain(function(mu, logvar), probe["todo"]) for name in ("first", "second")}


def _seeding(probe, module):
    """The generators after a call, for two seeds: equal only if the function resets them."""
    function, _ = _function(probe, module)
    observed = {}
    for name, seed in zip(("a", "b"), probe["params"]["seeds"]):
        _seed(seed)
        answer = function(_tensor(probe, "mu", {}), _tensor(probe, "logvar", {}), None)
        observed[f"z {name}"] = plain(answer, probe["todo"])
        observed[f"paddle {name}"] = plain(paddle.rand([8]))
        observed[f"numpy {name}"] = np.random.rand(8)  # noqa: NPY002 - the global one is meant
        observed[f"python {name}"] = np.array([random.random() for _ in range(8)])
    return observed


def _seed(seed):
    paddle.seed(seed)
    np.random.seed(seed)  # noqa: NPY002 - the global one is meant
    random.seed(seed)


def _autoencoder(probe, module):
    if not hasattr(module, "AutoEncoder"):
        raise BadAnswer("the file does not define AutoEncoder")
    return observe_autoencoder(probe, module.AutoEncoder, plain, BadAnswer)


_KINDS = {"calls": _calls, "noise": _noise, "seeding": _seeding, "autoencoder": _autoencoder}
