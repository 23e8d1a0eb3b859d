"""Flags, presets, run folders: what is refused, and what is kept."""

from dataclasses import dataclass, fields

import numpy as np
import pytest

from common.datasets import Data, ImageSet
from common.errors import UserError
from common.training.config import RunConfig, load_config, option, parse


@dataclass
class Config(RunConfig):
    width: int = option(4, "of the model", low=1)
    fancy: bool = option(False, "a switch")
    kind: str = option("plain", "which", choices=("plain", "round"))


IMAGES = ImageSet(np.zeros((2, 1, 4, 4), np.uint8), np.zeros(2, np.int64), 1, 1)
DATA = Data("digits", IMAGES, IMAGES, ["0"])
PRESETS = {"wide": {"help": "a wide one", "width": 64, "epochs": 3}}


def start(*argv):
    return parse(Config, PRESETS, [str(word) for word in argv], "ae", "about")


def test_defaults_preset_and_override(tmp_path):
    config, run = start("--preset", "wide", "--epochs", 5, "--fancy", "--out", tmp_path / "a")
    assert (config.width, config.epochs, config.fancy, run.preset) == (64, 5, True, "wide")
    assert not (tmp_path / "a").exists()  # nothing is written before the data are read


def test_default_folder_is_named_after_preset_or_data_set(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert str(start("--preset", "wide")[1].path) == "results/ae/wide"
    assert str(start("--dataset", "digits")[1].path) == "results/ae/digits"


def test_every_field_is_a_flag():
    for item in fields(Config):
        if item.type is not bool:
            flag = "--" + item.name.replace("_", "-")
            with pytest.raises(UserError, match=flag):
                start(flag)  # known, but its value is missing


@pytest.mark.parametrize(
    "words, message",
    [
        ("--epochs two", "two"),
        ("--epochs 0", "at least 1"),
        ("--lr nan", "finite"),
        ("--lr -1", "at least"),
        ("--batch-size 0", "at least 1"),
        ("--channels 2", "one of 1, 3"),
        ("--image-size 100000", "at most"),
        ("--seed -1", "at least 0"),
        ("--kind square", "plain, round"),
        ("--preset nosuch", "wide"),
        ("--epoch 3", "unrecognized"),
        ("--resume --overwrite", "exclude"),
        ("stray", "unrecognized"),
    ],
)
def test_bad_values_are_one_sentence(words, message, tmp_path):
    with pytest.raises(UserError, match=message) as error:
        start(*words.split(), "--out", tmp_path / "a")
    assert "\n" not in str(error.value)


def test_list_presets(capsys):
    assert start("--list-presets") == (None, None)
    assert "a wide one" in capsys.readouterr().out


def begin(path, *argv):
    config, run = start("--out", path, *argv)
    run.begin(config, DATA)
    return config, run


def test_full_folder_is_refused_and_overwrite_removes_only_our_files(tmp_path):
    begin(tmp_path)
    (tmp_path / "history.csv").write_text("epoch\n1\n")
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(UserError, match=r"not empty.*--resume.*--overwrite"):
        start("--out", tmp_path)
    begin(tmp_path, "--overwrite", "--width", 7)
    assert (tmp_path / "notes.txt").read_text() == "mine"
    assert not (tmp_path / "history.csv").exists()


def test_a_run_that_stopped_before_its_first_epoch_is_not_in_the_way(tmp_path):
    begin(tmp_path / "a", "--width", 7)  # an unfinished TODO stops a run here
    config, _ = begin(tmp_path / "a", "--width", 8)
    assert config.width == 8
    (tmp_path / "a" / "figures" / "mine.png").write_bytes(b"")
    with pytest.raises(UserError, match="not empty"):
        start("--out", tmp_path / "a")


def test_config_json_holds_all_settings(tmp_path):
    config, run = begin(tmp_path, "--width", 9, "--fancy")
    saved = run.read_config()
    assert set(saved["config"]) == {item.name for item in fields(Config)}
    assert {"versions", "commit", "cpu", "module", "preset", "command"} <= set(saved)
    assert load_config(Config, run) == config


def test_resume_takes_the_saved_settings(tmp_path):
    begin(tmp_path, "--width", 9, "--lr", 0.01)
    config, run = start("--out", tmp_path, "--resume", "--epochs", 20)
    assert (config.width, config.lr, config.epochs, run.resuming) == (9, 0.01, 20, True)


def test_resume_refuses_other_settings(tmp_path):
    begin(tmp_path, "--width", 9)
    with pytest.raises(UserError, match=r"--width cannot change.*9"):
        start("--out", tmp_path, "--resume", "--width", 10)


def test_resume_of_nothing_and_of_another_module(tmp_path):
    with pytest.raises(UserError, match="nothing to resume"):
        start("--out", tmp_path, "--resume")
    begin(tmp_path)
    with pytest.raises(UserError, match="'ae', not of 'vae'"):
        parse(Config, {}, ["--out", str(tmp_path), "--resume"], "vae", "about")


def test_damaged_config_json_is_named(tmp_path):
    begin(tmp_path)
    (tmp_path / "config.json").write_text('{"module": "ae"')
    with pytest.raises(UserError, match=r"config\.json is damaged"):
        start("--out", tmp_path, "--resume")


def test_out_that_is_a_file(tmp_path):
    (tmp_path / "f").write_text("")
    with pytest.raises(UserError, match="is a file"):
        start("--out", tmp_path / "f")
    config, run = start("--out", tmp_path / "f" / "deeper")
    with pytest.raises(UserError, match="cannot write"):
        run.begin(config, DATA)
