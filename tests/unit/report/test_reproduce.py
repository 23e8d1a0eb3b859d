"""reproduce.py: its plan, its bad input and, among the slow tests, the smoke profile itself."""

import json

import pytest

import reproduce
from common import datasets
from common.errors import UserError
from common.report import plan
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


def test_quick_profile_is_planned_for_less_than_an_hour(tmp_path, monkeypatch):
    """By the seconds of jobs.py; the page itself takes half a minute."""
    monkeypatch.setattr(datasets, "load", lambda config: None)
    steps = plan.make(reproduce.MODULES, "quick", tmp_path)
    assert sum(step.seconds for step in steps) <= 55 * 60
    full = plan.make(reproduce.MODULES, "full", tmp_path)
    assert [step.job.name for step in steps] == [step.job.name for step in full]


def test_settings_of_the_full_profile_are_the_reports(tmp_path, monkeypatch):
    monkeypatch.setattr(datasets, "load", lambda config: None)
    steps = {step.job.name: step.config for step in plan.make(reproduce.MODULES, "full", tmp_path)}
    epochs = {"000-cvae": 150, "001-vae": 100, "001-vae-repo": 20, "001-ddpm": 100}
    epochs |= {"002-z10": 100, "003-z16": 300, "004-mlp": 50, "004-conv": 50}
    assert {name: steps[name].epochs for name in epochs} == epochs
    assert {steps[name].dataset for name in ("004-mlp", "ddpm-fashion")} == {"fashion-mnist"}


@pytest.mark.slow
def test_smoke_profile_is_the_same_twice(script, tmp_path):
    found = []
    for name in ("one", "two"):
        result = script("reproduce.py", "--profile", "smoke", "--out", tmp_path / name)
        assert result.returncode == 0, result.stderr
        page = (tmp_path / name / "index.html").read_text(encoding="utf-8")
        assert len(page) < 15e6 and 'class="nothing"' not in page  # every figure is there
        numbers = json.loads((tmp_path / name / "numbers.json").read_text())
        assert all(
            {"report", "item", "value", "reference", "source", "holds"} <= set(n) for n in numbers
        )
        found.append(numbers)
    assert found[0] == found[1]  # numbers.json holds no times


def test_a_page_of_somebody_elses_is_not_replaced(tmp_path):
    (tmp_path / "index.html").write_text("mine")
    with pytest.raises(UserError, match=r"index\.html is no page of this program"):
        plan.make(reproduce.MODULES, "smoke", tmp_path)
