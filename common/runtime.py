"""One place for randomness, the device and the versions."""

import platform
import subprocess
import zlib
from pathlib import Path

import numpy as np
import paddle

from common.cli import Parser
from common.compute import distributed
from common.errors import UserError

ROOT = Path(__file__).resolve().parents[1]


def numpy_rng(seed, *stream):
    """A NumPy generator of its own for each (seed, stream); stream: ints or strings."""
    return np.random.default_rng(_entropy(seed, *stream))


def seed_step(seed, *stream):
    """Seed Paddle so that what follows depends on (seed, stream) alone.

    The training loop calls it before every step with the step's number. A resumed run therefore
    draws the same noise as an uninterrupted one, with no generator state to save.
    """
    state = np.random.SeedSequence(_entropy(seed, *stream)).generate_state(1, np.uint64)[0]
    paddle.seed(int(state >> np.uint64(1)))


def _entropy(seed, *stream):
    return [seed] + [zlib.crc32(s.encode()) if isinstance(s, str) else int(s) for s in stream]


def device_flag(parser):
    """Give the parser of a script that trains nothing the flag --device."""
    text = "auto, cpu, gpu or gpu:N [auto]"
    parser.add_argument("--device", default="auto", metavar="TEXT", help=text)


def run_argument(argv, script, description, several=False):
    """RUN of the command line of a script that takes it and --device alone; sets the device.

    script: its path below the root. description: its docstring. several: whether there may be more
    than one, then all are returned. Raises UserError.
    """
    parser = Parser(script, description)
    many = {"nargs": "+"} if several else {}
    parser.add_argument("run", metavar="RUN", help="folder of a finished run", **many)
    device_flag(parser)
    options = parser.parse_args(argv)
    set_device(options.device)
    return options.run


def set_device(name, amp=False):
    """Choose the device, before anything makes a tensor.

    "auto" (a GPU if Paddle finds one), "cpu", "gpu", "gpu:N", or what else this Paddle is built
    for: "xpu", or the name of a custom device such as "npu" or "gcu". Of several launched processes
    each takes its own device and connects to the others. amp: whether mixed precision is asked for.

    Returns:
        The name of the device in use. Raises UserError if there is no such device, or if it
        cannot do what is asked.
    """
    if distributed.world_size() > 1:
        name = distributed.device(name)
    found = devices()
    if name == "auto":
        name = "gpu" if found["gpu"] else "cpu"
    if name != "cpu":
        kind, _, index = name.partition(":")
        if kind not in found or not (index or "0").isdigit():
            known = ", ".join(other for other in found if other != "gpu")
            raise UserError(f"unknown device '{name}'; use auto, {known}, gpu or gpu:N")
        if int(index or 0) >= found[kind]:
            hint = f"this machine has {found[kind]}" if found[kind] else "see GPU in the README"
            raise UserError(f"Paddle finds no device '{name}' ({hint}); use --device cpu")
    paddle.device.set_device(name)
    if amp:
        from common.compute import precision

        precision.check(amp)
    distributed.init()
    return paddle.device.get_device()


def devices():
    """{kind: how many} that this Paddle can use: "cpu", "gpu", "xpu" and custom devices by name."""
    found = {"cpu": 1, "gpu": 0}
    if paddle.is_compiled_with_cuda():
        found["gpu"] = paddle.device.cuda.device_count()
    if paddle.is_compiled_with_xpu():
        found["xpu"] = paddle.device.xpu.device_count()
    for kind in paddle.device.get_all_custom_device_type() or ():
        places = paddle.device.get_available_custom_device() or ()
        found[kind] = sum(place.partition(":")[0] == kind for place in places)
    return found


def why_auto():
    """Which device "auto" takes, and why not another, in words."""
    found = devices()
    others = [kind for kind, count in found.items() if count and kind not in ("cpu", "gpu")]
    if found["gpu"]:
        why = f"gpu, of {found['gpu']}"
    elif paddle.is_compiled_with_cuda():
        why = "cpu: Paddle finds no card"
    else:
        why = "cpu: this Paddle is built for CPUs"
    return f"{why}; --device {others[0]} takes that" if others else why


def device_in_use():
    """The device, and of a GPU its card, CUDA and cuDNN, for config.json."""
    name = paddle.device.get_device()
    if not name.startswith("gpu"):
        return {"name": name}
    card = paddle.device.cuda.get_device_name(name)
    return {
        "name": name,
        "card": card,
        "cuda": paddle.version.cuda(),
        "cudnn": paddle.version.cudnn(),
    }


def versions():
    """Versions of what a result depends on, for config.json."""
    return {
        "python": platform.python_version(),
        "paddle": paddle.__version__,
        "numpy": np.__version__,
        "platform": platform.platform(),
    }


def commit():
    """The git commit of this tree, "+" behind it if files were changed, or None outside git."""
    try:
        revision = _git("rev-parse", "HEAD").strip()
        return revision + ("+" if _git("status", "--porcelain", "-uno").strip() else "")
    except (OSError, subprocess.SubprocessError):
        return None


def _git(*arguments):
    command = ["git", "-C", str(ROOT), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=10).stdout
