"""One place for randomness, the device and the versions."""

import platform
import subprocess
import zlib
from pathlib import Path

import numpy as np
import paddle

from common.cli import cli  # noqa: F401 - with the rest that a script starts with
from common.compute import distributed, precision
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


def set_device(name, amp=False):
    """Choose the device: "auto" (a GPU if Paddle finds one), "cpu", "gpu" or "gpu:N".

    Of several launched processes each takes its own device and connects to the others. amp:
    whether mixed precision is asked for.

    Returns:
        The name of the device in use. Raises UserError if there is no such device, or if it
        cannot do what is asked.
    """
    if distributed.world_size() > 1:
        name = distributed.device(name)
    gpus = paddle.device.cuda.device_count() if paddle.is_compiled_with_cuda() else 0
    if name == "auto":
        name = "gpu" if gpus else "cpu"
    if name != "cpu":
        index = name.partition(":")[2] or "0"
        if name.partition(":")[0] != "gpu" or not index.isdigit():
            raise UserError(f"unknown device '{name}'; use auto, cpu, gpu or gpu:N")
        if int(index) >= gpus:
            hint = "see GPU in the README" if not gpus else f"this machine has {gpus}"
            raise UserError(f"Paddle finds no device '{name}' ({hint}); use --device cpu")
    name = paddle.device.set_device(name)
    precision.check(amp)
    distributed.init()
    return name


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
