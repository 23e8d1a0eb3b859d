"""What this machine and environment are, and what is wrong with them, on one screen.

python -m common.doctor
python -m common.doctor --json     for a bug report
"""

import contextlib
import importlib.metadata
import io
import json
import os
import platform
import shutil
import sys
import warnings
from pathlib import Path

from common.cli import Parser, cli, columns
from common.compute import environment
from common.errors import UserError
from common.language import say, translate

PYTHONS = ((3, 10), (3, 13))  # the first and the last for which Paddle has wheels
PACKAGES = "numpy matplotlib scikit-learn pillow pytest tqdm jinja2".split()
BROWSERS = "chromium chromium-browser google-chrome google-chrome-stable chrome".split()
PIP = "python -m pip"
FILES = {False: "requirements.txt", True: "requirements-gpu.txt"}  # by whether for a GPU


# ---------------------------------------------------------------- Paddle, one or several


def paddles():
    """{package: version} of every build of Paddle that this Python has; imports none."""
    found = {}
    for package in importlib.metadata.distributions():
        name = (package.metadata["Name"] or "").lower().replace("_", "-")
        if name == "paddlepaddle" or name.startswith("paddlepaddle-"):
            found[name] = package.version
    return found


def paddle_trouble():
    """What is wrong with Paddle here and how to repair it, one or two sentences; "" if nothing.

    pip finds no fault with two builds side by side, although each has overwritten the other's
    files. Standard library only, until one Paddle is known to be there.
    """
    found = paddles()
    names = " and ".join(f"{name} {version}" for name, version in sorted(found.items()))
    if len(found) > 1:
        return f"{names} overwrite each other. {_again(found)}"
    try:
        import paddle

        whole = bool(paddle.__version__)
    except ModuleNotFoundError as error:
        if error.name == "paddle":
            return f"Paddle is not installed. {_install()}"
        whole = False
    except (ImportError, AttributeError, OSError):
        whole = False
    if whole:
        return ""
    return f"{names or 'Paddle'} is damaged. {_again(found or {'paddlepaddle': ''})}"


def _again(found):
    gpu = any(name != "paddlepaddle" for name in found)
    remove = f"`{PIP} uninstall -y {' '.join(sorted(found))}`"
    return f"Remove what is there: {remove}; then `{PIP} install -r {FILES[gpu]}`."


def _install():
    return f"For a CPU: `{PIP} install -r {FILES[False]}`; for a GPU: {FILES[True]}."


# ---------------------------------------------------------------- what else may be wrong


def python_trouble():
    """What keeps Paddle from being installed in this Python; "" if nothing."""
    low, high = (".".join(map(str, version)) for version in PYTHONS)
    if not PYTHONS[0] <= sys.version_info[:2] <= PYTHONS[1] or sys.maxsize < 2**32:
        return f"Paddle needs a Python {low} to {high} of 64 bits, not {platform.python_version()}"
    return ""


def wheel_hint(system, machine, gpu=False):
    """What to install on a machine for which Paddle has no newest wheel, a sentence or "".

    system, machine: as `platform` names them. gpu: whether a GPU build is wanted.
    """
    system, machine = system.lower(), machine.lower()
    if gpu and system not in ("linux", "windows"):
        return "Paddle has no GPU build for this system: DEVICE=cpu"
    if gpu and sys.version_info >= (3, 13):
        return "PyPI's GPU build ends at Python 3.12: take that, or requirements-gpu-new.txt"
    if system == "linux" and machine in ("aarch64", "arm64"):
        return "Paddle's wheels for Linux aarch64 end at 3.2.2: pip install paddlepaddle==3.2.2"
    if system == "darwin" and machine == "x86_64":
        return "Paddle's wheels for Intel Macs end at 3.0.0: pip install paddlepaddle==3.0.0"
    known = {"linux": ("x86_64",), "darwin": ("arm64",), "windows": ("amd64", "x86_64")}
    return "" if machine in known.get(system, ()) else f"Paddle has no wheel for {system} {machine}"


def troubles():
    """What is wrong with this environment, sentences in order of weight."""
    return list(filter(None, [python_trouble(), paddle_trouble(), _package_trouble()]))


def _package_trouble():
    missing = [name for name in PACKAGES if _version(name) is None]
    file = "requirements-common.txt" if paddles() else FILES[False]
    return f"{', '.join(missing)} missing: `{PIP} install -r {file}`" if missing else ""


def _data_trouble():
    try:
        from common.datasets import data_folder

        data_folder()
    except ImportError:
        return ""
    except UserError as error:
        return str(error)
    return ""


def _version(package):
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


# ---------------------------------------------------------------- the report


def examine():
    """{topic: {fact: value}} of everything that a bug report wants; JSON-able."""
    report = {
        "Python": {
            "version": platform.python_version(),
            "path": sys.executable,
            "system": platform.platform(),
            "CPUs": environment.threads(),
            "memory": environment.memory(),
        },
        "packages": {name: _version(name) or "missing" for name in PACKAGES},
    }
    found = troubles()
    if not any("Paddle" in trouble or "paddle" in trouble for trouble in found):
        report.update(_of_paddle())
    # BEGIN TEACHER
    report["grader"] = _of_grader()
    # END TEACHER
    report["files"] = _of_files()
    return {**report, "problems": list(filter(None, [*found, _data_trouble()]))}


def _of_paddle():
    import paddle

    from common import compute, runtime

    gpu = paddle.is_compiled_with_cuda()
    build = f"CUDA {paddle.version.cuda()}, cuDNN {paddle.version.cudnn()}" if gpu else "CPU"
    device = runtime.set_device("auto")
    return {
        "Paddle": {
            "version": paddle.__version__,
            "packages": ", ".join(f"{n} {v}" for n, v in paddles().items()) or "not by pip",
            "build": build,
            "device": runtime.device_in_use(),
            "--device auto takes": runtime.why_auto(),
        },
        "settings": {name: entry["value"] for name, entry in compute.settings().items()},
        "tricks": compute.in_force() if device == "cpu" else {},
    }


# BEGIN TEACHER
def _of_grader():
    """Layers of isolation that the grader would have."""
    found = {}
    for name in ("landlockpy", "pyseccomp"):
        try:
            module = importlib.import_module(name)
            supported = getattr(module, "supported", lambda: True)()
            found[name] = "yes" if supported else "not by this kernel"
        except Exception as error:  # a missing package, or a missing C library
            found[name] = f"no ({type(error).__name__})"
    found["fork"] = "yes" if hasattr(os, "fork") else "no"
    return found


# END TEACHER
def _of_files():
    """Fonts, browser and data sets that are found."""
    found = {"browser": os.environ.get("GENMODELS_BROWSER") or _first(map(shutil.which, BROWSERS))}
    with contextlib.suppress(ImportError):
        from common.plotting import CJK_FONTS, installed_fonts

        found["font for Chinese"] = _first(n for n in CJK_FONTS if n in installed_fonts())
    with contextlib.suppress(ImportError, UserError):
        from common.datasets import data_folder

        folder = Path(data_folder())
        names = ("mnist", "fashion-mnist")
        there = [name for name in names if any((folder / name).glob("*ubyte*"))]
        found["data sets"] = f"digits (embedded), {', '.join(there) or 'no others'} in {folder}"
    return found


def _first(values):
    return next(filter(None, values), "none")


def show(report):
    """Print what `examine` gave, one line per fact; long lists in one line."""
    for topic, facts in report.items():
        if topic == "tricks":
            ours = sorted(n for n, used in facts.items() if ": " not in used)
            others = [f"{n}: {used}" for n, used in facts.items() if ": " in used]
            facts = {"in force": ", ".join(ours), **({"not": "; ".join(others)} if others else {})}
        elif topic in ("packages", "settings", "grader"):
            facts = {
                "": ", ".join(f"{name} {translate(str(value))}" for name, value in facts.items())
            }
        elif topic == "problems":
            facts = dict(enumerate(facts, 1)) or {"": "none found"}
        for name, value in facts.items():
            topic = translate(topic)
            name = translate(str(name)) + translate(": ") if name else ""
            print(f"{topic}{' ' * (10 - columns(topic))}{name}{_words(value)}")
            topic = ""


def _words(value):
    if isinstance(value, dict):
        return ", ".join(str(part) for part in value.values())
    large = isinstance(value, int) and value > 2**20
    return f"{value / 2**30:.1f} GiB" if large else translate(str(value))


def main(argv):
    """Examine and print; exit status 1 if something is wrong."""
    parser = Parser("-m common.doctor", __doc__)
    parser.add_argument("--json", action="store_true", help="all of it, for a bug report")
    parser.add_argument("--paddle", action="store_true", help="only whether Paddle is whole")
    parser.add_argument("--wheels", metavar="cpu|gpu", help="only what Paddle has for this machine")
    options = parser.parse_args(argv)
    warnings.simplefilter("ignore")  # what matters of it is in the report
    if options.paddle or options.wheels:
        gpu = options.wheels == "gpu"
        hint = wheel_hint(platform.system(), platform.machine(), gpu) if options.wheels else ""
        trouble = hint or (paddle_trouble() if options.paddle else python_trouble())
        if trouble:
            say(trouble, file=sys.stderr)
        return 2 if trouble else 0
    with contextlib.redirect_stderr(io.StringIO()):  # why a trick is not used: in the report too
        report = examine()
    if options.json:
        print(json.dumps(report, indent=2, ensure_ascii=False))
    else:
        show(report)
    return 1 if report["problems"] else 0


if __name__ == "__main__":
    cli(main)
