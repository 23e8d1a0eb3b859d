"""Builds the zip that a teacher uploads: `python -m tests.grading.gradescope.build --out X.zip`.

It holds the grader and what students have anyway: no solution, no data, no tests of the project.
"""

import argparse
import re
import sys
import zipfile
from pathlib import Path

from common.errors import UserError
from common.files import atomic_path
from tests.grading import handed_out

ROOT = Path(__file__).resolve().parents[3]
SCRIPTS = ("setup.sh", "run_autograder")  # at the top of the zip, executable
FILES = (
    "grade.py",
    "common/*.py",
    "common/compute/*.py",
    "common/training/*.py",
    "tests/__init__.py",
    "tests/assessment/*.py",
    "tests/assessment/*.json",
    "tests/assessment/texts/*.json",
    "tests/grading/*.py",
    "tests/grading/*.txt",
    "tests/grading/*.json",
    "tests/grading/templates/*",
    "tests/grading/gradescope/*.py",
)
_WHEN = (2020, 1, 1, 0, 0, 0)  # the same zip for the same files


def requirements(name="requirements.txt"):
    """The names of this file and of all that it reads by -r."""
    read = re.findall(r"^-r (\S+)", (ROOT / name).read_text(encoding="utf-8"), re.M)
    return [name, *(inner for other in read for inner in requirements(other))]


def members():
    """name in the zip -> path in this tree."""
    found = {s: ROOT / "tests" / "grading" / "gradescope" / s for s in SCRIPTS}
    for pattern in (*requirements(), *FILES, *handed_out.PATTERNS):
        paths = [p for p in sorted(ROOT.glob(pattern)) if p.is_file()]
        paths = [p for p in paths if not p.name.startswith(("test_", "conftest", "make_"))]
        if not paths:
            raise UserError(f"{pattern} is missing; the handout cannot build an autograder")
        found |= {p.relative_to(ROOT).as_posix(): p for p in paths}
    return {name: path for name, path in found.items() if name not in handed_out.ASSIGNMENTS}


def build(out, seed=None, without_isolation=False):
    """Write the zip; seed: of the hidden inputs, kept inside it. without_isolation: mark also where
    nothing keeps a submission from reading the solution.
    """
    content = {name: path.read_bytes() for name, path in members().items()}
    if without_isolation:
        content["tests/grading/gradescope/without_isolation.txt"] = b""
    if seed is not None:
        content["tests/grading/gradescope/seed.txt"] = f"{seed}\n".encode()
    out.parent.mkdir(parents=True, exist_ok=True)
    with atomic_path(out) as temporary, zipfile.ZipFile(temporary, "w") as archive:
        for name, data in content.items():
            info = zipfile.ZipInfo(name, _WHEN)
            info.external_attr = (0o100755 if name in SCRIPTS else 0o100644) << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, data)
    return len(content)


def main(argv=None):
    """Build the zip named on the command line."""
    parser = argparse.ArgumentParser(description="Build the autograder for Gradescope.")
    parser.add_argument("--out", type=Path, default=Path("dist/gradescope.zip"))
    parser.add_argument("--seed", type=int, help="of the hidden inputs; keep it secret")
    parser.add_argument(
        "--without-isolation",
        action="store_true",
        help="mark even where a submission could read the solution; the results say so",
    )
    given = parser.parse_args(argv)
    try:
        count = build(given.out, given.seed, given.without_isolation)
    except (UserError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(f"{given.out}: {count} files; upload it as the autograder of the assignment")
    return 0


if __name__ == "__main__":
    sys.exit(main())
