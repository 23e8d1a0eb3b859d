"""The student's desk: nothing that the code does ends the checks; short, true, one next step."""

import shutil
import time
from pathlib import Path

import pytest

from tests.assessment import desk, repairs
from tests.assessment.process import Process
from tests.grading.wrong_answers.right import RIGHT
from tests.grading.wrong_answers.wrong import WRONG

ROOT = Path(__file__).parents[3]
FILE = "vae/assignment.py"
RIGHT_KL = "return 0.5 * (mu**2 + paddle.exp(logvar) - 1 - logvar).sum(axis=1).mean()"


@pytest.fixture
def told(tmp_path, monkeypatch):
    """What the desk says about kl_div_loss with this body, this head and this tail of the file."""
    monkeypatch.setenv("GENMODELS_LANG", "en")

    def report(body, head="", tail="", file=FILE, todo="kl_div_loss"):
        text = (
            f"{head}\nimport paddle\n\n\ndef kl_div_loss(mu, logvar):\n    "
            + body.replace("\n", "\n    ")
            + f"\n\n\n{tail}\n"
        )
        path = tmp_path / file
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return desk.report(file, todo, tmp_path)

    return report


@pytest.fixture(autouse=True)
def hasty(monkeypatch):
    """A limit of 3 seconds, in the process that all these tests share."""
    monkeypatch.setattr(desk, "_process", lambda process=_PROCESS: process)


_PROCESS = Process(seconds=3)


def test_right_answer_is_told_nothing(told):
    assert told(RIGHT_KL) == ""


ENDS = {
    "exit": ("exit()\n" + RIGHT_KL, "ended here", "Take the line out"),
    "os._exit": ("import os\nos._exit(0)", "ended here", "Take the line out"),
    "abort": ("import os\nos.abort()", "crashed below Python (line 7)", ""),
    "segmentation fault": ("import ctypes\nctypes.string_at(0)", "crashed below Python", ""),
    "axes": ("return mu.sum(0, 1, 2)", "crashed below Python", "axis=[1, 2, 3]"),
    "endless": ("while True: pass", "took too long and was stopped (line 6)", "seconds"),
    "endless sleep": ("import time\ntime.sleep(1e6)", "took too long", "seconds"),
    "keyboard": ("input()", "EOFError", "waits for the keyboard"),
    "no end of recursion": ("return kl_div_loss(mu, logvar)", "RecursionError", "calls itself"),
}


@pytest.mark.parametrize("name", ENDS)
def test_whatever_ends_the_code_is_one_sentence(told, name):
    """And the next TODO is checked as if nothing had happened."""
    body, *words = ENDS[name]
    message = told(body)
    for word in words:
        assert word in message, message
    assert len(message.splitlines()) <= 6
    assert told(RIGHT_KL) == ""


UNREADABLE = {
    "bracket": (RIGHT_KL[:-1], "brackets do not match"),
    "bracket, other kind": (RIGHT_KL.replace("- logvar)", "- logvar]"), "brackets do not match"),
    "quotation mark": ("print('mu)\n" + RIGHT_KL, "closing mark is missing"),
    "prompt": (">>> " + RIGHT_KL, "copied with something"),
    "LaTeX": ("return -\\frac{1}{2} * mu", "A backslash"),
    "semicolon": (RIGHT_KL.replace("1 - logvar", "1; -logvar"), "A semicolon"),
    "colon": ("if True\n    " + RIGHT_KL, "A colon is missing"),
    "another language": ("if mu is None && True:\n    pass\n" + RIGHT_KL, "another language"),
    "else if": ("if True:\n    pass\nelse if True:\n    pass\n" + RIGHT_KL, "another language"),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_python_cannot_read_is_said_in_plain_words(told, name):
    """Python's own message is English, whatever the student reads."""
    body, words = UNREADABLE[name]
    assert words in told(body)


def test_arguments_in_another_order(tmp_path, monkeypatch):
    """They are given by position; the names alone do not say which is which."""
    monkeypatch.setenv("GENMODELS_LANG", "en")
    path = tmp_path / FILE
    path.parent.mkdir()
    text = (ROOT / FILE).read_text("utf-8")
    path.write_text(text.replace("    x_hat,\n    x,\n", "    x,\n    x_hat,\n"), "utf-8")
    assert "order of the arguments" in desk.report(FILE, "region_weighted_loss", tmp_path)


TWICE = "def kl_div_loss(mu, logvar):\n    raise NotImplementedError('kl_div_loss: write it')"
STRUCTURE = {
    "second definition below": (RIGHT_KL, TWICE, "defines kl_div_loss twice"),
    "definition inside": (
        "def kl_div_loss(mu, logvar):\n    " + RIGHT_KL,
        "",
        "once more inside itself",
    ),
    "return inside a loop": (
        "total = 0.0\nfor row in 0.5 * (mu**2 + logvar.exp() - 1 - logvar):\n"
        "    total = total + row.sum()\n    return total / len(mu)",
        "",
        "inside a loop",
    ),
    "expression goes on in the next line": (
        "kl = 0.5 * (mu**2 + paddle.exp(logvar))\n- 0.5 * (1 + logvar)\nreturn kl.sum(1).mean()",
        "",
        "Line 7 computes something that is not kept: -0.5 * (1 + logvar)",
    ),
    "a total that goes on": (
        "global total\n"
        "total += 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(1).mean()\n"
        "return total",
        "total = 0.0",
        "kept from one call to the next",
    ),
    "argument overwritten": (
        "logvar = 0.3 * paddle.ones_like(mu)\n" + RIGHT_KL,
        "",
        "The argument logvar takes no part",
    ),
    "breakpoint": ("breakpoint()\n" + RIGHT_KL, "", "waits for the keyboard"),
}


@pytest.mark.parametrize("name", STRUCTURE)
def test_what_stands_in_the_wrong_place(told, name):
    body, tail, words = STRUCTURE[name]
    assert words in told(body, tail=tail)


def test_nothing_that_one_answer_sets_reaches_the_next(told):
    """Filters of warnings; functions that Paddle compiled for another copy of the file."""
    told("import warnings\nwarnings.simplefilter('error')\n" + RIGHT_KL)
    assert told("import warnings\nwarnings.warn('look')\n" + RIGHT_KL) == ""
    assert (
        told(f"@paddle.jit.to_static\ndef kl(mu, logvar):\n    {RIGHT_KL}\nreturn kl(mu, logvar)")
        == ""
    )


def test_many_printed_lines_are_one(told):
    message = told("print('line\\n' * 100_000)\nreturn mu.sum()")
    assert "It printed" in message and len(message) < 1500
    assert "printed" not in told("return mu.sum()")
    assert told("print(mu)\n" + RIGHT_KL) == ""


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("raise NotImplementedError('kl_div_loss: write it')", "kl_div_loss is not written yet"),
        ("return other(mu)", "other, is called here, and that one is not written yet"),
    ],
)
def test_not_written_yet_is_said_of_the_todos_own_placeholder_only(told, body, words):
    message = told(body, tail="def other(x):\n    raise NotImplementedError('other: write it')")
    assert words in message
    assert ("kl_div_loss is not written" in message) == ("kl_div_loss:" in body)


def test_a_wrong_value_is_one_line_one_hint_and_counts(told):
    lines = told(RIGHT_KL.replace("sum(axis=1).mean()", "sum()")).splitlines()
    assert len(lines) == 5
    assert lines[1].count("expected ") == 1 and "inputs of shape [5, 3], [5, 3]" in lines[1]
    assert lines[2].startswith("  Likely mistake: The sum runs over the batch too")
    assert lines[3].startswith("  Checks: 1 of 6 pass. Also not passed: ")
    assert lines[4].startswith("  Next: read docs/guide/kl_div_loss.md, change vae/assignment.py")


def test_one_reason_counts_once(told):
    message = told("return missing(mu)")
    assert "Checks: 0 of 6 pass. Not asked yet: " in message
    assert "Also not passed" not in message


MENDED = {
    "power_bracket": "std = paddle.exp(logvar) ** 1 / 2\n"
    + RIGHT_KL.replace("paddle.exp(logvar)", "std**2"),
    "factor_too_much": RIGHT_KL + " / 784",
    "cut_off": RIGHT_KL.replace(".mean()", ".mean().clip(0, 100)"),
    "line_too_much": "mu = 2 * mu - 1\n" + RIGHT_KL,
    "number_other": RIGHT_KL.replace("- 1", "- 3"),
    "one_star": RIGHT_KL.replace("mu**2", "mu * 2"),
    "batch_fixed": "return 0.5 * (mu**2 + paddle.exp(logvar) - 1 - logvar).sum() / 128",
    "minus_too_much": RIGHT_KL.replace("exp(logvar)", "exp(-logvar)"),
    "bracket_first_term": RIGHT_KL.replace("0.5 * (", "(0.5 * "),
    "operator_other": RIGHT_KL.replace("0.5 *", "0.5 +"),
    "term_too_much": RIGHT_KL.replace("- logvar)", "- logvar + mu)"),
    "square_missing": "spread = (paddle.exp(logvar) - 1 - logvar).sum(axis=1)\n"
    "return 0.5 * (paddle.norm(mu, axis=1) + spread).mean()",
    "sum_or_mean": RIGHT_KL.replace("sum(axis=1)", "sum(axis=[0, 1])"),
    "name_other": "kl = " + RIGHT_KL.removeprefix("return ") + "\nreturn mu",
}


def test_an_item_that_is_assigned_is_no_name():
    source = "def kl_div_loss(mu, logvar):\n    kl = [0]\n    kl[0] = 2 * mu.sum()\n    return kl"
    assert repairs.explain(source, "kl_div_loss", lambda *_: False) == ("", {})


@pytest.mark.parametrize("name", MENDED)
def test_what_makes_it_right_is_named(told, monkeypatch, name):
    """A change that was tried out; the line of the student's code stands in the hint."""
    named = []
    explain = repairs.explain
    monkeypatch.setattr(repairs, "explain", lambda *a: named.append(explain(*a)) or named[-1])
    message = told(MENDED[name])
    assert not named or named[0][0] == name, message
    assert "Likely mistake: " in message


def test_bare_names_are_no_false_pass(tmp_path, monkeypatch):
    """What a training run does not set, the desk does not set either."""
    monkeypatch.setenv("GENMODELS_LANG", "en")
    path = tmp_path / "diffusion/assignment.py"
    path.parent.mkdir()
    path.write_text(WRONG["add_noise", "no self"][1], encoding="utf-8")
    assert "self.alpha_bar" in desk.report("diffusion/assignment.py", "add_noise", tmp_path)
    path.write_text(RIGHT["add_noise", "notebook of report 000"], encoding="utf-8")
    assert desk.report("diffusion/assignment.py", "add_noise", tmp_path) == ""


def test_files_in_other_encodings(tmp_path, monkeypatch):
    monkeypatch.setenv("GENMODELS_LANG", "en")
    path = tmp_path / FILE
    path.parent.mkdir()
    shutil.copy(ROOT / FILE, path)
    text = path.read_text("utf-8")
    for encoding in ("utf-8-sig", "utf-8"):
        path.write_text(text, encoding=encoding)
        assert desk.report(FILE, "kl_div_loss", tmp_path) == ""
    for encoding in ("utf-16", "gbk"):
        path.write_text("s = '散度'\n" + text.replace("—", "-"), encoding=encoding)
        assert "UTF-8" in desk.report(FILE, "kl_div_loss", tmp_path)
    path.unlink()
    assert "is not there" in desk.report(FILE, "kl_div_loss", tmp_path)


def test_all_seven_take_seconds(monkeypatch):
    """One start of Paddle for all of them."""
    process, started = Process(), []
    start = process._start
    monkeypatch.setattr(process, "_start", lambda: started.append(1) or start())
    monkeypatch.setattr(desk, "_process", lambda: process)
    begin = time.monotonic()
    from tests.todo.test_todo import FILES

    assert all(desk.report(file, todo) == "" for todo, file in FILES.items())
    assert len(started) == 1 and time.monotonic() - begin < 20
    process.close()


def test_two_regions_by_the_same_condition(tmp_path, monkeypatch):
    """Which comparison is wrong is told; another explanation does not fit."""
    monkeypatch.setenv("GENMODELS_LANG", "en")
    path = tmp_path / FILE
    path.parent.mkdir()
    text = (ROOT / FILE).read_text("utf-8")
    start, end = text.index("    white = (x >"), text.index("    return (weight * ")
    masks = "".join(
        f"    {name} = (x > white_threshold).astype(x.dtype)\n" for name in ("white", "black")
    )
    weight = "white_region_loss_coef * white + black_region_loss_coef * black"
    path.write_text(text[:start] + masks + f"    weight = {weight}\n" + text[end:], "utf-8")
    line = masks.count("\n") + text[:start].count("\n")
    message = desk.report(FILE, "region_weighted_loss", tmp_path)
    assert f"In line {line} another comparison is needed than x > white_threshold" in message
