"""reproduce.py: its plan, its bad input and, among the slow tests, the smoke profile itself."""

import json

import pytest

from tests.conftest import assert_user_error


def test_plan_lists_runs_and_trains_nothing(script, tmp_path):
    out = tmp_path / "report"
    result = script("reproduce.py", "--profile", "smoke", "--plan", "--out", out)
    assert result.returncode == 0, result.stderr
    for name in ("000-ae", "001-vae", "002-z1", "003-z32", "004-conv"):
        assert name in result.stdout
    assert not list(out.rglob("*.pdparams"))


@pytest.mark.parametrize(
    "words, expected",
    [
        ("--profile fast", "fast"),
        ("--profile smoke --only 999", "999"),
        ("", "--profile"),
        ("--profile smoke --device tpu", "tpu"),
    ],
)
def test_bad_input_is_one_sentence(script, tmp_path, words, expected):
    assert_user_error(script("reproduce.py", *words.split(), "--out", tmp_path / "r"), expected)


@pytest.mark.slow
def test_smoke_profile_is_the_same_twice(script, tmp_path):
    found = []
    for name in ("one", "two"):
        result = script("reproduce.py", "--profile", "smoke", "--out", tmp_path / name)
        assert result.returncode == 0, result.stderr
        assert (tmp_path / name / "index.html").stat().st_size < 15e6
        numbers = json.loads((tmp_path / name / "numbers.json").read_text())
        assert all(
            {"report", "item", "value", "reference", "source", "holds"} <= set(n) for n in numbers
        )
        found.append([n for n in numbers if "second" not in n["item"]])
    assert found[0] == found[1]
