"""Settings of a run: a dataclass whose every field is a command-line flag."""

import argparse
import dataclasses
import math
import os
import sys
from dataclasses import dataclass, field, fields
from pathlib import Path

from common import datasets, records
from common.cli import Parser
from common.errors import UserError
from common.language import say, translate
from common.training.run_folder import Run

DATA = ("dataset", "data_dir", "image_size", "channels", "max_train", "max_test")
MAY_CHANGE_ON_RESUME = {"epochs", "device", "threads", "data_dir", "visualdl", "summary"}
# `dataset` may, too: from one folder to another, whose pictures are compared (Run.begin)


def option(default, text, choices=None, low=None, high=None, was="", renamed=()):
    """A field with its help text and its limits (low and high are inclusive).

    was: the field's former name, which flags and saved configs may still use.
    renamed: (former value, value) pairs.
    """
    limits = {"help": text, "choices": choices, "low": low, "high": high}
    return field(default=default, metadata={**limits, "was": was, "renamed": dict(renamed)})


@dataclass
class RunConfig:
    """What every run has. A module's config adds its own fields and changes defaults."""

    dataset: str = option("mnist", "digits, mnist, fashion-mnist or a folder")
    data_dir: str = option("", "folder of the sets [$GENMODELS_DATA, else data/]")
    image_size: int = option(28, "height and width in pixels", low=4, high=512)
    channels: int = option(1, "1 grey, 3 colour", choices=(1, 3))
    epochs: int = option(10, "passes over the training images", low=1)
    batch_size: int = option(64, "images a step", low=1)
    lr: float = option(1e-3, "learning rate of Adam", low=1e-12, high=100.0)
    seed: int = option(0, "same seed, machine, threads: same bits on CPU", low=0, high=2**31 - 1)
    device: str = option("auto", "auto, cpu, gpu or gpu:N")
    threads: int = option(0, "CPU threads of a step; 0: all cores", low=0, high=256)
    max_train: int = option(0, "training images used; 0: all", low=0)
    max_test: int = option(0, "test images used; 0: all", low=0)
    amp: bool = option(False, "mixed precision, on a GPU")
    precision: str = option(
        "float32",
        "on a CPU: float32, bfloat16, auto",
        choices=("float32", "bfloat16", "auto"),
    )
    # BEGIN TEACHER
    visualdl: bool = option(False, "log to DIR/visualdl for VisualDL as well")
    # END TEACHER
    summary: bool = option(False, "print the model's layers and parameters, and stop")

    def __post_init__(self):
        """Former values become today's."""
        for item in fields(self):
            value = getattr(self, item.name)
            setattr(self, item.name, item.metadata["renamed"].get(value, value))

    def check(self):
        """Raise UserError if a value, or a combination of values, makes no sense."""
        for item in fields(self):
            _check_value(item, getattr(self, item.name))


def _flag(name):
    return "--" + name.replace("_", "-")


def _check_value(item, value):
    limits = item.metadata
    if isinstance(value, float) and not math.isfinite(value):
        raise UserError(f"{_flag(item.name)} must be a finite number, not {value}")
    if limits.get("choices") and value not in limits["choices"]:
        known = ", ".join(str(choice) for choice in limits["choices"])
        raise UserError(f"{_flag(item.name)} must be one of {known}, not {value!r}")
    low, high = limits.get("low"), limits.get("high")
    if low is not None and value < low:
        raise UserError(f"{_flag(item.name)} must be at least {low}, not {value}")
    if high is not None and value > high:
        raise UserError(f"{_flag(item.name)} must be at most {high}, not {value}")


def _parser(config_class, presets, module, text):
    """The flags, in groups: the run, its data, training, and what the module adds."""
    path = f"{module}/run.py"
    parser = Parser(
        path,
        text,
        usage=f"python {path} [--preset NAME] [--flag value ...]",
        argument_default=argparse.SUPPRESS,
        add_help=False,
    )
    run = parser.add_argument_group("run")
    run.add_argument("-h", "--help", action="help", help=argparse.SUPPRESS)
    run.add_argument("--preset", metavar="NAME", help="a named experiment; other flags override it")
    run.add_argument("--list-presets", action="store_true", help="print their names and stop")
    run.add_argument("--out", metavar="DIR", help=f"[results/{module}/<preset or data set>]")
    run.add_argument("--resume", action="store_true", help="go on from the last checkpoint in DIR")
    run.add_argument("--overwrite", action="store_true", help="replace an earlier run in DIR")
    data = parser.add_argument_group("data [the default]")
    training = parser.add_argument_group("training")
    own = parser.add_argument_group("this model")
    common = {item.name for item in fields(RunConfig)}
    for item in fields(config_class):
        group = data if item.name in DATA else training if item.name in common else own
        flags = [_flag(name) for name in (item.name, item.metadata["was"]) if name]
        group.add_argument(*flags, dest=item.name, **_argument(item))
    return parser


def _argument(item):
    """How a field is read from the command line, and its line of the help."""
    shown = {True: "yes", False: "no"}[item.default] if item.type is bool else str(item.default)
    text = translate(item.metadata["help"]) + (f" [{translate(shown)}]" if shown else "")
    argument = {"help": text.replace("%", "%%")}
    if item.type is bool:
        return {"action": argparse.BooleanOptionalAction, **argument}
    return {"type": item.type, "metavar": {int: "N", float: "X"}.get(item.type, "TEXT"), **argument}


def parse(config_class, presets, argv, module, description):
    """Turn command-line arguments into a checked config and an opened run folder.

    Args:
        config_class: subclass of RunConfig.
        presets: {name: {"help": text, field: value, ...}}.
        argv: arguments without the program's name.
        module: "ae", "vae" or "diffusion", for the default output folder.
        description: the script's docstring: what it does, then examples, for --help.

    Returns:
        (config, run), or (None, None) after --list-presets. Nothing is written yet: call
        `run.begin(config)` once the data have been read. Raises UserError.
    """
    given = vars(_parser(config_class, presets, module, description).parse_args(argv))
    if given.pop("list_presets", False):
        for name, preset in presets.items():
            print(f"{name:16} {translate(preset['help'])}")
        return None, None
    preset = given.pop("preset", "")
    if preset and preset not in presets:
        raise UserError(f"unknown preset '{preset}'; known: {', '.join(presets)}")
    out, resume = given.pop("out", None), given.pop("resume", False)
    overwrite = given.pop("overwrite", False)
    if "dataset" in given:
        given["dataset"] = _whole_path(given["dataset"])
    values = preset_values(presets, preset)
    config = config_class(**{**values, **given})
    name = preset or Path(config.dataset).name
    path = Path(os.path.expanduser(out)) if out else Path("results") / module / name
    # a summary writes nothing, so what is in the folder does not matter
    run = Run(path, module) if config.summary else Run.choose(path, module, resume, overwrite)
    if run.resuming:
        config = _merge_saved(config, run, {**values, **given})
        preset = preset or run.read_config().get("preset", "")
    config.check()
    run.preset = preset
    return config, run


def preset_values(presets, name):
    """{field: value} of a preset, without its line of help; {} for no name.

    `Config(**{**preset_values(PRESETS, "tiny"), "epochs": 14})` is `--preset tiny --epochs 14`.
    """
    return {key: value for key, value in presets.get(name, {}).items() if key != "help"}


def _whole_path(dataset):
    """A folder of images as an absolute path, so that its run can go on from anywhere."""
    path = Path(os.path.expanduser(dataset))
    is_folder = dataset not in datasets.NAMED and os.path.isdir(path)
    return os.path.abspath(path) if is_folder else dataset


def _merge_saved(config, run, given):
    """The saved settings of a run that goes on, with those that may change replaced.

    config: of the command line. given: names of the fields that were given there.
    """
    saved = load_config(type(config), run)
    may_change = set(MAY_CHANGE_ON_RESUME)
    if not {config.dataset, saved.dataset} & set(datasets.NAMED):
        may_change.add("dataset")
    for name in given:
        if name not in may_change and getattr(config, name) != getattr(saved, name):
            raise UserError(
                f"{_flag(name)} cannot change on --resume: {run.path} was started with "
                f"{getattr(saved, name)!r}; start a new run with another --out"
            )
    changed = {name: getattr(config, name) for name in given if name in may_change}
    return dataclasses.replace(saved, **changed)


def load_config(config_class, run):
    """The config that a run folder was made with; fields it does not know keep their default.

    Settings of a newer version are named on stderr. Raises UserError if a value is of another type
    or out of its range.
    """
    saved, values = dict(run.read_config()["config"]), {}
    for item in fields(config_class):
        for name in (item.metadata["was"], item.name):
            if name in saved:
                values[item.name] = saved.pop(name)
    path = run.path / "config.json"
    if saved:
        names = ", ".join(sorted(saved)[:5])
        say(f"{path}: settings that this version does not know: {names}", file=sys.stderr)
    config = records.read(config_class, values, path)
    try:
        config.check()
    except UserError as error:
        raise records.damaged(path, str(error)) from None
    return config
