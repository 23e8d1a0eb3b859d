"""The demo's page: pictures, explained numbers and words in both languages; nothing is left out."""

import json
import re
from dataclasses import replace

import pytest

import demo
from common import page
from common.errors import RunError

AE = demo.PARTS[-1]


@pytest.fixture
def small(tmp_path, monkeypatch):
    """The demo of the autoencoder alone, for a moment only."""
    flags = "--dataset digits --latent-dim 4 --image-size 8 --channels 1 --epochs 1 --max-train 64"
    monkeypatch.setattr(demo, "OUT", tmp_path / "demo")
    monkeypatch.setattr(demo, "PARTS", [replace(AE, flags=flags)])
    return tmp_path / "demo"


def test_page_has_its_pictures_numbers_and_command(small):
    demo.main([])
    demo.main([])  # a second time replaces the first
    text = (small / "index.html").read_text(encoding="utf-8")
    drawn = {path.stem for path in (small / "ae" / "figures").glob("*.png")}
    assert drawn == {*AE.figures, *AE.more}  # all that is drawn is on the page
    for name in drawn:
        assert f'<img src="ae/figures/{name}.png"' in text
    mse = json.loads((small / "ae" / "metrics.json").read_text())["test_mse"]
    assert "--latent-dim 4" in text and page.number(mse) in text and "test_mse" not in text
    assert "http" not in text.replace("http-equiv", "")  # nothing from the network


def test_failing_part_is_named(small, monkeypatch):
    monkeypatch.setattr(demo, "PARTS", [replace(AE, flags="--dataset nosuch")])
    with pytest.raises(RunError, match=r"ae/run\.py failed"):
        demo.main([])


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_whole_page_is_in_both_languages(tmp_path, monkeypatch, lang):
    monkeypatch.setenv("GENMODELS_LANG", lang)
    runs = [(part, {n.key: 0.5 for n in part.numbers[:2]}) for part in demo.PARTS]
    rest = {"unnamed": lambda part: ["later"]}
    page.render("demo.html", tmp_path / "a.html", runs=runs, seconds=1, images=2, test=3, **rest)
    text = (tmp_path / "a.html").read_text(encoding="utf-8")
    assert f'<html lang="{lang}">' in text
    english, chinese = (re.findall(f'<span lang="{x}">([^<]*)</span>', text) for x in ("en", "zh"))
    assert len(english) == len(chinese) > 50
    assert all(re.search("[一-鿿]", words) for words in chinese)
    captions = {c for part in demo.PARTS for c in (*part.figures.values(), *part.more.values())}
    assert captions <= {words.replace("&#39;", "'") for words in english}
    assert text.count('/figures/later.png">later</a>') == len(demo.PARTS)
    alts = re.findall(r'alt="([^"]+)" data-en="([^"]+)" data-zh="([^"]+)"', text)
    assert len(alts) == text.count("<img ") and all(a == (e, z)[lang == "zh"] for a, e, z in alts)


def test_first_picture_is_the_ddpms_and_remove_noise_has_its_own():
    first = demo.PARTS[0]
    assert first.module == "diffusion" and [*first.figures][:2] == ["samples", "ancestral"]
    assert {part.module for part in demo.PARTS} == {"ae", "vae", "diffusion"}


def test_numbers_are_shown_with_their_units():
    known = {n.key: n for part in demo.PARTS for n in part.numbers}
    metrics = {"fid": 1.23456, "conditional_accuracy": 0.957, "seconds": 93.2, "parameters": 7475}
    shown = {key: known[key].shown(metrics) for key in metrics}
    assert shown == {
        "fid": "1.235",
        "conditional_accuracy": "95.7 %",
        "seconds": "93.2 s",
        "parameters": "7,475",
    }
    assert all(n.meaning.endswith(".") for n in known.values())
