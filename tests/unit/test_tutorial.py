"""The notebook: bilingual, stored without outputs, and it runs from top to bottom."""

import json
import re
import shutil
from pathlib import Path

import pytest

from tests.grading import make_handout

NEEDED = "no nbclient: pip install -r requirements-dev.txt"
nbformat = pytest.importorskip("nbformat", reason=NEEDED)
nbclient = pytest.importorskip("nbclient", reason=NEEDED)
CellExecutionError = nbclient.exceptions.CellExecutionError

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOK = ROOT / "tutorial.ipynb"


def read(folder=ROOT):
    return nbformat.read(folder / NOTEBOOK.name, as_version=4)


def execute(folder):
    """The notebook with its outputs, run in `folder` by a kernel of its own."""
    notebook = read(folder)
    place = {"metadata": {"path": str(folder)}}
    return nbclient.NotebookClient(notebook, timeout=600, resources=place).execute()


@pytest.fixture(scope="module")
def handed_out(tmp_path_factory):
    """A student's copy in which nothing is written yet."""
    folder = tmp_path_factory.mktemp("tutorial") / "tree"
    make_handout.write(folder)
    return folder


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
    """A paragraph in English, then the same in Chinese, in one cell."""
    for cell in read().cells:
        if cell.cell_type == "markdown":
            assert re.search("[A-Za-z]{3,} [a-z]+ [a-z]+", cell.source), cell.source
            assert re.search("[\u4e00-\u9fff]{4,}", cell.source), cell.source


def test_says_what_is_missing(handed_out, tmp_path):
    """Started in another folder, and before the TODOs are written: one sentence each."""
    shutil.copy(NOTEBOOK, tmp_path)
    with pytest.raises(CellExecutionError, match="is not the project's folder"):
        execute(tmp_path)
    with pytest.raises(CellExecutionError, match="pytest tests/todo -k AutoEncoder"):
        execute(handed_out)


def test_runs_in_a_finished_handout(handed_out):
    """The TODOs are written: every figure is shown, and the drawn digits can be recognised."""
    for file in make_handout.TODOS:
        shutil.copy(ROOT / file, handed_out / file)
    outputs = [o for c in execute(handed_out).cells for o in c.get("outputs", [])]
    shown = [o for o in outputs if "image/png" in o.get("data", {})]
    assert len(shown) == sum(c.source.count("\nshow(") for c in read().cells)
    metrics = {
        name: json.loads((handed_out / "results/tutorial" / name / "metrics.json").read_text())
        for name in ("ae", "vae", "ddpm")
    }
    assert metrics["ae"]["test_mse"] < 0.03  # 0.13 before training
    assert metrics["vae"]["conditional_accuracy"] > 0.7  # by chance 0.1
    assert metrics["ddpm"]["conditional_accuracy"] > 0.7
