"""The texts for students: complete, in two languages, short, and without the solution."""

import ast
import json
import re
import string
from pathlib import Path

import numpy as np
import pytest

from tests.assessment import failures, repairs, texts
from tests.assessment.judge import Failure, mistakes_of
from tests.assessment.rules import Rule, problem
from tests.grading.checks import TODOS, checks
from tests.grading.wrong_answers.wrong import WRONG

ROOT = Path(__file__).parents[3]
CODE = ("assessment", "grading")
FILES = sorted(texts.FOLDER.glob("*.json"))
CHINESE = re.compile("[\u4e00-\u9fff]")
FORMULA = re.compile(
    r"\b(exp|sqrt|mean|sum|log|square|randn|where|reshape|unsqueeze|gather)\(|\*\*|[*]|\\frac|"
    r"[+-]\s*(mu|logvar|eps|x0|x_0|beta|alpha)\b|(mu|logvar|eps)\s*[+/-]\s|1\s*-\s*alpha|paddle\.(?!seed)"
)


RULED = {rule["hint"] for rule in failures.RULES["rules"]}
RULED |= {hint for group in repairs.GROUPS for hint, _, _ in group}


def all_checks():
    return [c for t in TODOS for c in checks(t.name, np.random.default_rng(0))]


@pytest.mark.parametrize("name", texts.HINTS)
def test_hint(name):
    """Two languages, no formula and no code, and short enough to be read."""
    english, chinese = texts.HINTS[name]["en"], texts.HINTS[name]["zh"]
    assert not CHINESE.search(english)
    assert CHINESE.search(chinese)
    for text in (english, chinese):
        assert not FORMULA.search(text), text
        assert "`" not in text
    assert len(english) <= 330 and len(chinese) <= 200
    assert english[0].isupper() or english.startswith(
        ("mu ", "eps ", "t ", "logvar ", "encoder ", "x_0 ")
    )
    assert english.endswith((".", "?")) and chinese.endswith(("。", "？"))


def test_every_mistake_has_a_hint():
    """What the checks, the rules and the failures can name exists."""
    named = {r.hint for c in all_checks() for r in c.rules} | {
        r.missing for c in all_checks() for r in c.rules
    }
    for check in all_checks():
        for rule in check.rules:
            named |= {name.split("~")[0] for name in mistakes_of(rule)}
    named |= RULED | {hint for hints, _ in WRONG.values() for hint in hints}
    assert named - {""} <= set(texts.HINTS)


def test_every_check_has_a_title_and_its_reasons():
    for check in all_checks():
        for lang in texts.LANGUAGES:
            assert texts.title(check.id, lang)
        assert {r.reason for r in check.rules} - {""} <= set(texts.REASONS)


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_file_of_texts(path):
    """Each id once, with a text in both languages that shows the same numbers."""
    entries = json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=list)
    names = [name for name, _ in entries]
    assert len(names) == len(set(names))
    for name, pair in entries:
        assert [lang for lang, _ in pair] == ["en", "zh"] and all(text for _, text in pair), name
        shown = [{f for _, f, _, _ in string.Formatter().parse(t) if f} for _, t in pair]
        assert shown[0] == shown[1], name


def test_no_id_stands_in_two_files_of_hints():
    names = [n for path in FILES if path.stem.startswith("hints") for n in texts.read(path.stem)]
    assert len(names) == len(set(names)) == len(texts.HINTS)


def test_every_text_is_used():
    """Its id stands in the code of the engine or of the grader, as a word of its own."""
    code = [p for f in CODE for p in (ROOT / "tests" / f).glob("*.py")]
    words = {w for p in code for w in strings(p.read_text(encoding="utf-8"))}
    words |= RULED
    for table in (texts.HINTS, texts.REASONS, texts.DESK):
        assert table.keys() <= words, table.keys() - words
    asked = {c.id for c in all_checks()}
    assert texts.TITLES.keys() <= asked | {name.rpartition("/")[2] for name in asked}


def strings(source):
    """The strings in Python code; "id~2" stands for "id"."""
    nodes = (n for n in ast.walk(ast.parse(source)) if isinstance(n, ast.Constant))
    return {n.value.split("~")[0] for n in nodes if isinstance(n.value, str)}


def test_every_text_that_is_asked_for_exists():
    """The id in Problem("id"), texts.reason("id"), texts.desk("id") and texts.hint("id")."""
    tables = {"Problem": texts.REASONS, "reason": texts.REASONS}
    tables |= {"desk": texts.DESK, "hint": texts.HINTS}
    seen = set()
    for path in (ROOT / "tests/assessment").glob("*.py"):
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            function = getattr(call, "func", None)
            name = getattr(function, "attr", getattr(function, "id", ""))
            if name in tables and isinstance(call.args[0], ast.Constant):
                assert call.args[0].value in tables[name], (path.name, call.lineno)
                seen.add(name)
    assert seen == tables.keys()


BROADCAST = (
    "(InvalidArgument) Broadcast dimension mismatch. Operands could not be broadcast together with"
    " the shape of X = [{}] and the shape of Y = [{}]."
)


@pytest.mark.parametrize(
    ("todo", "kind", "message", "hint"),
    [
        ("add_noise", "ValueError", BROADCAST.format("5", "5, 2, 4, 6"), "table_not_reshaped"),
        ("add_noise", "ValueError", BROADCAST.format("5, 2, 4, 6", "5"), "table_not_reshaped"),
        ("add_noise", "ValueError", BROADCAST.format("3", "5, 2, 4, 6"), "shapes_differ"),
        ("add_noise", "ValueError", BROADCAST.format("5, 2", "5, 2, 4, 6"), "shapes_differ"),
        ("kl_div_loss", "ValueError", BROADCAST.format("5", "5, 2, 4, 6"), "shapes_differ"),
        ("kl_div_loss", "NameError", "name 'np' is not defined", "missing_import"),
        ("kl_div_loss", "OSError", "name 'np' is not defined", ""),
        ("kl_div_loss", "AttributeError", "module 'paddle' has no attribute 'x'", "not_in_paddle"),
        (
            "reparameterize",
            "TypeError",
            "f() takes 2 positional arguments but 3 were given",
            "signature",
        ),
    ],
)
def test_hints_by_exception(todo, kind, message, hint):
    """Only where type and message leave no doubt."""
    probe = {"arrays": {"t1": np.zeros(5, np.int64)}}
    assert failures.explain(todo, Failure("exception", kind, message), probe)[0] == hint


def test_long_messages_are_cut():
    failure = Failure(
        "exception", "ValueError", "first\n" + "x" * 999 + "\n\n [Hint: no]\nC++ stack"
    )
    assert len(texts.failure_message(failure, "en")) <= 240


def test_numbers_that_look_equal_are_told_apart():
    """Never `expected 33.00, got 33.00`."""
    rule = Rule("close", "p", "z", np.array([33.0001234]), 1e-9)
    numbers = problem(rule, {"z": np.array([33.0001239])}).numbers
    assert numbers["want"] != numbers["got"]
