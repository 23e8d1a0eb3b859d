"""The notebook: in two languages, stored without outputs, and it runs from top to bottom."""

import ast
import re
import shutil
from collections import Counter
from pathlib import Path

import pytest

from tests.grading import make_handout

NEEDED = "no nbclient: pip install -r requirements-dev.txt"
nbformat = pytest.importorskip("nbformat", reason=NEEDED)
nbclient = pytest.importorskip("nbclient", reason=NEEDED)
CellExecutionError = nbclient.exceptions.CellExecutionError

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOK = ROOT / "tutorial.ipynb"
CHINESE = re.compile("[\u4e00-\u9fff]")
ENGLISH = re.compile(r"(?<![\w`/])[A-Za-z]{2,} [a-z]{2,} [a-z]{2,}")


def read(folder=ROOT):
    return nbformat.read(folder / NOTEBOOK.name, as_version=4)


def execute(folder):
    """The notebook with its outputs, run in `folder` by a kernel of its own."""
    notebook = read(folder)
    place = {"metadata": {"path": str(folder)}}
    return nbclient.NotebookClient(notebook, timeout=600, resources=place).execute()


@pytest.fixture(scope="module", params=["en", "zh"])
def handed_out(request, tmp_path_factory):
    """(a student's copy in which nothing is written yet, its language)."""
    folder = tmp_path_factory.mktemp("tutorial") / "tree"
    make_handout.write(folder, lang=request.param)
    return folder, request.param


def test_form():
    """nbformat 4.5, the kernel every Jupyter has, no outputs, no counts."""
    notebook = read()
    nbformat.validate(notebook)
    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
    assert notebook.metadata.kernelspec.name == "python3"
    for cell in notebook.cells:
        if cell.cell_type == "code":
            assert cell.outputs == [] and cell.execution_count is None


def test_every_text_is_in_both_languages():
    """A cell in English, then the same in Chinese, with the same code, numbers and formulas."""
    texts = [cell for cell in read().cells if cell.cell_type == "markdown"]
    for english, chinese in zip(texts[::2], texts[1::2], strict=True):
        assert (english.metadata.lang, chinese.metadata.lang) == ("en", "zh")
        assert not CHINESE.search(english.source) and CHINESE.search(chinese.source)
        spans = [Counter(re.findall("`[^`]+`", page(c.source))) for c in (english, chinese)]
        assert spans[0] == spans[1], english.source
        assert english.source.count("**") == chinese.source.count("**"), english.source


def test_every_section_asks():
    """A question at least, numbered through."""
    for lang, word in (("en", "Question"), ("zh", "问题")):
        sections = "\n".join(c.source for c in texts_in(lang)).split("\n## ")[1:]
        asked = [re.findall(rf"\*\*{word} (\d)", section) for section in sections]
        assert len(sections) == 5 and all(asked)
        numbers = [int(number) for found in asked for number in found]
        assert numbers == list(range(1, len(numbers) + 1))


def texts_in(lang):
    return [c for c in read().cells if c.metadata.get("lang") == lang]


def page(text):
    """A text without the ends of names by which the Chinese pages differ from the English ones."""
    return re.sub(r"\.zh(-CN)?(?=\.md)", "", text)


def test_one_language(handed_out):
    """No Chinese in the English copy; in the Chinese one no English sentence, also in its code."""
    folder, lang = handed_out
    for cell in read(folder).cells:
        if lang == "en":
            assert not CHINESE.search(cell.source)
        elif cell.cell_type == "markdown":
            assert CHINESE.search(cell.source) and not ENGLISH.search(cell.source)
        else:
            said = [
                n.value for n in ast.walk(ast.parse(cell.source)) if isinstance(n, ast.Constant)
            ]
            comments = re.findall("#(.*)", cell.source)
            assert not [s for s in said + comments if ENGLISH.search(str(s))], cell.source


def test_says_what_is_missing(handed_out, tmp_path):
    """Started in another folder, and before the TODOs are written: one sentence each."""
    folder, lang = handed_out
    shutil.copy(folder / NOTEBOOK.name, tmp_path)
    words = {"en": "is not the project's folder", "zh": "不是项目根目录"}[lang]
    with pytest.raises(CellExecutionError, match=words):
        execute(tmp_path)
    with pytest.raises(CellExecutionError, match="pytest tests/todo -k AutoEncoder"):
        execute(folder)


def test_runs_in_a_finished_handout(tmp_path):
    """The TODOs are written: every figure is shown, every number lies where the text says."""
    make_handout.write(tmp_path / "tree", lang="zh")
    for file in make_handout.TODOS:
        shutil.copy(ROOT / file, tmp_path / "tree" / file)
    notebook = execute(tmp_path / "tree")
    outputs = [o for c in notebook.cells for o in c.get("outputs", [])]
    shown = [o for o in outputs if "image/png" in o.get("data", {})]
    assert len(shown) == sum(len(re.findall(r"^show\(", c.source, re.M)) for c in read().cells)
    printed = "".join(o.text for o in outputs if o.output_type == "stream")
    assert printed.count("✓") == sum(c.source.count("\nexpect(") for c in read().cells)
    assert "✗" not in printed, printed
    assert not [o.text for o in outputs if o.output_type == "stream" and o.name == "stderr"]
