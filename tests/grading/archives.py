"""Archives from strangers: listed first, never extracted; only members that are asked for are read.

A zip is read where it lies. A compressed tar is unpacked into a temporary file once, because it
can only be read from front to back. An archive is refused as a whole if a member's path leaves it
(absolute or with ".."), or if it is built to exhaust the reader. Links and devices are listed as
what they are; nobody follows them. What a file is, its first bytes say, not its name.
"""

import bz2
import gzip
import lzma
import os
import re
import stat
import struct
import tarfile
import tempfile
import zipfile
import zlib
from dataclasses import dataclass, field
from datetime import datetime, timezone

from tests.grading.inert import inert
from tests.grading.messages import say

ENDINGS = (".tar.gz", ".tgz", ".tar.xz", ".txz", ".tar.bz2", ".tbz2", ".tar", ".zip")
NOT_READ = (".7z", ".rar")  # known by name even if the bytes say nothing
MAX_UNPACKED = 256 * 2**20  # bytes of a compressed tar, unpacked: it has to be read through
MAX_DIRECTORY = 4 * 2**20  # bytes of a zip's list of members
MAX_MEMBERS = 50_000
MAX_RATIO = 200
MAX_DICTIONARY = 40 * 2**20  # bytes of memory that an .xz may ask for
_CHUNK = 2**16
_OTHER_KINDS = {
    b"Rar!\x1a\x07": "RAR",
    b"7z\xbc\xaf\x27\x1c": "7z",
    b"\x28\xb5\x2f\xfd": "Zstandard",
    b"MSCF": "CAB",
    b"\x1f\x9d": "compress (.Z)",
}
_JUNK = ("__macosx", "__pycache__", "thumbs.db", "desktop.ini", "site-packages", "node_modules")
JUNK_FOLDERS = ("venv", "env")  # only as folders: a file may be called so


class Refused(Exception):
    """The submission, or one file of it, is not looked at; a text of messages.py says why."""

    def __init__(self, key, **values):
        super().__init__(key)
        self.key, self.values = key, values

    def __eq__(self, other):
        return isinstance(other, Refused) and vars(self) == vars(other)

    __hash__ = Exception.__hash__

    def say(self, lang):
        """The reason in "en" or "zh"."""
        return say(self.key, lang, **self.values)

    def detach(self):
        """Let go of where it was raised: the frames hold whole archives and notebooks."""
        self.__traceback__ = self.__cause__ = self.__context__ = None


@dataclass(frozen=True, slots=True)
class Member:
    """kind: "file", "folder", "link" or "special". where: what the archive finds it by."""

    name: str
    kind: str
    size: int
    where: object


def junk(name):
    """Whether a part of a path is what systems and tools leave behind, and nobody hands in."""
    folded = name.casefold()
    return folded in _JUNK or folded.startswith((".", "~$"))


def is_archive(name):
    """Whether a file is called as an archive is, one that can be read here or not."""
    return name.casefold().endswith((*ENDINGS, *NOT_READ))


@dataclass
class Allowance:
    """What all archives of one submission together may take from the grader."""

    directory: int = field(default_factory=lambda: MAX_DIRECTORY)  # bytes of lists of members
    members: int = field(default_factory=lambda: MAX_MEMBERS)
    unpacked: int = field(default_factory=lambda: MAX_UNPACKED)  # bytes in temporary files

    def take(self, what, number, key="archive_many"):
        """Use up some of it. Raises Refused(key) where it is not there."""
        left = getattr(self, what) - number
        if left < 0:
            raise Refused(key)
        setattr(self, what, left)


def opened(file, name, allowance=None):
    """The archive in a binary file object, as Zip or Tar. Raises Refused."""
    allowance = allowance or Allowance()
    kind = _sniff(file)
    try:
        if kind == "zip":
            return Zip(file, allowance)
        if kind in _STREAMS or kind == "tar":
            return Tar(file, kind, allowance)
    except Exception as error:
        raise _refused(error) from error
    if kind or name.casefold().endswith(NOT_READ):
        kind = kind or name.rpartition(".")[2].upper()
        raise Refused("archive_kind", name=inert(name, 100), kind=kind)
    raise Refused("archive_damaged")


def _sniff(file):
    file.seek(0)
    head = file.read(512)
    for magic, kind in {b"PK\3\4": "zip", b"PK\5\6": "zip", **_MAGICS, **_OTHER_KINDS}.items():
        if head.startswith(magic):
            return kind
    return "tar" if head[257:262] == b"ustar" else ""


class Zip:
    """members: [Member], without junk."""

    def __init__(self, file, allowance):
        allowance.take("directory", _directory_size(file))  # zipfile reads it as a whole
        self._archive = zipfile.ZipFile(file)
        infos = self._archive.infolist()
        allowance.take("members", len(infos))
        names = map(_safe_name, _zip_names(infos))
        self.members = [
            Member(name, _zip_kind(i), i.file_size, i)
            for name, i in zip(names, infos)
            if not _is_junk(name)
        ]

    def modified(self, member):
        """When a member was last changed, as datetime; without a zone where the zip has none."""
        return _zip_time(member.where)

    def read(self, member, limit):
        """The bytes of a member of at most `limit` bytes. Raises Refused."""
        return b"".join(self.chunks(member, limit))

    def chunks(self, member, limit):
        """The bytes of a member, piece by piece. Raises Refused, also for more than `limit`."""
        info, name = member.where, inert(member.name, 100)
        if info.flag_bits & 1:
            raise Refused("archive_encrypted")
        if info.file_size > limit:
            raise Refused("file_large", name=name, limit=limit)
        if info.file_size > MAX_RATIO * max(info.compress_size, 1):
            raise Refused("file_tight", name=name)
        try:
            with self._archive.open(info) as file:
                yield from _limited(file, name, limit)
        except Exception as error:
            raise _refused(error) from error

    def close(self):
        """Forget the archive."""
        self._archive.close()


class Tar:
    """A tar, perhaps compressed; same interface as Zip."""

    def __init__(self, file, kind, allowance):
        self._file = file if kind == "tar" else copied(_STREAMS[kind](file), allowance)
        self._own = kind != "tar"
        self.members = []
        self._file.seek(0)
        with tarfile.open(fileobj=_Careful(self._file), mode="r:") as archive:
            while (member := archive.next()) is not None:
                archive.members = []  # tarfile would keep them all
                allowance.take("members", 1)
                name = _safe_name(member.name)
                if not _is_junk(name):
                    kind = _tar_kind(member)
                    where = member.offset_data, member.mtime
                    self.members.append(Member(name, kind, member.size, where))

    def modified(self, member):
        """When a member was last changed, as datetime, or None."""
        return from_seconds(member.where[1])

    def read(self, member, limit):
        """The bytes of a member of at most `limit` bytes. Raises Refused."""
        return b"".join(self.chunks(member, limit))

    def chunks(self, member, limit):
        """The bytes of a member, piece by piece. Raises Refused, also for more than `limit`."""
        if member.size > limit:
            raise Refused("file_large", name=inert(member.name, 100), limit=limit)
        self._file.seek(member.where[0])
        left = member.size
        while left:
            data = self._file.read(min(_CHUNK, left))
            if not data:
                raise Refused("archive_damaged")
            left -= len(data)
            yield data

    def close(self):
        """Remove what was unpacked."""
        if self._own:
            self._file.close()


def from_seconds(seconds):
    """A time in seconds since 1970 as datetime with a zone, or None for one out of range."""
    try:
        return datetime.fromtimestamp(seconds, timezone.utc).astimezone()
    except (ValueError, OverflowError, OSError):
        return None


def _zip_time(info):
    """The time in the extra field "UT" if there is one, else that of the zip's own zone."""
    extra = info.extra
    while len(extra) >= 4:
        kind, size = struct.unpack("<HH", extra[:4])
        if kind == 0x5455 and size >= 5 and len(extra) >= 9 and extra[4] & 1:
            return from_seconds(struct.unpack("<i", extra[5:9])[0])
        extra = extra[4 + size :]
    try:
        return datetime(*info.date_time)
    except ValueError:
        return None


class _Careful:
    """A file that is not asked for much at a time: tarfile reads whole headers into memory."""

    def __init__(self, file):
        self._file = file
        self.seek, self.tell = file.seek, file.tell

    def read(self, size=-1):
        if not 0 <= size <= 2**20:
            raise Refused("archive_large")
        return self._file.read(size)


def _gzip_chunks(file):
    file.seek(0)
    with gzip.open(file) as stream:
        yield from iter(lambda: stream.read(_CHUNK), b"")


def _bz2_chunks(file):
    file.seek(0)
    with bz2.open(file) as stream:
        yield from iter(lambda: stream.read(_CHUNK), b"")


def _xz_chunks(file):
    """Like the others, with a bound on the memory that the archive may ask for."""
    file.seek(0)
    unpack = lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=MAX_DICTIONARY)
    while not unpack.eof:
        data = file.read(_CHUNK) if unpack.needs_input else b""
        if unpack.needs_input and not data:
            raise Refused("archive_damaged")
        yield unpack.decompress(data, _CHUNK)


_STREAMS = {"gz": _gzip_chunks, "bz2": _bz2_chunks, "xz": _xz_chunks}
_MAGICS = {b"\x1f\x8b": "gz", b"BZh": "bz2", b"\xfd7zXZ\0": "xz"}


def copied(chunks, allowance):
    """A temporary file with these pieces of bytes. Raises Refused."""
    target = tempfile.TemporaryFile(prefix="grade-")  # noqa: SIM115 - the caller closes it
    try:
        for data in chunks:
            allowance.take("unpacked", len(data), "archive_large")
            target.write(data)
    except BaseException:
        target.close()
        raise
    return target


def _refused(error):
    """What to say of an exception that bytes of a stranger caused in zipfile or tarfile."""
    if isinstance(error, Refused):
        return error
    if isinstance(error, lzma.LZMAError) and "Memory" in str(error):
        return Refused("archive_large")
    if isinstance(error, OSError) and error.errno is not None:
        return Refused("unreadable", why=error.strerror)
    return Refused("archive_damaged")


def _limited(file, name, limit):
    while data := file.read(_CHUNK):
        limit -= len(data)
        if limit < 0:
            raise Refused("file_large", name=name, limit=limit)
        yield data


def _directory_size(file):
    """Bytes of a zip's list of members."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - 2**16 - 22))
    tail = file.read()
    at = tail.rfind(b"PK\5\6")
    if at < 0 or len(tail) - at < 22:
        raise Refused("archive_damaged")
    return struct.unpack_from("<L", tail, at + 12)[0]


# --- names ------------------------------------------------------------------------------------


def _safe_name(name):
    """The path of a member with / between its parts. Raises Refused if it leads out."""
    name = name.replace("\\", "/")
    parts = [p for p in name.split("/") if p not in ("", ".")]
    if name.startswith("/") or ".." in parts or re.match("[A-Za-z]:", name) or "\0" in name:
        raise Refused("archive_leads_out", name=inert(name, 80))
    return "/".join(parts)


def _is_junk(name):
    parts = name.split("/")
    return any(map(junk, parts)) or any(p.casefold() in JUNK_FOLDERS for p in parts[:-1])


def _zip_names(infos):
    """The names of members as they were meant; zipfile takes all that is not UTF-8 for cp437.

    Windows programs write them in the code page of their machine and say nothing about it. This
    has to be undone before the path is split: the second byte of a character may be a backslash.
    """
    raw = {i: info.orig_filename.encode("cp437") for i, info in enumerate(infos) if _silent(info)}
    codec = code_page(b"\n".join(raw.values()))
    for i, info in enumerate(infos):
        name = raw[i].decode(codec) if i in raw else info.orig_filename
        yield _unicode_path(info) or name


def _silent(info):
    return not info.flag_bits & 0x800 and not info.orig_filename.isascii()


def _unicode_path(info):
    """The name in the extra field 0x7075, which some programs write beside the other one."""
    extra, at = info.extra, 0
    while at + 4 <= len(extra):
        kind, size = struct.unpack_from("<HH", extra, at)
        if kind == 0x7075 and size > 5 and not info.flag_bits & 0x800:
            checksum = struct.unpack_from("<L", extra, at + 5)[0]
            if checksum == zlib.crc32(info.orig_filename.encode("cp437")):
                return extra[at + 9 : at + 4 + size].decode("utf-8", "replace")
        at += 4 + size
    return ""


def code_page(data):
    """The encoding that these bytes of names are most likely in: "utf-8", "gb18030", "big5" ...

    GBK and Big5 use the same bytes; the one in which more characters are everyday ones is meant.
    """
    for codec in ("ascii", "utf-8"):
        if _decodes(data, codec):
            return codec
    if _western(data):
        return "cp437"
    everyday = {
        codec: _everyday(data, codec, leads)
        for codec, leads in {"gb18030": range(0xB0, 0xD8), "big5": range(0xA4, 0xC7)}.items()
        if _decodes(data, codec)
    }
    return max(everyday, key=everyday.get) if everyday else "cp437"  # the first one of equals


def _decodes(data, codec):
    try:
        data.decode(codec)
    except UnicodeDecodeError:
        return False
    return True


def _western(data):
    """Whether it looks like "Müller": single letters with an accent, each beside a plain one."""
    for run in re.finditer(rb"[\x80-\xff]+", data):
        before, after = data[run.start() - 1 : run.start()], data[run.end() : run.end() + 1]
        plain = before.isalpha() or after.isalpha()
        if len(run[0]) > 1 or after == b"\\" or not (plain and run[0].decode("cp437").isalpha()):
            return False
    return True


def _everyday(data, codec, leads):
    """The share of characters that are on the code's first plane of Chinese characters."""
    characters = [c.encode(codec) for c in data.decode(codec) if not c.isascii()]
    good = sum(len(c) == 2 and c[0] in leads and _trail(c, codec) for c in characters)
    return good / len(characters)


def _trail(character, codec):
    return codec == "big5" or character[1] >= 0xA1


def _zip_kind(info):
    mode = info.external_attr >> 16
    if info.is_dir() or info.orig_filename.endswith("\\"):
        return "folder"
    if stat.S_ISLNK(mode):
        return "link"
    return "file" if stat.S_IFMT(mode) in (0, stat.S_IFREG) else "special"


def _tar_kind(member):
    if member.isdir():
        return "folder"
    if member.issym() or member.islnk():
        return "link"
    return "file" if member.isreg() and not member.issparse() else "special"
