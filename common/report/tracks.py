"""Numbers of a card as dots on a line: interval, and the margin that decides."""

from dataclasses import dataclass
from itertools import groupby

from common.report import rules
from common.report.values import Value


@dataclass(frozen=True)
class Track:
    """One number on its line.

    Attributes:
        value: Value. dot, low, high: places in percent of the line, None where there is no line.
        marks: places of the margins. judged: whether the rule reads it.
    """

    value: Value
    dot: float | None
    low: float | None
    high: float | None
    marks: tuple
    judged: bool


def of(verdict):
    """[Track] of a verdict: numbers that the rule reads, then the others; no number, no track."""
    values = [v for v in (*verdict.values, *verdict.shown) if v.mean is not None]
    known = all(v.mean is not None for v in verdict.values)
    limits = _limits(verdict.item.rule, verdict.values) if known and verdict.values else {}
    spans = {}
    for quantity, group in groupby(sorted(values, key=_name), key=_name):
        spans[quantity] = _span(list(group), limits)
    judged = {id(v) for v in verdict.values}
    return [_track(v, spans[_name(v)], limits.get(id(v), ()), id(v) in judged) for v in values]


def _name(value):
    return value.quantity.name.en


def _span(group, limits):
    """(from, to) of the line that a group of numbers shares; None where a line says nothing."""
    numbers = [n for v in group for n in (v.low, v.high, *limits.get(id(v), ()))]
    low, high = min(numbers), max(numbers)
    if group[0].quantity.exact or low == high:
        return None
    if group[0].quantity.share:
        return 0.0, 1.0
    low = 0.0 if 0 < low < 0.6 * high else low
    room = 0.05 * (high - low)
    return (low if low == 0 else low - room), high + room


def _track(value, span, limits, judged):
    if not span:
        return Track(value, None, None, None, (), judged)

    def place(number):
        return round(min(100.0, max(0.0, 100 * (number - span[0]) / (span[1] - span[0]))), 1)

    ends = place(value.low), place(value.high)
    return Track(value, place(value.mean), *ends, tuple(map(place, limits)), judged)


def _limits(rule, values):
    """{id of a value: numbers that it must not pass}."""
    found = {}
    if isinstance(rule, rules.All):
        for part, *places in rule.parts:
            found |= _limits(part, [values[place] for place in places])
    elif isinstance(rule, rules.Best):
        found |= {id(v): (rule.limit,) for v in values[rule.count :]}
    elif isinstance(rule, rules.Below):
        first, second = values
        found[id(first)] = (second.mean * (1 + rule.sign * rule.share) + rule.sign * rule.by,)
    else:
        found |= {id(v): _bounds(rule) for v in values}
    return found


def _bounds(rule):
    if isinstance(rule, rules.Between):
        return rule.least, rule.most
    if isinstance(rule, rules.Near):
        room = rule.share * abs(rule.limit)
        return rule.limit - room, rule.limit + room
    if isinstance(rule, rules.AtLeast):
        return (rule.limit * (1 - rule.slack),)
    if isinstance(rule, rules.AtMost):
        return (rule.limit * (1 + rule.slack),)
    return (rule.limit,) if isinstance(rule, rules.Equal) else ()
