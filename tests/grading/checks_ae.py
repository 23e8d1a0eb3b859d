"""The checks of ae/assignment.py: its layers, and what it computes with given weights."""

from dataclasses import replace
from functools import cache, partial

import numpy as np

from tests.assessment.rules import Rule
from tests.grading import reference_ae as ref
from tests.grading.building import check, close, f32, form, probe

EVALUATION = 2e-4  # float32 is right to 4e-7
TRAINING = 1e-3  # float32: 3e-6; batch norms with an epsilon of 1e-3: 3e-4


def autoencoder(rng):
    """20 points."""
    todo = "AutoEncoder"
    structure, arrays = _structure(rng), _weights_and_batches(rng)
    evaluation, training = _filled("evaluation", arrays), _filled("training", arrays)
    gradients, values = _filled("gradients", arrays), _outputs(evaluation, False, EVALUATION)
    hollow = ("network",)
    return [
        check(todo, "interface", 4, _interface(structure), [structure], unless=hollow),
        check(todo, "layers", 4, _layers(structure), [structure], unless=hollow),
        check(todo, "network", 1, _network(values), [evaluation], needs=("layers",)),
        check(todo, "range", 2, _range(structure), [structure], needs=hollow),
        check(todo, "values", 3, values, [evaluation], needs=("layers",)),
        check(todo, "rows", 1, _rows(evaluation), [evaluation], needs=("layers",), unless=hollow),
        check(todo, "training", 3, _training(training), [training], needs=("layers", "values")),
        check(todo, "gradient", 2, _gradient(gradients), [gradients], needs=("layers", "values")),
    ]


def _pictures(rng, rows):
    """[rows, 3, 64, 64] in [0, 1], coarse numbers so that the golden file stays small."""
    return f32(rng.integers(0, 17, (rows, 3, 64, 64)) / 16)


def _structure(rng):
    arrays = {"x": _pictures(rng, 2), "x_one": _pictures(rng, 1)}
    return probe("AutoEncoder", "structure", "autoencoder", arrays, what="structure")


def _interface(of):
    arrays = of["arrays"]
    changed = {"reason": "input_changed", "hint": "input_changed"}
    return [
        Rule("parts", of["id"], "parts"),
        form(of, "out x", arrays["x"].shape),
        form(of, "out x_one", arrays["x_one"].shape),
        close(of, "code", [2, 32, 16, 16], 0.0, reason="ae_code", missing="ae_code_unused"),
        *(close(of, f"after {n}", arrays[n], 0.0, **changed) for n in ("x", "x_one")),
    ]


def _layers(of):
    trainable = {"reason": "ae_parameters"}
    return [
        close(of, "frozen", 0, 0.0, reason="ae_frozen", hint="ae_frozen"),
        Rule("layers", of["id"], "layers", ref.layers()),
        close(of, "trainable", ref.PARAMETERS, 0.0, **trainable),
    ]


def _range(of):
    names = ("out x", "out x_one")
    return [Rule("within", of["id"], n, np.array([0.0, 1.0]), reason="ae_range") for n in names]


def _weights_and_batches(rng):
    """Weights for every layer, two batches, and the flat indices of the pixels to look at."""
    arrays = {**ref.weights(rng), "x1": _pictures(rng, 3), "x2": _pictures(rng, 2)}
    edge = np.concatenate([np.arange(8), np.arange(0, 64, 4) * 64])  # padding shows at the edges
    rest = rng.choice(3 * 64 * 64, 100, replace=False)
    arrays["pick"] = np.unique(np.concatenate([edge, edge + 4096, rest]))
    arrays["weight"] = f32(rng.integers(-8, 9, (3, 3, 64, 64)) / 4)
    return arrays


def _filled(what, arrays):
    return probe("AutoEncoder", what, "autoencoder", arrays, what=what)


def _picked(of, image):
    return image.reshape(len(image), -1)[:, of["arrays"]["pick"]]


def _outputs(of, batch_statistics, tol):
    """Two rules, for the two batches, with what every known mistake would return."""
    rules = []
    for n in "12":
        args = of["arrays"], of["arrays"][f"x{n}"]
        want = _picked(of, ref.forward(*args, batch_statistics=batch_statistics))
        options = {
            "dtype": "float32",
            "mistakes": cache(partial(_wrong, of, args, batch_statistics)),
        }
        rules.append(close(of, f"out{n}", want, tol, **options))
    return rules


def _wrong(of, args, batch_statistics):
    """Slow (a forward pass for each mistake), so it runs only for an answer that is wrong."""
    images = ref.mistakes(*args, batch_statistics)
    return {name: _picked(of, image) for name, image in images.items()}


def _network(values):
    """The values need not be right, but they must come from a network with the weights put in.

    The shapes, the range and the layers of the right answer are known to anybody.
    """
    return [replace(r, kind="resembles", dtype="", reason="ae_network") for r in values]


def _rows(of):
    """Each image by itself as in the batch, and twice the same."""
    alone = {"tol": 1e-4, "reason": "ae_rows", "hint": "ae_rows"}
    again = {"tol": 1e-5, "reason": "ae_not_repeated", "hint": "ae_dropout"}
    return [
        Rule("same", of["id"], "out1", other="again", **again),
        Rule("same", of["id"], "out1", other="alone", **alone),
    ]


def _training(of):
    """Batch statistics in training mode, the running ones move, nothing random."""
    again = {"tol": 1e-5, "reason": "ae_not_repeated", "hint": "ae_dropout"}
    moved = {"reason": "ae_statistics"}
    return [
        *_outputs(of, True, TRAINING),
        Rule("same", of["id"], "out1", other="again", **again),
        Rule("within", of["id"], "moved", np.array([1e-7, 1e6]), **moved),
        close(of, "shared", 0, 0.0, reason="ae_shared", hint="ae_shared"),
    ]


def _gradient(of):
    cut = {"reason": "gradient", "hint": "gradient_cut"}
    return [Rule("within", of["id"], "gradients", np.array([1e-9, 1e9]), **cut)]
