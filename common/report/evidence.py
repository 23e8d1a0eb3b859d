"""What the finished runs say: their numbers and pictures, and the verdict on every item."""

from dataclasses import dataclass

from common.report.items import Report
from common.report.rules import ByArgument, Undecided
from common.report.runner import seconds_of
from common.report.text import Text as T
from common.training.run_folder import Run

TRAIN_IMAGES = {"mnist": 60000, "fashion-mnist": 60000, "digits": 1442}
KEY_PIXELS = "pixels"


class Runs:
    """The finished runs of a plan by the name of their job.

    Args:
        steps: [Step]. pictures: {name: path} of pictures that belong to no single run.
    """

    def __init__(self, steps, pictures=None):
        self.steps = {step.name: step for step in steps if not step.seed}
        self.pictures = pictures or {}
        self.found = {}
        for name, step in self.steps.items():
            if step.state == "done":
                run = Run.open(step.path)
                self.found[name] = (run.read_metrics(), run.read_history())

    def metrics(self, job):
        """metrics.json of a job with the values of an image added; {} if it is not done."""
        if job not in self.found:
            return {}
        config = self.steps[job].config
        return {**self.found[job][0], KEY_PIXELS: config.channels * config.image_size**2}

    def history(self, job):
        """{column: [float, ...]} of history.csv; {} if the job is not done."""
        return self.found[job][1] if job in self.found else {}

    def train_images(self, job):
        """How many images an epoch has, or None for a folder of images."""
        if job not in self.steps:
            return None
        config = self.steps[job].config
        return config.max_train or TRAIN_IMAGES.get(config.dataset)

    def dataset(self, job):
        """Name of the data set a job trains on."""
        return self.steps[job].config.dataset if job in self.steps else None

    def seconds(self, job):
        """How long the job's script took, or at least its training."""
        whole = seconds_of(self.steps[job].path)
        return self.metrics(job).get("seconds") if whole is None else whole

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
    """What became of one number or claim.

    Attributes:
        report: Report. item: Number or Claim. values: {label: number or None}, in order.
        shown: the same for numbers that the rule does not read.
        holds: True, False or None (cannot be decided). why: said where holds is None.
    """

    report: Report
    item: object
    values: dict
    shown: dict
    holds: bool | None
    why: T

    @property
    def value(self):
        """The value of a number, {label: value} of a claim, None where there is none."""
        known = {label: value for label, value in self.values.items() if value is not None}
        if self.item.kind == "number":
            return known.get("value")
        return known or None


def judge(report, item, runs):
    """The verdict on one number or claim."""
    values = {label: source.read(runs) for label, source in item.evidence}
    shown = {label: source.read(runs) for label, source in getattr(item, "shown", ())}
    why = _why_not(item, values, runs)
    holds = None if why else item.rule.decide(list(values.values()), item.reference)
    return Verdict(report, item, values, shown, holds, why or T("", ""))


def _why_not(item, values, runs):
    """Why no run decides an item, or None."""
    if isinstance(item.rule, Undecided):
        return item.note
    if isinstance(item.rule, ByArgument):
        return None
    absent = sorted(job for job in item.jobs if job not in runs.found)
    left_out = [job for job in absent if job not in runs.steps]
    missing = [label for label, value in values.items() if value is None]
    if missing and left_out:
        names = ", ".join(left_out)
        return T(f"{names} is not trained in this profile", f"本档不训练 {names}")
    if missing and absent:
        names = ", ".join(absent)
        return T(f"no finished run of {names}", f"没有完成的训练：{names}")
    if missing:
        return T("the runs are too short for it, or do not measure it", "训练太短，或未测量该项")
    sizes = {runs.steps[job].config.image_size for job in item.jobs if job in runs.steps}
    if item.image_size and sizes != {item.image_size}:
        ours, theirs = ", ".join(map(str, sorted(sizes))), item.image_size
        return T(
            f"measured on images of {ours} pixels; the reference is for {theirs}",
            f"在边长 {ours} 像素的图像上测量，而参考值针对 {theirs} 像素",
        )
    sets = {runs.dataset(job) for job in item.jobs if job in runs.steps}
    if item.data and not sets <= set(item.data):
        ours, theirs = ", ".join(sorted(sets)), ", ".join(item.data)
        return T(
            f"measured on {ours}; the reference is for {theirs}",
            f"在 {ours} 上测量，而参考值针对 {theirs}",
        )
    return None


def judge_all(reports, runs):
    """[Verdict] for every number and claim, in the order of the tables."""
    return [
        judge(report, item, runs)
        for report in reports
        for item in report.items
        if item.kind in ("number", "claim")
    ]


def numbers(verdicts):
    """The list of numbers.json; times are left out, so equal runs give equal files."""
    return [
        {
            "report": verdict.report.number,
            "item": verdict.item.key,
            "value": verdict.value,
            "reference": verdict.item.reference,
            "source": verdict.item.source,
            "holds": verdict.holds,
        }
        for verdict in verdicts
    ]


def failed(steps):
    """The steps that did not end well."""
    return [step for step in steps if step.state != "done"]
