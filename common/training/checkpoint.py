"""Checkpoints and weights, written whole or not at all, and read without running foreign code.

`checkpoint.npz` holds arrays and one JSON text; NumPy reads it with `allow_pickle=False`, and the
zip inside has a checksum for each array, so a truncated or altered file is noticed.

Beside the arrays stands a list of them, so that one that is missing, added or of another shape is
noticed too. NaN and infinity are neither written nor read: the good file stays.

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

from common import records
from common.compute import environment
from common.errors import RunError, UserError
from common.files import atomic_path

FORMAT = "genmodels-checkpoint-1"
UNREADABLE = (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile, zlib.error)
UNREADABLE += (MemoryError, NotImplementedError, RecursionError, RuntimeError, SyntaxError)
MOST = 2**33  # bytes of a file's arrays where the size of the memory is unknown


def save(path, arrays, meta):
    """Write named arrays and a JSON-able dict, atomically.

    Args:
        path: the .npz file.
        arrays: {name: array or Tensor}.
        meta: dict of plain values (numbers, strings, lists, dicts).

    Raises RunError, with the file as it was, if an array holds NaN or infinity.
    """
    arrays = {name: np.asarray(value) for name, value in arrays.items()}
    _refuse_not_finite(path, arrays)
    header = json.dumps({"format": FORMAT, "meta": meta, "arrays": _contents(arrays)})
    save_arrays(path, np.savez, __meta__=np.array(header), **arrays)


def _refuse_not_finite(path, arrays):
    if bad := records.not_finite(arrays):
        raise RunError(
            f"NaN or infinity in {bad[0]}, so {path} was not written (what was there before is as "
            "it was); try a smaller --lr"
        )


def _contents(arrays):
    """{name: [type, shape]} of arrays."""
    return {name: [str(array.dtype), list(array.shape)] for name, array in arrays.items()}


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
        arrays = _read_npz(path)
        header = json.loads(str(arrays.pop("__meta__")))
        if header["format"] != FORMAT:
            raise ValueError(f"format {header['format']!r}")
        if _contents(arrays) != header.get("arrays", _contents(arrays)):
            raise ValueError("other arrays than were written")
        meta = dict(header["meta"])
    except UNREADABLE as error:
        raise UserError(
            f"{path} is damaged or not a checkpoint of this project ({_brief(error)}); delete it "
            "to start again from the beginning"
        ) from None
    if bad := records.not_finite(arrays):
        raise records.damaged(path, f"{bad[0]} holds NaN or infinity")
    return arrays, meta


def _brief(error):
    return str(error).partition("\n")[0][:80] or type(error).__name__


def _read_npz(path):
    """{name: array} of an .npz file, unless it would take more than half of the memory."""
    with zipfile.ZipFile(path) as archive:
        size = sum(member.file_size for member in archive.infolist())
    if size > (environment.memory() or 2 * MOST) / 2:
        raise ValueError(f"{size / 1e9:.1f} GB of arrays, more than half of the memory")
    with np.load(path, allow_pickle=False) as archive:
        return {name: archive[name] for name in archive.files}


def load_arrays(path, **shapes):
    """{name: array} of what `save_arrays` wrote.

    shapes: what each has to be, see `records.expect`. Raises UserError if it is something else.
    """
    try:
        arrays = _read_npz(path)
    except UNREADABLE as error:
        raise records.damaged(path, _brief(error), "draw or measure the run again") from None
    records.expect(arrays, shapes, path)
    return arrays


def model_arrays(model):
    """{name: array} of all parameters and buffers of a layer."""
    return {name: value.numpy() for name, value in model.state_dict().items()}


def set_model(model, arrays, source):
    """Put arrays into a layer.

    Raises UserError if names, shapes or types are not the layer's own, or one is not finite.
    """
    own = model.state_dict()
    wrong = set(own) ^ set(arrays) or {n for n in own if _differs(own[n], arrays[n])}
    if wrong:
        names = ", ".join(sorted(map(str, wrong))[:3])
        raise UserError(f"{source} holds the weights of another model (differs in {names})")
    if bad := records.not_finite(arrays):
        raise records.damaged(source, f"{bad[0]} holds NaN or infinity")
    for name, value in own.items():
        value.set_value(arrays[name])


def _differs(tensor, array):
    dtype = str(tensor.dtype).rpartition(".")[2]
    return list(tensor.shape) != list(array.shape) or dtype != str(array.dtype)


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


def set_optimizer(optimizer, model, arrays, source):
    """Put back what `optimizer_arrays` gave. Raises UserError if it is of another model."""
    parameters = dict(model.named_parameters())
    state, suffixes = {}, {}
    for key, value in arrays.items():
        name, _, suffix = key.partition("|")
        fits = name in parameters and value.dtype.kind == "f"
        if not fits or (value.size > 1 and list(value.shape) != list(parameters[name].shape)):
            raise UserError(f"{source} holds the optimizer of another model (differs in {key})")
        state[f"{parameters[name].name}_{suffix}"] = paddle.to_tensor(value)
        suffixes.setdefault(name, set()).add(suffix)
    for name, found in suffixes.items():  # of those that are updated in the same way all have all
        missing = set().union(*(other for other in suffixes.values() if other & found)) - found
        if missing:
            missing = sorted(missing)[0]
            raise records.damaged(source, f"the optimizer's {name}|{missing} is missing")
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
        damaged or of another model, or if it is gone and something trained is there.
    """
    if not run.resuming or run.nothing_trained():
        return None
    arrays, progress = load(run.checkpoint)
    parts = {"model": {}, "optimizer": {}, "average": {}, "precision": {}}
    for name, array in arrays.items():
        part, _, key = name.partition("/")
        parts.setdefault(part, {})[key] = array
    set_model(task.model, parts["model"], run.checkpoint)
    if progress.get("step") and not parts["optimizer"]:
        raise records.damaged(run.checkpoint, "the optimizer is missing")
    set_optimizer(task.optimizer, task.model, parts["optimizer"], run.checkpoint)
    if task.average:
        task.average.set_state(parts["average"], run.checkpoint)
    precision.set_state(parts["precision"])
    return progress


def save_weights(path, state_dict):
    """Write a state dict as .pdparams, atomically; `paddle.load` reads it too.

    Raises RunError, with the file as it was, if a weight is NaN or infinite.
    """
    _refuse_not_finite(path, {name: np.asarray(value) for name, value in state_dict.items()})
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
            if not isinstance(value, np.ndarray) or value.dtype.hasobject:
                raise pickle.UnpicklingError(f"{name} is not an array")
            arrays[name] = value
    except OSError:
        raise UserError(f"{path} cannot be read; finish the run with --resume") from None
    except Exception as error:  # a damaged pickle can raise nearly anything
        raise UserError(
            f"{path} is damaged or not a file of plain weights ({_brief(error)})"
        ) from None
    return arrays
