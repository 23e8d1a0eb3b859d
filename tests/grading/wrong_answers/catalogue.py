"""The bank of wrong answers as a page for teachers: docs/teachers-mistakes.md.

python -m tests.grading.wrong_answers.catalogue     marks the whole bank, writes the page anew

`page` needs what `symptoms` measured; a test compares the page with the bank without marking again.
"""

import contextlib
import difflib
import io
import re
import textwrap
from pathlib import Path

import common  # noqa: F401 - sets the CPU up, so it comes before Paddle

# isort: split
from tests.assessment import texts
from tests.grading.checks import TODOS
from tests.grading.wrong_answers.marking import mark
from tests.grading.wrong_answers.templates import autoencoder, function, method
from tests.grading.wrong_answers.wrong import WRONG

PAGE = Path(__file__).resolve().parents[3] / "docs" / "teachers-mistakes.md"
HEAD = """# Wrong answers, and what a student is told

Teaching material, **for teachers only**: it shows what the formulas look like when they are nearly
right. `handout.py` leaves this page out.

These are the {count} wrong answers of the bank that the grader is tested with
(`tests/grading/wrong_answers`). `python -m tests.grading.wrong_answers.catalogue` writes this page;
do not edit it by hand. Under each TODO the mistakes stand by the hint that they get, in the two
languages of the reports. *Code* is the body that was handed in; of the AutoEncoder, what differs
from a right answer (− missing, + added). In the DDPM's bodies `ab`, `a`, `b` and `s2` are
alpha_bar, alpha, beta and sigma_square at t. *Fails* names the checks that do not pass: the
symptom, as the report shows it. {{name}} and the like stand for words of the student's own code.

"""
NO_HINT = "No hint"
NO_HINT_TEXT = (
    "Only what was expected and what came is shown: every hint would fit by chance, or mislead."
)
_ROW = re.compile(r"\| (.+?) \| .* \| (.+?) \|")


def symptoms():
    """(todo, name) -> titles of the checks that fail; measured, a minute or so."""
    found = {}
    for (todo, name), (_, source) in WRONG.items():
        with contextlib.redirect_stdout(io.StringIO()):
            outcomes = mark(source, todo)
        failed = [id for id, o in outcomes.items() if o.status not in ("passed", "skipped")]
        found[todo, name] = "; ".join(texts.title(id, "en") for id in failed)
    return found


def read_symptoms(text):
    """The symptoms that stand in the text of a page."""
    found, todo = {}, ""
    for line in text.splitlines():
        if line.startswith("## "):
            todo = line[3:].partition(",")[0]
        row = _ROW.fullmatch(line)
        if row and todo and row[1] not in ("mistake", "---"):
            found[todo, row[1]] = row[2]
    return found


def page(measured):
    """The text of the page."""
    parts = [HEAD.format(count=len(WRONG))]
    for todo in TODOS:
        names = [name for t, name in WRONG if t == todo.name]
        groups = {}
        for name in names:
            groups.setdefault(tuple(sorted(WRONG[todo.name, name][0])), []).append(name)
        parts.append(f"## {todo.name}, {len(names)} wrong answers\n\n")
        for hints in sorted(groups, key=lambda h: not h):  # those without a hint come last
            parts.append(_group(todo.name, hints, groups[hints], measured))
    return "".join(parts).rstrip() + "\n"


def _group(todo, hints, names, measured):
    title = " or ".join(f"`{hint}`" for hint in hints) or NO_HINT
    told = [text for hint in hints for text in texts.HINTS[hint].values()] or [NO_HINT_TEXT]
    quotes = [f"> {text}\n" if hints else f"{text}\n" for text in told]
    rows = [f"| {n} | {_code(todo, n)} | {measured.get((todo, n), '?')} |" for n in names]
    table = "\n".join(["| mistake | code | fails |", "| --- | --- | --- |", *rows])
    return f"### {title}\n\n" + ">\n".join(quotes) + f"\n{table}\n\n"


def _code(todo, name):
    """What was handed in, as the cell of a table."""
    source = WRONG[todo, name][1]
    lines = _changes(source) if todo == "AutoEncoder" else _body(todo, source)
    return "<br>".join(_span(line) for line in lines)


def _body(todo, source):
    """The lines inside the function; the frame around them is the same for all answers."""
    build = method if todo in ("add_noise", "remove_noise", "loss") else function
    options = {"tables": todo != "loss"} if build is method else {}
    head = build(todo, "pass", **options).rpartition("pass")[0].rstrip(" ")
    return textwrap.dedent(source.removeprefix(head)).strip("\n").splitlines()


def _changes(source):
    """The layers and lines in which an AutoEncoder differs from a right one."""
    right, given = (_layers(text) for text in (autoencoder(), source))
    changed = [line for line in difflib.ndiff(right, given) if line[:2] in ("+ ", "- ")]
    return [line.replace("-", "−", 1) for line in changed]


def _layers(source):
    """Its lines, each layer on one of its own and without the bracket that closes them all."""
    lines = [line.strip() for line in re.split(r", (?=nn\.)|Sequential\(|\n", source)]
    spare = [line.count(")") > line.count("(") for line in lines]
    return [line[:-1] if more else line for line, more in zip(lines, spare) if line]


def _span(line):
    """A line of code within a cell; its indentation stays, a bar does not end the cell."""
    inner = line.lstrip()
    return f"`{chr(0xA0) * (len(line) - len(inner))}{inner}`".replace("|", r"\|")


if __name__ == "__main__":
    PAGE.write_text(page(symptoms()), encoding="utf-8")
    print(PAGE)
