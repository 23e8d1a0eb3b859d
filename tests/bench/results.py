"""`make results`: train the rows of the README's table with three seeds, and write the table.

python -m tests.bench.results --plan               what would be trained, and how long it takes
python -m tests.bench.results                      the short rows, 40 minutes on two CPU cores
python -m tests.bench.results --only ddpm-mnist    one row; the long ones only so

What is done is not trained again, nor are runs that reproduce.py has made with the same settings.
A row keeps its old line in the README until all of its seeds are done.
"""

import math
import re
import statistics
import time
from dataclasses import dataclass, field
from pathlib import Path

import reproduce
from common.cli import Parser, cli
from common.compute import environment
from common.errors import RunError, UserError
from common.files import write_text
from common.report import evidence, plan, runner
from common.report.jobs import Job
from common.report.text import Text as T
from common.runtime import ROOT
from common.training.run_folder import Run
from tests.bench.__main__ import processor

READMES = {"en": ROOT / "README.md", "zh": ROOT / "README.zh-CN.md"}
SEEDS = 3
COSINE = {"lr": 2e-3, "lr_schedule": "cosine"}
MSE, BOUND, IWAE = "MSE {test_mse:.5f}", "−ELBO {test_neg_elbo:.1f}", "IWAE-50 {iwae_50:.1f}"
CLASS, FID = "{conditional_accuracy:.1f} %", "FID {fid:.2f} ({fid_floor:.2f})"
NORMAL = "N(0, I): {normal_accuracy:.1f} %"
MEASURED = T(
    "Rows with ± are means of three seeds and their standard deviation, measured on an {cpu} with "
    "{cores} cores ({dates}, commit {commits}).",
    "带 ± 的行是三个种子的平均值与标准差，在一颗 {cpu} 的 {cores} 个核心上测得（{dates}，"
    "提交 {commits}）。",
)


@dataclass(frozen=True)
class Row:
    """A row of the table.

    Attributes:
        name: for --only. module, preset, settings: of the run script. seconds: of one run on two
        cores. shown: patterns of what is written, filled from metrics.json. long: only on request.
    """

    name: str
    module: str
    shown: tuple
    seconds: float
    preset: str = ""
    settings: dict = field(default_factory=dict)
    long: bool = False

    @property
    def job(self):
        """The Job that the plan knows."""
        title, cost = T(self.name, self.name), (self.seconds, 0, 0)
        more = {"settings": self.settings, "cost": cost, "seeds": SEEDS}
        return Job(self.name, self.module, "", title, self.preset, **more)


ROWS = (
    Row("ae-2", "ae", (MSE,), 90, "000-ae", {"epochs": 2}),
    Row("ae", "ae", (MSE,), 430, "000-ae", long=True),
    Row(
        "ae-l32",
        "ae",
        (MSE,),
        40,
        settings={"latent_dim": 32, "image_size": 28, "channels": 1, "epochs": 3},
    ),
    Row("vae", "vae", (BOUND, IWAE), 32, "001-vae", {"batch_size": 128, "epochs": 10}),
    Row(
        "vae-cosine",
        "vae",
        (BOUND, IWAE),
        32,
        "001-vae",
        {"batch_size": 128, "epochs": 10, **COSINE, "lr": 4e-3},
    ),
    Row("cvae", "vae", (CLASS, FID), 240, "000-cvae", {"epochs": 5, **COSINE, "beta": 5}),
    Row("cvae-mlp", "vae", (BOUND, CLASS, NORMAL, FID), 48, "004-mlp", {"epochs": 10}),
    Row("cvae-conv", "vae", (BOUND, CLASS, NORMAL, FID), 130, "004-conv", {"epochs": 10}),
    Row(
        "ddpm-mnist-4",
        "diffusion",
        (CLASS, FID),
        640,
        "small",
        {"dataset": "mnist", "epochs": 4},
        long=True,
    ),
    Row("ddpm-mnist", "diffusion", (CLASS, FID), 880, "small", {"dataset": "mnist"}, long=True),
    Row(
        "ddpm-fashion",
        "diffusion",
        (CLASS, FID),
        880,
        "small",
        {"dataset": "fashion-mnist"},
        long=True,
    ),
)


def main(argv):
    """Train what is not done, then write the rows whose seeds are all done."""
    given = _parse(argv)
    names = _chosen(given.only)
    steps = plan.steps_of([row.job for row in ROWS], reproduce.MODULES, "full", given.out)
    _reuse(steps, given.reuse)
    chosen = [step for step in steps if step.job.name in names]
    runner.show_plan(chosen)
    if given.plan:
        return
    runner.execute(chosen)
    write(steps)
    if evidence.failed(chosen):
        raise RunError(f"{len(evidence.failed(chosen))} of {len(chosen)} runs failed")


def _parse(argv):
    parser = Parser("-m tests.bench.results", __doc__)
    names = ", ".join(row.name for row in ROWS)
    parser.add_argument("--only", nargs="+", default=[], metavar="ROW", help=names)
    parser.add_argument("--out", type=Path, default=Path("results/readme"), metavar="DIR")
    parser.add_argument(
        "--reuse", type=Path, default=Path("results/report"), metavar="DIR", help="of reproduce.py"
    )
    parser.add_argument("--plan", action="store_true", help="show what would be run, and stop")
    return parser.parse_args(argv)


def _chosen(names):
    known = [row.name for row in ROWS]
    for name in names:
        if name not in known:
            raise UserError(f"--only knows {', '.join(known)}, not '{name}'")
    return names or [row.name for row in ROWS if not row.long]


def _reuse(steps, folder):
    """Let steps that are not done point to finished runs of reproduce.py with the same settings."""
    for step in steps:
        for path in (folder / "runs").glob(f"*-{plan.config_hash(step.config)}"):
            if step.state != "done" and plan.is_done(path, step.config):
                step.path, step.state = path, "done"


def write(steps):
    """Put the rows whose seeds are all done into both READMEs; print them."""
    lines, measured = {}, []
    for row in ROWS:
        mine = [step for step in steps if step.job.name == row.name]
        if all(step.state == "done" for step in mine):
            metrics = [Run.open(step.path).read_metrics() for step in mine]
            lines[mine[0].command] = line(mine[0].command, row.shown, metrics)
            measured += mine
    print("\n".join(lines.values()))
    for language, path in READMES.items() if lines else ():
        write_text(path, _replaced(path.read_text("utf-8"), lines, where(measured, language)))


def line(command, shown, metrics):
    """A row of the table. metrics: what metrics.json holds, for each seed."""
    numbers = [_numbers(one) for one in metrics]
    cells = [
        re.sub(r"\{(\w+):(\S+?)\}", lambda m: spread([n[m[1]] for n in numbers], m[2]), pattern)
        for pattern in shown
    ]
    seconds = statistics.mean(one["seconds"] for one in metrics)
    took = f"{seconds:.0f} s" if seconds < 300 else f"{seconds / 60:.0f} min"
    return f"| `{command}` | {', '.join(cells)} | {took} |"


def _numbers(metrics):
    """Those of metrics.json, shares in percent."""
    normal = metrics.get("standard_normal") or {}
    found = {**metrics, "normal_accuracy": normal.get("conditional_accuracy")}
    return {k: 100 * v if v and k.endswith("accuracy") else v for k, v in found.items()}


def spread(values, form):
    """Mean ± standard deviation, which has one digit; the mean ends where that does."""
    mean, deviation = statistics.mean(values), statistics.stdev(values)
    if len(set(values)) == 1:
        return f"{mean:{form}}"
    places = max(0, -math.floor(math.log10(float(f"{deviation:.0e}"))))
    return f"{mean:.{places}f} ± {deviation:.{places}f}"


def where(steps, language):
    """The sentence below the table: machine, cores, days and commits of the runs."""
    days = {time.strftime("%Y-%m-%d", time.localtime(_written(step))) for step in steps}
    records = [Run.open(step.path).read_config() for step in steps]
    commits = {(record.get("commit") or "")[:7] for record in records} - {""}
    known = {"cpu": processor(), "cores": environment.threads(), "dates": ", ".join(sorted(days))}
    text = MEASURED.format(**known, commits=", ".join(f"`{name}`" for name in sorted(commits)))
    return getattr(text, language)


def _written(step):
    return (step.path / "metrics.json").stat().st_mtime


def _replaced(text, lines, measured):
    """A README with these rows instead of those of the same command, and the sentence."""
    for command, row in lines.items():
        old = re.escape(f"| `{command}` |") + ".*"
        text, count = re.subn(old, lambda _, row=row: row, text)
        if not count:
            raise RunError(f"no README has a row `{command}`: add it between the markers")
    between = r"(<!-- BEGIN MEASURED -->\n).*?(<!-- END MEASURED -->)"
    return re.sub(between, lambda m: f"{m[1]}{measured}\n{m[2]}", text, flags=re.S)


if __name__ == "__main__":
    cli(main)
