"""Fixtures for all tests. `common` comes first: it sets the CPU up before Paddle is imported."""

import importlib
import io
import os
import signal
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from unittest import mock

import common  # noqa: F401 - sets the CPU up, so it comes before Paddle

# isort: split
import paddle
import pytest

from common import cli

ROOT = Path(__file__).resolve().parents[1]
CARDS = os.environ.get("CUDA_VISIBLE_DEVICES")  # for tests that are of a GPU
os.environ["CUDA_VISIBLE_DEVICES"] = ""  # the others, and their children, are of the CPU
paddle.device.set_device("cpu")

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # a shell's background job; tests send it
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def real_mnist():
    """Folder with the real MNIST and Fashion-MNIST; skips where there is none."""
    folder = Path(os.environ.get("GENMODELS_DATA") or ROOT / "data").resolve()
    if not any((folder / "mnist").glob("train-images*")):
        pytest.skip("no real MNIST here: set GENMODELS_DATA to a folder with mnist/")
    return folder


@pytest.fixture
def script():
    """Run a script of this tree as a user would: `script("ae/run.py", "--epochs", 1, cwd=...)`."""

    def run(path, *arguments, cwd=ROOT, **options):
        command = [sys.executable, str(ROOT / path), *map(str, arguments)]
        return subprocess.run(command, cwd=cwd, capture_output=True, text=True, **options)

    return run


def run_here(path, *arguments):
    """What the fixture `script` returns, from this process: a start of Paddle takes two seconds.

    For all that does not depend on how a process starts or ends.
    """
    main = importlib.import_module(path.removesuffix(".py").replace("/", ".")).main
    words = [*map(str, arguments)]
    out, err = io.StringIO(), io.StringIO()
    with mock.patch.object(sys, "argv", [path, *words]), redirect_stdout(out), redirect_stderr(err):
        status = cli.status(main, words)
    return subprocess.CompletedProcess([path, *words], status, out.getvalue(), err.getvalue())


def assert_user_error(result, *words):
    """Exit status 2, one or two lines on stderr that hold all of `words`, and no traceback."""
    assert result.returncode == 2, result.stdout + result.stderr
    lines = result.stderr.strip().splitlines()
    assert 1 <= len(lines) <= 2 and "Traceback" not in result.stderr, result.stderr
    for word in words:
        assert word in result.stderr
