"""What the finished runs say: their numbers and pictures, and the verdict on every row."""

from dataclasses import dataclass

from common.report import rules
from common.report.items import JUDGED, NOTHING, Report, text_of
from common.report.rules import CLOSE, UNTESTED, Answer
from common.report.runner import seconds_of
from common.report.text import Text as T
from common.report.text import tidy
from common.report.values import measure, percent
from common.training.run_folder import Run

TRAIN_IMAGES = {"mnist": 60000, "fashion-mnist": 60000, "digits": 1442}
KEY_PIXELS = "pixels"
SAME = T("the report's settings", "与报告设置相同")
OURS = T("settings of ours, the report gives none", "采用本项目的设置，报告未给出")
DECIDING = ("test_neg_elbo", "test_noise_mse", "test_mse")  # of history.csv: the first found


class Runs:
    """The finished runs of a plan by the name of their job.

    Args:
        steps: [Step]. pictures: {name: path} of pictures that belong to no single run.
        profile: of plan.PROFILES.

    Attributes:
        steps: {job name: Step} of the runs that are shown (seed 0). found: {job name: (metrics,
        history)} of those that are done. repeats: {job name: [the same for every seed]}, None for
        one that is not done.
    """

    def __init__(self, steps, pictures=None, profile="full"):
        self.steps = {step.name: step for step in steps if not step.seed}
        self.pictures = pictures or {}
        self.profile = profile
        self.repeats, self.seeds = {}, {}
        for step in steps:
            found = None
            if step.state == "done":
                run = Run.open(step.path)
                found = (run.read_metrics(), run.read_history())
                self.seeds.setdefault(step.job.name, []).append(step.config.seed)
            self.repeats.setdefault(step.job.name, []).append(found)
        self.found = {name: found[0] for name, found in self.repeats.items() if found[0]}

    def count(self, jobs):
        """How many seeds all of these jobs have, done or not; 1 for no job."""
        return min((len(self.repeats.get(job, ())) for job in jobs), default=1)

    def _of(self, job, seed):
        found = self.repeats.get(job, ())
        return (found[seed] if seed < len(found) else None) or ({}, {})

    def metrics(self, job, seed=0):
        """metrics.json of a job with the values of an image added; {} if it is not done."""
        metrics = self._of(job, seed)[0]
        if not metrics:
            return {}
        config = self.steps[job].config
        return {**metrics, KEY_PIXELS: config.channels * config.image_size**2}

    def history(self, job, seed=0):
        """{column: [float, ...]} of history.csv; {} if the job is not done."""
        return self._of(job, seed)[1]

    def train_images(self, job):
        """How many images an epoch has, or None for a folder of images."""
        if job not in self.steps:
            return None
        config = self.steps[job].config
        return config.max_train or TRAIN_IMAGES.get(config.dataset)

    def dataset(self, job):
        """Name of the data set a job trains on."""
        return self.steps[job].config.dataset if job in self.steps else None

    def epochs(self, job):
        """(epochs of ours, epochs of the report)."""
        step = self.steps[job]
        return step.config.epochs, step.report.epochs

    def seconds(self, job):
        """How long the job's script took, or at least its training."""
        whole = seconds_of(self.steps[job].path)
        return self.metrics(job).get("seconds") if whole is None else whole

    def still_moving(self, job):
        """Share by which a short training's deciding loss moved in its last quarter of epochs.

        0 for a training as long as the report's. Of two or three epochs a quarter is a part of
        the last one, of whose movement that part is taken.
        """
        ours, theirs = self.epochs(job)
        history = self.history(job)
        column = next((history[key] for key in DECIDING if key in history), [])
        if ours >= theirs or len(column) < 2:
            return 0.0
        before, last = column[-1 - max(1, len(column) // 4)], column[-1]
        return min(1, len(column) / 4) * abs(last - before) / max(abs(last), 1e-12)

    def picture(self, job, name):
        """Path of a figure, or None."""
        if job == "sweep":
            return self.pictures.get(name)
        if job not in self.found:
            return None
        path = Run(self.steps[job].path, None).figure(name)
        return path if path.is_file() else None


@dataclass(frozen=True)
class Verdict:
    """What became of one row.

    Attributes:
        report: Report. item: Row. values: [Value] in the order of the rule. shown: [Value] that it
        does not read. verdict: of rules.VERDICTS. reason: why, in words. rule: the rule in words.
        short: "after 4 of 100 epochs" where the trainings are shorter than the report's, else "".
        did: what was run, and what of its settings is not the report's.
        jobs: names of the runs of this plan that the rule reads.
    """

    report: Report
    item: object
    values: list
    shown: list
    verdict: str
    reason: T
    rule: T
    short: T
    did: T
    jobs: tuple

    @property
    def holds(self):
        """True, False or None, for readers of the former numbers.json."""
        return {rules.HOLDS: True, rules.FAILS: False}.get(self.verdict)

    @property
    def source(self):
        """Where the sentence or the number stands."""
        return self.item.source if self.item.source.en else text_of(self.report.number)


def judge(report, item, runs):
    """The Verdict on one row."""
    values = [measure(pair[0], pair[1], runs, *pair[2:]) for pair in item.pairs]
    shown = [measure(pair[0], pair[1], runs, *pair[2:]) for pair in item.shown]
    jobs = tuple(job for job in runs.steps if job in item.decided_by)
    verdict, reason = _answer(item, values, jobs, runs)
    words = tidy(item.rule.words(values))
    trained = item.kind == "goal" or _depends(item, values)
    short = _short(jobs, runs) if trained else NOTHING
    found = (verdict, tidy(reason), words, short)
    return Verdict(report, item, values, shown, *found, _did(item, jobs, runs), jobs)


def _answer(item, values, jobs, runs):
    if not item.rule.measured:
        answer = item.rule.decide(values)
        return answer if answer.reason.en else Answer(answer.verdict, item.note)
    why = _why_untested(item, values, jobs, runs)
    if why:
        return Answer(UNTESTED, why)
    answer = item.rule.decide(values)
    moving = {job: runs.still_moving(job) for job in jobs if _depends(item, values)}
    begun = [job for job in moving if runs.epochs(job)[0] == 1 < runs.epochs(job)[1]]
    if begun:
        en, zh = ", ".join(begun), "、".join(begun)
        why = T(f"{en} trained for one epoch only", f"{zh} 仅训练了一轮")
        return Answer(UNTESTED, rules.join([why, answer.reason]))
    room = item.rule.room(values) if moving else None
    if room is not None and max(moving.values()) > room:
        return Answer(CLOSE, rules.join([_still(moving, room, runs), answer.reason]))
    alone = [value.name for value in values if not (value.basis or value.quantity.exact)]
    if alone:
        en, zh = rules.join(alone) if len(alone) < len(values) else ("", "")
        no_interval = T(
            "one run, no interval" + (en and f": {en}"), "仅一次训练，无区间" + (zh and f"：{zh}")
        )
        return Answer(answer.verdict, rules.join([answer.reason, no_interval]))
    return answer


def _depends(item, values):
    """Whether a longer training could change a verdict; a goal is asked of the run as it is."""
    known = ((value.quantity, pair[1]) for value, pair in zip(values, item.pairs))
    settled = (of.exact or of.timed or source.fixed for of, source in known)
    return item.kind not in ("check", "goal") and not all(settled)


def _still(moving, room, runs):
    job = max(moving, key=moving.get)
    far, near = percent(moving[job]), percent(room)
    return T(
        f"the loss of {job} still moved by {far.en} in the last quarter of its epochs, more than "
        f"the {near.en} allowed",
        f"{job} 的损失在最后四分之一的轮次中仍变化 {far.zh}，超过允许的 {near.zh}",
    )


def _short(jobs, runs):
    """ "after n of N epochs" of the runs that are shorter than the report's."""
    found = {job: runs.epochs(job) for job in jobs if job in runs.found}
    short = {job: (ours, theirs) for job, (ours, theirs) in found.items() if ours < theirs}
    different = set(short.values())
    if not short:
        return NOTHING
    if len(different) == 1:
        (ours, theirs), *_ = different
        return T(f"after {ours} of {theirs} epochs", f"训练 {theirs} 轮中的 {ours} 轮后")
    en = ", ".join(f"{ours} of {theirs} ({job})" for job, (ours, theirs) in short.items())
    zh = "、".join(f"{job} {ours}/{theirs}" for job, (ours, theirs) in short.items())
    return T(f"after epochs {en}", f"训练轮数：{zh}")


def _did(item, jobs, runs):
    """The row's own words, then each run with the settings that are not the report's."""
    groups = {}
    for job in jobs:
        groups.setdefault(changes(runs.steps[job]), []).append(job)
    parts = [
        T(f"{', '.join(j)}: {text.en}", f"{'、'.join(j)}：{text.zh}") for text, j in groups.items()
    ]
    return rules.join([text for text in (item.did, *parts) if text.en])


def changes(step):
    """What a run's settings are where the report's are others: "batch_size 128 (report: 32)".

    Where a report gives no settings, beside those of the full profile.
    """
    pairs = step.changed.items()
    if not pairs:
        return SAME if step.job.given else OURS
    whose = T("report", "报告") if step.job.given else T("full profile", "full 档")
    en = ", ".join(f"{key} {ours} ({whose.en}: {theirs})" for key, (ours, theirs) in pairs)
    zh = "，".join(f"{key} {ours}（{whose.zh}：{theirs}）" for key, (ours, theirs) in pairs)
    return T(en, zh)


def _why_untested(item, values, jobs, runs):
    """Why no run decides a row, or None."""
    absent = sorted(job for job in item.decided_by if job not in runs.steps)
    if absent:
        names = ", ".join(absent)
        return T(f"not trained in this profile: {names}", f"当前配置不训练：{names}")
    failed = [job for job in jobs if job not in runs.found]
    if failed:
        names = ", ".join(failed)
        return T(f"failed or not finished: {names}", f"失败或未完成：{names}")
    return _other_conditions(item, jobs, runs) or _no_number(item, values)


def _other_conditions(item, jobs, runs):
    """Whether the runs are of another kind than the row is about."""
    sets = {runs.dataset(job) for job in jobs}
    if item.data and not sets <= set(item.data):
        ours, theirs = ", ".join(sorted(sets)), ", ".join(item.data)
        return T(f"measured on {ours}, said of {theirs}", f"在 {ours} 上测量，而原文针对 {theirs}")
    sizes = {runs.steps[job].config.image_size for job in jobs}
    if item.image_size and sizes != {item.image_size}:
        ours, theirs = ", ".join(map(str, sorted(sizes))), item.image_size
        return T(
            f"measured on images of {ours} pixels, said of {theirs}",
            f"在边长 {ours} 像素的图像上测量，而原文针对 {theirs} 像素",
        )
    if jobs and runs.profile == "smoke" and item.kind != "check":
        return T("this profile only shows that everything runs", "当前配置只验证一切可运行")
    few = [job for job in jobs if runs.epochs(job)[0] < item.epochs]
    if few:
        return T(
            f"{', '.join(few)}: too few epochs, {item.epochs} are needed",
            f"{'、'.join(few)}：轮数太少，至少需要 {item.epochs} 轮",
        )
    return None


def _no_number(item, values):
    missing = [(value, pair[1]) for value, pair in zip(values, item.pairs) if value.mean is None]
    if not missing:
        return None
    if any(source.fixed for _, source in missing):
        return T("too few epochs", "轮数太少")
    names = rules.join([value.name for value, _ in missing], (", ", "、"))
    return T(f"not measured: {names.en}", f"未测量：{names.zh}")


def judge_all(reports, runs):
    """[Verdict] for every row that is judged, in the order of the tables."""
    return [judge(report, item, runs) for report in reports for item in report.of_kind(*JUDGED)]


def failed(steps):
    """The steps that ended badly; those that were not started are no failures."""
    return [step for step in steps if step.state == "failed"]
