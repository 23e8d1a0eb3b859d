"""What the five reports show and say, as rows of tables: plain data, one file a report.

Rows with a verdict (all take the fields of Row, see there):

    Claim("smoother",                                  # key, unique among the rows of its kind
        T("The VAE's latent space is smoother.", "..."),           # text: what it says
        (("VAE", Ratio(Metric("vae-l32", "midpoint_fid"), Metric("vae-l32", "codes_fid"))),
         ("AE", Ratio(Metric("ae-l32", "midpoint_fid"), Metric("ae-l32", "codes_fid")))),
        Below(share=0.1),                              # reads the evidence in this order
        note=T("Images decoded halfway between two codes.", "..."),
        shown=(("VAE", Metric("vae-l32", "codes_fid")),),          # for the reader only
        quote="VAE 潜在空间的平滑性更高", where=T("section on VAE", "VAE 一节"))
    Claim(key, text, rule=ByArgument("partly"), note=..., quote=...)         # no run needed
    Claim(key, text, rule=NotTested(T("GAN: none here", "...")), quote=...)
    Reference("mlp-size", text, Bytes("004-mlp"), Between(3.4 * MIB, 3.5 * MIB), data=())
    Check("parameters", text, Metric("002-z20", "parameters"), Equal(1137032))     # of our layers
    Goal("accuracy", text, Metric("004-mlp", "conditional_accuracy"), AtLeast(0.9), data=FASHION)
    Idea("schedule", text, quote="改进噪声调度", note=T("`--schedule cosine`", "..."))
    Idea(key, text, evidence, rule, quote=...)                             # tried out here
    Opinion("expectation", text, quote="VAE 的预期并不是最佳", note=...)

Rows without a verdict:

    Figure(key, caption, (("002-z1", "strip"), ...), reported, wide=True)
    Error(key, text, right, quote="z = mu + logvar * torch.rand_like(logvar)", where=...)
    Contradiction(key, text, ("first quotation", "second"), note=...)
    Lost(key, text, reason)

A row about two quantities has two evidence pairs with labels; labels and quantities together must
differ within a row. Other models than the report's own preset go into `shown`. Rules: rules.py;
sources: sources.py; names and units: quantities.py.

`source`: `text_of`, `listing_of` or `repository_of` a report; left out, it is the text of the row's
own report, COMPUTED for checks and GOAL for goals.
"""

from dataclasses import dataclass

from common.report.rules import Untestable
from common.report.text import Text

MNIST, FASHION = ("mnist",), ("fashion-mnist",)
NOTHING = Text("", "")


def text_of(report):
    """The source "text of report NNN"."""
    return Text(f"text of report {report}", f"报告 {report} 正文")


def listing_of(report):
    """The source "listing of report NNN"."""
    return Text(f"listing of report {report}", f"报告 {report} 所列代码")


def repository_of(report, place=NOTHING):
    """The source "repository of report NNN (not the report)"; place: file or figure in it."""
    en, zh = (f", {place.en}", f"，{place.zh}") if place.en else ("", "")
    return Text(
        f"repository of report {report} (not the report){en}",
        f"报告 {report} 的代码仓库（非报告本身）{zh}",
    )


COMPUTED = Text("computed by us from the report's layers", "由我们按报告的网络层算出")
GOAL = Text("goal of this project", "本项目的目标")


@dataclass(frozen=True)
class Row:
    """What is decided.

    Attributes:
        key: short readable name. text: the sentence or number in both languages.
        evidence: (label, source) pairs in the order the rule reads them, or one source. A third
        entry, a Quantity, replaces what sources.py calls it. Labels name models ("VAE", "z = 5");
        the quantity and its unit are added.
        rule: of rules.py. note: how it is tested, how to read it. shown: more pairs, which the rule
        does not see. source: where the number or sentence stands.
        quote: the report's own words, in Chinese. where: their place in the report.
        did: what was run, where that is not plain from the runs' settings (which are added).
        data: sets on which it means something, () for any. image_size: height for which it does, 0
        for any. epochs: how many a run needs at least.
    """

    key: str
    text: Text
    evidence: tuple = ()
    rule: object = None
    note: Text = NOTHING
    shown: tuple = ()
    source: Text = NOTHING
    quote: str = ""
    where: Text = NOTHING
    did: Text = NOTHING
    data: tuple = MNIST
    image_size: int = 0
    epochs: int = 0
    kind = "claim"

    @property
    def pairs(self):
        """evidence as (label, source, ...) tuples; a single source has no label."""
        return self.evidence if isinstance(self.evidence, tuple) else (("", self.evidence),)

    @property
    def reference(self):
        """The number that its rule compares with, or None."""
        return self.rule.reference

    @property
    def decided_by(self):
        """Names of the runs that the rule reads."""
        return set().union(*(pair[1].jobs for pair in self.pairs))

    @property
    def jobs(self):
        """Names of all runs that it reads."""
        return self.decided_by.union(*(pair[1].jobs for pair in self.shown))


class Claim(Row):
    """A sentence of a report."""


class Reference(Row):
    """A number that a report or its repository prints, beside ours."""

    kind = "reference"


@dataclass(frozen=True)
class Check(Row):
    """A number that follows from a report's layers: whether ours are built the same."""

    source: Text = COMPUTED
    data: tuple = ()
    kind = "check"


@dataclass(frozen=True)
class Goal(Row):
    """What this project asks of itself; no report says it."""

    source: Text = GOAL
    kind = "goal"


@dataclass(frozen=True)
class Idea(Row):
    """Something a report proposes without a result; a rule only where a run here tried it."""

    rule: object = Untestable(Text("an idea without a result", "只是设想，没有结果"))
    kind = "idea"


@dataclass(frozen=True)
class Opinion(Row):
    """A judgement that no measure decides."""

    rule: object = Untestable(Text("an opinion", "只是看法"))
    kind = "opinion"


JUDGED = ("claim", "reference", "check", "goal", "idea", "opinion")


@dataclass(frozen=True)
class Figure:
    """A figure of a report and the pictures of ours that stand for it.

    Attributes:
        key: short name, unique within the report. caption: what is seen.
        pictures: (job, figure name) pairs, drawn side by side.
        reported: what the report showed, for a reader who does not have it.
        wide: over the full width of the page. tab: its word on the switch by which neighbours stand
        in one place. quote, where: as in Row.
    """

    key: str
    caption: Text
    pictures: tuple
    reported: Text
    wide: bool = False
    tab: str = ""
    quote: str = ""
    where: Text = NOTHING
    kind = "figure"

    @property
    def jobs(self):
        """Names of the runs that its pictures are of."""
        return {job for job, _ in self.pictures}


@dataclass(frozen=True)
class Error:
    """An error of a report's formulas, listings or words (text), beside what is right."""

    key: str
    text: Text
    right: Text
    quote: str = ""
    where: Text = NOTHING
    kind = "error"
    jobs = frozenset()


@dataclass(frozen=True)
class Contradiction:
    """Two places of a report that do not go together; note: what our numbers say of it."""

    key: str
    text: Text
    quotes: tuple
    note: Text = NOTHING
    where: Text = NOTHING
    kind = "contradiction"
    jobs = frozenset()


@dataclass(frozen=True)
class Lost:
    """What could not be reproduced: a lost figure, a setting that is not given."""

    key: str
    text: Text
    reason: Text
    quote: str = ""
    where: Text = NOTHING
    kind = "lost"
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

    def of_kind(self, *kinds):
        """Its items of these kinds, in order."""
        return [item for item in self.items if item.kind in kinds]

    @property
    def jobs(self):
        """The names of the runs that its items read."""
        return set().union(*(item.jobs for item in self.items))
