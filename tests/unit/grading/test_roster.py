"""Rosters: tables as teachers have them, and who of them has handed in what."""

import codecs
import datetime

import openpyxl
import pytest

from common.errors import UserError
from tests.grading import roster
from tests.grading.roster import Person

ADA, BO = Person("007", "Ada Byron", "ada@x.edu"), Person("20261", "张三", "zs@x.edu")
ROWS = "007,Ada Byron,ada@x.edu\n20261,张三,zs@x.edu\n"
TABLES = {
    "plain": f"id,name,email\n{ROWS}",
    "chinese": f"学号,姓名,邮箱\n{ROWS}",
    "other order": (
        "E-mail;Full Name;Student ID;x\nada@x.edu;Ada Byron;007;1\nzs@x.edu;张三;20261;\n"
    ),
    "two names": (
        "Last name\tFirst name\tID number\tEmail address\n"
        "Byron\tAda\t007\tada@x.edu\n张三\t\t20261\tzs@x.edu\n"
    ),
    "title above": f"2026 秋 生成模型,,\n,,\n学号,姓名,电子邮件\n{ROWS}",
    "blank lines": f"id,name,email\n\n,,\n{ROWS},total,\n",
    "quoted": f'"SIS User ID","Student","Email"\n"\'007","Ada Byron","ada@x.edu"\n{ROWS[24:]}',
}


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_tables(tmp_path, table, codec):
    (tmp_path / "class.csv").write_text(TABLES[table], encoding=codec)
    assert roster.load(tmp_path / "class.csv") == [ADA, BO]


def workbook(path, rows):
    book = openpyxl.Workbook()
    book.active.title = "empty"
    sheet = book.create_sheet("class")
    for row in rows:
        sheet.append(row)
    book.save(path)
    return path


def test_workbook(tmp_path):
    rows = [["名单", None, None], ["姓名", "学号", "日期"]]
    rows += [
        ["张三", 20261, datetime.date(2026, 9, 1)],
        ["Ada Byron", "007", None],
        [None, None, 3],
    ]
    people = roster.load(workbook(tmp_path / "class.xlsx", rows))
    assert people == [Person("20261", "张三"), Person("007", "Ada Byron")]


@pytest.mark.parametrize(
    "name, data, words",
    [
        ("a.csv", b"who,what\n1,2\n", "no column called id.*who, what"),
        ("a.csv", b"", "no column called id"),
        ("a.csv", b"id,name\n,x\n", "no id in it"),
        ("a.csv", b"id,name\n7,x\n7,y\n", "7 stands there twice"),
        ("a.csv", codecs.BOM_UTF8 + b"\xff\xff\xff", "neither UTF-8 nor GBK"),
        ("a.csv", b"PK\3\4", "save it as"),
        ("a.xls", b"\xd0\xcf\x11\xe0", "save it as"),
        ("a.xlsx", b"no workbook", "no .xlsx that can be read"),
    ],
)
def test_what_is_no_roster(tmp_path, name, data, words):
    (tmp_path / name).write_bytes(data)
    with pytest.raises(UserError, match=words):
        roster.load(tmp_path / name)


def test_no_file(tmp_path):
    with pytest.raises(UserError, match="cannot read"):
        roster.load(tmp_path / "none.csv")


CLASS = [
    *(ADA, BO, Person("20262", "张三"), Person("20263", "李四", "li@x.edu")),
    *(Person("20264", "Ann Example"), Person("20265", "Example, Bo"), Person("11", "Eve One")),
]


@pytest.mark.parametrize(
    "student, person",
    [
        ("007", "007"),
        ("7", None),  # a leading zero is part of an id
        ("20261_张三_作业", "20261"),
        ("张三20262", "20262"),
        ("张三", None),  # two are called so
        ("李四", "20263"),
        ("li", "20263"),
        ("Ann Example_99", "20264"),
        ("Ann Example_99 (1 of 2)", "20264"),
        ("examplebo_3001", "20265"),
        ("Ann Example_11", None),  # the platform's number is another one's id: unclear
        ("stranger_5", None),
        ("20261 20262", None),
    ],
)
def test_who_is_who(student, person):
    found = roster.join(CLASS, [student]).get(student)
    assert (found.id if found else None) == person


def test_kept_for_the_next_run(tmp_path):
    assert roster.kept(tmp_path) == []
    roster.save(tmp_path, [ADA, BO])
    assert roster.kept(tmp_path) == [ADA, BO]
    (tmp_path / roster.FILE).write_text('[{"id": 1}]')
    assert roster.kept(tmp_path) == []
