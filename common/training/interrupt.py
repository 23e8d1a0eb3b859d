"""Ctrl-C, SIGTERM and a closed terminal while training: the first asks to stop after the step, the
second stops."""

import os
import signal
import sys

from common.compute import distributed
from common.language import say


class Interrupt:
    """Within its block the first Ctrl-C (or SIGTERM) only sets `asked`; the next one raises.

    Attributes:
        asked: the user wants to stop after the current step.
        forced: the user wants to stop at once.
    """

    def __init__(self):
        self.asked = self.forced = False
        self.former = {}

    def __enter__(self):
        hangup = getattr(signal, "SIGHUP", None)  # the terminal is closed; not on Windows
        kept = hangup is None or signal.getsignal(hangup) == signal.SIG_IGN  # nohup
        try:
            for number in (signal.SIGINT, signal.SIGTERM, *(() if kept else (hangup,))):
                self.former[number] = signal.signal(number, self._ask)
        except ValueError:  # not the main thread, which alone may handle signals
            pass
        return self

    def _ask(self, number, frame):
        if number == getattr(signal, "SIGHUP", None):  # may come twice, from kernel and shell
            self.asked = True
            _forget_terminal()
            return
        if self.asked and distributed.world_size() > 1 and number == signal.SIGTERM:
            return  # the launcher sends it twice within a second, and then kills
        if self.asked:
            self.forced = True
            raise KeyboardInterrupt("stopped at once; the last checkpoint is still good")
        self.asked = True
        say("\nstopping after this step (again to stop at once) ...", file=sys.stderr)

    def agreed(self, together):
        """Whether to stop after this step; of several processes, all do after the same one.

        together: whether this is a step after which they ask one another.
        """
        if distributed.world_size() == 1:
            return self.asked
        return together and distributed.any_across(self.asked)

    def __exit__(self, kind, error, trace):
        for number, handler in self.former.items():
            signal.signal(number, handler)
        if self.forced and not isinstance(error, KeyboardInterrupt):
            # Paddle turns what is raised within a backward pass into an OSError
            raise KeyboardInterrupt("stopped at once; the last checkpoint is still good") from error


def _forget_terminal():
    """Write to nowhere what would go to a terminal that is gone, so that saving does not fail."""
    for descriptor in (1, 2):
        if os.isatty(descriptor):
            os.dup2(os.open(os.devnull, os.O_WRONLY), descriptor)
