"""What a user meets at the terminal: flags and help, errors in a sentence, Ctrl-C, no noise.

The standard library only, because it has to work before Paddle is there and without it.
"""

import argparse
import difflib
import errno
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import threading
import unicodedata
import warnings
from contextlib import contextmanager

from common import early
from common.errors import RunError, UserError
from common.language import say, translate

STOPPED, NO_READER = 130, 141  # exit status after Ctrl-C, and of `... | head`: as a shell has it
CANNOT_WRITE = {
    *(errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES, errno.EPERM),
    *(errno.ENOTDIR, errno.EEXIST, errno.ENAMETOOLONG),
}
on_user_error = []  # functions to call when a script ends with a UserError
PATIENCE = 20  # seconds that a child may take to save what it has
NOISE = (  # Paddle's, and nothing that a user could do about; the beginning of each message
    "No ccache found",  # it looks for a compiler cache at import, although nothing is compiled
    "When training, we now always track global mean and variance",  # every BatchNorm, every time
)
PACKAGES = {"paddle", "numpy", "PIL", "matplotlib", "sklearn", "scipy", "tqdm", "jinja2"}
INSTALL = "`make setup` installs it for .venv/bin/python; else see `python -m common.doctor`"
# What argparse says, and how we say it.
_WORDING = (
    (r"argument (\S+): invalid int value: (.*)", r"\1 must be a whole number, not \2"),
    (r"argument (\S+): invalid float value: (.*)", r"\1 must be a number, not \2"),
    (r"argument (\S+): expected .*", r"\1 needs a value"),
    (r"argument (\S+): ignored explicit argument (.*)", r"\1 takes no value, so not \2"),
    (r"the following arguments are required: (.*)", r"missing: \1"),
)


def prepare():
    """Before Paddle is imported by a script of ours: no noise, and Ctrl-C ends it in one line.

    Whoever else imports the project (a notebook, a shell, a test) keeps everything as it is.
    """
    if not early.is_script():
        return
    for message in NOISE:
        warnings.filterwarnings("ignore", message=message, category=UserWarning)
    former = sys.excepthook

    def hook(kind, error, trace):
        """For what happens before `cli`, while a script is still importing."""
        if any(isinstance(e, KeyboardInterrupt) for e in _chain(error)):  # Paddle may wrap it
            say("stopped", file=sys.stderr, flush=True)
            os._exit(STOPPED)  # else Python ends itself by the signal, and there is no status
        if issubclass(kind, ModuleNotFoundError) and error.name in PACKAGES:
            say(f"error: no {error.name} in {sys.executable}; {INSTALL}", file=sys.stderr)
        else:
            former(kind, error, trace)

    sys.excepthook = hook


def _chain(error):
    """An exception and those that led to it."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


# ---------------------------------------------------------------- flags


class _Formatter(argparse.HelpFormatter):
    """Help for 80 columns, one line per flag; text is wrapped, but lines of examples are not."""

    def __init__(self, prog):
        super().__init__(prog, max_help_position=30, width=shutil.get_terminal_size().columns)

    def _format_action_invocation(self, action):
        flag = action.option_strings[0] if action.option_strings else ""  # without former names
        if isinstance(action, argparse.BooleanOptionalAction):
            return flag.replace("--", "--[no-]", 1)
        if not flag or action.nargs == 0:
            return super()._format_action_invocation(action)
        return f"{flag} {self._format_args(action, action.metavar or action.dest.upper())}"

    def add_usage(self, usage, actions, groups, prefix=None):
        super().add_usage(usage, actions, groups, prefix or translate("usage: "))

    def start_section(self, heading):
        super().start_section(heading and translate(heading))

    def _get_help_string(self, action):
        return translate(action.help)

    def _split_lines(self, text, width):
        return wrapped(" ".join(text.split()), width)

    def _fill_text(self, text, width, indent):
        return "\n\n".join(_block(b, width) for b in re.split(r"\n\s*\n", text.strip()))


def _block(text, width):
    """A paragraph of a docstring, wrapped, or its examples, a line each."""
    if text.startswith("python "):
        return translate("examples:") + "\n" + re.sub("(?m)^.*$", _example, text)
    return "\n".join(wrapped(translate(" ".join(text.split())), width))


def _example(line):
    """A line of examples, indented; what stands beside the command is in the reader's language."""
    command, gap, beside = re.fullmatch(r"(.*?\S)(?:( {2,})(.*))?", line[0]).groups("")
    return f"  {command}{gap}{translate(beside)}"


_PIECES = re.compile(r"\s+|(?:[（《]*[⺀-￿]|[^\s⺀-￿]+)[，。；：、）》！？]*")


def wrapped(text, width):
    """Lines of at most `width` columns, of which a Chinese character takes two.

    They end at blanks or between Chinese characters, but not before a closing mark.
    """
    lines = [""]
    for piece in _PIECES.findall(text):
        if lines[-1] and columns(lines[-1] + piece.rstrip()) > width:
            lines.append("")
        lines[-1] += piece if lines[-1] else piece.lstrip()
    return [line.rstrip() for line in lines]


def columns(text):
    """How wide a terminal shows a text."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


class Parser(argparse.ArgumentParser):
    """A parser whose errors are UserErrors, one sentence instead of the whole usage.

    Args:
        prog: the script's path below the root.
        description: the script's docstring; its first paragraph stands above the flags, the rest
            (examples) below them.
    """

    def __init__(self, prog, description, **options):
        about, _, examples = (description or "").strip().partition("\n\n")  # none: python -OO
        settings = {"formatter_class": _Formatter, "allow_abbrev": False, **options}
        super().__init__(f"python {prog}", description=about, epilog=examples or None, **settings)

    def parse_args(self, args=None, namespace=None):
        """As ever, but a flag that does not exist is named with the nearest one that does."""
        args = sys.argv[1:] if args is None else args
        for word in args[: args.index("--")] if "--" in args else args:
            flag = word.partition("=")[0]
            if flag.startswith("--") and flag not in self._option_string_actions:
                near = difflib.get_close_matches(flag, self._option_string_actions, 1)
                hint = f"did you mean {near[0]}?" if near else "try --help"
                raise UserError(f"unrecognized flag {flag}; {hint}")
        return super().parse_args(args, namespace)

    def error(self, message):
        for pattern, words in _WORDING:
            message = re.sub(f"^{pattern}$", words, message)
        message = re.sub(
            r"^argument (\S+): invalid choice: (.*) \(choose from (.*)\)$", _choice, message
        )
        raise UserError(f"{message} (try --help)")


def _choice(match):
    flag, value, known = match.groups()
    return f"{flag} must be one of {known.replace(chr(39), '')}, not {value}"


# ---------------------------------------------------------------- the end of a script


def cli(main):
    """Run `main(argv)` of a script and end the process with its exit status, see `status`."""
    early.end()
    _open_streams()
    code = status(main, sys.argv[1:])
    if _in_main_thread():
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # all is done and said
    sys.exit(code)


def _open_streams():
    """Somewhere to print to where the streams are closed; what a console lacks is escaped."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:  # pythonw, a service, `>&-`
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115
        elif hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def shell_line(*words):
    """A command as it can be pasted into a shell of this system."""
    words = [os.fspath(word) for word in words]
    return subprocess.list2cmdline(words) if os.name == "nt" else shlex.join(words)


def script(path):
    """["python", path of a script] as the user typed it, if it is the one that runs now."""
    typed = sys.argv[0]
    return ["python", typed if os.path.realpath(typed).endswith(os.path.normpath(path)) else path]


def status(main, argv):
    """Run `main(argv)`; its exit status by the contract, errors printed.

    0 done (or what `main` returns); 1 failed while running; 2 wrong usage or bad input; 130
    stopped by Ctrl-C; 141 nobody reads the output any more. Errors that a user can mend are one
    sentence on stderr. Other exceptions keep their traceback: they are mistakes in the code, and
    a student needs to see where.
    """
    try:
        try:
            with _ctrl_c():
                return main(argv) or 0
        finally:
            if sys.stdout:
                sys.stdout.flush()
    except UserError as error:
        for tell in on_user_error:
            tell()
        return _say(2, "error: ", error)
    except RunError as error:
        return _say(1, "error: ", error)
    except NotImplementedError as error:
        return _say(1, "not written yet: ", error)
    except KeyboardInterrupt as error:
        return _say(STOPPED, "", str(error) or "stopped")
    except BrokenPipeError:
        _forget_output()
        return NO_READER
    except OSError as error:
        if error.errno not in CANNOT_WRITE:
            raise
        if error.filename is None:
            _forget_output()
        where = error.filename or "the output"
        return _say(1, "error: ", f"cannot write {where}: {error.strerror}")


@contextmanager
def _ctrl_c():
    """Context in which an OSError after Ctrl-C is the KeyboardInterrupt that it was.

    Paddle makes an OSError of what is raised while it computes gradients.
    """
    interrupted = []

    def handler(number, frame):
        interrupted.append(number)
        raise KeyboardInterrupt

    if signal.getsignal(signal.SIGINT) is not signal.default_int_handler or not _in_main_thread():
        yield
        return
    signal.signal(signal.SIGINT, handler)
    try:
        yield
    except OSError as error:
        if interrupted:
            raise KeyboardInterrupt from error
        raise
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _in_main_thread():
    return threading.current_thread() is threading.main_thread()


def _say(status, begin, message):
    print(translate(begin) + translate(str(message)), file=sys.stderr)
    return status


def _forget_output():
    """Send what is still in the buffer nowhere, so that Python does not fail on it at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


# ---------------------------------------------------------------- scripts that start scripts


def stop(process):
    """Wait for a child that Ctrl-C has reached to save what it has; end it if it takes too long."""
    try:
        process.wait(PATIENCE)
    except (subprocess.TimeoutExpired, KeyboardInterrupt):
        process.terminate()
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
