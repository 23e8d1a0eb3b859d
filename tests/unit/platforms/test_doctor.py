"""What the doctor notices: two Paddles side by side, a damaged one, a machine without a wheel."""

import json
import subprocess
import sys

import pytest

from common import doctor
from tests.conftest import ROOT


def installed(folder, **packages):
    """A folder for sys.path that holds packages by name, as pip notes them."""
    for name, version in packages.items():
        note = folder / f"{name}-{version}.dist-info" / "METADATA"
        note.parent.mkdir(parents=True)
        note.write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n", "utf-8")
    return folder


@pytest.fixture
def only(monkeypatch):
    """Let Python see the packages of one folder and no others; a fresh `import paddle`."""

    def see(folder):
        monkeypatch.setattr(sys, "path", [str(folder)])
        monkeypatch.delitem(sys.modules, "paddle", raising=False)

    return see


def test_two_paddles_are_noticed_and_the_repair_is_said(tmp_path, only):
    only(installed(tmp_path, paddlepaddle="3.3.1", paddlepaddle_gpu="2.6.2"))
    trouble = doctor.paddle_trouble()
    assert trouble.startswith("paddlepaddle 3.3.1 and paddlepaddle-gpu 2.6.2 overwrite each other")
    assert "pip uninstall -y paddlepaddle paddlepaddle-gpu`" in trouble
    assert "pip install -r requirements-gpu.txt`" in trouble


def test_what_an_uninstalled_neighbour_leaves_is_noticed(tmp_path, only):
    (installed(tmp_path, paddlepaddle_gpu="2.6.2") / "paddle").mkdir()  # a module without anything
    only(tmp_path)
    trouble = doctor.paddle_trouble()
    assert trouble.startswith("paddlepaddle-gpu 2.6.2 is damaged")
    assert "pip install -r requirements-gpu.txt`" in trouble


def test_no_paddle_is_said_with_both_files(tmp_path, only):
    only(tmp_path)
    trouble = doctor.paddle_trouble()
    assert trouble.startswith("Paddle is not installed")
    assert "requirements.txt" in trouble and "requirements-gpu.txt" in trouble


def test_beside_a_paddle_that_is_there_no_second_one_is_advised(tmp_path, only):
    only(installed(tmp_path, paddlepaddle_gpu="2.6.2"))
    missing = doctor.troubles()[-1]
    assert "scikit-learn" in missing and "-r requirements-common.txt" in missing


@pytest.mark.parametrize(
    "system, machine, gpu, words",
    [
        ("Linux", "x86_64", False, ""),
        ("Windows", "AMD64", True, ""),
        ("Darwin", "arm64", False, ""),
        ("Linux", "aarch64", False, "3.2.2"),
        ("Darwin", "x86_64", False, "3.0.0"),
        ("Darwin", "arm64", True, "DEVICE=cpu"),
        ("Linux", "riscv64", False, "no wheel"),
    ],
)
def test_machines_that_the_newest_paddle_leaves_out(monkeypatch, system, machine, gpu, words):
    monkeypatch.setattr(sys, "version_info", (3, 11, 0))
    hint = doctor.wheel_hint(system, machine, gpu)
    assert words in hint and bool(words) == bool(hint)


def test_the_report_is_one_screen_and_json():
    command = [sys.executable, "-m", "common.doctor"]
    shown = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert shown.returncode == 0 and shown.stderr == "", shown.stderr
    assert len(shown.stdout.splitlines()) <= 24 and "problems  none found" in shown.stdout
    told = subprocess.run([*command, "--json"], cwd=ROOT, capture_output=True, text=True)
    report = json.loads(told.stdout)
    assert report["Paddle"]["device"] == {"name": "cpu"} and report["problems"] == []
    assert {"Conv2D", "Adam"} <= set(report["tricks"])


def test_a_data_folder_that_is_not_there_is_a_finding(tmp_path, monkeypatch):
    monkeypatch.setenv("GENMODELS_DATA", str(tmp_path / "none"))
    (problem,) = doctor.examine()["problems"]
    assert "none; create it, or unset the variable GENMODELS_DATA" in problem
    assert doctor.troubles() == []  # the notebook stops at these, and needs no data folder
