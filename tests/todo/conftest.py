"""Pytest settings for the student's checks."""

import common  # noqa: F401 - sets the CPU up before Paddle is imported


def pytest_collection_modifyitems(config, items):
    """`-k loss` means the TODO of that name, not the two others whose names end with it."""
    wanted = config.getoption("keyword")
    exact = [
        i for i in items if getattr(i, "callspec", None) and i.callspec.params.get("todo") == wanted
    ]
    if exact:
        config.hook.pytest_deselected(items=[i for i in items if i not in exact])
        items[:] = exact
