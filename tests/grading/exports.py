"""Marks to where they belong: the teacher's own table, Moodle's worksheet and feedback, Canvas.

A table is filled by the column that holds the id and written as a copy below the results; every
other cell stays as it is. For Moodle there is no table without one of the teacher's, as it finds
columns by their names in the site's language.
"""

import csv
import io
import json
import re
import zipfile
from dataclasses import dataclass
from pathlib import Path

from common.errors import UserError
from common.files import atomic_path, write_text
from tests.grading import platforms, roster
from tests.grading.inert import inert
from tests.grading.messages import say

FOLDER = "export"
TITLE = "Generative models"  # of the assignment that Canvas makes from a table without a template
_GRADES = "grade score total points mark marks result".split()
_GRADES += "成绩 成績 总分 總分 分数 分數 得分 总成绩 總成績".split()
_IDENTIFIERS = "identifier 标识符 識別碼 标识 編號 编号".split()
_MAXIMA = "maximumgrade maximumscore 最高分 最高成绩 最大成绩 最高成績 满分 滿分".split()
_LOCKED = "gradecanbechanged 成绩可以更改 成绩可更改 成績可以更改".split()
_NO = ("no", "否", "0", "false")
_MARKDOWN = "report.md"


@dataclass(frozen=True)
class Mark:
    """What one student got. folder: of the results. number: the platform's own, or ""."""

    student: str
    folder: str
    score: float
    max_score: float

    @property
    def number(self):
        """Moodle's or Canvas' number of the student, or ""."""
        found = re.fullmatch(r".+_(\w+)", self.student)
        return found[1] if found else ""

    def of(self, most):
        """The score where `most` is the maximum, as text."""
        value = self.score * most / self.max_score
        return f"{value:.2f}".rstrip("0").rstrip(".")


def marks(out):
    """The Marks of everybody who was marked to the end, from the reports below `out`."""
    found = []
    for path in sorted(out.glob("*/report.json")):
        try:
            record = json.loads(path.read_text(encoding="utf-8"))
            score, most = float(record["score"]), float(record["max_score"])
            if record["complete"] and most > 0:
                found.append(Mark(str(record["student"]), path.parent.name, score, most))
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return found


def check(targets):
    """Raise UserError, before the marking, for an export that cannot be made."""
    for target in targets:
        if target not in ("moodle", "canvas"):
            path = Path(target)
            if path.suffix.lower() not in (".xlsx", ".xlsm", ".csv"):
                raise UserError(f"--export takes moodle, canvas, a .csv or an .xlsx, not {target}")
            _Table(path)


def write(targets, out, lang="en"):
    """Make the exports below `out`/export.

    Args:
        targets: "moodle" (feedback files), "canvas" (a table), or paths of tables to fill.
        out: the folder of the results.

    Yields:
        One line each, for the terminal. Raises UserError.
    """
    found = marks(out)
    (out / FOLDER).mkdir(exist_ok=True)
    for target in targets:
        if target == "moodle":
            yield feedback(found, out, lang)
        elif target == "canvas":
            yield canvas(found, out, lang)
        else:
            yield fill(Path(target), found, out, lang)


# --- Moodle: feedback files -----------------------------------------------------------------------


def feedback(found, out, lang):
    """moodle-feedback.zip: the reports in folders from which Moodle knows whose they are."""
    path = out / FOLDER / "moodle-feedback.zip"
    taken, left = [], []
    for mark in found:
        (taken if _moodle_finds(mark.folder) else left).append(mark)
    with atomic_path(path) as temporary, zipfile.ZipFile(temporary, "w") as archive:
        for mark in taken:
            name = f"{mark.folder}/{_MARKDOWN}"
            archive.write(out / mark.folder / _MARKDOWN, name, zipfile.ZIP_DEFLATED)
    return _line(path, taken, [m.student for m in left], lang)


def _moodle_finds(folder):
    """Whether the importer reads the participant's number: the second piece between `_`."""
    pieces = folder.split("_")
    return platforms.origin(folder) is not None and len(pieces) >= 4 and pieces[1].isdigit()


# --- Canvas: a table without a template -----------------------------------------------------------


def canvas(found, out, lang):
    """canvas.csv: makes an assignment of its own; to fill one that is there, give its export."""
    path, most = out / FOLDER / "canvas.csv", 100
    taken = [m for m in found if m.number.isdigit()]
    rows = [["Student", "ID", "Section", TITLE], ["    Points Possible", "", "", str(most)]]
    rows += [[inert(m.student.rpartition("_")[0], 100), m.number, "", m.of(most)] for m in taken]
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\r\n").writerows(rows)
    write_text(path, stream.getvalue())
    return _line(path, taken, [m.student for m in found if m not in taken], lang)


# --- a table of the teacher's -----------------------------------------------------------------


def fill(path, found, out, lang):
    """A copy of a .csv or .xlsx below `out`, with the marks in it and nothing else changed."""
    table = _Table(path)
    taken, locked = [], []
    for row, mark in table.pairs(found):
        if table.may_change(row):
            table.put(row, mark)
            taken.append(mark)
        else:
            locked.append(mark)
    target = out / FOLDER / path.name
    table.save(target)
    return _line(target, taken, [m.student for m in found if m not in taken], lang)


class _Table:
    """A table with an id column. rows: lists of text, as they are shown."""

    def __init__(self, path):
        self.path = path
        try:
            self.file = _Csv(path) if path.suffix.lower() == ".csv" else _Workbook(path)
        except OSError as error:
            raise UserError(f"cannot read {path}: {error.strerror}") from error
        self.rows = self.file.rows
        self.header, self.columns = self._find_header()
        names = [roster.bare(v) for v in self.rows[self.header]]
        self.most_column = roster.first(names, _MAXIMA)
        self.locked_column = roster.first(names, _LOCKED)
        self.canvas = self._is_canvas()
        self.grade_column = self._find_grade(names)

    def _find_header(self):
        """(index, "id" -> column ...) of the row with the names of the columns."""
        for number, row in enumerate(self.rows[: roster.HEADER_ROWS]):
            columns = roster.columns_of(row)
            moodle = roster.first([roster.bare(v) for v in row], _IDENTIFIERS)
            if moodle is not None and self._is_worksheet(number, moodle):
                return number, {**columns, "participant": moodle}
            if "id" in columns:
                return number, columns
        raise UserError(f"{self.path}: no column called id or 学号 to find the students by")

    def _is_worksheet(self, number, column):
        """Whether it holds what Moodle calls participants: "Participant 20011"."""
        values = [row[column] for row in self.rows[number + 1 :] if len(row) > column]
        return any(re.fullmatch(r"\D+\d+", v) for v in values)

    def _is_canvas(self):
        return any(
            row and row[0].strip() == "Points Possible" for row in self.rows[: self.header + 4]
        )

    def _find_grade(self, names):
        if self.canvas:
            return self._canvas_column()
        found = roster.first(names, _GRADES)
        if found is not None:
            return found
        if "participant" in self.columns:
            raise UserError(f"{self.path}: no column for the grade; download the worksheet again")
        column = len(self.rows[self.header])
        self.file.put(self.header, column, "score")
        return column

    def _canvas_column(self):
        """The one assignment in an export of Canvas: "title (number)", not computed."""
        names = self.rows[self.header]
        points = next(r for r in self.rows if r and r[0].strip() == "Points Possible")
        fitting = [
            i
            for i, name in enumerate(names)
            if re.search(r" \(\d+\)$", name) and i < len(points) and "read only" not in points[i]
        ]
        if len(fitting) != 1:
            raise UserError(
                f"{self.path} has {len(fitting)} assignments; export it with the one to be filled"
            )
        return fitting[0]

    def pairs(self, found):
        """(row index, Mark) of those that are in the table."""
        lines = range(self.header + 1, len(self.rows))
        if "participant" in self.columns or self.canvas:
            column = self.columns["participant" if "participant" in self.columns else "id"]
            ids = {re.sub(r"^\D+", "", self._value(i, column)): i for i in lines}
            return [(ids[m.number], m) for m in found if m.number and m.number in ids]
        people = {roster.person(self.rows[i], self.columns): i for i in lines}
        joined = roster.join([p for p in people if p.id], [m.student for m in found])
        return [(people[joined[m.student]], m) for m in found if m.student in joined]

    def _value(self, row, column):
        return self.rows[row][column] if column is not None and column < len(self.rows[row]) else ""

    def may_change(self, row):
        """Whether Moodle would take a new grade."""
        return roster.bare(self._value(row, self.locked_column)) not in _NO

    def put(self, row, mark):
        """Enter a mark, of the maximum that the table names, or of its own."""
        self.file.put(row, self.grade_column, mark.of(self._most(row) or mark.max_score))

    def _most(self, row):
        text = self._value(row, self.most_column)
        if self.canvas:
            points = next(r for r in self.rows if r and r[0].strip() == "Points Possible")
            text = points[self.grade_column]
        try:
            return float(text.replace(",", "."))
        except ValueError:
            return None

    def save(self, target):
        """Write the copy."""
        self.file.save(target)


class _Csv:
    """A .csv: its encoding, separator and line ends stay as they are."""

    def __init__(self, path):
        data = path.read_bytes()
        self.codec = roster.codec(data, path)
        text = data.decode(self.codec)
        first = next((line for line in text.splitlines() if line.strip()), "")
        self.delimiter = roster.delimiter(text)
        self.end = "\r\n" if "\r\n" in text else "\n"
        self.quoted = first.startswith('"') and first.rstrip().endswith('"')
        stream = io.StringIO(text, newline="")
        self.rows = list(csv.reader(stream, delimiter=self.delimiter))

    def put(self, row, column, text):
        """Set one cell."""
        cells = self.rows[row]
        cells += [""] * (column + 1 - len(cells))
        cells[column] = text

    def save(self, target):
        """Write it, whole or not at all."""
        stream = io.StringIO()
        quoting = csv.QUOTE_ALL if self.quoted else csv.QUOTE_MINIMAL
        writer = csv.writer(
            stream, delimiter=self.delimiter, lineterminator=self.end, quoting=quoting
        )
        writer.writerows(self.rows)
        with atomic_path(target) as temporary:
            Path(temporary).write_bytes(stream.getvalue().encode(self.codec))


class _Workbook:
    """An .xlsx: the first sheet that has anything is filled, all else is kept."""

    def __init__(self, path):
        import openpyxl  # only who gives an .xlsx waits for it

        try:
            macros = path.suffix.lower() == ".xlsm"
            self.book = openpyxl.load_workbook(path, keep_vba=macros)
        except OSError:
            raise
        except Exception as error:  # zipfile's, xml's, openpyxl's own
            raise UserError(f"{path} is no .xlsx that can be read; save it as .csv") from error
        sheets = (s for s in self.book.worksheets if any(c.value is not None for r in s for c in r))
        self.sheet = next(sheets, self.book.worksheets[0])
        rows = self.sheet.iter_rows(values_only=True)
        self.rows = [[roster.text(v) for v in row] for row in rows]

    def put(self, row, column, text):
        """Set one cell; a number is stored as one."""
        number = re.fullmatch(r"\d+(\.\d+)?", text)
        value = text if not number else float(text) if "." in text else int(text)
        self.sheet.cell(row + 1, column + 1).value = value

    def save(self, target):
        """Write it, whole or not at all."""
        with atomic_path(target) as temporary:
            self.book.save(temporary)


def _line(path, taken, left, lang):
    """What was written, and who is not in it."""
    line = say("exported", lang, path=path, number=len(taken))
    return line + (say("not_exported", lang, names=", ".join(left)) if left else "")
