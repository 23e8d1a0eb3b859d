"""Where a number comes from: metrics.json, history.csv, config.json or the size of a file.

    Metric("002-z1", "recon_class_accuracy", 3)        entry 3 of a list in metrics.json
    Metric("004-mlp", "fid", part="standard_normal")   of a table in it
    Lowest("001-ddpm", "class_histogram")              the smallest entry of a list
    Epoch("001-vae", "train_loss", 10)                 a column of history.csv; -1: last epoch
    Seen("001-ddpm", "test_noise_mse", 60_000)         the same after so many images
    Ratio(Metric(...), Metric(...))                    seed by seed
    Setting("001-vae", "lr")                           of this run; of="report": of its preset
    Bytes("004-mlp")                                   of the parameters as float32
    Computed(("002-z1",), function, Quantity(...))     function(runs, seed), see evidence.Runs

A source reads one run: `read(runs, seed)`, seed 0 for the run that is shown, 1, 2, ... for those
that repeat it. `values.measure` puts the seeds together.
"""

from dataclasses import dataclass

from common.report.quantities import IN_UNIT_OF_RUN, QUANTITIES, RATIO, UNITS, Quantity
from common.report.text import Text

CODES = 2000  # test images whose codes are looked at, at most (latent_metrics.TEST)
COUNTS = {  # how many images a number is of: a key of metrics.json
    "conditional_accuracy": "samples",
    "class_histogram": "samples",
    "recon_accuracy": "test_images",
    "classifier_accuracy": "test_images",
    "knn_accuracy": "test_images",
    "fid": "fid_samples",
    "fid_1000": "samples",
    "sharpness": "samples",
    "diversity": "samples",
    "sure_share": "samples",
    "walk_one_change": "walks",
    "walk_smooth": "walks",
    "test_mse": "test_images",
    "test_mse_white": "test_images",
}


class Source:
    """What sources have in common. A subclass has a job and a key, or says otherwise."""

    @property
    def jobs(self):
        """Names of the runs that it reads."""
        return {self.job}

    def quantity(self, runs):
        """What it measures, with the unit of the run that it was measured in."""
        found = QUANTITIES.get(self.key, Quantity(Text(self.key, self.key)))
        unit = runs.metrics(self.job).get("unit")
        return (
            found._replace(unit=UNITS[unit])
            if self.key in IN_UNIT_OF_RUN and unit in UNITS
            else found
        )

    def error(self, runs):
        """(standard error over the images of one run or 0, number of images or 0)."""
        return 0.0, 0

    fixed = False  # of a given point of the training: None before it, the same ever after


@dataclass(frozen=True)
class Metric(Source):
    """A number of a run's metrics.json; `index` picks one of a list, `part` names a table."""

    job: str
    key: str
    index: int | None = None
    part: str = ""

    def _table(self, runs, seed=0):
        metrics = runs.metrics(self.job, seed)
        return metrics.get(self.part, {}) if self.part else metrics

    def read(self, runs, seed=0):
        """The number, or None if the run or the key is not there."""
        value = self._table(runs, seed).get(self.key)
        if isinstance(value, list):
            inside = self.index is not None and self.index < len(value)
            value = value[self.index] if inside else None
        return value

    def error(self, runs):
        """From `standard_error` beside the number, and the count beside it or of the run."""
        table, whole = self._table(runs), runs.metrics(self.job)
        count = COUNTS.get(self.key, "")
        n = table.get(count) or whole.get(count) or 0
        if self.key == "knn_accuracy":
            n = min(n, CODES)
        return table.get("standard_error", {}).get(self.key, 0.0), n


@dataclass(frozen=True)
class Lowest(Source):
    """The smallest entry of a list in metrics.json."""

    job: str
    key: str

    def read(self, runs, seed=0):
        """The number, or None if the run or the key is not there."""
        values = runs.metrics(self.job, seed).get(self.key)
        return min(values) if values else None

    def error(self, runs):
        """The count of a share."""
        return 0.0, runs.metrics(self.job).get(COUNTS.get(self.key, ""), 0)


@dataclass(frozen=True)
class Epoch(Source):
    """A column of history.csv after a number of epochs; -1 for the last."""

    job: str
    key: str
    epoch: int

    @property
    def fixed(self):
        return self.epoch > 0

    def read(self, runs, seed=0):
        """The number, or None if the run is not there or was shorter."""
        values = runs.history(self.job, seed).get(self.key, [])
        if self.epoch < 0:
            return values[-1] if values else None
        return values[self.epoch - 1] if len(values) >= self.epoch else None


@dataclass(frozen=True)
class Seen(Source):
    """A column of history.csv after a number of training images seen.

    Two runs with other batch sizes or epochs compare by it. The last epoch that ends at or before
    `images` is taken, so ours has never seen more than the reference.
    """

    job: str
    key: str
    images: int
    fixed = True

    def read(self, runs, seed=0):
        """The number, or None if the run is not there or saw fewer images."""
        values, size = runs.history(self.job, seed).get(self.key, []), runs.train_images(self.job)
        epochs = self.images // size if size else 0
        return values[epochs - 1] if 1 <= epochs <= len(values) else None


@dataclass(frozen=True)
class Ratio(Source):
    """One source divided by another, seed by seed."""

    top: Source
    bottom: Source

    @property
    def jobs(self):
        return self.top.jobs | self.bottom.jobs

    def quantity(self, runs):
        """ "FID halfway between codes / FID of reconstructions"; or "ratio of FID"."""
        both = self.top.quantity(runs), self.bottom.quantity(runs)
        timed, exact = any(one.timed for one in both), all(one.exact for one in both)
        ratio, (top, bottom) = RATIO._replace(timed=timed, exact=exact), (one.name for one in both)
        if top == bottom:
            return ratio._replace(name=Text(f"ratio of {top.en}", f"{top.zh}之比"))
        return ratio._replace(name=Text(*(f"{a} / {b}" for a, b in zip(top, bottom))))

    def read(self, runs, seed=0):
        """The quotient, or None if one of the two is not there."""
        top, bottom = self.top.read(runs, seed), self.bottom.read(runs, seed)
        return top / bottom if top is not None and bottom else None


@dataclass(frozen=True)
class Setting(Source):
    """A number of a run's settings.

    Attributes:
        job, field: of which run's Config. of: "config" of what is run here, "report" of the
        report's own preset.
    """

    job: str
    field: str
    of: str = "config"

    def quantity(self, runs):
        whose = {"config": Text("this run", "本次训练"), "report": Text("preset", "预设")}
        return Quantity(whose[self.of], exact=True)

    def read(self, runs, seed=0):
        """The number, or None if the run is not there."""
        found = runs.steps.get(self.job)
        return getattr(getattr(found, self.of), self.field) if found else None


@dataclass(frozen=True)
class Bytes(Source):
    """What the parameters of a run take as float32: four bytes each."""

    job: str
    key = "bytes"

    def read(self, runs, seed=0):
        """Bytes, or None if the run is not there."""
        parameters = runs.metrics(self.job, seed).get("parameters")
        return None if parameters is None else 4 * parameters


@dataclass(frozen=True)
class Computed(Source):
    """A number that a function works out: `how(runs, seed)` -> number or None.

    Attributes:
        of: names of the runs that it reads; () for what rests on no run. how: see above.
        what: the Quantity.
    """

    of: tuple
    how: object
    what: Quantity

    @property
    def jobs(self):
        return set(self.of)

    def quantity(self, runs):
        return self.what

    def read(self, runs, seed=0):
        """The number, or None."""
        return self.how(runs, seed)
