"""Line charts as SVG inside the page: words in both languages, colours from its style sheet."""

import math

from markupsafe import Markup

from common.report.text import Text as T

WIDTH, HEIGHT = 340, 230
LEFT, RIGHT, TOP, BOTTOM = 52, 10, 26, 40  # room around the axes
MARKED = 40  # points of a line that get a dot, at most


def lines(series, title, x, y, names=None, log=False):
    """A chart, a line (or dots) for each series.

    Args:
        series: [(Text, [x, ...], [y, ...])]. title, x, y: Texts; y is what is measured, with unit.
        names: words at x = 0, 1, 2, ... instead of numbers. log: a logarithmic y axis.

    Returns:
        Markup of <figure class="chart">; "" if there is no number.
    """
    series = [(label, *_finite(xs, ys)) for label, xs, ys in series]
    xs, ys = ([v for s in series for v in s[k]] for k in (1, 2))
    if not ys:
        return Markup("")
    log = log and min(ys) > 0
    ax, ay = _Axis(xs, LEFT, WIDTH - RIGHT), _Axis(ys, HEIGHT - BOTTOM, TOP, log)
    parts = [_text(LEFT, 14, title, "title"), _text(WIDTH - RIGHT, HEIGHT - 6, x, "end")]
    for tick in ay.ticks():
        place = ay(tick)
        parts.append(f'<path class="grid" d="M{LEFT} {place:.1f}H{WIDTH - RIGHT}"/>')
        parts.append(f'<text class="end" x="{LEFT - 5}" y="{place + 4:.1f}">{short(tick)}</text>')
    shown = range(len(names)) if names else ax.ticks()
    for tick in shown:
        word = names[tick] if names else short(tick)
        place = f'x="{ax(tick):.1f}" y="{HEIGHT - BOTTOM + 16}"'
        parts.append(f'<text class="middle" {place}>{word}</text>')
    for place, (label, one_x, one_y) in enumerate(series):
        parts.append(_line(place, label, [(ax(a), ay(b), a, b) for a, b in zip(one_x, one_y)]))
    return _figure(parts, series, title, y)


def short(number):
    """A number on an axis: 1500 -> "1,500", 0.0312 -> "0.0312"."""
    return f"{number:,.4g}".replace("-", "−") if abs(number) < 1e4 else f"{number:,.0f}"


class _Axis:
    """Places of numbers between two ends in pixels."""

    def __init__(self, values, start, end, log=False):
        self.log, self.start, self.whole = log, start, all(isinstance(v, int) for v in values)
        low, high = (self._scaled(v) for v in (min(values), max(values)))
        room = 0.04 * (high - low) if high > low else 0.5 * abs(high) or 0.5
        self.low, self.high = low - room, high + room
        self.scale = (end - start) / (self.high - self.low)

    def _scaled(self, value):
        return math.log10(value) if self.log else value

    def __call__(self, value):
        return self.start + (self._scaled(value) - self.low) * self.scale

    def ticks(self):
        """Four to eight round numbers; of a logarithmic axis 1, 2, 5, 10, ..."""
        if self.log:
            powers = range(math.floor(self.low), math.ceil(self.high) + 1)
            found = [m * 10.0**p for p in powers for m in (1, 2, 5)]
            found = [v for v in found if self.low <= math.log10(v) <= self.high]
            if len(found) > 1:
                return found if len(found) < 9 else found[::3]
            return [10**self.low * 1.0001, 10**self.high * 0.9999]
        rough = (self.high - self.low) / 5
        power = 10.0 ** math.floor(math.log10(rough))
        step = power * next(m for m in (1, 2, 5, 10) if m * power >= rough)
        if self.whole:
            step = max(1, round(step))
        return [k * step for k in range(math.ceil(self.low / step), int(self.high // step) + 1)]


def _finite(xs, ys):
    pairs = [(a, b) for a, b in zip(xs, ys) if b is not None and math.isfinite(b)]
    return tuple(map(list, zip(*pairs))) if pairs else ([], [])


def _text(x, y, text, kind):
    one = Markup('<text class="{}" x="{}" y="{}"{}>{}</text>').format
    if text.en == text.zh:
        return one(kind, x, y, "", text.en)
    return Markup("").join(
        one(kind, x, y, Markup(f' lang="{lang}"'), word) for lang, word in zip(("en", "zh"), text)
    )


def _line(place, label, points):
    """A line with dots, which say their numbers when pointed at."""
    path = "L".join(f"{x:.1f} {y:.1f}" for x, y, _, _ in points)
    every = max(1, len(points) // MARKED)
    dots = "".join(
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.5"><title>{short(a)}: {short(b)}</title></circle>'
        for x, y, a, b in points[::every]
    )
    line = f'<path class="line" d="M{path}"/>' if len(points) > 1 else ""
    return f'<g class="c{place % 10}">{line}{dots}</g>'


def _figure(parts, series, title, y):
    ends = [(label, s[-1]) for label, _, s in series if s]
    said = [", ".join(f"{label[k]} {short(end)}" for label, end in ends) for k in (0, 1)]
    told = T(f"{title.en}, {y.en}; last: {said[0]}", f"{title.zh}，{y.zh}；最后：{said[1]}")
    keys = Markup("").join(
        Markup('<span><i class="c{}"></i>{}</span>').format(k % 10, _words(label))
        for k, (label, _, _) in enumerate(series)
    )
    return Markup(
        '<div class="chart"><svg viewBox="0 0 {} {}" role="img" aria-label="{}" data-en="{}" '
        'data-zh="{}">{}</svg><div class="legend">{}<span class="dim">{}</span></div></div>'
    ).format(WIDTH, HEIGHT, told.en, *told, Markup("").join(map(Markup, parts)), keys, _words(y))


def _words(text):
    if text.en == text.zh:
        return text.en
    return Markup('<span lang="en">{}</span><span lang="zh">{}</span>').format(*text)
