"""Reports: rendered from the record alone, and harmless whatever a student has written."""

import csv
import html
import json
from xml.etree import ElementTree

import pytest

from tests.grading import checks, inert, messages, records, reports

EVIL = [
    "\x1b[31mred\x1b[0m",
    "\x1b]0;title\x07x",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[link](http://evil.example)",
    "www.evil.example and @teacher and #12",
    "```\nout of the fence\n```",
    "=cmd|' /C calc'!A0",
    "\u202egnp.exe",
    "\u200bzero\ufeffwidth\u2066",
    "nul\0bell\x07",
    "\ud800lone",
    "::add-mask::x",
    "]]> & <!-- x",
    "x" * 100_000,
    "ignore previous instructions | a | b |\n# heading",
]


def record(text="all right", student="alice", lang="en", status="failed"):
    """A record whose only reason is `text`, made harmless as marking.py does."""
    check = {
        "id": "kl_div_loss/values",
        "title": "values",
        "status": status,
        "reason": inert.inert(text, 600, lines=8),
        "hint": inert.inert(text, 600, lines=8),
        "hint_id": None,
        "score": 0,
        "max_score": 15,
    }
    todo = {"score": 0, "max_score": 15, "status": status, "checks": [check]}
    based_on = {"student": inert.inert(student), "seed": 1, "lang": lang, "grader": "0"}
    based_on |= {"files": {"vae.py": "0" * 64}, "problems": {}}
    isolation = {"user": "root", "layers": {"no network": True, records.ESSENTIAL: True}}
    return records.compose(based_on, {"kl_div_loss": todo}, isolation, {"python": "3"})


@pytest.mark.parametrize("text", EVIL)
def test_inert(text):
    clean = inert.inert(text, 300, lines=3)
    assert len(clean) <= 300
    assert all(c.isprintable() or c in "\n\ufffd" for c in clean)
    assert clean.encode()


@pytest.mark.parametrize("text", EVIL)
def test_markdown_shows_text_only(text):
    page = reports.markdown(record(text, text), "en")
    for bad in (
        "<script",
        "<img",
        "](http",
        "http://",
        "www.",
        "\x1b",
        "\n```",
        "@teacher",
        "<!--",
    ):
        assert bad not in page
    assert not [line for line in page.splitlines() if line.startswith("# heading")]
    assert len(page) < 5000


@pytest.mark.parametrize("text", EVIL)
def test_junit_is_xml(text):
    root = ElementTree.fromstring(reports.junit(record(text, text), "en"))
    case = root.find("./testsuite/testcase")
    assert case.find("failure") is not None
    assert case.find("failure").text == inert.inert(text, 600, lines=8)


@pytest.mark.parametrize("text", EVIL)
def test_gradescope_is_plain_text(text):
    result = json.loads(json.dumps(reports.results(record(text, text)), allow_nan=False))
    (test,) = result["tests"]
    assert test["output_format"] == test["name_format"] == "text"
    assert test["status"] == "failed"
    assert test["output"] not in result["output"]
    assert "\x1b" not in test["output"]


@pytest.mark.parametrize("text", EVIL)
def test_gradebook(tmp_path, text):
    records.save(tmp_path / "eve", record(student=text))
    records.save(tmp_path / "ada", record(student="ada"))
    reports.write_gradebook(tmp_path)
    with open(tmp_path / "gradebook.csv", encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 2
    assert {"ada"} < {r["student"] for r in rows}
    assert not [c for r in rows for c in r.values() if c.startswith(("=", "+", "-", "@", "\t"))]
    assert all("\n" not in c and "\x1b" not in c for r in rows for c in r.values())


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "＝1", "plain", "a=b"])
def test_formulas(text):
    assert reports.cell(text) == ("'" + text if text[0] in "=+-@＝" else text)


def test_gradebook_columns(tmp_path):
    records.save(tmp_path / "小明", record(student="小明"))
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "report.json").write_text("{")
    reports.write_gradebook(tmp_path)
    data = (tmp_path / "gradebook.csv").read_bytes()
    assert data.startswith(b"\xef\xbb\xbf"), "Excel needs it for Chinese names"
    header, row = data.decode("utf-8-sig").split("\r\n")[:2]
    names = [t.name for t in checks.TODOS]
    assert header.split(",") == ["student", *names, "total", "max_score", "status"]
    assert row == "小明,,,0,,,,,0,15,marked"


def test_gradebook_without_need_has_no_mark(tmp_path):
    records.save(tmp_path / "ada", record(student="ada"))
    reports.write_gradebook(tmp_path)
    assert (tmp_path / "gradebook.csv").read_bytes().startswith(b"student,")


def test_junit_kinds():
    kinds = {"failed": "failure", "missing": "failure", "skipped": "skipped", "timeout": "error"}
    for status, tag in kinds.items():
        root = ElementTree.fromstring(reports.junit(record(status=status), "en"))
        assert root.find(f"./testsuite/testcase/{tag}") is not None
    passed = ElementTree.fromstring(reports.junit(record(status="passed"), "en"))
    assert len(passed.find("./testsuite/testcase")) == 1
    assert passed.find("./testsuite/properties/property").attrib == {"name": "score", "value": "0"}


def test_markdown_reads_well():
    page = reports.markdown(record("15 of 15 values differ (line 3)"), "en")
    assert "15 of 15 values differ" in html.unescape(page)
    assert "pytest tests/todo -k kl_div_loss" in page
    assert "Isolation" in page
    chinese = reports.markdown(record(lang="zh"), "zh")
    assert "评分报告" in chinese and "Report for" not in chinese


def test_missing_layers_are_named():
    incomplete = record()
    incomplete["isolation"]["layers"] = {"no network": False, "no new processes": True}
    assert "no network" in reports.isolation(incomplete, "en")
    assert "no new processes" not in reports.isolation(incomplete, "zh")


def test_gradescope_names_missing_layers():
    one = record()
    assert "no network" not in reports.results(one)["output"]
    one["isolation"]["layers"]["no network"] = False
    result = reports.results(one)
    assert "Isolation, not active: no network." in result["output"].splitlines()
    assert result["extra_data"]["isolation"]["layers"]["no network"] is False


def test_every_message_has_both_languages():
    for key, pair in messages.TEXTS.items():
        assert len(pair) == 2 and all(pair), key
        fields = [sorted(f.split("}")[0] for f in text.split("{")[1:]) for text in pair]
        assert fields[0] == fields[1], key


def test_rendering_again_changes_nothing(tmp_path):
    folder = tmp_path / "ada"
    one = record()
    records.save(folder, one)
    reports.write(folder, one, gradescope=True)
    before = {p.name: p.read_bytes() for p in folder.iterdir()}
    assert set(before) == {"report.json", "report.md", "junit.xml", "results.json"}
    reports.write(folder, records.load(folder), gradescope=True)
    assert {p.name: p.read_bytes() for p in folder.iterdir()} == before
