"""Late days: where a time comes from, what a rule takes off, and that nothing is silent."""

import os
import struct
import tarfile
import zipfile
from datetime import datetime, timezone

import pytest

from common.errors import UserError
from common.files import write_json
from tests.grading import deadline, kept, records, reports, submission
from tests.unit.grading.marking_helpers import KL, hand_in
from tests.unit.grading.test_reports import record

END = "2026-12-01T23:59:00+08:00"


def policy(rule=None):
    return deadline.parse(END, rule)


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-12-01T23:59+08:00", "2026-12-01T15:59:00+00:00"),
        ("2026-12-01 23:59:30Z", "2026-12-01T23:59:30+00:00"),
        ("2026-12-01T23:59", None),
        ("2026-12-01", None),
    ],
)
def test_times(text, utc):
    """Without a zone it is this machine's; a date alone means its last second."""
    found = datetime.fromisoformat(deadline.parse(text).deadline)
    assert found.tzinfo
    if utc:
        assert found.astimezone(timezone.utc).isoformat() == utc
    else:
        assert found.replace(tzinfo=None).isoformat()[:16] == "2026-12-01T23:59"


@pytest.mark.parametrize(
    ("rule", "moment", "late", "penalty"),
    [
        (None, "2026-12-05T00:00:00+08:00", True, 0),
        ("10%/day", "2026-12-01T23:59:00+08:00", False, 0),
        ("10%/day", "2026-12-01T15:59:01+00:00", True, 10),
        ("10%/day", "2026-12-03T23:59:00+08:00", True, 20),
        ("10 % per day, max 50%", "2026-12-30T00:00:00+08:00", True, 50),
        ("60%/day", "2026-12-30T00:00:00+08:00", True, 100),
        ("2%/hour", "2026-12-02T02:00:00+08:00", True, 6),
        ("10%/day grace 30 min", "2026-12-02T00:29:00+08:00", False, 0),
        ("10%/day grace 30 min", "2026-12-02T00:29:01+08:00", True, 10),
        ("2.5%/day max 5% grace 1 day", "2026-12-03T00:00:00", True, 5),  # in the deadline's zone
    ],
)
def test_rules(rule, moment, late, penalty):
    found = policy(rule)
    seconds = found.seconds_late(moment)
    assert (seconds > 0) == late and found.penalty(seconds) == penalty


@pytest.mark.parametrize("rule", ["10%", "10/day", "max 50%", "10%/day or so", "-1%/day", "ten"])
def test_wrong_rules(rule):
    with pytest.raises(UserError, match="--late must be"):
        policy(rule)


def test_wrong_times():
    with pytest.raises(UserError, match="2026-12-01T23:59"):
        deadline.parse("tomorrow")
    with pytest.raises(UserError, match="--late needs --deadline"):
        deadline.parse(None, "10%/day")


# --- where the time comes from --------------------------------------------------------------------


def read(path):
    (found,) = submission.collect([path])
    return submission.read(found)


def test_time_of_a_file(tmp_path):
    """The newest of those that are marked; others do not count."""
    folder = hand_in(tmp_path / "ada", vae=KL, ae="x = 1", notes="later")
    for name, seconds in (("vae", 1_700_000_000), ("ae", 1_600_000_000), ("notes", 1_800_000_000)):
        os.utime(folder / f"{name}.py", (seconds, seconds))
    found = read(folder).time
    assert datetime.fromisoformat(found["at"]).timestamp() == 1_700_000_000
    assert found["from"] == "file"


def pack(path, name, seconds=None):
    """A zip with one file, of 2026-12-02 12:00:00 by its own clock, and of `seconds` if given."""
    info = zipfile.ZipInfo(name, (2026, 12, 2, 12, 0, 0))
    if seconds:
        info.extra = struct.pack("<HHBi", 0x5455, 5, 1, seconds)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(info, KL)
    return path


def test_time_in_archives(tmp_path):
    plain = read(pack(tmp_path / "ada.zip", "vae.py")).time
    assert plain == {"at": "2026-12-02T12:00:00", "from": "archive"}
    exact = read(pack(tmp_path / "bob.zip", "vae.py", 1_700_000_000)).time
    assert datetime.fromisoformat(exact["at"]).timestamp() == 1_700_000_000
    info = tarfile.TarInfo("vae.py")
    info.mtime = 1_600_000_000
    with tarfile.open(tmp_path / "eve.tar.gz", "w:gz") as archive:
        archive.addfile(info)
    tar = read(tmp_path / "eve.tar.gz").time
    assert datetime.fromisoformat(tar["at"]).timestamp() == 1_600_000_000


def test_time_of_a_download(tmp_path):
    """What the platform has packed; of a zip in it, not what the student's clock says."""
    inner = pack(tmp_path / "inner.zip", "vae.py", 1_500_000_000).read_bytes()
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        for who, number in (("Ann Example", 20011), ("Bob Example", 20012)):
            name = f"{who}_{number}_assignsubmission_file_/work.zip"
            archive.writestr(zipfile.ZipInfo(name, (2026, 12, 3, 8, 0, 0)), inner)
    for found in submission.collect([tmp_path / "all.zip"]):
        time = submission.read(found).time
        assert time == {"at": "2026-12-03T08:00:00", "from": "download"}


def test_damaged_times(tmp_path):
    path = pack(tmp_path / "ada.zip", "vae.py")
    data = path.read_bytes().replace(struct.pack("<H", (46 << 9) | (12 << 5) | 2), b"\xff\xff")
    path.write_bytes(data)
    assert read(path).time is None and read(path).files["vae/assignment.py"].text


def test_canvas_says_late(tmp_path):
    with zipfile.ZipFile(tmp_path / "canvas.zip", "w") as archive:
        archive.writestr("exampleann_LATE_123_456_vae-1.py", KL)
        archive.writestr("examplebob_124_457_vae.py", KL)
    found = {s.student: s.late for s in submission.collect([tmp_path / "canvas.zip"])}
    assert found == {"exampleann_123": "Canvas", "examplebob_124": ""}


# --- the gradebook --------------------------------------------------------------------------------


def add(out, student, at=None, late="", score=15):
    made = {**record(student=student), "score": score}
    records.save(out / student, made)
    time = {"at": at, "from": "download"} if at else None
    value = {"student": student, "files": {}, "time": time, "late": late}
    (out / kept.FOLDER).mkdir(exist_ok=True)
    write_json(out / kept.FOLDER / (student + kept.ENDING), value)


def test_columns(tmp_path):
    add(tmp_path, "ada", "2026-12-01T20:00:00+08:00")
    add(tmp_path, "bob", "2026-12-03T20:00:00")
    add(tmp_path, "cem", "2026-11-01T20:00:00", late="Canvas")
    add(tmp_path, "dan")
    assert "late_days" not in reports.write_gradebook(tmp_path)[0]  # no deadline, no columns
    deadline.save(tmp_path, policy("10%/day"))
    rows = {r["student"]: r for r in reports.write_gradebook(tmp_path)}
    ada, bob, cem, dan = (rows[s] for s in ("ada", "bob", "cem", "dan"))
    assert (ada["late_days"], ada["penalty"], ada["total_after_penalty"]) == (0, "0%", "15")
    assert (bob["late_days"], bob["penalty"], bob["total_after_penalty"]) == (2, "20%", "12")
    assert bob["total"] == "15" and bob["time_from"] == "download"
    assert cem["late_days"] == "? (Canvas: LATE)" and "penalty" not in cem
    assert dan["late_days"] == "?"
    header = (tmp_path / "gradebook.csv").read_text().splitlines()[0].split(",")
    assert tuple(header[-5:]) == deadline.COLUMNS
    told = list(deadline.told(list(rows.values()), tmp_path, "en"))
    assert "2 late, 2 unknown" in told[0] and "download 3" in told[0]
    assert told[1] == "  cem: ? (Canvas: LATE)"


def test_a_later_deadline_is_computed_anew(tmp_path):
    add(tmp_path, "bob", "2026-12-03T20:00:00")
    deadline.save(tmp_path, policy("10%/day"))
    deadline.save(tmp_path, deadline.parse("2026-12-05T00:00+08:00", "10%/day"))
    assert reports.write_gradebook(tmp_path)[0]["late_days"] == 0
    (tmp_path / deadline.FILE).write_text("{")
    assert "late_days" not in reports.write_gradebook(tmp_path)[0]
