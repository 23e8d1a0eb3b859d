"""The rules that reach verdicts, on numbers whose verdict is plain; the tables of the reports."""

import dataclasses
import math
import re

import pytest

from common.report import evidence, items, rules, sources, values
from common.report.jobs import JOBS
from common.report.quantities import Quantity
from common.report.tables import reports
from common.report.text import Text, term, tidy

PLAIN = Quantity(Text("loss", "损失"))
HOLDS, FAILS, CLOSE = rules.HOLDS, rules.FAILS, rules.CLOSE


def value(mean, half=0.0, label="A"):
    """A Value whose 95 % interval is mean ± half."""
    error, basis = half / values.Z975, values.SEEDS if half else values.NONE
    label = Text(label, label)
    return values.Value(label, PLAIN, mean, error, math.inf, mean - half, mean + half, 3, basis)


def series(*pairs):
    """Values from (mean, half width) pairs with the labels z0, z1, ..."""
    return [value(mean, half, f"z{place}") for place, (mean, half) in enumerate(pairs)]


@pytest.mark.parametrize(
    "rule, pairs, verdict",
    [
        (rules.Equal(7), [(7, 0)], HOLDS),
        (rules.Equal(7), [(8, 0)], FAILS),
        (rules.AtMost(2), [(1, 0.5), (1.5, 0.4)], HOLDS),
        (rules.AtMost(2), [(1, 0.5), (1.9, 0.4)], CLOSE),
        (rules.AtMost(2), [(1.9, 0.4), (2.5, 0.4)], FAILS),
        (rules.AtMost(30.07, slack=0.01), [(30.3, 0)], HOLDS),
        (rules.AtLeast(0.95), [(0.97, 0.01)], HOLDS),
        (rules.AtLeast(0.95), [(0.955, 0.01)], CLOSE),
        (rules.AtLeast(0.95), [(0.93, 0.01)], FAILS),
        (rules.AtLeast(10, close=9), [(10, 0)], HOLDS),
        (rules.AtLeast(10, close=9), [(9, 0)], CLOSE),
        (rules.AtLeast(10, close=9), [(8.3, 0.6)], FAILS),
        (rules.Between(3.4, 3.5), [(3.45, 0)], HOLDS),
        (rules.Between(3.4, 3.5), [(3.49, 0.02)], CLOSE),
        (rules.Between(3.4, 3.5), [(3.3, 0.02)], FAILS),
        (rules.Near(0.8, 0.05), [(0.776, 0)], HOLDS),
        (rules.Near(0.8, 0.05), [(0.75, 0)], FAILS),
        (rules.Below(share=0.2), [(0.7, 0.01), (1, 0.01)], HOLDS),
        (rules.Below(share=0.2), [(0.8, 0.01), (1, 0.01)], CLOSE),
        (rules.Below(share=0.2), [(0.9, 0.01), (1, 0.01)], FAILS),
        (rules.Below(), [(1, 0), (1, 0)], FAILS),
        (rules.Below(by=0.02), [(-0.05, 0.01), (0, 0.01)], HOLDS),
        (rules.Above(share=0.1), [(1.2, 0.02), (1, 0.02)], HOLDS),
        (rules.Above(share=0.1), [(1.1, 0.02), (1, 0.02)], CLOSE),
        (rules.Above(by=0.01), [(0.5, 0.001), (0.495, 0.001)], FAILS),
        (rules.Above(times=10), [(11, 0.1), (1, 0.01)], HOLDS),
        (rules.Above(times=10), [(9, 0.1), (1, 0.01)], FAILS),
        (rules.Falling(), [(5, 0.1), (4, 0.1), (3, 0.1)], HOLDS),
        (rules.Falling(), [(5, 0.1), (3, 0.1), (3.05, 0.1)], HOLDS),  # unsure step
        (rules.Falling(), [(5, 0.1), (3, 0.1), (3.5, 0.1)], FAILS),  # reversed step
        (rules.Falling(), [(5, 0.3), (4.9, 0.3), (4.8, 0.3)], CLOSE),
        (rules.Falling(share=0.5), [(5, 0.1), (4, 0.1), (3, 0.1)], FAILS),
        (rules.Rising(), [(1, 0.1), (2, 0.1), (2.5, 0.1)], HOLDS),
        (rules.Rising(), [(1, 0.1), (2, 0.1), (1.5, 0.1)], FAILS),
        (rules.Floor(3, 0.05), [(200, 1), (150, 1), (120, 1), (100, 1), (99, 1)], HOLDS),
        (rules.Floor(3, 0.05), [(200, 1), (150, 1), (120, 1), (100, 1), (90, 1)], FAILS),
        (rules.Floor(3, 0.05), [(200, 1), (150, 1), (102, 1), (100, 1), (99, 1)], FAILS),
        (rules.Floor(3, 0.05), [(200, 1), (150, 1), (120, 1), (100, 1), (95, 1)], CLOSE),
        (rules.Alike(0.1), [(9.5, 0.1), (10, 0.1)], HOLDS),
        (rules.Alike(0.1), [(9, 0.1), (10, 0.1)], CLOSE),
        (rules.Alike(0.1), [(8, 0.1), (10, 0.1)], FAILS),
        (rules.Best(2, 0.5), [(0.9, 0.01), (0.6, 0.01), (0.4, 0.01)], HOLDS),
        (rules.Best(2, 0.5), [(0.9, 0.01), (0.4, 0.01), (0.45, 0.01)], FAILS),
        (rules.Best(2, 0.5), [(0.9, 0.01), (0.6, 0.01), (0.5, 0.01)], CLOSE),
        (rules.All((rules.AtMost(0.5), 0), (rules.AtLeast(0.9), 1)), [(0.4, 0), (0.95, 0)], HOLDS),
        (rules.All((rules.AtMost(0.5), 0), (rules.AtLeast(0.9), 1)), [(0.4, 0), (0.5, 0)], FAILS),
        (rules.Any((rules.AtMost(0.5), 0), (rules.AtMost(1), 1)), [(0.7, 0), (0.9, 0)], HOLDS),
        (rules.Any((rules.AtMost(0.5), 0), (rules.AtMost(1), 1)), [(0.7, 0), (1, 0.1)], CLOSE),
        (rules.Any((rules.AtMost(0.5), 0), (rules.AtMost(1), 1)), [(0.7, 0), (2, 0.1)], FAILS),
        (rules.ByArgument("right"), [], HOLDS),
        (rules.ByArgument("partly"), [], CLOSE),
        (rules.ByArgument("wrong"), [], FAILS),
        (rules.Untestable(Text("a", "b")), [], rules.UNTESTABLE),
        (rules.NotTested(Text("a", "b")), [], rules.UNTESTED),
    ],
)
def test_rules(rule, pairs, verdict):
    row = series(*pairs)
    answer = rule.decide(row)
    assert answer.verdict == verdict
    assert all(answer.reason) or isinstance(rule, rules.ByArgument)
    assert all(rule.words(row))


def test_rules_name_the_models_and_their_margin():
    vae, ae = value(5.0, 0.1, "VAE"), value(8.0, 0.1, "AE")
    assert rules.Below(share=0.2).words([vae, ae]) == Text(
        "VAE below AE by 20 % or more", "VAE 比 AE 低 20% 以上"
    )
    assert "VAE against AE: −37.5 %" in rules.Below(share=0.2).decide([vae, ae]).reason.en
    assert rules.Near(2614656, 0.002).words([value(1)]).en.endswith("within 0.2 % of 2,614,656")
    falling = rules.Falling().decide(series((5, 0.1), (3, 0.1), (3.05, 0.1)))
    assert "unsure: z1 to z2" in falling.reason.en and "不确定：z1 到 z2" in falling.reason.zh
    share = Quantity(Text("accuracy", "准确率"), share=True)
    both = [dataclasses.replace(one, quantity=share) for one in (vae, ae)]
    assert rules.Above(by=0.01).words(both) == Text(
        "VAE above AE by 1 point or more", "VAE 比 AE 高 1 个百分点 以上"
    )
    assert rules.Above(by=0.01).decide(both).reason.en.startswith("VAE against AE: −300 points")
    assert rules.AtMost(0.9).words([value(1, label="z = 1")]).en == "z = 1: at most 0.9"
    ddpm, once = value(33, 0.1, "DDPM"), value(3, 0.1, "VAE")
    assert rules.Above(times=10).decide([ddpm, once]).reason.en == "DDPM is 11 times VAE"
    rising = rules.Falling().decide(series((5, 0.1), (3, 0.1), (3.5, 0.1)))
    assert "reversed: z1 to z2" in rising.reason.en


def test_parts_of_a_rule_name_their_quantity_where_a_row_has_several():
    other = Quantity(Text("sharpness", "清晰度"))
    both = [value(5.0, 0.1, "VAE"), dataclasses.replace(value(0.8, 0.1, "VAE"), quantity=other)]
    rule = rules.All((rules.AtMost(2), 0), (rules.AtMost(0.9), 1))
    assert rule.words(both).en == "VAE: at most 2 (loss); VAE: at most 0.9 (sharpness)"
    assert rule.decide(both).reason.zh.endswith("（损失）")
    where = rules.Where((rules.AtLeast(9), 0), (rules.AtMost(0.9), 1))
    assert where.decide(both).verdict == CLOSE
    assert where.words(both).zh == "VAE：不高于 0.9（清晰度）；仅当 VAE：不低于 9（损失）"


def test_no_blank_between_chinese_characters():
    text = tidy(Text("A below B", "区域加权 低于 普通误差 5% 以上"))
    assert text.zh == "区域加权低于普通误差 5% 以上"


def test_intervals():
    assert values.wilson(0.9, 100) == pytest.approx((0.8256, 0.9448), abs=1e-4)
    assert values.wilson(1.0, 10) == pytest.approx((0.7225, 1), abs=1e-4)
    assert values.student(2) == pytest.approx(4.3027, abs=1e-4)
    low, high = values.contrast((1, value(3, 0.3)), (-1, value(1, 0.4)))
    assert (low, high) == pytest.approx((1.5, 2.5))


class Runs:
    """Runs with numbers of their own; a has three seeds, b one."""

    def count(self, jobs):
        return min({"a": 3, "b": 1}.get(job, 0) for job in jobs)

    def metrics(self, job, seed=0):
        a = {"x": 6.0 + seed, "list": [3, None], "part": {"x": 2.0}, "seconds": 2.0, "fid": 3.0}
        b = {"x": 4.0, "conditional_accuracy": 0.9, "samples": 100, "fid": 5.0}
        b["standard_error"] = {"fid": 0.5}
        return {"a": a, "b": b}.get(job, {})

    def history(self, job, seed=0):
        return {"loss": [5.0, 4.0, 3.0]} if job == "a" else {}

    def train_images(self, job):
        return 100


A, B, C = (sources.Metric(job, "x") for job in "abc")


@pytest.mark.parametrize(
    "source, number",
    [
        (A, 6),
        (sources.Metric("a", "x", part="part"), 2),
        (sources.Metric("b", "x", part="part"), None),
        (sources.Metric("a", "list", 0), 3),
        (sources.Metric("a", "list", 1), None),
        (sources.Metric("a", "list", 2), None),
        (C, None),
        (sources.Ratio(A, B), 1.5),
        (sources.Ratio(A, C), None),
        (sources.Epoch("a", "loss", 2), 4),
        (sources.Epoch("a", "loss", 4), None),
        (sources.Epoch("a", "loss", -1), 3),
        (sources.Seen("a", "loss", 250), 4),  # two whole epochs, not more than was seen
        (sources.Seen("a", "loss", 99), None),
        (sources.Computed(("a",), lambda runs, seed: runs.metrics("a", seed)["x"] * 2, PLAIN), 12),
    ],
)
def test_sources(source, number):
    assert source.read(Runs()) == number


def test_a_value_says_what_its_interval_rests_on():
    seeds = values.measure("A", A, Runs())
    assert (seeds.mean, seeds.n, seeds.basis) == (7, 3, values.SEEDS)
    assert seeds.high - seeds.mean == pytest.approx(4.3027 / 3**0.5, abs=1e-4)
    share = values.measure("B", sources.Metric("b", "conditional_accuracy"), Runs())
    assert (share.low, share.high, share.n) == (*values.wilson(0.9, 100), 100)
    assert share.shown.en == "90 % (82.6 % to 94.5 %)" and share.name.zh == "类别准确率，B"
    fid = values.measure("B", sources.Metric("b", "fid"), Runs())
    assert fid.high == pytest.approx(5 + 0.5 * values.Z975) and fid.basis == values.ONE_RUN
    assert values.measure("B", B, Runs()).basis == values.NONE
    ratio = values.measure("", sources.Ratio(A, B), Runs())
    assert ratio.n == 1 and ratio.mean == 1.5  # seeds that both have
    assert values.measure("", C, Runs()).mean is None


def test_every_item_reads_runs_that_there_are():
    names = {job.name for job in JOBS} | {"sweep"}
    read = set()
    for report in reports():
        assert report.jobs <= names
        read |= report.jobs
        keys = [(item.kind, item.key) for item in report.items]
        assert len(set(keys)) == len(keys)
    assert read == names  # and none is trained for nothing


class Nothing(evidence.Runs):
    """No run at all."""

    def __init__(self):
        super().__init__([])


def test_every_text_is_in_both_languages():
    """Labels and file names are put together from known phrases, so that none stays English."""
    for report in reports():
        texts = [report.title, report.problem, report.idea]
        for item in report.items:
            texts += [field for field in vars(item).values() if isinstance(field, Text)]
            if item.kind in items.JUDGED:
                verdict = evidence.judge(report, item, Nothing())
                texts += [verdict.reason, verdict.rule, verdict.source]
                assert len({v.name for v in verdict.values}) == len(verdict.values), item.key
                for label in [pair[0] for pair in (*item.pairs, *item.shown)]:
                    chinese = label.zh if isinstance(label, Text) else term(label).zh
                    assert not re.findall(r"(?<![\w./])[a-z]{3,}(?![\w./])", chinese), label
        for text in texts:
            assert bool(text.en) == bool(text.zh), text
            assert not re.search(r"[\u4e00-\u9fff]", text.en), text


# ---------------------------------------------------------------- why no run decides


class Config:
    """What a verdict reads of a run's settings."""

    def __init__(self, dataset="mnist", image_size=28, epochs=4):
        self.dataset, self.image_size, self.epochs = dataset, image_size, epochs
        self.channels, self.max_train = 1, 0


GIVEN = next(job for job in JOBS if job.given)


class Step:
    """What a verdict reads of a step."""

    def __init__(self, config, theirs=4):
        self.config, self.report, self.job = config, Config(epochs=theirs), GIVEN
        self.changed = {"epochs": (config.epochs, theirs)} if config.epochs != theirs else {}


class Measured(evidence.Runs):
    """One run "a" with numbers of its own."""

    def __init__(self, step, metrics=None, loss=(), profile="quick"):
        super().__init__([], profile=profile)
        self.steps = {"a": step}
        found = metrics and (metrics, {"test_neg_elbo": list(loss)})
        self.repeats = {"a": [found]}
        self.found = {"a": found} if found else {}


def verdict(runs, rule=None, source=None, **more):
    rule = rule or rules.AtLeast(1)
    source = source or sources.Metric("a", "x")
    row = items.Claim("key", Text("text", "文"), source, rule, **more)
    report = items.Report("009", *[Text("t", "文")] * 3, (), (row,))
    return evidence.judge(report, row, runs)


def test_settings_that_no_report_gives_are_not_called_the_reports():
    given, ours = (next(job for job in JOBS if job.name == n) for n in ("002-z1", "000-ae"))
    assert given.given and not ours.given
    step = Step(Config(epochs=2), theirs=10)
    step.job = ours
    assert evidence.changes(step).zh == "epochs 2（full 档：10）"


@pytest.mark.parametrize(
    "runs, more, reason",
    [
        (evidence.Runs([]), {}, "not trained in this profile: a"),
        (Measured(Step(Config())), {}, "failed or not finished: a"),
        (Measured(Step(Config("digits")), {"x": 2}), {}, "measured on digits, said of mnist"),
        (
            Measured(Step(Config(image_size=8)), {"x": 2}),
            {"image_size": 28},
            "images of 8 pixels, said of 28",
        ),
        (Measured(Step(Config()), {"x": 2}, profile="smoke"), {}, "only shows that everything"),
        (Measured(Step(Config(epochs=2)), {"x": 2}), {"epochs": 4}, "a: too few epochs, 4 are"),
        (Measured(Step(Config()), {"y": 2}), {}, "not measured: x"),
        (Measured(Step(Config()), {"y": 2}), {"source": sources.Epoch("a", "l", 9)}, "too few"),
    ],
)
def test_reasons_for_not_tested(runs, more, reason):
    found = verdict(runs, **more)
    assert found.verdict == rules.UNTESTED and found.holds is None
    assert reason in found.reason.en and found.reason.zh


def test_a_short_training_says_so_and_is_close_while_its_loss_moves():
    step = Step(Config(epochs=4), theirs=100)
    near, settled = rules.Near(2, 0.05), [20, 14, 10.1, 10]
    found = verdict(Measured(step, {"x": 2.0}, settled), near)
    assert found.verdict == HOLDS and found.short.en == "after 4 of 100 epochs"
    assert "one run, no interval" in found.reason.en
    assert found.did == Text("a: epochs 4 (report: 100)", "a：epochs 4（报告：100）")
    found = verdict(Measured(step, {"x": 2.0}, [20, 14, 11, 10]), near)
    assert found.verdict == CLOSE and "still moved by 10 %" in found.reason.en
    found = verdict(Measured(Step(Config(), theirs=4), {"x": 2.0}, [20, 14, 11, 10]), near)
    assert found.verdict == HOLDS and not found.short.en
    found = verdict(Measured(Step(Config(epochs=1), 100), {"x": 2.0}, [20]), near)
    assert found.verdict == rules.UNTESTED and "one epoch only" in found.reason.en
    first = verdict(
        Measured(Step(Config(epochs=1), 100), {"x": 2.0}, [20]),
        rules.AtMost(19),
        source=sources.Epoch("a", "test_neg_elbo", 1),
    )
    assert first.verdict == rules.FAILS  # more epochs do not change what the first one was
    two = Measured(Step(Config(epochs=2), 100), {"x": 2.0}, [12, 10])
    assert "still moved by 10 %" in verdict(two, near).reason.en  # half of the last epoch's 20 %


def test_a_short_training_near_a_limit_is_close():
    moving = Measured(Step(Config(epochs=4), 100), {"x": 2.0}, [20, 14, 11, 10])  # by 10 %
    assert verdict(moving, rules.AtLeast(2.1)).verdict == CLOSE
    assert verdict(moving, rules.AtLeast(2.5)).verdict == FAILS
    assert verdict(moving, rules.AtLeast(1.9)).verdict == CLOSE
    assert verdict(moving, rules.AtLeast(2, close=1)).verdict == HOLDS  # 10 of 10
    both = rules.All((rules.AtLeast(1), 0), (rules.AtMost(2.1), 0))
    assert verdict(moving, both).verdict == CLOSE
    row = items.Goal("key", Text("text", "文"), sources.Metric("a", "x"), rules.AtLeast(1.9))
    report = items.Report("009", *[Text("t", "文")] * 3, (), (row,))
    assert evidence.judge(report, dataclasses.replace(row, data=()), moving).verdict == HOLDS
