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
from dataclasses import dataclass, field
from pathlib import Path

from common.errors import UserError
from tests.grading import archives, notebooks, platforms, selection
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

    def hashes(self):
        """path in the submission -> SHA-256 of its bytes."""
        return {f.path: f.sha256 for f in self.files.values() if f.sha256}

    def remarks(self):
        """What the teacher should know of it: [Refused], each once."""
        problems = [f.problem for f in self.files.values() if f.problem]
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
    paths = list(dict.fromkeys(Path(os.path.abspath(p)) for p in paths))
    for path in paths:
        if not os.path.lexists(path):
            raise UserError(f"no such submission: {inert(str(path))}; give folders or archives")
    groups, nobody = {}, []
    for path in paths:
        members = _bulk(path) if bulk else None
        if members is None:
            members = [(path.name, path, "")]
        for name, where, inside in members:
            exported = bulk and platforms.origin(name)
            if not inside and not exported and not _possible(where):
                nobody.append(where)
            else:
                _group(groups, name, where, inside, bulk)
    if not groups:
        name = inert(str(paths[0]))
        raise UserError(f"{name} is no submission; give a folder, a .zip or a .tar.gz")
    found = [_submission(members) for members in groups.values()]
    _separate(found)
    return Collected(found, nobody)


def read(submission, targets=FILES):
    """Fill in `files` or `problem`, and what is to be said. Never raises for a student's doing."""
    with _one_at_a_time:
        try:
            with Contents(submission.parts) as contents:
                chosen = selection.select(contents, targets)
                for note in chosen.notes:  # a notebook is a form like another
                    (submission.notes if note.key == "as_notebook" else submission.odd).append(note)
                for target, choice in chosen.choices.items():
                    submission.files[target] = _file(target, choice, contents, submission.notes)
        except Refused as error:
            submission.problem = error
        except OSError as error:
            submission.problem = Refused("unreadable", why=error.strerror)
    return submission


# --- who --------------------------------------------------------------------------------------


def _possible(path):
    """Whether something can be a submission: a folder or a file of a kind that is read."""
    if archives.junk(path.name) and not path.name.startswith("."):
        return False
    if path.is_symlink() or path.is_dir():
        return True
    return archives.is_archive(path.name) or selection.is_code(path.name)


def _bulk(path):
    """[(name, path, inside)] of what a platform has exported, or None if it has not."""
    if path.is_symlink() or platforms.origin(path.name):
        return None
    try:
        if path.is_dir():
            names = {e: (path / e, "") for e in sorted(os.listdir(path))}
        elif archives.is_archive(path.name) and path.is_file():
            with open(path, "rb") as file:
                names = _tops(archives.opened(file, path.name))
                names = {n: (path, inside) for n, inside in names.items()}
        else:
            return None
    except (OSError, Refused):
        return None  # is said when it is read
    return _exported(names)


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


def _exported(names):
    """The entries of an export, or None if names do not look like one.

    Every file that could be work has to be named by the platform, and more than one student be
    there; a lone one is believed if it is Moodle's.
    """
    origins = {n: platforms.origin(n) for n in names if not archives.junk(n)}
    whose = {o.student for o in origins.values() if o}
    others = [n for n, o in origins.items() if not o and (_might_hold(n, names[n]))]
    if not whose or (others and len(whose) < 2) or len(others) > len(whose):
        return None
    if len(whose) == 1 and next(o for o in origins.values() if o).platform != "Moodle":
        return None
    return [(n, *names[n]) for n in origins if origins[n] or n in others or not names[n][1]]


def _might_hold(name, where):
    path, inside = where
    folder = path.is_dir() if not inside else "." not in name
    return folder or selection.is_code(name) or archives.is_archive(name)


def _group(groups, name, where, inside, bulk):
    """File something under its student; what a platform keeps apart of one student is one group."""
    origin = platforms.origin(name) if bulk else None
    whole = where.name == name and (where.is_dir() or archives.is_archive(name))
    part = _part(where, inside, origin, whole)
    key = (where, inside)
    if origin:
        key = (origin.student, origin.platform, where if inside else where.parent)
    groups.setdefault(key, []).append((part, origin, name, bool(inside)))


def _part(where, inside, origin, whole):
    if not inside:
        return Part(where, "", "" if whole or not origin else origin.prefix)
    if origin is None:
        return Part(where, inside)
    return Part(where, inside[: len(inside) - len(_own(origin, inside))])


def _own(origin, inside):
    """What of a name in an export is the student's own: the file's name, "" for a folder."""
    name = inside.rpartition("/")[2]
    return name[len(origin.prefix) :]


def _submission(members):
    """The Submission of a group; text that was typed on the platform counts only alone."""
    files = [m for m in members if not (m[1] and m[1].is_text)] or members
    part, origin, name, in_bulk = files[0]
    parts = list(dict.fromkeys(m[0] for m in files))
    student, folder, identity = _names(part.path if not in_bulk else Path(name), origin, in_bulk)
    made = Submission(part.path, student, folder, identity, parts)
    if any(m[1] and m[1].late for m in files):
        made.odd.append(Refused("late", platform=origin.platform))
    return made


def _names(path, origin, in_bulk):
    """(student id, folder for the results, identity)."""
    if origin:
        own_folder = path.is_dir() and not in_bulk
        folder = path.name if own_folder and not origin.is_text else origin.folder
        student = shown(origin.student)
        return student, _slug(folder), student
    name = path.name
    if in_bulk or path.is_file():
        ending = next((e for e in _LOOSE if name.lower().endswith(e)), "")
        name = name[: len(name) - len(ending)]
    if not name:
        raise UserError(f"{inert(str(path))} has no name to call the student by")
    student = shown(name)
    return student, _slug(name), student


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
_OURS = ("gradebook.csv", "class", "export", "similarity.html", "roster.json")


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
