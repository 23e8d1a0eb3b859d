"""The scripts in a layer that behaves as Windows does (windows/sitecustomize.py says where)."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

LAYER = Path(__file__).with_name("windows")
COPIED = "ae vae diffusion common tests docs data".split()
NOT_COPIED = shutil.ignore_patterns("__pycache__", "results", "*.gz", "*ubyte*", "pictures")
DATA = "--dataset digits --max-train 64 --max-test 32 --epochs 1"
SMALL = "--image-size 8 --channels 1"
RUNS = {
    "ae": f"{DATA} {SMALL} --latent-dim 4",
    "vae": f"{DATA} {SMALL} --network mlp --latent-dim 3 --samples 0 --iwae 0",
    "diffusion": f"{DATA} --unet tiny --timesteps 20 --steps 3 --samples 10 --compare 0",
}
LAYER_HOLDS = """
import os, signal, sys

def refused(action):
    try:
        action()
    except OSError as error:
        return error.winerror or error.errno
    return 0

assert sys.platform == "win32" and os.name == "nt"
for module, names in (
    (os, ("fork", "sched_getaffinity", "confstr", "geteuid")),
    (signal, ("SIGKILL", "SIGHUP", "pthread_sigmask")),
):
    for name in names:
        assert not hasattr(module, name), name
for name in ("fcntl", "resource", "pwd"):
    try:
        __import__(name, globals())
    except ModuleNotFoundError:
        continue
    raise AssertionError(name)
with open("a", "w") as file:
    file.write("一")
    with open("b", "w"):
        pass
    assert refused(lambda: os.replace("b", "a")) == 32
    assert refused(lambda: os.unlink("a")) == 32
assert open("a", "rb").read() == "一".encode("gbk")
descriptor = os.open("a", os.O_RDONLY)
assert refused(lambda: os.fsync(descriptor)) == 9
os.close(descriptor)
assert refused(lambda: os.rename("b", "a")) == 183
assert refused(lambda: os.symlink("a", "c")) == 1314
assert refused(lambda: open("a:b", "w")) == refused(lambda: os.mkdir("con")) == 123
try:
    print("\\u2713")
except UnicodeEncodeError:
    print("拒绝")
"""


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    """A copy of the project in a folder with a space and Chinese in its name."""
    folder = tmp_path_factory.mktemp("home") / "课程 作业"
    folder.mkdir()
    for name in COPIED:
        shutil.copytree(ROOT / name, folder / name, ignore=NOT_COPIED)
    for path in ROOT.iterdir():
        if path.is_file():
            shutil.copy(path, folder)
    return folder


@pytest.fixture(scope="module")
def windows(tree):
    """Run a script of the copy there: (path, *arguments) -> what it printed; it must end well."""

    def run(*arguments):
        path = os.pathsep.join(filter(None, [str(LAYER), os.environ.get("PYTHONPATH")]))
        environment = {**os.environ, "PYTHONPATH": path, "WINDOWS_LAYER_ROOT": str(tree)}
        environment["GENMODELS_LANG"] = "zh"
        done = subprocess.run(
            [sys.executable, *map(str, arguments)], cwd=tree, env=environment, capture_output=True
        )
        printed = (done.stdout + done.stderr).decode("gbk")
        assert done.returncode == 0, printed
        return printed

    return run


def test_the_layer_behaves_as_windows(windows, tree):
    (tree / "layer.py").write_text(LAYER_HOLDS, encoding="utf-8")
    assert "拒绝" in windows("layer.py")


@pytest.mark.parametrize("module", RUNS)
def test_a_run_its_figures_and_its_export(windows, tree, module):
    out = tree / "结果 一" / module
    windows(f"{module}/run.py", *RUNS[module].split(), "--out", out)
    windows(f"{module}/run.py", "--resume", "--epochs", 2, "--out", out)
    before = {path.name for path in (out / "figures").iterdir()}
    assert {"config.json", "history.csv", "metrics.json"} <= {path.name for path in out.iterdir()}
    shutil.rmtree(out / "figures")
    windows(f"{module}/figures.py", out)
    assert {path.name for path in (out / "figures").iterdir()} == before
    assert "Paddle Inference" in windows(f"{module}/export.py", out)
    if module == "diffusion":
        windows("diffusion/sample.py", out, "--n", 4, "--out", tree / "样本.png")
        assert (tree / "样本.png").is_file()


@pytest.mark.slow
def test_the_demo_cut_short(windows, tree):
    program = f"import demo\nfor part in demo.PARTS:\n    part.flags = {RUNS!r}[part.module]\n"
    (tree / "short.py").write_text(program + "demo.cli(demo.main)\n", encoding="utf-8")
    windows("short.py")
    page = (tree / "results" / "demo" / "index.html").read_text(encoding="utf-8")
    pictures = re.findall(r'src="([^"]+\.png)"', page)
    assert pictures and all((tree / "results" / "demo" / name).is_file() for name in pictures)


def test_the_students_checks(windows):
    assert "1 passed" in windows("-m", "pytest", "-q", "tests/todo", "-k", "kl_div_loss")


def test_the_doctor_finds_nothing_wrong(windows):
    assert re.search("none found|没有发现", windows("-m", "common.doctor"))


def test_the_handout(windows, tree):
    windows("handout.py", "--out", tree.parent / "讲 义")
    text = next((tree.parent / "讲 义").rglob("vae/assignment.py")).read_text(encoding="utf-8")
    assert "NotImplementedError" in text


def test_the_grader(windows, tree):
    student = tree.parent / "作业" / "小明" / "vae"
    student.mkdir(parents=True)
    shutil.copy(tree / "vae" / "assignment.py", student)
    out = tree.parent / "成绩"
    flags = ("--only", "kl_div_loss", "--without-isolation")
    windows("grade.py", student.parent, "--out", out, *flags)
    assert re.search("^小明,.*,15,", (out / "gradebook.csv").read_text(encoding="utf-8-sig"), re.M)
