"""The report on a class: counts of planted mistakes, no names, two languages, inert cells."""

import csv
import io
import json
import random
import re
import time
from html.parser import HTMLParser
from itertools import pairwise

import numpy as np
import pytest

from tests.assessment import texts
from tests.grading import checks, class_report, records, roster
from tests.unit.report.test_page import browser  # noqa: F401 - a fixture

CHECKS = {t.name: checks.checks(t.name, np.random.default_rng(0)) for t in checks.TODOS}
ALL = list(CHECKS)


def answer(todo, outcome="passed", hint=None, lang="en"):
    """Marks of a TODO; "failed" is failed at its first check, by the mistake `hint`."""
    entries, stopped = [], set()
    for number, check in enumerate(CHECKS[todo]):
        status, reason = ("failed" if outcome == "unwritten" else outcome), ""
        if outcome == "failed":
            status = "failed" if number == 0 else "passed"
            status = "skipped" if stopped & set(check.needs) else status
        if status == "failed":
            stopped.add(check.id)
        if outcome == "unwritten":
            reason = texts.reason("unfinished", lang, message="kl_div_loss: line 3", where="")
        entries.append(
            {
                "id": check.id,
                "title": texts.title(check.id, lang),
                "status": status,
                "reason": reason,
                "hint": "",
                "hint_id": hint if status == "failed" else None,
                "score": check.points if status == "passed" else 0,
                "max_score": check.points,
            }
        )
    points = sum(e["max_score"] for e in entries)
    score = sum(e["score"] for e in entries)
    return {"score": score, "max_score": points, "status": outcome, "checks": entries}


def record(student, lang="en", **answers):
    """The record of somebody who has all right but these: TODO=(outcome, hint)."""
    based_on = {"student": student, "seed": 1, "lang": lang, "grader": "0"}
    based_on |= {"files": {}, "problems": {}}
    todos = {t: answer(t, *answers.get(t, ()), lang=lang) for t in ALL}
    return records.compose(based_on, todos, {"layers": {records.ESSENTIAL: True}}, {"python": "3"})


def save(out, made):
    """Write records as a run does."""
    for one in made:
        records.save(out / one["student"], one)
    return out


def planted(number=300):
    """(records, how many made each planted mistake): the weaker someone is, the more mistakes."""
    draw, made, counts = random.Random(7), [], {}
    wrong = {
        "reparameterize": "var_as_std",
        "kl_div_loss": "kl_sum_all",
        "add_noise": "table_not_reshaped",
        "loss": "loss_sum",
    }
    for i in range(number):
        weakness = draw.random()
        answers = {t: ("failed", h) for t, h in wrong.items() if draw.random() < weakness}
        if i % 10 == 0:
            answers["AutoEncoder"] = ("missing", None)
        for todo in set(answers) & set(wrong):
            counts[todo, wrong[todo]] = counts.get((todo, wrong[todo]), 0) + 1
        made.append(record(f"student-{i:03}", ("en", "zh")[i % 2], **answers))
    return made, counts


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """(folder with the reports on 300, counts of planted mistakes, seconds the reports took)."""
    out = tmp_path_factory.mktemp("course")
    made, counts = planted()
    save(out, made)
    begin = time.perf_counter()
    class_report.write(out)
    return out, counts, time.perf_counter() - begin


def found(out):
    return json.loads((out / "class" / "class.json").read_text(encoding="utf-8"))


def rows(out):
    text = (out / "class" / "class.csv").read_text(encoding="utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def test_planted_mistakes_are_counted(course):
    out, counts, seconds = course
    assert {(m["todo"], m["hint_id"]): m["made"] for m in found(out)["mistakes"]} == counts
    told = [r for r in rows(out) if r["kind"] == "mistake"]
    assert {(r["todo"], r["id"]): int(r["made"]) for r in told} == counts
    assert found(out)["students"]["counted"] == sum(found(out)["marks"]["bins"]) == 300
    assert seconds < 5


def test_items(course):
    """Passed and share of points by TODO and check; weak students fail, so every item separates."""
    out, counts, _ = course
    todos = {t["todo"]: t for t in found(out)["todos"]}
    assert todos["AutoEncoder"]["tried"] == todos["AutoEncoder"]["passed"] == 270
    assert todos["AutoEncoder"]["discrimination"] is None  # all alike
    kl, wrong = todos["kl_div_loss"], counts["kl_div_loss", "kl_sum_all"]
    assert (kl["tried"], kl["passed"]) == (300, 300 - wrong)
    by_id = {c["id"]: c for c in kl["checks"]}
    assert list(by_id) == [c.id for c in CHECKS["kl_div_loss"]]
    assert by_id["kl_div_loss/gradient"]["passed"] == 300 - wrong  # not asked is not passed
    assert by_id["kl_div_loss/zero"]["passed"] == 300
    assert by_id["kl_div_loss/values"]["difficulty"] == pytest.approx(1 - wrong / 300, abs=1e-4)
    assert kl["discrimination"] > 0.2 and by_id["kl_div_loss/values"]["discrimination"] > 0.2


def test_discrimination_is_the_correlation_with_the_rest():
    """The item itself is taken out; here those who fail it are better elsewhere."""
    made = [record(f"s{i}", kl_div_loss=("failed", None)) for i in range(10)]
    made += [record(f"t{i}") for i in range(16)]
    made += [record(f"u{i}", loss=("missing",)) for i in range(4)]
    todo = next(t for t in class_report.summary(made)["todos"] if t["todo"] == "kl_div_loss")
    failed_part = sum(c.points for c in CHECKS["kl_div_loss"] if c.id.endswith(("zero", "range")))
    item = [failed_part / 15] * 10 + [1.0] * 20
    rest = [85.0] * 26 + [75.0] * 4
    assert todo["discrimination"] == pytest.approx(np.corrcoef(item, rest)[0, 1], abs=1e-3)
    assert todo["discrimination"] < 0


def test_too_few_is_said():
    few = class_report.summary([record("a"), record("b", loss=("failed", "loss_sum"))])
    assert {t["discrimination"] for t in few["todos"]} == {None}
    page = class_report.page(few, "en")
    assert "too few" in page and "人数不足" in page


def test_points_of_checks_that_were_not_asked_count_for_the_first_mistake():
    costs = class_report.costs(answer("kl_div_loss", "failed", "kl_sum_all")["checks"])
    assert costs == {"kl_sum_all": 5 + 1 + 2 + 4}


def test_lectures_are_the_dearest_one_a_topic():
    """Three out of many; one person alone makes no lecture."""
    made = [record(f"s{i}", kl_div_loss=("failed", "kl_sum_all")) for i in range(9)]
    made += [record(f"t{i}", loss=("failed", "loss_sum")) for i in range(9)]
    made += [record(f"u{i}", add_noise=("failed", "add_no_sqrt")) for i in range(5)]
    made += [record(f"v{i}", reparameterize=("failed", "var_as_std")) for i in range(4)]
    made += [record(f"w{i}", remove_noise=("failed", "step_after")) for i in range(2)]
    made += [record("x", AutoEncoder=("failed", "ae_list"))]
    chosen = class_report.summary(made)["lectures"]
    assert {m["topic"] for m in chosen} == {"axes", "logvar", "forward"}
    axes = next(m for m in chosen if m["topic"] == "axes")
    assert axes["hint_id"] == "kl_sum_all" and axes["also"] == ["loss: loss_sum"]
    assert class_report.summary([made[-1]])["lectures"] == []


def test_who_is_not_counted(tmp_path):
    """Nothing handed in, nothing written, not finished: apart, and not in the histogram."""
    out = save(tmp_path, [record("ada"), record("bob", **dict.fromkeys(ALL, ("unwritten",)))])
    save(out, [record("carl", "zh", **dict.fromkeys(ALL, ("unwritten",)))])
    save(out, [record("dora", **dict.fromkeys(ALL, ("missing",)))])
    save(out, [{**record("emil"), "complete": False}])
    save(out, [{**record("ida"), "problems": {"submission": "the archive is encrypted"}}])
    (out / "fritz").mkdir()
    (out / "fritz" / "report.json").write_text('{"schema": 1, "complete": true, "todos": {"x": 1}}')
    roster.save(
        out, [roster.Person("ada"), roster.Person("gina", "Gina G."), roster.Person("emil")]
    )
    class_report.write(out, students=["ada", "emil", "hans"])  # nothing was marked of Hans
    group = found(out)["students"]
    assert (group["counted"], group["empty"], group["unfinished"], group["absent"]) == (1, 4, 3, 1)
    assert found(out)["marks"]["bins"] == [0] * 9 + [1]
    assert "ada" not in json.dumps(group)


def test_a_file_that_could_not_be_read_is_no_attempt():
    """Nor is it one at the other TODOs of that file; those of other files count."""
    one = {**record("ada"), "problems": {"vae/assignment.py": "too large"}}
    tried = {t["todo"]: t["tried"] for t in class_report.summary([one])["todos"]}
    assert tried == {t.name: int(t.file != "vae/assignment.py") for t in checks.TODOS}


def test_long_cells_are_whole(tmp_path):
    """A spreadsheet takes 32,767 characters a cell; hints and lists of names are not cut."""
    names = [f"student with a long name {i:03}" for i in range(300)]
    save(tmp_path, [record(name, reparameterize=("failed", "half_outside_exp")) for name in names])
    class_report.write(tmp_path, names=True)
    (row,) = [r for r in rows(tmp_path) if r["kind"] == "mistake"]
    assert row["names"].split(", ") == names
    assert row["en"] == texts.hint("half_outside_exp", "en")


def test_nobody_at_all(tmp_path):
    class_report.write(tmp_path)
    assert found(tmp_path)["mistakes"] == [] and "No marks yet" in index(tmp_path)


def index(out):
    return (out / "class" / "index.html").read_text(encoding="utf-8")


def test_no_names_unless_asked_for(tmp_path):
    student = "Ann Unmistakable_20011"
    out = save(tmp_path, [record(student, kl_div_loss=("failed", "kl_sum_all"))])
    save(out, [record("Bert Unmistakable", **dict.fromkeys(ALL, ("missing",)))])
    roster.save(out, [roster.Person("20011", "Ann Unmistakable", "ann@uni.example")])
    files = [out / "class" / name for name in ("index.html", "class.csv", "class.json")]
    for names in (True, False):  # the second run takes them out again
        class_report.write(out, names=names)
        for file in files:
            text = file.read_text(encoding="utf-8")
            assert ("20011" in text) == ("Ann" in text) == names, file
        assert ("for the teacher only" in index(out)) == names
    class_report.write(out, names=True)
    assert "Bert Unmistakable" in index(out)


def test_a_name_is_neither_markup_nor_formula(tmp_path):
    evil = ["=cmd|' /C calc'!A0", "<script>alert(1)</script>", "a;=1+1", "@SUM(A1)"]
    made = [record(name, kl_div_loss=("failed", "kl_sum_all")) for name in evil]
    for number, one in enumerate(made):
        records.save(tmp_path / str(number), one)
    class_report.write(tmp_path, names=True)
    assert "<script>alert" not in index(tmp_path) and "&lt;script&gt;" in index(tmp_path)
    for row in rows(tmp_path):
        for column, cell in row.items():
            if column != "discrimination":
                assert not re.search(r"(^|[,;\t])\s*[=+@]", cell), cell


class Page(HTMLParser):
    """The text of a page by language, its headings, header cells and addresses."""

    def __init__(self, text):
        super().__init__()
        self.shown, self.langs, self.tags, self.addresses = {"en": "", "zh-CN": ""}, [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.tags.append((tag, given))
        self.addresses += [v for k, v in attrs if k in ("src", "href", "data")]
        if tag == "span":
            self.langs.append(given.get("lang"))

    def handle_endtag(self, tag):
        if tag == "span":
            self.langs.pop()

    def handle_data(self, text):
        for lang in {"en", "zh-CN"} & set(self.langs):
            self.shown[lang] += text + "\n"


def test_two_languages_and_nothing_from_outside(course):
    """Each text is there twice, no address is; the numbers in both languages are the same."""
    page = Page(index(course[0]))
    count = {lang: sum(a.get("lang") == lang for _, a in page.tags) for lang in ("en", "zh-CN")}
    assert count["en"] - 1 == count["zh-CN"] > 100  # the page itself opens in English
    assert not page.addresses and "@import" not in index(course[0])
    for mistake in found(course[0])["mistakes"]:
        assert mistake["hint"]["en"] in page.shown["en"]
        assert mistake["hint"]["zh"] in page.shown["zh-CN"]
        assert mistake["say"]["zh"] in page.shown["zh-CN"]
    assert not re.search("[\u4e00-\u9fff]", page.shown["en"].replace("中文", ""))
    assert '<html lang="zh-CN">' in class_report.page(found(course[0]), "zh")


def test_the_page_can_be_read_aloud(course):
    """One h1, no level left out, a scope at every header cell, a name for the picture."""
    page = Page(index(course[0]))
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch("h[1-6]", tag)]
    assert levels.count(1) == 1 and all(b - a <= 1 for a, b in pairwise(levels))
    assert all("scope" in given for tag, given in page.tags if tag == "th")
    (picture,) = [given for tag, given in page.tags if tag == "svg"]
    ids = [given.get("id") for _, given in page.tags]
    assert picture["role"] == "img" and picture["aria-labelledby"] in ids


def test_contrast(course):
    """4.5 : 1 at least (WCAG AA) of text on page and box, in light, dark and print."""
    schemes = re.findall(r":root \{([^}]+)\}", index(course[0]))
    assert len(schemes) == 3
    for scheme in schemes:
        colour = dict(re.findall(r"--(\w+): (#\w+)", scheme))
        for ink in ("text", "soft"):
            for ground in ("page", "box"):
                assert contrast(colour[ink], colour[ground]) >= 4.5, (ink, ground, scheme)


def contrast(one, other):
    """The ratio of WCAG 2 for two colours #rgb or #rrggbb."""
    values = []
    for text in (one[1:], other[1:]):
        text = "".join(c * (6 // len(text)) for c in text) if len(text) == 3 else text
        channels = [int(text[i : i + 2], 16) / 255 for i in (0, 2, 4)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        values.append(np.dot([0.2126, 0.7152, 0.0722], linear) + 0.05)
    return max(values) / min(values)


@pytest.mark.parametrize("width", [390, 1280])
def test_in_a_browser(browser, course, width):  # noqa: F811
    """The button changes the language, nothing is fetched, no page wider than the window."""
    tab = browser.new_page(viewport={"width": width, "height": 900})
    fetched = []
    tab.on("request", lambda request: fetched.append(request.url))
    tab.goto((course[0] / "class" / "index.html").as_uri())
    for heading in ("What the class has understood", "全班学到了什么"):
        assert tab.locator("h1").inner_text() == heading
        assert tab.evaluate("document.documentElement.scrollWidth") <= width
        tab.locator("button").click()
    assert tab.locator("h1").inner_text() == "What the class has understood"
    assert len(fetched) == 1
    tab.close()


def test_lecture_texts():
    """Every hint that a topic names exists, in one topic only; both languages are there."""
    topics = json.loads((class_report.HERE / "lectures.json").read_text(encoding="utf-8"))
    named = [hint for topic in topics.values() for hint in topic["hints"].split()]
    assert len(named) == len(set(named)) and set(named) <= set(texts.HINTS)
    for topic in topics.values():
        assert all(topic[key][lang] for key in ("title", "say") for lang in texts.LANGUAGES)


def test_placeholders_of_hints_are_blank(tmp_path):
    """A hint that quotes a student's line quotes nothing here."""
    save(tmp_path, [record("ada", loss=("failed", "name_unknown"))])
    class_report.write(tmp_path)
    (mistake,) = found(tmp_path)["mistakes"]
    assert "{" not in mistake["hint"]["en"] + mistake["hint"]["zh"] and "…" in mistake["hint"]["en"]
