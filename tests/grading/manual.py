"""Marks that a person gives beside the automatic ones: of the written report, part by part.

The person's table is read and never written. What was read stays below the results: a later table
adds to it, and where it differs from what was there, both are named.
"""

import csv
import io
import json
from dataclasses import dataclass

from common.errors import UserError
from common.files import write_json, write_text
from tests.grading import roster
from tests.grading.inert import inert
from tests.grading.messages import say

FILE = "manual.json"
RUBRIC = (  # the five sections of docs/guide/report-template.md; its questions are in Results
    ("Problem", 10, "问题"),
    ("Idea", 25, "思路"),
    ("Code", 15, "代码"),
    ("Results", 40, "结果"),
    ("Summary", 10, "总结"),
)
_PART = "part section 部分 项目".split()
_POINTS = "points score grade mark max 分数 得分 成绩 满分".split()
_COMMENT = "comment comments remark note 评语 备注 说明".split()


@dataclass(frozen=True)
class Marks:
    """rubric: part -> most points. given: id -> {part: (points, comment)}."""

    rubric: dict
    given: dict


def load_rubric(path=None):
    """[(part, points, other name)] from a table with columns part and points; the default's if
    there is none. Raises UserError.
    """
    if path is None:
        return RUBRIC
    rows = _table(path, {"part": _PART, "points": _POINTS})
    found = []
    for line, row in rows:
        points = _number(row["points"], path, line)
        if not row["part"] or points is None or row["part"] in [f[0] for f in found]:
            raise UserError(f"{path}, line {line}: every part stands once, with its points")
        found.append((row["part"], points, ""))
    if not found:
        raise UserError(f"{path}: no part in it")
    return tuple(found)


def load(path, rubric=RUBRIC):
    """The Marks in a table with columns id, part, points and perhaps comment. Raises UserError.

    Rows without points are not marked yet. Unknown parts, points above the part's, and one part
    marked twice are refused, with the line.
    """
    parts = {name.casefold(): p for p, _, other in rubric for name in (p, other) if name}
    most = {p: points for p, points, _ in rubric}
    given = {}
    rows = _table(path, {"id": None, "part": _PART, "points": _POINTS}, {"comment": _COMMENT})
    for line, row in rows:
        points = _number(row["points"], path, line)
        if points is None:
            continue
        part = parts.get(row["part"].casefold())
        if part is None:
            known = ", ".join(most)
            raise UserError(f"{path}, line {line}: no part '{row['part']}'; the parts are {known}")
        if points > most[part]:
            raise UserError(f"{path}, line {line}: {points:g} of {most[part]:g} points for {part}")
        marks = given.setdefault(row["id"], {})
        if part in marks:
            raise UserError(f"{path}, line {line}: {row['id']}, {part} stands there twice")
        marks[part] = (points, row["comment"])
    return Marks(most, given)


def _table(path, needed, wished=()):
    """[(line, {name: text})] of a .csv or .xlsx. Raises UserError."""
    rows = roster.rows(path)
    for number, row in enumerate(rows[: roster.HEADER_ROWS]):
        names = [roster.bare(v) for v in row]
        found = {
            key: roster.columns_of(row).get("id") if words is None else roster.first(names, words)
            for key, words in {**needed, **dict(wished)}.items()
        }
        if all(found[key] is not None for key in needed):
            lines = enumerate(rows[number + 1 :], number + 2)
            return [(n, _cells(r, found)) for n, r in lines if any(r)]
    raise UserError(f"{path} needs the columns {', '.join(needed)}")


def _cells(row, columns):
    cells = {k: row[i] if i is not None and i < len(row) else "" for k, i in columns.items()}
    return {k: v.lstrip("'") if k == "id" else v for k, v in cells.items()}


def _number(text, path, line):
    """Points, or None for an empty cell. Raises UserError."""
    if not text:
        return None
    try:
        value = float(text.replace(",", "."))
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1e6:
        raise UserError(f"{path}, line {line}: '{text}' is no number of points")
    return value


# --- kept below the results ---------------------------------------------------------------------


def stored(out):
    """The Marks of all `merge`s, or None."""
    try:
        value = json.loads((out / FILE).read_text(encoding="utf-8"))
        given = {i: {p: tuple(m) for p, m in v.items()} for i, v in value["given"].items()}
        return Marks(dict(value["rubric"]), given)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def merge(out, marks, lang="en"):
    """Add Marks to those below `out`. Returns lines that name what is different now."""
    old = stored(out)
    given = {i: dict(v) for i, v in old.given.items()} if old else {}
    changed = []
    for id, parts in marks.given.items():
        known = given.setdefault(id, {})
        for part, (points, comment) in parts.items():
            before = known.get(part, (points, ""))
            known[part] = (points, comment or before[1])
            if before[0] != points:
                values = {"id": inert(id, 60), "part": part, "old": f"{before[0]:g}"}
                changed.append(say("manual_changed", lang, new=f"{points:g}", **values))
    rubric = {**(old.rubric if old else {}), **marks.rubric}
    used = {part for v in given.values() for part in v} | set(marks.rubric)
    rubric = {part: most for part, most in rubric.items() if part in used}
    write_json(out / FILE, {"rubric": rubric, "given": given})
    return changed


def template(path, rubric, students):
    """Write a table to fill in, one row per student and part. Raises OSError."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow(["id", "part", "points", "comment"])
    writer.writerows([s, part, "", ""] for s in students for part, *_ in rubric)
    text = stream.getvalue()
    write_text(path, text if text.isascii() else "\ufeff" + text)


class Columns:
    """The columns of the gradebook: one a part, their sum, the comments; none without marks."""

    def __init__(self, out, rows):
        marks = stored(out)
        self._given = marks.given if marks else {}
        self._parts = list(marks.rubric) if marks else []
        self.names = [f"report: {p}" for p in self._parts]
        self.names += ["report", "report_max", "report_comment"] if marks else []
        self._most = sum(marks.rubric.values()) if marks else 0
        self._ids = _ids(self._given, rows)

    def of(self, row):
        """Column -> text for a row of the gradebook."""
        parts = self._given.get(self._ids.get(row["student"]))
        if not parts:
            return {}
        cells = {f"report: {p}": f"{points:g}" for p, (points, _) in parts.items()}
        comments = "; ".join(
            f"{p}: {parts[p][1]}" for p in self._parts if p in parts and parts[p][1]
        )
        total = f"{sum(points for points, _ in parts.values()):g}"
        most = f"{self._most:g}"
        return {**cells, "report": total, "report_max": most, "report_comment": comments}

    def unknown(self):
        """Ids in the tables that nobody in the gradebook has."""
        return [i for i in self._given if i not in self._ids.values()]


def _ids(given, rows):
    """student of a row -> id in the tables: the same, the roster's, or as a roster is joined."""
    by_text = {i.strip().casefold(): i for i in given}
    joined = roster.join([roster.Person(i) for i in given], [r["student"] for r in rows])
    found = {}
    for row in rows:
        texts = [row["student"], str(row.get("id", ""))]
        exact = next((by_text[t.casefold()] for t in texts if t.casefold() in by_text), None)
        person = joined.get(row["student"])
        if exact or person:
            found[row["student"]] = exact or person.id
    return found
