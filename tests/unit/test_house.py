"""The walls of the house: who imports whom, what a reader meets, what stays in its room."""

import ast
import inspect
import re
import subprocess
import sys

import pytest

from common import datasets
from common.training.trainer import Trainer
from tests.conftest import ROOT

MODULES = ("ae", "vae", "diffusion")
ROOMS = "assignment config task evaluate figures run export".split()
PRODUCT = [path for name in (*MODULES, "common") for path in sorted((ROOT / name).rglob("*.py"))]
PRIVATE = re.compile(r"_C_ops|_share_buffer_to|__class__ *=|RTLD_NOLOAD")
MOST_FILES = 30  # of the project that `import diffusion.run` loads


def imported(path):
    """(module, names) of each import in a file."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom):
            yield node.module, [alias.name for alias in node.names]
        elif isinstance(node, ast.Import):
            yield from ((alias.name, []) for alias in node.names)


@pytest.mark.parametrize("room", [*MODULES, "common"])
def test_modules_never_import_one_another_and_common_none_of_them(room):
    others = set(MODULES) - {room}
    for path in (ROOT / room).rglob("*.py"):
        assert not {name.split(".")[0] for name, _ in imported(path)} & others, path


@pytest.mark.parametrize("module", MODULES)
def test_every_module_has_the_same_rooms(module):
    files = {path.stem for path in (ROOT / module).glob("*.py")}
    assert set(ROOMS) <= files and {"models", "unet"} & files


def test_paddles_private_parts_stay_in_their_room():
    for path in PRODUCT:
        if "compute" not in path.parts:
            assert not PRIVATE.search(path.read_text("utf-8")), path


@pytest.mark.parametrize("module", MODULES)
def test_a_run_script_loads_what_training_needs_and_no_more(module):
    code = f"import sys, common, {module}.run; print(*sys.modules)"
    command = [sys.executable, "-c", code]
    loaded = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    ours = [n for n in loaded.split() if n.split(".")[0] in (*MODULES, "common")]
    assert len(ours) <= MOST_FILES - (module == "diffusion")
    assert not {"matplotlib", "common.plotting", "common.evaluation.classifier"} & set(ours)


def test_the_step_can_be_read():
    """Draw, losses, backward, optimizer step, average: in this order, in at most 20 lines."""
    text = inspect.getsource(Trainer.step).replace(inspect.getdoc(Trainer.step), "")
    marks = ["sample_inputs", "losses(", ".backward(", "optimizer.step()", "average.update("]
    places = [text.index(mark) for mark in marks]
    assert places == sorted(places)
    lines = ast.parse(inspect.getsource(Trainer.step).replace("\n    ", "\n").strip()).body[0].body
    assert lines[-1].end_lineno - lines[1].lineno < 20


def test_what_another_file_imports_has_a_docstring():
    wanted = {}
    for path in PRODUCT:
        for module, names in imported(path):
            wanted.setdefault(module, set()).update(names)
    for path in PRODUCT:
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        tree = ast.parse(path.read_text("utf-8"))
        for node in tree.body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name in wanted.get(
                module, ()
            ):
                assert ast.get_docstring(node), f"{module}.{node.name}"


SMALL = {"dataset": "digits", "image_size": 8, "channels": 1, "epochs": 1, "max_test": 0}
RUNS = {
    "ae": {**SMALL, "latent_dim": 4, "samples": 100},
    "vae": {**SMALL, "latent_dim": 2, "samples": 100, "iwae": 0, "network": "mlp"},
    "diffusion": {**SMALL, "samples": 10, "steps": 2, "timesteps": 10},
}


@pytest.mark.parametrize("module", MODULES)
def test_a_run_reads_its_data_once_and_builds_its_model_once(tmp_path, monkeypatch, module):
    """`train(config, out)` returns what metrics.json holds; nothing is loaded back from disk."""
    run, config = (__import__(f"{module}.{name}", fromlist=["x"]) for name in ("run", "config"))
    builder = __import__(
        f"{module}.{'unet' if module == 'diffusion' else 'models'}", fromlist=["x"]
    )
    calls = []

    def counted(place, name):
        real = getattr(place, name)
        monkeypatch.setattr(place, name, lambda *a, **k: calls.append(name) or real(*a, **k))

    counted(datasets, "load")
    counted(builder, "build")
    numbers = run.train(config.Config(**RUNS[module]), tmp_path / "run")
    assert sorted(calls) == ["build", "load"]
    assert numbers["parameters"] > 0 and (tmp_path / "run" / "metrics.json").is_file()
