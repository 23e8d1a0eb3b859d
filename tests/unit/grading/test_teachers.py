"""The teacher's pages: the catalogue is the bank's, workflow and tables are the grader's."""

import re
from pathlib import Path

import pytest

import common  # noqa: F401 - before Paddle

# isort: split
from tests.grading import make_handout
from tests.grading.checks import TODOS
from tests.grading.wrong_answers import catalogue
from tests.grading.wrong_answers.wrong import WRONG

DOCS = Path(__file__).resolve().parents[3] / "docs"
PAGES = [DOCS / "teachers.md", DOCS / "teachers.zh-CN.md"]


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


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_points_and_workflow(page):
    """The table of points, and each step of the workflow for GitHub Classroom."""
    text = page.read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([\w/.]+)` \| `(\w+)` \| (\d+) \|$", text, re.M)
    assert rows == [(t.file, t.name, str(t.points)) for t in TODOS]
    step = re.compile(
        r"- id: (\w+)\n.*command-grader@v1\n +with:\n +test-name: \1\n"
        r" +command: python -m pytest tests/todo -k \1\n +timeout: \d+\n +max-score: (\d+)"
    )
    assert step.findall(text) == [(t.name, str(t.points)) for t in TODOS]
    results = re.findall(r"(\w+)_RESULTS: \$\{\{ steps\.(\w+)\.outputs\.result \}\}", text)
    assert results == [(t.name.upper(), t.name) for t in TODOS]
    assert f"runners: {','.join(t.name for t in TODOS)}\n" in text


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_mistakes_of_the_lecture_are_in_the_bank(page):
    rows = re.findall(r"^\| `(\w+)` \| `([^`]+)` \|.*\|.*\|$", page.read_text("utf-8"), re.M)
    told = [row for row in rows if row[0] in {t.name for t in TODOS}]
    assert len(told) == 12 and set(told) <= set(WRONG)


def test_pages_are_the_teachers_only():
    for page in [*PAGES, catalogue.PAGE]:
        assert make_handout._matches(f"docs/{page.name}", make_handout.LEFT_OUT)
