"""Random files, folders and flags: an answer or a sentence, never a traceback, nothing changed.

A short round of each always runs. `pytest -m fuzz` goes on for GENMODELS_FUZZ seconds a part (60),
from the seeds of GENMODELS_FUZZ_SEEDS ("0,1,2"). A failure names seed and round: they repeat it.
"""

import hashlib
import importlib
import io
import json
import os
import random
import shutil
import time
from contextlib import redirect_stderr, redirect_stdout
from functools import partial

import numpy as np
import pytest
from PIL import Image

from ae import evaluate, figures
from ae.config import Config
from ae.run import prepare, train
from common import datasets, idx_files
from common.errors import RunError, UserError
from common.evaluation import saved_codes
from common.training.config import RunConfig, load_config, parse
from common.training.run_folder import Run
from common.training.trainer import Trainer

ROUNDS = 60  # of each part that always runs
LONG = pytest.param(0, marks=pytest.mark.fuzz)
WEIRD = [None, True, -1, 0, 8.5, 10**9, 10**400, float("nan"), float("inf"), -1e308, "", "abc"]
WEIRD += ["\0", "ä" * 3000, [], [1], {}, {"a": 1}, [[[]]], "1e9", "../..", "\ud800"]
SMALL = {"latent_dim": 2, "image_size": 8, "channels": 1, "samples": 0, "max_train": 40}
CONFIG = Config(**SMALL, dataset="digits", max_test=20, batch_size=20, epochs=2, threads=1)


def rounds(long):
    """Generators of random numbers: a few, or as many as fit the time."""
    if long is None:
        yield from (random.Random(f"0/{number}") for number in range(ROUNDS))
        return
    for seed in os.environ.get("GENMODELS_FUZZ_SEEDS", "0,1,2").split(","):
        end, number = time.monotonic() + float(os.environ.get("GENMODELS_FUZZ", 60)) / 3, 0
        while time.monotonic() < end:
            yield random.Random(f"{seed}/{number}")
            number += 1


def parts(function):
    """A test that runs shortly always, and for long with -m fuzz."""
    return pytest.mark.parametrize("long", [None, LONG], ids=["short", "long"])(function)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A small run that is right in every part."""
    folder = tmp_path_factory.mktemp("fuzz") / "run"
    with redirect_stdout(io.StringIO()):
        train(CONFIG, folder)
    return folder


# ---------------------------------------------------------------- damages


def damage_bytes(rng, content):
    """A file cut, flipped, repeated, or replaced by noise."""
    content = bytearray(content)
    kind = rng.randrange(5)
    if kind == 0:
        return bytes(content[: rng.randrange(len(content) + 1)])
    if kind == 1:
        for _ in range(rng.choice([1, 1, 8])):
            content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
        return bytes(content)
    if kind == 2:
        return rng.randbytes(rng.randrange(300))
    if kind == 3:
        start = rng.randrange(len(content))
        return bytes(content[:start] + content[start // 2 :])
    return rng.choice([b"", b"\0" * 100, b"null", b"[]", b'{"a"', b"<html>", b"[" * 100000])


def damage_json(rng, value):
    """Something in a record is another thing, missing or new."""
    if isinstance(value, dict) and value and rng.random() < 0.9:
        key, kind = rng.choice(sorted(value)), rng.randrange(4)
        if kind == 0:
            return {k: v for k, v in value.items() if k != key}
        if kind == 1:
            return {**value, "new " + key: rng.choice(WEIRD)}
        return {**value, key: damage_json(rng, value[key])}
    if isinstance(value, list) and value and rng.random() < 0.6:
        index = rng.randrange(len(value))
        return [*value[:index], damage_json(rng, value[index]), *value[index + 1 :]]
    return rng.choice(WEIRD)


def damage_arrays(rng, path):
    """An array of an .npz is missing, another, or not finite; or its record is changed."""
    with np.load(path) as archive:
        arrays = {name: archive[name] for name in archive.files}
    name = rng.choice(sorted(arrays))
    if name == "__meta__" or rng.random() < 0.3:
        name = "__meta__"
        arrays[name] = np.array(json.dumps(damage_json(rng, json.loads(str(arrays[name])))))
    elif rng.random() < 0.2:
        del arrays[name]
    else:
        new = [np.zeros((2, 2), np.float32), np.array("text"), np.full((3,), np.nan)]
        new += [arrays[name].astype("f8"), arrays[name][None], np.array(3), np.zeros(0, np.float32)]
        arrays[rng.choice([name, name + "x"])] = rng.choice(new)
    np.savez(path, **arrays)


def damage(rng, folder):
    """Damage one file of a run; its name."""
    names = ["config.json", "history.csv", "metrics.json", "model.pdparams", "checkpoint.npz"]
    name = rng.choice([*names, "codes.npz"])
    path, deep = folder / name, rng.random() < 0.6
    if name.endswith(".json") and deep:
        value = damage_json(rng, json.loads(path.read_text(encoding="utf-8")))
        path.write_text(json.dumps(value), encoding="utf-8")
    elif name.endswith(".npz") and deep:
        damage_arrays(rng, path)
    elif name.endswith(".csv") and deep:
        rows = [line.split(",") for line in path.read_text(encoding="utf-8").splitlines()]
        row = rng.choice(rows)
        row[rng.randrange(len(row))] = rng.choice(["", "x", "nan", "1e999", '"', "\0", "-1", "3,4"])
        path.write_text("\n".join(map(",".join, rows)) + "\n", encoding="utf-8")
    else:
        path.write_bytes(damage_bytes(rng, path.read_bytes()))
    return name


def contents(folder):
    """{file: digest} below a folder."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def tried(*functions):
    """Call functions without arguments, each of which may refuse in a sentence or two."""
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        for function in functions:
            try:
                function()
            except (UserError, RunError) as error:
                assert len(str(error).splitlines()) <= 2 and len(str(error)) < 3000, error


# ---------------------------------------------------------------- what is read


def resume(folder):
    """All that `--resume` does before it writes and trains."""
    run = Run.choose(folder, "ae", resume=True)
    config = load_config(Config, run)
    task, data = prepare(config)
    Trainer(task, data, config, run)
    run.check_same(data.fingerprint(), config.dataset)


@parts
def test_damaged_run_folders(whole, tmp_path, long):
    folder = tmp_path / "run"
    for number, rng in enumerate(rounds(long)):
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(whole, folder)
        name = damage(rng, folder)
        before = contents(folder)
        run = Run(folder, "ae")
        history = partial(figures.loss_curve, run) if rng.random() < 0.1 else run.read_history
        load = partial(evaluate.load_trained, folder), partial(saved_codes.load, folder)
        try:
            tried(partial(resume, folder), *load, run.read_metrics, history)
        except Exception as error:
            raise AssertionError(f"{name}, round {number}: {error!r}") from error
        changed = {path for path, digest in contents(folder).items() if before.get(path) != digest}
        assert not [path for path in changed if not path.endswith("loss.png")], (name, number)


NAMES = ["a", "B", "猫", "$x$", "_none", "a b", "@eaDir", ".hidden", "caf\udce9", "%s", "x" * 200]
FILES = [
    "1.png",
    "2.PNG",
    "3.jpg",
    "4.jfif",
    "n.txt",
    "Thumbs.db",
    ".5.png",
    "6",
    "é.webp",
    "7.gif",
]


def random_file(rng, path):
    if rng.random() < 0.85 and not path.name.endswith((".txt", ".db")):
        mode, size = (
            rng.choice(["RGB", "L", "RGBA", "P", "1"]),
            (rng.randint(1, 30), rng.randint(1, 30)),
        )
        with open(path, "wb") as file:
            Image.effect_noise(size, 90).convert(mode).save(file, rng.choice(["PNG", "GIF"]))
    else:
        path.write_bytes(rng.randbytes(rng.randrange(50)))


@parts
def test_folders_of_images(tmp_path, long):
    for number, rng in enumerate(rounds(long)):
        root = tmp_path / f"set{number}"
        root.mkdir()
        for name in rng.sample(NAMES, rng.randint(0, 4)):
            folder = root / name / rng.choice(["", "", "deeper", "@eaDir"])
            folder.mkdir(parents=True)
            for file in rng.sample(FILES, rng.randint(0, len(FILES))):
                random_file(rng, folder / file)
        before = contents(root)

        def read(root=root, rng=rng):
            channels = rng.choice([1, 3])
            data = datasets.load(RunConfig(dataset=str(root), image_size=8, channels=channels))
            assert len(data.train) and len(data.test) and set(data.train.labels) <= set(range(9))
            json.dumps(data.fingerprint(), ensure_ascii=False).encode()
            "".join(data.class_names).encode()

        tried(read)
        assert contents(root) == before
        shutil.rmtree(root)


@parts
def test_idx_files(tmp_path, long):
    for rng in rounds(long):
        folder = tmp_path / "mnist"
        folder.mkdir(exist_ok=True)
        for name in idx_files.FILES:
            path = folder / rng.choice([name, name + ".gz", name.replace("-idx", ".idx")])
            start = rng.choice([b"", b"\0\0\x08\x03", b"\x1f\x8b", b"<html>"])
            path.write_bytes(start + rng.randbytes(rng.randrange(100)))
        with pytest.raises(UserError, match="damaged"):
            idx_files.read("mnist", tmp_path)
        shutil.rmtree(folder)


VALUES = [
    "",
    "0",
    "-1",
    "1e99",
    "nan",
    "abc",
    "8",
    "64",
    "--",
    "-",
    "猫",
    "10,",
    "0-9",
    "~",
    "1" * 400,
]


@parts
def test_flags(tmp_path, long):
    modules = {
        name: importlib.import_module(f"{name}.config") for name in ("ae", "vae", "diffusion")
    }
    for rng in rounds(long):
        name = rng.choice(sorted(modules))
        module = modules[name]
        flags = [f"--{f.replace('_', '-')}" for f in module.Config.__dataclass_fields__]
        flags += ["--preset", "--resume", "--overwrite", "--list-presets", "--nothing"]
        words = [
            w for _ in range(rng.randint(0, 4)) for w in (rng.choice(flags), rng.choice(VALUES))
        ]
        words = [word for word in words if rng.random() < 0.9]
        arguments = [*words, "--out", str(tmp_path / rng.choice(["a", "b c", "d/e"]))]
        tried(partial(parse, module.Config, module.PRESETS, arguments, name, "about"))
    assert not list(tmp_path.iterdir())
