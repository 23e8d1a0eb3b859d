"""Marks on their way out: each format read back by the rules of whoever reads it."""

import csv
import io
import json
import re
import zipfile

import openpyxl
import pytest
from openpyxl.styles import Font

from common.errors import UserError
from tests.grading import exports

MARKS = {
    "Ann Example_20011": ("Ann Example_20011_assignsubmission_file_", 87.25),
    "甲 同学_20012": ("甲 同学_20012_assignsubmission_file", 100),
    "gus_301": ("gus_301", 50.5),
    "20263": ("20263", 0),
    "A_b C_7": ("A_b C_7_assignsubmission_file_", 40),
}


@pytest.fixture
def out(tmp_path):
    """Results of five students, and of one whose marking has not finished."""
    for student, (folder, score) in [*MARKS.items(), ("eve", ("eve", 9))]:
        record = {
            "student": student,
            "score": score,
            "max_score": 100,
            "complete": student != "eve",
        }
        (tmp_path / "out" / folder).mkdir(parents=True)
        (tmp_path / "out" / folder / "report.json").write_text(json.dumps(record))
        (tmp_path / "out" / folder / "report.md").write_text(f"# {student}")
    return tmp_path / "out"


def export(out, *targets):
    exports.check(map(str, targets))
    return list(exports.write([str(t) for t in targets], out))


def read(path, codec="utf-8-sig", **options):
    text = path.read_bytes().decode(codec)
    return list(csv.reader(io.StringIO(text, newline=""), **options))


# --- Moodle ---------------------------------------------------------------------------------------


def participants(names):
    """What Moodle's importer of feedback files makes of the paths in a zip: number -> files."""
    found = {}
    for name in names:
        folder, _, file = name.rpartition("/")
        pieces = folder.split("_", 4)
        assert (
            len(pieces) >= 4 and pieces[2] == "assignsubmission" and not file.startswith((".", "~"))
        )
        found.setdefault(int(pieces[1]), []).append(file)
    return found


def test_moodle_feedback(out):
    (line,) = export(out, "moodle")
    archive = zipfile.ZipFile(out / "export" / "moodle-feedback.zip")
    assert participants(archive.namelist()) == {20011: ["report.md"], 20012: ["report.md"]}
    name = "Ann Example_20011_assignsubmission_file_/report.md"
    assert archive.read(name) == b"# Ann Example_20011"
    assert "2 marks; not in it: 20263, A_b C_7, gus_301" in line


WORKSHEET = (
    "\ufeffIdentifier,Full name,Email address,Status,Grade,Maximum Grade,Grade can be changed,"
    "Last modified (submission),Last modified (grade),Feedback comments\r\n"
    'Participant 20011,Ann Example,a@x,"Submitted, late",,20.00,Yes,"Friday, 27 November",-,\r\n'
    "Participant 20012,甲 同学,,Submitted,3.00,20.00,No,-,-,good\r\n"
    "Participant 20013,Bo,,No submission,,20.00,Yes,-,-,\r\n"
)


def test_moodle_worksheet(tmp_path, out):
    """Filled by the participant's number, of the maximum there; all else stays."""
    (tmp_path / "Grades.csv").write_text(WORKSHEET, encoding="utf-8", newline="")
    (line,) = export(out, tmp_path / "Grades.csv")
    before, after = read(tmp_path / "Grades.csv"), read(out / "export" / "Grades.csv")
    assert [row[4] for row in after] == ["Grade", "17.45", "3.00", ""]
    assert [r[:4] + r[5:] for r in after] == [r[:4] + r[5:] for r in before]
    assert (out / "export" / "Grades.csv").read_bytes().startswith(b"\xef\xbb\xbfIdentifier")
    assert (tmp_path / "Grades.csv").read_bytes() == WORKSHEET.encode(), "the teacher's own stays"
    assert "甲 同学_20012" in line


# --- Canvas ---------------------------------------------------------------------------------------


def canvas_scores(rows):
    """What Canvas' importer reads: (assignment, points possible, {student id: score})."""
    header, points, *rest = rows
    assert header[:2] == ["Student", "ID"] and points[0].strip() == "Points Possible"
    column = next(
        i for i, n in enumerate(header) if n == exports.TITLE or re.search(r"\(\d+\)$", n)
    )
    most = float(points[column].replace(",", "."))
    return header[column], most, {int(r[1]): r[column] for r in rest if r[1]}


def test_canvas_without_a_template(out):
    export(out, "canvas")
    title, points, scores = canvas_scores(read(out / "export" / "canvas.csv"))
    assert (title, points) == (exports.TITLE, 100)
    assert scores == {20011: "87.25", 20012: "100", 301: "50.5", 7: "40"}


@pytest.mark.parametrize("separator", [",", ";"])
def test_canvas_template(tmp_path, out, separator):
    rows = [
        ["Student", "ID", "SIS Login ID", "Section", "Task 3 (812)", "Final Score"],
        ["    Points Possible", "", "", "", "10,00", "(read only)"],
        ["Muster, Gus", "301", "gus", "A", "", "7"],
        ["Other, Ida", "302", "ida", "A", "EX", "8"],
    ]
    with open(tmp_path / "c.csv", "w", newline="", encoding="utf-8") as file:
        csv.writer(file, delimiter=separator, lineterminator="\n").writerows(rows)
    export(out, tmp_path / "c.csv")
    after = read(out / "export" / "c.csv", delimiter=separator)
    assert canvas_scores(after) == ("Task 3 (812)", 10, {301: "5.05", 302: "EX"})
    rows[2][4] = "5.05"
    assert after == rows


def test_canvas_template_with_two_assignments(tmp_path):
    (tmp_path / "c.csv").write_text("Student,ID,A (1),B (2)\n    Points Possible,,10,10\n")
    with pytest.raises(UserError, match="2 assignments"):
        exports.check([str(tmp_path / "c.csv")])


# --- the teacher's own ----------------------------------------------------------------------------

TABLE = "名单,,\n学号,姓名,成绩\n20263,李四,\n20264,甲 同学,缺考\n00301,gus,\n"


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_own_csv(tmp_path, out, codec):
    (tmp_path / "t.csv").write_text(TABLE, encoding=codec, newline="")
    export(out, tmp_path / "t.csv")
    expected = TABLE.replace("李四,", "李四,0").replace("缺考", "100").replace("gus,", "gus,50.5")
    expected = expected.encode(codec)
    assert (out / "export" / "t.csv").read_bytes() == expected


def test_own_workbook(tmp_path, out):
    """Marks are numbers, ids keep their zeros, other sheets, formulas and formats stay."""
    book = openpyxl.Workbook()
    sheet = book.active
    for row in ([None, "2026"], ["Student ID", "Name", "平均"], ["20263", "李四", "=1+1"]):
        sheet.append(row)
    sheet["A3"].font = Font(bold=True)
    sheet.append(["00301", "gus", None])
    book.create_sheet("other")["B2"] = "=SUM(A1:A2)"
    book.save(tmp_path / "t.xlsx")
    export(out, tmp_path / "t.xlsx")
    after = openpyxl.load_workbook(out / "export" / "t.xlsx")
    rows = list(after.worksheets[0].iter_rows(values_only=True))
    assert rows == [
        (None, "2026", None, None),
        ("Student ID", "Name", "平均", "score"),
        ("20263", "李四", "=1+1", 0),
        ("00301", "gus", None, 50.5),
    ]
    assert after.worksheets[0]["A3"].font.b
    assert after["other"]["B2"].value == "=SUM(A1:A2)"


@pytest.mark.parametrize(
    "name, text, words",
    [
        ("a.txt", "id\n", "takes moodle, canvas, a .csv or an .xlsx"),
        ("a.csv", "who\n1\n", "no column called id"),
        ("a.xlsx", "no workbook", "no .xlsx that can be read"),
        ("a.csv", "Identifier,Name\nParticipant 1,x\n", "no column for the grade"),
    ],
)
def test_what_cannot_be_filled(tmp_path, name, text, words):
    (tmp_path / name).write_text(text)
    with pytest.raises(UserError, match=re.escape(words)):
        exports.check([str(tmp_path / name)])
    with pytest.raises(UserError, match="cannot read"):
        exports.check([str(tmp_path / "none.csv")])
