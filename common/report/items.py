"""What the five reports show and say: figures, numbers, claims, mistakes, and what is lost.

Every class here is plain data; the tables themselves are in `tables/`, one file a report.
"""

from dataclasses import dataclass

from common.report.rules import ByArgument, Undecided
from common.report.sources import jobs_of
from common.report.text import Text

MNIST, FASHION = ("mnist",), ("fashion-mnist",)
NOTHING = Text("", "")


@dataclass(frozen=True)
class Figure:
    """A figure of a report and the pictures of ours that stand for it.

    Attributes:
        key: short name, unique within the report. caption: what is seen.
        pictures: (job, figure name) pairs, drawn side by side.
        reported: what the report showed, for a reader who does not have it.
        wide: over the full width of the page.
    """

    key: str
    caption: Text
    pictures: tuple
    reported: Text
    wide: bool = False
    kind = "figure"

    @property
    def jobs(self):
        return {job for job, _ in self.pictures}


@dataclass(frozen=True)
class Number:
    """A number with a reference.

    Attributes:
        value: a source (sources.py). reference: float. rule: rules.py. source: where the
        reference stands. data: sets on which the reference means something; () for any.
        image_size: height in pixels for which it does; 0 for any.
    """

    key: str
    text: Text
    value: object
    reference: float
    source: str
    rule: object
    data: tuple = MNIST
    note: Text = NOTHING
    image_size: int = 0
    kind = "number"

    @property
    def jobs(self):
        return jobs_of(self.value)

    @property
    def evidence(self):
        return (("value", self.value),)


@dataclass(frozen=True)
class Claim:
    """A sentence of a report, the numbers that decide it and the rule.

    Attributes:
        evidence: (label, source) pairs in the order the rule reads them.
        shown: more (label, source) pairs for the reader; the rule does not see them.
        reference: a limit for rules that need one. note: how to read the result.
        data, image_size: as of a Number.
    """

    key: str
    text: Text
    evidence: tuple
    rule: object
    source: str
    note: Text = NOTHING
    shown: tuple = ()
    reference: float | None = None
    data: tuple = MNIST
    image_size: int = 0
    kind = "claim"

    @property
    def jobs(self):
        return set().union(*(jobs_of(source) for _, source in (*self.evidence, *self.shown)))

    @property
    def by_run(self):
        """True if a run decides it."""
        return not isinstance(self.rule, ByArgument | Undecided)


@dataclass(frozen=True)
class Mistake:
    """An error of a report, beside what is right."""

    key: str
    said: Text
    right: Text
    kind = "mistake"
    jobs = frozenset()


@dataclass(frozen=True)
class Missing:
    """What cannot be had: a lost figure, a setting that was not published."""

    key: str
    text: Text
    reason: Text
    kind = "missing"
    jobs = frozenset()


@dataclass(frozen=True)
class Report:
    """One course report with all its items, and the text of report.md about it."""

    number: str
    title: Text
    problem: Text
    idea: Text
    code: tuple
    items: tuple

    def of_kind(self, kind):
        """Its figures, numbers, claims, mistakes or missing things, in order."""
        return [item for item in self.items if item.kind == kind]

    @property
    def jobs(self):
        """The names of the runs that its items read."""
        return set().union(*(item.jobs for item in self.items))
