"""Train class-conditional DDPMs against the clock: the judge says whether they are good enough.

python diffusion/speedrun.py --seeds 5
python diffusion/speedrun.py --dataset fashion-mnist --seeds 5

Each seed is a run folder below --out, to sample from. Rules and records: docs/speedrun.md.
"""

import platform
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import common  # noqa: F401 - sets the CPU up, so it comes before Paddle

# isort: split
import numpy as np

from common.cli import Parser, cli
from common.compute import environment
from common.errors import UserError
from common.files import write_json
from common.runtime import commit
from common.training.config import preset_values
from common.training.run_folder import Run
from diffusion import run as training
from diffusion.config import PRESETS, Config
from diffusion.judge import judge

GOALS = {  # least share of samples with the class asked for, most FID / floor
    "mnist": (0.99, 2.5),
    "fashion-mnist": (0.95, 3.5),
    "digits": (0.80, 6.0),
}
EPOCHS = {"mnist": 1, "fashion-mnist": 2, "digits": 40}


def race(config, out):
    """Train and judge one seed.

    Args:
        config: Config. out: folder of the run, new.

    Returns:
        {"seed", "seconds", "cpu_seconds", "passed"} and what `judge` gives. The seconds are those
        of the training, from the data set on disk to the weights: all but imports and judge.
    """
    began, cpu = time.perf_counter(), time.process_time()
    trained, _ = training.fit(config, Run.choose(out, "diffusion", overwrite=True))
    seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    trained.save()
    found = judge(trained)
    accuracy, fid = GOALS[config.dataset]
    passed = found["conditional_accuracy"] >= accuracy and found["fid"] <= fid * found["fid_floor"]
    numbers = {"seed": config.seed, "seconds": seconds, "cpu_seconds": cpu, "passed": passed}
    trained.run.write_metrics(numbers | found)
    trained.run.lock.release()
    return numbers | found


def machine():
    """The processor and how many of its CPUs were used, for the table of records."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        name = next(line.partition(":")[2].strip() for line in lines if "model name" in line)
    except (OSError, StopIteration):
        name = platform.processor() or platform.machine()
    return f"{name}, {environment.threads()} CPUs"


def record(dataset, rows):
    """The row of the table of records: mean and most seconds, the worst of the rest."""
    seconds = [row["seconds"] for row in rows]
    worst = max(row["fid"] / row["fid_floor"] for row in rows)
    cells = (
        dataset,
        f"{np.mean(seconds):.0f} (most {max(seconds):.0f})",
        f"{min(row['conditional_accuracy'] for row in rows):.2%}",
        f"{worst:.2f}",
        f"{sum(row['passed'] for row in rows)} of {len(rows)}",
        machine(),
        (commit() or "unknown")[:8],
        rows[0]["judge"],
    )
    return f"| {' | '.join(cells)} |"


def choose(out, overwrite):
    """The folder of a race. Raises UserError if there is something in it, and no --overwrite."""
    path = Path(out).expanduser()
    if path.exists() and not path.is_dir():
        raise UserError(f"--out {path} is a file, not a folder")
    if path.exists() and any(path.iterdir()) and not overwrite:
        raise UserError(f"{path} is not empty; give --overwrite, or choose another --out")
    return path


def parser():
    """The flags."""
    flags = Parser("diffusion/speedrun.py", __doc__)
    known = f"{', '.join(GOALS)} [mnist]"
    flags.add_argument("--dataset", choices=GOALS, default="mnist", metavar="NAME", help=known)
    flags.add_argument("--seeds", type=int, default=5, metavar="N", help="runs [5]")
    flags.add_argument("--epochs", type=int, metavar="N", help="of training [by data set]")
    flags.add_argument("--data-dir", default="", metavar="TEXT", help="folder of the sets")
    flags.add_argument("--out", metavar="DIR", help="[results/diffusion/speedrun-<data set>]")
    flags.add_argument("--overwrite", action="store_true", help="replace an earlier race in DIR")
    return flags


def main(argv):
    """Race as often as asked for; exit status 1 if a run was not good enough."""
    options = parser().parse_args(argv)
    if options.seeds < 1:
        raise UserError(f"--seeds must be at least 1, not {options.seeds}")
    name = options.dataset
    out = choose(options.out or f"results/diffusion/speedrun-{name}", options.overwrite)
    epochs = EPOCHS[name] if options.epochs is None else options.epochs
    given = {"dataset": name, "data_dir": options.data_dir, "epochs": epochs, "device": "cpu"}
    recipe = preset_values(PRESETS, "speedrun") | given
    rows = []
    for seed in range(options.seeds):
        rows.append(race(Config(**recipe, seed=seed), out / f"seed-{seed}"))
        print(
            "  ".join(
                f"{k} {v:.4g}" if type(v) is float else f"{k} {v}" for k, v in rows[-1].items()
            )
        )
    line = record(name, rows)
    summary = {"dataset": name, "goal": GOALS[name], "machine": machine(), "commit": commit()}
    write_json(out / "speedrun.json", {**summary, "rows": rows, "record": line})
    print(line)
    return 0 if all(row["passed"] for row in rows) else 1


if __name__ == "__main__":
    cli(main)
