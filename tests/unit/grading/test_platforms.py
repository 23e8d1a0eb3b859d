"""Exports of Moodle and Canvas: whose a file is; one row a student, nobody for what is nobody's."""

import pytest

from tests.grading import platforms
from tests.grading import submission as submissions
from tests.unit.grading.test_submission import make_folder, make_zip, odd, texts

FLAT = {"ae.py": b"a = 1\n", "vae.py": b"v = 1\n", "diffusion.py": b"d = 1\n"}
MOODLE = "_assignsubmission_file_"
GOOD = {f"{n[:-3]}/assignment.py": d.decode() for n, d in FLAT.items()}


def found(*paths):
    """student -> Submission, read."""
    return {s.student: submissions.read(s) for s in submissions.collect(paths)}


@pytest.mark.parametrize(
    "name, student, rest",
    [
        ("Ann Example_20011_assignsubmission_file_", "Ann Example_20011", ""),
        ("Ann Example_20011_assignsubmission_file", "Ann Example_20011", ""),
        ("甲 同学_7_assignsubmission_file_vae.py", "甲 同学_7", "vae.py"),
        ("A_b C_9_assignsubmission_file_", "A_b C_9", ""),
        ("lastfirst_LATE_123_456_vae-1.py", "lastfirst_123", "vae-1.py"),
        ("张三_20031_90010_a_1_2.py", "张三_20031", "a_1_2.py"),
        ("anon_aB3dE_90010_x.zip", "anon_aB3dE", "x.zip"),
        ("lastfirst_123_text.html", "lastfirst_123", ""),
    ],
)
def test_names(name, student, rest):
    origin = platforms.origin(name)
    assert origin.student == student
    assert name == origin.prefix + rest
    assert origin.late == ("LATE" in name)


@pytest.mark.parametrize("name", ["alice", "vae.py", "hw_1_2_vae.py", "2026_001_002_vae.py", "a_b"])
def test_other_names(name):
    assert platforms.origin(name) is None


MEMBERS = {
    "folders": lambda who: {f"{who}{MOODLE}/{f}": d for f, d in FLAT.items()},
    "no folders": lambda who: {f"{who}{MOODLE}{f}": d for f, d in FLAT.items()},
    "in a folder": lambda who: {f"all/{who}{MOODLE}/hw/{f}": d for f, d in FLAT.items()},
}


@pytest.mark.parametrize("layout", MEMBERS)
@pytest.mark.parametrize("packed", [True, False])
def test_moodle(tmp_path, layout, packed):
    files = MEMBERS[layout]("Cleo Example_1") | MEMBERS[layout]("乙 同学_2")
    path = (make_zip if packed else make_folder)(
        tmp_path / ("all.zip" if packed else "all"), files.items()
    )
    if not packed and layout == "in a folder":
        path /= "all"
    students = found(path)
    assert set(students) == {"Cleo Example_1", "乙 同学_2"}
    for submission in students.values():
        assert texts(submission) == GOOD
        assert submission.folder == submission.student + MOODLE, "Moodle finds it again by this"
        assert not submission.remarks()


def test_moodle_with_an_archive_and_typed_text(tmp_path):
    inner = make_zip(tmp_path / "inner.zip", FLAT.items()).read_bytes()
    text = "_assignsubmission_onlinetext_/onlinetext.html"
    members = {f"A_1{MOODLE}/hw.zip": inner, f"A_1{text}": b"x", f"B_2{text}": b"x"}
    students = found(make_zip(tmp_path / "all.zip", members.items()))
    assert set(students) == {"A_1", "B_2"}
    assert texts(students["A_1"]) == GOOD
    assert "hw.zip" in odd(students["A_1"])
    assert "found: onlinetext.html" in odd(students["B_2"])


def test_folders_of_moodle_one_by_one(tmp_path):
    work = make_folder(tmp_path / f"Bo Example_3{MOODLE}", FLAT.items())
    text = make_folder(tmp_path / "Bo Example_3_assignsubmission_onlinetext_", [("o.html", b"x")])
    (submission,) = submissions.collect([text, work])
    assert submission.student == "Bo Example_3"
    assert submission.folder == work.name
    assert texts(submissions.read(submission)) == GOOD


@pytest.mark.parametrize("packed", [True, False])
def test_canvas(tmp_path, packed):
    inner = make_zip(tmp_path / "inner.zip", FLAT.items()).read_bytes()
    files = {f"gus_LATE_101_90{i}_{n}": d for i, (n, d) in enumerate(FLAT.items(), 10)}
    files |= {"hal_102_905_homework-1.zip": inner, "ida_103_text.html": b"x"}
    path = (make_zip if packed else make_folder)(
        tmp_path / ("submissions.zip" if packed else "submissions"), files.items()
    )
    students = found(path)
    assert set(students) == {"gus_101", "hal_102", "ida_103"}
    assert texts(students["gus_101"]) == texts(students["hal_102"]) == GOOD
    assert "late" in odd(students["gus_101"])
    assert "ida_103_text.html" in odd(students["ida_103"])


def test_canvas_file_by_file(tmp_path):
    make_folder(tmp_path, [(f"gus_101_90{i}_{n}", d) for i, (n, d) in enumerate(FLAT.items(), 10)])
    (submission,) = found(*sorted(tmp_path.iterdir())).values()
    assert texts(submission) == GOOD


def test_one_student_of_canvas(tmp_path):
    """A download of one, or somebody's own folder with files from Canvas: both names are shown."""
    folder = make_folder(
        tmp_path / "ada", [(f"exada_LATE_123_456_{n}", d) for n, d in FLAT.items()]
    )
    (submission,) = found(folder).values()
    assert submission.student == "ada exada_123"
    assert texts(submission) == GOOD
    mixed = make_folder(tmp_path / "bob", [("bob_123_456_vae.py", b"v"), ("main.py", b"x")])
    assert list(found(mixed)) == ["bob"]


def test_the_same_student_twice(tmp_path):
    """A bulk download beside its own unpacked copy: both are kept, numbered, and told."""
    files = MEMBERS["folders"]("Cleo Example_1")
    packed = make_zip(tmp_path / "all.zip", files.items())
    unpacked = make_folder(tmp_path / "all", files.items())
    both = submissions.collect([packed, unpacked])
    assert len({s.folder for s in both}) == len({s.student for s in both}) == 2
    assert all("same name" in odd(s) for s in both)


def test_nobody(tmp_path):
    names = ["Thumbs.db", "desktop.ini", ".DS_Store", "expected.json", "ada.py"]
    make_folder(tmp_path, [*((n, b"x") for n in names), ("__MACOSX/._vae.py", b"\0")])
    collected = submissions.sort(sorted(tmp_path.iterdir()))
    assert [s.student for s in collected.submissions] == ["ada"]
    assert {p.name for p in collected.nobody} == {*names[:-1], "__MACOSX"}


@pytest.mark.parametrize("ending", [".py", ".ipynb", ".py.txt", ".tar.xz", ".tar.bz2", ".rar", ""])
def test_ids_without_the_ending(tmp_path, ending):
    path = tmp_path / f"ada.b{ending}"
    path.write_bytes(b"x = 1\n") if ending else path.mkdir()
    assert [s.student for s in submissions.collect([path])] == ["ada.b"]


def test_nobody_looks_like_another(tmp_path):
    names = ["new\nline", "new line", "\x01x", "\x02x", "x" * 130 + "a", "x" * 130 + "b"]
    for name in names:
        (tmp_path / name).mkdir()
    shown = {s.student for s in submissions.collect(sorted(tmp_path.iterdir()))}
    assert len(shown) == len(names)
    assert "new\\nline" in shown
    assert all(s.isprintable() and len(s) <= 120 for s in shown)
