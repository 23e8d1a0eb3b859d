"""Notebooks: what is taken from the cells, what is left out and said, and what is never run."""

import json
import sys

import pytest

from tests.assessment.judge import Failure
from tests.grading import notebooks, selection
from tests.grading.archives import Refused
from tests.grading.call import Reply
from tests.unit.grading.marking_helpers import HONEST, mark
from tests.unit.grading.test_submission import take

VAE, DDPM = (selection.WANTED[f"{m}/assignment.py"] for m in ("vae", "diffusion"))
KL = "def kl_div_loss(mu, logvar):\n    return mu"


def book(cells, outputs=(), minor=5):
    """The bytes of a notebook. cells: texts of code cells, or ("markdown", text)."""
    made = []
    for cell in cells:
        kind, text = cell if isinstance(cell, tuple) else ("code", cell)
        entry = {"cell_type": kind, "metadata": {}, "source": text.splitlines(keepends=True)}
        entry |= {"execution_count": 1, "outputs": list(outputs)} if kind == "code" else {}
        made.append(entry | ({"id": "a"} if minor >= 5 else {}))
    return json.dumps(
        {"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": minor}
    ).encode()


def code(*cells, wanted=VAE):
    return notebooks.extract(list(cells), wanted, "x.ipynb")


def said(made):
    return "; ".join(note.say("en") for note in made.notes)


# --- the file -------------------------------------------------------------------------------------


@pytest.mark.parametrize("minor", [2, 5])
def test_code_cells(minor):
    data = book(["a = 1\r\nb", ("markdown", "# no"), "c"], minor=minor)
    assert notebooks.code_cells(data, "x") == ["a = 1\nb", "c"]


def test_an_old_notebook():
    cells = [{"cell_type": "code", "input": ["a = 1\n", "b"], "language": "python", "outputs": []}]
    old = {"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [{"cells": cells}]}
    assert notebooks.code_cells(json.dumps(old).encode(), "x") == ["a = 1\nb"]


def test_outputs_take_no_memory():
    """Pictures of any size, and texts that look like the end of the list they are in."""
    tricky = {"text": ['"]}', "\\", '"outputs": [', "{[}]"], "data": {"image/png": "x" * 5_000_000}}
    source = 'x = \'"outputs": [1]\'  # "]'
    data = book([source, KL], outputs=[tricky, [[]], "\\\\"])
    assert notebooks.code_cells(data, "x") == [source, KL]


@pytest.mark.parametrize(
    "data",
    [
        *(b"", b"[]", b"{}", b"not json", b'{"cells": [', b"\xff\xfe{}", b"[" * 100_000),
        b'{"cells": [1], "nbformat": 4, "nbformat_minor": 5, "metadata": {}}',
        b'{"nbformat": 99, "cells": []}',
        b'{"cells": [' + b"{}," * 50_000 + b"{}]}",
        b'{"cells": "' + b"x" * 3_000_000 + b'"}',
        book(["x" * 600_000]),
    ],
    ids=range(12),
)
def test_what_is_no_notebook(data):
    with pytest.raises(Refused) as error:
        notebooks.code_cells(data, "x.ipynb")
    assert error.value.key in ("notebook_damaged", "notebook_large")


# --- what is taken --------------------------------------------------------------------------------


def test_only_what_the_functions_need():
    made = code(
        "import paddle, torch\nimport numpy as np\nfrom google.colab import drive",
        "HALF = 0.5; model = build(); RATE = 1e-3",
        "def helper(x):\n    return np.square(x)",
        "def kl_div_loss(mu, logvar):\n    return HALF * helper(mu)",
        "for epoch in range(10**9):\n    train()",
        "if __name__ == '__main__':\n    train()",
        "data = np.load('train.npy')\nplt.plot(data)",
    )
    assert made.text == (
        "import numpy as np\nHALF = 0.5\n"
        "def helper(x):\n    return np.square(x)\n"
        "def kl_div_loss(mu, logvar):\n    return HALF * helper(mu)\n"
    )
    assert made.places == [(1, 2), (2, 1), (3, 1), (3, 2), (4, 1), (4, 2)]
    assert "other code was not run (code cells 2, 5, 6, 7)" in said(made)


def test_assignments_that_compute():
    made = code(
        "import math, paddle\nfrom paddle import nn",
        "A = paddle.linspace(0, 1, 5).reshape([5, 1])\nB = {'x': [float('1e-3'), -A]}\nC: int = 3",
        "F = nn.functional\nSLOW = compute()\nREAD = paddle.load('x')\nNET = nn.Linear(3, 4)",
        "def kl_div_loss(m, v):\n    return A, B, C, F, SLOW, READ, NET, math",
    )
    for name in ("A = ", "B = ", "C: int", "F = ", "NET = ", "import math"):
        assert name in made.text
    assert "SLOW =" not in made.text and "READ =" not in made.text
    assert "READ is set by code that was not run (code cell 3)" in said(made)
    assert "SLOW is set by code that was not run (code cell 3)" in said(made)


def test_the_last_definition_counts():
    made = code(KL, "x = 1", KL.replace("return mu", "return 2"))
    module = {}
    exec(made.text, module)
    assert module["kl_div_loss"](0, 0) == 2
    assert "kl_div_loss more than once (code cells 1, 3); the last one counts" in said(made)
    assert "more than once" not in said(code(KL, "x = 1"))


def test_a_class_that_is_extended_later():
    made = code(
        "class DDPM:\n    def add_noise(self): return 1",
        "class DDPM(DDPM):\n    def loss(self): return self.add_noise() + 1",
        "def remove_noise(self): return 3\nDDPM.remove_noise = remove_noise",
        wanted=DDPM,
    )
    module = {}
    exec(made.text, module)
    assert module["DDPM"]().loss() == 2 and module["DDPM"]().remove_noise() == 3


def test_a_result_does_not_take_the_place_of_a_function():
    made = code("def loss(x0, t, eps):\n    return t", "loss = loss(1, 2, 3)", wanted=DDPM)
    assert "loss = loss" not in made.text
    assert "def loss" in made.text


def test_the_graders_own_tables():
    """Report 000's form: the tables are set from outside, also where others hang on them."""
    made = code(
        "import paddle\nbeta = 4.0",
        "T = 500\nbeta = paddle.linspace(1e-4, 0.02, T)\nalpha = 1 - beta",
        "root = paddle.sqrt(alpha)\npredict_noise = UNet()",
        "def add_noise(x0, t, eps):\n    return root[t] * x0 * T",
        wanted=DDPM,
    )
    assert made.text.startswith("import paddle\nT = 500\nroot = paddle.sqrt(alpha)\ndef add_noise")
    assert "alpha, beta, predict_noise: the grader puts its own" in said(made)
    assert "beta = 4.0" in code("beta = 4.0\ndef kl_div_loss(m, v): return beta").text


def test_try_and_if():
    made = code(
        "try:\n    import paddle\nexcept ImportError:\n    paddle = None",
        "if True:\n    def kl_div_loss(m, v):\n        return paddle",
        "try:\n    train()\nexcept ValueError:\n    region_weighted_loss = 3",
    )
    assert "import paddle" in made.text and "def kl_div_loss" in made.text
    assert "train" not in made.text


def test_decorators_and_lines_that_are_shared():
    made = code("import functools; a = 1\n@functools.cache\ndef kl_div_loss(m, v):\n    return a")
    assert made.text == (
        "import functools\na = 1\n@functools.cache\ndef kl_div_loss(m, v):\n    return a\n"
    )
    assert made.places == [(1, 1), (1, 1), (1, 2), (1, 3), (1, 4)]


# --- magics ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "cell",
    [
        "%matplotlib inline\n!pip install x\n" + KL,
        "%%time\n" + KL,
        "\n%%writefile vae/assignment.py\n" + KL,
        KL + "\nkl_div_loss?\n?kl_div_loss",
        "if 1:\n    !pip install x\n    %cd /content\nfiles = !ls\nx = %time f()\n" + KL,
        "!pip install a \\\n    b \\\n    c\n" + KL,
    ],
)
def test_magics_are_left_out(cell):
    made = code("x = 1", cell)
    assert KL in made.text
    assert "magics and shell lines were left out (code cells 2)" in said(made)


def test_what_only_looks_like_a_magic():
    cell = (
        "def kl_div_loss(mu, logvar):\n    '''\n    % of it\n    !x\n    '''\n    return (mu\n% 3)"
    )
    made = code(cell)
    assert made.text == cell + "\n"
    assert not made.notes


@pytest.mark.parametrize("magic", ["%%bash", "%%html", "%%writefile notes.txt", "%%javascript"])
def test_cells_of_another_language(magic):
    made = code(KL, f"{magic}\ndef kl_div_loss(:")
    assert made.text == KL + "\n"
    assert "(code cells 2)" in said(made)


def test_a_cell_that_is_not_python():
    made = code("x = 1\ndef broken(:\n    pass", KL, "(" * 500, "-" * 40_000 + "1")
    assert made.text == KL + "\n"
    assert "code cell 1 was left out, it is not Python (line 2: " in said(made)
    assert "code cell 4 was left out" in said(made)


@pytest.mark.parametrize("cell", ["x;" * 20_000, "x = 1\n" * 9000, "y = [" + "1," * 30_000 + "]"])
def test_cells_that_would_take_too_much(cell):
    assert "code cell 1 was left out" in said(code(cell, KL))


# --- what is told ---------------------------------------------------------------------------------


class Failing:
    """A worker whose calls all fail in one line."""

    versions = "those of the worker"

    def __init__(self, line):
        self.line = line

    def call(self, *_args, **_options):
        return Reply(Failure("exception", "ValueError", "no", self.line), True)


def test_cells_instead_of_lines():
    asked = notebooks.InCells(Failing(2), {"text": [(1, 5), (4, 7)]})
    assert asked.call("x.ipynb", "text", {}).values == Failure(
        "exception", "ValueError", "no", 7, 4
    )
    assert asked.call("x.py", "other", {}).values.cell is None
    assert (
        notebooks.InCells(Failing(3), {"text": [(1, 5)]}).call("", "text", {}).values.line is None
    )
    assert asked.versions == "those of the worker"


@pytest.mark.skipif(sys.platform == "win32", reason="the worker is forked")
def test_marks_of_a_notebook(worker, tmp_path):
    """The form of report 000, with training in between that would never end."""
    folder = tmp_path / "ada"
    folder.mkdir()
    cells = [
        "%matplotlib inline\nimport paddle\nfrom paddle import nn\nimport torchvision",
        "while True:\n    pass",
        "class CVAE(nn.Layer):\n    def reparameterize(self, mu, logvar, eps=None):\n"
        "        eps = paddle.randn(mu.shape) if eps is None else eps\n"
        "        return mu + paddle.exp(HALF * logvar) * eps",
        "HALF = 0.5",
        ("markdown", "DDPM"),
        "alpha_bar = paddle.ones([5])\n\ndef at(table, t):\n"
        "    return table[t].reshape([-1, 1, 1, 1])",
        "def add_noise(x0, t, eps):\n"
        "    return at(alpha_bar, t)**0.5 * x0 + (1 - at(alpha_bar, t))**0.5 * eps",
        "def kl_div_loss(mu, logvar):\n    return mu.nonsense()",
    ]
    (folder / "main.ipynb").write_bytes(book(cells))
    names = ("reparameterize", "kl_div_loss", "add_noise")
    todos = mark(worker, folder, names)
    assert todos["reparameterize"]["score"] == todos["add_noise"]["score"] == 15
    assert "code cell 7, line 2" in todos["kl_div_loss"]["checks"][0]["reason"]
    todos = mark(worker, folder, names, lang="zh")
    assert "第 7 个代码单元，第 2 行" in todos["kl_div_loss"]["checks"][0]["reason"]


def test_the_three_files_as_cells(tmp_path):
    """Nothing of an honest file is lost on the way through a notebook."""
    folder = tmp_path / "ada"
    folder.mkdir()
    (folder / "main.ipynb").write_bytes(book(HONEST.values()))
    found = take(folder)
    assert len(found.files) == 3 and not found.odd
    for text, file in zip(HONEST.values(), found.files.values()):
        for line in text.split('"""', 2)[2].splitlines():  # but for the docstring and comments
            assert line in file.text or line.strip().startswith("#")
