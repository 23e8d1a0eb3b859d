"""What keeps a student's code away from everything but its own computation.

`Sandbox()` is made once, in the process that has imported Paddle; `enter(...)` is called in each
forked child before the student's file runs. The layers, each optional where the system lacks it:

    limits     CPU seconds, memory, file size, open files, threads (setrlimit)
    landlock   files: read the interpreter and its libraries, write the own box; nothing else
    seccomp    system calls: an allow-list; no new process, socket, signal to others, chmod, files
               without a name, ioctl but for a few requests ...
    user       root becomes a user that owns nothing, without any capability (Linux)

Landlock through landlockpy, seccomp through pyseccomp (libseccomp). `self_test` finds out what
holds really: it tries the forbidden things.
"""

import contextlib
import ctypes
import errno
import math
import os
import signal
import socket
import struct
import sys
import sysconfig
import time
from pathlib import Path

try:
    import fcntl
    import resource
except ImportError:  # Windows
    resource = fcntl = None
try:
    import landlockpy
except (ImportError, OSError):
    landlockpy = None
try:
    import pyseccomp
except (ImportError, OSError, RuntimeError):  # RuntimeError: libseccomp.so is not installed
    pyseccomp = None

SYSCALLS = Path(__file__).with_name("syscalls.txt")
LAYERS = (
    "memory and time limits",
    "no reading of other files",
    "no writing outside",
    "no change of file modes",
    "no new processes",
    "no network",
    "no signals to others",
)
MEMORY = 2 * 2**30  # bytes a child may add to what Paddle has mapped
FILE_SIZE = 2**20
OPEN_FILES = 128
THREADS = 300  # call.py ends a child before; this holds between two looks
PROCESSES = 32  # where the filter is missing, threads included
USERS = range(61184, 65520)  # systemd's for services without an account; one for each worker
_PR_SET_DUMPABLE, _CAPABILITY_V3, _CAP_DAC_READ_SEARCH = 4, 0x20080522, 2
_CAPABILITIES = (0, 1, 5, 6, 7)  # to give a box away, remove it, end a child, change group and user

_CLONE_THREAD = 0x00010000
_O_TMPFILE = 0x00400000  # __O_TMPFILE: a file without a name
_IOCTL = [0x5401, 0x802C542A, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451]
# a terminal? (two forms), its size, how much there is to read, do not wait, close on exec or not
_FIOASYNC = 0x5452  # harmless, and not permitted: for the self-test
_FCNTL = [*range(8), 1030, 1032, 1033, 1034]  # duplicate, flags, locks, pipe size, seals
_PRCTL = [15, 16, 23, 0x53564D41]  # thread name, capability question, name of a mapping


_ESSENTIAL = [getattr(resource, n) for n in ("RLIMIT_CPU", "RLIMIT_AS") if hasattr(resource, n)]


class Sandbox:
    """Everything that can be prepared before the fork; `enter` does the rest in the child."""

    def __init__(self, readable=()):
        """readable: further paths that the child may read."""
        self.paths = [p for p in [*_library_paths(), *map(str, readable)] if os.path.exists(p)]
        self.memory = _virtual_memory() + MEMORY
        self._libc = ctypes.CDLL(None, use_errno=True) if os.name == "posix" else None
        self._filter = _seccomp_filter() if pyseccomp and sys.platform == "linux" else None
        self._open = all(map(_open_to_all, _library_folders())) and _reachable(os.getenv("TMPDIR"))
        guarded = self._filter is not None and landlockpy is not None and landlockpy.supported()
        self.user = _spare_user() if self._open or guarded else None
        self._threads, self._counted = 0, -math.inf

    def before_fork(self):
        """Count the threads of this user now and then: the limit on them counts all of them."""
        if self.user is None and time.monotonic() > self._counted + 5:
            self._threads, self._counted = _own_threads(), time.monotonic()

    def enter(self, box, cpu_seconds):
        """Give everything up but the box. In the child, with one thread, before student code.

        Args:
            box: an empty folder, the only place to write in.
            cpu_seconds: int, after which the kernel ends the process.
        """
        os.umask(0o077)
        os.chdir(box)
        os.environ.clear()
        os.environ.update(HOME=box, TMPDIR=box, MPLCONFIGDIR=box, LANG="C.UTF-8")
        self._limits(cpu_seconds + int(time.process_time() + 0.9))  # not what it took to get here
        locked = self._landlock(box)
        if sys.platform == "linux":
            self._drop_privileges(box, keep_reading=locked and not self._open)
            self._libc.prctl(1, signal.SIGKILL, 0, 0, 0)  # PR_SET_PDEATHSIG: end with the worker
        self._seccomp()

    def self_test(self, secrets, writable):
        """Try what must not work, after `enter`.

        Args:
            secrets: files and folders that a submission must not read.
            writable: a file outside the box that everybody may write by its mode.

        Returns:
            layer -> bool, whether it holds.
        """
        if os.name != "posix":  # os.kill would be no question there
            return dict.fromkeys(LAYERS, False)
        own = os.stat(writable)
        held = (
            resource is not None and _limited(),
            all(_refused(lambda s=s: _read(s)) for s in secrets),
            all(_refused(lambda s=s: open(s, "ab").close()) for s in (*secrets, writable)),
            _refused(lambda: os.chmod(writable, own.st_mode)) and _refused(_request),
            _refused(_fork),
            _refused(lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM)),
            _refused(lambda: os.kill(os.getppid(), 0)),
        )
        return dict(zip(LAYERS, held))

    def _limits(self, cpu_seconds):
        if resource is None:
            return
        limits = {
            "RLIMIT_CPU": (cpu_seconds, cpu_seconds + 1),  # SIGXCPU, SIGKILL
            "RLIMIT_FSIZE": FILE_SIZE,
            "RLIMIT_NOFILE": OPEN_FILES,
            "RLIMIT_CORE": 0,
            "RLIMIT_MSGQUEUE": 0,
            "RLIMIT_AS": self.memory if sys.platform == "linux" else None,
            "RLIMIT_NPROC": self._threads + (THREADS if self._filter else PROCESSES),
        }
        for name, value in limits.items():
            if value is not None and hasattr(resource, name):
                pair = value if isinstance(value, tuple) else (value, value)
                with contextlib.suppress(ValueError, OSError):  # a lower limit is in force
                    resource.setrlimit(getattr(resource, name), pair)

    def _landlock(self, box):
        """Restrict files, TCP, signals and abstract sockets. Whether it was possible."""
        if landlockpy is None or sys.platform != "linux":
            return False
        access, scope = landlockpy.AccessFS, landlockpy.Scope
        read = access.READ_FILE | access.READ_DIR
        write = access.WRITE_FILE | access.TRUNCATE | access.MAKE_REG | access.MAKE_DIR
        if self._filter is None:  # else removing is answered by the filter, see syscalls.txt
            write |= access.REMOVE_FILE | access.REMOVE_DIR
        try:
            with landlockpy.Ruleset(scoped=scope.SIGNAL | scope.ABSTRACT_UNIX_SOCKET) as rules:
                for path in self.paths:
                    rules.allow_path(path, read if os.path.isdir(path) else access.READ_FILE)
                rules.allow_path("/dev/null", access.READ_FILE | access.WRITE_FILE)
                rules.allow_path(box, read | write)
                rules.restrict()
        except landlockpy.LandlockError:  # an old kernel, or Landlock is switched off
            return False
        return True

    def _drop_privileges(self, box, keep_reading):
        """Root becomes the spare user; then no capabilities, and no way to gain any.

        keep_reading: keep the one for reading where file permissions forbid it; Landlock decides
        then. Root may grade with an interpreter in some other user's home.
        """
        kept = (1 << _CAP_DAC_READ_SEARCH) if keep_reading and os.geteuid() == 0 else 0
        if self.user is not None:
            self._libc.prctl(8, 1, 0, 0, 0)  # PR_SET_KEEPCAPS, for the one above
            os.chown(box, self.user, self.user)
            os.setgroups([])
            os.setresgid(self.user, self.user, self.user)
            os.setresuid(self.user, self.user, self.user)
        header = (ctypes.c_uint32 * 2)(_CAPABILITY_V3, 0)
        data = (ctypes.c_uint32 * 6)(kept, kept, 0, 0, 0, 0)
        self._libc.capset(header, data)
        self._libc.prctl(38, 1, 0, 0, 0)  # PR_SET_NO_NEW_PRIVS

    def _seccomp(self):
        if self._filter is None:
            return
        for call in ("kill", "tgkill"):  # abort() and signal.raise_signal, to itself
            own = pyseccomp.Arg(0, pyseccomp.EQ, os.getpid())
            self._filter.add_rule(pyseccomp.ALLOW, call, own)
        try:
            self._filter.load()
        except OSError as error:  # a container that forbids it
            if error.errno not in (errno.EINVAL, errno.EACCES, errno.EPERM, errno.ECANCELED):
                raise


def _refused(act):
    try:
        act()
    except OSError:
        return True
    return False


def _fork():
    if os.fork() == 0:
        os._exit(0)


def _read(path):
    if os.path.isdir(path):
        return os.listdir(path)
    with open(path, "rb") as file:
        return file.read(1)


def _request():
    """An ioctl that changes nothing that matters, and is not in the list."""
    ends = os.pipe()
    try:
        fcntl.ioctl(ends[0], _FIOASYNC, struct.pack("i", 0))
    finally:
        os.close(ends[0])
        os.close(ends[1])


def _limited():
    endless = resource.RLIM_INFINITY
    return all(resource.getrlimit(limit)[1] != endless for limit in _ESSENTIAL)


def undumpable():
    """Make this process unreadable for others of the same user: no ptrace, no /proc/PID/mem."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def adopt_orphans():
    """Become the parent of processes that a child leaves behind, so that they can be ended."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER


def _seccomp_filter():
    """The filter, ready to be loaded; None if libseccomp refuses."""
    permit, arg = pyseccomp.ALLOW, pyseccomp.Arg
    refused = pyseccomp.ERRNO(errno.EPERM)
    rules = pyseccomp.SyscallFilter(pyseccomp.ERRNO(errno.ENOSYS))
    actions = {"+": permit, "-": refused, "0": pyseccomp.ERRNO(0)}
    for sign, *names in map(str.split, SYSCALLS.read_text().splitlines()):
        for name in names if sign in actions else ():
            _add(rules, actions[sign], name)
    for name, place in (("open", 1), ("openat", 2)):
        _add(rules, permit, name, arg(place, pyseccomp.MASKED_EQ, _O_TMPFILE, 0))
    for request in _IOCTL:
        _add(rules, permit, "ioctl", arg(1, pyseccomp.EQ, request))
    thread = arg(0, pyseccomp.MASKED_EQ, _CLONE_THREAD, _CLONE_THREAD)
    _add(rules, permit, "clone", thread)
    _add(rules, refused, "clone", arg(0, pyseccomp.MASKED_EQ, _CLONE_THREAD, 0))
    _add(rules, permit, "prlimit64", arg(2, pyseccomp.EQ, 0))  # ask for limits, never set them
    _add(rules, permit, "sched_setaffinity", arg(0, pyseccomp.EQ, 0))  # its own; OpenMP asks
    for command in _FCNTL:
        _add(rules, permit, "fcntl", arg(1, pyseccomp.EQ, command))
    for option in _PRCTL:
        _add(rules, permit, "prctl", arg(0, pyseccomp.EQ, option))
    with contextlib.suppress(OSError):
        rules.set_attr(pyseccomp.Attr.CTL_OPTIMIZE, 2)  # a tree, not a list
    return rules


def _add(rules, action, name, *args):
    """Add a rule; a name that this libseccomp or this machine does not know is left out."""
    with contextlib.suppress(OSError):
        rules.add_rule(action, name, *args)


def _library_paths():
    """What Python, Paddle and the C library read: own folders of the interpreter, system ones."""
    known = sysconfig.get_paths()
    paths = {known[name] for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    paths |= {p for p in sys.path if p}
    for prefix in {sys.prefix, sys.base_prefix}:
        paths |= {os.path.join(prefix, "lib"), os.path.join(prefix, "lib64")}
        paths.add(os.path.join(prefix, "pyvenv.cfg"))
    paths |= {"/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/etc/ld.so.cache"}
    paths |= {"/usr/share/zoneinfo", "/etc/localtime", "/dev/urandom", "/dev/random", "/dev/zero"}
    paths |= {"/sys/devices/system/cpu", "/sys/devices/system/node", "/proc/cpuinfo"}
    return sorted(paths - {"/"})


def _library_folders():
    """The folders of libraries that a child cannot do without."""
    return {sysconfig.get_path(name) for name in ("stdlib", "purelib", "platlib")}


def _open_to_all(folder):
    """Whether every user may read this folder, by its mode and those above it."""
    return os.stat(folder).st_mode & 5 == 5 and _reachable(folder)


def _reachable(path):
    """Whether every user may pass through the folders above this path."""
    above = Path(os.path.realpath(path or "/tmp")).parents
    return all(folder.stat().st_mode & 1 for folder in above)


def _spare_user():
    """The number of a user that owns nothing, for the children of this process; None if this is
    not root, or root of a container that lacks the means to change users.
    """
    user = USERS[os.getpid() % len(USERS)]
    try:
        capable = os.geteuid() == 0 and all(_capabilities() >> n & 1 for n in _CAPABILITIES)
        mapped = all(_mapped(user, f"/proc/self/{kind}_map") for kind in ("uid", "gid"))
        free = Path("/proc/self/setgroups").read_text().strip() == "allow"
    except (OSError, AttributeError):  # not Linux
        return None
    return user if capable and mapped and free else None


def _capabilities():
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("CapEff")).split()[1], 16)


def _mapped(number, table):
    rows = [map(int, line.split()) for line in Path(table).read_text().splitlines()]
    return any(first <= number < first + count for first, _, count in rows)


def _virtual_memory():
    """Bytes of address space this process has mapped (Linux), else 0."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0


def _own_threads():
    """How many threads this user runs; RLIMIT_NPROC counts all of them."""
    count = 0
    for path in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if path.stat().st_uid == os.getuid():
                count += len(os.listdir(path / "task"))
    return count
