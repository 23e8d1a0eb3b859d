"""The student's copy: nothing leaks, every TODO raises, all the rest is there, faults are named."""

import ast
import os
import re
import runpy
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

import common  # noqa: F401 - before Paddle

# isort: split
import paddle

import handout
from common.cli import status
from common.errors import UserError
from tests.grading import handout_language, make_handout
from tests.grading.checks import TODOS
from tests.grading.wrong_answers.wrong import WRONG
from tests.todo import test_todo

ROOT = Path(__file__).resolve().parents[3]
TEXT = {".py", ".md", ".txt", ".toml", ".ipynb", ".html", ".yml", ".yaml", ".json", ""}
CHINESE = re.compile("[\u4e00-\u9fff]")

# The formulas of the TODOs and how else they are written, in code, comments and docs.
SECRETS = {
    "reparameterize": [
        r"exp\((0\.5\*logvar|logvar/2|logvar\*0\.5|\.5\*logvar)\)",
        r"sqrt\((\w+\.)?exp\(logvar",
        r"mu\+(std|sigma)\*eps",
    ],
    "kl_div_loss": [r"1\+logvar-mu", r"mu(\*\*2|\^2|\.square\(\))\+[\w.]*exp\(logvar\)-"],
    "region_weighted_loss": [r"white_region_loss_coef\*", r"[(,]x>white_threshold"],
    "add_noise": [
        r"sqrt\([\w.]*alpha_bar\w*(\[t\])?\)\*x_?0",
        r"sqrt\(1-[\w.]*alpha_bar\w*(\[t\])?\)\*(eps|noise)",
        r"ax_?0\+seps",
    ],
    "remove_noise": [r"beta\w*(\[t\])?/[\w.]*sqrt\(1-[\w.]*alpha_bar", r"sqrt\([\w.]*sigma_square"],
    "loss": [r"\(eps-[\w.]*predict_noise", r"mse_loss\([\w.]*predict_noise"],
}


@pytest.fixture(scope="module")
def all_built(tmp_path_factory):
    """Language -> (folder, blocks that were removed, paths left out)."""
    outs = {lang: tmp_path_factory.mktemp("handout") / lang for lang in handout_language.LANGUAGES}
    return {lang: (out, *make_handout.write(out, lang=lang)) for lang, out in outs.items()}


@pytest.fixture(scope="module", params=handout_language.LANGUAGES)
def in_each(request, all_built):
    """`all_built` one after the other."""
    return all_built[request.param]


@pytest.fixture(scope="module")
def built(all_built):
    """The English one, which is the default."""
    return all_built["en"]


@pytest.fixture(scope="module")
def solved(built, tmp_path_factory):
    """A handout into which the solutions were put back."""
    out = tmp_path_factory.mktemp("solved") / "tree"
    shutil.copytree(built[0], out)
    for file in make_handout.TODOS:
        shutil.copy(ROOT / file, out / file)
    return out


def run(folder, *arguments, **variables):
    """A command in the folder, as a student would run it."""
    environment = {**os.environ, "GENMODELS_LANG": "en", "NO_COLOR": "1", **variables}
    environment.pop("PYTHONPATH", None)
    command = [sys.executable, *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)


def pytest_todo(folder, *arguments, **variables):
    return run(folder, "-m", "pytest", "tests/todo", "-q", *arguments, **variables)


def texts_of(folder):
    for path in sorted(folder.rglob("*")):
        if (
            path.is_file()
            and path.suffix in TEXT
            and not {"__pycache__", ".pytest_cache"} & {*path.parts}
        ):
            yield path.relative_to(folder).as_posix(), path.read_text("utf-8", errors="replace")


# --- what is in it --------------------------------------------------------------------------------


def test_todos_are_those_of_the_grader():
    assert [(t.name, t.file) for t in TODOS] == list(test_todo.FILES.items())


def test_every_todo_is_removed(built):
    _, removed, _ = built
    assert {b.todo for b in removed} == {t.name for t in TODOS}


def test_nothing_of_the_teachers(built):
    folder, _, left_out = built
    doors = {"grade.py", "handout.py", "reproduce.py"}
    assert {*doors, "tests/grading/reference.py", "common/report/page.py"} <= set(left_out)
    assert not [name for name in left_out if (folder / name).exists()]
    folders = {p.name for p in (folder / "tests").iterdir() if p.is_dir()}
    assert folders - {"__pycache__"} == {"todo", "assessment"}
    assert (folder / "tests/assessment/golden/vae.npz").is_file()
    assert (folder / "Makefile").is_file() and (folder / "requirements.txt").is_file()


def test_names_nothing_that_was_left_out(in_each):
    """No page, comment or command leads to a file, a folder or a make target that is not there."""
    folder, _, left_out = in_each
    folders = {str(parent) for name in left_out for parent in Path(name).parents}
    gone = {name for name in {*left_out, *folders} if not (folder / name).exists()}
    gone |= {name.removesuffix(".py").replace("/", ".") for name in gone if "/" in name}
    gone |= {"make report", "make handout", "make gradescope", "make bench", "TEACHER"}
    texts = dict(texts_of(folder))
    found = [(name, word) for name, text in texts.items() for word in gone if word in text]
    assert not found


def test_links_of_the_pages(in_each):
    """Files and pictures are there."""
    folder = in_each[0]
    for page in folder.rglob("*.md"):
        links = re.findall(r"\]\(([^)#\s]+)|src=\"([^\"]+)\"", page.read_text("utf-8"))
        for target in map("".join, links):
            assert "://" in target or (page.parent / target).exists(), (page.name, target)


def test_every_module_in_it_can_be_imported(solved):
    """Nothing needs what was left out."""
    paths = [p.relative_to(solved) for p in sorted(solved.rglob("*.py"))]
    names = [".".join(p.with_suffix("").parts).removesuffix(".__init__") for p in paths]
    code = f"import common, importlib\nfor name in {names}: importlib.import_module(name)"
    result = run(solved, "-c", code)
    assert result.returncode == 0, result.stderr


def test_the_functions_stand_in_the_assignments_alone(built):
    """The grader takes another file for the answer where a function of that name is in it."""
    asked = [todo.name for todo in TODOS if todo.name != "AutoEncoder"]
    pattern = re.compile(rf"^def ({'|'.join(asked)})\b", re.M)
    found = {
        name for name, text in texts_of(built[0]) if name.endswith(".py") and pattern.search(text)
    }
    assert {name for name in found if not name.startswith("tests/")} == {"vae/assignment.py"}


def test_it_is_small(built):
    """Lines of Python that a student gets around the seven functions."""
    texts = dict(texts_of(built[0]))
    lines = Counter()
    for name, text in texts.items():
        if name.endswith(".py"):
            lines[name.rpartition("/")[0]] += text.count("\n")
    assert lines.total() <= 12_600, lines


def test_pages_of_each_language(all_built):
    """The same pages, under the same names in English and Chinese; both in the third."""
    pages = {
        lang: {p.relative_to(built[0]).as_posix() for p in built[0].rglob("*.md")}
        for lang, built in all_built.items()
    }
    guides = {f"docs/guide/{todo.name}.md" for todo in TODOS}
    assert pages["en"] == pages["zh"] > {"README.md", "docs/guide/report-template.md", *guides}
    assert pages["both"] - pages["en"] == {
        *("README.zh-CN.md", "data/README.zh-CN.md", "docs/paddle.zh-CN.md"),
        *(p.replace(".md", ".zh.md") for p in pages["en"] if p.startswith("docs/guide/")),
    }
    assert not [p for p in pages["both"] if (ROOT / p).read_text("utf-8") == ""]


def test_texts_are_in_the_language_asked_for(all_built):
    """README, guides, notebook and assignments: English has no Chinese, Chinese is Chinese."""
    names = ["README.md", "data/README.md", "docs/paddle.md"]
    names += [*(f"docs/guide/{todo.name}.md" for todo in TODOS), *make_handout.TODOS]
    for name in [*names, "tutorial.ipynb"]:
        texts = {lang: (built[0] / name).read_text("utf-8") for lang, built in all_built.items()}
        shares = {lang: len(CHINESE.findall(text)) / len(text) for lang, text in texts.items()}
        assert shares["en"] < 0.001 and shares["zh"] > 0.05, (name, shares)
        assert "<!--" not in texts["en"] + texts["zh"]
        assert ".zh" not in re.sub(r"LANG=zh|-zh\"", "", texts["en"] + texts["zh"]), name
    for name in ("README.md", "README.zh-CN.md", "tutorial.ipynb"):
        both = (all_built["both"][0] / name).read_text("utf-8")
        assert both == make_handout.without_teacher((ROOT / name).read_text("utf-8"), name)


def test_chinese_docstrings_are_those_of_the_english_ones():
    """The same functions with the same arguments, in the same order, each one described."""
    for file in make_handout.TODOS:
        chinese = (handout_language.TEXTS / f"{file.split('/')[0]}.zh.py").read_text("utf-8")
        described = [
            {name: documented(ast.literal_eval(node.value)) for name, node in found.items()}
            for found in map(handout_language.docstrings, (_source(file), chinese))
        ]
        assert described[0] == described[1]
        translated = {name.rpartition(".")[2] for name in described[0]}
        english = signatures(_source(file))
        assert signatures(chinese) == {n: english[n] for n in english.keys() & translated}


def documented(text):
    """What a docstring describes: names before a colon; numbers, shapes, spans of code, links."""
    names = re.findall(r"^ +((?!Args|Returns|Attributes)[a-zA-Z_]\w*):", text, re.M)
    facts = re.findall(r"`[^`]+`|https?://[\w./]+\d|\[[BTCHWZ0-9][^\]]*\]|\d[\d,.]*\d|\d", text)
    return names, sorted(facts)


def signatures(text):
    """Function -> its arguments with their defaults, as written."""
    nodes = [n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.FunctionDef)]
    return {n.name: ast.unparse(n.args) for n in nodes}


def _source(file):
    return make_handout.stripped((ROOT / file).read_text("utf-8"), file)


@pytest.mark.parametrize(
    "change",
    [
        lambda s: s.replace("def kl_div_loss", "def kl_loss"),
        lambda s: s + '\n\ndef more(x):\n    """New."""\n',
    ],
)
def test_a_docstring_without_a_translation_is_found(change):
    with pytest.raises(UserError, match=r"vae\.zh\.py"):
        handout_language.assignment(change(_GOOD), "vae/assignment.py", "zh")


def test_a_text_that_left_the_notebook_is_found():
    book = '{"cells": [{"cell_type": "code", "metadata": {}, "source": ["print(1)"]}]}'
    with pytest.raises(UserError, match=r"tutorial\.zh\.json"):
        handout_language.notebook(book, "zh")


def test_no_line_of_a_solution(in_each):
    folder, removed, _ = in_each
    assert make_handout.leaks(folder, removed) is None


@pytest.mark.parametrize(
    "name",
    ["docs/planted.ipynb", "tests/assessment/texts/hints_vae.json", "common/templates/base.html"],
)
def test_a_line_of_a_solution_is_found_anywhere(built, name):
    """In a notebook, in the texts of the hints, in a page."""
    folder, removed, _ = built
    path = folder / name
    former = path.read_text("utf-8") if path.exists() else None
    line = r'["    return mu + paddle.exp(0.5 * logvar) * eps\n"]'
    path.write_text((former or "") + line, "utf-8")
    found = make_handout.leaks(folder, removed)
    path.unlink() if former is None else path.write_text(former, "utf-8")
    assert found == (name, "reparameterize")


@pytest.mark.parametrize("todo", SECRETS)
def test_no_formula_of_a_solution(in_each, todo):
    """No known way to write the formula, in any text file of the handout."""
    found = []
    for name, text in texts_of(in_each[0]):
        for number, line in enumerate(text.splitlines(), 1):
            plain = re.sub(r"\s|`|paddle\.|np\.|math\.|F\.", "", line)
            if any(re.search(secret, plain) for secret in SECRETS[todo]):
                found.append(f"{name}:{number}: {line.strip()}")
    assert not found, "\n".join(found)


def test_secrets_are_recognised():
    """The patterns above find the assignments' own solutions."""
    for todo, patterns in SECRETS.items():
        file = next(t.file for t in TODOS if t.name == todo)
        lines = [
            re.sub(r"\s|`|paddle\.|np\.|math\.|F\.", "", line)
            for line in (ROOT / file).read_text("utf-8").splitlines()
        ]
        hits = [p for p in patterns if any(re.search(p, line) for line in lines)]
        assert hits or todo in ("region_weighted_loss", "remove_noise"), todo


def test_grep_lists_all_the_work_and_nothing_else(in_each):
    """`grep -rn TODO ae vae diffusion`."""
    found = []
    for part in ("ae", "vae", "diffusion"):
        for name, text in texts_of(in_each[0] / part):
            lines = [line for line in text.splitlines() if "TODO" in line]
            found += [(f"{part}/{name}", line) for line in lines]
    pattern = r" +# TODO (\w+): \D+  pytest tests/todo -k \1"
    matches = [(name, re.fullmatch(pattern, line)) for name, line in found]
    assert all(match for _, match in matches), found
    listed = {(match[1], name) for name, match in matches}
    assert listed == {(t.name, t.file) for t in TODOS}


def test_every_todo_raises_with_its_sentence(in_each):
    """NotImplementedError("<todo>: ... pytest tests/todo -k <todo>")."""
    ae, vae, diffusion = (runpy.run_path(str(in_each[0] / file)) for file in make_handout.TODOS)
    x, image, t = paddle.ones([2, 3]), paddle.ones([2, 3, 4, 4]), paddle.to_tensor([0, 1])
    ddpm = diffusion["DDPM"](lambda x, t: x, paddle.full([3], 0.1))
    calls = {
        "AutoEncoder": ae["AutoEncoder"],
        "reparameterize": lambda: vae["reparameterize"](x, x),
        "kl_div_loss": lambda: vae["kl_div_loss"](x, x),
        "region_weighted_loss": lambda: vae["region_weighted_loss"](image, image),
        "add_noise": lambda: ddpm.add_noise(image, t, image),
        "remove_noise": lambda: ddpm.remove_noise(image, t, image),
        "loss": lambda: ddpm.loss(image, t, image),
    }
    assert [*calls] == [todo.name for todo in TODOS]
    for name, call in calls.items():
        with pytest.raises(NotImplementedError, match=f"^{name}: .*pytest tests/todo -k {name}$"):
            call()


def test_run_script_ends_with_one_sentence(built, tmp_path):
    result = run(built[0], "vae/run.py", "--dataset", "digits", "--epochs", "1", "--out", tmp_path)
    assert result.returncode == 1
    (line,) = [la for la in result.stderr.splitlines() if "reparameterize" in la]
    assert line.endswith("pytest tests/todo -k reparameterize")
    assert "Traceback" not in result.stderr


# --- the checks in it -----------------------------------------------------------------------------


def test_checks_fail_because_nothing_is_written(built):
    result = pytest_todo(built[0])
    assert "7 failed" in result.stdout and "Traceback" not in result.stdout
    for todo in TODOS:
        assert f"{todo.name} is not written yet. docs/guide/{todo.name}.md" in result.stdout


def test_checks_pass_on_a_finished_handout(solved):
    before = os.times()
    result = pytest_todo(solved)
    assert "7 passed" in result.stdout, result.stdout
    assert os.times().children_user - before.children_user < 20  # of the CPU, busy or not


def message_at_the_desk(folder, words, **variables):
    """What all checks print where kl_div_loss alone is written, with a mistake that is known.

    words: expected, got, the likely mistake once, one next step; short; no traceback.
    """
    path = folder / "vae/assignment.py"
    former = path.read_text("utf-8")
    path.write_text(_GOOD.replace("kl.sum(axis=1).mean()", "kl.sum()"), "utf-8")
    result = pytest_todo(folder, "-k", "kl_div_loss or loss", **variables)
    path.write_text(former, "utf-8")
    message = result.stdout.partition("test_todo[kl_div_loss] ___")[2].partition("=====")[0]
    message = message.partition("\n_____")[0]
    for word in words:
        assert message.count(word) >= 1, result.stdout
    assert message.count(words[2]) == 1 and message.count(words[3]) == 1
    assert len(message.strip().splitlines()) <= 9
    assert "Traceback" not in result.stdout and "test_todo.py:" not in message
    return result.stdout


def test_message_at_the_desk(solved):
    mistake = "Likely mistake: The sum runs over the batch too"
    message_at_the_desk(solved, ["expected ", "got ", mistake, "Next: "])


def test_message_at_the_desk_in_chinese(all_built):
    words = ["应为 ", "得到 ", "可能的错误：连批次维也求和了", "下一步："]
    told = message_at_the_desk(all_built["zh"][0], words, GENMODELS_LANG="zh")
    assert "loss 尚未完成" in told


def test_files_that_do_not_run(solved):
    """Each of the three files in a way of its own; no check is lost, and none shows a traceback."""
    broken = {
        "ae/assignment.py": "import torch\n",
        "vae/assignment.py": WRONG["kl_div_loss", "no exp"][1].replace("logvar -", "logvarr -"),
        "diffusion/assignment.py": "def add_noise(x0, t, eps)\n    return 1\n",
    }
    right = {file: (solved / file).read_text("utf-8") for file in broken}
    for file, text in broken.items():
        (solved / file).write_text(text, "utf-8")
    told = pytest_todo(solved).stdout
    for file, text in right.items():
        (solved / file).write_text(text, "utf-8")
    assert "7 failed" in told and "Traceback" not in told
    said = dict(re.findall(r"test_todo\[(\w+)\] _+\n(.*?)\n[_=]{5}", told, re.S))
    words = {
        "AutoEncoder": ["ModuleNotFoundError", "line 1"],
        "reparameterize": ["does not define reparameterize"],
        "kl_div_loss": ["NameError"],
        "add_noise": ["cannot read the file", "line 1"],
    }
    for todo, expected in words.items():
        for word in expected:
            assert word in said[todo], told


# --- faults ---------------------------------------------------------------------------------------

_GOOD = (ROOT / "vae/assignment.py").read_text(encoding="utf-8")
_BEGIN, _END = "    # BEGIN SOLUTION kl_div_loss\n", "    # END SOLUTION\n"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda s: s.replace(_BEGIN, _BEGIN + _BEGIN), "BEGIN inside the block"),
        (
            lambda s: s.replace(_BEGIN, _BEGIN + _BEGIN.replace("kl_div", "region_weighted")),
            "BEGIN inside",
        ),
        (lambda s: s.rpartition(_END)[0], "BEGIN without END"),
        (lambda s: s + _END, "END without BEGIN"),
        (lambda s: s.replace("SOLUTION kl_div_loss", "SOLUTION kl_loss"), "unknown TODO 'kl_loss'"),
        (
            lambda s: s.replace("SOLUTION kl_div_loss", "SOLUTION add_noise"),
            "unknown TODO 'add_noise'",
        ),
        (lambda s: s.replace("SOLUTION kl_div_loss", "SOLUTION reparameterize"), "kl_div_loss"),
        (
            lambda s: s.replace("# BEGIN SOLUTION kl_div_loss", "# begin solution kl_div_loss"),
            "marker",
        ),
        (lambda s: s.replace("# BEGIN SOLUTION kl_div_loss", "# BEGIN SOLUTION"), "marker"),
        (
            lambda s: s.replace("# BEGIN SOLUTION kl_div_loss", "#BEGIN SOLUTION kl_div_loss"),
            "marker",
        ),
        (lambda s: s.replace(_BEGIN, _BEGIN + _END + _BEGIN), "nothing stands between"),
        (lambda s: s.replace(_END, _END[:-1] + " loss\n", 1), "END of 'loss'"),
    ],
)
def test_marker_faults(change, words):
    """A sentence with file and line."""
    text = change(_GOOD)
    assert text != _GOOD
    with pytest.raises(UserError, match=r"vae/assignment\.py, line \d+: ") as error:
        make_handout.stripped(text, "vae/assignment.py")
    assert words in str(error.value)


def test_indentation_and_the_rest_stay():
    """Only the marked lines change; a helper at the margin goes without a trace."""
    new = make_handout.stripped(_GOOD, "vae/assignment.py")
    kept = re.sub(r" *# TODO .*\n *raise NotImplementedError\([^)]*\)\n", "", new)
    assert kept == re.sub(r" *# BEGIN SOL[\s\S]*?# END SOLUTION\n", "", _GOOD)
    diffusion = (ROOT / "diffusion/assignment.py").read_text("utf-8")
    new = make_handout.stripped(diffusion, "diffusion/assignment.py")
    assert "_at" not in new.replace("sigma_at", "") and new.endswith(")\n")
    assert new.count("raise NotImplementedError") == 3


def test_passages_for_teachers():
    text = "one\n<!-- BEGIN TEACHER -->\ntwo\n<!-- END TEACHER -->\nthree\n"
    assert make_handout.without_teacher(text, "README.md") == "one\nthree\n"
    for bad in ("# BEGIN TEACHER\n", "# END TEACHER\n", "# BEGIN TEACHER\n# BEGIN TEACHER\n"):
        with pytest.raises(UserError, match=r"README\.md, line \d: "):
            make_handout.without_teacher(bad, "README.md")


def test_a_full_folder_is_refused(tmp_path, capsys):
    out = tmp_path / "out"
    out.mkdir()
    (out / "mine.txt").write_text("keep")
    assert status(handout.main, ["--out", str(out)]) == 2
    assert "is not empty" in capsys.readouterr().err
    assert status(handout.main, ["--out", str(ROOT)]) == 2
    assert status(handout.main, ["--out", str(ROOT.parent)]) == 2
    assert status(handout.main, ["--out", str(out / "mine.txt")]) == 2
    assert [p.name for p in tmp_path.iterdir()] == ["out"]
    assert status(handout.main, ["--out", str(out), "--overwrite"]) == 0
    listed = capsys.readouterr().out
    assert "reparameterize (3 lines)" in listed
    assert {"docs/grading.md", "reproduce.py", ".ci/"} <= {*listed.split()}
    assert "tests/unit/" in listed and "tests/unit/ae" not in listed
    assert "  docs/\n" not in listed and "  docs/ (" not in listed
    assert not (out / "mine.txt").exists()
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


def test_language_on_the_command_line(tmp_path, capsys):
    assert status(handout.main, ["--out", str(tmp_path / "x"), "--lang", "fr"]) == 2
    assert "'fr'" in capsys.readouterr().err and not [*tmp_path.iterdir()]
    assert status(handout.main, ["--out", str(tmp_path / "x"), "--lang", "zh"]) == 0
    assert "README.md\n" in capsys.readouterr().out  # the English one is left out
    assert CHINESE.search((tmp_path / "x/README.md").read_text("utf-8").splitlines()[0])


def test_a_failed_build_leaves_the_old_one(tmp_path, monkeypatch, capsys):
    out = tmp_path / "out"
    out.mkdir()
    (out / "old.txt").write_text("old")
    monkeypatch.setattr(make_handout, "leaks", lambda *_: ("docs/page.md", "kl_div_loss"))
    assert status(handout.main, ["--out", str(out), "--overwrite"]) == 1
    assert "docs/page.md" in capsys.readouterr().err
    assert [p.name for p in tmp_path.rglob("*")] == ["out", "old.txt"]


def test_without_git(built, tmp_path):
    """A plain export gives the same tree as a clone."""
    export = tmp_path / "export"
    for name in make_handout.tracked(ROOT):
        (export / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, export / name)
    (export / ".venv").mkdir()
    (export / ".venv/x.py").write_text("x")
    (export / "results").mkdir()
    (export / "results/x.csv").write_text("x")
    result = run(export, "handout.py", "--out", "dist/handout")
    assert result.returncode == 0, result.stderr
    names = {n for n, _ in texts_of(built[0])}
    assert {n for n, _ in texts_of(export / "dist/handout")} == names
    assert "paddle" not in run(export, "-X", "importtime", "handout.py", "--help").stderr
