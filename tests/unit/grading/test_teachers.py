"""The teacher's pages: the catalogue is the bank's, its tables are the grader's."""

import os
import re
import subprocess
from pathlib import Path

import pytest

import common  # noqa: F401 - before Paddle

# isort: split
from tests.grading import make_handout
from tests.grading.checks import TODOS
from tests.grading.wrong_answers import catalogue
from tests.grading.wrong_answers.wrong import WRONG

DOCS = Path(__file__).resolve().parents[3] / "docs"
NAMES = ("teachers", "teachers-course")
PAGES = [DOCS / f"{name}{end}" for name in NAMES for end in (".md", ".zh-CN.md")]


def test_catalogue_is_the_bank():
    """Every answer with its code, its hints and the checks it fails: run the module to renew it."""
    text = catalogue.PAGE.read_text(encoding="utf-8")
    measured = catalogue.read_symptoms(text)
    assert measured.keys() == WRONG.keys() and all(measured.values())
    assert text == catalogue.page(measured)


def test_code_in_the_catalogue():
    """What is shown is what was handed in, without the frame around it."""
    text = catalogue.PAGE.read_text(encoding="utf-8")
    assert "| nothing | `kl = mu` |" in text
    assert "| no sigmoid | `− nn.Sigmoid()` |" in text
    assert "import paddle" not in text and "def kl_div_loss" not in text


@pytest.mark.parametrize("page", PAGES[:2], ids=lambda p: p.name)
def test_points(page):
    text = page.read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([\w/.]+)` \| `(\w+)` \| (\d+) \|$", text, re.M)
    assert rows == [(t.file, t.name, str(t.points)) for t in TODOS]


def _blocks(text):
    return re.findall(r"^ *```\w*\n.*?^ *```$", text, re.M | re.S)


@pytest.mark.parametrize("page", PAGES[:2], ids=lambda p: p.name)
def test_clones_hold_what_was_there_at_the_deadline(page, tmp_path):
    """The loop over repositories.csv: the last commit before the end, or nobody, and says so."""
    (loop,) = [b for b in _blocks(page.read_text("utf-8")) if "git clone" in b]
    for student, first in (("ann", "2026-11-30"), ("bob", "2026-12-03")):
        _repository(tmp_path / student, {first: "early", "2026-12-05": "late"})
    lines = [f"{s},{tmp_path / s}\r\n" for s in ("ann", "bob", "cat")]
    (tmp_path / "repositories.csv").write_text("".join(lines))
    script = "\n".join(loop.splitlines()[1:-2])  # without the frame and grade.py
    done = subprocess.run(["sh", "-c", script], cwd=tmp_path, capture_output=True, text=True)
    assert done.stdout == "bob: nothing before 2026-12-01 23:59\n"
    assert [p.name for p in (tmp_path / "submissions").iterdir()] == ["ann"]
    assert (tmp_path / "submissions" / "ann" / "vae.py").read_text() == "early"


def _repository(path, texts):
    path.mkdir()
    names = {"GIT_AUTHOR_NAME": "x", "GIT_COMMITTER_NAME": "x"}
    names |= {"GIT_AUTHOR_EMAIL": "x@x", "GIT_COMMITTER_EMAIL": "x@x"}
    for day, text in texts.items():
        (path / "vae.py").write_text(text)
        when = {"GIT_AUTHOR_DATE": f"{day} 10:00", "GIT_COMMITTER_DATE": f"{day} 10:00"}
        command = "git init -q . && git add . && git commit -qm x"
        environment = {**os.environ, **names, **when}
        subprocess.run(command, shell=True, cwd=path, env=environment, check=True)


@pytest.mark.parametrize("page", PAGES[:2], ids=lambda p: p.name)
def test_mistakes_of_the_lecture_are_in_the_bank(page):
    rows = re.findall(r"^\| `(\w+)` \| `([^`]+)` \|.*\|.*\|$", page.read_text("utf-8"), re.M)
    told = [row for row in rows if row[0] in {t.name for t in TODOS}]
    assert len(told) == 12 and set(told) <= set(WRONG)


def test_pages_are_the_teachers_only():
    for page in [*PAGES, catalogue.PAGE]:
        assert make_handout._matches(f"docs/{page.name}", make_handout.LEFT_OUT)
