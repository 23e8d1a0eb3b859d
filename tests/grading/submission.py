"""A student's folder or archive -> the text of the three files, or why a file is refused.

Nothing is extracted and no link is followed: members are listed, those with one of the whitelisted
names are read into memory, the rest is ignored. Sizes are limited before anything is unpacked.
"""

import hashlib
import os
import re
import stat
import tokenize
import unicodedata
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path, PurePosixPath

from common.errors import UserError
from tests.grading import archives
from tests.grading.archives import Refused
from tests.grading.inert import inert

FILES = ("ae/assignment.py", "vae/assignment.py", "diffusion/assignment.py")
NAMES = {**{f: f for f in FILES}, **{f.split("/")[0] + ".py": f for f in FILES}}
ARCHIVES = (".zip", ".tar.gz", ".tgz")
MAX_FILE = 2**20  # bytes of one file
MAX_ENTRIES = 5000  # of one folder that are looked at
_IGNORED = ("__MACOSX", "__pycache__")
_CODECS = ("utf-8", "utf-8-sig", "ascii", "iso-8859-1", "cp1252", "gbk", "gb2312", "gb18030")


@dataclass
class File:
    """One of the three files. text: None if it is refused, then `problem` says why."""

    path: str  # as it is called in the submission
    sha256: str = ""
    text: str | None = None
    problem: Refused | None = None


@dataclass
class Submission:
    """What one student handed in.

    student: the id, harmless to print. folder: name for the results, safe for a file system.
    identity: what the inputs of the checks depend on; the id, but for two of one name.
    files: whitelisted name ("vae/assignment.py") -> File. problem: why nothing could be read.
    note: text for the report, or None.
    """

    path: Path
    student: str
    folder: str
    identity: str
    files: dict = field(default_factory=dict)
    problem: Refused | None = None
    note: Refused | None = None

    def hashes(self):
        """path in the submission -> SHA-256 of its bytes."""
        return {f.path: f.sha256 for f in self.files.values() if f.sha256}


def collect(paths):
    """Submissions, unread, for paths of the command line; two of one name get different folders.

    Raises UserError for a path that is not there and if none of them can be a submission.
    """
    paths = list(dict.fromkeys(Path(os.path.abspath(p)) for p in paths))
    for path in paths:
        if not os.path.lexists(path):
            raise UserError(f"no such submission: {inert(str(path))}; give folders or archives")
    found = [Submission(path, *_names(path)) for path in paths]
    if not any(_possible(s.path) for s in found):
        name = inert(str(paths[0]))
        raise UserError(f"{name} is no submission; give a folder, a .zip or a .tar.gz")
    _separate(found)
    return found


def read(submission):
    """Fill in `files` or `problem`. Never raises for what a student handed in."""
    try:
        listing = _listing(submission.path)
        members = _select(listing)
        submission.files = {name: _file(name, found, listing) for name, found in members.items()}
    except Refused as error:
        submission.problem = error
    except OSError as error:
        submission.problem = Refused("unreadable", why=error.strerror)
    return submission


def _possible(path):
    is_link = path.is_symlink()
    return not is_link and (path.is_dir() or path.name.lower().endswith(ARCHIVES))


# --- names ------------------------------------------------------------------------------------


def _names(path):
    """(student id, folder for the results, identity) of a path."""
    name = path.name
    ending = next((e for e in ARCHIVES if name.lower().endswith(e)), "")
    name = name[: len(name) - len(ending)] if path.is_file() else name
    if not name:
        raise UserError(f"{inert(str(path))} has no name to call the student by")
    student = inert(unicodedata.normalize("NFC", name), 120) or "unnamed"
    return student, _slug(name), student


def _slug(name):
    """`name` if it can be a folder beside gradebook.csv; else a safe form with a hash behind it."""
    name = unicodedata.normalize("NFC", name)
    safe = re.sub(r"[^\w.@+-]", "_", name)[:60].strip(".-")
    reserved = safe.casefold() in ("gradebook.csv", "con", "nul", "aux", "prn")
    if safe == name and not reserved and len(safe.encode()) <= 200:
        return safe
    digest = hashlib.sha256(os.fsencode(name)).hexdigest()[:8]
    return f"{safe or 'student'}-{digest}"


def _separate(submissions):
    """Give submissions of one name (also: one but for upper and lower case) numbers."""
    groups = {}
    for submission in submissions:
        groups.setdefault(submission.folder.casefold(), []).append(submission)
    for group in groups.values():
        if len(group) > 1:
            for number, submission in enumerate(sorted(group, key=lambda s: str(s.path)), 1):
                submission.student += f" ({number} of {len(group)})"
                submission.folder += f"~{number}"
                submission.note = Refused("same_name", path=inert(submission.path.name, 120))


# --- members ----------------------------------------------------------------------------------


def _listing(path):
    """The submission as an object with `names` [(name, kind)] and `read(name)`."""
    if path.is_symlink():
        raise Refused("is_link")
    if path.is_dir():
        return Folder(path)
    name = path.name.lower()
    if not stat.S_ISREG(os.stat(path).st_mode):
        raise Refused("not_submission")
    if name.endswith(".zip"):
        return archives.Zip(path, _wanted, MAX_FILE)
    if name.endswith((".tar.gz", ".tgz")):
        return archives.Tar(path, _wanted, MAX_FILE)
    raise Refused("not_submission")


def _wanted(name):
    """Whether a member's content may be needed: a whitelisted name, perhaps below one folder."""
    parts = PurePosixPath(name).parts
    return any("/".join(parts[skip:]) in NAMES for skip in (0, 1))


class Folder:
    """A folder on disk, at most three levels deep; same interface as an archive."""

    def __init__(self, path):
        self.path = path
        self.names = list(self._walk("", 0))

    def _walk(self, below, depth):
        """(name, kind) of what is there; only folders that can hold the files are entered."""
        with os.scandir(self.path / below) as entries:
            listed = sorted(islice(entries, MAX_ENTRIES + 1), key=lambda e: e.name)
        if len(listed) > MAX_ENTRIES:
            raise Refused("archive_many")
        for entry in listed:
            name = below + entry.name
            kind = _kind(entry)
            yield name, kind
            modules = entry.name.casefold() in ("ae", "vae", "diffusion")
            single = depth == 0 and not entry.name.startswith(".") and self._lonely(listed)
            if kind == "folder" and (modules or single) and depth < 2:
                yield from self._walk(name + "/", depth + 1)

    @staticmethod
    def _lonely(listed):
        """Whether the files are not here but may be below one folder, as archives unpack."""
        return not any(e.name.casefold() in _TOP for e in listed) and len(listed) <= 20

    def read(self, name):
        """The bytes of a file, without following a link or waiting for a pipe."""
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
        descriptor = os.open(self.path / name, flags | getattr(os, "O_BINARY", 0))
        with os.fdopen(descriptor, "rb") as file:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                raise Refused("file_no_file", name=inert(name, 100))
            if status.st_size > MAX_FILE:
                raise Refused("file_large", name=inert(name, 100), limit=MAX_FILE)
            return file.read(MAX_FILE + 1)


_TOP = {n.split("/")[0] for n in NAMES}


def _kind(entry):
    if entry.is_symlink():
        return "link"
    if entry.is_dir(follow_symlinks=False):
        return "folder"
    return "file" if entry.is_file(follow_symlinks=False) else "special"


def _select(listing):
    """whitelisted name -> list of (member name, kind), looked for at the top, then one below."""
    members = [(n, k) for n, k in listing.names if not any(p in _IGNORED for p in n.split("/"))]
    for skip in (0, 1):
        found = {}
        for name, kind in members:
            parts = name.split("/")
            _note(found, "/".join(parts[skip:]) if len(parts) > skip else "", name, kind)
        if found:
            return found
    return {}


def _note(found, tail, name, kind):
    """File a member under the whitelisted name that it is, or that it is taken for elsewhere."""
    folded = {n.casefold(): target for n, target in NAMES.items()}
    target = folded.get(tail.casefold())
    if target and kind != "folder":
        found.setdefault(target, []).append((name, kind))
    elif kind == "link" and tail in ("ae", "vae", "diffusion"):
        found.setdefault(f"{tail}/assignment.py", []).append((name, kind))


# --- one file ---------------------------------------------------------------------------------


def _file(target, found, listing):
    """The File for a whitelisted name, refused if it is ambiguous, a link or unreadable."""
    name, kind = found[0]
    file = File(inert(name, 100))
    called = {"name": file.path, "file": target, "short": target.split("/")[0] + ".py"}
    try:
        if len(found) > 1:
            names = sorted({inert(n, 60) for n, _ in found})
            raise Refused("file_twice", file=target, names=", ".join(names))
        if kind != "file":
            raise Refused("file_no_file", name=file.path)
        if not name.endswith((called["file"], called["short"])):
            raise Refused("file_case", **called)
        data = listing.read(name)
        file.sha256 = hashlib.sha256(data).hexdigest()
        file.text = decode(data, file.path)
    except Refused as error:
        file.problem = error
    except OSError as error:
        file.problem = Refused("unreadable", why=error.strerror)
    return file


def decode(data, name):
    """Source text of a file: UTF-8 with or without BOM, or what its coding line names.

    Line ends become \\n. Raises Refused with line and column.
    """
    if len(data) > MAX_FILE:
        raise Refused("file_large", name=name, limit=MAX_FILE)
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise Refused("file_utf16", name=name)
    if b"\0" in data:
        raise Refused("file_nul", name=name, **_place(data, data.index(b"\0")))
    try:
        text = data.decode(_codec(data))
    except UnicodeDecodeError as error:
        place = _place(data, error.start)
        raise Refused("file_codec", name=name, codec=error.encoding, **place) from None
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def _codec(data):
    lines = iter(data.splitlines(keepends=True)[:2])
    try:
        codec, _ = tokenize.detect_encoding(lambda: next(lines, b""))
    except SyntaxError:  # an unknown coding line, or bytes that decode() points at
        return "utf-8"
    return codec if codec in _CODECS else "utf-8"


def _place(data, offset):
    """Line and column of a byte, both from 1."""
    start = data.rfind(b"\n", 0, offset)
    return {"line": data.count(b"\n", 0, offset) + 1, "column": offset - start}
