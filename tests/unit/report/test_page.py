"""The report page in a real browser, from small run folders made here; nothing is trained."""

import json
import os
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import reproduce
from common import datasets
from common.files import write_json, write_rows
from common.report import evidence, page, plan, rules, runner
from common.report import numbers as numbers_file
from common.report.jobs import SWEEPS
from common.report.tables import reports
from common.runtime import ROOT

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
PICTURES = {name for report in reports() for f in report.of_kind("figure") for name in f.pictures}
EPOCHS = 20
FAILED = "001-ddpm"
CELL, STEPS = 6, 5


def browser_path():
    """Path of an installed Chromium or Chrome: $GENMODELS_BROWSER, else by name; or None."""
    found = filter(None, map(shutil.which, BROWSERS))
    return os.environ.get("GENMODELS_BROWSER") or next(found, None)


def picture(path, shape=(30, 40), seed=0):
    path.parent.mkdir(parents=True, exist_ok=True)
    values = np.random.default_rng(seed).integers(0, 255, shape, np.uint8)
    Image.fromarray(values).save(path)


def fill(step):
    """A run folder as a finished run leaves it, with invented numbers."""
    figures = step.path / "figures"
    figures.mkdir(parents=True)
    write_json(step.path / "config.json", {"module": step.job.module, "config": {}})
    numbers = {"seconds": 12.5, "parameters": 1000, "unit": "nats per image", "code_size": 8192}
    numbers |= {**dict.fromkeys(METRICS, 0.5), "active_units": 3}
    numbers |= {"recon_class_accuracy": [0.1] * 10, "class_histogram": [0.1] * 10}
    numbers["standard_normal"] = {"fid": 5.0, "conditional_accuracy": 0.5, "diversity": 0.5}
    write_json(step.path / "metrics.json", numbers)
    write_json(step.path / runner.OWN, {"seconds": 75.0})
    columns = HISTORY[step.job.module].split()
    rows = [{"epoch": n, **dict.fromkeys(columns, 1.0 / n)} for n in range(1, EPOCHS + 1)]
    write_rows(step.path / "history.csv", rows)
    for job, name in PICTURES:
        if job == step.job.name:
            picture(figures / f"{name}.png")
    for name, (rows, columns), about in sheets(step.job):
        values = np.arange(rows * columns, dtype=np.uint8).reshape(rows, columns) * 10
        cells = np.kron(values, np.ones((CELL, CELL), np.uint8))
        Image.fromarray(cells).save(figures / f"{name}.png")
        write_json(figures / f"{name}.json", {"cell": CELL, **about})


def sheets(job):
    """(name, (rows, columns), description) of the sheets that a run's explorer.py draws.

    Cell number k of a sheet has the grey value 10 k.
    """
    seen = {"class_names": ["zero", "one"], "seen": [k % 2 for k in range(STEPS * STEPS)]}
    if job.model == "DDPM":
        chain = {"rows": ["0", "1"], "steps": [0, 5, 10], "sampler": "ddim"}
        return [("reverse_sprites", (2, 3), chain)]
    rows = ["original", "reconstruction", "sample"]
    found = [("ten_sprites", (3, 2), {"rows": rows, "names": ["zero", "one"]})]
    if job.name.endswith("-z1"):
        found.append(("line_sprites", (1, 3), {**seen, "z": [-3, 0, 3]}))
    if job.name.endswith("-z2"):
        plane = {"extent": 5.0, "steps": STEPS, "points": [[-4.0, 4.0, 0], [4.0, -4.0, 1]]}
        found.append(("plane_sprites", (STEPS, STEPS), {**seen, **plane}))
    return found


HISTORY = {
    "ae": "train_loss test_mse",
    "vae": "train_loss train_recon train_kl test_recon test_kl test_neg_elbo",
    "diffusion": "train_loss test_noise_mse",
}
METRICS = """test_mse test_noise_mse test_recon test_kl test_neg_elbo conditional_accuracy fid
fid_1000 fid_floor sharpness diversity ms_per_sample knn_accuracy silhouette codes_fid midpoint_fid
box_fid box_fid_floor recon_accuracy classifier_accuracy active_units iwae_1 iwae_50""".split()


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """Folder of a page on which one run has failed and all others are done."""
    out = tmp_path_factory.mktemp("site")
    steps = plan.make(reproduce.MODULES, "smoke", out)
    for step in steps:
        step.state = "done"
        if step.job.name == FAILED:
            step.state, step.message = "failed", "error: no <b>room</b> left"
        else:
            fill(step)
    sweeps = {sweep.name: out / f"{sweep.name}.png" for sweep in SWEEPS}
    for path in sweeps.values():
        picture(path)
    patch = pytest.MonkeyPatch()
    patch.setattr(runner, "sweeps", lambda steps, out: sweeps)
    page.write(out, "smoke", reports(), steps)
    patch.undo()
    return out


def test_every_item_of_every_report_is_on_the_page_once(site):
    text = (site / "index.html").read_text(encoding="utf-8")
    for report in reports():
        for item in report.items:
            infix = "-" if item.kind == "figure" else f"-{item.kind}-"
            assert text.count(f'id="{report.number}{infix}{item.key}"') == 1, item
    for name in re.findall(r'href="#([^"]+)"', text):
        assert f'id="{name}"' in text, name
    assert "no &lt;b&gt;room&lt;/b&gt; left" in text
    pictures = re.findall(r'src="(data:image/webp[^"]{2000,})"', text)  # not the small ones
    assert len(pictures) - len(set(pictures)) <= 2  # shown in two figures of a report


def test_nothing_comes_from_elsewhere(site):
    text = (site / "index.html").read_text(encoding="utf-8")
    assert not re.findall(r'(?:src|href)="(?!data:|#)[^"]*"', text)
    assert "http" not in re.sub(r"data:[^\"]*", "", text)


def test_texts_of_both_languages_are_complete(site):
    text = (site / "index.html").read_text(encoding="utf-8")
    assert text.count('span lang="en">') == text.count('span lang="zh">') > 1000
    assert text.count("data-en=") == text.count("data-zh=") > 30


def documented(heading):
    """{field: type in words} of the table under a heading of the developers' page."""
    text = (ROOT / "docs" / "development.md").read_text(encoding="utf-8")
    table = text.split(f"{heading}\n")[1].strip().split("\n\n")[0]
    rows = [line.strip("| ").split(" | ") for line in table.splitlines()[2:]]
    return {row[0].strip("`"): row[1] for row in rows}


TYPES = {
    "text": str,
    "texts": list,
    "text or texts": str | list,
    "text or null": str | None,
    "number or null": int | float | None,
    "true, false or null": bool | None,
    "en, zh": dict,
    "by run": dict,
    "by label": dict,
    "rows": list,
    "table": dict,
}


def test_numbers_are_as_they_are_documented(site):
    found = json.loads((site / "numbers.json").read_text(encoding="utf-8"))
    top, fields = documented("#### The file"), documented("#### A row")
    for schema, tables in ((top, [found]), (fields, found["rows"])):
        for table in tables:
            assert list(table) == list(schema)
            for key, value in table.items():
                assert isinstance(value, TYPES[schema[key]]), (table, key)
                assert schema[key] != "en, zh" or set(value) == {"en", "zh"}
    names = [(row["report"], row["kind"], row["item"]) for row in found["rows"]]
    assert len(set(names)) == len(names)


def test_a_row_of_numbers_can_be_read_alone(site):
    found = json.loads((site / "numbers.json").read_text(encoding="utf-8"))
    rows = {(row["report"], row["item"]): row for row in found["rows"]}
    row = rows["003", "reconstruction"]
    assert row["kind"] == "claim" and row["verdict"] == "untested" and row["holds"] is None
    assert row["value"]["reconstruction error, z = 16"] == 0.5
    assert row["unit"]["reconstruction error, z = 16"] == "nats per image"
    assert row["epochs"]["003-z16"] == "2 of 300"
    assert row["changed"]["003-z16"]["dataset"] == ["digits", "mnist"]
    assert "seed" not in row["changed"]["003-z16"]
    assert row["reason"]["en"].startswith("after 2 of 300 epochs; measured on digits")
    assert set(row["value"]) == set(row["unit"]) == set(row["n"]) >= set(row["spread"])
    assert found["seeds"]["003-z16"] == [0] and found["profile"] == "smoke"
    for row in rows.values():
        assert row["verdict"] in rules.VERDICTS and row["reason"]["en"] and row["rule"]["zh"]


FORM = {
    "md": ("Problem", "Idea", "Code", "Results", "Summary"),
    "zh-CN.md": ("问题重述", "设计思想", "代码内容", "实验结果", "总结"),
}


@pytest.mark.parametrize("end", FORM)
def test_a_course_report_for_each_report(site, end):
    index = (site / f"report.{end}").read_text(encoding="utf-8")
    for number in ("000", "001", "002", "003", "004"):
        assert f"(report-{number}.{end})" in index
        text = (site / f"report-{number}.{end}").read_text(encoding="utf-8")
        assert tuple(re.findall(r"^## (.+)$", text, re.M)) == FORM[end]
        pictures = re.findall(r"!\[([^]]+)\]\(([^)]+)\)", text)
        assert pictures and all((site / path).is_file() for _, path in pictures)
        names = [Path(path).name for _, path in pictures]
        assert names[0].startswith(f"fig-{number}-1-") and len(set(names)) == len(names)
        for report in reports():
            for item in report.of_kind("claim", "error"):
                words = item.text.en if end == "md" else item.text.zh
                assert (words in text.replace("\\|", "|")) == (report.number == number), item


def test_only_the_chosen_reports_are_written(site, tmp_path):
    steps = plan.make(reproduce.MODULES, "smoke", tmp_path, only=["003"])
    for step in steps:
        step.state, step.message = "failed", "error"
    page.write(tmp_path, "smoke", [r for r in reports() if r.number == "003"], steps)
    found = sorted(path.name for path in tmp_path.glob("report*.md"))
    assert found == ["report-003.md", "report-003.zh-CN.md", "report.md", "report.zh-CN.md"]


# ---------------------------------------------------------------- in a browser


@pytest.fixture(scope="module")
def browser():
    playwright = pytest.importorskip(
        "playwright.sync_api", reason="no playwright: pip install -r requirements-dev.txt"
    )
    path = browser_path()
    if not path:
        pytest.skip("no Chromium or Chrome here; GENMODELS_BROWSER may give its path")
    with playwright.sync_playwright() as driver:
        # As root (containers), Chromium starts only without its sandbox.
        root = hasattr(os, "geteuid") and os.geteuid() == 0
        browser = driver.chromium.launch(
            executable_path=path, args=["--no-sandbox"] if root else []
        )
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser, site):
    """open_page(width, "en" or "zh"): the page, loaded; an error on its console fails the test."""
    errors, pages = [], []

    def load(width=1440, language="en", scheme="light"):
        tab = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
        tab.on("pageerror", lambda error: errors.append(str(error)))
        tab.on("console", lambda line: errors.append(line.text) if line.type == "error" else None)
        tab.on("requestfailed", lambda request: errors.append(request.url[:80]))
        tab.goto(f"{(site / 'index.html').as_uri()}#{language}")
        pages.append(tab)
        return tab

    yield load
    for tab in pages:
        tab.close()
    assert errors == []


@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_it_loads_with_all_pictures_and_fits(open_page, width, language):
    tab = open_page(width, language)
    assert tab.evaluate("document.documentElement.scrollHeight") <= 15_000
    for _ in ("folded", "open"):
        assert tab.evaluate("document.documentElement.scrollWidth") <= width
        # Nothing sticks out, but what scrolls in a frame of its own.
        sticking = """width => [...document.querySelectorAll("main *, header *")].filter(e =>
            !e.closest(".scroll, .sr") && e.getBoundingClientRect().right > width + 1).length"""
        assert tab.evaluate(sticking, width) == 0
        tab.locator("#open-all").click()
    empty = """async () => { const all = [...document.images].filter(i => !i.closest("dialog"));
        all.forEach(i => { i.loading = "eager"; });
        await Promise.all(all.map(i => i.decode())); return all.length; }"""
    assert tab.evaluate(empty) > 60


def test_language_switch(open_page):
    tab = open_page()
    english, chinese = tab.locator("h1 [lang=en]"), tab.locator("h1 [lang=zh]")
    assert english.is_visible() and not chinese.is_visible()
    tab.get_by_role("button", name="中文").click()
    assert chinese.is_visible() and not english.is_visible()
    assert tab.evaluate("document.documentElement.lang") == "zh"
    assert "分类器" in tab.locator("#line-text").inner_text()
    assert tab.locator("#chain-play").inner_text() == "播放"
    assert "测试图像" in tab.locator("#\\30 02-pairs img").get_attribute("alt")
    tab.keyboard.press("Shift+Tab")
    tab.keyboard.press("Enter")  # the button before it, by keyboard
    assert english.is_visible() and not chinese.is_visible()


def test_the_first_screen_counts_and_leads_to_the_cards(open_page, site):
    tab = open_page()
    rows = json.loads((site / "numbers.json").read_text(encoding="utf-8"))["rows"]
    claims = [(r["report"], r["verdict"]) for r in rows if r["kind"] == "claim"]
    for verdict in rules.VERDICTS:
        for number in ("000", "001", "002", "003", "004"):
            link = tab.locator(f".matrix a[href='#{number}-claim-{verdict}']")
            count = claims.count((number, verdict))
            assert link.count() == bool(count)
            assert not count or link.inner_text().split()[0] == str(count)
    card = tab.locator("#\\30 03-claim-reconstruction")
    assert not card.is_visible()
    tab.locator(".sentence a[href='#003-claim-reconstruction']").click()
    assert card.is_visible() and card.locator(".track").first.is_visible()
    tab.locator("#close-all").click()
    assert not card.is_visible()
    tab.evaluate("location.hash = '#run-003-z1'")
    assert tab.locator("#run-003-z1 code").first.is_visible()


def grey(tab, selector):
    """The grey value in the middle of a canvas."""
    middle = """c => [...c.getContext("2d").getImageData(c.width / 2, c.height / 2, 1, 1).data]"""
    return tab.locator(selector).first.evaluate(middle)[0]


def test_the_line_on_the_plane_by_mouse_and_keyboard(open_page):
    tab = open_page()
    tab.wait_for_function("document.getElementById('plane-text').textContent")
    text, first, last = (
        tab.locator("#plane-text"),
        "#plane-strip div:first-child canvas",
        "#plane-strip div:last-child canvas",
    )
    box = tab.locator("#plane").bounding_box()
    tab.locator("#plane").click(position={"x": 0.1 * box["width"], "y": 0.1 * box["height"]})
    assert text.inner_text().startswith("A (-5.00, 5.00): zero; B (2.00, 0.00)")
    assert grey(tab, first) == 0 and grey(tab, last) == 130
    tab.locator("#end-b").focus()
    tab.keyboard.press("Shift+ArrowRight")  # far, but not beyond the edge
    tab.keyboard.press("ArrowDown")
    assert text.inner_text().endswith("B (5.00, -2.50): one") and grey(tab, last) == 190
    tab.keyboard.press("Home")
    assert text.inner_text().endswith("B (0.00, 0.00): zero")
    handle = tab.locator("#end-a").bounding_box()
    tab.mouse.move(handle["x"] + handle["width"] / 2, handle["y"] + handle["height"] / 2)
    tab.mouse.down()
    tab.mouse.move(box["x"] + 0.9 * box["width"], handle["y"] + handle["height"] / 2)
    tab.mouse.up()
    assert text.inner_text().startswith("A (5.00, 5.00)") and grey(tab, first) == 40


def test_a_finger_scrolls_over_the_plane(open_page):
    tab = open_page(390)
    trapped = (
        "[...document.querySelectorAll('canvas, input')].map(e => getComputedStyle(e).touchAction)"
    )
    assert set(tab.evaluate(trapped)) <= {"auto", "manipulation"}


def test_line_sizes_and_chain(open_page):
    tab = open_page()
    tab.wait_for_function("document.getElementById('chain-text').textContent")
    tab.locator("#line").focus()
    assert grey(tab, "#line-image") == 10 and "z = 0.00" in tab.locator("#line-text").inner_text()
    tab.keyboard.press("ArrowRight")
    assert grey(tab, "#line-image") == 20 and "z = 3.00" in tab.locator("#line-text").inner_text()
    assert "9/7" in tab.locator("#line-marks").inner_text()
    tab.get_by_role("button", name="z = 20").click()
    assert tab.get_by_role("button", name="z = 20").get_attribute("aria-pressed") == "true"
    play, text = tab.locator("#chain-play"), tab.locator("#chain-text")
    tab.locator("#chain").focus()
    assert text.inner_text().startswith("10 of 10") and play.inner_text() == "play"
    tab.keyboard.press("ArrowLeft")
    assert text.inner_text().startswith("5 of 10") and grey(tab, "#chain-images canvas") == 10
    tab.keyboard.press("Home")
    play.click()
    assert play.inner_text() == "pause"
    tab.wait_for_function("document.getElementById('chain-text').textContent.startsWith('10 of')")
    assert play.inner_text() == "play"


def test_what_can_be_operated_has_a_name(open_page):
    tab = open_page()
    nameless = """[...document.querySelectorAll("button, select, input, canvas, a, svg, img")]
        .filter(e => !e.closest("dialog, .hero, [aria-hidden]") && !(e.alt
        || e.getAttribute("aria-label") || e.textContent.trim()
        || e.labels?.[0]?.textContent)).length"""
    assert tab.evaluate(nameless) == 0


@pytest.mark.skipif("GENMODELS_AXE" not in os.environ, reason="GENMODELS_AXE: see development.md")
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_axe_finds_nothing(open_page, width, language, scheme):
    tab = open_page(width, language, scheme)
    tab.evaluate(Path(os.environ["GENMODELS_AXE"]).read_text(encoding="utf-8"))
    for _ in ("folded", "open"):
        found = "axe.run().then(r => r.violations.map(v => [v.impact, v.id, v.nodes[0].html]))"
        assert tab.evaluate(found) == []
        tab.locator("#open-all").click()


def test_a_picture_grows_and_is_put_away(open_page):
    tab = open_page()
    tab.locator("#open-all").click()
    small = tab.locator("button.zoom img").first
    small.click()
    large = tab.locator("dialog img")
    tab.wait_for_function("document.querySelector('dialog img').style.width")
    box = large.bounding_box()  # 40 x 30 pixels by itself
    assert box["width"] > 0.9 * 1440 or box["height"] > 0.9 * 900
    tab.get_by_role("button", name="close ×").click()
    assert not large.is_visible()


def test_charts_are_of_the_history(open_page):
    tab = open_page()
    chart = tab.locator("#\\30 03-3\\.1 .chart svg").first
    said = chart.get_attribute("aria-label")
    assert said.startswith("−ELBO") and "train 0.05, test 0.1" in said  # 1 / EPOCHS, twice that
    assert chart.locator(".line").count() == 2 and chart.locator("circle").count() == 2 * EPOCHS
    assert tab.locator("#\\30 02-losses .chart").count() == 3


def test_figures_of_one_kind_stand_in_one_place(open_page):
    tab = open_page()
    tab.evaluate("location.hash = '#003-3.1'")
    first, fourth = (tab.locator(f"[id='003-3.{number}']") for number in (1, 4))
    assert first.is_visible() and not fourth.is_visible()
    tab.get_by_role("radio", name="z = 16").check()
    assert fourth.is_visible() and not first.is_visible()
    tab.evaluate("location.hash = '#003-3.2'")
    assert (
        tab.get_by_role("radio", name="z = 2", exact=True).is_checked() and not fourth.is_visible()
    )


def test_print_is_short_and_without_controls(open_page):
    tab = open_page()
    tab.set_viewport_size({"width": 720, "height": 1000})  # A4 with margins
    tab.emulate_media(media="print")
    assert tab.evaluate("document.documentElement.scrollWidth") <= 720
    assert tab.evaluate("document.documentElement.scrollHeight") <= 8 * 1000
    for control in (".switch", "#explorer", "#open-all", "nav"):
        assert not tab.locator(control).first.is_visible()


# ---------------------------------------------------------------- verdicts


def test_three_seeds_make_an_interval(tmp_path, monkeypatch):
    monkeypatch.setattr(datasets, "load", lambda config: None)
    steps = plan.make(reproduce.MODULES, "quick", tmp_path, only=["003"])
    for step in steps:
        fill(step)
        step.state = "done"
        numbers = json.loads((step.path / "metrics.json").read_text())
        size = min(step.config.latent_dim, 16)  # 16 and 32 are alike
        numbers["test_recon"] = 200 / size + 0.1 * step.seed
        write_json(step.path / "metrics.json", numbers)
    runs = evidence.Runs(steps, profile="quick")
    found = verdicts(runs)["003", "reconstruction"]
    last = found.values[-1]
    assert last.n == 3 and last.mean == pytest.approx(12.6)
    assert (last.high - last.mean) == pytest.approx(4.3027 * 0.1 / 3**0.5, abs=1e-4)
    assert found.holds is True and "unsure: z = 16 to z = 32" in found.reason.en
    assert found.short.en == "after 4 of 300 epochs"
    assert "lr 0.0005 (report: 0.0001)" in found.did.en
    row = numbers_file.row(found, runs)
    assert row["spread"]["reconstruction error, z = 1"] == pytest.approx([199.852, 200.348])
    assert runs.seeds["003-z1"] == [0, 1, 2]


def verdicts(runs):
    """{(report, key): Verdict} of all rows."""
    return {(v.report.number, v.item.key): v for v in evidence.judge_all(reports(), runs)}


def test_verdicts_follow_from_the_numbers(site):
    """0.5 everywhere: what the rules must say of it where the data are those of the reference."""
    steps = plan.make(reproduce.MODULES, "smoke", site)
    for step in steps:
        step.state = "done" if (step.path / "metrics.json").is_file() else "failed"
    runs = evidence.Runs(steps)
    found = verdicts(runs)
    assert found["000", "ae-code"].holds is True and found["000", "ae-parameters"].holds is False
    for key in (("003", "reconstruction"), ("001", "vae-parameters"), ("001", "noise-mse-1")):
        assert found[key].verdict == rules.UNTESTED and found[key].reason.en
    for step in steps:
        step.config.dataset, step.config.image_size = "mnist", 28
    found = verdicts(runs)
    assert found["003", "reconstruction"].holds is False  # nothing falls
    mixed = found["003", "z1-mixed"]  # 0.5 <= 0.6, but the loss 1 / epoch still falls
    assert mixed.verdict == rules.CLOSE and "still moved" in mixed.reason.en
    assert found["001", "vae-parameters"].holds is False  # 1000 of 652,824
    assert "001-ddpm" in found["001", "noise-mse-1"].reason.en  # that run failed
