"""Which runs a page needs, what each costs, and which of them are done already."""

import dataclasses
import hashlib
import json
import shlex
from dataclasses import dataclass
from pathlib import Path

from common import datasets
from common.errors import UserError
from common.report.jobs import JOBS, SWEEPS, Job
from common.report.tables import reports
from common.training import diagnosis
from common.training.config import RunConfig
from common.training.run_folder import Run

PROFILES = ("smoke", "quick", "full")
UNHASHED = ("device", "threads", "data_dir")  # they change nothing that a reader looks at
MEASUREMENTS = ("samples", "iwae", "iwae_images", "compare")  # they change no weight
SMOKE_SECONDS = 9.0
NAMES = ("report", *(f"report-{report.number}" for report in reports() if report.number != "all"))
PAGE = ("index.html", *(f"{name}.{end}" for name in NAMES for end in ("md", "zh-CN.md")))


@dataclass
class Step:
    """One run of a plan.

    Attributes:
        job: what is run. config: all its settings. report: those of the report (of the preset; of
            a run without one, those of the full profile). path: its folder.
        flags: arguments of the run script without --out; settings equal to the preset's are
            left out.
        seconds: estimate for two cores. seed: 0 for the run that is shown, 1, 2, ... for those
            that repeat it with other seeds. state: planned, done, failed or running.
        message: why it failed.
    """

    job: Job
    config: object
    report: object
    path: Path
    flags: list
    seconds: float
    seed: int = 0
    state: str = "planned"
    message: str = ""

    @property
    def name(self):
        """ "002-z1", and "002-z1@1" for its second seed."""
        return f"{self.job.name}@{self.seed}" if self.seed else self.job.name

    @property
    def changed(self):
        """{setting: (ours, the report's)} of what differs, without seeds and measurements."""
        ours, theirs = dataclasses.asdict(self.config), dataclasses.asdict(self.report)
        left_out = (*UNHASHED, *MEASUREMENTS, "seed")
        pairs = {key: (ours[key], theirs[key]) for key in ours if key not in left_out}
        return {key: pair for key, pair in pairs.items() if pair[0] != pair[1]}

    @property
    def command(self):
        """What a reader types for this run."""
        return shlex.join(["python", f"{self.job.module}/run.py", *self.flags])


def config_hash(config):
    """Eight hex digits that name all settings but where and on what it runs.

    Settings at their default are left out, so a new option leaves finished runs theirs.
    """
    defaults = dataclasses.asdict(type(config)())
    values = dataclasses.asdict(config).items()
    values = {k: v for k, v in values if k not in UNHASHED and v != defaults[k]}
    text = json.dumps(values, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def make(modules, profile, out, only=(), dataset="", extra=None):
    """The steps of a page: every run once, then those that repeat one with another seed.

    Args:
        modules: {"ae": (Config, PRESETS), ...}. profile: of PROFILES. out: folder of the page.
        only: numbers of reports, () for all. dataset: instead of each preset's own, or "".
        extra: settings over everything (seed, device, data_dir).

    Returns:
        [Step]. Raises UserError, also where the page would replace a file of somebody else's.
    """
    wanted = needed_jobs(only)
    for name in PAGE:  # numbers.json is written before them
        if (Path(out) / name).exists() and not (Path(out) / "numbers.json").exists():
            raise UserError(f"{Path(out) / name} is no page of this program; choose another --out")
    jobs = [job for job in JOBS if job.name in wanted]
    return steps_of(jobs, modules, profile, Path(out) / "runs", dataset, extra)


def steps_of(jobs, modules, profile, folder, dataset="", extra=None):
    """The steps of some jobs, with their folders below `folder`; the rest as for `make`."""
    return [
        _step(job, seed, *modules[job.module], profile, Path(folder), dataset, extra or {})
        for seed in range(max(job.count(profile) for job in jobs))
        for job in jobs
        if seed < job.count(profile)
    ]


def check_data(steps):
    """Read each data set of the steps, so that a missing one is said first. Raises UserError."""
    configs = {step.config.dataset: step.config for step in steps}
    for name, config in configs.items():
        datasets.load(RunConfig(dataset=name, data_dir=config.data_dir, seed=config.seed))


def needed_jobs(only=()):
    """Names of the runs that the chosen reports read. Raises UserError for an unknown report."""
    chosen = {report.number: report for report in reports() if report.number != "all"}
    for number in only:
        if number not in chosen:
            raise UserError(f"--only knows {', '.join(chosen)}, not '{number}'")
    names = set().union(*(chosen[number].jobs for number in only or chosen))
    return names.union(*(sweep.jobs for sweep in SWEEPS if sweep.jobs[0] in names))


def _step(job, seed, config_class, presets, profile, folder, dataset, extra):
    preset = {k: v for k, v in presets.get(job.preset, {}).items() if k != "help"}
    over = job.overrides(profile, dataset)
    over |= extra
    if seed:
        over["seed"] = config_class(**{**preset, **over}).seed + seed
    config = config_class(**{**preset, **over})
    config.check()
    flags = ["--preset", job.preset] if job.preset else []
    for key, value in over.items():
        flags += _flag(key, value) if value != preset.get(key) else []
    path = folder / f"{job.name}-{config_hash(config)}"
    report = config_class(**(preset or job.settings))
    step = Step(job, config, report, path, flags, estimate(job, config, profile), seed)
    step.state = "done" if is_done(path, config) else "planned"
    return step


def _flag(key, value):
    name = key.replace("_", "-")
    if isinstance(value, bool):
        return [f"--{name}" if value else f"--no-{name}"]
    return [f"--{name}", str(value)]


def estimate(job, config, profile):
    """Seconds a run takes on two cores, the device of the estimates."""
    if profile == "smoke":
        return SMOKE_SECONDS
    fixed, quick, full = job.cost
    return fixed + config.epochs * (quick if profile == "quick" else full)


def is_done(path, config):
    """True if the folder holds a finished run with these very settings."""
    try:
        run = Run.open(path)
        run.read_metrics()
        saved = run.read_config()["config"]
    except (UserError, KeyError):
        return False
    if not (path / diagnosis.FILE).is_file():
        return False  # cut off between its numbers and its figures
    saved = {**dataclasses.asdict(type(config)()), **saved}  # older than one of the options
    wanted = json.loads(json.dumps(dataclasses.asdict(config)))
    return all(saved[key] == value for key, value in wanted.items() if key not in UNHASHED)


def can_resume(path):
    """True if an interrupted run left a checkpoint in the folder."""
    return (path / "config.json").is_file() and (path / "checkpoint.npz").is_file()
