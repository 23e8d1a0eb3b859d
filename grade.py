"""Mark submissions and write reports, a gradebook and hints.

python grade.py submissions/* --out grades/ --jobs 2
python grade.py moodle.zip --out grades/ --roster class.csv --dry-run
python grade.py ada.zip --out grades/ --only kl_div_loss --lang zh

A submission is a folder, an archive, a notebook or a Python file with some of ae/assignment.py,
vae/assignment.py and diffusion/assignment.py, or flat ae.py, vae.py, diffusion.py. Its name is the
student's id. A bulk download of Moodle or Canvas is many submissions.
Exit status: 0 all marked, 1 some could not be marked by the grader's own fault, 2 wrong usage,
3 somebody is below --fail-under.
"""

import sys
from pathlib import Path

from common.cli import Parser, cli
from common.errors import UserError
from tests.grading import checks, deadline, exports, grade, manual, reports, roster
from tests.grading.messages import say


def _parser():
    """The flags."""
    parser = Parser("grade.py", __doc__)
    add = parser.add_argument
    add("submission", nargs="+", type=Path, metavar="SUBMISSION", help="folder, archive or file")
    add("--out", type=Path, metavar="DIR", help="folder for the results")
    add("--jobs", type=int, default=1, metavar="N", help="submissions at a time [1]")
    add("--only", action="append", default=[], metavar="TODO", help="mark this one only [all]")
    add("--seed", type=int, default=0, metavar="N", help="of the hidden inputs; keep it secret [0]")
    add("--lang", choices=("en", "zh"), default="en", help="of the reports [en]")
    add("--gradescope", action="store_true", help="also write results.json")
    add("--fail-under", type=float, metavar="X", help="percent; status 3 if somebody is below")
    add("--force", action="store_true", help="mark again what has not changed")
    add(
        "--without-isolation",
        action="store_true",
        help="mark even where a submission could read the solution; every report says so",
    )
    add("--dry-run", action="store_true", help="show who and what was found; mark nothing")
    add("--roster", type=Path, metavar="FILE", help="csv or xlsx of the class: id, name, email")
    add("--names", action="store_true", help="name the students in the class report [no names]")
    add(
        "--export",
        action="append",
        default=[],
        metavar="WHERE",
        help="moodle, canvas, or a .csv or .xlsx to fill a copy of",
    )
    add("--deadline", metavar="T", help="ISO time; the gradebook gets the days after it")
    add("--late", metavar="RULE", help="what a day costs, as '10%%/day max 50%% grace 30 min'")
    add("--manual", type=Path, metavar="FILE", help="marks by hand: id, part, points, comment")
    add("--rubric", type=Path, metavar="FILE", help="their parts: part, points [the report's]")
    return parser


def parse(argv):
    """(paths, Options, arguments) from the command line."""
    given = _parser().parse_args(argv)
    only = tuple(name for text in given.only for name in text.split(","))
    known = [t.name for t in checks.TODOS]
    for name in only:
        if name not in known:
            raise UserError(f"unknown TODO '{name}'; choose from {', '.join(known)}")
    if given.jobs < 1:
        raise UserError("--jobs must be at least 1")
    exports.check(given.export)
    if given.out is None and not given.dry_run:
        raise UserError("missing: --out (try --help)")
    options = grade.Options(
        given.out or Path("grades"),
        given.jobs,
        only,
        given.seed,
        given.lang,
        given.gradescope,
        given.force,
        without_isolation=given.without_isolation,
        people=tuple(roster.load(given.roster)) if given.roster else (),
        show_names=given.names,
        late=deadline.parse(given.deadline, given.late) if given.deadline or given.late else None,
        by_hand=_by_hand(given),
    )
    return given.submission, options, given


def _by_hand(given):
    """The manual.Marks of the command line, or None."""
    rubric = manual.load_rubric(given.rubric)
    if given.manual is None or given.manual.exists():
        return manual.load(given.manual, rubric) if given.manual else None
    if not given.manual.parent.is_dir():
        raise UserError(f"no folder {given.manual.parent} to write {given.manual.name} to")
    return None


def _template(given, options, rows):
    """Write the table for marks by hand where it is not there yet; a line about it."""
    ids = [reports.cell(row.get("id") or row["student"]) for row in rows]
    rubric = manual.load_rubric(given.rubric)
    manual.template(given.manual, rubric, ids)
    values = {"path": given.manual, "number": len(ids) * len(rubric)}
    yield say("manual_template", options.lang, **values)


def main(argv):
    """Mark, say what became of it in a few lines, return the exit status."""
    paths, options, given = parse(argv)
    if given.dry_run:
        outcome = grade.look(paths, options)
        print(*grade.overview(outcome, options), *grade.findings(outcome, options), sep="\n")
        return 0
    try:
        outcome = grade.run(paths, options)
    except KeyboardInterrupt:
        raise KeyboardInterrupt("stopped; the same command goes on from here") from None
    for line in grade.warnings(outcome):
        print(line, file=sys.stderr)
    print(grade.conclusion(outcome, options), *grade.findings(outcome, options), sep="\n")
    if given.manual and not given.manual.exists():
        print(*_template(given, options, outcome.rows), sep="\n")
    for line in exports.write(given.export, options.out, options.lang) if given.export else ():
        print(line)
    return outcome.exit_status(given.fail_under)


if __name__ == "__main__":
    cli(main)
