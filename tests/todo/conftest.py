"""Pytest settings for the student's checks."""

from pathlib import Path

import common  # noqa: F401 - sets the CPU up before Paddle is imported

# isort: split
import paddle
import pytest

HERE = Path(__file__).parent


@pytest.fixture(autouse=True)
def on_cpu():
    """On the CPU, as the grader does it: a GPU may round more than the checks allow."""
    device = paddle.get_device()
    paddle.set_device("cpu")
    yield
    paddle.set_device(device)


def pytest_collection_modifyitems(config, items):
    """`-k loss` asks for that TODO alone, though its name is a part of two others."""
    wanted = config.getoption("keyword")
    ours = [i for i in items if i.path.parent == HERE]
    exact = [i for i in ours if i.callspec.params["todo"] == wanted]
    left_out = [i for i in ours if exact and i not in exact]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [i for i in items if i not in left_out]
