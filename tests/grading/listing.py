"""What lies in a submission: folders and archives alike, listed; read only when asked for.

Nothing is extracted where the student chose a name, and no link is followed. All that one
submission may take, in bytes and in numbers, is bounded here and in archives.py.
"""

import contextlib
import os
import stat
from collections import deque
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from tests.grading import archives
from tests.grading.archives import Member, Refused
from tests.grading.inert import inert

MAX_ENTRIES = 50_000  # of folders on disk that are looked at
MAX_ARCHIVE = 64 * 2**20  # bytes of an archive in an archive
MAX_NESTED = 12  # archives in a submission that are opened
LEVELS = 2  # of archives in a submission
MAX_READ = 48 * 2**20  # bytes of all that is read of a submission


@dataclass(frozen=True)
class Part:
    """Where (a part of) a submission lies.

    path: a folder, an archive or a file. inside: what the names of its members in an archive of
    many submissions begin with. prefix: what the platform put before the name of a file.
    """

    path: Path
    inside: str = ""
    prefix: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """parts: its path in the submission, without the platform's own. level: of archives."""

    parts: tuple
    shown: str
    kind: str
    level: int
    source: object
    member: Member

    @property
    def name(self):
        """The last part of the path."""
        return self.parts[-1]


class Folder:
    """A folder on disk, or one file of it; same interface as an archive.

    unlisted: [(name, why)], folders that cannot be looked into. complete: False if there is more.
    """

    def __init__(self, path, only=""):
        self.path, self.members, self.unlisted, self.complete = path, [], [], True
        if only:
            self.members.append(Member(only, "file", 0, only))
        else:
            self._walk()

    def _walk(self):
        """Breadth first, so that what lies on top is found however much there is below."""
        waiting, left = deque([""]), MAX_ENTRIES
        while waiting and left > 0:
            below = waiting.popleft()
            listed = self._listed(below, left + 1)
            left -= len(listed)
            for entry in listed:
                kind, name = _kind(entry), below + entry.name
                if archives.junk(entry.name) or (kind == "folder" and _environment(entry)):
                    continue
                self.members.append(Member(name, kind, 0, name))
                if kind == "folder":
                    waiting.append(name + "/")
        self.complete = left >= 0 and not waiting

    def _listed(self, below, most):
        try:
            with os.scandir(self.path / below) as entries:
                return sorted(islice(entries, most), key=lambda e: e.name)
        except OSError as error:
            if not below:
                raise
            self.unlisted.append((below.rstrip("/"), error.strerror))
            return []

    def open(self, member):
        """The file, without following a link or waiting for a pipe. Raises Refused, OSError."""
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
        descriptor = os.open(self.path / member.where, flags | getattr(os, "O_BINARY", 0))
        file = os.fdopen(descriptor, "rb")
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            file.close()
            raise Refused("file_no_file", name=inert(member.name, 100))
        return file

    def modified(self, member):
        """When a file was last changed, as datetime, or None."""
        try:
            return archives.from_seconds(os.lstat(self.path / member.where).st_mtime)
        except OSError:
            return None

    def read(self, member, limit):
        """The bytes of a file of at most `limit` bytes. Raises Refused, OSError."""
        with self.open(member) as file:
            if os.fstat(file.fileno()).st_size > limit:
                raise Refused("file_large", name=inert(member.name, 100), limit=limit)
            return file.read(limit + 1)

    def close(self):
        """Nothing is open."""


def _kind(entry):
    if entry.is_symlink():
        return "link"
    if entry.is_dir(follow_symlinks=False):
        return "folder"
    return "file" if entry.is_file(follow_symlinks=False) else "special"


def _environment(entry):
    """Whether a folder is a virtual environment: thousands of files of others."""
    if entry.name.casefold() in archives.JUNK_FOLDERS:
        return True
    return os.path.lexists(os.path.join(entry.path, "pyvenv.cfg"))


_last = {}  # the download of many submissions that was read last: the next one is in it, too


def _download(path):
    """The archive at a path, kept open until another one is asked for. Not for several threads."""
    status = os.stat(path)
    key = (path, status.st_mtime_ns, status.st_size)
    if key not in _last:
        while _last:
            file, source = _last.popitem()[1]
            source.close()
            file.close()
        file = path.open("rb")
        try:
            _last[key] = file, archives.opened(file, path.name)
        except BaseException:
            file.close()
            raise
    return _last[key][1]


class Contents:
    """Everything in a submission. entries: [Entry], shallow ones first. Use it in a `with`.

    remarks: [Refused], what could not be looked at.
    """

    def __init__(self, parts):
        self.entries, self.remarks = [], []
        self._allowance, self._left = archives.Allowance(), MAX_READ
        self._waiting, self._opened = [], 0
        self._stack = contextlib.ExitStack()
        try:
            for part in parts:
                self._add_part(part)
        except BaseException:
            self._stack.close()
            raise
        self._sort()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._stack.close()

    def _add_part(self, part):
        path = part.path
        if path.is_symlink():
            raise Refused("is_link")
        if path.is_dir():
            return self._add(Folder(path), part, "", 0)
        if not stat.S_ISREG(os.stat(path).st_mode):
            raise Refused("not_submission")
        if not archives.is_archive(path.name):
            return self._add(Folder(path.parent, path.name), part, "", 0)
        if part.inside:
            return self._add(_download(path), part, "", 0)
        file = self._stack.enter_context(path.open("rb"))
        return self._add(archives.opened(file, path.name, self._allowance), part, "", 0)

    def _add(self, source, part, below, level):
        """Take the members of a source in, below a path."""
        if not part.inside:
            self._stack.callback(source.close)
        for member in source.members:
            if _within(member.name, part.inside):
                self._add_member(source, member, part, below, level)
        for name, why in getattr(source, "unlisted", ()):
            self.remarks.append(Refused("unlisted", name=inert(name, 100), why=why))
        if not getattr(source, "complete", True):
            self.remarks.append(Refused("not_all", limit=MAX_ENTRIES))

    def _add_member(self, source, member, part, below, level):
        name = member.name[len(part.inside) :].lstrip("/").removeprefix(part.prefix)
        path = below + (name or member.name.rpartition("/")[2])
        entry = Entry(tuple(path.split("/")), inert(path, 120), member.kind, level, source, member)
        self.entries.append(entry)
        if member.kind == "file" and archives.is_archive(entry.name):
            self._waiting.append(entry)

    def _sort(self):
        self.entries.sort(key=lambda e: (len(e.parts), e.parts))
        self._waiting.sort(key=lambda e: (e.level, len(e.parts), e.parts))

    def unpack(self):
        """Open the archives that were found, not those in them. False if there are none left."""
        waiting, self._waiting = self._waiting, []
        for entry in waiting:
            self._unpack(entry)
        self._sort()
        return bool(waiting)

    def _unpack(self, entry):
        if entry.level >= LEVELS or self._opened >= MAX_NESTED:
            self.remarks.append(Refused("not_opened", name=entry.shown))
            return
        self._opened += 1
        try:
            file = self._stack.enter_context(self._file(entry))
            source = archives.opened(file, entry.name, self._allowance)
            self._add(source, Part(Path()), "/".join(entry.parts) + "/", entry.level + 1)
        except Refused as error:
            why = error if error.key == "archive_kind" else None
            self.remarks.append(why or Inside("in_archive", error, name=entry.shown))
        except OSError as error:
            self.remarks.append(Refused("unlisted", name=entry.shown, why=error.strerror))

    def _file(self, entry):
        if isinstance(entry.source, Folder):
            return entry.source.open(entry.member)
        return archives.copied(entry.source.chunks(entry.member, MAX_ARCHIVE), self._allowance)

    def modified(self, chosen):
        """When the submission was changed last: [datetime] of what lies on top, else of all chosen.

        What a platform or a disk says of an archive is worth more than what the student's own
        clock has put into it.
        """
        top = [e for e in self.entries if e.level == 0 and e.kind == "file"]
        told = [e for e in top if archives.is_archive(e.name) or any(e is c for c in chosen)]
        times = [e.source.modified(e.member) for e in told or chosen]
        return [t for t in times if t]

    def archives_left(self):
        """Archives that were found and not opened: [Entry]."""
        return list(self._waiting)

    def read(self, entry, limit):
        """The bytes of a file of at most `limit` bytes. Raises Refused."""
        if self._left <= 0:
            raise Refused("archive_large")
        try:
            data = entry.source.read(entry.member, limit)
        except OSError as error:
            raise Refused("unreadable", why=error.strerror) from error
        self._left -= len(data)
        return data


def _within(name, inside):
    """Whether a member is what `inside` says, below it, or has it as a platform's prefix."""
    if not name.startswith(inside):
        return False
    return inside in ("", name) or inside.endswith("_") or name[len(inside)] == "/"


class Inside(Refused):
    """A reason about something in the submission, with another reason in it."""

    def __init__(self, key, reason, **values):
        super().__init__(key, **values)
        self.reason = reason

    def detach(self):
        """As that of any Refused, and for the other one."""
        super().detach()
        self.reason.detach()

    def say(self, lang):
        """The reason in "en" or "zh"."""
        inner = Refused(self.key, why=self.reason.say(lang), **self.values)
        return Refused.say(inner, lang)
