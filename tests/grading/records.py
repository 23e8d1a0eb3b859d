"""report.json of every student: written whole or not at all, and the memory of a rerun."""

import hashlib
import json
from pathlib import Path

from common.errors import UserError
from common.files import write_json
from tests.grading import checks
from tests.grading.messages import say

SCHEMA = 1
ESSENTIAL = "no reading of other files"  # the layer without which a mark can be stolen
HERE = Path(__file__).resolve().parent


def grader_version():
    """A hash over the grader's own code: other code, other marks perhaps."""
    digest = hashlib.sha256()
    for folder in (HERE, HERE.parent / "assessment"):
        for path in sorted([*folder.glob("*.py"), *folder.glob("texts/*.json")]):
            digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]


def basis(submission, options, version):
    """What the marks depend on; a record with the same basis need not be made again."""
    problems = {name: f.problem.say(options.lang) for name, f in _refused(submission)}
    return {
        "student": submission.student,
        "seed": options.seed,
        "lang": options.lang,
        "files": submission.hashes(),
        "problems": problems,
        "grader": version,
    }


def _refused(submission):
    if submission.problem is not None:
        return [("submission", submission)]
    return [(name, f) for name, f in submission.files.items() if f.problem is not None]


def compose(based_on, todos, isolation, versions, notes=(), complete=True):
    """The record; todos in the order of the assignment."""
    ordered = {t.name: todos[t.name] for t in checks.TODOS if t.name in todos}
    return {
        "schema": SCHEMA,
        "student": based_on["student"],
        "score": round(sum(t["score"] for t in ordered.values()), 2),
        "max_score": sum(t["max_score"] for t in ordered.values()),
        "todos": ordered,
        "isolation": isolation,
        "versions": versions,
        **{key: based_on[key] for key in ("seed", "lang", "files", "problems", "grader")},
        "notes": list(notes),
        "complete": complete,
    }


def pessimistic(based_on, names):
    """The record that stands there while a submission is being marked: nothing earned."""
    reason = say("not_finished", based_on["lang"])
    entry = {"status": "error", "reason": reason, "hint": "", "hint_id": None}
    todos = {
        t.name: {
            "score": 0,
            "max_score": t.points,
            "status": "error",
            "checks": [{**entry, "id": t.name, "title": t.name, "score": 0, "max_score": t.points}],
        }
        for t in checks.TODOS
        if t.name in names
    }
    return compose(based_on, todos, {}, {}, complete=False)


def load(folder):
    """The complete record in a folder, or None."""
    try:
        record = json.loads(Path(folder, "report.json").read_text(encoding="utf-8"))
        good = record["schema"] == SCHEMA and record["complete"] is True
        return record if good and isinstance(record["todos"], dict) else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def usable(record, based_on, without_isolation):
    """Whether a record was made from the same files, seed, language and grader, and not with less
    isolation than is asked for now.
    """
    if record is None or any(record.get(k) != v for k, v in based_on.items()):
        return False
    return without_isolation or protected(record["isolation"])


class Unprotected(UserError):
    """Nothing here keeps a submission from reading the solution, so nothing is marked."""


def protected(isolation):
    """Whether a submission could not read the solution, the reference or other submissions."""
    return isolation.get("layers", {}).get(ESSENTIAL) is True


def demand(isolation):
    """Raise Unprotected where a submission could read the solution."""
    if not protected(isolation):
        raise Unprotected(
            "nothing here keeps a submission from reading the solution, so nothing was marked; "
            "use Linux 5.13 or newer with Landlock (docs/grading.md), or, if you trust the "
            "submissions, --without-isolation: every report will say so"
        )


def weakest(some, other):
    """The isolation of a record whose TODOs were marked under both: what held in both."""
    layers = {n: holds and other["layers"].get(n, False) for n, holds in some["layers"].items()}
    return {**some, "layers": layers}


def save(folder, record):
    """Write report.json atomically."""
    folder.mkdir(parents=True, exist_ok=True)
    write_json(folder / "report.json", record)
