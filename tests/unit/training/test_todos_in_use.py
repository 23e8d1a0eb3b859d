"""What a student writes is what trains and draws: no preset has a way round it."""

from contextlib import contextmanager
from unittest import mock

import pytest

import ae.run
import diffusion.run
import vae.run
from common import datasets
from common.runtime import seed_step
from common.training.config import preset_values
from diffusion import evaluate
from diffusion.pipeline import Pipeline
from diffusion.task import DiffusionTask
from tests.grading import guide_pictures
from tests.grading.checks import TODOS

MODULES = {"ae": ae.run, "vae": vae.run, "diffusion": diffusion.run}
SMALL = {"dataset": "digits", "max_train": 2, "max_test": 10, "batch_size": 2, "samples": 100}


class Reached(Exception):
    """The TODO that is put out of use here has been called."""


def raising(*arguments, **keywords):
    raise Reached


@contextmanager
def out_of_use(todo):
    """The project with an answer to a TODO that raises Reached."""
    answer = mock.patch.object(guide_pictures, "answer", lambda *_: raising)
    with answer, guide_pictures.written(todo, ""):
        yield


def config_of(module, preset):
    """A preset ("" for the defaults) with next to no data."""
    return module.Config(**{**preset_values(module.PRESETS, preset), **SMALL})


def cases():
    """Every preset beside every TODO that it teaches; the squared error is not in all VAEs."""
    for todo in TODOS:
        module = MODULES[todo.file.split("/")[0]]
        for preset in ("", *module.PRESETS):
            region = getattr(config_of(module, preset), "likelihood", "") == "region"
            if region or todo.name != "region_weighted_loss":
                name = f"{todo.name}-{preset or todo.file.split('/')[0]}"
                yield pytest.param(module, todo.name, preset, id=name)


def first_step(task, data):
    """The losses of the first batch."""
    x, y = next(datasets.feed(data.train, [0, 1], 2))
    seed_step(0, 0)
    task.before_step(0, 1)
    return task.losses(task.model, *task.sample_inputs(x, y))


@pytest.mark.parametrize(("module", "todo", "preset"), list(cases()))
def test_every_preset_runs_what_it_teaches(module, todo, preset, monkeypatch):
    """In the first step of the training; `remove_noise`, which draws, in the samples after it."""
    monkeypatch.setattr(DiffusionTask, "rehearse", lambda self: None)  # calls all three for nothing
    config = config_of(module, preset)
    with out_of_use(todo), pytest.raises(Reached):
        task, data = module.prepare(config)
        first_step(task, data)
        if todo == "remove_noise":
            evaluate.ancestral_samples(Pipeline(task.model, config))


def test_a_preset_runs_when_all_are_written():
    """What is above raises because of the answer alone."""
    losses = first_step(*vae.run.prepare(config_of(vae.run, "")))
    assert float(losses["loss"]) > 0


def test_what_is_not_written_is_told_before_the_training():
    for todo in ("add_noise", "remove_noise", "loss"):
        with out_of_use(todo), pytest.raises(Reached):
            diffusion.run.prepare(config_of(diffusion.run, "tiny"))
