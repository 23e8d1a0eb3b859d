"""Measure the rows of the table, print them as they come, write results/bench.

`make bench`, BENCH_TORCH=/path/to/python and BENCH_ONLY=train-vae,ema: see the package's docstring.
"""

import os
import platform
import shutil
import subprocess
import time
from pathlib import Path

from common.cli import Parser, cli
from common.compute import convolution, environment
from common.errors import RunError, UserError
from common.files import write_json, write_text
from common.runtime import ROOT, commit, set_device, versions
from tests.bench import grading, scaling, sides, table
from tests.bench.plan import ROWS

OUT = ROOT / "results" / "bench"
STEP = (
    "A training step is the project's whole loop (`trainer.fit`): a batch by index, its "
    "noise, forward, loss, backward, Adam, for the U-Nets gradient clipping and EMA, and the loss "
    "read and shown. PyTorch's side does the same work with its fused Adam."
)


def main(argv):
    """Measure and write."""
    given = _parse(argv)
    set_device(given.device)  # refused here if there is none
    torch = _torch(os.environ.get("BENCH_TORCH"))
    if given.scaling or given.page:
        if given.scaling:
            scaling.measure(given.out, conditions(given.device, None), given.device, given.rounds)
        print("written:", *scaling.write(given.out, given.docs))
        return
    names = [name for name in os.environ.get("BENCH_ONLY", "").split(",") if name]
    known = [row.name for row in ROWS] + ["grading"]
    for name in names:
        if name not in known:
            raise UserError(f"BENCH_ONLY: no row '{name}'; choose from {', '.join(known)}")
    where = conditions(given.device, torch)
    print("\n".join(f"{key}: {value}" for key, value in where.items()))
    if torch is None:
        print("PyTorch: not asked for; BENCH_TORCH=/path/to/python measures side by side")
    began, entries = time.monotonic(), []
    for row in ROWS:
        if row.low and (why := convolution.no_bfloat16()):
            print(f"{row.name}: left out, {why}")
        elif not names or row.name in names:
            entries.append(measure(row, torch, given.device, given.rounds))
            print("\n".join(_told(entries[-1])), flush=True)
    marks = grading.measure() if not names or "grading" in names else None
    if marks:
        print(f"grading: {marks['per_minute']:.0f} submissions a minute", flush=True)
    minutes = round((time.monotonic() - began) / 60, 1)
    result = {"where": where, "step": STEP, "minutes": minutes, "rows": entries, "grading": marks}
    path = write(result, page(result, torch is not None), given.out)
    print(f"done in {minutes} minutes: {path}")


def _parse(argv):
    parser = Parser("-m tests.bench", __doc__)
    parser.add_argument("--device", default="cpu", choices=("cpu", "gpu"))
    parser.add_argument("--rounds", type=int, default=5, help="blocks of each side, default 5")
    parser.add_argument("--out", type=Path, default=OUT, help="default: results/bench")
    parser.add_argument("--scaling", action="store_true", help="each trick, and how cost grows")
    parser.add_argument("--page", action="store_true", help="write the page of --scaling again")
    parser.add_argument("--docs", type=Path, default=ROOT / "docs", help="where the page goes")
    given = parser.parse_args(argv)
    if given.rounds < 1:
        raise UserError("--rounds must be at least 1")
    return given


def _torch(python):
    """The Python of BENCH_TORCH as a path, None without one. Raises UserError if it is none."""
    if not python:
        return None
    path = shutil.which(python)
    if path is None:
        raise UserError(f"BENCH_TORCH: there is no program '{python}'; give a Python with PyTorch")
    if _run(path, "import torch").returncode != 0:
        raise UserError(f"BENCH_TORCH: {python} cannot import torch; pip install torch there")
    return os.path.abspath(path)


def _run(python, code):
    command, environment = [python, "-c", code], sides.surroundings()
    return subprocess.run(command, env=environment, capture_output=True, text=True)


def conditions(device, torch):
    """Machine and versions, for the reader of the numbers."""
    found = {"machine": processor(), "cores": environment.threads(), "device": device}
    if hasattr(os, "getloadavg"):
        found["load before"] = round(os.getloadavg()[0], 2)
    found |= {"commit": commit(), **versions()}
    if torch:
        code = (
            "import torch, sys; print('PyTorch', torch.__version__, torch.get_num_threads(), "
            "'threads, Python', sys.version.split()[0])"
        )
        found["peer"] = _run(torch, code).stdout.strip()
    return found


def processor():
    """The name of the CPU, as far as it is known."""
    try:
        with open("/proc/cpuinfo") as file:
            return next(line.split(":")[1].strip() for line in file if "model name" in line)
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def measure(row, torch, device, rounds):
    """A row of bench.json. Raises RunError where our own side fails, or the networks differ."""
    makers, seconds = row.makers(torch, device), row.seconds
    results = sides.in_turns(makers, rounds, seconds, warm=seconds, rare=("plain",))
    if "failed" in results["ours"]:
        raise RunError(f"{row.name}: {results['ours']['failed']}")
    try:
        return table.record(row, results)
    except ValueError as error:
        raise RunError(str(error)) from None


def _told(entry):
    """A row on the terminal: every side in a line of its own."""
    yield entry["title"]
    factor, unit = (1000, "ms") if entry["unit"] == "ms" else (1, "s")
    for label, side in entry["sides"].items():
        if "failed" in side:
            yield f"    {label}: {side['failed']}"
            continue
        low, middle, high = (side[key] * factor for key in ("low", "median", "high"))
        memory = side["memory"] / 2**20
        yield (
            f"    {label}: {middle:.4g} {unit} ({low:.4g} to {high:.4g}), CPU "
            f"{side['cpu'] * factor:.4g} {unit}, first {side['first']:.1f} s, {memory:.0f} MiB"
        )
    if "ratio" in entry:
        r = entry["ratio"]
        yield f"    ours / PyTorch: {r['median']:.2f} ({r['low']:.2f} to {r['high']:.2f})"


def page(result, with_torch):
    """table.md."""
    where = result["where"]
    text = table.markdown(result["rows"], with_torch)
    if result["grading"]:
        text += f"\nGrading: {result['grading']['per_minute']:.0f} complete submissions a minute "
        text += f"with `--jobs {result['grading']['jobs']}`.\n"
    machine = f"{where['machine']}, {where['cores']} cores, {where['device']}"
    software = f"paddle {where['paddle']}" + (f", {where['peer']}" if "peer" in where else "")
    about = (
        f"{machine}; {software}. Medians of blocks that took turns, ± half of their spread. "
        f"{result['step']} Best of PyTorch: of eager, channels_last and torch.compile. Scaled: "
        "a part of the images or steps was measured and multiplied."
    )
    return f"{text}\n{about}\n"


def write(result, text, out=OUT):
    """bench.json and table.md; earlier ones are kept under their date. Returns the json's path."""
    out.mkdir(parents=True, exist_ok=True)
    for name in ("bench.json", "table.md"):
        table.keep_earlier(out / name)
    write_text(out / "table.md", text)
    write_json(out / "bench.json", result)
    return out / "bench.json"


if __name__ == "__main__":
    cli(main)
