"""How learning platforms name what they export: whose a file is, and what it was called.

Moodle   Full name_20011_assignsubmission_file_/vae.py, or without a folder for each
Canvas   lastfirst_LATE_20031_90010_vae-1.py: name, late, user, attachment, file
"""

import re
from dataclasses import dataclass

_MOODLE = re.compile(
    r"(?P<who>.+?)_(?P<number>\d+)_assignsubmission_(?P<plugin>[a-z]+)(?:_(?P<rest>.*))?$"
)
_CANVAS = re.compile(
    r"(?P<who>[^\W\d_]\w*?)(?P<late>_LATE)?_(?P<number>[1-9]\d{2,})_"
    r"(?:[1-9]\d{2,}_(?P<rest>.+)|text\.html|link\.html)$"
)
_ANONYMOUS = re.compile(r"(?P<who>anon)_(?P<number>\w+?)(?P<late>_LATE)?_[1-9]\d{2,}_(?P<rest>.+)$")


@dataclass(frozen=True)
class Origin:
    """What a platform's name of a file or folder says.

    student: the part that names the student. folder: what the results should be called, for the
    platform to find the student again. prefix: what stands before the name of the student's own
    file; the whole name for a folder. number: the platform's own number of the student.
    """

    platform: str
    student: str
    folder: str
    prefix: str
    number: str
    name: str
    late: bool = False
    is_text: bool = False


def origin(name):
    """The Origin of a name, or None where no platform has made it."""
    if found := _MOODLE.fullmatch(name):
        return _moodle(name, found)
    found = _CANVAS.fullmatch(name) or _ANONYMOUS.fullmatch(name)
    if found and found["who"] == found["who"].lower():
        student = f"{found['who']}_{found['number']}"
        rest = found["rest"] or ""
        return Origin(
            "Canvas",
            student,
            student,
            name[: len(name) - len(rest)],
            found["number"],
            found["who"],
            late=bool(found["late"]),
            is_text=not rest,
        )
    return None


def _moodle(name, found):
    student = f"{found['who']}_{found['number']}"
    rest = found["rest"] or ""
    return Origin(
        "Moodle",
        student,
        f"{student}_assignsubmission_file_",
        name[: len(name) - len(rest)],
        found["number"],
        found["who"],
        is_text=found["plugin"] != "file",
    )
