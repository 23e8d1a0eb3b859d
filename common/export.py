"""A part of a trained model as an inference program: `paddle.jit.save`, tried before it is kept.

Paddle Inference (and Paddle Lite, Serving, paddle2onnx) run `<name>.json` (before Paddle 3.0:
`<name>.pdmodel`) and `<name>.pdiparams` without this project's code. What Paddle Inference computes
from them is compared with the layer, because graph passes have been silently wrong here; a program
that differs is not kept.
"""

import copy
import shutil
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
import paddle

from common import compute
from common.cli import Parser
from common.errors import RunError, UserError
from common.files import write_json
from common.language import say
from common.runtime import device_flag, set_device

TOLERANCE = 1e-4  # of the largest output
PROGRAMS = (".json", ".pdmodel")  # Paddle 3 writes the first, 2.6 the second
TF32 = ("FLAGS_cudnn_allow_tf32", "FLAGS_allow_tf32_cublas", "FLAGS_allow_tf32_cudnn")


def export(layer, name, inputs, out, about):
    """Write OUT/<name>.json (or .pdmodel), <name>.pdiparams and about.json; print how to use them.

    Args:
        layer: nn.Layer, (*inputs) -> one tensor, batch first. name: "decoder" or "denoiser".
        inputs: {name: example array [B, ...]}, in the order of the layer's arguments.
        out: folder, new or empty. about: what a user of the program should know, JSON-able.

    Raises:
        UserError: the folder is in use. RunError: Paddle Inference computes something else.
    """
    out = Path(out)
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise UserError(f"--out {out} is not an empty folder; choose another")
    layer = compute.plain(copy.deepcopy(layer))
    layer.eval()
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{out.name}-", dir=out.parent) as temporary:
        program = Path(temporary) / "program"
        spec = [
            paddle.static.InputSpec([None, *x.shape[1:]], str(x.dtype), key)
            for key, x in inputs.items()
        ]
        paddle.jit.save(layer, str(program / name), input_spec=spec)
        with _without_tf32():
            error = difference(layer, program / name, inputs)
        if not error <= TOLERANCE:
            raise RunError(
                f"Paddle Inference differs from the {name} by {error:.1e} of its largest output; "
                "nothing was written"
            )
        tensors = {key: [str(x.dtype), [None, *x.shape[1:]]] for key, x in inputs.items()}
        write_json(program / "about.json", {**about, "inputs": tensors, "difference": error})
        suffix = program_file(program / name).suffix
        if out.is_dir():
            out.rmdir()
        shutil.move(program, out)
    say(f"{out}/{name}{suffix} and .pdiparams: Paddle Inference agrees to {error:.1e}")
    for key, (dtype, shape) in tensors.items():
        print(f"  {key}: {dtype} [{', '.join(map(str, ['B', *shape[1:]]))}]")


@paddle.no_grad()
def difference(layer, program, inputs):
    """Largest difference between layer and program, as a share of the largest output.

    Two batch sizes are tried, since a program should not depend on the one of the example.
    """
    predictor = load(program)
    worst = 0.0
    for count in (1, len(next(iter(inputs.values())))):
        arrays = {key: x[:count] for key, x in inputs.items()}
        expected = layer(*(paddle.to_tensor(x) for x in arrays.values())).numpy()
        found = run(predictor, arrays)
        if found.shape != expected.shape:
            return float("inf")
        worst = max(worst, float(np.abs(found - expected).max() / np.abs(expected).max()))
    return worst


@contextmanager
def _without_tf32():
    """Context in which an NVIDIA GPU computes in full float32, so that two ways can be compared."""
    former = {}
    for flag in TF32 if paddle.is_compiled_with_cuda() else ():
        with suppress(ValueError):  # a Paddle without this flag
            former.update(paddle.get_flags([flag]))
    paddle.set_flags(dict.fromkeys(former, False))
    try:
        yield
    finally:
        paddle.set_flags(former)


def program_file(program):
    """The file of a saved program (path without suffix) that Paddle wrote beside its weights."""
    files = [Path(f"{program}{suffix}") for suffix in PROGRAMS]
    return next((file for file in files if file.is_file()), files[0])


def load(program):
    """A Paddle Inference predictor of a saved program (path without suffix), for this device."""
    from paddle import inference

    config = inference.Config(str(program_file(program)), f"{program}.pdiparams")
    config.disable_glog_info()
    if hasattr(config, "disable_mkldnn"):  # oneDNN: cannot run nn.Upsample, and was wrong elsewhere
        config.disable_mkldnn()
    kind, _, number = paddle.device.get_device().partition(":")
    if kind == "gpu":
        config.enable_use_gpu(100, int(number or 0))
    elif kind == "xpu":
        config.enable_xpu()
    elif kind != "cpu":
        config.enable_custom_device(kind, int(number or 0))
    return inference.create_predictor(config)


def run(predictor, arrays):
    """The output of a predictor for {input name: array}."""
    for name, array in arrays.items():
        predictor.get_input_handle(name).copy_from_cpu(np.ascontiguousarray(array))
    predictor.run()
    return predictor.get_output_handle(predictor.get_output_names()[0]).copy_to_cpu()


def arguments(argv, script):
    """(RUN, OUT) of a command line; its device is chosen. Raises UserError."""
    parser = Parser(script, "Export a finished run for Paddle Inference.")
    parser.add_argument("run", metavar="RUN", help="folder of a finished run")
    parser.add_argument("--out", metavar="DIR", help="new folder (default: RUN/export)")
    device_flag(parser)
    given = parser.parse_args(argv)
    set_device(given.device)
    return given.run, given.out or Path(given.run) / "export"
