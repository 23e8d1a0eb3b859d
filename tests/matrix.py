"""Which Paddle on which Python: a short run of everything in each environment that can be made.

python -m tests.matrix                                          all of it, hours
python -m tests.matrix --pythons 3.11 --paddles 2.6.2 3.3.1
python -m tests.matrix --minutes 30                             as many as that allows

Standard library only. Interpreters are found by name and among those of pyenv. Writes the table in
docs/platforms.md; a cell that is not run keeps what it had.
"""

import argparse
import datetime
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "platforms.md"
PYTHONS = ("3.10", "3.11", "3.12", "3.13")
PADDLES = ("2.6.2", "3.0.0", "3.1.1", "3.2.2", "3.3.1")
LIMIT = 900  # seconds of one command
DATA = "--dataset digits --max-train 120 --max-test 60"
SMALL = "--image-size 8 --channels 1"
RUNS = {
    "ae": f"{DATA} {SMALL} --latent-dim 4",
    "vae": f"{DATA} {SMALL} --network conv --latent-dim 3 --samples 0 --iwae 0",
    "diffusion": f"{DATA} --unet tiny --timesteps 20 --steps 3 --samples 10 --compare 0",
}
BEGIN, END = "<!-- BEGIN MATRIX -->", "<!-- END MATRIX -->"


def steps(out):
    """[(name, arguments of Python)] of what a cell runs, in a folder."""
    found = []
    for module, flags in RUNS.items():
        run = f"{out}/{module}"
        found.append(
            (f"{module} run", [f"{module}/run.py", *flags.split(), "--epochs", "1", "--out", run])
        )
        found.append(
            (f"{module} resume", [f"{module}/run.py", "--resume", "--epochs", "2", "--out", run])
        )
        found.append((f"{module} figures", [f"{module}/figures.py", run]))
        found.append((f"{module} export", [f"{module}/export.py", run]))
    found.append(
        ("sample", ["diffusion/sample.py", f"{out}/diffusion", "--n", "4", "--steps", "3"])
    )
    found.append(("desk", ["-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/todo"]))
    found.append(
        ("grader", ["grade.py", f"{out}/ann", "--out", f"{out}/grades", "--fail-under", "100"])
    )
    return found


def interpreter(version):
    """Path of a Python of this version, or None."""
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    found = sorted(pyenv.glob(f"{version}.*/bin/python"))
    return str(found[-1]) if found else shutil.which(f"python{version}")


def environment(python, folder):
    """Make an environment with all but Paddle; its Python. Raises CalledProcessError."""
    subprocess.run([python, "-m", "venv", folder], check=True)
    inside = str(Path(folder) / "bin" / "python")
    install(inside, "-r", str(ROOT / "requirements-common.txt"))
    return inside


def install(python, *what):
    """pip install. Raises CalledProcessError, its output in it."""
    command = [python, "-m", "pip", "install", "-q", "--disable-pip-version-check", *what]
    subprocess.run(command, check=True, capture_output=True, text=True)


def cell(python, paddle):
    """What the table says of an environment and a version of Paddle."""
    try:
        install(python, f"paddlepaddle=={paddle}")
    except subprocess.CalledProcessError as error:
        none = "No matching distribution" in error.stderr
        return "no wheel" if none else f"not installed: {error.stderr.strip().splitlines()[-1]}"
    start, failed = time.monotonic(), []
    with tempfile.TemporaryDirectory() as out:
        for module in RUNS:
            shutil.copytree(ROOT / module, Path(out, "ann", module), ignore=_all_but_assignment)
        for name, arguments in steps(out):
            why = _why_not([python, *arguments])
            if why:
                failed.append(f"{name}: {why}")
                print(f"  {failed[-1]}", flush=True)
    numpy = subprocess.run(
        [python, "-c", "import numpy; print(numpy.__version__)"], capture_output=True, text=True
    ).stdout.strip()
    verdict = "pass" if not failed else "**fail** " + "; ".join(failed)
    return f"{verdict} (NumPy {numpy}, {time.monotonic() - start:.0f} s)"


def _all_but_assignment(folder, names):
    return [name for name in names if name != "assignment.py"]


def _why_not(command):
    """The last words of a command that failed, "" of one that did not."""
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=LIMIT)
    except subprocess.TimeoutExpired:
        return f"more than {LIMIT} s"
    lines = (done.stderr + done.stdout).strip().splitlines()
    return "" if done.returncode == 0 else f"exit {done.returncode}, {(lines or [''])[-1][:100]}"


def read(text):
    """{(python, paddle): entry} of the table in the page."""
    rows = re.findall(r"^\| (\d[^|]*?) \| (\d[^|]*?) \| (.*?) \| (.*?) \|$", _between(text), re.M)
    return {(python, paddle): (result, day) for paddle, python, result, day in rows}


def _between(text):
    return text.partition(BEGIN)[2].partition(END)[0]


def write(found):
    """Put the table into the page. found: as `read` gives."""
    lines = ["| Paddle | Python | result | date |", "| --- | --- | --- | --- |"]
    for paddle in PADDLES:
        for python in PYTHONS:
            result, day = found.get((python, paddle), ("not run", "–"))
            lines.append(f"| {paddle} | {python} | {result} | {day} |")
    text = PAGE.read_text(encoding="utf-8")
    before, after = text.partition(BEGIN)[0], text.partition(END)[2]
    table = "\n".join(lines)
    PAGE.write_text(f"{before}{BEGIN}\n{table}\n{END}{after}", encoding="utf-8")


def main():
    """Run the cells that are asked for."""
    parser = argparse.ArgumentParser("python -m tests.matrix", description=__doc__)
    parser.add_argument("--pythons", nargs="+", default=PYTHONS, choices=PYTHONS)
    parser.add_argument("--paddles", nargs="+", default=PADDLES, choices=PADDLES)
    parser.add_argument("--minutes", type=float, default=float("inf"))
    options = parser.parse_args()
    end = time.monotonic() + 60 * options.minutes
    found, failed = read(PAGE.read_text(encoding="utf-8")), False
    for version in options.pythons:
        python = interpreter(version)
        if python is None:
            print(f"no Python {version} here")
            continue
        with tempfile.TemporaryDirectory() as folder:
            inside = environment(python, folder)
            for paddle in options.paddles:
                if time.monotonic() > end:
                    break
                result = cell(inside, paddle)
                print(f"Python {version}, Paddle {paddle}: {result}", flush=True)
                found[version, paddle] = (result, str(datetime.date.today()))
                failed |= not result.startswith(("pass", "no wheel"))
                write(found)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
