"""A process of its own for the student's code: a probe comes in, what it brought goes out.

Started by process.py with the name of a file for the trace of a crash, and the seconds for one
probe. Neither the keyboard nor the terminal is within reach of the student's code.
"""

import common  # noqa: F401 - sets the CPU up, so it comes before Paddle

# isort: split
import faulthandler
import io
import os
import pickle
import sys
import traceback
import types
import warnings

import paddle

from tests.assessment import autoencoder, probes
from tests.assessment.judge import Failure

_OURS = (probes.__file__, autoencoder.__file__)
PRINTED = 2000  # characters that are kept of what the student's code prints in one probe


class _Printed(io.TextIOBase):
    """What the student's code prints: its beginning, and how many lines there were."""

    def __init__(self):
        self.text, self.lines = "", 0

    def write(self, text):
        self.text += text[: PRINTED - len(self.text)]
        self.lines += text.count("\n")
        return len(text)


def main(trace, seconds):
    """Answer requests {"path", "source", "probe"} from stdin until it is closed.

    Args:
        trace: the file for the Python lines at which a crash or a timeout happened.
        seconds: for one probe; this process ends itself after that.
    """
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)
    with open(trace, "w") as file:
        faulthandler.enable(file)
        paddle.set_device("cpu")  # as the grader does it: a GPU may round more
        _send(answers, "ready")
        while request := _next(requests):
            faulthandler.dump_traceback_later(seconds, exit=True, file=file)
            printed, sys.stderr = _Printed(), _Printed()
            sys.stdin, sys.stdout = io.StringIO(), printed  # nobody is at the keyboard
            values = observe(**request)
            faulthandler.cancel_dump_traceback_later()
            _send(answers, (values, printed.text, printed.lines))


def _next(requests):
    try:
        return pickle.load(requests)
    except EOFError:
        return None


def _send(stream, answer):
    pickle.dump(answer, stream)
    stream.flush()


def observe(path, source, probe):
    """The values of one probe, from a fresh copy of the student's file; or a Failure.

    Args:
        path: the file's name, for messages.
        source: its bytes, or its text.
        probe: see probes.py.
    """
    try:
        with warnings.catch_warnings():
            return probes.run(probe, _load(path, source, probe))
    except BaseException as error:  # exit() too
        return describe(error, path)


def _load(path, source, probe):
    """The student's file as a module of its own, so that nothing is left over between probes."""
    paddle.disable_static()
    paddle.set_default_dtype("float32")
    module = types.ModuleType("assignment")
    module.__file__ = path
    try:
        code = compile(source, path, "exec", dont_inherit=True)
    except ValueError as error:  # null bytes, before Python 3.12
        raise SyntaxError(str(error), (path, None, None, None)) from None
    vars(module).update(probes.preset(probe, source))
    exec(code, vars(module))
    return module


def describe(error, path):
    """The Failure for an exception: of which kind, and at which line of the student's file."""
    frames = traceback.extract_tb(error.__traceback__)
    lines = [f.lineno for f in frames if f.filename == path]
    line, last = lines[-1] if lines else None, frames[-1].filename
    kind = "exception"
    if isinstance(error, SyntaxError) and last == __file__:  # the file itself, no import in it
        return Failure("syntax", type(error).__name__, error.msg, error.lineno)
    if isinstance(error, probes.BadAnswer):
        kind = "bad_answer"
    elif isinstance(error, SystemExit):
        kind = "exit"
    elif isinstance(error, NotImplementedError) and last == path:
        kind = "unfinished"
    elif line is None and last in _OURS and not isinstance(error, TypeError):
        kind = "unusable"
    return Failure(kind, type(error).__name__, str(error), line)


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]))
