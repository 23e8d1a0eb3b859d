"""One grader at a time on one folder of results; who is killed leaves no lock behind."""

import os
import subprocess
import sys

import pytest

from common.cli import status
from common.errors import UserError
from tests.grading import lock
from tests.unit.grading.marking_helpers import KL, ROOT, hand_in

HOLD = """
import sys, time
from pathlib import Path
from tests.grading import lock
with lock.held(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def holder(tmp_path):
    """Another process that has the lock on tmp_path."""
    command = [sys.executable, "-c", HOLD, str(tmp_path)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.communicate()


def test_a_second_grader_is_told(tmp_path, holder, capsys):
    import grade

    hand_in(tmp_path / "ada", vae=KL)
    assert status(grade.main, [str(tmp_path / "ada"), "--out", str(tmp_path)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert f"process {holder.pid} on " in line and "another --out" in line
    assert not (tmp_path / "gradebook.csv").exists()
    looked = [str(tmp_path / "ada"), "--out", str(tmp_path), "--dry-run"]
    assert status(grade.main, looked) == 0  # it writes nothing


def test_killed(tmp_path, holder):
    with pytest.raises(UserError), lock.held(tmp_path):
        pass
    holder.kill()
    holder.wait()
    with lock.held(tmp_path):
        assert str(os.getpid()) in (tmp_path / lock.FILE).read_text()


def test_released(tmp_path):
    for _ in range(2):
        with lock.held(tmp_path):
            pass
    with pytest.raises(ZeroDivisionError), lock.held(tmp_path):
        raise ZeroDivisionError
    with lock.held(tmp_path):
        pass
