"""reproduce.py: its plan, its bad input and, among the slow tests, the smoke profile itself."""

import dataclasses
import json

import pytest

import reproduce
from common import datasets
from common.datasets import Data
from common.errors import UserError
from common.report import plan, rules
from common.training.run_folder import Run
from tests.conftest import assert_user_error


def test_plan_lists_runs_and_trains_nothing(script, tmp_path):
    out = tmp_path / "report"
    result = script("reproduce.py", "--profile", "smoke", "--plan", "--out", out)
    assert result.returncode == 0, result.stderr
    for name in ("000-ae", "001-vae", "002-z1", "003-z32", "004-conv"):
        assert name in result.stdout
    assert not list(out.rglob("*.pdparams"))


def test_a_page_of_what_is_done_trains_nothing(monkeypatch, tmp_path):
    monkeypatch.setattr(reproduce.runner, "execute", None)
    words = ["--profile", "smoke", "--only", "003", "--page-only", "--out", str(tmp_path)]
    reproduce.main(words)
    assert (tmp_path / "index.html").is_file() and (tmp_path / "report-003.md").is_file()


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


@pytest.fixture
def planned(tmp_path, monkeypatch):
    """planned(profile, **more): {name: Step}, without reading any data."""
    monkeypatch.setattr(datasets, "load", lambda config: None)

    def make(profile, **more):
        steps = plan.make(reproduce.MODULES, profile, tmp_path, **more)
        return {step.name: step for step in steps}

    return make


def test_a_run_older_than_an_option_is_done(planned):
    step = planned("smoke", only=["001"])["001-vae"]
    run = Run.at(step.path, "vae")
    run.begin(step.config, Data("digits", None, None, []))
    run.write_metrics({"seconds": 1.0})
    record = json.loads((step.path / "config.json").read_text())
    assert record["config"].pop("binarize") == "none"
    (step.path / "config.json").write_text(json.dumps(record))
    assert not plan.is_done(step.path, step.config)  # killed before its figures
    run.write_history([{"epoch": 1, "train_loss": 1.0}])
    run.finish(step.config)
    assert plan.is_done(step.path, step.config)
    step.config.binarize = "dynamic"
    assert not plan.is_done(step.path, step.config)
    assert plan.config_hash(step.config) != step.path.name.rpartition("-")[2]


def test_profiles_are_planned_for_the_time_they_promise(planned):
    """By the seconds of jobs.py; the page itself takes half a minute."""
    steps = {profile: planned(profile) for profile in plan.PROFILES}
    minutes = {name: sum(s.seconds for s in found.values()) / 60 for name, found in steps.items()}
    assert minutes["quick"] <= 69.5 and minutes["smoke"] <= 4
    extra = {"001-ddpm-unlabelled", "ddpm-mnist-linear"}
    assert set(steps["full"]) == set(steps["quick"]) | extra and not extra & set(steps["quick"])


def test_cheap_compared_runs_have_three_seeds(planned):
    steps = planned("quick")
    compared = ("002-z1", "003-z32", "004-mlp", "004-conv", "ae-l32", "vae-l32")
    for name in compared:
        runs = [steps[name], steps[f"{name}@1"], steps[f"{name}@2"]]
        assert [step.config.seed for step in runs] == [0, 1, 2]
        assert len({step.path for step in runs}) == 3
        assert f"--seed {runs[1].config.seed}" in runs[1].command
    assert "001-ddpm@1" not in steps
    assert list(steps)[-1].endswith("@2") and "@" not in list(steps)[25]  # one of each comes first
    assert not any("@" in name for name in planned("smoke"))
    assert planned("quick", extra={"seed": 7})["002-z5@2"].config.seed == 9


def test_settings_of_the_full_profile_are_the_reports(planned):
    steps = {name: step.config for name, step in planned("full").items()}
    epochs = {"000-cvae": 150, "001-vae": 100, "001-vae-repo": 20, "001-ddpm": 100}
    epochs |= {"002-z10": 100, "003-z16": 300, "004-mlp": 50, "004-conv": 50}
    assert {name: steps[name].epochs for name in epochs} == epochs
    stock, region = steps["000-cvae-stock"], steps["000-cvae"]
    assert stock == dataclasses.replace(region, black_region_loss_coef=1.0)
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
        assert {row["verdict"] for row in numbers["rows"]} <= {*rules.VERDICTS}
        found.append(numbers)
    assert found[0] == found[1]  # numbers.json holds no times


def test_a_page_of_somebody_elses_is_not_replaced(tmp_path):
    (tmp_path / "index.html").write_text("mine")
    with pytest.raises(UserError, match=r"index\.html is no page of this program"):
        plan.make(reproduce.MODULES, "smoke", tmp_path)
