"""A run folder: what a training run writes and what its figures are drawn from."""

import csv
import dataclasses
import json
import sys
from pathlib import Path

from common import compute
from common.compute import distributed
from common.errors import UserError
from common.files import write_json, write_rows

OWN_FILES = (
    *("config.json", "history.csv", "metrics.json", "model.pdparams", "checkpoint.npz"),
    *("codes.npz", "prior.npz", "study.json", "study.npz", "ancestral.npz"),
    "visualdl/vdlrecords.run.log",
    *("export/decoder.json", "export/decoder.pdiparams", "export/about.json"),
    *("export/denoiser.json", "export/denoiser.pdiparams"),
    *("export/decoder.pdmodel", "export/denoiser.pdmodel"),  # as Paddle 2.6 writes them
)


class Run:
    """The files of one run.

    Attributes:
        path: the folder.
        module: "ae", "vae" or "diffusion".
        resuming: True if an earlier run goes on here.
        preset: name of the preset, or "".
    """

    def __init__(self, path, module, resuming=False, overwrite=False):
        self.path = Path(path)
        self.module = module
        self.resuming = resuming
        self.overwrite = overwrite
        self.preset = ""

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

        Of several processes only the first does, once all have come so far. Raises UserError if
        the folder cannot be written to, or VisualDL is asked for and not installed.
        """
        from common import runtime  # imports Paddle; figures of a run need only this file

        if config.visualdl:
            from common.training import visualdl

            visualdl.check()
        distributed.start_barrier()
        if not distributed.is_main():
            return
        try:
            (self.path / "figures").mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UserError(f"cannot write to --out {self.path}: {error.strerror}") from None
        if self.overwrite:
            self._remove_own_files()
        for leftover in self.path.glob(".[0-9]*-*"):  # of a run that was killed while writing
            leftover.unlink()
        record = {
            "module": self.module,
            "preset": self.preset,
            "config": dataclasses.asdict(config),
            "class_names": list(data.class_names),
            "command": " ".join(["python", *sys.argv]),
            "versions": runtime.versions(),
            "device": runtime.device_in_use(),
            "commit": runtime.commit(),
            "cpu": compute.settings(),
            "fast": compute.in_force(),
        }
        write_json(self.path / "config.json", record)

    def finish(self, config):
        """The run is over: log it for VisualDL if that is wanted, and say where it is."""
        if config.visualdl:
            from common.training import visualdl

            visualdl.finish(self, config)
        print(f"done: {self.path}")

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
        """The record of config.json. Raises UserError if it is damaged."""
        return self._read_json("config.json")

    def write_metrics(self, metrics):
        """Write metrics.json: a flat dict of numbers, strings and lists."""
        write_json(self.path / "metrics.json", metrics)

    def read_metrics(self):
        """The dict of metrics.json. Raises UserError if the run has not finished."""
        return self._read_json("metrics.json")

    def _read_json(self, name):
        try:
            return json.loads((self.path / name).read_text(encoding="utf-8"))
        except OSError:
            raise UserError(f"{self.path} has no {name}; finish the run with --resume") from None
        except ValueError:
            raise UserError(f"{self.path / name} is damaged (not JSON)") from None

    def write_history(self, rows):
        """Write history.csv, a row an epoch."""
        write_rows(self.path / "history.csv", rows)

    def read_history(self):
        """{column: [float, ...]} of history.csv, one value an epoch."""
        try:
            with open(self.path / "history.csv", newline="", encoding="utf-8") as file:
                rows = list(csv.DictReader(file))
        except OSError:
            raise UserError(f"{self.path} has no history.csv; train first") from None
        return {key: [float(row[key]) for row in rows if row[key]] for key in rows[0]}


def _holds_something(path):
    """Whether a folder has anything to lose; a run that stopped before its first epoch has not."""
    if not path.is_dir():
        return False
    names = {entry.name for entry in path.iterdir()}
    if names != {"config.json", "figures"} or any((path / "figures").iterdir()):
        return bool(names)
    try:
        return "module" not in json.loads((path / "config.json").read_text(encoding="utf-8"))
    except ValueError:
        return True
