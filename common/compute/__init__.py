"""How fast and where things are computed: the door that the rest of the project goes through.

A training script asks for a fast model, an optimizer and gradients on all cores, and names no
trick. Nothing here imports Paddle before it is called, because `environment.prepare` has to run
first. `GENMODELS_FAST=0` gives Paddle's own way everywhere.
"""

_ROOMS = {
    "OnAllCores": "data_parallel",
    "Precision": "precision",
    "Predictor": "prediction",
    "resolve": "precision",
    "cross_entropy_sum": "activation",
    "softplus": "activation",
}


def __getattr__(name):
    """What `_ROOMS` names, imported when it is first asked for."""
    if name not in _ROOMS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"common.compute.{_ROOMS[name]}"), name)


def accelerate(model):
    """Give a model the fast layers that can be trusted here, in place. Returns the model."""
    from common.compute import layers

    return layers.accelerate(model)


def plain(model):
    """Undo `accelerate` (and what `OnAllCores` changed), in place. Returns the model."""
    from common.compute import layers

    return layers.plain(model)


def adam(lr, model, grad_clip=None):
    """`paddle.optimizer.Adam` of a model's parameters, by a faster kernel where it can be trusted.

    lr, grad_clip: as of `paddle.optimizer.Adam`.
    """
    from common.compute import fast_adam

    return fast_adam.adam(lr, model, grad_clip)


def predictor(layer, example=None, mixed=False, threads=0, precision="float32"):
    """A function equal to a trained layer, without gradients: (*arrays) -> float32 tensor.

    On a CPU a `Predictor`: fast layers, all cores. On a GPU the layer itself, in mixed precision
    if `mixed` (as its training had it with --amp).

    Args:
        layer: nn.Layer in eval mode, its arguments with leading dimension B.
        example: a small batch of arguments, with which the fast layers are tried. threads: 0: all.
        precision: of the layer's training; bfloat16 (or auto) is taken where the CPU has it.
    """
    from common.compute import prediction

    return prediction.predictor(layer, example, mixed, threads, precision)


def in_force():
    """{trick: what is used, or what is used instead and why}, for config.json ("fast").

    Tricks that have not been compared with Paddle yet are compared now.
    """
    from common.compute import checks

    return checks.in_force()


def settings():
    """{name: {"value", "from": "default" or "user"}} of the environment, for config.json."""
    from common.compute import environment

    return environment.settings()
