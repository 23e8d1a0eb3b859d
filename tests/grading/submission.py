"""Paths of the command line -> submissions -> the text of the three files, or why there is none.

A path is one submission (a folder, an archive, a loose file), or many, as Moodle and Canvas export
them. Nothing is extracted and no link is followed: what lies there is listed (listing.py), what
is meant is selected (selection.py), and only that is read, within bounds.
"""

import hashlib
import os
import re
import threading
import tokenize
import unicodedata
from dataclasses import dataclass, field, replace
from pathlib import Path

from common.errors import UserError
from tests.grading import archives, deadline, notebooks, platforms, selection
from tests.grading.archives import Refused
from tests.grading.inert import inert
from tests.grading.listing import Contents, Part
from tests.grading.selection import FILES, MAX_FILE

_CODECS = ("utf-8", "utf-8-sig", "ascii", "iso-8859-1", "cp1252", "gbk", "gb2312", "gb18030")
_LOOSE = (*archives.ENDINGS, *archives.NOT_READ, ".ipynb", ".py.txt", ".py")
_one_at_a_time = threading.Lock()  # what a submission takes of memory is taken once


@dataclass
class File:
    """One of the three files. text: None if it is refused, then `problem` says why.

    places: of a notebook's lines, (code cell, line in it); empty for a Python file.
    """

    path: str  # as it is called in the submission
    sha256: str = ""
    text: str | None = None
    problem: Refused | None = None
    places: list = field(default_factory=list)


@dataclass
class Submission:
    """What one student handed in.

    path: where it lies, or the bulk download that it lies in. parts: of what it consists.
    student: the id, harmless to print. folder: name for the results, safe for a file system.
    identity: what the inputs of the checks depend on; the id, but for two of one name.
    files: whitelisted name ("vae/assignment.py") -> File. problem: why nothing could be read.
    notes: [Refused], texts for the report. odd: those that the teacher should read too.
    asked: the files that they are about. time: deadline.stamp of what is marked, or None.
    late: the platform that says so, or "".
    """

    path: Path
    student: str
    folder: str
    identity: str
    parts: list = field(default_factory=list)
    files: dict = field(default_factory=dict)
    problem: Refused | None = None
    notes: list = field(default_factory=list)
    odd: list = field(default_factory=list)
    asked: tuple = FILES
    time: dict | None = None
    late: str = ""

    def forget(self):
        """Let go of the texts, which are no longer needed once they are marked."""
        for file in self.files.values():
            file.text, file.places = file.text and "", []

    def hashes(self):
        """path in the submission -> SHA-256 of its bytes."""
        return {f.path: f.sha256 for f in self.files.values() if f.sha256}

    def remarks(self):
        """What the teacher should know of it: [Refused], each once."""
        problems = [f.problem for n, f in self.files.items() if f.problem and n in self.asked]
        told = [p for p in problems if p.key != "missing_file"]
        found = [*filter(None, [self.problem]), *self.odd, *told]
        return [r for i, r in enumerate(found) if r not in found[:i]]


@dataclass
class Collected:
    """submissions: [Submission], unread. nobody: [Path], what is no submission."""

    submissions: list
    nobody: list


def collect(paths):
    """The submissions of `sort`."""
    return sort(paths).submissions


def sort(paths, bulk=True):
    """Whose submissions lie at the paths of the command line, as Collected.

    bulk: whether a path may be a platform's export of many. Two of one name get different folders.
    Raises UserError for a path that is not there and if there is no submission at all.
    """
    groups, nobody = {}, []
    for path in _existing(paths):
        for piece in (_bulk(path) if bulk else None) or [_Piece(path.name, path)]:
            origin = platforms.origin(piece.name) if bulk else None
            if piece.inside or origin or _possible(piece.path):
                groups.setdefault(_key(piece, origin), []).append((piece, origin))
            else:
                nobody.append(piece.path)
    if not groups:
        name = inert(str(nobody[0]))
        raise UserError(f"{name} is no submission; give a folder, a .zip or a .tar.gz")
    found = [_submission(members) for members in groups.values()]
    _separate(found)
    return Collected(found, nobody)


def read(submission, asked=FILES):
    """Fill in `files` or `problem`, and what is to be said. Never raises for a student's doing.

    asked: the files that anything is to be said about; all are read, as a record is about all.
    """
    submission.asked = asked
    with _one_at_a_time:
        try:
            with Contents(submission.parts) as contents:
                chosen = selection.select(contents, asked)
                for note in chosen.notes:  # a notebook is a form like another
                    (submission.notes if note.key == "as_notebook" else submission.odd).append(note)
                for target, choice in chosen.choices.items():
                    notes = submission.notes if target in asked else []
                    submission.files[target] = _file(target, choice, contents, notes)
                submission.time = _stamp(submission, chosen.choices.values(), contents)
        except Refused as error:
            submission.problem = error
        except OSError as error:
            submission.problem = Refused("unreadable", why=error.strerror)
        problems = [submission.problem, *(f.problem for f in submission.files.values())]
        for reason in filter(None, [*problems, *submission.odd, *submission.notes]):
            reason.detach()
    return submission


def _stamp(submission, choices, contents):
    chosen = [c.candidate.entry for c in choices if c.candidate]
    if not chosen:
        return None
    part = submission.parts[0]
    packed = part.inside or (part.path.is_file() and archives.is_archive(part.path.name))
    origin = "download" if part.inside else "archive" if packed else "file"
    return deadline.stamp(contents.modified(chosen), origin)


# --- who --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Piece:
    """Something of one student. inside: where in the archive at `path`, as in listing.Part.

    lone: what the download is called, if it holds one student only and so may be called by it.
    """

    name: str
    path: Path
    inside: str = ""
    lone: str = ""


def _existing(paths):
    """The paths, absolute and each once. Raises UserError."""
    paths = list(dict.fromkeys(Path(os.path.abspath(p)) for p in paths))
    for path in paths:
        if not os.path.lexists(path):
            raise UserError(f"no such submission: {inert(str(path))}; give folders or archives")
    return paths


def _possible(path):
    """Whether something can be a submission: a folder or a file of a kind that is read."""
    tools = (".git", ".github", ".idea", ".vscode", ".venv", ".ipynb_checkpoints")
    if path.name in tools or (archives.junk(path.name) and not path.name.startswith(".")):
        return False
    if path.is_symlink() or path.is_dir():
        return True
    return archives.is_archive(path.name) or selection.is_code(path.name)


def _bulk(path):
    """The _Pieces of what a platform has exported, or None if it has not."""
    if path.is_symlink() or platforms.origin(path.name):
        return None
    try:
        if path.is_dir():
            pieces = [_Piece(n, path / n) for n in sorted(os.listdir(path))]
        elif archives.is_archive(path.name) and path.is_file():
            with open(path, "rb") as file:
                tops = _tops(archives.opened(file, path.name))
            pieces = [_Piece(name, path, inside) for name, inside in tops.items()]
        else:
            return None
    except (OSError, Refused):
        return None  # is said when it is read
    return _exported(pieces, _stem(path))


def _tops(archive):
    """name -> how the members below it begin: at the top, or in the one folder that is there."""
    names, below = [m.name for m in archive.members if m.kind != "folder"], ""
    archive.close()
    while names and len({n.split("/")[0] for n in names}) == 1 and all("/" in n for n in names):
        top = names[0].split("/")[0]
        if platforms.origin(top):
            break
        below += top + "/"
        names = [n.partition("/")[2] for n in names]
    return {n.split("/")[0]: below + n.split("/")[0] for n in names}


def _exported(pieces, container):
    """The pieces of an export, or None if names do not look like one.

    Every file that could be work has to be named by the platform, but for a few among many. Where
    one student alone is in it, the folder may be the student's own, with files from Canvas.
    """
    pieces = [p for p in pieces if not archives.junk(p.name)]
    origins = {p: platforms.origin(p.name) for p in pieces}
    whose = {o.student for o in origins.values() if o}
    others = [p for p, o in origins.items() if not o and _might_hold(p)]
    if not whose or (others and len(whose) < 2) or len(others) > len(whose):
        return None
    if len(whose) == 1 and next(o for o in origins.values() if o).platform != "Moodle":
        pieces = [replace(p, lone=container) for p in pieces if origins[p]]
    return [p for p in pieces if platforms.origin(p.name) or p in others or not p.inside]


def _might_hold(piece):
    folder = "." not in piece.name if piece.inside else piece.path.is_dir()
    return folder or selection.is_code(piece.name) or archives.is_archive(piece.name)


def _key(piece, origin):
    """The same for all that a platform keeps apart of one student."""
    if not origin:
        return piece.path, piece.inside
    return origin.student, origin.platform, piece.path if piece.inside else piece.path.parent


def _part(piece, origin):
    """Where it lies, as a listing.Part: the student's own name of a file is behind the prefix."""
    if origin is None:
        return Part(piece.path, piece.inside)
    if piece.inside:
        own = piece.inside.rpartition("/")[2][len(origin.prefix) :]
        return Part(piece.path, piece.inside[: len(piece.inside) - len(own)])
    whole = piece.path.is_dir() or archives.is_archive(piece.name)
    return Part(piece.path, prefix="" if whole else origin.prefix)


def _submission(members):
    """The Submission of a group; text that was typed on the platform counts only alone."""
    files = [m for m in members if not (m[1] and m[1].is_text)] or members
    piece, origin = files[0]
    parts = list(dict.fromkeys(_part(*m) for m in files))
    made = Submission(piece.path, *_names(piece, origin), parts)
    if any(o and o.late for _, o in files):
        made.late = origin.platform
        made.odd.append(Refused("late", platform=origin.platform))
    return made


def _names(piece, origin):
    """(student id, folder for the results, identity)."""
    folder = name = _stem(piece.path) if not piece.inside else _stem(Path(piece.name))
    if origin:
        own = not piece.inside and piece.path.is_dir() and not origin.is_text
        folder, name = piece.name if own else origin.folder, origin.student
    if piece.lone:
        folder = name = f"{piece.lone} {name}"
    if not name:
        raise UserError(f"{inert(str(piece.path))} has no name to call the student by")
    student = shown(name)
    return student, _slug(folder), student


def _stem(path):
    """The name without the ending of an archive, a notebook or a Python file."""
    name = path.name
    if path.is_dir():
        return name
    ending = next((e for e in _LOOSE if name.lower().endswith(e)), "")
    return name[: len(name) - len(ending)]


def shown(name):
    """A name of a file as text that can be printed; what cannot be seen is written as \\u202e."""
    name = unicodedata.normalize("NFC", name)
    escaped = (c.encode("unicode_escape", "replace").decode() for c in name)
    text = "".join(c if _visible(c) else e for c, e in zip(name, escaped)).strip()
    if len(text) > 120:  # the end may be what tells two apart
        text = text[:110] + "…" + hashlib.sha256(os.fsencode(name)).hexdigest()[:8]
    return text or "unnamed"


def _visible(character):
    return inert(f"x{character}") == f"x{character}"


def _slug(name):
    """`name` if every file system takes it for a folder; else a safe form with a hash behind it."""
    name = unicodedata.normalize("NFC", name)
    safe = "".join(c if _visible(c) else "_" for c in name)
    safe = re.sub(r'[<>:"/\\|?*\t]', "_", safe)[:100].strip(" ").rstrip(".").lstrip(".-~")
    reserved = re.split(r"\.", safe.casefold())[0] in _RESERVED or safe.casefold() in _OURS
    if safe == name and not reserved and len(safe.encode()) <= 200:
        return safe
    digest = hashlib.sha256(os.fsencode(name)).hexdigest()[:8]
    return f"{safe[:60].strip() or 'student'}-{digest}"


_RESERVED = ("con", "nul", "aux", "prn", *(f"{d}{n}" for d in ("com", "lpt") for n in range(10)))
_OURS = ("gradebook.csv", "class", "export", "similarity.html")
_OURS += ("roster.json", "manual.json", "deadline.json")


def _separate(submissions):
    """Give submissions of one name (also: one but for upper and lower case) numbers."""
    for attribute in ("folder", "student"):
        groups = {}
        for submission in submissions:
            groups.setdefault(getattr(submission, attribute).casefold(), []).append(submission)
        for group in groups.values():
            if len(group) > 1:
                _number(group)


def _number(group):
    ordered = sorted(group, key=lambda s: (str(s.path), s.parts[0].inside))
    for number, submission in enumerate(ordered, 1):
        submission.student += f" ({number} of {len(group)})"
        submission.folder += f"~{number}"
        where = inert("/".join(filter(None, [submission.path.name, submission.parts[0].inside])))
        submission.odd.append(Refused("same_name", path=where))


# --- one file ---------------------------------------------------------------------------------


def _file(target, choice, contents, notes):
    """The File for a whitelisted name, refused if it is ambiguous, a link or unreadable."""
    if choice.problem:
        return File("", problem=choice.problem)
    entry = choice.candidate.entry
    file = File(entry.shown)
    try:
        if entry.kind != "file":
            raise Refused("file_no_file", name=file.path)
        if choice.candidate.cells is not None:
            file.sha256 = choice.candidate.sha256
            code = notebooks.extract(choice.candidate.cells, selection.WANTED[target], file.path)
            file.text, file.places = code.text, code.places
            notes += [n for n in code.notes if n not in notes]
        else:
            data = contents.read(entry, MAX_FILE)
            file.sha256 = hashlib.sha256(data).hexdigest()
            file.text = decode(data, file.path)
    except Refused as error:
        file.problem = error
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
