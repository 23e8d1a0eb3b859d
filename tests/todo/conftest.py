"""Pytest settings for the student's checks."""

from pathlib import Path

HERE = Path(__file__).parent


def pytest_collection_modifyitems(config, items):
    """`-k loss` asks for that TODO alone, though its name is a part of two others."""
    wanted = config.getoption("keyword")
    ours = [i for i in items if i.path.parent == HERE]
    exact = [i for i in ours if i.callspec.params["todo"] == wanted]
    left_out = [i for i in ours if exact and i not in exact]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [i for i in items if i not in left_out]
