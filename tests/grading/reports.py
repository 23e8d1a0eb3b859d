"""report.json -> report.md, junit.xml, results.json (Gradescope) and gradebook.csv.

The texts in a record are inert already (inert.py); here each is escaped for the format it goes to.
"""

import csv
import io
import json
import re
from dataclasses import asdict
from functools import cache
from pathlib import Path
from xml.etree import ElementTree

import jinja2

from common.files import write_json, write_text
from tests.grading import checks, deadline, manual, roster
from tests.grading.inert import inert
from tests.grading.messages import say
from tests.grading.records import protected

_FORMULA = re.compile(r"((?:^|[,;|:^\t\r\n])[\s\"'\ufffd]*)([=+\-@＝＋－＠])")
_MARKDOWN = re.compile(r"[\\`*\[\]#!|~$]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "@": "&#64;", "://": "&#58;//"}


def write(folder, record, gradescope=False, only_missing=False):
    """Write the reports of one student; only_missing leaves those that are there."""
    lang = record["lang"]
    wanted = {"report.md": markdown, "junit.xml": junit}
    for name, render in wanted.items():
        if not (only_missing and (folder / name).exists()):
            write_text(folder / name, render(record, lang))
    if gradescope and not (only_missing and (folder / "results.json").exists()):
        write_json(folder / "results.json", results(record))


def number(value):
    """12.0 -> "12", 12.25 -> "12.25"."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


# --- Markdown ---------------------------------------------------------------------------------


def md(text):
    """Text as Markdown that shows exactly this text: no markup, HTML, links or mentions.

    For use within a line: what has a meaning at the start of a line only is left as it is.
    """
    text = _MARKDOWN.sub(r"\\\g<0>", str(text))
    for plain, entity in _ENTITIES.items():
        text = text.replace(plain, entity)
    return text.replace("](", "]&#40;").replace("www.", "www&#46;").replace("\n", " <br> ")


@cache
def _environment():
    loader = jinja2.FileSystemLoader(Path(__file__).with_name("templates"))
    environment = jinja2.Environment(
        loader=loader, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters.update(md=md, number=number)
    return environment


def markdown(record, lang):
    """report.md: what a student reads."""
    text = (
        _environment()
        .get_template("report.md.jinja")
        .render(
            record=record,
            say=lambda key, **values: md(say(key, lang, **values)),
            say_plain=lambda key, **values: say(key, lang, **values),
            shown={name: [] for name in record["todos"]},
            versions=", ".join(f"{k} {v}" for k, v in record["versions"].items()),
            isolation=isolation(record, lang),
            warning=unprotected(record, lang),
        )
    )
    return re.sub(r"\n{3,}", "\n\n", text).rstrip() + "\n"


def unprotected(record, lang):
    """A warning where the submission could have read the solution, else ""."""
    marked = record["complete"] and record["isolation"]
    return say("isolation_none", lang) if marked and not protected(record["isolation"]) else ""


def isolation(record, lang):
    """One sentence on the layers that were active."""
    layers = record["isolation"].get("layers", {})
    missing = [name for name, holds in layers.items() if not holds]
    if missing or not layers:
        return say("isolation_missing", lang, layers=", ".join(missing) or "-")
    return say("isolation_all", lang)


# --- JUnit ------------------------------------------------------------------------------------

_JUNIT = {"failed": "failure", "missing": "failure", "skipped": "skipped"}


def junit(record, lang):
    """JUnit XML, family xunit2: a suite per student, a case per check, points as properties."""
    pairs = [(n, c) for n, todo in record["todos"].items() for c in todo["checks"]]
    kinds = [_JUNIT.get(c["status"], "error") for _, c in pairs if c["status"] != "passed"]
    counts = {
        "tests": len(pairs),
        "failures": kinds.count("failure"),
        "errors": kinds.count("error"),
        "skipped": kinds.count("skipped"),
    }
    root = ElementTree.Element("testsuites")
    attributes = {"name": record["student"], **{k: str(v) for k, v in counts.items()}}
    suite = ElementTree.SubElement(root, "testsuite", attributes)
    properties = _properties(suite, score=record["score"], max_score=record["max_score"])
    if warning := unprotected(record, lang):
        ElementTree.SubElement(properties, "property", name="isolation", value=warning)
    for todo, check in pairs:
        _case(suite, todo, check)
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(root, "unicode") + "\n"


def _case(suite, todo, check):
    case = ElementTree.SubElement(suite, "testcase", classname=todo, name=check["id"])
    _properties(case, score=check["score"], max_score=check["max_score"])
    if check["status"] == "passed":
        return
    kind = _JUNIT.get(check["status"], "error")
    attributes = {"message": f"{check['status']}: {check['reason']}"}
    if kind != "skipped":
        attributes["type"] = check["status"]
    ElementTree.SubElement(case, kind, attributes).text = check["hint"]


def _properties(parent, **values):
    properties = ElementTree.SubElement(parent, "properties")
    for name, value in values.items():
        ElementTree.SubElement(properties, "property", name=name, value=number(value))
    return properties


# --- Gradescope -------------------------------------------------------------------------------


def results(record):
    """Gradescope's results.json as a dict; every text is shown as plain text."""
    tests = []
    for i, (todo, marks) in enumerate(record["todos"].items(), 1):
        for j, check in enumerate(marks["checks"], 1):
            tests.append(
                {
                    "name": f"{todo}: {check['title']}",
                    "name_format": "text",
                    "number": f"{i}.{j}",
                    "score": check["score"],
                    "max_score": check["max_score"],
                    "status": "passed" if check["status"] == "passed" else "failed",
                    "output": "\n".join(filter(None, [check["reason"], check["hint"]])),
                    "output_format": "text",
                    "tags": [todo],
                    "visibility": "visible",
                    "extra_data": {"status": check["status"], "hint_id": check["hint_id"]},
                }
            )
    lang, layers = record["lang"], record["isolation"].get("layers", {})
    said = [say("total", lang, **_total(record)), unprotected(record, lang)]
    said += record["notes"] if all(layers.values()) else [isolation(record, lang), *record["notes"]]
    return {
        "score": record["score"],
        "output": "\n".join(filter(None, said)),
        "output_format": "text",
        "test_output_format": "text",
        "test_name_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "tests": tests,
        "extra_data": {n: record[n] for n in ("files", "grader", "isolation")},
    }


def _total(record):
    return {"score": number(record["score"]), "max_score": number(record["max_score"])}


# --- the gradebook ----------------------------------------------------------------------------


def write_gradebook(out):
    """gradebook.csv from every report.json below `out`, one row a student, sorted; the rows.

    Where there is a roster (roster.save), with names and a row for whoever handed in nothing.
    UTF-8; with a byte-order mark where a name needs it, as Excel would misread it otherwise.
    """
    rows = sorted(filter(None, map(_row, out.glob("*/report.json"))), key=lambda r: r["student"])
    late = deadline.Columns(out)
    rows = [{**row, **late.of(row)} for row in rows]
    todos = [t.name for t in checks.TODOS]
    people = roster.kept(out)
    rows = _with_people(rows, people) if people else rows
    known = ["id", "name", "email"] if people else []
    by_hand = manual.Columns(out, rows)
    rows = [{**row, **by_hand.of(row)} for row in rows]
    columns = ["student", *known, *todos, "total", "max_score", "status"]
    columns += [*late.names, *by_hand.names]
    stream = io.StringIO()
    writer = csv.DictWriter(stream, columns, "", extrasaction="ignore", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows({k: cell(v) for k, v in row.items()} for row in rows)
    text = stream.getvalue()
    write_text(out / "gradebook.csv", text if text.isascii() else "\ufeff" + text)
    return rows


def _with_people(rows, people):
    """The rows with id, name and email, then those of people who have none."""
    joined = roster.join(people, [r["student"] for r in rows])
    rows = [{**r, **asdict(joined[r["student"]])} if r["student"] in joined else r for r in rows]
    there, best = set(joined.values()), str(sum(t.points for t in checks.TODOS))
    empty = {"total": "0", "max_score": best, "status": "nothing handed in"}
    return rows + [{"student": p.id, **asdict(p), **empty} for p in people if p not in there]


def students(out):
    """The ids of all students who have a row in the gradebook."""
    return [row["student"] for row in map(_row, out.glob("*/report.json")) if row]


def _row(path):
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        points = {name: number(todo["score"]) for name, todo in record["todos"].items()}
        return {
            "folder": path.parent.name,
            "student": str(record["student"]),
            **{t.name: points[t.name] for t in checks.TODOS if t.name in points},
            "total": number(record["score"]),
            "max_score": number(record["max_score"]),
            "status": _status(record),
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None  # not one of ours


def _status(record):
    if not record["complete"]:
        return "not finished"
    return "marked" if protected(record["isolation"]) else "marked without isolation"


def cell(value, limit=200):
    """Text that a spreadsheet takes for text, whatever separates the cells where it is opened.

    What would be a formula at the start, or after something that may be a separator, gets an
    apostrophe in front.
    """
    return _FORMULA.sub(r"\1'\2", inert(str(value), limit))
