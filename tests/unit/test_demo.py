"""The demo's page: it shows what was trained, and every picture it names is there."""

import re
from dataclasses import replace

import pytest

import demo
from common.errors import RunError


@pytest.fixture
def small(tmp_path, monkeypatch):
    """The demo of the autoencoder alone, for a moment only."""
    flags = "--dataset digits --latent-dim 4 --image-size 8 --channels 1 --epochs 1 --max-train 64"
    monkeypatch.setattr(demo, "OUT", tmp_path / "demo")
    monkeypatch.setattr(demo, "PARTS", [replace(demo.PARTS[0], flags=flags)])
    return tmp_path / "demo"


def test_page_has_its_pictures_numbers_and_command(small):
    demo.main([])
    demo.main([])  # a second time replaces the first
    page = (small / "index.html").read_text(encoding="utf-8")
    pictures = re.findall(r'<img src="([^"]+)"', page)
    assert len(pictures) == len(demo.PARTS[0].figures)
    for picture in pictures:
        assert (small / picture).stat().st_size > 5000
    assert "--latent-dim 4" in page and "test_mse" in page
    assert "http" not in page.replace("http-equiv", "")  # nothing from the network


def test_failing_part_is_named(small, monkeypatch):
    monkeypatch.setattr(demo, "PARTS", [replace(demo.PARTS[0], flags="--dataset nosuch")])
    with pytest.raises(RunError, match=r"ae/run\.py failed"):
        demo.main([])


def test_every_part_names_a_module_and_figures_with_captions():
    assert [part.module for part in demo.PARTS] == ["ae", "vae", "diffusion"]
    for part in demo.PARTS:
        assert part.figures and all(caption.endswith(".") for caption in part.figures.values())
