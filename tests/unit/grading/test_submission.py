"""Folders and archives of students: both layouts, and everything that must not be followed."""

import io
import os
import stat
import struct
import sys
import tarfile
import zipfile

import pytest

from common.errors import UserError
from tests.grading import archives, listing
from tests.grading import submission as submissions
from tests.unit.grading.marking_helpers import hand_in

FILES = {"ae/assignment.py": b"a = 1\n", "vae/assignment.py": b"v = 1\n"}


def take(path):
    """One submission, read."""
    (found,) = submissions.collect([path])
    return submissions.read(found)


def texts(found):
    """whitelisted name -> text, or the key of the problem; without files that are missing."""
    known = {n: f.text or f.problem.key for n, f in found.files.items()}
    return {n: t for n, t in known.items() if t != "missing_file"}


def odd(found):
    """What the teacher is told, in English."""
    return "; ".join(r.say("en") for r in found.remarks())


def make_zip(path, members, **options):
    """members: list of (name or ZipInfo, bytes)."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, **options) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return path


def make_tar(path, members):
    """members: list of (name, bytes) or TarInfo."""
    with tarfile.open(path, "w:gz") as archive:
        for member in members:
            if isinstance(member, tarfile.TarInfo):
                archive.addfile(member)
                continue
            info = tarfile.TarInfo(member[0])
            info.size = len(member[1])
            archive.addfile(info, io.BytesIO(member[1]))
    return path


def make_folder(path, members):
    for name, data in members:
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(data)
    return path


MAKERS = {".zip": make_zip, ".tar.gz": make_tar, ".tgz": make_tar, "": make_folder}


# --- what is accepted -----------------------------------------------------------------------------


@pytest.mark.parametrize("ending", MAKERS)
@pytest.mark.parametrize("below", ["", "alice-hw/"])
@pytest.mark.parametrize("flat", [True, False])
def test_layouts(tmp_path, ending, below, flat):
    members = [(below + (n.split("/")[0] + ".py" if flat else n), d) for n, d in FILES.items()]
    members.append((below + "notes.txt", b"ignored"))
    found = take(MAKERS[ending](tmp_path / f"alice{ending}", members))
    assert found.student == found.folder == "alice"
    assert texts(found) == {n: d.decode() for n, d in FILES.items()}
    assert len(found.hashes()) == 2


def test_the_project_itself_is_a_submission():
    found = take(".")
    assert set(found.files) == set(submissions.FILES)
    assert not [f.problem for f in found.files.values() if f.problem]


def test_mac_archive(tmp_path):
    members = [("alice/ae.py", b"a = 1\n"), ("__MACOSX/alice/._ae.py", b"\0"), ("alice/.DS", b"")]
    assert texts(take(make_zip(tmp_path / "alice.zip", members))) == {"ae/assignment.py": "a = 1\n"}


def test_empty_submission(tmp_path):
    found = take(hand_in(tmp_path / "alice"))
    assert texts(found) == {}
    assert "nothing that can be marked" in odd(found)


@pytest.mark.parametrize("data", [b"\xef\xbb\xbfx = 1\r\n", b"x = 1\r", b"x = 1\n"])
def test_line_ends_and_bom(data):
    assert submissions.decode(data, "vae.py") == "x = 1\n"


# --- what is refused ------------------------------------------------------------------------------


def link(name, target="/etc/passwd", kind=tarfile.SYMTYPE):
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


def zip_link(name, target=b"/etc/passwd"):
    info = zipfile.ZipInfo(name)
    info.create_system = 3
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info, target


OUT = {
    "up.zip": lambda p: make_zip(p, [("../../evil.py", b"x"), ("ae.py", b"x")]),
    "inner.zip": lambda p: make_zip(p, [("a/../../evil.py", b"x"), ("ae.py", b"x")]),
    "absolute.zip": lambda p: make_zip(p, [("/tmp/evil.py", b"x"), ("ae.py", b"x")]),
    "drive.zip": lambda p: make_zip(p, [("C:\\evil.py", b"x"), ("ae.py", b"x")]),
    "backslash.zip": lambda p: make_zip(p, [("..\\evil.py", b"x"), ("ae.py", b"x")]),
    "up.tar.gz": lambda p: make_tar(p, [("../../evil.py", b"x"), ("ae.py", b"x")]),
    "absolute.tar.gz": lambda p: make_tar(p, [("/tmp/evil.py", b"x"), ("ae.py", b"x")]),
}


@pytest.mark.parametrize("name", OUT)
def test_row_24_paths_that_lead_out(tmp_path, name):
    found = take(OUT[name](tmp_path / name))
    assert found.problem.key == "archive_leads_out"
    assert "evil.py" in found.problem.say("en")
    assert found.files == {}
    assert [p.name for p in tmp_path.iterdir()] == [name]


LINKS = {
    "s.tar.gz": lambda p: make_tar(p, [link("ae.py")]),
    "h.tar.gz": lambda p: make_tar(p, [link("ae.py", "notes", tarfile.LNKTYPE)]),
    "folder.tar.gz": lambda p: make_tar(p, [link("ae", "/work")]),
    "fifo.tar.gz": lambda p: make_tar(p, [link("ae.py", "", tarfile.FIFOTYPE)]),
    "device.tar.gz": lambda p: make_tar(p, [link("ae.py", "", tarfile.CHRTYPE)]),
    "s.zip": lambda p: make_zip(p, [zip_link("ae.py")]),
    "folder.zip": lambda p: make_zip(p, [zip_link("ae")]),
}


@pytest.mark.parametrize("name", LINKS)
def test_row_24_links_and_devices(tmp_path, name):
    found = take(LINKS[name](tmp_path / name))
    assert texts(found) == {"ae/assignment.py": "file_no_file"}


TWICE = {
    "same.zip": [("vae.py", b"x"), ("vae.py", b"y")],
    "case.zip": [("vae.py", b"x"), ("Vae.py", b"y")],
    "both.zip": [("vae.py", b"x"), ("vae/assignment.py", b"y")],
    "same.tar.gz": [("vae.py", b"x"), ("./vae.py", b"y")],
    "case.tar.gz": [("VAE/assignment.py", b"x"), ("vae/assignment.py", b"y")],
    "two.tar.gz": [("a/vae.py", b"x"), ("b/vae.py", b"y")],
    "both": [("vae.py", b"x"), ("vae/assignment.py", b"y")],
}


@pytest.mark.parametrize("name", TWICE)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_row_24_one_file_twice(tmp_path, name):
    make = MAKERS[next(e for e in MAKERS if name.endswith(e))]
    found = take(make(tmp_path / name, [*TWICE[name], ("ae.py", b"a = 1\n")]))
    assert texts(found) == {"vae/assignment.py": "file_twice", "ae/assignment.py": "a = 1\n"}


@pytest.mark.parametrize("name", [n for n in TWICE if n != "same.zip"])
def test_copies_of_one_another(tmp_path, name):
    """Twice the same is no reason to lose it, and is said."""
    make = MAKERS[next(e for e in MAKERS if name.endswith(e))]
    found = take(make(tmp_path / name, [(n, b"x = 1") for n, _ in TWICE[name]]))
    assert texts(found) == {"vae/assignment.py": "x = 1"}
    assert "more than one" in odd(found)


def test_capitals_alone(tmp_path):
    found = take(hand_in(tmp_path / "a", VAE="x = 1"))
    assert texts(found) == {"vae/assignment.py": "x = 1"}
    assert "small letters: VAE.py" in odd(found)


def test_row_24_zip_bomb(tmp_path):
    path = make_zip(tmp_path / "bomb.zip", [("ae.py", bytes(50 << 20)), ("vae.py", b"v = 1\n")])
    assert path.stat().st_size < 60_000
    assert texts(take(path)) == {"ae/assignment.py": "file_large", "vae/assignment.py": "v = 1\n"}


def test_row_24_tight_zip(tmp_path):
    path = make_zip(tmp_path / "tight.zip", [("ae.py", b"#" * 900_000)])
    assert texts(take(path)) == {"ae/assignment.py": "file_tight"}


def test_row_24_lying_zip_header(tmp_path):
    """The list of members says 10 bytes; the data are a megabyte and more."""
    path = make_zip(tmp_path / "liar.zip", [("ae.py", os.urandom(2 << 20))])
    data = bytearray(path.read_bytes())
    at = data.rfind(b"PK\1\2")
    struct.pack_into("<L", data, at + 24, 10)
    path.write_bytes(data)
    found = take(path)
    assert texts(found) == {"ae/assignment.py": "archive_damaged"}


def test_row_24_tar_bomb(tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "MAX_UNPACKED", 8 << 20)
    path = make_tar(tmp_path / "bomb.tar.gz", [("zeros.bin", bytes(20 << 20)), ("ae.py", b"a")])
    assert take(path).problem.key == "archive_large"


def test_row_24_tar_with_huge_header(tmp_path):
    """A pax header of many megabytes would be read into memory as a whole."""
    import gzip

    info = tarfile.TarInfo("ae.py")
    info.type, info.size = tarfile.XHDTYPE, 1 << 30
    with gzip.open(tmp_path / "pax.tar.gz", "wb") as file:
        file.write(info.tobuf(tarfile.PAX_FORMAT))
        file.write(bytes(20 << 20))
    assert take(tmp_path / "pax.tar.gz").problem is not None


def test_row_24_many_members(tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "MAX_MEMBERS", 20)
    most = [("ae.py", b"a"), *((f"{i}.txt", b"") for i in range(19))]
    assert texts(take(make_zip(tmp_path / "most.zip", most))) == {"ae/assignment.py": "a"}
    path = make_zip(tmp_path / "many.zip", [*most, ("20.txt", b"")])
    assert take(path).problem.key == "archive_many"


BAD = {
    "empty.zip": b"",
    "text.zip": b"not an archive",
    "cut.zip": b"PK\3\4" + b"\0" * 40,
    "end.zip": b"PK\5\6" + b"\xff" * 18,
    "empty.tar.gz": b"",
    "text.tar.gz": b"not an archive",
    "cut.tar.gz": b"\x1f\x8b\x08\0\0\0\0\0\0\3abc",
}


@pytest.mark.parametrize("name", BAD)
def test_damaged_archives(tmp_path, name):
    (tmp_path / name).write_bytes(BAD[name])
    problem = take(tmp_path / name).problem
    assert problem.key in ("archive_damaged", "archive_many")
    assert problem.say("zh") != problem.say("en")


def test_encrypted_zip(tmp_path):
    path = make_zip(tmp_path / "e.zip", [("ae.py", b"a = 1\n")])
    data = bytearray(path.read_bytes())
    for signature, offset in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        data[data.find(signature) + offset] |= 1
    path.write_bytes(data)
    assert texts(take(path)) == {"ae/assignment.py": "archive_encrypted"}


@pytest.mark.skipif(sys.platform == "win32", reason="needs links, pipes and modes of POSIX")
class TestFolders:
    """Folders as they lie on the teacher's disk, unpacked by some other tool."""

    def test_linked_file(self, tmp_path):
        (tmp_path / "secret.py").write_text("x = 1\n")
        folder = hand_in(tmp_path / "eve")
        (folder / "ae.py").symlink_to("../secret.py")
        assert texts(take(folder)) == {"ae/assignment.py": "file_no_file"}

    def test_linked_module_folder(self, tmp_path):
        make_folder(tmp_path / "ada", FILES.items())
        folder = hand_in(tmp_path / "eve")
        (folder / "ae").symlink_to("../ada/ae")
        assert texts(take(folder)) == {"ae/assignment.py": "file_no_file"}

    def test_linked_submission(self, tmp_path):
        make_folder(tmp_path / "ada", FILES.items())
        (tmp_path / "eve").symlink_to("ada")
        ada, eve = submissions.collect([tmp_path / "ada", tmp_path / "eve"])
        assert submissions.read(eve).problem.key == "is_link"
        assert len(submissions.read(ada).files) == 2

    def test_pipe(self, tmp_path):
        folder = hand_in(tmp_path / "eve", vae="v = 1\n")
        os.mkfifo(folder / "ae.py")
        known = {"ae/assignment.py": "file_no_file", "vae/assignment.py": "v = 1\n"}
        assert texts(take(folder)) == known

    def test_pipe_as_archive(self, tmp_path):
        os.mkfifo(tmp_path / "eve.zip")
        assert take(tmp_path / "eve.zip").problem.key == "not_submission"

    @pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root reads all")
    def test_unreadable(self, tmp_path):
        folder = hand_in(tmp_path / "eve", ae="a = 1\n")
        (folder / "ae.py").chmod(0)
        assert texts(take(folder)) == {"ae/assignment.py": "unreadable"}

    def test_folder_instead_of_file(self, tmp_path):
        folder = hand_in(tmp_path / "eve")
        (folder / "ae.py").mkdir()
        assert texts(take(folder)) == {}

    def test_many_files(self, tmp_path, monkeypatch):
        """What lies on top is found, and it is said that not all was looked at."""
        monkeypatch.setattr(listing, "MAX_ENTRIES", 3)
        folder = make_folder(tmp_path / "eve", [("ae.py", b"a"), ("d/x/vae.py", b"v"), ("e", b"")])
        found = take(folder)
        assert texts(found) == {"ae/assignment.py": "a"}
        assert "not all were looked at" in odd(found)

    def test_closed_folder(self, tmp_path, monkeypatch):
        """Root may look into every folder, so the refusal is played here."""
        folder = make_folder(tmp_path / "eve", [("ae.py", b"a"), ("work/vae.py", b"v")])
        real = os.scandir

        def scandir(path):
            if os.path.basename(path) == "work":
                raise PermissionError(13, "Permission denied")
            return real(path)

        monkeypatch.setattr(listing.os, "scandir", scandir)
        found = take(folder)
        assert texts(found) == {"ae/assignment.py": "a"}
        assert "work cannot be looked into: Permission denied" in odd(found)

    def test_large_file(self, tmp_path):
        folder = hand_in(tmp_path / "eve", ae="#" * (2 << 20))
        assert texts(take(folder)) == {"ae/assignment.py": "file_large"}


# --- names ----------------------------------------------------------------------------------------

NAMES = [
    "..a",
    "=HYPERLINK(1)",
    "a\nb",
    "gradebook.csv",
    "CON",
    "x" * 250,
    "小明",
    "a b",
    "\u202eabc",
]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such names")
def test_names_of_all_kinds(tmp_path):
    found = submissions.collect([hand_in(tmp_path / n, ae="a = 1\n") for n in NAMES])
    folders = [s.folder for s in found]
    assert len({f.casefold() for f in folders}) == len(NAMES)
    for s in found:
        assert s.folder == os.path.basename(s.folder) and not s.folder.startswith((".", "-"))
        assert s.student.isprintable() and len(s.student) <= 120
    assert folders[NAMES.index("小明")] == "小明"
    assert "gradebook.csv" not in folders


def test_same_name_twice(tmp_path):
    folder = hand_in(tmp_path / "a" / "alice", ae="a = 1\n")
    other = hand_in(tmp_path / "b" / "Alice", ae="a = 2\n")
    archive = make_zip(tmp_path / "alice.zip", [("ae.py", b"a = 3\n")])
    found = submissions.collect([folder, other, archive, folder])
    assert len(found) == 3
    assert len({s.folder.casefold() for s in found}) == 3
    assert len({s.student for s in found}) == 3
    assert found[0].identity == found[2].identity == "alice"
    assert "alice.zip" in odd(found[2])


def test_wrong_usage(tmp_path):
    with pytest.raises(UserError, match="no such submission"):
        submissions.collect([tmp_path / "nobody"])
    (tmp_path / "notes.txt").write_text("")
    with pytest.raises(UserError, match="no submission"):
        submissions.collect([tmp_path / "notes.txt"])
    good = hand_in(tmp_path / "ada", ae="a = 1\n")
    collected = submissions.sort([good, tmp_path / "notes.txt"])
    assert [s.student for s in collected.submissions] == ["ada"]
    assert [p.name for p in collected.nobody] == ["notes.txt"]
