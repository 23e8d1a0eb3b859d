"""How the verdict on a row is reached: rules with margins, which can hold, fail or be close.

A rule reads the values of a row in their order (`Value`s of values.py: mean, 95 % interval) and
gives an Answer: `holds` where the whole interval lies beyond the margin, `fails` where all of it
lies short of it, `close` otherwise. Where nothing tells an interval (one run, no count of images),
it has no width and the row says so. A rule words itself with the labels of the values.

    AtLeast(0.95)                     every value at least 0.95; AtLeast(30.0, slack=0.01): 29.7;
                                      AtLeast(10, close=9): from 9 on it is close
    AtMost(0.8)                       every value at most 0.8; slack as above
    Between(3.4, 3.5)                 every value within
    Near(0.4, 0.03)                   every value within 3 % of 0.4
    Equal(7475)                       every value exactly this
    Below(share=0.2)                  the first is below the second by 20 % of the second or more
    Below(by=0.02)                    ... by 0.02 or more, of shares by 2 points
    Above(share=0.1), Above(by=...)   the first above the second
    Above(times=10)                   the first is at least 10 times the second
    Falling(), Rising()               a series: from first to last surely, no step surely reversed;
                                      Falling(share=0.1): from first to last by 10 % or more
    Floor(3, 0.05)                    value number 3 (from 0) is below the one before by 5 % or
                                      more, the last below it by less than 5 %
    Alike(0.05)                       no two differ by more than 5 % of the larger
    Best(2, 0.5)                      the first 2 are the highest of all, all others below 0.5
    All((AtMost(0.5), 0), (AtLeast(0.9), 1))
                                      every part holds; the numbers pick values from the row
    Any((AtMost(0.05), 0), (AtMost(0.5), 1))
                                      one part holds or more
    Where((AtLeast(0.5), 1), (AtMost(0.9), 0))
                                      the second part decides, where the first surely holds
    ByArgument("right" | "partly" | "wrong")
                                      no run needed, the row's note is the argument; the verdict is
                                      holds, close ("partly right") or fails
    Untestable(T(why))                an opinion, an idea, or no measure is named
    NotTested(T(why))                 could be tested, but no profile has the run
"""

from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import NamedTuple

from common.report.text import Text
from common.report.values import contrast, percent, show

HOLDS, FAILS, CLOSE = "holds", "fails", "close"
UNTESTED, UNTESTABLE = "untested", "untestable"
VERDICTS = (HOLDS, FAILS, CLOSE, UNTESTED, UNTESTABLE)


class Answer(NamedTuple):
    """A verdict of VERDICTS and why."""

    verdict: str
    reason: Text


def sure(low, high):
    """The verdict on "at least 0" of an interval."""
    return HOLDS if low >= 0 else FAILS if high < 0 else CLOSE


def together(verdicts):
    """The verdict on several conditions that must all hold."""
    verdicts = list(verdicts)
    return FAILS if FAILS in verdicts else CLOSE if CLOSE in verdicts else HOLDS


def join(texts, between=("; ", "；")):
    """Texts one after another, in both languages."""
    languages = zip(*texts) if texts else ((), ())
    return Text(*(sep.join(words) for sep, words in zip(between, languages)))


def bound(number, quantity):
    """A limit as it was written: 0.9 -> "0.9", or "90 %" of a share."""
    if quantity.share:
        return percent(number)
    text = f"{number:,.8g}".replace("-", "−")
    return Text(text, text)


def _each(values, en, zh):
    """A condition on every value, with their labels: "z = 1, z = 2: at most 50 %"."""
    several = len({value.quantity for value in values}) > 1
    labels = [value.name if several or not value.label.en else value.label for value in values]
    labels = join([label for label in labels if label.en], (", ", "、"))
    return Text(f"{labels.en}: {en}", f"{labels.zh}：{zh}") if labels.en else Text(en, zh)


class Rule:
    """What rules have in common.

    Attributes:
        reference: the number that it compares with, or None. measured: whether it reads values.
        share: its margin as a share, 0 for none.
    """

    measured = True
    share = 0.0

    def room(self, values):
        """Share by which a short training's loss may still move in its last quarter, or None.

        The margin; of a limit without one, how far the values lie from it.
        """
        return self.share or None

    @property
    def reference(self):
        return getattr(self, "limit", None)


class _Limits(Rule):
    """A rule about each value by itself; `gaps(value)`: intervals that must be at least 0."""

    slack = 0.0

    def room(self, values):
        """As for Rule; a value at its limit is the best there is (10 of 10 classes)."""
        apart = [(value, min(map(abs, gap))) for value in values for gap in self.gaps(value)]
        found = [far / abs(value.mean) for value, far in apart if far and value.mean]
        return self.slack or self.share or min(found, default=None)

    def decide(self, values):
        """Every value must keep all limits."""
        found = [together(sure(*gap) for gap in self.gaps(value)) for value in values]
        verdict = together(found)
        those = [value for value, one in zip(values, found) if one == verdict]
        return Answer(verdict, join([_named(value) for value in those]))


def _named(value):
    pairs = zip(value.label, value.shown)
    return Text(*(f"{label} {number}".strip() for label, number in pairs))


@dataclass(frozen=True)
class AtLeast(_Limits):
    """Every value is at least a limit (times 1 - slack); only what is below `close` fails."""

    limit: float
    slack: float = 0.0
    close: float | None = None

    def gaps(self, value):
        limit = self.limit * (1 - self.slack)
        return [(value.low - limit, value.high - (limit if self.close is None else self.close))]

    def words(self, values):
        """The condition, with the labels of the values."""
        limit = bound(self.limit, values[0].quantity)
        less = percent(self.slack) if self.slack else None
        en, zh = (f" − {less.en}", f" − {less.zh}") if less else ("", "")
        if self.close is not None:
            near = bound(self.close, values[0].quantity)
            en, zh = f"{en}, too close from {near.en} on", f"{zh}，达到 {near.zh} 为难分高下"
        return _each(values, f"at least {limit.en}{en}", f"不低于 {limit.zh}{zh}")


@dataclass(frozen=True)
class AtMost(_Limits):
    """Every value is at most a limit (times 1 + slack)."""

    limit: float
    slack: float = 0.0

    def gaps(self, value):
        limit = self.limit * (1 + self.slack)
        return [(limit - value.high, limit - value.low)]

    def words(self, values):
        """The condition, with the labels of the values."""
        limit = bound(self.limit, values[0].quantity)
        more = percent(self.slack) if self.slack else None
        en, zh = (f" + {more.en}", f" + {more.zh}") if more else ("", "")
        return _each(values, f"at most {limit.en}{en}", f"不高于 {limit.zh}{zh}")


@dataclass(frozen=True)
class Between(_Limits):
    """Every value lies between two limits."""

    least: float
    most: float

    def gaps(self, value):
        least, most = self.least, self.most
        return [(value.low - least, value.high - least), (most - value.high, most - value.low)]

    def words(self, values):
        """The condition, with the labels of the values."""
        least, most = (bound(limit, values[0].quantity) for limit in (self.least, self.most))
        en, zh = f"between {least.en} and {most.en}", f"在 {least.zh} 与 {most.zh} 之间"
        return _each(values, en, zh)


@dataclass(frozen=True)
class Near(_Limits):
    """Every value is within a share of the reference."""

    limit: float
    share: float

    def gaps(self, value):
        room = self.share * abs(self.limit)
        return Between(self.limit - room, self.limit + room).gaps(value)

    def words(self, values):
        """The condition, with the labels of the values."""
        share, reference = percent(self.share), bound(self.limit, values[0].quantity)
        en, zh = f"within {share.en} of {reference.en}", f"与 {reference.zh} 相差 {share.zh} 以内"
        return _each(values, en, zh)


@dataclass(frozen=True)
class Equal(_Limits):
    """Every value equals the reference."""

    limit: float

    def gaps(self, value):
        same = 0 if value.low == value.high == self.limit else -1
        return [(same, same)]

    def words(self, values):
        """The condition, with the labels of the values."""
        reference = bound(self.limit, values[0].quantity)
        return _each(values, f"exactly {reference.en}", f"恰为 {reference.zh}")


@dataclass(frozen=True)
class Below(Rule):
    """The first value is below the second by a share of the second, or by a difference."""

    share: float = 0.0
    by: float = 0.0
    sign = -1
    relation = ("below", "低")

    def room(self, values):
        """As for Rule; of a difference, how far from it the values lie."""
        first, second = (value.mean for value in values)
        if not self.by or not second:
            return self.share or None
        return abs(first - second - self.sign * self.by) / abs(second)

    def decide(self, values):
        """holds or fails where the interval of the difference lies on one side of the margin."""
        first, second = values
        scale = self.sign * (1 + self.sign * self.share)
        low, high = contrast((self.sign, first), (-scale, second), constant=-self.by)
        verdict = HOLDS if low > 0 else FAILS if high <= 0 else CLOSE
        return Answer(verdict, _difference(first, second, relative=not self.by))

    def words(self, values):
        """The condition, with the labels of the values."""
        (a, b), (en, zh) = (value.label for value in values), self.relation
        if not (self.share or self.by):
            return Text(f"{a.en} {en} {b.en}", f"{a.zh} {zh}于 {b.zh}")
        far = percent(self.share) if self.share else _margin(self.by, values[0].quantity)
        return Text(
            f"{a.en} {en} {b.en} by {far.en} or more", f"{a.zh} 比 {b.zh} {zh} {far.zh} 以上"
        )


@dataclass(frozen=True)
class Above(Below):
    """The first value is above the second by a share, by a difference, or so many times it."""

    times: float = 0.0
    sign = 1
    relation = ("above", "高")

    def __post_init__(self):
        if self.times:
            object.__setattr__(self, "share", self.times - 1)

    def decide(self, values):
        """As Below; of "so many times" the reason is the quotient."""
        answer = super().decide(values)
        if not self.times:
            return answer
        first, second = values
        (a, b), times = (first.label, second.label), float(f"{first.mean / second.mean:.3g}")
        times = f"{times:,.10g}"  # 99,100, not 9.91e+04
        reason = Text(f"{a.en} is {times} times {b.en}", f"{a.zh} 为 {b.zh} 的 {times} 倍")
        return answer._replace(reason=reason)

    def words(self, values):
        """The condition, with the labels of the values."""
        if not self.times:
            return super().words(values)
        a, b = (value.label for value in values)
        return Text(
            f"{a.en} at least {self.times:g} times {b.en}",
            f"{a.zh} 至少为 {b.zh} 的 {self.times:g} 倍",
        )


def _margin(difference, quantity):
    return _apart(difference, quantity) if quantity.share else bound(difference, quantity)


def _apart(difference, quantity):
    """A difference for a reader; of shares in points: 0.01 -> "1 point"."""
    if not quantity.share:
        return show(difference, quantity) if difference else Text("0", "0")
    points = f"{100 * difference:.3g}".replace("-", "−")
    return Text(f"{points} point{'s' * (points != '1')}", f"{points} 个百分点")


def _difference(first, second, relative):
    """How far the first lies from the second, with the interval."""
    low, high = contrast((1, first), (-1, second))
    scale = abs(second.mean) if relative and second.mean else None
    middle = first.mean - second.mean

    def far(number):
        found = percent(number / scale) if scale else _apart(number, first.quantity)
        return Text(f"+{found.en}", f"+{found.zh}") if number > 0 else found

    a, b, m, lo, hi = first.label, second.label, far(middle), far(low), far(high)
    interval = (f" ({lo.en} to {hi.en})", f"（{lo.zh}～{hi.zh}）") if low < high else ("", "")
    if not a.en:
        return Text(f"{m.en}{interval[0]}", f"{m.zh}{interval[1]}")
    return Text(
        f"{a.en} against {b.en}: {m.en}{interval[0]}", f"{a.zh} 相对 {b.zh}：{m.zh}{interval[1]}"
    )


@dataclass(frozen=True)
class Falling(Rule):
    """A series: the last value is below the first (by a share of it); no step is reversed."""

    share: float = 0.0
    compare = Below
    relation = ("falls", "下降")

    def decide(self, values):
        """Names the steps that are surely reversed and those that are unsure."""
        whole = self.compare(self.share).decide([values[-1], values[0]])
        sign = self.compare.sign
        steps = [(sure(*contrast((sign, b), (-sign, a))), a, b) for a, b in pairwise(values)]
        reversed_, unsure = (_steps(steps, verdict) for verdict in (FAILS, CLOSE))
        verdict = FAILS if reversed_.en else whole.verdict
        parts = [whole.reason]
        if reversed_.en:
            en, zh = reversed_
            parts.append(Text(f"reversed: {en}", f"方向相反：{zh}"))
        if unsure.en:
            en, zh = unsure
            parts.append(Text(f"unsure: {en}", f"不确定：{zh}"))
        return Answer(verdict, join(parts))

    def words(self, values):
        """The condition, with the labels of the values."""
        (en, zh), first, last = self.relation, values[0].label, values[-1].label
        far = percent(self.share) if self.share else None
        by = (f" by {far.en} or more", f" {far.zh} 以上") if far else ("", "")
        return Text(
            f"{en} surely from {first.en} to {last.en}{by[0]}, no step surely reversed",
            f"从 {first.zh} 到 {last.zh} 确定{zh}{by[1]}，且没有一步确定相反",
        )


def _steps(steps, verdict):
    """ "z = 5 to z = 10, ..." of the steps with this verdict."""
    found = [(a.label, b.label) for one, a, b in steps if one == verdict]
    return join([Text(f"{a.en} to {b.en}", f"{a.zh} 到 {b.zh}") for a, b in found], (", ", "、"))


@dataclass(frozen=True)
class Rising(Falling):
    """A series: the last value is above the first (by a share of it); no step is reversed."""

    compare = Above
    relation = ("rises", "上升")


@dataclass(frozen=True)
class Floor(Rule):
    """From position `start` on, the values no longer fall by a share; just before, they do."""

    start: int
    share: float

    def _parts(self, values):
        before, first, last = values[self.start - 1], values[self.start], values[-1]
        return Below(self.share), [first, before], [last, first]

    def decide(self, values):
        """Both conditions must hold."""
        rule, fall, rest = self._parts(values)
        fallen, still = rule.decide(fall), rule.decide(rest)
        level = {HOLDS: FAILS, FAILS: HOLDS, CLOSE: CLOSE}[still.verdict]
        return Answer(together([fallen.verdict, level]), join([fallen.reason, still.reason]))

    def words(self, values):
        """The condition, with the labels of the values."""
        rule, fall, (last, first) = self._parts(values)
        far, words = percent(self.share), rule.words(fall)
        return Text(
            f"{words.en}, {last.label.en} below {first.label.en} by less than {far.en}",
            f"{words.zh}，而 {last.label.zh} 比 {first.label.zh} 降低不足 {far.zh}",
        )


@dataclass(frozen=True)
class Alike(Rule):
    """No two values differ by more than a share of the larger one."""

    share: float

    def decide(self, values):
        """Looks at each pair."""
        found, reasons = [], []
        for pair in combinations(values, 2):
            small, large = sorted(pair, key=lambda value: abs(value.mean))
            gap = contrast((self.share - 1, large), (1, small))
            found.append(sure(*gap))
            reasons.append(_difference(*pair, relative=True))
        verdict = together(found)
        return Answer(verdict, join([r for r, one in zip(reasons, found) if one == verdict]))

    def words(self, values):
        """The condition, with the labels of the values."""
        labels, far = join([value.label for value in values], (", ", "、")), percent(self.share)
        return Text(f"{labels.en} differ by {far.en} or less", f"{labels.zh} 相差不超过 {far.zh}")


@dataclass(frozen=True)
class Best(Rule):
    """The first `count` values are the highest of all, and all others are below a limit."""

    count: int
    limit: float

    def decide(self, values):
        """Compares the lowest of the first with the highest of the others."""
        lowest = min(values[: self.count], key=lambda value: value.mean)
        highest = max(values[self.count :], key=lambda value: value.mean)
        order = Above().decide([lowest, highest])
        rest = AtMost(self.limit).decide(values[self.count :])
        return Answer(together([order.verdict, rest.verdict]), join([order.reason, rest.reason]))

    def words(self, values):
        """The condition, with the labels of the values."""
        first = join([value.label for value in values[: self.count]], (", ", "、"))
        limit = bound(self.limit, values[0].quantity)
        return Text(
            f"{first.en} highest, all others at most {limit.en}",
            f"{first.zh} 最高，其余不高于 {limit.zh}",
        )


class All(Rule):
    """Several rules, each on values of the row that it names by their place."""

    def __init__(self, *parts):
        self.parts = parts  # (rule, place, place, ...)

    def _picked(self, values):
        """(rule, its values) of each part."""
        return [(rule, [values[place] for place in places]) for rule, *places in self.parts]

    def room(self, values):
        """The smallest of the parts."""
        rooms = [rule.room(some) for rule, some in self._picked(values)]
        return min((room for room in rooms if room is not None), default=None)

    def _decided(self, values):
        """The Answer of each part."""
        found = []
        for rule, some in self._picked(values):
            answer = rule.decide(some)
            found.append(answer._replace(reason=_of_what(answer.reason, some, values)))
        return found

    def _worded(self, values):
        """The condition of each part."""
        pairs = self._picked(values)
        return [_of_what(rule.words(some), some, values) for rule, some in pairs]

    def decide(self, values):
        """Every part must hold; the reason is that of those that decide."""
        found = self._decided(values)
        verdict = together(answer.verdict for answer in found)
        return Answer(verdict, join([one.reason for one in found if one.verdict == verdict]))

    def words(self, values):
        """The conditions of all parts."""
        return join(self._worded(values))


def _of_what(text, some, values):
    """A text about some values with their quantity behind it, where the row has several."""
    names = {value.quantity.name for value in some}
    plain = len(names) > 1 or not some[0].label.en  # the text names them already
    if plain or len({value.quantity.name for value in values}) == 1:
        return text
    (name,) = names
    return Text(f"{text.en} ({name.en})", f"{text.zh}（{name.zh}）")


class Any(All):
    """As All, but one part is enough."""

    def decide(self, values):
        """The best verdict of the parts, with the reasons of all."""
        found = self._decided(values)
        verdicts = [answer.verdict for answer in found]
        verdict = next(v for v in (HOLDS, CLOSE, FAILS) if v in verdicts)
        return Answer(verdict, join([answer.reason for answer in found]))

    def words(self, values):
        """The conditions of all parts."""
        return join(self._worded(values), (", or ", "，或 "))


class Where(All):
    """The second part decides, but says nothing unless the first surely holds: then it is close."""

    def decide(self, values):
        """The answer of the second part, or close for the reason of the first."""
        condition, answer = self._decided(values)
        if condition.verdict != HOLDS:
            en, zh = condition.reason
            return Answer(CLOSE, Text(f"says nothing: {en}", f"不能说明问题：{zh}"))
        return answer

    def words(self, values):
        """Both conditions."""
        where, then = self._worded(values)
        return Text(f"{then.en}; only where {where.en}", f"{then.zh}；仅当 {where.zh}")


class _Said(Rule):
    """Decided without a number."""

    measured = False


@dataclass(frozen=True)
class ByArgument(_Said):
    """Decided by mathematics or by reading; answer: right, partly or wrong."""

    answer: str
    ANSWERS = {  # noqa: RUF012
        "right": (HOLDS, Text("by argument: right", "由论证：正确")),
        "partly": (CLOSE, Text("by argument: partly right", "由论证：部分正确")),
        "wrong": (FAILS, Text("by argument: wrong", "由论证：错误")),
    }

    def decide(self, values):
        """The verdict; the row's note is the reason."""
        return Answer(self.ANSWERS[self.answer][0], Text("", ""))

    def words(self, values):
        """ "by argument: right"."""
        return self.ANSWERS[self.answer][1]


@dataclass(frozen=True)
class Untestable(_Said):
    """No run can decide it: an opinion, an idea, no measure named."""

    why: Text

    def decide(self, values):
        """untestable."""
        return Answer(UNTESTABLE, self.why)

    def words(self, values):
        """That there is no rule."""
        return Text("cannot be tested", "无法检验")


@dataclass(frozen=True)
class NotTested(_Said):
    """A run could decide it, but no profile has that run."""

    why: Text

    def decide(self, values):
        """untested."""
        return Answer(UNTESTED, self.why)

    def words(self, values):
        """That no run was made for it."""
        return Text("no run here tests it", "此处没有检验它的训练")
