"""One grader at a time on one folder of results."""

import os
import socket
from contextlib import contextmanager

from common.errors import UserError
from common.files import Lock

FILE = ".lock"


@contextmanager
def held(out):
    """Context in which no other grader writes to `out`. The lock ends with the process.

    Raises UserError where one is at work.
    """
    lock = Lock(out / FILE)
    if not lock.take():
        raise UserError(
            f"another grader {_who(lock.path)}is writing to {out}; wait until it has ended, "
            "or choose another --out"
        )
    try:
        lock.file.truncate(0)
        lock.file.write(f" process {os.getpid()} on {socket.gethostname()}\n".encode())
        lock.file.flush()
        yield
    finally:
        lock.release()


def _who(path):
    """ "(process 123 on here) ", or "" if it cannot be read."""
    try:
        with open(path, "rb") as file:
            file.seek(1)  # Windows does not let others read the first byte, which is locked
            text = file.read(200).decode("utf-8", "replace").strip()
    except OSError:
        return ""
    return f"({text}) " if text else ""
