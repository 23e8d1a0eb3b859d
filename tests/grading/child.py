"""One call: load a student's file, run one probe with it, send the values back.

Runs in a process of its own that is thrown away afterwards. Whatever happens in here, even with
these very functions replaced by the student's code, the verdict is made elsewhere.
"""

import linecache
import os
import random
import sys
import tempfile
import types

import numpy as np
import paddle

from tests.assessment import probes
from tests.grading import wire

MODULE_NAME = "assignment"
_Missing = getattr(probes, "Missing", ())
_exit = os._exit


def serve(read, write):
    """Answer the one request that `read()` brings through `write(bytes)`; never return.

    read: () -> bytes of a whole message. Header: {"nonce", "file", "seed", "probe", "load_only"}.
        Arrays: "source" (uint8, the file's text in UTF-8) and those of the probe.
    """
    try:
        _forget()
        header, arrays, _ = wire.decode(read(), most=wire.MAX_MESSAGE)
        source = arrays.pop("source").tobytes().decode()
        _answer(header, arrays, source, write)
    finally:
        _exit(0)


def _forget():
    """Leave nothing of the worker where a student's file would look by accident."""
    sys.argv[:] = ["assignment.py"]
    sys.modules["__main__"] = types.ModuleType("__main__")
    tempfile.tempdir = None  # the box, by TMPDIR


def _answer(request, arrays, source, write):
    """Send "loaded" when the file has run, then the values; or, at any time, what went wrong."""
    reply = {"nonce": request["nonce"]}
    probe = {**request["probe"], "arrays": arrays}
    try:
        _seed(request["seed"])
        module = load(source, request["file"], probes.preset(probe, source))
        write(wire.encode({**reply, "phase": "loaded"}))
        values = {} if request["load_only"] else probes.run(probe, module)
        final = wire.encode({**reply, "phase": "done"}, values)
    except BaseException as error:  # SystemExit and KeyboardInterrupt too
        failure = describe(error, request["file"])
        final = wire.encode({**reply, "phase": "done", "failure": failure})
    write(final)


def _seed(seed):
    """Two runs of the grader are to see the same draws."""
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002 - student code uses the global generator
    paddle.seed(seed)


def load(source, filename, preset):
    """The student's file as a module, with `preset` as globals before it runs."""
    module = types.ModuleType(MODULE_NAME)
    module.__file__ = filename
    module.__dict__.update(preset)
    sys.modules[MODULE_NAME] = module
    lines = source.splitlines(keepends=True)
    linecache.cache[filename] = (len(source), None, lines, filename)  # for inspect.getsource
    code = compile(source, filename, "exec", dont_inherit=True)
    exec(code, module.__dict__)
    return module


def describe(error, filename):
    """A Failure of judge.py as a dict: kind, type, message, line.

    `type` is the nearest class that Python itself defines, as the name of a class made by the
    student could carry anything.
    """
    failure = {"type": _builtin_name(type(error)), "line": _line(error, filename)}
    return {**failure, "kind": _kind(error, failure["line"], filename), "message": _text(error)}


def _kind(error, line, filename):
    if isinstance(error, SyntaxError) and error.filename == filename:
        return "syntax"
    if isinstance(error, _Missing):
        return "missing"
    if isinstance(error, probes.BadAnswer):
        return "bad_answer"
    if isinstance(error, NotImplementedError) and _raised_in(error, filename):
        return "unfinished"
    kinds = {MemoryError: "memory", wire.TooLarge: "output", wire.Malformed: "bad_answer"}
    return next((kind for cls, kind in kinds.items() if isinstance(error, cls)), "exception")


def _raised_in(error, filename):
    """Whether the raise statement itself stands in the student's file."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return trace is not None and trace.tb_frame.f_code.co_filename == filename


def _line(error, filename):
    """The last line of the student's file that the traceback passes through, or None."""
    if isinstance(error, SyntaxError) and error.filename == filename:
        return error.lineno
    line, trace = None, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == filename:
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


def _text(error):
    """What the exception says, shortened; its own __str__ may fail too."""
    if isinstance(error, SyntaxError):
        return f"{error.msg}, column {error.offset}"[:500]
    try:
        return str(error)[:4000]
    except BaseException:
        return ""


def _builtin_name(cls):
    for base in type.mro(cls):
        if base.__module__ == "builtins":
            return base.__name__
    return "Exception"
