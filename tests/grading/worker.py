"""The process that has imported Paddle once and forks a child for every call.

The grader (pool.py) starts it and talks to it over a Unix socket, in lines of JSON:

    {"run": box, "cpu": seconds} + two file descriptors   fork; the child reads its request from
                                                          the first and answers on the second
    {"kill": true}                                        end the running child
    <- {"ready": {...}}, {"pid": n}, {"signal": n, "cpu": seconds, "memory": bytes}

This process never reads a request, so no student's code or data is in its memory, and a child
finds nothing of another one there. It runs from a copy of the few modules that it needs (pool.py),
not from the project with its solutions. When the socket closes, the child is killed and it ends.
"""

import contextlib
import ctypes
import gc
import importlib
import json
import os
import select
import signal
import socket
import sys
import time
import warnings
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]  # of the copy
_MADV_COLLAPSE, _LARGE = 25, 2**21  # from Linux 6.1


def main(descriptor):
    """Serve the socket `descriptor` until the other end closes it."""
    state = prepare()
    with contextlib.suppress(ConnectionError):  # the grader is gone, while we had something to say
        _serve(socket.socket(fileno=descriptor), state)
    _leave(state[2])


def _serve(control, state):
    _send(control, {"ready": {"versions": _versions()}})
    while True:
        data, descriptors, _, _ = socket.recv_fds(control, 4096, 2)
        if not data:
            return
        for order in map(json.loads, data.splitlines()):
            if "run" in order:  # a "kill" here came after the end of its child
                _run(control, state, order, descriptors)


def once(box, cpu, test):
    """One call in a process of its own (spawn.py): request on stdin, answer on stdout.

    test: JSON of the arguments of the self-test, "" for a call.
    """
    answer = os.dup(1)
    os.dup2(os.open(os.devnull, os.O_RDWR), 1)
    child, sandbox, _ = prepare()
    sandbox.before_fork()
    sandbox.enter(box, int(cpu))
    entered = {"phase": "entered", "versions": _versions()}
    _write(answer, child.wire.encode(entered))
    if test:
        found = sandbox.self_test(*json.loads(test))
        _write(answer, child.wire.encode({"phase": "done", "nonce": "", "found": found}))
        os._exit(0)
    child.serve(lambda: _read(0), lambda data: _write(answer, data))


def prepare():
    """Import everything a child may need, warm Paddle up, forget where the project is.

    Returns:
        (the child module, the sandbox, the module to remove boxes with).
    """
    from tests.grading import boxes, sandbox  # the root leaves sys.path below

    _import_quietly()
    child = importlib.import_module("tests.grading.child")
    _warm_up()
    sys.path[:] = [p for p in sys.path if p and Path(p).resolve() != ROOT]
    for name in [n for n in sys.modules if n.split(".")[0] == "tests"]:
        del sys.modules[name]
    _expendable()
    sandbox.undumpable()
    sandbox.adopt_orphans()
    gc.collect()
    gc.freeze()  # or the collector of a child would write to, and so copy, every page
    _large_pages()
    return child, sandbox.Sandbox([ROOT / "common"]), boxes


def _import_quietly():
    """Paddle, and what notebooks import beside it: once here is cheaper than in every child."""
    importlib.import_module("common")  # sets the CPU up for Paddle; students may import it too
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import paddle

        try:
            import matplotlib

            matplotlib.use("Agg")
            importlib.import_module("matplotlib.pyplot")
        except ImportError:
            pass
    paddle.disable_signal_handler()
    paddle.set_device("cpu")


def _warm_up():
    """Run the layers once, so that their libraries are mapped before files are out of reach."""
    import paddle
    from paddle import nn

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        layers = [nn.Conv2D(3, 4, 3, padding=1), nn.BatchNorm2D(4), nn.ReLU(), nn.MaxPool2D(2)]
        net = nn.Sequential(*layers, nn.Conv2DTranspose(4, 3, 2, stride=2), nn.Sigmoid())
        x = paddle.randn([2, 3, 8, 8])
        ((net(x) @ x) ** 2).mean().backward()
        table = paddle.cumprod(paddle.linspace(0.9, 0.99, 10), dim=0)
        paddle.sqrt(paddle.gather(table, paddle.randint(0, 10, [4]))).exp().sum().numpy()


def _expendable():
    """Ask the kernel to end a child, not the grader, when memory runs out."""
    try:
        Path("/proc/self/oom_score_adj").write_text("500")
    except OSError:
        return


def _large_pages():
    """Ask the kernel for pages of 2 MB where it can: of small ones a fork copies a long list."""
    if sys.platform != "linux":
        return
    libc = ctypes.CDLL(None)
    for start, end in _own_memory():
        libc.madvise(ctypes.c_void_p(start), ctypes.c_size_t(end - start), _MADV_COLLAPSE)


def _own_memory():
    """(first byte, end) of memory of this process alone, of no file, where it fills large pages."""
    for line in Path("/proc/self/maps").read_text().splitlines():
        place, mode, _, _, inode, *name = line.split(maxsplit=5)
        if mode == "rw-p" and inode == "0" and name in ([], ["[heap]"]):
            start, end = (int(number, 16) for number in place.split("-"))
            start, end = -(-start // _LARGE) * _LARGE, end // _LARGE * _LARGE
            if start < end:
                yield start, end


def _versions():
    import platform

    import numpy
    import paddle

    return {
        "python": platform.python_version(),
        "numpy": numpy.__version__,
        "paddle": paddle.__version__,
        "platform": platform.platform(),
    }


def _run(control, state, order, descriptors):
    """Fork one child, wait for its end, report it."""
    request, answer = descriptors
    state[1].before_fork()
    pid = os.fork()
    if pid == 0:
        _child(state, order, request, answer)
    os.close(request)
    os.close(answer)
    _send(control, {"pid": pid})
    killed = _wait(control, pid)
    _kill(pid)  # the whole group; nobody else can have its number, as pid is not reaped yet
    _, status, usage = os.wait4(pid, 0)
    _reap_orphans()
    if killed is None:
        _leave(state[2])
    cpu = usage.ru_utime + usage.ru_stime
    number = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
    _send(control, {"signal": number, "cpu": cpu, "memory": usage.ru_maxrss * 1024})


def _leave(boxes):
    """The grader is gone: remove the boxes and end, without Paddle's slow way out."""
    boxes.remove(os.environ["TMPDIR"])
    os._exit(0)


def _child(state, order, request, answer):
    """In the child: a session of its own, no other descriptors, the sandbox, then the call."""
    try:
        child, sandbox, _ = state
        os.setsid()
        request, answer = _keep_only(request, answer)
        sandbox.enter(order["run"], order["cpu"])
        _write(answer, child.wire.encode({"phase": "entered"}))
        if "test" in order:
            found = sandbox.self_test(*order["test"])
            _write(answer, child.wire.encode({"phase": "done", "nonce": "", "found": found}))
            os._exit(0)
        child.serve(lambda: _read(request), lambda data: _write(answer, data))
    finally:
        os._exit(1)


def _keep_only(request, answer):
    """Close all descriptors but these two, which get new numbers; 0, 1 and 2 lead nowhere."""
    os.dup2(os.open(os.devnull, os.O_RDWR), 2)  # the worker's own goes to its log
    request, answer = os.dup2(os.dup(request), 60), os.dup2(os.dup(answer), 61)
    os.closerange(3, 60)
    os.closerange(62, 4096)
    return request, answer


def _read(descriptor):
    """Everything up to the end of the request; then the descriptor is closed."""
    with os.fdopen(descriptor, "rb") as stream:
        return stream.read()


def _write(descriptor, data):
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def _wait(control, pid):
    """Wait until the child has ended or must end. None if the grader is gone, else a bool."""
    while True:
        ready = _ready(control, pid)
        if control in ready:
            order = control.recv(4096)
            _kill(pid)
            os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
            return True if order else None
        if ready:
            return False


def _ready(control, pid):
    """Block until the socket or the child has something: a list with `control` or `pid` in it."""
    if hasattr(os, "pidfd_open"):
        descriptor = os.pidfd_open(pid)
        try:
            ready = select.select([control, descriptor], [], [])[0]
        finally:
            os.close(descriptor)
        return [control] if control in ready and descriptor not in ready else [pid]
    while True:  # no pidfd: look often
        if os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT | os.WNOHANG):
            return [pid]
        if select.select([control], [], [], 0.005)[0]:
            return [control]


def _kill(pid):
    for end in (os.killpg, os.kill):
        try:
            end(pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            continue


def _reap_orphans():
    """Kill what a child left behind: where seccomp is missing it may have started processes.

    They become children of this process (PR_SET_CHILD_SUBREAPER) when their parent has gone.
    """
    for _ in range(1000):
        orphans = _children()
        if not orphans:
            return
        for pid in orphans:
            _kill(pid)
        time.sleep(0.001)
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return


def _children():
    """Process numbers of this process's children."""
    try:
        return [int(n) for n in Path("/proc/thread-self/children").read_text().split()]
    except OSError:
        return []


def _send(control, message):
    control.sendall(json.dumps(message).encode() + b"\n")


if __name__ == "__main__":
    main(int(sys.argv[1]))
