"""Marks by hand: read part by part, merged, never lost; what does not fit is named."""

import pytest

from common.errors import UserError
from tests.grading import manual, records, reports, roster
from tests.unit.grading.marking_helpers import ROOT
from tests.unit.grading.test_reports import record


def table(path, text, encoding="utf-8"):
    path.write_text(text, encoding=encoding)
    return path


def load(tmp_path, text):
    return manual.load(table(tmp_path / "marks.csv", text))


def test_the_rubric_of_the_template():
    """Five parts, 100 points, with the sections of the report template as their names."""
    assert len(manual.RUBRIC) == 5 and sum(points for _, points, _ in manual.RUBRIC) == 100
    for language, column in (("md", 0), ("zh.md", 2)):
        path = ROOT / "docs" / "guide" / f"report-template.{language}"
        text = path.read_text(encoding="utf-8")
        assert all(f"\n## {n}. {part[column]}\n" in text for n, part in enumerate(manual.RUBRIC, 1))


def test_load(tmp_path):
    found = load(
        tmp_path, 'id,part,points,comment\nada,Idea,20,good\nada,results,"7,5",\nbob,代码,,\n'
    )
    assert found.given == {"ada": {"Idea": (20, "good"), "Results": (7.5, "")}}
    assert found.rubric["Results"] == 40
    chinese = table(tmp_path / "c.csv", "学号;部分;得分;评语\n0012;思路;25;好\n", "gbk")
    assert manual.load(chinese).given == {"0012": {"Idea": (25, "好")}}


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("id,part,points\nada,Ideas,1\n", "line 2: no part 'Ideas'; the parts are Problem"),
        ("id,part,points\nada,Idea,26\n", "line 2: 26 of 25 points for Idea"),
        ("id,part,points\nada,Idea,x\n", "line 2: 'x' is no number"),
        ("id,part,points\nada,Idea,-1\n", "no number"),
        ("id,part,points\nada,Idea,nan\n", "no number"),
        ("id,part,points\nada,Idea,1\nada,idea,2\n", "line 3: ada, Idea stands there twice"),
        ("id,points\nada,1\n", "needs the columns id, part, points"),
    ],
)
def test_refused(tmp_path, text, what):
    with pytest.raises(UserError, match=what):
        load(tmp_path, text)


def test_own_rubric(tmp_path):
    rubric = manual.load_rubric(table(tmp_path / "r.csv", "part,points\nTalk,30\nCode,20\n"))
    marks = table(tmp_path / "m.csv", "id,part,points\nada,talk,30\n")
    assert manual.load(marks, rubric).given == {"ada": {"Talk": (30, "")}}
    for wrong in ("part,points\nTalk,\n", "part,points\nA,1\nA,2\n", "part,points\n"):
        with pytest.raises(UserError):
            manual.load_rubric(table(tmp_path / "r.csv", wrong))


def test_merge(tmp_path):
    """Two who mark add up; an empty cell takes nothing away; what differs is said."""
    first = "id,part,points,comment\nada,Idea,20,good\nbob,Idea,10,\n"
    assert manual.merge(tmp_path, load(tmp_path, first)) == []
    second = "id,part,points,comment\nada,Code,15,\nada,Idea,,\n"
    assert manual.merge(tmp_path, load(tmp_path, second)) == []
    assert manual.stored(tmp_path).given["ada"] == {"Idea": (20, "good"), "Code": (15, "")}
    (told,) = manual.merge(tmp_path, load(tmp_path, "id,part,points\nada,Idea,21\n"))
    assert "ada, Idea: 20 -> 21" in told
    assert manual.stored(tmp_path).given["ada"]["Idea"] == (21, "good")
    assert manual.stored(tmp_path).given["bob"] == {"Idea": (10, "")}


def test_gradebook(tmp_path):
    for student in ("ada", "Bob Example_20012"):
        records.save(tmp_path / student, record(student=student))
    people = [roster.Person("s1", "Ada", "ada@x"), roster.Person("20012", "Bob Example")]
    people.append(roster.Person("s3", "Nobody Else"))
    roster.save(tmp_path, people)
    text = (
        'id,part,points,comment\nada,Idea,20,"=1+1"\n20012,Idea,10,\n20012,Code,15,\ns3,Idea,5,\n'
    )
    manual.merge(tmp_path, load(tmp_path, text + "zoe,Idea,1,\n"))
    before = [r["total"] for r in reports.write_gradebook(tmp_path)]
    rows = {r["student"]: r for r in reports.write_gradebook(tmp_path)}
    assert rows["Bob Example_20012"]["report"] == "25"
    assert rows["Bob Example_20012"]["report: Code"] == "15"
    assert rows["ada"]["report"] == "20" and rows["ada"]["report_max"] == "100"
    assert rows["s3"]["report"] == "5"  # on the roster, handed in no code
    assert [r["total"] for r in rows.values()] == before  # the automatic marks stay
    assert manual.Columns(tmp_path, list(rows.values())).unknown() == ["zoe"]
    lines = (tmp_path / "gradebook.csv").read_text().splitlines()
    assert "report: Problem,report: Idea,report: Code" in lines[0]
    assert "Idea: '=1+1" in "".join(lines)


def test_template_is_read_back(tmp_path):
    path = tmp_path / "marks.csv"
    manual.template(path, manual.RUBRIC, ["ada", "张三", "'=x"])
    assert manual.load(path).given == {}
    text = path.read_text(encoding="utf-8-sig").replace("张三,Idea,,", "张三,Idea,9,")
    path.write_text(text.replace("'=x,Code,,", "'=x,Code,8,fine"), encoding="utf-8")
    assert manual.load(path).given == {"张三": {"Idea": (9, "")}, "=x": {"Code": (8, "fine")}}
