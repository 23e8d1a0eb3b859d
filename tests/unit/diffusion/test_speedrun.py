"""The race: it trains, judges and says whether the goal was reached."""

import json

import pytest

from common.errors import UserError
from diffusion import judge, speedrun
from diffusion.evaluate import load_trained
from tests.conftest import ROOT

TINY = ["--dataset", "digits", "--epochs", "1"]


@pytest.fixture
def goal(monkeypatch):
    """Sets the goal of the digits; few samples are judged."""
    monkeypatch.setattr(judge, "SAMPLES", 100)
    return lambda *values: monkeypatch.setitem(speedrun.GOALS, "digits", values)


def test_a_row_for_each_seed_and_runs_to_sample_from(goal, tmp_path, capsys):
    goal(0.0, 1e9)
    out = tmp_path / "race"
    assert speedrun.main([*TINY, "--seeds", "2", "--out", str(out)]) == 0
    found = json.loads((out / "speedrun.json").read_text())
    assert [row["seed"] for row in found["rows"]] == [0, 1]
    first, second = found["rows"]
    assert first["fid"] != second["fid"]
    assert 0 < first["conditional_accuracy"] <= 1 and first["seconds"] > 0
    assert found["record"] in capsys.readouterr().out and "2 of 2" in found["record"]
    trained = load_trained(out / "seed-1")
    assert trained.config.seed == 1 and trained.config.wiener
    with pytest.raises(UserError, match="is not empty; give --overwrite"):
        speedrun.main([*TINY, "--out", str(out)])


@pytest.mark.parametrize("wanted", [(1.01, 1e9), (0.0, 0.0)])
def test_a_run_that_misses_one_of_the_goals_is_no_success(goal, tmp_path, wanted):
    goal(*wanted)
    assert speedrun.main([*TINY, "--seeds", "1", "--out", str(tmp_path / "race")]) == 1


def test_what_cannot_be_raced_is_refused(tmp_path):
    with pytest.raises(UserError, match="--seeds must be at least 1"):
        speedrun.main(["--seeds", "0"])
    (tmp_path / "file").write_text("mine")
    with pytest.raises(UserError, match="is a file, not a folder"):
        speedrun.choose(tmp_path / "file", overwrite=True)


def test_the_page_says_what_the_code_asks_for():
    page = (ROOT / "docs" / "speedrun.md").read_text("utf-8")
    for name, (accuracy, fid) in speedrun.GOALS.items():
        assert f"| `{name}` | {100 * accuracy:.1f} % | {fid} |" in page
