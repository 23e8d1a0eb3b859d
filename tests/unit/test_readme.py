"""The READMEs and the teacher's pages against the code, and English against Chinese."""

import contextlib
import importlib.util
import io
import re
import shlex
import urllib.parse
from collections import Counter
from dataclasses import fields
from pathlib import Path

import openpyxl
import pytest
from PIL import Image

import common

# isort: split
import grade
import handout
import reproduce
from ae import config as ae
from common.training.config import parse
from diffusion import config as diffusion
from diffusion import sample
from tests.grading import checks
from tests.grading.wrong_answers.wrong import WRONG
from vae import config as vae

ROOT = Path(__file__).resolve().parents[2]
MODULES = {"ae": ae, "vae": vae, "diffusion": diffusion}
READMES = ("README.md", "README.zh-CN.md")
TEACHERS = ("docs/teachers.md", "docs/teachers.zh-CN.md", "docs/grading.md")
COURSE = ("docs/teachers-course.md", "docs/teachers-course.zh-CN.md")
FENCE = re.compile(r"^```\w*\n(.*?)^```$", re.M | re.S)
SPAN = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\]\(([^)\s]+)\)|src=\"([^\"]+)\"")


def text_of(name):
    return (ROOT / name).read_text(encoding="utf-8")


def snippets(text):
    """Lines of code blocks, without comments, and spans of code."""
    lines = [line for block in FENCE.findall(text) for line in block.splitlines()]
    bare = [re.split(r"\s{2,}[#(（]|\s# ", line)[0].strip() for line in lines]
    return [s for s in bare + SPAN.findall(FENCE.sub("", text)) if s]


def commands(text):
    """What a reader would type: [(program, arguments), ...]."""
    words = [shlex.split(s) for s in snippets(text) if re.match(r"(python|pytest|make)\s", s)]
    return [(w[0], w[1:]) for w in words]


def sections(text):
    """The text below each heading of the second level, in order."""
    return re.split(r"^## .*$", FENCE.sub("", text), flags=re.M)


# --- commands -------------------------------------------------------------------------------------


def run_script(module, arguments, folder):
    """As the script itself reads them; --resume needs a run to go on with."""
    config_class, presets = MODULES[module].Config, MODULES[module].PRESETS
    arguments = [*arguments, "--out", str(folder / module)]
    first = [a for a in arguments if a != "--resume"]
    config, run = parse(config_class, presets, first, module, "")
    assert config is not None or "--list-presets" in arguments
    if first != arguments:
        run.begin(config)
        parse(config_class, presets, arguments, module, "")


def table_for(argument, folder):
    """The argument; where it names a table of the teacher's, one that is there."""
    path = folder / argument
    if path.suffix == ".csv":
        path.write_text("id,part,points\n1,,\n")
    elif path.suffix == ".xlsx":
        book = openpyxl.Workbook()
        book.active.append(["id", "score"])
        book.active.append(["1"])
        book.save(path)
    return str(path) if path.exists() else argument


def check(program, arguments, folder):
    """Raises if a command of the README could not be typed."""
    if program == "make":
        targets = re.findall(r"^(\w+):", text_of("Makefile"), re.M)
        assert [a for a in arguments if "=" not in a and a not in targets] == []
    elif program == "pytest" or arguments[:2] == ["-m", "pytest"]:
        known = [todo.name for todo in checks.TODOS] + ["not slow and not fuzz", "NAME"]
        options = arguments[arguments.index("pytest") + 1 :] if program != "pytest" else arguments
        paths = [a for a in options if "/" in a]
        assert all((ROOT / path).exists() for path in paths)
        assert {a for a in options if a not in paths} <= {"-k", "-m", *known}
    elif arguments[0] == "-m":
        launched = [i for i, a in enumerate(arguments) if a.endswith(".py")]
        if launched:  # python -m LAUNCHER SCRIPT ...
            check("python", arguments[launched[0] :], folder)
        assert importlib.util.find_spec(arguments[1]), arguments[1]
    else:
        script, rest = arguments[0], arguments[1:]
        assert (ROOT / script).is_file(), script
        if script.endswith("/run.py"):
            run_script(script.split("/")[0], rest, folder)
        elif script == "diffusion/sample.py":
            sample.check(sample.parser().parse_args(rest), diffusion.Config())
        elif script in ("diffusion/speedrun.py", "diffusion/distill.py"):
            importlib.import_module(script[:-3].replace("/", ".")).parser().parse_args(rest)
        elif script == "grade.py":
            grade.parse([table_for(a, folder) for a in rest])
        elif script == "reproduce.py":
            reproduce.arguments(rest)
        elif script == "handout.py":
            assert {a for a in rest if a.startswith("-")} <= flags()
        else:
            assert not [a for a in rest if a.startswith("--")], script


def all_commands(*names):
    found = [command for name in names for command in commands(text_of(name))]
    return {shlex.join((program, *rest)): (program, rest) for program, rest in found}


@pytest.mark.parametrize("line", all_commands(*READMES, *TEACHERS, *COURSE))
def test_command(line, tmp_path):
    """It parses: the script, its flags and their values, presets, make targets and paths exist."""
    check(*all_commands(*READMES, *TEACHERS, *COURSE)[line], tmp_path)


def test_commands_that_are_wrong_are_found(tmp_path):
    for program, arguments in commands(
        "`make dem`\n`pytest tests/todos`\n`pytest tests/todo -k klloss`\n`python ae/runs.py`\n"
        "`python ae/run.py --epoch 3`\n`python vae/run.py --preset 004`\n`python demo.py --fast`\n"
        "`python vae/run.py --network unet`\n`python diffusion/sample.py RUN --sampler euler`\n"
        "`python grade.py x`\n`python ae/run.py --resume --lr x`\n"
        "`python reproduce.py --profile fast`\n`python handout.py --to x`\n"
    ):
        with pytest.raises((AssertionError, common.errors.UserError, SystemExit)):
            check(program, arguments, tmp_path)


def flags():
    """Every flag of every script, from its --help."""
    scripts = [lambda argv, m=m: run_script(m, argv, ROOT) for m in MODULES]
    scripts += [sample.parser().parse_args, grade.parse, reproduce.arguments, handout.main]
    with contextlib.redirect_stdout(io.StringIO()) as out:
        for script in scripts:
            with contextlib.suppress(SystemExit):
                script(["--help"])
    return set(re.findall(r"--[a-z][\w-]*", out.getvalue()))


@pytest.mark.parametrize("name", READMES + TEACHERS + COURSE)
def test_flags_exist(name):
    """Those that stand alone in the text, too."""
    mentioned = {
        word
        for snippet in SPAN.findall(FENCE.sub("", text_of(name)))
        if snippet.startswith("--")
        for word in snippet.split()
        if word.startswith("--")
    }
    assert mentioned <= flags()


# --- tables ---------------------------------------------------------------------------------------


def table(text, first_cell):
    """The rows of the table whose first row starts with that cell; cells without their markup."""
    rows = []
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("|") and (rows or cells[0] == first_cell):
            rows.append(cells)
        elif rows:
            break
    return rows[2:]


@pytest.mark.parametrize(("name", "head"), [("README.md", "flag"), ("README.zh-CN.md", "参数")])
def test_defaults(name, head):
    """`value` and `value (digits: value)` of the table are those of the configs."""
    rows = table(text_of(name), head)
    assert len(rows) > 8
    for flag, *cells, _ in rows:
        field = flag.strip("`").removeprefix("--").replace("-", "_")
        for cell, module in zip(cells, MODULES.values()):
            defaults = [module.Config()]
            if "digits" in cell:
                defaults.append(module.Config(dataset="digits"))
            has = any(f.name == field for f in fields(module.Config))
            assert has == bool(cell), (flag, cell)
            given = re.findall(r"[\d.]+|\w[\w-]*", cell.replace("digits:", ""))
            assert given == [shown(getattr(d, field)) for d in defaults if has], flag


def shown(value):
    """A default as the table has it."""
    return value if isinstance(value, str) else f"{value:g}"


@pytest.mark.parametrize(("name", "head"), [("README.md", "preset"), ("README.zh-CN.md", "预设")])
def test_presets(name, head):
    """Every preset of every script, with its epochs, and no other; the teacher's stands apart."""
    text = text_of(name)
    both = [*table(text, head), *table(text.partition("docs/speedrun.md")[2], head)]
    listed = {
        (preset, script.strip("`"), int(epochs))
        for presets, script, epochs, _ in both
        for preset in SPAN.findall(presets)
    }
    assert listed == {
        (preset, name, epochs_of(module, preset))
        for name, module in MODULES.items()
        for preset in module.PRESETS
    }


def epochs_of(module, preset):
    values = {k: v for k, v in module.PRESETS[preset].items() if k != "help"}
    return module.Config(**values).epochs


# --- links and pictures ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", READMES + TEACHERS + COURSE)
def test_links(name):
    """Files exist, and so do headings of this page."""
    text = text_of(name)
    anchors = {
        re.sub(r"[^\w -]", "", h).strip().lower().replace(" ", "-")
        for h in re.findall(r"^#+ (.*)$", text, re.M)
    }
    for pair in LINK.findall(text):
        target = urllib.parse.unquote(next(filter(None, pair)))
        if target.startswith("#"):
            assert target[1:] in anchors, target
        elif "://" not in target:
            assert ((ROOT / name).parent / target.partition("#")[0]).exists(), target


def test_pictures_are_small_and_used():
    """All stay below half a megabyte, each no wider than a page and shown on one."""
    pictures = sorted((ROOT / "docs/pictures").glob("*.png"))
    docs = "".join(page.read_text("utf-8") for page in (ROOT / "docs").glob("*.md"))
    for path in pictures:
        with Image.open(path) as picture:
            assert picture.width <= 1000, path
        on_both = all(f"docs/pictures/{path.name}" in text_of(name) for name in READMES)
        assert on_both or f"(pictures/{path.name})" in docs, path
    assert sum(path.stat().st_size for path in pictures) < 500_000


# --- one against the other ------------------------------------------------------------------------


def test_linked_at_the_top():
    for name, other in zip(READMES, reversed(READMES)):
        assert f"({other})" in text_of(name).splitlines()[0]


@pytest.mark.parametrize(("english", "chinese"), [READMES, TEACHERS[:2], COURSE])
def test_same_commands_and_code(english, chinese):
    """The same things to type, in the same order; comments are in the page's language."""
    assert commands(text_of(english)) == commands(text_of(chinese))
    spans = [Counter(SPAN.findall(FENCE.sub("", text_of(name)))) for name in (english, chinese)]
    assert spans[0] == spans[1], (spans[0] - spans[1], spans[1] - spans[0])


@pytest.mark.parametrize(("english", "chinese"), [READMES, TEACHERS[:2], COURSE])
def test_same_numbers(english, chinese):
    """Section by section."""
    pairs = list(zip(sections(text_of(english)), sections(text_of(chinese)), strict=True))
    for ours, theirs in pairs:
        numbers = [Counter(re.findall(r"\d[\d.,]*\d|\d", text)) for text in (ours, theirs)]
        assert numbers[0] == numbers[1], (numbers[0] - numbers[1], numbers[1] - numbers[0])


def test_same_results():
    """The table of results stands in both, row for row."""
    rows = [re.search(r"BEGIN RESULTS.*\n.*\n((?:.*\n)*?)<!-- END", text_of(n))[1] for n in READMES]
    assert rows[0] == rows[1] and rows[0].count("\n") > 5


def test_size_of_the_bank_in_the_texts():
    for name in READMES:
        assert re.search(rf"\b{len(WRONG)}\b", text_of(name))
