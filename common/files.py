"""Files that are either whole or not there: write beside, flush to disk, rename."""

import csv
import errno
import json
import os
import weakref
from contextlib import contextmanager, suppress
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None


@contextmanager
def atomic_path(path):
    """Yield a temporary path beside `path`; rename it to `path` when the block ends well.

    The temporary file keeps the suffix, so that libraries which look at it choose the right
    format. When the block raises (a full disk, Ctrl-C) it is removed and `path` is untouched.
    """
    path = Path(path)
    temporary = path.with_name(f".{os.getpid()}-{path.name}")
    try:
        yield temporary
        _flush(temporary)
        os.replace(temporary, path)
    except BaseException as error:
        temporary.unlink(missing_ok=True)
        if isinstance(error, OSError) and error.filename in (None, str(temporary)):
            error.filename = str(path)  # a full disk names none, and the other is only for us
        raise
    if os.name == "posix":
        _flush(path.parent)


def _flush(path):
    """Wait until the disk has a file or folder; Windows flushes only what is open for writing."""
    descriptor = os.open(path, os.O_RDONLY if os.path.isdir(path) else os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_text(path, text):
    """Write a UTF-8 text file atomically."""
    with atomic_path(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def write_json(path, value):
    """Write JSON atomically; NaN and infinity are refused with ValueError (JSON has neither)."""
    text = json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False)
    if not _is_unicode(text):  # a file name of other bytes; JSON can escape it
        text = json.dumps(value, indent=2, allow_nan=False)
    write_text(path, text + "\n")


def _is_unicode(text):
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def write_rows(path, rows):
    """Write a list of dicts as CSV, atomically; the columns are all keys in order of appearance."""
    columns = list(dict.fromkeys(key for row in rows for key in row))
    with atomic_path(path) as temporary, open(temporary, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(rows)


_held = weakref.WeakValueDictionary()  # {real path: open file} of the locks of this process


class Lock:
    """A lock of a process on a file, which ends with the process, however that ends.

    A file that a killed process left behind means nothing. Where the file system has no locks,
    every process is let in.

    Args:
        path: of the file; its folder has to be there when the lock is taken.
    """

    def __init__(self, path):
        self.path, self.file = Path(path), None

    def take(self):
        """Whether the lock is ours now; False if another process has it."""
        key = os.path.realpath(self.path)
        self.file = self.file or _held.get(key)  # of a run that failed in this process
        while self.file is None:
            file = open(self.path, "ab")  # noqa: SIM115 - open as long as the lock is held
            if not _locked(file):
                file.close()
                return False
            try:
                current = os.path.samestat(os.stat(self.path), os.fstat(file.fileno()))
            except FileNotFoundError:
                current = False
            if current:
                self.file = _held[key] = file
            else:  # its holder has removed it meanwhile
                file.close()
        return True

    def release(self):
        """Let others in again."""
        if self.file:
            with suppress(OSError):
                if os.name == "nt":  # which removes no open file
                    self.file.close()
                self.path.unlink()
            self.file.close()
            _held.pop(os.path.realpath(self.path), None)
            self.file = None


def _locked(file):
    """Lock an open file; False if another process has locked it."""
    try:
        if fcntl:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        else:
            import msvcrt

            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
    except OSError as error:
        return error.errno not in (errno.EACCES, errno.EAGAIN, errno.EDEADLK)
    return True
