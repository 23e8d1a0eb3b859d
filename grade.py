"""Mark submissions: `python grade.py SUBMISSION [SUBMISSION ...] --out grades/`.

A submission is a folder or a .zip/.tar.gz with some of ae/assignment.py, vae/assignment.py and
diffusion/assignment.py, or flat ae.py, vae.py, diffusion.py. Its name is the student's id.
Exit status: 0 all marked, 1 some could not be marked by the grader's own fault, 2 wrong usage,
3 somebody is below --fail-under.
"""

import argparse
import sys
from pathlib import Path

from common.errors import UserError
from tests.grading import checks, grade


def parse(argv):
    """(paths, Options, fail_under) from the command line."""
    parser = argparse.ArgumentParser(
        "grade.py", description="Mark submissions; results below --out."
    )
    parser.add_argument("submission", nargs="+", type=Path, help="folder, .zip or .tar.gz")
    parser.add_argument("--out", type=Path, required=True, help="folder for the results")
    parser.add_argument("--jobs", type=int, default=1, help="submissions at a time, default 1")
    parser.add_argument("--only", action="append", default=[], help="mark this TODO only")
    parser.add_argument("--seed", type=int, default=0, help="of the hidden inputs; keep it secret")
    parser.add_argument("--lang", choices=("en", "zh"), default="en", help="of the reports")
    parser.add_argument("--gradescope", action="store_true", help="also write results.json")
    parser.add_argument("--fail-under", type=float, help="percent; status 3 if somebody is below")
    parser.add_argument("--force", action="store_true", help="mark again what has not changed")
    given = parser.parse_args(argv)
    only = tuple(name for text in given.only for name in text.split(","))
    known = [t.name for t in checks.TODOS]
    for name in only:
        if name not in known:
            raise UserError(f"unknown TODO '{name}'; choose from {', '.join(known)}")
    if given.jobs < 1:
        raise UserError("--jobs must be at least 1")
    options = grade.Options(
        given.out, given.jobs, only, given.seed, given.lang, given.gradescope, given.force
    )
    return given.submission, options, given.fail_under


def main(argv=None):
    """Mark, say what became of it in a few lines, return the exit status."""
    try:
        paths, options, fail_under = parse(argv)
        outcome = grade.run(paths, options)
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("stopped; the same command goes on from here", file=sys.stderr)
        return 130
    for line in grade.warnings(outcome):
        print(line, file=sys.stderr)
    print(grade.conclusion(outcome, options))
    return outcome.exit_status(fail_under)


if __name__ == "__main__":
    sys.exit(main())
