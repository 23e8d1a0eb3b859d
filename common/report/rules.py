"""How it is decided whether a number or a claim holds: a few named rules, each with its wording."""

from dataclasses import dataclass
from itertools import pairwise

from common.report.text import Text


@dataclass(frozen=True)
class Equal:
    """Every value equals the reference."""

    def decide(self, values, reference):
        return all(value == reference for value in values)

    @property
    def text(self):
        return Text("equal to the reference", "与参考值相等")


@dataclass(frozen=True)
class AtMost:
    """Every value is at most the reference (times 1 + slack)."""

    slack: float = 0.0

    def decide(self, values, reference):
        return all(value <= reference * (1 + self.slack) for value in values)

    @property
    def text(self):
        more = f" + {self.slack:.0%}" if self.slack else ""
        return Text(f"≤ reference{more}", f"≤ 参考值{more}")


@dataclass(frozen=True)
class AtLeast:
    """Every value is at least the reference (times 1 - slack)."""

    slack: float = 0.0

    def decide(self, values, reference):
        return all(value >= reference * (1 - self.slack) for value in values)

    @property
    def text(self):
        less = f" − {self.slack:.0%}" if self.slack else ""
        return Text(f"≥ reference{less}", f"≥ 参考值{less}")


@dataclass(frozen=True)
class Near:
    """Every value is within a share of the reference."""

    share: float

    def decide(self, values, reference):
        return all(abs(value - reference) <= self.share * abs(reference) for value in values)

    @property
    def text(self):
        return Text(
            f"within {self.share:.0%} of the reference", f"与参考值相差 {self.share:.0%} 以内"
        )


@dataclass(frozen=True)
class Falling:
    """Each value is below the one before, by at least a share of it."""

    share: float = 0.0

    def decide(self, values, reference=None):
        return all(b < a * (1 - self.share) for a, b in pairwise(values))

    @property
    def text(self):
        return Text("each value below the one before", "逐个下降")


@dataclass(frozen=True)
class Rising:
    """Each value is above the one before, by at least a share of it."""

    share: float = 0.0

    def decide(self, values, reference=None):
        return all(b > a * (1 + self.share) for a, b in pairwise(values))

    @property
    def text(self):
        return Text("each value above the one before", "逐个上升")


@dataclass(frozen=True)
class Floor:
    """From position `start` on, the values no longer fall by more than a share of the first."""

    start: int
    share: float

    def decide(self, values, reference=None):
        before, first, last = values[self.start - 1], values[self.start], values[-1]
        return before > first * (1 + self.share) and last >= first * (1 - self.share)

    @property
    def text(self):
        return Text(
            f"from value {self.start + 1} on less than {self.share:.0%} is still gained",
            f"从第 {self.start + 1} 个起，降幅小于 {self.share:.0%}",
        )


@dataclass(frozen=True)
class Less:
    """The first value is below the second, by at least a share of it."""

    share: float = 0.0

    def decide(self, values, reference=None):
        return values[0] < values[1] * (1 - self.share)

    @property
    def text(self):
        far = f" by {self.share:.0%} or more" if self.share else ""
        weit = f" {self.share:.0%} 以上" if self.share else ""
        return Text(f"the first is below the second{far}", f"第一个低于第二个{weit}")


@dataclass(frozen=True)
class Alike:
    """Largest and smallest value differ by no more than a share of the largest."""

    share: float

    def decide(self, values, reference=None):
        return max(values) - min(values) <= self.share * max(abs(value) for value in values)

    @property
    def text(self):
        return Text(
            f"no two differ by more than {self.share:.0%}", f"彼此相差不超过 {self.share:.0%}"
        )


@dataclass(frozen=True)
class Between:
    """Every value lies between two limits."""

    low: float
    high: float

    def decide(self, values, reference=None):
        return all(self.low <= value <= self.high for value in values)

    @property
    def text(self):
        return Text(
            f"between {self.low:g} and {self.high:g}", f"在 {self.low:g} 与 {self.high:g} 之间"
        )


@dataclass(frozen=True)
class Pairs:
    """A rule that must hold for each two values: the first two, the next two, ..."""

    rule: object

    def decide(self, values, reference=None):
        couples = zip(values[::2], values[1::2])
        return all(self.rule.decide(couple, reference) for couple in couples)

    @property
    def text(self):
        return Text(f"in each pair {self.rule.text.en}", f"每一对中{self.rule.text.zh}")


@dataclass(frozen=True)
class Undecided:
    """Cannot be decided by any run; the item says why."""

    def decide(self, values, reference=None):
        return None

    @property
    def text(self):
        return Text("cannot be decided by a run", "无法用实验判定")


@dataclass(frozen=True)
class ByArgument:
    """Decided by mathematics or by reading, not by a run; the item's note gives the argument."""

    holds: bool

    def decide(self, values, reference=None):
        return self.holds

    @property
    def text(self):
        return Text("by argument, see the note", "由论证得出，见说明")


@dataclass(frozen=True)
class OnlyFirst:
    """The first `count` values reach a limit, none of the others does."""

    count: int
    limit: float

    def decide(self, values, reference=None):
        first, rest = values[: self.count], values[self.count :]
        return min(first) >= self.limit > max(rest)

    @property
    def text(self):
        first = "the first" if self.count == 1 else f"the first {self.count}"
        return Text(
            f"{first} ≥ {self.limit:g}, all others below",
            f"前 {self.count} 个 ≥ {self.limit:g}，其余均低于此值",
        )
