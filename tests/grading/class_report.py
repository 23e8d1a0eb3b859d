"""What a class has understood: class/index.html, class.csv and class.json from every report.json.

Item analysis of the checks (difficulty, discrimination), the named mistakes by what they cost, and
the three worth a lecture. What is shown comes from the course's own texts and counts alone; names
of students are in it only if asked for.
"""

import csv
import io
import json
import statistics
from collections import Counter, defaultdict
from functools import cache
from pathlib import Path

import jinja2
import numpy as np

from common.files import write_json, write_text
from tests.assessment import texts
from tests.grading import checks, records, reports, roster

ENOUGH = 20  # answers, for a discrimination that says anything
HERE = Path(__file__).parent


def write(out, lang="en", names=False, students=()):
    """Write class/index.html, class.csv and class.json below `out`, from the records there.

    Args:
        out: the folder of the gradebook, with <student>/report.json and perhaps a roster.
        lang: the language in which the page opens.
        names: whether students are named, for the teacher's own copy.
        students: ids that a run has found; who has no record counts as not finished.
    """
    marked, unfinished = read(out)
    unfinished += set(students) - {r["student"] for r in marked} - set(unfinished)
    found = summary(marked, unfinished, roster.kept(out), names)
    folder = out / "class"
    folder.mkdir(exist_ok=True)
    write_json(folder / "class.json", found)
    write_text(folder / "class.csv", "\ufeff" + table(found))
    write_text(folder / "index.html", page(found, lang))


def read(out):
    """(complete records below `out`, ids of students whose marking did not finish)."""
    marked, unfinished = [], []
    for path in sorted(out.glob("*/report.json")):
        record = records.load(path.parent)
        if _readable(record):
            marked.append(record)
        else:
            unfinished.append(_student(path))
    return marked, unfinished


def _student(path):
    """Whose report.json it is, also where it is not complete."""
    try:
        return str(json.loads(path.read_text(encoding="utf-8"))["student"])
    except (OSError, ValueError, KeyError, TypeError):
        return path.parent.name


def _readable(record):
    """Whether a record has what is counted here."""
    try:
        for todo in record["todos"].values():
            for check in todo["checks"]:
                float(check["score"]), float(check["max_score"]), check["hint_id"], check["reason"]
        record["problems"].keys(), record["isolation"].keys()
        return record["lang"] in texts.LANGUAGES and record["max_score"] > 0
    except (KeyError, TypeError, ValueError, AttributeError):
        return False


# --- counting -------------------------------------------------------------------------------------


def tried(record, name):
    """Whether something was handed in for a TODO: its file was read, and is not as it came."""
    file = next(t.file for t in checks.TODOS if t.name == name)
    if name not in record["todos"] or {file, "submission"} & record["problems"].keys():
        return False
    unwritten = texts.REASONS["unfinished"][record["lang"]].partition("{")[0]
    asked = [c for c in record["todos"][name]["checks"] if c["status"] != "skipped"]
    return any(c["status"] != "missing" and not c["reason"].startswith(unwritten) for c in asked)


def summary(marked, unfinished=(), people=(), names=False):
    """Everything that the page, the table and class.json say, as plain data.

    Args:
        marked: complete records. unfinished: ids of students without one.
        people: roster.Person of the class, for who is absent.
        names: whether to add "names" to the groups and the mistakes.
    """
    joined = roster.join(people, [*(r["student"] for r in marked), *unfinished])
    called = {student: _name(person) for student, person in joined.items()}
    written = [r for r in marked if any(tried(r, t.name) for t in checks.TODOS)]
    groups = _groups(marked, written, unfinished)
    groups["absent"] = [_name(p) for p in people if p not in set(joined.values())]
    mistakes = _mistakes(written)
    for mistake in mistakes:
        who = sorted(called.get(s, s) for s in mistake.pop("students"))
        mistake |= {"names": who} if names else {}
    group = {key: len(members) for key, members in groups.items()}
    if names:
        group["names"] = {k: sorted(called.get(s, s) for s in v) for k, v in groups.items()}
    return {
        "students": group,
        "enough": ENOUGH,
        "marks": _marks(written),
        "todos": [_todo(t, written) for t in checks.TODOS],
        "mistakes": mistakes,
        "lectures": lectures(mistakes),
    }


def _name(person):
    return f"{person.id} {person.name}".strip()


def _groups(marked, written, unfinished):
    """Who is counted, and who is not and why: group -> ids of students."""
    authors = {r["student"] for r in written}
    return {
        "counted": sorted(authors),
        "empty": [r["student"] for r in marked if r["student"] not in authors],
        "unfinished": list(unfinished),
        "unprotected": [r["student"] for r in written if not records.protected(r["isolation"])],
    }


def _marks(written):
    """Histogram of the marks in percent, ten bins; mean, median and deviation."""
    percent = [100 * r["score"] / r["max_score"] for r in written]
    bins = [0] * 10
    for value in percent:
        bins[min(int(value // 10), 9)] += 1
    middle = {"mean": statistics.fmean, "median": statistics.median, "deviation": statistics.pstdev}
    return {
        "bins": bins,
        **{k: round(f(percent), 1) if percent else None for k, f in middle.items()},
    }


def _todo(todo, written):
    """The item analysis of a TODO and its checks, among those who tried it."""
    answers = [(r, r["todos"][todo.name]) for r in written if tried(r, todo.name)]
    ids = list(dict.fromkeys(c["id"] for _, t in answers for c in t["checks"]))
    by_check = {i: [(r, c) for r, t in answers for c in t["checks"] if c["id"] == i] for i in ids}
    found = [{"id": i, "title": _title(i), **_item(pairs)} for i, pairs in by_check.items()]
    return {"todo": todo.name, **_item(answers), "points": todo.points, "checks": found}


def _title(check_id):
    try:
        return {lang: texts.title(check_id, lang) for lang in texts.LANGUAGES}
    except KeyError:  # of an older grader
        return dict.fromkeys(texts.LANGUAGES, check_id)


def _item(answers):
    """tried, passed, difficulty (share of the points) and discrimination of one item.

    Discrimination is the correlation of the item with the rest of the marks (point-biserial where
    it is passed or not); None for fewer than ENOUGH answers, or where all are alike.
    """
    shares = [item["score"] / item["max_score"] for _, item in answers if item["max_score"]]
    return {
        "points": max((item["max_score"] for _, item in answers), default=0),
        "tried": len(answers),
        "passed": sum(item["status"] == "passed" for _, item in answers),
        "difficulty": round(statistics.fmean(shares), 4) if shares else None,
        "discrimination": correlation(shares, [_rest(r, i) for r, i in answers if i["max_score"]]),
    }


def _rest(record, item):
    left = record["max_score"] - item["max_score"]
    return (record["score"] - item["score"]) / left if left else 0.0


def correlation(some, other):
    """Pearson's, rounded; None for fewer than ENOUGH pairs or a side that does not vary."""
    if len(some) < ENOUGH or np.ptp(some) < 1e-9 or np.ptp(other) < 1e-9:
        return None
    return round(float(np.corrcoef(some, other)[0, 1]), 3)


def _mistakes(written):
    """Each named mistake of each TODO: who made it, the points that it cost; the dearest first."""
    attempts, lost = Counter(), defaultdict(dict)
    for record in written:
        for name in (t.name for t in checks.TODOS if tried(record, t.name)):
            attempts[name] += 1
            for hint, points in costs(record["todos"][name]["checks"]).items():
                lost[name, hint][record["student"]] = points
    found = [_mistake(*key, attempts[key[0]], points) for key, points in lost.items()]
    return sorted(found, key=lambda m: (-m["weight"], m["todo"], m["hint_id"]))


def costs(found):
    """hint id -> points lost by it: those of its checks, and for the first of a TODO also those of
    the checks that were not asked because it stood in the way.
    """
    lost = {}
    for check in found:
        hint = check["hint_id"] if check["status"] != "passed" else None
        if check["status"] == "skipped":
            hint = next(iter(lost), None)
        if hint:
            lost[hint] = lost.get(hint, 0) + check["max_score"] - check["score"]
    return lost


def _mistake(todo, hint, attempts, points):
    topic = _topics().get(hint, "other")
    words = texts.HINTS.get(hint) or dict.fromkeys(texts.LANGUAGES, hint)
    return {
        "todo": todo,
        "hint_id": hint,
        "hint": {lang: words[lang].format_map(_Blanks()) for lang in texts.LANGUAGES},
        "topic": topic,
        **{key: _lectures()[topic][key] for key in ("title", "say")},
        "made": len(points),
        "tried": attempts,
        "lost": round(sum(points.values()), 2),
        "weight": round(sum(points.values()) / attempts, 4),  # points a person who tried
        "students": list(points),
    }


class _Blanks(dict):
    """What a hint shows in place of the student's own lines and names."""

    def __missing__(self, _):
        return "…"


def lectures(mistakes, count=3):
    """The topics worth a lecture: of the dearest mistakes, made by two or more, one a topic."""
    chosen = {}
    for mistake in mistakes:
        if mistake["made"] > 1 and (mistake["topic"] in chosen or len(chosen) < count):
            chosen.setdefault(mistake["topic"], []).append(mistake)
    also = [[f"{m['todo']}: {m['hint_id']}" for m in same[1:]] for same in chosen.values()]
    return [{**same[0], "also": names} for same, names in zip(chosen.values(), also)]


@cache
def _lectures():
    """topic -> {"title", "say", "hints"}: what a lecturer can do about a mistake."""
    return json.loads((HERE / "lectures.json").read_text(encoding="utf-8"))


@cache
def _topics():
    """hint id -> topic."""
    return {h: name for name, topic in _lectures().items() for h in topic["hints"].split()}


# --- writing --------------------------------------------------------------------------------------


def table(found):
    """class.csv: a row for each TODO, check and named mistake; no text of it is a formula."""
    rows = []
    for todo in found["todos"]:
        rows.append({"kind": "todo", "id": todo["todo"], **todo})
        rows += [{"kind": "check", "todo": todo["todo"], **c, **c["title"]} for c in todo["checks"]]
    for mistake in found["mistakes"]:
        rows.append({"kind": "mistake", "id": mistake["hint_id"], **mistake, **mistake["hint"]})
    columns = "kind todo id points tried passed difficulty discrimination made lost en zh".split()
    columns += ["names"] if "names" in found["students"] else []
    stream = io.StringIO()
    writer = csv.DictWriter(stream, columns, extrasaction="ignore", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows({k: _cell(v) for k, v in row.items()} for row in rows)
    return stream.getvalue()


def _cell(value):
    if isinstance(value, list):
        value = ", ".join(map(str, value))
    return reports.cell(value, limit=30_000) if isinstance(value, str) else value


def page(found, lang):
    """index.html: everything in one file, in both languages; `lang` is the one it opens in."""
    loader = jinja2.FileSystemLoader(HERE / "templates")
    environment = jinja2.Environment(
        loader=loader,
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["number"] = reports.number
    return environment.get_template("class.html.jinja").render(**found, lang=lang)
