"""Archives: names in any code page, and what they may take from the grader."""

import io
import os
import struct
import subprocess
import sys
import tarfile
import zipfile
import zlib

import pytest

from tests.grading import archives
from tests.grading.archives import Refused
from tests.unit.grading.marking_helpers import ROOT
from tests.unit.grading.test_submission import make_tar, make_zip, odd, take, texts


class Raw(zipfile.ZipInfo):
    """A member whose name is written as these bytes, without the flag for UTF-8."""

    def _encodeFilenameFlags(self):
        return self.raw, self.flag_bits & ~0x800


def raw(name, extra=b""):
    info = Raw(f"member{zlib.crc32(name)}")
    info.raw, info.create_system, info.extra = name, 0, extra
    return info


def names(path):
    with open(path, "rb") as file:
        return [m.name for m in archives.opened(file, path.name).members]


CODED = {
    "gbk": ["学号2026_作业\\ae.py", "张三/说明.txt"],
    "gbk with a backslash in a character": ["乗俓/ae.py", "乗俓/vae.py"],
    "gbk, a rare character": ["朱镕基/ae.py"],
    "big5": ["陳大文/ae.py", "陳大文/作業.txt"],
    "big5 with a backslash in a character": ["許功蓋/ae.py", "許功蓋/vae.py"],
    "utf-8": ["学号/ae.py", "ÄÖ/vae.py"],
    "cp437": ["Müller Übung/ae.py", "café/vae.py"],
}


@pytest.mark.parametrize("kind", CODED)
def test_names_in_a_code_page(tmp_path, kind):
    codec = kind.split()[0].rstrip(",")
    members = [(raw(n.encode(codec)), b"x = 1\n") for n in CODED[kind]]
    found = names(make_zip(tmp_path / "a.zip", members))
    assert found == [n.replace("\\", "/") for n in CODED[kind]]


def test_the_name_beside_the_name(tmp_path):
    """The extra field that 7-Zip and Info-ZIP write; it has to be about this very name."""
    name = b"????.py"
    other = "学号.py".encode()
    for checksum, expected in ((zlib.crc32(name), "学号.py"), (1, "????.py")):
        extra = struct.pack("<HHBL", 0x7075, 5 + len(other), 1, checksum) + other
        assert names(make_zip(tmp_path / "a.zip", [(raw(name, extra), b"")])) == [expected]


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:bz2", "w:xz"])
@pytest.mark.parametrize("name", ["ada.tar", "ada.zip"])
def test_the_bytes_say_what_it_is(tmp_path, mode, name):
    with tarfile.open(tmp_path / name, mode) as archive:
        info = tarfile.TarInfo("ae.py")
        info.size = 5
        archive.addfile(info, io.BytesIO(b"a = 1"))
    assert texts(take(tmp_path / name)) == {"ae/assignment.py": "a = 1"}


@pytest.mark.parametrize("name", ["ada.rar", "ada.7z", "ada.zip", "ada.tar.gz"])
@pytest.mark.parametrize("head, kind", [(b"Rar!\x1a\x07\x01\0", "RAR"), (b"7z\xbc\xaf'\x1c", "7z")])
def test_what_is_not_read_says_what_to_do(tmp_path, name, head, kind):
    (tmp_path / name).write_bytes(head + bytes(99))
    found = take(tmp_path / name)
    for lang in ("en", "zh"):
        said = found.problem.say(lang)
        assert kind in said and name in said and ".zip" in said
    assert odd(found)


def test_members_are_read_only_when_asked_for(tmp_path):
    """A broken member that nobody needs breaks nothing."""
    path = make_zip(tmp_path / "ada.zip", [("ae.py", b"a = 1\n"), ("z.bin", os.urandom(999))])
    data = bytearray(path.read_bytes())
    data[600:700] = bytes(100)
    path.write_bytes(data)
    assert texts(take(path)) == {"ae/assignment.py": "a = 1\n"}


def test_allowance():
    allowance = archives.Allowance(members=2)
    allowance.take("members", 2)
    with pytest.raises(Refused):
        allowance.take("members", 1)


def test_what_archives_in_archives_take_is_added_up(tmp_path, monkeypatch):
    """Each list of members is within its bound, all together are not."""
    inner = make_zip(tmp_path / "i.zip", [(f"{'x' * 80}{i}", b"") for i in range(50)]).read_bytes()
    monkeypatch.setattr(archives, "MAX_DIRECTORY", 3 * len(inner) // 2)
    found = take(make_zip(tmp_path / "ada.zip", [(f"{i}.zip", inner) for i in range(5)]))
    assert "4.zip: it has too many members" in odd(found)


def test_an_xz_that_asks_for_much_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "MAX_DICTIONARY", 2**20)
    with tarfile.open(tmp_path / "a.tar.xz", "w:xz", preset=6) as archive:
        archive.addfile(tarfile.TarInfo("ae.py"))
    assert take(tmp_path / "a.tar.xz").problem.key == "archive_large"


def test_no_temporary_files_are_left(tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    inner = make_tar(tmp_path / "in.tar.gz", [("ae.py", b"a")]).read_bytes()
    path = make_zip(tmp_path / "ada.zip", [("in.tar.gz", inner), ("bad.tgz", b"\x1f\x8bx")])
    before = sorted(tmp_path.iterdir())
    take(path)
    assert sorted(tmp_path.iterdir()) == before


def test_reasons_hold_nothing_back(tmp_path):
    """A reason that knew where it was raised would keep the whole archive in memory."""
    inner = make_zip(tmp_path / "in.zip", [("../x", b"")]).read_bytes()
    members = [("in.zip", inner), ("x.ipynb", b"{"), ("vae.py", b"\0")]
    found = take(make_zip(tmp_path / "ada.zip", members))
    reasons = found.remarks()
    assert {"in_archive", "notebook_damaged", "file_nul"} <= {r.key for r in reasons}
    inside = [r.reason for r in reasons if r.key == "in_archive"]
    for reason in [*reasons, *inside]:
        assert reason.__traceback__ is reason.__cause__ is reason.__context__ is None


def bulky(number):
    """Members that could each be vae.py, of a megabyte, and that pack to almost nothing."""
    return [(f"d{i}/vae.py", os.urandom(5600) + bytes(2**20 - 5600)) for i in range(number)]


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
@pytest.mark.parametrize("kind", ["candidates", "members"])
def test_the_graders_own_memory(tmp_path, kind):
    """At most 200 MB, whatever comes; 5,000 such members would be 5 GB."""
    members = (
        bulky(300) if kind == "candidates" else [(f"{'x' * 40}{i}", b"") for i in range(40_000)]
    )
    make_zip(tmp_path / "eve.zip", members)
    code = (
        "import sys, grade; grade.main(sys.argv[1:]);"
        "print([l for l in open('/proc/self/status') if 'VmHWM' in l][0].split()[1])"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "eve.zip"), "--dry-run"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert int(done.stdout.split()[-1]) <= 120 * 1024  # kB; marking adds 50 MB
