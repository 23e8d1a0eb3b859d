"""Files are whole or not there."""

import errno
import json
import os
import stat
import subprocess
import sys

import pytest

from common import files
from tests.conftest import ROOT


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


def test_windows_flushes_only_what_is_open_for_writing(tmp_path, monkeypatch):
    fcntl = pytest.importorskip("fcntl")
    real = os.fsync

    def fsync(descriptor):
        reads = fcntl.fcntl(descriptor, fcntl.F_GETFL) & os.O_ACCMODE == os.O_RDONLY
        if reads and not stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(errno.EBADF, "Bad file descriptor")
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    files.write_text(tmp_path / "a.txt", "b")
    assert (tmp_path / "a.txt").read_text() == "b"


def test_json_takes_names_of_other_bytes_than_utf8(tmp_path):
    name = os.fsdecode(b"caf\xe9")
    files.write_json(tmp_path / "a.json", {"dataset": name, "other": "猫"})
    assert json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))["dataset"] == name


HOLD = """
import sys, time
from common.files import Lock
lock = Lock(sys.argv[1])
print(lock.take(), flush=True)
time.sleep(60)
"""


def test_a_lock_keeps_others_out_and_ends_with_its_process(tmp_path):
    path = tmp_path / ".lock"
    command = [sys.executable, "-c", HOLD, str(path)]
    holder = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    try:
        assert holder.stdout.readline() == "True\n"
        mine = files.Lock(path)
        assert not mine.take()
    finally:
        holder.kill()
        holder.communicate()
    assert path.exists() and mine.take() and mine.take()  # what a killed one left means nothing
    mine.release()
    assert not path.exists()
