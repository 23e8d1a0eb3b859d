"""The course reports: a Markdown file for each report, with numbered pictures beside it."""

import shutil

from common.report import render
from common.training.run_folder import Run

FILES = "report_files"  # the folder of the pictures


def write(out, sections, context, runs):
    """Write report.md, which names the others, and report-NNN.md for each report that is shown.

    Both also in Chinese, *.zh-CN.md. The pictures are copied to report_files/.

    Args:
        out: folder. sections: of page.section. context: what all templates know. runs: Runs.
    """
    shown = [one for one in sections if one["report"].problem.en]
    context = {**context, "seeds": runs.seeds}
    for one in shown:
        one["numbered"] = _copy(out, one)
        one["runs"] = _runs(one, runs)
        one["versions"] = _versions(record for _, _, record in one["runs"])
    for language, end in (("en", "md"), ("zh", "zh-CN.md")):
        known = {**context, "language": language, "end": end}
        render.write("report.md", out / f"report.{end}", **known, reports=shown)
        for one in shown:
            path = out / f"report-{one['report'].number}.{end}"
            render.write("course.md", path, **known, s=one)


def _copy(out, section):
    """Copies a report's pictures: [{"figure", "pictures": [(number, name, job)]}]."""
    found, number = [], 0
    for figure in section["figures"]:
        pictures = []
        for picture in figure["pictures"]:
            if picture["path"]:
                number += 1
                name = f"fig-{section['report'].number}-{number}-{picture['name']}.png"
                (out / FILES).mkdir(exist_ok=True)
                shutil.copyfile(picture["path"], out / FILES / name)
                pictures.append((number, f"{FILES}/{name}", picture["job"]))
        found.append({"figure": figure, "pictures": pictures})
    return found


def _runs(section, runs):
    """The runs of a report with what their config.json says: [(name, step, record)]."""
    names = [name for name in runs.steps if name in section["report"].jobs]
    return [(name, runs.steps[name], _record(runs, name)) for name in names]


def _record(runs, name):
    if name not in runs.found:
        return {}
    return Run.open(runs.steps[name].path).read_config()


def _versions(records):
    """Lines that say on what runs were made: commit and versions, without repeats."""
    lines = (
        ", ".join(
            [f"commit {(r.get('commit') or '–')[:12]}", *map(" ".join, r["versions"].items())]
        )
        for r in records
        if r.get("versions")
    )
    return list(dict.fromkeys(lines))
