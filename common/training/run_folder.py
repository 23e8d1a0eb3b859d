"""A run folder: what a training run writes and what its figures are drawn from."""

import csv
import dataclasses
import math
import sys
from dataclasses import dataclass, field
from pathlib import Path

from common import cli, compute, records
from common.compute import distributed
from common.errors import UserError
from common.files import Lock, write_json, write_rows
from common.language import say

OWN_FILES = (
    *("config.json", "history.csv", "metrics.json", "model.pdparams", "checkpoint.npz"),
    "diagnosis.json",
    *("codes.npz", "prior.npz", "study.json", "study.npz", "ancestral.npz"),
    "visualdl/vdlrecords.run.log",
    *("export/decoder.json", "export/decoder.pdiparams", "export/about.json"),
    *("export/denoiser.json", "export/denoiser.pdiparams"),
    *("export/decoder.pdmodel", "export/denoiser.pdmodel"),  # as Paddle 2.6 writes them
)
LOCK = ".lock"  # held while a process trains here; the file itself means nothing


@dataclass
class Record:
    """What config.json has to hold; more may stand in it."""

    module: str
    config: dict
    preset: str = ""
    class_names: list[str] | None = None
    data: dict | None = None  # of `Data.fingerprint`


@dataclass
class Metrics:
    """What metrics.json may hold that the project reads again; more may stand in it."""

    seconds: float | None = None
    parameters: int | None = None
    test_mse: float | None = None
    test_recon: float | None = None
    test_kl: float | None = None
    test_neg_elbo: float | None = None
    test_noise_mse: float | None = None
    conditional_accuracy: float | None = None
    ancestral_accuracy: float | None = None
    fid: float | None = None
    fid_floor: float | None = None
    iwae_1: float | None = None
    active_units: int | None = None
    kl_per_dimension: list[float] | None = None
    class_histogram: list[float] | None = None
    class_names: list[str] | None = None
    standard_normal: dict | None = None
    unit: str = field(default="")


class Run:
    """The files of one run.

    Attributes:
        path: the folder.
        module: "ae", "vae" or "diffusion".
        resuming: True if an earlier run goes on here.
        preset: name of the preset, or "". precision: name of its number format.
    """

    def __init__(self, path, module, resuming=False, overwrite=False):
        self.path = Path(path)
        self.module = module
        self.resuming = resuming
        self.overwrite = overwrite
        self.preset, self.precision = "", "float32"
        self.lock = Lock(self.path / LOCK)

    @classmethod
    def choose(cls, path, module, resume=False, overwrite=False):
        """Apply the rules for output folders; nothing is written.

        Raises:
            UserError: the folder is not empty (and neither flag is given), is not a folder, or
                holds nothing to resume.
        """
        path = Path(path)
        if resume and overwrite:
            raise UserError("--resume and --overwrite exclude each other; give one of them")
        if path.exists() and not path.is_dir():
            raise UserError(f"--out {path} is a file, not a folder")
        if resume:
            if not (path / "config.json").is_file():
                raise UserError(f"nothing to resume in {path}: it has no config.json")
            run = cls.open(path, module)
            run.resuming = True
            run.nothing_trained()
            return run
        if _holds_something(path) and not overwrite:
            raise UserError(
                f"{path} is not empty; --resume goes on with the run in it, --overwrite replaces "
                "it, or choose another --out"
            )
        return cls(path, module, overwrite=overwrite)

    @classmethod
    def open(cls, path, module=None):
        """An existing run folder. Raises UserError if it is none, or one of another module."""
        run = cls(path, module)
        if not (run.path / "config.json").is_file():
            raise UserError(f"{path} is not a run folder: it has no config.json")
        found = run.read_config().get("module")
        if module is not None and found != module:
            raise UserError(f"{path} holds a run of '{found}', not of '{module}'")
        run.module = found
        return run

    @classmethod
    def at(cls, out, module, overwrite=False):
        """The Run of a training's `out`: a folder under the rules of `choose`, or a Run already."""
        return out if isinstance(out, cls) else cls.choose(out, module, overwrite=overwrite)

    def begin(self, config, data):
        """Create the folder and write config.json (all settings, class names, versions, commit).

        Whatever a run that resumes reads has to be read before. Of several processes only the first
        writes, once all have come so far. Raises UserError if the folder cannot be written to,
        another process trains in it, or the data are others than before.
        """
        from common import runtime  # imports Paddle; figures of a run need only this file

        # BEGIN TEACHER
        if config.visualdl:
            from common.training import visualdl

            visualdl.check()
        # END TEACHER
        fingerprint = data.fingerprint()
        if self.resuming:
            self.check_same(fingerprint, config.dataset)
        distributed.start_barrier()
        if not distributed.is_main():
            return
        self._take()
        if self.overwrite:
            self._remove_own_files()
        for leftover in self.path.glob(".[0-9]*-*"):  # of a run that was killed while writing
            leftover.unlink()
        record = {
            "module": self.module,
            "preset": self.preset,
            "config": dataclasses.asdict(config),
            "class_names": list(data.class_names),
            "data": fingerprint,
            "command": cli.shell_line("python", *sys.argv),
            "versions": runtime.versions(),
            "device": runtime.device_in_use(),
            "commit": runtime.commit(),
            "cpu": compute.settings(),
            "fast": compute.in_force(),
            "precision": self.precision,
        }
        write_json(self.path / "config.json", record)

    def _take(self):
        """Make the folder, and let no other process train in it while this one does."""
        try:
            (self.path / "figures").mkdir(parents=True, exist_ok=True)
            free = self.lock.take()
        except OSError as error:
            raise UserError(f"cannot write to --out {self.path}: {error.strerror}") from None
        if not free:
            raise UserError(
                f"another process is training in {self.path}; wait for its end, or choose another "
                "--out"
            )
        if not (self.resuming or self.overwrite) and _holds_something(self.path):
            self.lock.release()
            raise UserError(f"another process has trained in {self.path}; choose another --out")

    def nothing_trained(self):
        """Whether a run stopped before its first checkpoint, so that nothing is lost by a start.

        Raises UserError if the checkpoint is gone, but something else is there that was trained.
        """
        if self.checkpoint.is_file():
            return False
        for path in (self.weights, self.path / "metrics.json", self.path / "history.csv"):
            if path.is_file():
                raise UserError(
                    f"{self.path} has no checkpoint.npz to go on from, but {path.name}, which a "
                    "new start would replace; restore the checkpoint, choose another --out, or "
                    "give --overwrite"
                )
        return True

    def check_same(self, found, dataset):
        """Raise UserError unless a data set is the one that the run was begun with.

        found: of `Data.fingerprint`, None for a set that is known by name and its checksums.
        """
        former = self.read_config().get("data")
        if former is None and found is None:
            return
        if not former or not found:
            raise UserError(
                f"{self.path} was begun by a version of this project that chose the test images of "
                "a folder otherwise; start a new run with another --out"
            )
        if why := _difference(former, found):
            raise UserError(
                f"{dataset} is not the data set that {self.path} was begun with: {why}. Name the "
                "right folder by --dataset with --resume, or start a new run with another --out"
            )

    def finish(self, config):
        """The run is over: judge it, and say where it is."""
        from common.training import diagnosis

        # BEGIN TEACHER
        if config.visualdl:
            from common.training import visualdl

            visualdl.finish(self, config)
        # END TEACHER
        print(diagnosis.conclude(self)["sentence"])
        self.lock.release()
        say(f"done: {self.path}")

    def _remove_own_files(self):
        """Remove what an earlier run wrote here, and nothing else that a user may keep here."""
        for name in OWN_FILES:
            (self.path / name).unlink(missing_ok=True)
        for file in (*self.path.glob("figures/*.png"), *self.path.glob("figures/*.json")):
            file.unlink()

    def figure(self, name):
        """Path of a figure, figures/<name>.png."""
        return self.path / "figures" / f"{name}.png"

    @property
    def checkpoint(self):
        return self.path / "checkpoint.npz"

    @property
    def weights(self):
        return self.path / "model.pdparams"

    def read_config(self):
        """The dict of config.json. Raises UserError if it is damaged."""
        return self.read_json("config.json", Record)

    def write_metrics(self, metrics):
        """Write metrics.json: a flat dict of numbers, strings and lists."""
        write_json(self.path / "metrics.json", metrics)

    def read_metrics(self):
        """The dict of metrics.json. Raises UserError if the run has not finished."""
        return self.read_json("metrics.json", Metrics)

    def read_json(self, name, kind):
        """The dict of a file that holds at least a record of this kind. Raises UserError."""
        path = self.path / name
        try:
            values = records.load_json(path)
        except OSError:
            raise UserError(f"{self.path} has no {name}; finish the run with --resume") from None
        records.checked(kind, values, path)
        return values

    def write_history(self, rows):
        """Write history.csv, one row per epoch."""
        write_rows(self.path / "history.csv", rows)

    def read_history(self, *needed):
        """{column: [float, ...]} of history.csv, one value an epoch.

        needed: columns that have to be there. Raises UserError if it is missing or damaged.
        """
        path = self.path / "history.csv"
        try:
            text = path.read_bytes().decode("utf-8")
            rows = list(csv.DictReader(text.splitlines()))
            found = {key: [float(row[key]) for row in rows if row[key]] for key in rows[0]}
            numbers = [number for column in found.values() for number in column]
            whole = text.endswith("\n") and all(None not in (*row, *row.values()) for row in rows)
            epochs = found["epoch"] == [*range(1, len(rows) + 1)]
            if not (whole and epochs and all(map(math.isfinite, numbers))):
                raise ValueError
            if any(len(found[name]) != len(rows) for name in needed):
                raise ValueError
        except FileNotFoundError:
            raise UserError(f"{self.path} has no history.csv; train first") from None
        except (OSError, ValueError, LookupError, TypeError, csv.Error):
            hint = f"--resume writes it anew: {self.way_on()}"
            raise records.damaged(path, "not a row of numbers for each epoch", hint) from None
        return found

    def way_on(self):
        """The command that goes on with this run, to be pasted."""
        return cli.shell_line(*cli.script(f"{self.module}/run.py"), "--resume", "--out", self.path)


def _difference(former, found):
    """How one fingerprint of a folder differs from another, in words; "" if it does not."""
    had, has = former.get("counts"), found["counts"]
    if not isinstance(had, dict):
        return "its classes are not known any more"
    for name in [*had, *has]:
        if had.get(name) != has.get(name):
            return f"class {name} had {had.get(name, 0)} images, now {has.get(name, 0)}"
    if list(had) != list(has):
        return "the classes are in another order"
    if former.get("names") != found["names"]:
        return "as many images in each class, but files of other names"
    if "content" in found and former.get("content") != found["content"]:
        return "files of the same names, but other pictures"
    return ""


def _holds_something(path):
    """Whether a folder has anything to lose; a run that stopped before its first epoch has not."""
    if not path.is_dir():
        return False
    names = {entry.name for entry in path.iterdir()} - {LOCK}
    if names == {"figures"} and not any((path / "figures").iterdir()):
        return False
    if names != {"config.json", "figures"} or any((path / "figures").iterdir()):
        return bool(names)
    try:
        Run.open(path)
    except UserError:
        return True
    return False
