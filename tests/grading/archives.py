"""Zip and tar.gz from strangers: listed, never extracted; the wanted members are kept in memory.

An archive is refused as a whole if a member's path leaves it (absolute or with ".."), or if it is
built to exhaust the reader. Links and devices are listed as what they are; nobody follows them.
"""

import gzip
import os
import re
import struct
import tarfile
import zipfile

from tests.grading.inert import inert
from tests.grading.messages import say

MAX_ARCHIVE = 64 * 2**20  # bytes of the archive itself
MAX_UNPACKED = 256 * 2**20  # bytes of a tar, unpacked: it has to be read through
MAX_DIRECTORY = 2**20  # bytes of a zip's list of members
MAX_MEMBERS = 5000
MAX_RATIO = 200
_CHUNK = 2**16


class Refused(Exception):
    """The submission, or one file of it, is not looked at; a text of messages.py says why."""

    def __init__(self, key, **values):
        super().__init__(key)
        self.key, self.values = key, values

    def say(self, lang):
        """The reason in "en" or "zh"."""
        return say(self.key, lang, **self.values)


class Zip:
    """names: [(name, kind)], kind "file", "folder", "link" or "special". read(name) -> bytes."""

    def __init__(self, path, wanted, max_file):
        _check_size(path)
        _check_directory(path)
        self._max_file = max_file
        self._data = {}
        self.names = []
        try:
            with zipfile.ZipFile(path) as archive:
                for info in archive.infolist()[: MAX_MEMBERS + 1]:
                    self._add(archive, info, wanted)
        except Exception as error:
            raise _refused(error) from error

    def _add(self, archive, info, wanted):
        name = _safe_name(info.orig_filename)
        _check_count(self.names)
        kind = _zip_kind(info)
        self.names.append((name, kind))
        if kind == "file" and wanted(name) and name not in self._data:
            self._data[name] = self._content(archive, info)

    def _content(self, archive, info):
        """The bytes, or a Refused to be raised when they are asked for."""
        name = inert(info.filename, 100)
        if info.flag_bits & 1:
            return Refused("archive_encrypted")
        if info.file_size > self._max_file:
            return Refused("file_large", name=name, limit=self._max_file)
        if info.file_size > MAX_RATIO * max(info.compress_size, 1):
            return Refused("file_tight", name=name)
        with archive.open(info) as file:
            return _limited(file, name, self._max_file)

    def read(self, name):
        """The bytes of a wanted member. Raises Refused."""
        return _content(self._data, name)


class Tar:
    """A gzip-compressed tar, read once from front to back; same interface as Zip."""

    def __init__(self, path, wanted, max_file):
        _check_size(path)
        self._data = {}
        self.names = []
        try:
            with (
                gzip.open(path) as stream,
                tarfile.open(fileobj=_Bounded(stream), mode="r|") as archive,
            ):
                for member in archive:
                    self._add(archive, member, wanted, max_file)
        except Exception as error:
            raise _refused(error) from error

    def _add(self, archive, member, wanted, max_file):
        name = _safe_name(member.name)
        _check_count(self.names)
        kind = _tar_kind(member)
        self.names.append((name, kind))
        archive.members = []  # tarfile would keep them all
        if kind == "file" and wanted(name) and name not in self._data:
            self._data[name] = _limited(archive.extractfile(member), inert(name, 100), max_file)

    def read(self, name):
        """The bytes of a wanted member. Raises Refused."""
        return _content(self._data, name)


class _Bounded:
    """A stream that refuses to unpack more than MAX_UNPACKED, nor much at a time."""

    def __init__(self, stream):
        self._stream = stream
        self._left = MAX_UNPACKED

    def read(self, size):
        if size > 4 * 2**20:
            raise Refused("archive_large")
        data = self._stream.read(size)
        self._left -= len(data)
        if self._left < 0:
            raise Refused("archive_large")
        return data


def _content(data, name):
    content = data.get(name)
    if isinstance(content, Refused):
        raise content
    if content is None:
        raise Refused("archive_damaged")
    return content


def _refused(error):
    """What to say of an exception that bytes of a stranger caused in zipfile or tarfile."""
    if isinstance(error, Refused):
        return error
    if isinstance(error, OSError) and error.errno is not None:
        return Refused("unreadable", why=error.strerror)
    return Refused("archive_damaged")


def _limited(file, name, limit):
    data = file.read(limit + 1)
    return data if len(data) <= limit else Refused("file_large", name=name, limit=limit)


def _check_size(path):
    if os.path.getsize(path) > MAX_ARCHIVE:
        raise Refused("archive_large")


def _check_count(names):
    if len(names) >= MAX_MEMBERS:
        raise Refused("archive_many")


def _check_directory(path):
    """Look at the size of a zip's list of members before zipfile reads it into memory."""
    with open(path, "rb") as file:
        file.seek(max(0, os.path.getsize(path) - 2**16 - 22))
        tail = file.read()
    at = tail.rfind(b"PK\5\6")
    if at < 0 or len(tail) - at < 22:
        raise Refused("archive_damaged")
    if struct.unpack_from("<L", tail, at + 12)[0] > MAX_DIRECTORY:
        raise Refused("archive_many")


def _safe_name(name):
    """The path of a member with / between its parts. Raises Refused if it leads out."""
    name = name.replace("\\", "/")
    parts = [p for p in name.split("/") if p not in ("", ".")]
    if name.startswith("/") or ".." in parts or re.match("[A-Za-z]:", name) or "\0" in name:
        raise Refused("archive_leads_out", name=inert(name, 80))
    return "/".join(parts)


def _zip_kind(info):
    mode = info.external_attr >> 16
    if info.is_dir():
        return "folder"
    if mode & 0o170000 == 0o120000:
        return "link"
    return "file" if mode & 0o170000 in (0, 0o100000) else "special"


def _tar_kind(member):
    if member.isdir():
        return "folder"
    if member.issym() or member.islnk():
        return "link"
    return "file" if member.isreg() and not member.issparse() else "special"
