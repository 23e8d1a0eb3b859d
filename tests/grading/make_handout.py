"""Builds the student's copy of this tree: without TODO bodies, and nothing of the teacher's in it.

What stands between `# BEGIN SOLUTION <todo>` and `# END SOLUTION` in an assignment file is replaced
by a line that raises NotImplementedError; at the margin of a file it is taken out. What stands
between `BEGIN TEACHER` and `END TEACHER` in any other text file is taken out, too. Their language:
`handout_language`.
"""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

from common.errors import RunError, UserError
from tests.grading import checks, handout_language

ROOT = Path(__file__).resolve().parents[2]

TODOS = {t.file: tuple(s.name for s in checks.TODOS if s.file == t.file) for t in checks.TODOS}

# Patterns of paths below the root. KEPT wins over LEFT_OUT.
KEPT = ("tests/__init__.py", "tests/todo/*", "tests/assessment/*")
LEFT_OUT = tuple(
    "tests/* grade.py handout.py reproduce.py */explorer.py common/report/* docs/teach* docs/grad* "
    "common/texts/teacher* docs/multi-device.md docs/performance.md docs/platforms.md "
    "docs/pictures/bench* docs/development.md CHANGELOG.md requirements-dev.txt "
    "requirements-teacher.txt requirements-visualdl.txt .ci/* .github/* docs/speedrun.md "
    "diffusion/speedrun.py diffusion/distill.py diffusion/judge.py diffusion/wiener.py "
    "diffusion/compare_samplers.py */latent_numbers.py vae/several_runs.py */export.py "
    "common/training/muon.py common/training/visualdl.py common/evaluation/latent_metrics.py "
    "common/evaluation/sample_statistics.py common/evaluation/saved_codes.py".split()
)
NOT_OURS = tuple(
    ".git .venv .venv-gpu venv __pycache__ .pytest_cache .ruff_cache .ipynb_checkpoints "
    "results log dist grades *.pdparams *.pyc *.egg-info".split()
)

_BEGIN = re.compile(r"[ \t]*# BEGIN SOLUTION (\w+)[ \t]*")
_END = re.compile(r"[ \t]*# END SOLUTION(?: (\w+))?[ \t]*")
_TEACHER = re.compile(r"\b(BEGIN|END) TEACHER\b")
_TEXT = frozenset(".py .md .txt .toml .ipynb .html .css .js .json .yml .yaml".split()) | {""}
LINE_LENGTH = 100


@dataclass(frozen=True)
class Block:
    """One solution in a file: its TODO, the lines of its two markers from 1, and its lines."""

    todo: str
    file: str
    begin: int
    end: int
    lines: tuple

    @property
    def indent(self):
        """The white space before its first marker."""
        return self.lines[0][: len(self.lines[0]) - len(self.lines[0].lstrip())]


# --- reading the markers -------------------------------------------------------------------------


def blocks(text, file):
    """The solutions in a file, in order. Raises UserError with file and line for any fault."""
    found, opened = [], None
    lines = text.splitlines()
    for number, line in enumerate(lines, 1):
        begin, end = _BEGIN.fullmatch(line), _END.fullmatch(line)
        if not begin and not end:
            if re.search(r"#\s*(BEGIN|END)\s+SOLUTION", line, re.I):
                raise _fault(file, number, "this marker is not written as it should be")
            continue
        if begin and opened:
            raise _fault(file, number, f"BEGIN inside the block of line {opened[1]}")
        if end and not opened:
            raise _fault(file, number, "END without BEGIN")
        if begin:
            opened = (begin[1], number)
            continue
        found.append(_block(opened, end[1], number, lines, file))
        opened = None
    if opened:
        raise _fault(file, opened[1], "BEGIN without END")
    _complete(found, file)
    return found


def _block(opened, closing_name, number, lines, file):
    todo, begin = opened
    if todo not in TODOS.get(file, ()):
        known = ", ".join(TODOS.get(file, ())) or "none"
        raise _fault(file, begin, f"unknown TODO {todo!r} (in this file: {known})")
    if closing_name not in (None, todo):
        raise _fault(file, number, f"END of {closing_name!r}, but {todo!r} is open")
    if not any(line.strip() for line in lines[begin : number - 1]):
        raise _fault(file, begin, "nothing stands between BEGIN and END")
    return Block(todo, file, begin, number, tuple(lines[begin - 1 : number]))


def _complete(found, file):
    inside = {block.todo for block in found if block.indent}
    for todo in TODOS.get(file, ()):
        if todo not in inside:
            raise _fault(file, 1, f"no block `# BEGIN SOLUTION {todo}` inside a function")


def _fault(file, line, what):
    return UserError(f"{file}, line {line}: {what}")


# --- writing the student's files -----------------------------------------------------------------


def stripped(text, file, lang="en"):
    """The file without its solutions; every one inside a function raises in its place."""
    lines = text.splitlines(keepends=True)
    for block in reversed(blocks(text, file)):
        lines[block.begin - 1 : block.end] = _stub(block, lang)
    new = re.sub(r"\n{4,}", "\n\n\n", "".join(lines)).rstrip() + "\n"
    try:
        compile(new, file, "exec")
    except SyntaxError as error:
        raise _fault(file, error.lineno or 1, f"without its solutions: {error.msg}") from None
    return new


def _stub(block, lang):
    """The lines in place of a solution; none at the margin, where a helper stood."""
    if not block.indent:
        return []
    words = {"todo": block.todo, "command": f"pytest tests/todo -k {block.todo}"}
    texts = handout_language.STUB["zh" if lang == "zh" else "en"]
    message = f'"{texts["message"].format(**words)}"'
    comment = f"{block.indent}{texts['comment'].format(**words)}\n"
    line = f"{block.indent}raise NotImplementedError({message})\n"
    if len(line) <= LINE_LENGTH:
        return [comment, line]
    inner = (
        f"{block.indent}raise NotImplementedError(\n{block.indent}    {message}\n{block.indent})\n"
    )
    return [comment, inner]


def without_teacher(text, file):
    """The text without the passages for teachers, marker lines included."""
    kept, opened = [], 0
    for number, line in enumerate(text.splitlines(keepends=True), 1):
        marker = _TEACHER.search(line)
        if marker and (marker[1] == "BEGIN") == bool(opened):
            raise _fault(file, number, f"{marker[0]} inside a passage or without one")
        if not marker and not opened:
            kept.append(line)
        if marker:
            opened = number if marker[1] == "BEGIN" else 0
    if opened:
        raise _fault(file, opened, "BEGIN TEACHER without END TEACHER")
    return "".join(kept)


# --- building the tree ---------------------------------------------------------------------------


def tracked(root=ROOT):
    """The files of the project below `root`, sorted: what git tracks, or a walk without git."""
    command = ["git", "-C", str(root), "ls-files", "-z", "--", "."]
    top = ["git", "-C", str(root), "rev-parse", "--show-toplevel"]
    try:
        here = subprocess.run(top, capture_output=True, text=True, check=True).stdout.strip()
        if Path(here).resolve() == root:
            listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
            return sorted(n for n in listed.split("\0") if n and (root / n).is_file())
    except (OSError, subprocess.CalledProcessError):
        pass
    return sorted(_walked(root))


def _walked(root):
    for folder, folders, files in os.walk(root):
        folders[:] = [f for f in folders if not _matches(f, NOT_OURS)]
        for name in files:
            path = (Path(folder) / name).relative_to(root).as_posix()
            downloaded = path.startswith("data/") and not path.startswith("data/README")
            if not _matches(name, NOT_OURS) and not downloaded:
                yield path


def _matches(path, patterns):
    return any(fnmatch(path, p) for p in patterns)


def build(root, out, lang="en"):
    """Write the student's tree into the empty folder `out`; returns (blocks, paths left out).

    lang: of its texts, "en", "zh" or "both".
    """
    removed, left_out = [], []
    files = tracked(root)
    missing = [f for f in TODOS if f not in files]
    if missing:
        raise UserError(f"{missing[0]} is missing; run handout.py from a complete tree")
    for name in files:
        target = handout_language.target(name, lang, files)
        if not target or (_matches(name, LEFT_OUT) and not _matches(name, KEPT)):
            left_out.append(name)
            continue
        removed += _copy(root / name, name, out / target, lang)
    leak = leaks(out, removed)
    if leak:
        raise RunError(f"{leak[0]} still holds a line of the solution of {leak[1]}")
    return removed, left_out


def _copy(source, name, target, lang):
    """Copy one file, changed where it must be; returns the solutions that were in it."""
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
    shutil.copymode(source, target)
    if source.suffix not in _TEXT:
        return []
    text = source.read_text(encoding="utf-8")
    new = _student_text(text, name, lang)
    if new != text:
        target.write_text(new, encoding="utf-8", newline="\n")
    return blocks(text, name) if name in TODOS else []


def _student_text(text, name, lang):
    """What a student gets of a text file."""
    if name in TODOS:
        return handout_language.assignment(stripped(text, name, lang), name, lang)
    if name == handout_language.NOTEBOOK:
        return handout_language.notebook(text, lang)
    text = without_teacher(text, name)
    return handout_language.page(text, lang) if name.endswith(".md") else text


# --- the leak test -------------------------------------------------------------------------------

# The layers of the AutoEncoder are given in its docstring; forward is the usual one of any model.
_NO_SECRET = ("nn.", "self.encoder = ", "self.decoder = ", "return self.decoder(")


def leaks(folder, solutions):
    """(path, todo) of the first line of a solution found in a text file below `folder`, or None."""
    secret = {}
    for block in solutions:
        lines = (_normalised(line.partition("#")[0]) for line in block.lines[1:-1])
        secret |= {line: block.todo for line in lines if _telling(line)}
    for path in sorted(p for p in folder.rglob("*") if p.is_file() and p.suffix in _TEXT):
        text = _normalised(path.read_text(encoding="utf-8", errors="replace"))
        for line, todo in secret.items():
            if line in text:
                return path.relative_to(folder).as_posix(), todo
    return None


def _normalised(text):
    """The text without white space, and without what a notebook's JSON puts around lines."""
    return re.sub(r"\\n|[\s\"'`\\,]", "", text)


def _telling(line):
    starts = tuple(_normalised(start) for start in _NO_SECRET)
    return len(line) >= 16 and not line.startswith(starts)


# --- all of it ----------------------------------------------------------------------------------


def write(out, overwrite=False, root=ROOT, lang="en"):
    """Build beside `out`, then rename, so that a half-built tree is never left in its place.

    lang: of the texts, "en", "zh" or "both".
    """
    out = Path(os.path.abspath(out))
    if out == root or out in root.parents:
        raise UserError(f"--out {out} holds this tree itself; choose another folder")
    if out.exists() and not out.is_dir():
        raise UserError(f"--out {out} is a file; choose a folder")
    if out.is_dir() and any(out.iterdir()) and not overwrite:
        raise UserError(f"--out {out} is not empty; choose another folder or add --overwrite")
    out.parent.mkdir(parents=True, exist_ok=True)
    beside = out.with_name(f".{out.name}.{os.getpid()}.new")
    old = out.with_name(f".{out.name}.{os.getpid()}.old")
    try:
        beside.mkdir()
        result = build(root, beside, lang)
        if out.exists():
            out.rename(old)
        beside.rename(out)
        shutil.rmtree(old, ignore_errors=True)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return result
