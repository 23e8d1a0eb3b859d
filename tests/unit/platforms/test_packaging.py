"""The `[project]` table and the requirements say the same."""

import re

import pytest

from tests.conftest import ROOT

EXTRAS = {"dev": "requirements-dev.txt", "visualdl": "requirements-visualdl.txt"}
EXTRAS["teacher"] = "requirements-teacher.txt"


def required(name):
    """The packages of a requirements file and of those that it includes, as one writes them."""
    found = set()
    for line in (ROOT / name).read_text(encoding="utf-8").splitlines():
        line = re.sub(r"\s+#.*|^#.*", "", line).strip()
        if line.startswith("-r "):
            found |= required(line[3:])
        elif line and not line.startswith("-"):
            found.add(plain(line))
    return found


def plain(requirement):
    return re.sub(r"\s", "", requirement).replace('"', "'")


def listed(name):
    """The packages of a list in pyproject.toml; Python 3.10 has no reader of TOML."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    block = re.search(rf"^{name} = \[(.*?)\]\n", text, re.DOTALL | re.MULTILINE)[1]
    return {plain(found) for found in re.findall(r'"([^"]*)"', block)}


def test_dependencies_are_those_of_the_requirements():
    assert listed("dependencies") == required("requirements.txt") - required(EXTRAS["teacher"])


@pytest.mark.parametrize("extra", EXTRAS)
def test_extras_are_those_of_the_requirements(extra):
    assert listed(extra) == required(EXTRAS[extra])


def test_each_paddle_is_asked_for_in_a_file_of_its_own():
    """Whoever has a Paddle installs the common file, which brings none."""
    common = required("requirements-common.txt")
    assert not any(package.startswith("paddle") for package in common)
    for name in ("requirements.txt", "requirements-gpu.txt", "requirements-gpu-new.txt"):
        assert len(required(name) - common) == 1


def test_the_gpu_file_needs_no_other_index_than_pypi():
    assert "index-url" not in (ROOT / "requirements-gpu.txt").read_text(encoding="utf-8")
