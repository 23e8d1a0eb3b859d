"""Environment defaults that make Paddle's CPU build fast; the standard library only.

`common/__init__.py` calls `prepare()` before anything imports Paddle, because MKL, OpenMP and the
allocator read their settings once. A setting that the user has made is never changed, and
`GENMODELS_FAST=0` leaves everything alone, `GENMODELS_FAST=-mkl,-GroupNorm` leaves out these two
tricks. Children inherit what is set here; a second variable tells them which of it is not the
user's.
"""

import ctypes
import functools
import os
import sys

SWITCH = "GENMODELS_FAST"  # "0": no setting and no trick of common/; "-name,-name": not these
_DEFAULTS = "GENMODELS_DEFAULTS"  # "NAME=value,NAME=value": what `prepare` has set
_MALLOPT = {"M_MMAP_MAX": (-4, 0), "M_TRIM_THRESHOLD": (-1, 2**31 - 1), "M_TOP_PAD": (-2, 2**28)}
_WORK = ctypes.CFUNCTYPE(None, ctypes.c_void_p)
_applied: dict[str, dict[str, str]] = {}


def fast(trick: str = "") -> bool:
    """Whether a trick, or any at all, is wanted: yes, unless GENMODELS_FAST switches it off."""
    wanted = os.environ.get(SWITCH, "1")
    return wanted != "0" and f"-{trick}" not in wanted.split(",")


def prepare() -> None:
    """Set the defaults of this process. Call it before Paddle is imported; twice does no harm."""
    if _applied:
        return
    _forget_inherited()
    if not fast():
        return
    if fast("omp"):
        _default("OMP_NUM_THREADS", "1")
    kernels = mkl_kernels() if fast("mkl") else None
    if kernels:
        _default("MKL_DEBUG_CPU_TYPE", kernels)
    if fast("malloc"):
        _keep_memory()


def settings() -> dict[str, dict[str, str]]:
    """What is in force: name -> {"value": ..., "from": "default" or "user"}. For config.json."""
    return {name: dict(entry) for name, entry in _applied.items()}


def threads() -> int:
    """How many CPUs this process may keep busy: affinity, and the limit of its cgroup (v2)."""
    if hasattr(os, "sched_getaffinity"):
        count = len(os.sched_getaffinity(0))
    else:
        count = os.cpu_count() or 1
    try:
        with open("/sys/fs/cgroup/cpu.max") as file:
            quota, period = file.read().split()
    except (OSError, ValueError):
        return count
    return count if quota == "max" else max(1, min(count, int(quota) // int(period)))


def memory() -> int | None:
    """Bytes of memory this process may use: the machine's, or less by its cgroup; None: unknown."""
    try:
        found = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError):  # Windows
        return None
    for name in ("memory.max", "memory/memory.limit_in_bytes"):  # cgroup v2 and v1
        try:
            with open(f"/sys/fs/cgroup/{name}") as file:
                found = min(found, int(file.read()))
        except (OSError, ValueError):  # none, or "max"
            continue
    return found


def set_blas_threads(n: int) -> bool:
    """Let the calling thread, and no other, use n OpenMP threads; False where that is unknown.

    Two threads help an MLP; a convolutional net is faster with one each in several Python threads
    (common/compute/data_parallel.py). Works at any time on Linux.
    """
    libraries = openmp()
    for name in libraries:
        _loaded(name).omp_set_num_threads(int(n))
    return bool(libraries)


def openmp() -> list[str]:
    """The OpenMP libraries of this process whose threads can be set: MKL's, and oneDNN's."""
    found = []
    for name in ("libiomp5.so", "libgomp.so.1") if sys.platform == "linux" else ():
        try:
            _loaded(name)
        except OSError:
            continue
        found.append(name)
    return found


def side_by_side(jobs: list) -> None:
    """Call jobs without arguments on the OpenMP threads of the calling thread.

    MKL's threads wait for its next call on the core that a thread of Python's own would need.
    One after the other where the thread has one core, and where MKL's OpenMP is not loaded.
    Raises what a job raises.
    """
    rest, errors = iter(jobs), []  # one iterator: no job is called twice

    def work(_):
        try:
            for job in rest:
                job()
        except BaseException as error:  # ctypes would print it and go on
            errors.append(error)

    try:
        _loaded("libiomp5.so").GOMP_parallel(_WORK(work), None, 0, 0)
    except (OSError, AttributeError):
        work(None)
    if errors:
        raise errors[0]


@functools.cache
def _loaded(name):
    """A library that this process has loaded. Raises OSError if it has not (yet)."""
    return ctypes.CDLL(name, mode=getattr(os, "RTLD_NOLOAD", 0) | ctypes.RTLD_LOCAL)


def mkl_kernels(cpuinfo: str = "/proc/cpuinfo") -> str | None:
    """The MKL_DEBUG_CPU_TYPE for this CPU, None for "leave it".

    The MKL inside Paddle's wheel runs its slowest kernels on AMD. 7 asks for AVX-512 and 5 for
    AVX2; on a CPU without them the process would die, so all flags must be there. cpuinfo: path.
    """
    info = _processor(cpuinfo)
    if info.get("vendor_id") != ["AuthenticAMD"]:
        return None
    found = flags(cpuinfo)
    if found >= {"avx512f", "avx512dq", "avx512bw", "avx512vl"}:
        return "7"
    return "5" if "avx2" in found else None


def flags(cpuinfo: str = "/proc/cpuinfo") -> set[str]:
    """What the CPU can do, in Linux's words; empty where that is unknown."""
    return set(_processor(cpuinfo).get("flags", []))


def _processor(cpuinfo):
    try:
        with open(cpuinfo) as file:
            lines = [line.partition(":") for line in file]
    except OSError:
        return {}
    return {key.strip(): value.split() for key, _, value in lines}


def inherited() -> set[str]:
    """Names of the variables that a process of this project set, and nobody has changed since."""
    pairs = (pair.partition("=") for pair in os.environ.get(_DEFAULTS, "").split(",") if pair)
    return {name for name, _, value in pairs if os.environ.get(name) == value}


def _forget_inherited():
    for name in inherited():
        del os.environ[name]
    os.environ.pop(_DEFAULTS, None)


def _default(name: str, value: str) -> None:
    if name in os.environ:
        _applied[name] = {"value": os.environ[name], "from": "user"}
        return
    os.environ[name] = value
    former = os.environ.get(_DEFAULTS)
    os.environ[_DEFAULTS] = f"{former},{name}={value}" if former else f"{name}={value}"
    _applied[name] = {"value": value, "from": "default"}


def _keep_memory() -> None:
    """Tell glibc to keep freed memory, so that a step has no page faults.

    By mallopt(3) inside the process, which needs no second start as MALLOC_* variables would.
    Other C libraries are left alone.
    """
    if any(name.startswith("MALLOC_") for name in os.environ) or "GLIBC_TUNABLES" in os.environ:
        _applied["malloc"] = {"value": "environment", "from": "user"}
        return
    if not (sys.platform == "linux" and "CS_GNU_LIBC_VERSION" in os.confstr_names):
        return
    if not (os.confstr("CS_GNU_LIBC_VERSION") or "").startswith("glibc"):
        return
    mallopt = ctypes.CDLL(None).mallopt
    done = [name for name, option in _MALLOPT.items() if mallopt(*option) == 1]
    _applied["malloc"] = {"value": " ".join(done), "from": "default"}
