"""The first screen: for each report its main claims as they were decided, and one picture."""

import json
from collections import Counter
from dataclasses import dataclass

from common.report import sprites
from common.report.pictures import cells
from common.report.rules import CLOSE, FAILS, HOLDS, VERDICTS
from common.report.text import Text as T

HEADLINES = {  # the claims that the sentence is made of, the most important first
    "000": ("closer", "smoother", "off-manifold"),
    "001": ("sharper", "far-better", "mode-collapse", "fast", "blurry"),
    "002": ("floor", "meaningless", "best-at-20"),
    "003": ("samples", "reconstruction", "separation"),
    "004": ("equal-samples", "equal-bound", "lighter"),
}
SENTENCES = 2  # of a report on the first screen
KINDS = ("claim", "reference", "check", "goal")
FIVE = (0, 1, 2, 3, 7)  # classes shown of a model, in a row
TWO = (2, 7)  # where a row is a class
ORIGINAL = T("original", "原图")


@dataclass(frozen=True)
class Hero:
    """Images pixel for pixel in a table.

    Attributes:
        caption: what is seen. rows, columns: their names as Texts. images: [row][column] data URIs,
        "" where a run is not done. size: pixels of an image.
    """

    caption: T
    rows: tuple
    columns: tuple
    images: tuple
    size: int


def collect(reports, verdicts, runs):
    """[{"report", "sentences": [Verdict], "hero": Hero or None, "counts"}], a report each.

    counts: {(kind, verdict): how many}.
    """
    found = []
    for report in reports:
        mine = [v for v in verdicts if v.report is report]
        if mine:
            counts = Counter((v.item.kind, v.verdict) for v in mine)
            hero = HEROES[report.number](runs)
            sentences = headlines(report.number, mine)
            found.append({"report": report, "sentences": sentences, "hero": hero, "counts": counts})
    return found


def headlines(number, verdicts):
    """The main claims of a report: those that were decided before those that were not."""
    claims = {v.item.key: v for v in verdicts if v.item.kind == "claim"}
    chosen = [claims[key] for key in HEADLINES[number] if key in claims]
    return sorted(chosen, key=lambda v: v.verdict not in (HOLDS, FAILS, CLOSE))[:SENTENCES]


def totals(found):
    """{verdict: how many claims of all reports}."""
    counts = sum((one["counts"] for one in found), Counter())
    return {verdict: counts["claim", verdict] for verdict in VERDICTS}


def _sheet(runs, job, name):
    """(description, cut-up sheet [row][column]) of a run, or (None, None)."""
    path = runs.picture(job, name)
    text = path and path.with_suffix(".json")
    if not (text and text.is_file()):
        return None, None
    about = json.loads(text.read_text(encoding="utf-8"))
    return about, cells(path, about["cell"])


def _ten(runs, job, row, places):
    """Images of one row of a run's ten, at some places."""
    about, images = _sheet(runs, job, sprites.TEN)
    if not about:
        return ("",) * len(places)
    line = images[about["rows"].index(row)]
    return tuple(line[place] if place < len(line) else "" for place in places)


def _size(runs, job):
    return runs.steps[job].config.image_size if job in runs.steps else 28


def _models(runs, caption, original, models):
    """A row of originals above one of reconstructions for each model."""
    rows = [(ORIGINAL, _ten(runs, original, "original", FIVE))]
    rows += [(name, _ten(runs, job, "reconstruction", FIVE)) for name, job in models]
    return _hero(caption, rows, (T("", ""),) * len(FIVE), _size(runs, original))


def _by_size(runs, caption, report, sizes, kind, original=True):
    """A column for each latent size."""
    jobs = [f"{report}-z{z}" for z in sizes]
    names = [T(f"z = {z}", f"z = {z}") for z in sizes]
    columns = [_ten(runs, job, kind, TWO) for job in jobs]
    if original:
        names.insert(0, ORIGINAL)
        columns.insert(0, _ten(runs, jobs[-1], "original", TWO))
    rows = [(T("", ""), images) for images in zip(*columns)]
    return _hero(caption, rows, tuple(names), _size(runs, jobs[0]))


def _chain(runs, caption, job):
    """Some classes on their way from noise to an image."""
    about, images = _sheet(runs, job, "reverse_sprites")
    if not about:
        return None
    last = len(about["steps"]) - 1
    places = sorted({round(last * part) for part in (0, 0.5, 0.7, 0.85, 0.95, 1)})
    columns = tuple(T(str(about["steps"][p]), str(about["steps"][p])) for p in places)
    lines = [images[min(row, len(images) - 1)] for row in TWO]
    rows = [(T("", ""), tuple(line[place] for place in places)) for line in lines]
    return _hero(caption, rows, columns, about["cell"])


def _hero(caption, rows, columns, size):
    if not any(image for _, images in rows for image in images):
        return None
    names, images = zip(*rows)
    return Hero(caption, names, columns, images, size)


AE_VAE = (T("AE", "AE"), "ae-l32"), (T("VAE", "VAE"), "vae-l32")
MLP_CONV = (T("MLP", "MLP"), "004-mlp"), (T("conv", "卷积"), "004-conv")
HEROES = {
    "000": lambda runs: _models(
        runs,
        T(
            "Test images, and what an autoencoder and a VAE of the same layers make of them.",
            "测试图像，以及网络层相同的自编码器与 VAE 的重建。",
        ),
        "ae-l32",
        AE_VAE,
    ),
    "001": lambda runs: _chain(
        runs,
        T(
            "From noise to digit: the report's network after so many steps of the sampler.",
            "从噪声到数字：报告的网络，采样器完成若干步之后。",
        ),
        "001-ddpm",
    ),
    "002": lambda runs: _by_size(
        runs,
        T(
            "The same test images through 1, 2, 5, 10 and 20 numbers.",
            "同样的测试图像，经 1、2、5、10、20 个数重建。",
        ),
        "002",
        (1, 2, 5, 10, 20),
        "reconstruction",
    ),
    "003": lambda runs: _by_size(
        runs,
        T(
            "Samples of N(0, I) with 1, 2, 3, 16 and 32 numbers.",
            "以 1、2、3、16、32 个数，从 N(0, I) 生成的样本。",
        ),
        "003",
        (1, 2, 3, 16, 32),
        "sample",
        original=False,
    ),
    "004": lambda runs: _models(
        runs,
        T(
            "Test images, and what the MLP and the convolutional CVAE make of them.",
            "测试图像，以及 MLP 与卷积 CVAE 的重建。",
        ),
        "004-mlp",
        MLP_CONV,
    ),
}
