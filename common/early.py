"""Ctrl-C from the first moment of a script on: one line, while all else is still being imported.

Imported before anything else, so it imports next to nothing. Whoever else imports the project (a
notebook, a shell, a test) keeps his handlers.
"""

import os
import signal
import sys

STOPPED = 130  # exit status after Ctrl-C, as a shell has it
_ROOT = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))


def is_script():
    """Whether this process runs a file of the project, and nobody types into it."""
    file = getattr(sys.modules.get("__main__"), "__file__", None)
    inside = file and os.path.realpath(file).startswith(_ROOT + os.sep)
    return bool(inside) and not sys.flags.interactive and not hasattr(sys, "ps1")


def begin():
    """Let Ctrl-C end a script at once: imports make other exceptions of it."""
    try:
        if is_script() and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            signal.signal(signal.SIGINT, _stop)
    except ValueError:  # not the main thread, which alone may handle signals
        pass


def _stop(number, frame):
    word = "stopped"
    try:
        from common.language import translate

        word = translate(word)
    except Exception:  # it was just being imported
        pass
    os.write(2, f"{word}\n".encode())
    os._exit(STOPPED)


def end():
    """Ctrl-C is an exception again."""
    if signal.getsignal(signal.SIGINT) is _stop:
        signal.signal(signal.SIGINT, signal.default_int_handler)


begin()
