"""Reports 002 to 004: every row of the specification is there, and its rules decide as meant."""

import inspect
import re

import pytest

from common.report import evidence, rules
from common.report.jobs import JOBS
from common.report.tables import r002, r003, r004

HOLDS, FAILS, CLOSE = rules.HOLDS, rules.FAILS, rules.CLOSE


@pytest.mark.parametrize(
    ("module", "section", "rows"), [(r002, 2, 27), (r003, 3, 19), (r004, 4, 22)]
)
def test_every_row_has_its_place(module, section, rows):
    comments = re.findall(r"# ([\d., ]+)$", inspect.getsource(module), re.M)
    marked = {number for comment in comments for number in comment.split(", ")}
    assert marked == {f"{section}.{row}" for row in range(1, rows + 1)}


@pytest.mark.parametrize("module", [r002, r003, r004])
def test_what_is_said_is_quoted(module):
    own_words = {"formulas", "combine"}  # said in formulas, or of which no words are left
    for item in module.REPORT.of_kind("claim", "reference", "opinion", "idea"):
        assert item.quote or item.key in own_words, item.key
    assert all(item.quotes for item in module.REPORT.of_kind("contradiction"))


class Numbers(evidence.Runs):
    """Finished runs of three seeds with the numbers of a test; as long as the reports'."""

    def __init__(self, table):
        super().__init__([], profile="full")
        self.table = table
        self.steps = {job.name: None for job in JOBS}
        self.found = dict.fromkeys(self.steps, True)

    def count(self, jobs):
        return 3

    def metrics(self, job, seed=0):
        numbers = self.table.get(job, {})
        return numbers[seed] if isinstance(numbers, list) else numbers

    def history(self, job, seed=0):
        return {"train_loss": self.metrics(job, seed).get("train_loss", [])}


def decide(module, key, table):
    """The verdict of a row's rule on numbers by run."""
    (item,) = (one for one in module.REPORT.of_kind("claim", "goal") if one.key == key)
    runs = Numbers(table)
    values = [evidence.measure(pair[0], pair[1], runs) for pair in item.pairs]
    assert all(value.mean is not None for value in values), key
    assert all(item.rule.words(values))
    return item.rule.decide(values).verdict


def of_sizes(report, key, **numbers):
    """{run: {key: number}} from z1=..., z2=..."""
    return {f"{report}-{z}": {key: number} for z, number in numbers.items()}


def test_the_line_of_another_training():
    """The list holds where trainings agree with one another and with the list."""
    theirs = [1] * 121
    for z, seen in r002.REPORTED.items():
        theirs[60 + round(z / 0.05)] = seen[0]
    ours = [4] * 30 + [9] * 30 + [0] * 61
    for line, expected in ((theirs, HOLDS), (ours, FAILS)):
        same = [{"line_classes": one} for one in (line, line[::-1], line)]
        assert decide(r002, "which-digit", {"002-z1": same}) == expected
    other = [{"line_classes": line} for line in (ours, [7] * 60 + [1] * 61, [3] * 121)]
    assert decide(r002, "which-digit", {"002-z1": other}) == FAILS
    assert r002.arrangement(Numbers({}), 0) is None


def test_the_reports_list_on_a_line():
    line = [1] * 121
    for z, seen in r002.REPORTED.items():
        line[60 + round(z / 0.05)] = seen[0]
    for digits in (line, line[::-1]):
        assert r002.listed(Numbers({"002-z1": {"line_classes": digits}}), 0) == 1
    assert r002.listed(Numbers({"002-z1": {"line_classes": [1] * 121}}), 0) == 0


@pytest.mark.parametrize(
    ("low", "verdict"),
    [([0.9, 0.8, 0.3], HOLDS), ([0.9, 0.4, 0.45], FAILS), ([0.9, 0.6, 0.7], FAILS)],
)
def test_only_simple_digits(low, verdict):
    classes = [*low[:2], *[low[2]] * 8]
    table = {f"002-z{z}": {"recon_class_accuracy": classes} for z in (1, 2)}
    assert decide(r002, "simple-digits", table) == verdict


@pytest.mark.parametrize(("found", "verdict"), [(10, HOLDS), (9, CLOSE), (8, FAILS)])
def test_all_digits_on_the_plane(found, verdict):
    assert decide(r002, "all-digits", {"002-z2": {"plane_classes": found}}) == verdict


def test_training_and_test_loss_must_both_fall():
    sizes = {"z1": 160, "z2": 140, "z5": 110, "z10": 100, "z20": 98}
    table = of_sizes("002", "test_neg_elbo", **sizes)
    for numbers in table.values():
        numbers["train_loss"] = [300, numbers["test_neg_elbo"] + 1]
    assert decide(r002, "larger-lower", table) == HOLDS
    table["002-z20"]["train_loss"] = [300, 120]
    assert decide(r002, "larger-lower", table) == FAILS


def test_best_at_20_and_as_low_as_it_gets_do_not_exclude_each_other():
    table = of_sizes("002", "test_recon", z1=150, z2=130, z5=100, z10=80, z20=78)
    for numbers, accuracy in zip(table.values(), (0.3, 0.5, 0.9, 0.96, 0.97)):
        numbers["recon_accuracy"] = accuracy
    assert decide(r002, "best-at-20", table) == HOLDS
    assert decide(r002, "floor", table) == HOLDS
    assert decide(r002, "meaningless", table) == HOLDS


@pytest.mark.parametrize(
    ("shares", "sure", "verdict"),
    [([0.1] * 10, 0.9, FAILS), ([0.04, 0.16, *[0.1] * 8], 0.9, HOLDS), ([0.1] * 10, 0.4, HOLDS)],
)
def test_digits_that_are_not_generated_clearly(shares, sure, verdict):
    numbers = {"class_histogram": shares, "train_class_counts": [100] * 10, "sure_share": sure}
    assert decide(r003, "z1-unclear", {"003-z1": numbers}) == verdict


def test_a_worse_fid_at_32_leaves_the_other_sizes_alone():
    table = of_sizes("003", "fid", z1=60, z2=50, z3=40, z16=10, z32=12)
    assert decide(r003, "samples", table) == HOLDS
    assert decide(r003, "samples-32", table) == FAILS


def test_the_goals_of_004_are_read_under_both_priors():
    numbers = {"conditional_accuracy": 0.95, "standard_normal": {"conditional_accuracy": 0.86}}
    table = {"004-mlp": numbers}
    assert decide(r004, "mlp-accuracy", table) == FAILS
    assert decide(r004, "mlp-accuracy-mixture", table) == HOLDS


def test_sizes_are_those_that_a_listing_rounds_up():
    (mlp, conv) = r004.REPORT.of_kind("reference")
    runs = Numbers({"004-mlp": {"parameters": 913296}, "004-conv": {"parameters": 708545}})
    for item in (mlp, conv):
        values = [evidence.measure("", item.evidence, runs)]
        assert item.rule.decide(values).verdict == HOLDS
    more = [evidence.measure("", mlp.evidence, Numbers({"004-mlp": {"parameters": 950000}}))]
    assert mlp.rule.decide(more).verdict == FAILS
