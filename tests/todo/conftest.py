"""Pytest settings for the student's checks."""

from pathlib import Path

HERE = Path(__file__).parent


def pytest_configure(config):
    """Where only these checks run: no header, and no second list of what failed."""
    paths = [Path(a.partition("::")[0]).resolve() for a in config.args]
    if all(HERE in (p, p.parent) for p in paths):
        config.option.no_header = True
        config.option.reportchars = "N"


def pytest_collection_modifyitems(config, items):
    """`-k loss` asks for that TODO alone, though its name is a part of two others."""
    wanted = config.getoption("keyword")
    ours = [i for i in items if i.path.parent == HERE]
    exact = [i for i in ours if i.callspec.params["todo"] == wanted]
    left_out = [i for i in ours if exact and i not in exact]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [i for i in items if i not in left_out]
