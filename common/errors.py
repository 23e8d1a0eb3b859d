"""The two errors that a run script turns into one sentence and an exit status."""


class UserError(Exception):
    """Wrong usage or bad input: says what was wrong and what to do. Exit status 2."""


class RunError(Exception):
    """Something failed while running, a non-finite loss for one. Exit status 1."""
