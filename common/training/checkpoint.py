"""Checkpoints and weights, written whole or not at all, and read without running foreign code.

`checkpoint.npz` holds arrays and one JSON text; NumPy reads it with `allow_pickle=False`, and the
zip inside has a checksum for each array, so a truncated or altered file is noticed.

`model.pdparams` is Paddle's own format, which is a pickle: `paddle.load` would run whatever a
stranger put into it. `load_weights` therefore unpickles with a list of the five names that a file
of plain weights needs, and refuses everything else.
"""

import io
import json
import pickle
import zipfile
import zlib

import numpy as np
import paddle

from common.errors import UserError
from common.files import atomic_path

FORMAT = "genmodels-checkpoint-1"
UNREADABLE = (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile, zlib.error)


def save(path, arrays, meta):
    """Write named arrays and a JSON-able dict, atomically.

    Args:
        path: the .npz file.
        arrays: {name: array or Tensor}.
        meta: dict of plain values (numbers, strings, lists, dicts).
    """
    arrays = {name: np.asarray(value) for name, value in arrays.items()}
    header = json.dumps({"format": FORMAT, "meta": meta})
    save_arrays(path, np.savez, __meta__=np.array(header), **arrays)


def save_arrays(path, how=np.savez_compressed, **arrays):
    """Write an .npz file, atomically. how: np.savez or np.savez_compressed.

    By way of memory: on a full disk NumPy 1.26 leaves a zip file open that complains for itself.
    """
    archive = io.BytesIO()
    how(archive, **arrays)
    with atomic_path(path) as temporary:
        temporary.write_bytes(archive.getbuffer())


def load(path):
    """Read what `save` wrote.

    Returns:
        (arrays, meta). Raises UserError if the file is truncated, altered or of another program.
    """
    try:
        with np.load(path, allow_pickle=False) as archive:
            header = json.loads(str(archive["__meta__"]))
            arrays = {name: archive[name] for name in archive.files if name != "__meta__"}
        if header["format"] != FORMAT:
            raise ValueError(f"format {header['format']!r}")
    except UNREADABLE as error:
        raise UserError(
            f"{path} is damaged or not a checkpoint of this project ({error}); delete it to start "
            "again from the beginning"
        ) from None
    return arrays, header["meta"]


def model_arrays(model):
    """{name: array} of all parameters and buffers of a layer."""
    return {name: value.numpy() for name, value in model.state_dict().items()}


def set_model(model, arrays, source):
    """Put arrays into a layer. Raises UserError if names or shapes are not the layer's own."""
    own = model.state_dict()
    wrong = set(own) ^ set(arrays) or {
        n for n in own if list(own[n].shape) != list(arrays[n].shape)
    }
    if wrong:
        names = ", ".join(sorted(wrong)[:3])
        raise UserError(f"{source} holds the weights of another model (differs in {names})")
    for name, value in own.items():
        value.set_value(arrays[name])


def optimizer_arrays(optimizer, model):
    """{name: array} of an optimizer's accumulators, under the model's own parameter names.

    Paddle names them by counters of the process (`conv2d_7.w_0_moment1_0`), which another
    process may count differently.
    """
    state = optimizer.state_dict()
    arrays = {}
    for name, parameter in model.named_parameters():
        prefix = parameter.name + "_"
        for key, value in state.items():
            if key.startswith(prefix):
                arrays[f"{name}|{key[len(prefix) :]}"] = value.numpy()
    return arrays


def set_optimizer(optimizer, model, arrays):
    """Put back what `optimizer_arrays` gave."""
    names = {name: parameter.name for name, parameter in model.named_parameters()}
    state = {}
    for key, value in arrays.items():
        name, _, suffix = key.partition("|")
        state[f"{names[name]}_{suffix}"] = paddle.to_tensor(value)
    optimizer.set_state_dict(state)


def save_training(run, task, precision, progress):
    """Write the run's checkpoint: all that a training needs to go on to the same bits.

    Args:
        run: Run. task: Task (model, optimizer, average). precision: Precision.
        progress: dict of plain values.
    """
    parts = {
        "model": model_arrays(task.model),
        "optimizer": optimizer_arrays(task.optimizer, task.model),
        "average": task.average.state() if task.average else {},
        "precision": precision.state(),
    }
    arrays = {f"{part}/{name}": a for part, found in parts.items() for name, a in found.items()}
    save(run.checkpoint, arrays, progress)


def restore(run, task, precision):
    """Put the checkpoint of a run that resumes back into the task.

    Returns:
        The dict of its progress, or None for a fresh start. Raises UserError if the checkpoint is
        damaged or of another model.
    """
    if not (run.resuming and run.checkpoint.is_file()):
        return None
    arrays, progress = load(run.checkpoint)
    parts = {"model": {}, "optimizer": {}, "average": {}, "precision": {}}
    for name, array in arrays.items():
        part, _, key = name.partition("/")
        parts.setdefault(part, {})[key] = array
    set_model(task.model, parts["model"], run.checkpoint)
    set_optimizer(task.optimizer, task.model, parts["optimizer"])
    if task.average:
        task.average.set_state(parts["average"], run.checkpoint)
    precision.set_state(parts["precision"])
    return progress


def save_weights(path, state_dict):
    """Write a state dict as .pdparams, atomically; `paddle.load` reads it too."""
    with atomic_path(path) as temporary:
        paddle.save(state_dict, str(temporary))


class _WeightsUnpickler(pickle.Unpickler):
    """Unpickles dicts of NumPy arrays and nothing that could run code."""

    ALLOWED = frozenset(
        (module, name)
        for module, names in {
            "numpy": ("ndarray", "dtype"),
            "numpy.core.multiarray": ("_reconstruct", "scalar"),
            "numpy._core.multiarray": ("_reconstruct", "scalar"),
            "numpy._core.numeric": ("_frombuffer",),
            "numpy.core.numeric": ("_frombuffer",),
            "collections": ("OrderedDict",),
            "_codecs": ("encode",),
        }.items()
        for name in names
    )

    def find_class(self, module, name):
        if (module, name) in self.ALLOWED:
            return super().find_class(module, name)
        raise pickle.UnpicklingError(f"it asks for {module}.{name}")


def load_weights(path):
    """Read a .pdparams file of plain weights without running code from it.

    Returns:
        {name: array}. Raises UserError if the file is missing, damaged, or holds anything else.
    """
    try:
        with open(path, "rb") as file:
            state = _WeightsUnpickler(file).load()
        state.pop("StructuredToParameterName@@", None)
        arrays = {}
        for name, value in state.items():
            value = value[1] if isinstance(value, tuple) else value  # (name, array) of Paddle
            if not isinstance(value, np.ndarray):
                raise pickle.UnpicklingError(f"{name} is not an array")
            arrays[name] = value
    except OSError:
        raise UserError(f"{path} cannot be read; finish the run with --resume") from None
    except Exception as error:  # a damaged pickle can raise nearly anything
        raise UserError(f"{path} is damaged or not a file of plain weights ({error})") from None
    return arrays
