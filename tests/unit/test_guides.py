"""The pages in docs/guide: their numbers, their pictures, one language against the other."""

import contextlib
import io
import re
from collections import Counter
from unittest import mock

import pytest
from PIL import Image

import common  # noqa: F401 - before Paddle

# isort: split
import ae.assignment
import diffusion.assignment
import vae.assignment
from tests.conftest import ROOT
from tests.grading import guide_pictures
from tests.grading.checks import TODOS
from tests.grading.wrong_answers.wrong import WRONG
from tests.unit.test_readme import FENCE, SPAN, check, commands

FOLDER = ROOT / "docs/guide"
NAMES = [todo.name for todo in TODOS]
PAGES = ["README", "report-template", *NAMES]
CODE = re.compile(r"^```python\n(.*?)^```$", re.M | re.S)
PICTURE = re.compile(r"!\[[^\]]+\]\(pictures/([^)]+)\)")
HOLDERS = (ae.assignment, vae.assignment, diffusion.assignment.DDPM)
# What a page says that a wrong answer prints first: (TODO, name in the bank) -> text.
PRINTED = {
    ("reparameterize", "variance"): "3.0000",
    ("kl_div_loss", "sum"): "0.8591",
    ("kl_div_loss", "mean"): "0.2148",
    ("region_weighted_loss", "output"): "0.0600",
    ("region_weighted_loss", "swapped"): "0.0880",
    ("add_noise", "no roots"): "0.8200 0.6800",
    ("remove_noise", "beta, also at 0"): "1.4114",
    ("loss", "sees x0"): "0.2600",
    ("loss", "sum"): "0.4304",
}


def text_of(name, lang="en"):
    return (FOLDER / f"{name}{'.zh' if lang == 'zh' else ''}.md").read_text("utf-8")


def parts(text):
    """The five parts of a page about a function, without code."""
    return re.split(r"^## .*$", FENCE.sub("", text), flags=re.M)[1:]


def printed(text):
    """What the lines of a page print, beside what their comments say: two lists."""
    (code,) = CODE.findall(text)
    with contextlib.redirect_stdout(io.StringIO()) as out:
        exec(code, {})
    return out.getvalue().splitlines(), re.findall(r"print\(.*\)  # (.+)$", code, re.M)


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("name", NAMES)
def test_form(name, lang):
    """Five lines, a number by hand, a right picture and three wrong ones, three questions, more."""
    formula, by_hand, pictures, questions, further = parts(text_of(name, lang))
    numbered = re.compile(r"^(\d)\. ", re.M)
    assert numbered.findall(formula) == list("12345")
    assert numbered.findall(questions) == list("123")
    assert by_hand.strip() and further.strip()
    shown = [guide_pictures.RIGHT, *guide_pictures.SHOWN[name]]
    assert PICTURE.findall(pictures) == [guide_pictures.path_of(name, s).name for s in shown]


@pytest.mark.parametrize("name", NAMES)
def test_numbers_are_those_of_the_right_functions(name):
    out, said = printed(text_of(name))
    assert out == said and len(said) >= 1


@pytest.mark.parametrize(("todo", "name"), PRINTED)
def test_numbers_of_wrong_answers(todo, name):
    """The page says what a common mistake prints in place of the right number."""
    holder = next(h for h in HOLDERS if hasattr(h, todo))
    with mock.patch.object(holder, todo, guide_pictures.answer(todo, name)):
        out, _ = printed(text_of(todo))
    assert out[0].startswith(PRINTED[todo, name])
    for lang in ("en", "zh"):
        assert PRINTED[todo, name] in text_of(todo, lang)


def test_pictures():
    """All are shown, all shown answers are in the bank, all are small and grey."""
    expected = set()
    for todo, names in guide_pictures.SHOWN.items():
        assert all((todo, name) in WRONG for name in names)
        expected |= {guide_pictures.path_of(todo, n) for n in (guide_pictures.RIGHT, *names)}
    assert set((FOLDER / "pictures").iterdir()) == expected
    for path in expected:
        assert path.stat().st_size < 30_000
        with Image.open(path) as picture:
            assert 300 <= picture.width <= 700 and picture.mode == "P"
            red, green, blue = picture.convert("RGB").split()
            assert red.tobytes() == green.tobytes() == blue.tobytes()


def test_a_picture_can_be_made_again(tmp_path, monkeypatch):
    """The same pixels, of the TODO that needs no training."""
    monkeypatch.setattr(guide_pictures, "FOLDER", tmp_path)
    guide_pictures.main(["add_noise"])
    for path in tmp_path.iterdir():
        with Image.open(path) as new, Image.open(FOLDER / "pictures" / path.name) as old:
            assert new.size == old.size and new.tobytes() == old.tobytes()


@pytest.mark.parametrize("name", PAGES)
def test_both_languages_say_the_same(name):
    """The same code, commands, numbers, pictures and rows of tables."""
    english, chinese = text_of(name), text_of(name, "zh")
    assert CODE.findall(english) == CODE.findall(chinese)
    assert commands(english) == commands(chinese)
    assert PICTURE.findall(english) == PICTURE.findall(chinese)
    spans = [Counter(SPAN.findall(FENCE.sub("", t))) for t in (english, chinese)]
    assert spans[0] == spans[1]
    bare = [re.sub(r"\.zh(?=\.md)", "", t) for t in (english, chinese)]
    for ours, theirs in zip(*(re.split(r"^## .*$", t, flags=re.M) for t in bare), strict=True):
        numbers = [Counter(re.findall(r"\d[\d.,]*\d|\d", t)) for t in (ours, theirs)]
        assert numbers[0] == numbers[1], (numbers[0] - numbers[1], numbers[1] - numbers[0])
        assert ours.count("\n|") == theirs.count("\n|")


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("name", PAGES)
def test_links_and_commands(name, lang, tmp_path):
    text = text_of(name, lang)
    for target in re.findall(r"\]\(([^)#\s]+)", text):
        assert (FOLDER / target).exists(), target
    for number, (program, arguments) in enumerate(commands(text)):
        check(program, arguments, tmp_path / str(number))


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_points_of_the_report(lang):
    rubric = text_of("report-template", lang).rpartition("\n## ")[2]
    points = [int(p) for p in re.findall(r"^\| [^|(]+\((\d+)\) \|", rubric, re.M)]
    assert len(points) == 6 and sum(points) == 100


def test_every_page_is_listed():
    for lang, end in (("en", ".md"), ("zh", ".zh.md")):
        index = text_of("README", lang)
        assert all(f"({name}{end})" in index for name in PAGES if name != "README")
