"""From finished runs to index.html, numbers.json and the course reports in Markdown."""

from collections import Counter
from itertools import groupby

from common.files import write_json
from common.report import (
    compare,
    curves,
    evidence,
    explore,
    findings,
    markdown,
    numbers,
    render,
    runner,
    tracks,
)
from common.report.jobs import SWEEPS
from common.report.pictures import embed
from common.report.text import Text as T

SETTINGS = (
    *("dataset", "image_size", "channels", "epochs", "batch_size", "lr", "seed", "max_train"),
    *("lr_schedule", "latent_dim", "likelihood", "beta"),
    *("schedule", "timesteps", "unet", "guidance"),
)
GROUPS = {  # of judged rows, in the order of the page
    "claim": T("Claims", "论断"),
    "reference": T(
        "Numbers that the report or its repository prints", "报告或其代码仓库给出的数值"
    ),
    "check": T("Checks of our layers and settings", "对我们的网络层与设置的核对"),
    "goal": T("Goals of this project", "本项目的目标"),
    "idea": T("Ideas", "设想"),
    "opinion": T("Opinions", "看法"),
}
PROFILES = {
    "smoke": T(
        "Profile “smoke”: a few epochs on embedded 8 × 8 digits, to see that all works. The "
        "numbers mean nothing, so nothing that a report says is tested.",
        "“smoke” 档：在内置的 8 × 8 数字上训练几轮，只验证一切可运行。数值没有意义，"
        "因此不检验报告中的任何论断。",
    ),
    "quick": T(
        "Profile “quick”: real data, but far fewer epochs than the reports, with larger batches "
        "and learning rates, and for the largest networks fewer images, so that all ends in one "
        "to three hours on two CPU cores. What was changed stands at each run and verdict. Cheap "
        "runs that are compared have three seeds, the others one.",
        "“quick” 档：真实数据，但训练轮数远少于报告，批大小与学习率更大，最大的网络还减少了图像数，"
        "使双核 CPU 在一到三小时内完成。改动之处列在每次训练与每个判定旁。"
        "需比较的小模型各用三个种子，其余一个。",
    ),
    "full": T(
        "Profile “full”: the reports' own epochs; where a report gives none, ours.",
        "“full” 档：与报告相同的训练轮数；报告未给出的，采用本项目的轮数。",
    ),
}
PICTURES = T(
    "Words in pictures are English; for Chinese: `GENMODELS_LANG=zh python vae/figures.py RUN` (or "
    "`ae/`, `diffusion/`), then `reproduce.py` again.",
    "图中文字为英文；如需中文：`GENMODELS_LANG=zh python vae/figures.py RUN`"
    "（或 `ae/`、`diffusion/`），然后再次运行 `reproduce.py`。",
)


def write(out, profile, reports, steps):
    """Write the page, numbers.json and the course reports of a plan that has been carried out.

    Args:
        out: folder. profile: name. reports: those to show. steps: [Step].
    """
    explore.draw(steps)
    runs = evidence.Runs(steps, runner.sweeps(steps, out), profile)
    verdicts = evidence.judge_all(reports, runs)
    write_json(out / "numbers.json", numbers.collect(profile, steps, verdicts, runs))
    sections = [section(report, verdicts, runs) for report in reports]
    found = findings.collect(reports, verdicts, runs)
    context = {
        "profile": profile,
        "profile_text": PROFILES[profile],
        "pictures_text": PICTURES,
        "groups": GROUPS,
        "findings": found,
        "totals": findings.totals(found),
        "seconds": sum(runs.seconds(name) or 0 for name in runs.found),
        "cards": {name: card(name, runs) for name in runs.steps},
    }
    render.write(
        "index.html",
        out / "index.html",
        **context,
        reports=sections,
        right=[v for v in verdicts if v.item.kind == "claim" and v.verdict == "holds"],
        steps=steps,
        failed=evidence.failed(steps),
        waiting=[step for step in steps if step.state == "planned"],
        columns=compare.COLUMNS,
        tables=compare.table(runs),
        more=unshown(sections, runs),
        explorer=explore.collect(runs),
    )
    markdown.write(out, sections, context, runs)


def section(report, verdicts, runs):
    """What the templates show of one report.

    `switches`: its figures in groups, of which those with a `tab` stand in one place.
    `judged`: {kind: {verdict: [{"verdict": Verdict, "tracks": [Track]}]}}, without empty ones.
    """
    mine = [verdict for verdict in verdicts if verdict.report is report]
    figures = [figure(report, item, runs) for item in report.of_kind("figure")]
    judged = {}
    for one in sorted(mine, key=lambda one: list(render.WORDS).index(one.verdict)):
        group = judged.setdefault(one.item.kind, {}).setdefault(one.verdict, [])
        group.append({"verdict": one, "tracks": tracks.of(one)})
    return {
        "report": report,
        "figures": figures,
        "switches": [list(found) for _, found in groupby(figures, lambda f: f["item"].tab and 1)],
        "judged": judged,
        "errors": report.of_kind("error"),
        "contradictions": report.of_kind("contradiction"),
        "lost": report.of_kind("lost"),
        "counts": Counter(v.verdict for v in mine if v.item.kind == "claim"),
    }


def figure(report, item, runs):
    """One figure: its pictures and charts (or why there is none) and the runs that made it.

    A curve of history.csv is a chart on the page; `path` is the picture of it, for hand-in.
    """
    pictures = [picture(job, name, runs) for job, name in item.pictures]
    named = {p["job"] for p in pictures}
    jobs = [job for job in runs.steps if job in named]
    drawn = [sweep.jobs for sweep in SWEEPS if ("sweep", sweep.name) in item.pictures]
    jobs += [job for sweep in drawn for job in sweep if job in runs.steps]
    return {"id": f"{report.number}-{item.key}", "item": item, "pictures": pictures, "jobs": jobs}


def picture(job, name, runs):
    """A picture of a figure: {"job", "name", "charts", "image", "path"}."""
    path = runs.picture(job, name)
    charts = []
    if job == "sweep":
        charts = curves.of_sweep(next(s.jobs for s in SWEEPS if s.name == name), runs)
    elif name == "loss":
        charts = curves.of_run(job, runs)
    image = embed(path) if path and not charts else None
    return {"job": job, "name": name, "charts": charts, "image": image, "path": path}


def unshown(sections, runs):
    """{job: samples picture} of the runs whose samples stand in no figure."""
    shown = {(p["job"], p["name"]) for s in sections for f in s["figures"] for p in f["pictures"]}
    found = {job: runs.picture(job, "samples") for job in runs.steps}
    return {job: embed(p, 760) for job, p in found.items() if p and (job, "samples") not in shown}


def card(name, runs):
    """A run's command, its main settings, its seconds, and how it ended."""
    step = runs.steps[name]
    config = {key: getattr(step.config, key) for key in SETTINGS if hasattr(step.config, key)}
    metrics = runs.metrics(name)
    return {
        "step": step,
        "command": f"{step.command} --out {step.path.as_posix()}",
        "settings": {key: value for key, value in config.items() if value not in (0, "")},
        "changed": evidence.changes(step),
        "seconds": runs.seconds(name) if name in runs.found else None,
        "warning": metrics.get("warning", ""),
        "metrics": {k: v for k, v in metrics.items() if isinstance(v, int | float)},
    }
