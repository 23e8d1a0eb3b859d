"""The README's table: rows, spread and sentence; a tiny table is really trained, on digits."""

import re

import pytest

from common.errors import UserError
from tests.bench import results, validation
from tests.unit.test_readme import READMES, text_of

TINY = {"dataset": "digits", "latent_dim": 4, "image_size": 8, "channels": 1, "epochs": 1}
ROW = results.Row("tiny", "ae", (results.MSE,), 5, settings={**TINY, "samples": 0})
COMMAND = (
    "python ae/run.py --dataset digits --latent-dim 4 --image-size 8 --channels 1 --epochs 1 "
    "--samples 0"
)
PAGE = f"""before
| `{COMMAND}` | MSE 1 | 5 s |
| `another` | MSE 2 | 6 s |
<!-- BEGIN MEASURED -->
<!-- END MEASURED -->
after
"""


@pytest.fixture
def pages(tmp_path, monkeypatch):
    """Two READMEs with a tiny row, which results.py writes instead of the real ones."""
    found = {language: tmp_path / f"{language}.md" for language in ("en", "zh")}
    for path in found.values():
        path.write_text(PAGE, encoding="utf-8")
    monkeypatch.setattr(results, "READMES", found)
    monkeypatch.setattr(results, "ROWS", (ROW,))
    monkeypatch.setattr(results, "SEEDS", 2)
    monkeypatch.chdir(tmp_path)
    return found


def test_a_table_is_trained_written_and_not_trained_again(pages, tmp_path, monkeypatch):
    results.main(["--plan"])
    assert pages["en"].read_text("utf-8") == PAGE
    results.main([])
    texts = {language: path.read_text("utf-8") for language, path in pages.items()}
    for text, words in zip(texts.values(), ("three seeds", "三个种子")):
        assert re.search(r"\| MSE 0\.\d+ ± 0\.\d+ \| \d+ s \|", text) and words in text
        assert "| `another` | MSE 2 | 6 s |" in text and text.endswith("-->\nafter\n")
    (tmp_path / "results/readme").rename(tmp_path / "runs")  # as reproduce.py leaves them
    monkeypatch.setattr(results.runner, "_run", None)  # nothing is trained any more
    pages["zh"].write_text(PAGE, encoding="utf-8")
    results.main(["--reuse", "."])
    assert pages["zh"].read_text("utf-8") == texts["zh"]


def test_spread_has_one_digit_and_the_mean_ends_there():
    assert results.spread([104.9, 105.0, 105.2], ".1f") == "105.0 ± 0.2"
    assert results.spread([0.00076, 0.00078, 0.00077], ".5f") == "0.00077 ± 0.00001"
    assert results.spread([90.8, 112.8, 101.3], ".1f") == "102 ± 11"
    assert results.spread([99.4, 99.4], ".1f") == "99.4"


def test_the_readmes_have_the_rows_that_are_trained(monkeypatch):
    monkeypatch.setattr(validation.datasets, "load", lambda config: None)
    jobs = [row.job for row in results.ROWS]
    steps = results.plan.steps_of(jobs, results.reproduce.MODULES, "full", ".")
    commands = [step.command for step in steps if not step.seed]
    for name in READMES:
        table = text_of(name).partition("BEGIN RESULTS")[2].partition("END RESULTS")[0]
        assert re.findall(r"^\| `(.*?)` \|", table, re.M) == commands


def test_the_short_rows_take_forty_minutes_at_most():
    short = [row.seconds for row in results.ROWS if not row.long]
    assert results.SEEDS * sum(short) <= 40 * 60


def test_unknown_rows_are_refused():
    with pytest.raises(UserError, match=r"--only knows .*, not 'x'"):
        results.main(["--only", "x"])
    with pytest.raises(UserError, match="not of 'x'"):
        validation.main(["x"])


def test_settings_are_compared_on_training_images(pages, monkeypatch, capsys):
    monkeypatch.setattr(validation, "KEPT", 200)
    monkeypatch.setattr(validation, "TRIALS", {"tiny": ("test_mse", "lr", (1e-3, 1e-5))})
    seen = []
    load = validation.KeptOut.load
    kept = staticmethod(lambda config: seen.append(load(config)) or seen[-1])
    monkeypatch.setattr(validation.KeptOut, "load", kept)
    monkeypatch.setattr(validation.ae.run, "datasets", validation.datasets)
    validation.main([])
    whole = validation.datasets.load(results.reproduce.MODULES["ae"][0](**ROW.settings)).train
    assert (seen[0].test.images == whole.images[-200:]).all()
    assert len(seen[0].train) == len(whole) - 200
    first, second = re.findall(r"tiny: lr (\S+): test_mse (\S+)", capsys.readouterr().out)
    assert (first[0], second[0]) == ("0.001", "1e-05") and float(first[1]) < float(second[1])
