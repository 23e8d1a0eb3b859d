"""What a run keeps of each submission for later ones: its code, and when it was handed in.

The gradebook and the comparison are about everybody below `out`, not only those of one call.
"""

import json

from common.files import write_json
from tests.grading.fingerprints import MAX_TEXT

FOLDER, ENDING = ".submissions", ".code.json"


def save(out, submission):
    """Keep code and time of a submission that was read; nothing is written if they are as before.

    Args:
        out: the folder of the results.
        submission: submission.Submission.
    """
    value = {
        "student": submission.student,
        "files": {n: f.text[:MAX_TEXT] for n, f in submission.files.items() if f.text},
        "time": submission.time,
        "late": submission.late,
    }
    path = out / FOLDER / (submission.folder + ENDING)
    if _load(path) != value:
        path.parent.mkdir(exist_ok=True)
        write_json(path, value)


def load(out):
    """folder -> {"student", "files": {name: text}, "time", "late"} of everybody, sorted."""
    paths = sorted((out / FOLDER).glob("*" + ENDING))
    found = {p.name.removesuffix(ENDING): _load(p) for p in paths}
    return {folder: value for folder, value in found.items() if value}


def one(out, folder):
    """The same of one student, or {}."""
    return _load(out / FOLDER / (folder + ENDING)) or {}


def _load(path):
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
        return value if isinstance(value["files"], dict) else None
    except (OSError, ValueError, KeyError, TypeError):
        return None
