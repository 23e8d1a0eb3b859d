"""Files are whole or not there."""

import errno
import os

import pytest

from common import files


def test_atomic_path_writes_and_leaves_nothing_beside(tmp_path):
    files.write_text(tmp_path / "a.txt", "数字")
    assert (tmp_path / "a.txt").read_text(encoding="utf-8") == "数字"
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]


def test_error_in_the_block_keeps_the_old_file(tmp_path):
    target = tmp_path / "a.txt"
    target.write_text("old")
    with pytest.raises(KeyboardInterrupt), files.atomic_path(target) as temporary:
        temporary.write_text("half")
        raise KeyboardInterrupt
    assert target.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]


def test_full_disk_keeps_the_old_file(tmp_path, monkeypatch):
    target = tmp_path / "a.json"
    files.write_json(target, {"x": 1})

    def full(descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        files.write_json(target, {"x": 2})
    assert target.read_text() == '{\n  "x": 1\n}\n'
    assert [p.name for p in tmp_path.iterdir()] == ["a.json"]


def test_json_refuses_nan(tmp_path):
    with pytest.raises(ValueError):
        files.write_json(tmp_path / "a.json", {"loss": float("nan")})
    assert not list(tmp_path.iterdir())


def test_rows_have_all_columns_in_order(tmp_path):
    files.write_rows(tmp_path / "h.csv", [{"epoch": 1, "a": 2}, {"epoch": 2, "b": 3}])
    assert (tmp_path / "h.csv").read_text().split() == ["epoch,a,b", "1,2,", "2,,3"]
