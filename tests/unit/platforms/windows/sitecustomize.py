"""Makes a Python on Linux behave as on a Chinese Windows, where that has broken scripts.

Python imports this file by its name at the start of each process that has its folder in PYTHONPATH,
so children behave the same. The project's own code sees Windows' `os.name` and `sys.platform` and
none of what only POSIX has; the standard library and packages, which are those for Linux, see what
is there. What is refused here is refused with the error that Windows gives.
"""

import builtins
import errno
import fcntl
import io
import os
import signal
import stat
import sys
from pathlib import Path
from types import SimpleNamespace

CODE_PAGE = "gbk"
NOT_THERE = {"fcntl", "resource", "termios", "tty", "pty", "pwd", "grp", "syslog"}
OS = (
    "confstr confstr_names fork forkpty geteuid getuid getgid getegid getloadavg killpg nice "
    "pidfd_open pread pwrite sched_getaffinity sched_setaffinity setsid sysconf sysconf_names uname"
).split()
SIGNALS = (
    "SIGALRM SIGHUP SIGKILL SIGUSR1 SIGXCPU alarm pthread_kill pthread_sigmask setitimer".split()
)
FORBIDDEN = set('<>:"|?*')
_getframe = sys._getframe
ROOT = os.environ["WINDOWS_LAYER_ROOT"]  # whose code must do without what is not there


def _refuse(number, winerror, path=None):
    error = OSError(number, os.strerror(number), path)
    error.winerror = winerror
    return error


# ---------------------------------------------------------------- what only POSIX has


_import = builtins.__import__


def import_(name, globals=None, *rest, **options):
    """The project may not import what Windows lacks, and finds `msvcrt`; packages for Linux do."""
    if globals and str(globals.get("__file__") or "").startswith(ROOT + os.sep):
        if name in NOT_THERE:
            raise ModuleNotFoundError(f"No module named {name!r} (as on Windows)", name=name)
        if name == "msvcrt":
            return SimpleNamespace(LK_NBLCK=2, LK_UNLCK=0, locking=locking)
    return _import(name, globals, *rest, **options)


def locking(descriptor, mode, count):
    """Windows' lock of `count` bytes, or its release."""
    fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB if mode else fcntl.LOCK_UN, count)


def _is_ours(frame):
    return os.path.abspath(frame.f_code.co_filename).startswith(ROOT + os.sep)


def _disguise(module, missing=(), **others):
    """Let the project's own code see a module without some names, and with others' values."""

    class Module(type(module)):
        def __getattribute__(self, name):
            asked = self is module and (name in others or name in missing)
            if asked and _is_ours(_getframe(1)):
                if name in others:
                    return others[name]
                raise AttributeError(f"module has no attribute {name!r} (as on Windows)")
            return super().__getattribute__(name)

    module.__class__ = Module


# ---------------------------------------------------------------- files

_fsync, _replace, _rename, _unlink = os.fsync, os.replace, os.rename, os.unlink
_symlink, _mkdir, _open = os.symlink, os.mkdir, io.open


def fsync(descriptor):
    """Only of what is open for writing."""
    number = descriptor if isinstance(descriptor, int) else descriptor.fileno()
    if fcntl.fcntl(number, fcntl.F_GETFL) & os.O_ACCMODE == os.O_RDONLY:
        raise _refuse(errno.EBADF, None)
    return _fsync(number)


def _in_use(path):
    """Whether a process of this user has a regular file open."""
    try:
        wanted = os.stat(path)
    except OSError:
        return False
    if not stat.S_ISREG(wanted.st_mode):
        return False
    for process in Path("/proc").glob("[0-9]*"):
        try:
            numbers = list(os.scandir(process / "fd"))
        except OSError:
            continue
        for number in numbers:
            try:
                found = os.stat(number.path)
            except OSError:
                continue
            if (found.st_dev, found.st_ino) == (wanted.st_dev, wanted.st_ino):
                return True
    return False


def _unless_in_use(real, count):
    def function(*paths, **options):
        for path in paths[:count]:
            if isinstance(path, (str, bytes, os.PathLike)) and _in_use(path):
                raise _refuse(errno.EACCES, 32, os.fspath(path))
        return real(*paths, **options)

    return function


def rename(source, target, **options):
    """As Windows' rename: never over a file that is there."""
    if os.path.lexists(target):
        raise _refuse(errno.EEXIST, 183, os.fspath(target))
    return _unless_in_use(_rename, 2)(source, target, **options)


def symlink(*paths, **options):
    """Refused without the right to make them, as for a usual user."""
    raise _refuse(errno.EPERM, 1314, os.fspath(paths[1]))


def _check_name(path):
    name = os.path.basename(os.fsdecode(path)) if not isinstance(path, int) else ""
    base = name.partition(".")[0].upper()
    odd = FORBIDDEN & set(name) or name != name.rstrip(" ") or (name.strip(".") and name[-1] == ".")
    if odd or base in {"CON", "PRN", "AUX", "NUL", "COM1", "LPT1"}:
        raise _refuse(errno.EINVAL, 123, os.fsdecode(path))


def mkdir(path, *arguments, **options):
    """Refuses names that Windows does not take."""
    _check_name(path)
    return _mkdir(path, *arguments, **options)


def open_(file, mode="r", buffering=-1, encoding=None, errors=None, newline=None, *rest, **options):
    """Text without an encoding is in the code page; new files need a name that Windows takes."""
    if set(mode) & set("wax"):
        _check_name(file)
    if "b" not in mode and encoding in (None, "locale"):
        encoding = CODE_PAGE
    if "b" not in mode and newline is None and set(mode) & set("wax"):
        newline = "\r\n"
    return _open(file, mode, buffering, encoding, errors, newline, *rest, **options)


# ---------------------------------------------------------------- in force

os.environ["PYTHONIOENCODING"] = CODE_PAGE  # of the console and of what is redirected
for stream in (sys.stdin, sys.stdout, sys.stderr):
    if stream is not None:
        stream.reconfigure(encoding=CODE_PAGE)
builtins.__import__ = import_
_disguise(os, OS, name="nt")
_disguise(signal, SIGNALS)
_disguise(sys, platform="win32")
os.fsync, os.rename, os.mkdir = fsync, rename, mkdir
os.replace = _unless_in_use(_replace, 2)
os.unlink = os.remove = _unless_in_use(_unlink, 1)
os.symlink = symlink
builtins.open = io.open = open_
