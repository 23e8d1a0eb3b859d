"""The scripts at the terminal: help, wrong flags, noise, Ctrl-C, closed pipes, full disks."""

import importlib
import os
import re
import signal
import subprocess
import sys
import time

import pytest

from common import cli
from common.errors import RunError, UserError
from tests.conftest import ROOT

RUNS = ["ae/run.py", "vae/run.py", "diffusion/run.py"]
OTHERS = [
    *("ae/figures.py", "vae/figures.py", "diffusion/figures.py", "diffusion/sample.py"),
    *("diffusion/compare_samplers.py", "reproduce.py", "grade.py", "handout.py", "demo.py"),
]


def main_of(script):
    return importlib.import_module(script.removesuffix(".py").replace("/", ".")).main


@pytest.fixture
def help_of(monkeypatch, capsys):
    """What `python SCRIPT --help` prints on a terminal of 80 columns."""
    monkeypatch.setenv("COLUMNS", "80")

    def text(script):
        with pytest.raises(SystemExit) as end:
            main_of(script)(["--help"])
        assert end.value.code in (0, None)
        return capsys.readouterr().out

    return text


LINES = {"grade.py": 45}  # of its help; it has the most flags


@pytest.mark.parametrize("script", RUNS + OTHERS)
def test_help_fits_a_screen_and_its_examples_are_right(help_of, script):
    text = help_of(script)
    lines = text.splitlines()
    assert lines[0].startswith(f"usage: python {script}")
    assert max(map(len, lines)) <= 80 and len(lines) <= LINES.get(
        script, 60 if script in RUNS else 40
    )
    examples = re.findall(r"^  (python .*)$", text, re.M)
    assert 1 <= len(examples) <= 5
    flags = set(re.findall(r"--[a-z][a-z-]*", text.partition("examples:")[0].replace("[no-]", "")))
    for example in examples:
        assert example.startswith(f"python {script}")
        assert set(re.findall(r"--[a-z][a-z-]*", example)) <= flags, example


@pytest.mark.parametrize("script", RUNS)
def test_help_has_a_line_a_flag_with_its_default_once(help_of, script):
    config = importlib.import_module(script.replace("/run.py", ".config")).Config
    text = help_of(script).partition("\n\n")[2]  # without the usage
    for item in config.__dataclass_fields__.values():
        flag = "--" + item.name.replace("_", "-")
        if item.type is bool:
            flag = flag.replace("--", "--[no-]")
        (line,) = re.findall(rf"^  {re.escape(flag)} .*$", text.partition("examples:")[0], re.M)
        if item.default not in ("", True, False):
            assert line.count(f"[{item.default}]") == 1, line


@pytest.mark.parametrize(
    "script, words, message",
    [
        ("ae/run.py", "--epoch 3", r"unrecognized flag --epoch; did you mean --epochs\?"),
        ("vae/run.py", "--latentdim=3", r"--latentdim; did you mean --latent-dim\?"),
        ("ae/run.py", "--zzz", r"unrecognized flag --zzz; try --help"),
        ("reproduce.py", "--profil smoke", r"did you mean --profile\?"),
        ("grade.py", "x --out y --job 2", r"did you mean --jobs\?"),
        ("grade.py", "x", r"missing: --out"),
        ("grade.py", "x --out y --jobs two", r"--jobs must be a whole number, not 'two'"),
        ("grade.py", "x --out y --lang fr", r"--lang must be one of en, zh, not 'fr'"),
        ("vae/run.py", "--beta much", r"--beta must be a number, not 'much'"),
        ("ae/run.py", "--epochs", r"--epochs needs a value"),
        ("ae/run.py", "--resume=yes", r"--resume takes no value, so not 'yes'"),
        ("vae/figures.py", "a b", r"unrecognized arguments: b"),
        ("vae/figures.py", "a --sweep", r"two runs or more"),
        ("demo.py", "--quick", r"unrecognized flag --quick"),
    ],
)
def test_wrong_flags_are_a_sentence(script, words, message):
    with pytest.raises(UserError, match=message) as error:
        main_of(script)(words.split())
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "error, status, words",
    [
        (UserError("this was wrong"), 2, "error: this was wrong"),
        (RunError("it broke"), 1, "error: it broke"),
        (NotImplementedError("loss"), 1, "not written yet: loss"),
        (KeyboardInterrupt(), 130, "stopped"),
        (KeyboardInterrupt("go on so"), 130, "go on so"),
        (OSError(28, "No space left on device", "a.npz"), 1, "cannot write a.npz: No space left"),
        (OSError(30, "Read-only file system", "a.png"), 1, "cannot write a.png: Read-only"),
    ],
)
def test_status_and_one_line_for_each_kind_of_end(error, status, words, capsys):
    def main(argv):
        raise error

    assert cli.status(main, []) == status
    said = capsys.readouterr().err
    assert words in said and len(said.splitlines()) == 1


def test_mistakes_in_the_code_keep_their_traceback():
    def main(argv):
        raise ValueError("a bug")

    with pytest.raises(ValueError):
        cli.status(main, [])


def python(*words, **options):
    settings = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "cwd": ROOT}
    return subprocess.run([sys.executable, *words], **{**settings, **options}, timeout=100)


SCRIPT = f"import __main__; __main__.__file__ = {str(ROOT / 'ae' / 'run.py')!r}; "


def test_who_imports_the_project_keeps_his_own_settings():
    """In a notebook or a shell Ctrl-C has to give the prompt back, with all variables."""
    code = "import sys, warnings; a = sys.excepthook, list(warnings.filters); import common; "
    result = python("-c", code + "assert a == (sys.excepthook, list(warnings.filters))")
    assert result.returncode == 0, result.stderr


@pytest.mark.skipif(os.name != "posix", reason="sends itself a signal")
def test_ctrl_c_while_importing():
    code = "import common, os, signal, time; os.kill(os.getpid(), signal.SIGINT); time.sleep(9)"
    result = python("-c", SCRIPT + code)
    assert (result.returncode, result.stderr) == (130, "stopped\n")


def test_a_missing_package_is_named_with_what_to_do():
    code = "import common, sys; sys.modules['paddle'] = None; import paddle"
    result = python("-c", SCRIPT + code)
    assert result.returncode == 1
    assert "no paddle in" in result.stderr and "make setup" in result.stderr
    assert len(result.stderr.splitlines()) == 1
    other = python("-c", SCRIPT + "import common; import nunpy")
    assert "Traceback" in other.stderr  # a typing mistake is not a missing installation


PRINTS = "from common.cli import cli; cli(lambda argv: print('x' * 10))"


@pytest.mark.skipif(os.name != "posix", reason="pipes of POSIX")
def test_a_reader_that_has_gone():
    reader, writer = os.pipe()
    os.close(reader)
    result = python("-c", PRINTS, stdout=writer)
    os.close(writer)
    assert (result.returncode, result.stderr) == (141, "")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full here")
def test_an_output_that_is_full():
    with open("/dev/full", "w") as full:
        result = python("-c", PRINTS, stdout=full)
    assert result.returncode == 1
    assert result.stderr == "error: cannot write the output: No space left on device\n"


def test_a_run_says_nothing_on_stderr_and_has_no_colours(tmp_path):
    """With all warnings on, Paddle's own BatchNorm, and a path with spaces and Chinese letters."""
    out = tmp_path / "结果 und mehr"
    flags = "--dataset digits --epochs 1 --max-train 32 --max-test 16"
    environment = {**os.environ, "GENMODELS_FAST": "0", "PYTHONUTF8": "1"}
    command = ["-W", "default", "ae/run.py", *flags.split(), "--out", str(out)]
    result = python(*command, env=environment)
    assert (result.returncode, result.stderr) == (0, "")
    assert "\x1b" not in result.stdout and str(out) in result.stdout
    assert (out / "figures" / "tsne.png").is_file()


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_a_child_may_save_what_it_has_but_not_for_ever(tmp_path, monkeypatch):
    code = f"""
import signal, sys, time
def save(*_):
    time.sleep(0.3)
    sys.exit(open({str(tmp_path / "saved")!r}, "w").close())
signal.signal(signal.SIGINT, save)
print("ready", flush=True)
time.sleep(99)
"""
    child = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    child.stdout.readline()
    child.send_signal(signal.SIGINT)
    cli.stop(child)
    assert child.returncode == 0 and (tmp_path / "saved").exists()
    monkeypatch.setattr(cli, "PATIENCE", 0.1)
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(99)"])
    began = time.monotonic()
    cli.stop(child)
    assert child.returncode == -signal.SIGTERM and time.monotonic() - began < 50
