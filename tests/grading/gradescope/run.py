"""Marks /autograder/submission and leaves /autograder/results/results.json, whatever happens."""

import json
import sys
import tempfile
from pathlib import Path

from common.errors import UserError
from common.files import write_json
from tests.grading import grade

SEED_FILE = Path(__file__).with_name("seed.txt")  # written by build.py --seed
ALLOWED = Path(__file__).with_name("without_isolation.txt")  # by build.py --without-isolation


def main(base):
    """base: the /autograder folder. Returns the exit status; 0 also for a worthless submission."""
    results = base / "results" / "results.json"
    results.parent.mkdir(parents=True, exist_ok=True)
    write_json(results, unfinished())
    with tempfile.TemporaryDirectory() as scratch:
        options = grade.Options(
            Path(scratch),
            seed=_seed(),
            gradescope=True,
            identity=student(base),
            force=True,
            without_isolation=ALLOWED.exists(),
        )
        try:
            outcome = grade.run([base / "submission"], options)
        except UserError as error:  # no isolation here: nothing is marked
            write_json(results, {**unfinished(), "output": f"Not marked: {error}"})
            print(f"error: {error}", file=sys.stderr)
            return 2
        for line in grade.warnings(outcome):
            print(line, file=sys.stderr)
        if not outcome.broken:
            written = Path(scratch, "submission", "results.json")
            write_json(results, json.loads(written.read_text(encoding="utf-8")))
    return outcome.exit_status()


def unfinished():
    """What stands there until the marks are known, and if they never are."""
    text = "The autograder did not finish. Submit again; if it comes back, tell your teacher."
    return {"score": 0, "output": text, "output_format": "text", "tests": []}


def student(base):
    """Whose inputs to draw: the same ones for every attempt of a student, others for the next."""
    try:
        data = json.loads((base / "submission_metadata.json").read_text(encoding="utf-8"))
        return "gradescope-" + "-".join(sorted(str(user["id"]) for user in data["users"]))
    except (OSError, ValueError, KeyError, TypeError):
        return "submission"


def _seed():
    return int(SEED_FILE.read_text()) if SEED_FILE.exists() else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
