"""The texts for students: complete, in two languages, short, and without the solution."""

import re
import string

import numpy as np
import pytest

from tests.assessment import texts
from tests.assessment.hints import HINTS
from tests.assessment.judge import Failure, mistakes_of
from tests.assessment.rules import Rule, problem
from tests.grading.checks import TODOS, checks
from tests.grading.wrong_answers.wrong import WRONG

CHINESE = re.compile("[\u4e00-\u9fff]")
FORMULA = re.compile(
    r"\b(exp|sqrt|mean|sum|log|square|randn|where|reshape|unsqueeze|gather)\(|\*\*|[*]|\\frac|"
    r"[+-]\s*(mu|logvar|eps|x0|x_0|beta|alpha)\b|(mu|logvar|eps)\s*[+/-]\s|1\s*-\s*alpha|paddle\.(?!seed)"
)


def all_checks():
    return [c for t in TODOS for c in checks(t.name, np.random.default_rng(0))]


@pytest.mark.parametrize("name", HINTS)
def test_hint(name):
    """Two languages, no formula and no code, and short enough to be read."""
    english, chinese = HINTS[name]
    assert english and chinese
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
    named |= {entry[3] for entry in texts._FAILURE_HINTS}
    named |= {hint for hints, _ in WRONG.values() for hint in hints}
    assert named - {""} <= set(HINTS)


def test_every_check_has_a_title_and_its_reasons():
    for check in all_checks():
        for lang in texts.LANGUAGES:
            assert texts.title(check.id, lang)
        assert {r.reason for r in check.rules} - {""} <= set(texts.REASONS)


def test_both_languages_show_the_same_numbers():
    """A reason names the same fields in English and Chinese."""
    fields = string.Formatter().parse
    for table in (texts.REASONS, texts.DESK):
        for english, chinese in table.values():
            wanted, given = ({f for _, f, _, _ in fields(t) if f} for t in (english, chinese))
            assert wanted == given


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"GENMODELS_LANG": "zh"}, "zh"),
        ({"GENMODELS_LANG": "en", "LANG": "zh_CN.UTF-8"}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LC_ALL": "C.UTF-8", "LANG": "zh_CN.UTF-8"}, "en"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"GENMODELS_LANG": "fr"}, "en"),
    ],
)
def test_language(monkeypatch, variables, expected):
    """GENMODELS_LANG first, then the locale; English for every other language."""
    for name in ("GENMODELS_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(texts.locale, "getlocale", lambda: (None, None))
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert texts.language() == expected


BROADCAST = (
    "(InvalidArgument) Broadcast dimension mismatch. Operands could not be broadcast together with"
    " the shape of X = [{}] and the shape of Y = [{}]."
)


@pytest.mark.parametrize(
    ("todo", "kind", "message", "hint"),
    [
        ("add_noise", "ValueError", BROADCAST.format("5", "5, 2, 4, 6"), "table_not_reshaped"),
        ("add_noise", "ValueError", BROADCAST.format("5, 2, 4, 6", "5"), "table_not_reshaped"),
        ("add_noise", "ValueError", BROADCAST.format("3", "5, 2, 4, 6"), ""),
        ("add_noise", "ValueError", BROADCAST.format("5, 2", "5, 2, 4, 6"), ""),
        ("kl_div_loss", "ValueError", BROADCAST.format("5", "5, 2, 4, 6"), ""),
        ("kl_div_loss", "NameError", "name 'np' is not defined", ""),
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
    assert texts.hint_for_failure(todo, Failure("exception", kind, message), probe) == hint


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
