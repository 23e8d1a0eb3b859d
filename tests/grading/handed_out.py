"""What students get with the assignments: files of ours, which are nobody's answer.

They may come back all together, moved or renamed, and with what a student has added. So they are
known by their lines, and by their path where something was changed.
"""

import json
import re
from collections import Counter
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MODULES = ("ae", "vae", "diffusion")
PATTERNS = ("demo.py", "diagnose.py", "tutorial.ipynb")  # not *: submissions may lie there, too
PATTERNS += (*(f"{m}/*.py" for m in MODULES), "common/**/*.py")
PATTERNS += ("tests/*.py", "tests/todo/*.py", "tests/assessment/*.py")
ASSIGNMENTS = tuple(f"{m}/assignment.py" for m in MODULES)
MAX_FILE = 2**20  # bytes of a file of ours that others are compared with
ENOUGH = 0.6  # of the lines of a file or a definition that is nearly one of ours


@cache
def sources():
    """path -> the text of each file of ours with code, but the assignments."""
    paths = {p.relative_to(ROOT).as_posix() for pattern in PATTERNS for p in ROOT.glob(pattern)}
    return {path: _text(path) for path in sorted(paths.difference(ASSIGNMENTS))}


def is_ours(parts, text):
    """Whether a file is one of ours: most of it stands in one of them, whatever its name.

    Args:
        parts: its path in the submission; files without code are known by that, too.
        text: what is in it.
    """
    if text in sources().values() or most_from(text):
        return True
    own = path_of(parts)
    return own is not None and 2 * len(_lines(text) & _lines(_text(own))) >= len(_lines(text))


def path_of(parts):
    """The path of a file of ours that a path in a submission ends with, or None."""
    tails = ("/".join(parts[i:]) for i in range(len(parts)))
    return next((t for t in tails if t not in ASSIGNMENTS and (ROOT / t).is_file()), None)


def most_from(text):
    """Paths of those files of ours in which most lines of a text stand."""
    lines = _lines(text)
    found = Counter(path for line in lines for path in _places().get(line, ()))
    return {path for path, number in found.items() if number >= ENOUGH * len(lines)}


@cache
def _places():
    """line -> the paths of the files of ours in which it stands."""
    places = {}
    for path, text in sources().items():
        for line in _lines(text):
            places.setdefault(line, []).append(path)
    return places


def _lines(text):
    """The lines that say something, without the white space around them."""
    return set(filter(None, map(str.strip, text.splitlines())))


@cache
def _text(path):
    text = (ROOT / path).read_bytes()[:MAX_FILE].decode("utf-8", "replace")
    if not path.endswith(".ipynb"):
        return text
    try:
        cells = json.loads(text)["cells"]
        return "\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "code")
    except (ValueError, KeyError, TypeError):
        return ""


def definition(text, name):
    """The last definition of a name at the top level of a text, or ""."""
    head = rf"^(?:(?:async +)?(?:def|class) +{name}\b|{name} *=[^=]).*(?:\n(?:[ \t)].*)?)*"
    return (re.findall(head, text, re.MULTILINE) or [""])[-1]
