"""Arrays in, PNG out. No model, no display, no global state, no personal settings of Matplotlib.

Every function takes the path of the PNG and writes it atomically; images are
[N, C, H, W] float32 in [0, 1] (values outside are clipped), C = 1 or 3.
"""

import functools
import os
import re
import sys
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

_backend = os.environ.pop("MPLBACKEND", None)  # none is needed; an unknown one stops the import
try:
    import matplotlib
finally:
    if _backend is not None:
        os.environ["MPLBACKEND"] = _backend

# isort: split
import numpy as np
from matplotlib import font_manager
from matplotlib.figure import Figure

from common.files import atomic_path
from common.language import language, say, translate

DPI = 150
LONGEST = 300  # inches of a side: Matplotlib 3.8 draws fewer than 65,536 pixels
SESSION = ("backend", "interactive", "toolbar", "timezone", "webagg", "tk.", "savefig.directory")
CJK_FONTS = (
    *("Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "WenQuanYi Micro Hei"),
    *("WenQuanYi Zen Hei", "PingFang SC", "Microsoft YaHei", "SimHei", "Heiti SC"),
)
PALETTE = "tab10"
SHOWN_NAMES = 25  # classes that a legend or an axis names at most
ONE_POINT = "one value only, so a point and no curve"


def own_style(draw):
    """Decorator of a function that draws: by Matplotlib's defaults, not a user's matplotlibrc."""

    @functools.wraps(draw)
    def drawn(*arguments, **options):
        with matplotlib.rc_context(_defaults()):
            return draw(*arguments, **options)

    return drawn


@lru_cache
def _defaults():
    """Matplotlib's own settings, without those that belong to a session."""
    found = matplotlib.rcParamsDefault
    return {key: found[key] for key in found if not key.startswith(SESSION)}


@lru_cache
def installed_fonts():
    """{name: file} of the fonts here, of those newer than Matplotlib's list of them, too."""
    fonts = font_manager.fontManager
    if not any(font.name in CJK_FONTS for font in fonts.ttflist):
        listed = {font.fname for font in fonts.ttflist}
        for path in set(font_manager.findSystemFonts()) - listed:
            with suppress(OSError, RuntimeError):  # no font that Matplotlib can read
                fonts.addfont(path)
    return {font.name: font.fname for font in fonts.ttflist}


@lru_cache
def _fonts():
    """Installed fonts to use, in order of preference, and all characters that they have."""
    installed = installed_fonts()
    names = ["DejaVu Sans", *[name for name in CJK_FONTS if name in installed][:1]]
    if len(names) == 1 and language() == "zh":
        say("no font has Chinese characters, so the words in figures are English", file=sys.stderr)
    characters = set()
    for name in names:
        characters |= set(font_manager.get_font(installed[name]).get_charmap())
    return names, characters


def _text(text):
    """A text in the reader's language, as it is: what the fonts do not have becomes "?".

    A dollar sign is no beginning of a formula.
    """
    names, known = _fonts()
    text = translate(str(text)) if len(names) > 1 else str(text)
    shown = "".join(c if ord(c) in known or c == "\n" else "?" for c in text)
    return re.sub(r"(?<!\\)\$", r"\\$", shown)


def _texts(texts):
    """The texts of ticks, which an axis would otherwise write anew when it is drawn."""
    return [_text(text) for text in texts]


def _figure(width, height):
    return Figure(figsize=(width, height), layout="constrained")


def _save(figure, path):
    names, _ = _fonts()
    for text in figure.findobj(matplotlib.text.Text):
        text.set_fontfamily(names)
        text.set_text(_text(text.get_text()))
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    with atomic_path(path) as temporary:
        figure.savefig(temporary, dpi=DPI, bbox_inches="tight", pad_inches=0.08)


def _label(name):
    """A label of a legend, which leaves out what begins with an underscore."""
    return f" {name}" if str(name).startswith("_") else name


def _show(axes, image):
    """Draw one image [C, H, W] without ticks."""
    image = np.clip(np.asarray(image, dtype=np.float32), 0, 1)
    if image.shape[0] == 1:
        axes.imshow(image[0], cmap="gray", vmin=0, vmax=1, interpolation="nearest")
    else:
        axes.imshow(image.transpose(1, 2, 0), interpolation="nearest")
    axes.set_xticks([])
    axes.set_yticks([])


def tile(images, columns, pad=1, fill=1.0):
    """Lay images out on one sheet.

    Args:
        images: [N, C, H, W] float32. columns: images a row. pad: pixels between them.
        fill: grey value of the padding.

    Returns:
        [C, rows * (H + pad) + pad, columns * (W + pad) + pad] float32.
    """
    count, channels, height, width = images.shape
    rows = -(-count // columns)
    shape = (channels, rows * (height + pad) + pad, columns * (width + pad) + pad)
    sheet = np.full(shape, fill, np.float32)
    for index, image in enumerate(images):
        top = pad + (index // columns) * (height + pad)
        left = pad + (index % columns) * (width + pad)
        sheet[:, top : top + height, left : left + width] = image
    return sheet


def framed(images, chosen):
    """Images with a margin, red around the chosen ones: [N, C, H, W], [N] bool -> [N, 3, ...]."""
    width = max(1, images.shape[2] // 14)
    around = [(0, 0), (0, 0), (width, width), (width, width)]
    frames = np.pad(np.zeros_like(images[:, :1]), around, constant_values=1)
    inside = np.pad(np.repeat(images, 3 // images.shape[1], axis=1), around, constant_values=1)
    red = frames * np.array(matplotlib.colors.to_rgb("tab:red"), np.float32).reshape(1, 3, 1, 1)
    return np.where(np.reshape(chosen, (-1, 1, 1, 1)) & (frames > 0), red, inside)


@own_style
def image_grid(
    images,
    path,
    columns=8,
    title="",
    row_labels=None,
    column_labels=None,
    cell=0.62,
    xlabel="",
    ylabel="",
):
    """A sheet of images, with an optional label for each row and each column.

    Args:
        images: [N, C, H, W]. path: the PNG. columns: images a row. title: above the sheet.
        row_labels, column_labels: texts, one for each row or column.
        cell: inches an image takes. xlabel, ylabel: what the columns and the rows are.

    Rows that would make the sheet longer than LONGEST are left out.
    """
    images = images[: columns * int(LONGEST / cell)]
    enlarged = max(1, 28 // images.shape[2])  # so that small images have small gaps
    images, pad = images.repeat(enlarged, axis=2).repeat(enlarged, axis=3), min(2, enlarged)
    rows = -(-len(images) // columns)
    row_labels = row_labels and row_labels[:rows]
    lines = [line for text in column_labels or () for line in str(text).split("\n")]
    above = 0.45 + 0.25 * bool(xlabel) + 0.2 * len(lines) / columns  # inches of texts
    figure = _figure(columns * cell + (1.1 if row_labels else 0.2), rows * cell + above)
    axes = figure.add_subplot()
    _show(axes, tile(images, columns, pad))
    height, width = images.shape[2] + pad, images.shape[3] + pad
    if row_labels:
        ticks = [(row + 0.5) * height for row in range(rows)]
        axes.set_yticks(ticks, _texts(row_labels), fontsize=9)
    if column_labels:
        ticks = [(column + 0.5) * width for column in range(columns)]
        long = max(map(len, lines)) > 17 * cell
        axes.set_xticks(ticks, _texts(column_labels), fontsize=9, rotation=90 if long else 0)
    axes.xaxis.tick_top()
    axes.xaxis.set_label_position("top")
    axes.set_xlabel(xlabel)
    axes.set_ylabel(ylabel)
    axes.tick_params(length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)
    if title:
        axes.set_title(title, fontsize=10)
    _save(figure, path)


@own_style
def image_rows(rows, path, title="", cell=0.62):
    """Rows of images to compare column by column, originals above reconstructions for one.

    Args:
        rows: {label: [N, C, H, W]}, top to bottom, all with the same N.
    """
    images = np.concatenate(list(rows.values()))
    columns = len(next(iter(rows.values())))
    image_grid(images, path, columns, title, row_labels=list(rows), cell=cell)


@own_style
def curves(series, path, xlabel, ylabel, title="", log=False):
    """One panel of `curves_on`, as a PNG."""
    figure = _figure(6, 3.6)
    curves_on(figure.add_subplot(), series, xlabel, ylabel, title, log)
    _save(figure, path)


def curves_on(axes, series, xlabel, ylabel, title="", log=False):
    """Lines over a shared x axis.

    Args:
        axes: of Matplotlib. log: whether y is logarithmic.
        series: {label: (x, y)} or {label: y}; x defaults to 1, 2, ... A series of one point is
            drawn as a dot, and said to be one.
    """
    longest = 0
    for label, values in series.items():
        x, y = values if isinstance(values, tuple) else (range(1, len(values) + 1), values)
        longest = max(longest, len(y))
        size = 7 if len(y) == 1 else 3
        axes.plot(x, y, marker="o" if len(y) <= 30 else None, markersize=size, label=_label(label))
    axes.set_xlabel(xlabel)
    axes.set_ylabel(ylabel)
    axes.set_title(title, fontsize=10)
    if log:
        axes.set_yscale("log")
    axes.grid(alpha=0.3)
    if len(series) > 1:
        axes.legend(frameon=False)
    axes.xaxis.get_major_locator().set_params(integer=True)
    if longest == 1:
        axes.set_xticks(x)
        axes.margins(y=0.6)
        note = axes.annotate(ONE_POINT, (0.5, 0.04), xycoords="axes fraction", fontsize=9)
        note.set(ha="center", color="dimgrey")


@own_style
def scatter(points, labels, path, class_names, title="", xlabel="", ylabel=""):
    """Points in the plane, coloured by class, with a legend.

    Args:
        points: [N, 2]. labels: [N] int, an index into class_names.
    """
    figure = _figure(6, 5)
    axes = figure.add_subplot()
    scatter_on(axes, points, labels, class_names)
    axes.set_title(title, fontsize=10)
    axes.set_xlabel(xlabel)
    axes.set_ylabel(ylabel)
    _save(figure, path)


def scatter_on(axes, points, labels, class_names):
    """The points and the legend of `scatter`, on given axes."""
    colours = matplotlib.colormaps[PALETTE if len(class_names) <= 10 else "tab20"]
    size = np.clip(8000 / max(1, len(points)), 7, 22)
    for label, name in enumerate(class_names):
        chosen = points[np.asarray(labels) == label]
        colour = colours(label % colours.N)
        axes.scatter(chosen[:, 0], chosen[:, 1], s=size, alpha=0.7, linewidths=0, color=colour)
        if label < SHOWN_NAMES:
            axes.scatter([], [], s=25, color=colour, label=_label(name))
    if len(class_names) > SHOWN_NAMES:
        axes.scatter([], [], s=0, label=f"and {len(class_names) - SHOWN_NAMES} more")
    axes.legend(loc="center left", bbox_to_anchor=(1, 0.5), frameon=False, fontsize=8)


@own_style
def panels(draws, path, width=4.5, height=3.6, columns=None):
    """Several axes on one picture, by default side by side.

    Args:
        draws: functions that take matplotlib axes, in reading order. width, height: inches of each.
        columns: axes a row; the last one takes what is left of its row.
    """
    columns = columns or len(draws)
    rows = -(-len(draws) // columns)
    places = np.minimum(np.arange(rows * columns), len(draws) - 1).reshape(rows, columns)
    figure = _figure(width * columns, height * rows)
    for index, axes in figure.subplot_mosaic(places.tolist()).items():
        draws[index](axes)
    _save(figure, path)


@own_style
def bars(series, names, path, title="", ylabel="", xlabel=""):
    """Groups of bars, one group a name, one colour a series.

    Args:
        series: {label: [K] numbers}. names: [K] texts under the groups.
    """
    long = max(len(str(name)) for name in names) > 4
    figure = _figure(max(6.0, (0.62 if long else 0.3) * min(len(names), SHOWN_NAMES)), 3.4)
    axes = figure.add_subplot()
    places, width = np.arange(len(names)), 0.8 / len(series)
    for index, (label, values) in enumerate(series.items()):
        offset = (index - (len(series) - 1) / 2) * width
        axes.bar(places + offset, values, width, label=_label(label))
    rotation = {"rotation": 40, "ha": "right", "rotation_mode": "anchor"} if long else {}
    every = -(-len(names) // SHOWN_NAMES)
    axes.set_xticks(places[::every], _texts(names[::every]), fontsize=8, **rotation)
    axes.set_ylabel(ylabel)
    axes.set_xlabel(xlabel)
    axes.grid(axis="y", alpha=0.3)
    axes.set_axisbelow(True)
    if len(series) > 1:
        axes.legend(
            frameon=False, ncols=len(series), loc="upper center", bbox_to_anchor=(0.5, 1.14)
        )
        axes.set_title(title, fontsize=10, pad=24)
    else:
        axes.set_title(title, fontsize=10)
    _save(figure, path)
