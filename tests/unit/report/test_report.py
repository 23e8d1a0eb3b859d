"""The rules that decide claims, on numbers whose verdict is plain; the tables of the reports."""

import re

import pytest

from common.report import rules, sources
from common.report.jobs import JOBS
from common.report.tables import reports
from common.report.text import Text, term


@pytest.mark.parametrize(
    "rule, values, reference, holds",
    [
        (rules.Equal(), [7], 7, True),
        (rules.Equal(), [7, 8], 7, False),
        (rules.AtMost(), [1.0, 2.0], 2.0, True),
        (rules.AtMost(0.01), [30.3], 30.07, True),
        (rules.AtMost(0.01), [30.4], 30.07, False),
        (rules.AtLeast(), [0.97, 0.96], 0.97, False),
        (rules.Near(0.05), [0.776], 0.8, True),
        (rules.Near(0.05), [0.75], 0.8, False),
        (rules.Falling(), [5, 4, 3], None, True),
        (rules.Falling(), [5, 3, 3], None, False),
        (rules.Rising(), [1, 2, 2.5], None, True),
        (rules.Rising(), [1, 2, 1.9], None, False),
        (rules.Floor(3, 0.05), [200, 150, 120, 100, 99], None, True),
        (rules.Floor(3, 0.05), [200, 150, 120, 100, 90], None, False),  # still falls
        (rules.Floor(3, 0.05), [200, 150, 102, 100, 99], None, False),  # the floor came earlier
        (rules.Less(0.2), [0.79, 1.0], None, True),
        (rules.Less(0.2), [0.81, 1.0], None, False),
        (rules.Alike(0.1), [9.1, 10], None, True),
        (rules.Alike(0.1), [8.9, 10], None, False),
        (rules.OnlyFirst(2, 0.5), [0.9, 0.5, 0.4], None, True),
        (rules.OnlyFirst(2, 0.5), [0.9, 0.4, 0.4], None, False),
        (rules.OnlyFirst(2, 0.5), [0.9, 0.6, 0.5], None, False),
        (rules.ByArgument(False), [], None, False),
        (rules.Undecided(), [1], 1, None),
    ],
)
def test_rules(rule, values, reference, holds):
    assert rule.decide(values, reference) is holds
    assert rule.text.en and rule.text.zh


class Runs:
    """Two runs with numbers of their own."""

    def metrics(self, job):
        known = {"a": {"x": 6.0, "list": [3, None], "part": {"x": 2.0}}, "b": {"x": 4.0}}
        return known.get(job, {})

    def history(self, job):
        return {"loss": [5.0, 4.0, 3.0]} if job == "a" else {}

    def train_images(self, job):
        return 100


@pytest.mark.parametrize(
    "source, value",
    [
        (sources.Metric("a", "x"), 6),
        (sources.Metric("a", "x", part="part"), 2),
        (sources.Metric("b", "x", part="part"), None),
        (sources.Metric("a", "list", 0), 3),
        (sources.Metric("a", "list", 1), None),
        (sources.Metric("a", "list", 2), None),
        (sources.Metric("c", "x"), None),
        (sources.Ratio(sources.Metric("a", "x"), sources.Metric("b", "x")), 1.5),
        (sources.Ratio(sources.Metric("a", "x"), sources.Metric("c", "x")), None),
        (sources.Epoch("a", "loss", 2), 4),
        (sources.Epoch("a", "loss", 4), None),
        (sources.Seen("a", "loss", 250), 4),  # two whole epochs, not more than was seen
        (sources.Seen("a", "loss", 99), None),
    ],
)
def test_sources(source, value):
    assert source.read(Runs()) == value


def test_every_item_reads_runs_that_there_are():
    names = {job.name for job in JOBS} | {"sweep"}
    for report in reports():
        assert report.jobs <= names
        keys = [(item.kind, item.key) for item in report.items]
        assert len(set(keys)) == len(keys)


def test_every_text_is_in_both_languages():
    """Labels and sources are put together from known phrases, so that none stays English."""
    for report in reports():
        texts = [report.title, report.problem, report.idea]
        for item in report.items:
            texts += [value for value in vars(item).values() if isinstance(value, Text)]
            labels = [*getattr(item, "evidence", ()), *getattr(item, "shown", ())]
            for phrase in [label for label, _ in labels] + [getattr(item, "source", "")]:
                left = re.findall(r"(?<![\w./])[a-z]{3,}(?![\w./])", term(phrase).zh)
                assert left in ([], ["value"]), phrase
        for text in texts:
            assert bool(text.en) == bool(text.zh), text
            assert not re.search(r"[\u4e00-\u9fff]", text.en), text
