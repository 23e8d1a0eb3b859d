"""Where a number comes from: metrics.json, history.csv, config.json or the size of a file."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Metric:
    """A number of a run's metrics.json; `index` picks one of a list, `part` names a table."""

    job: str
    key: str
    index: int | None = None
    part: str = ""

    def read(self, runs):
        """The number, or None if the run or the key is not there."""
        metrics = runs.metrics(self.job)
        value = (metrics.get(self.part, {}) if self.part else metrics).get(self.key)
        if isinstance(value, list):
            inside = self.index is not None and self.index < len(value)
            value = value[self.index] if inside else None
        return value

    def __str__(self):
        place = "" if self.index is None else f"[{self.index}]"
        part = f"{self.part}." if self.part else ""
        return f"{part}{self.key}{place} ({self.job})"


@dataclass(frozen=True)
class Lowest:
    """The smallest entry of a list in metrics.json."""

    job: str
    key: str

    def read(self, runs):
        """The number, or None if the run or the key is not there."""
        values = runs.metrics(self.job).get(self.key)
        return min(values) if values else None

    def __str__(self):
        return f"min {self.key} ({self.job})"


@dataclass(frozen=True)
class Epoch:
    """A column of history.csv after a number of epochs."""

    job: str
    column: str
    epoch: int

    def read(self, runs):
        """The number, or None if the run is not there or was shorter."""
        values = runs.history(self.job).get(self.column, [])
        return values[self.epoch - 1] if len(values) >= self.epoch else None

    def __str__(self):
        return f"{self.column}, epoch {self.epoch} ({self.job})"


@dataclass(frozen=True)
class Seen:
    """A column of history.csv after a number of training images seen.

    Two runs with other batch sizes or epochs compare by it. The last epoch that ends at or before
    `images` is taken, so ours has never seen more than the reference.
    """

    job: str
    column: str
    images: int

    def read(self, runs):
        """The number, or None if the run is not there or saw fewer images."""
        values, size = runs.history(self.job).get(self.column, []), runs.train_images(self.job)
        epochs = self.images // size if size else 0
        return values[epochs - 1] if 1 <= epochs <= len(values) else None

    def __str__(self):
        return f"{self.column} after {self.images:,} images ({self.job})"


@dataclass(frozen=True)
class Ratio:
    """One source divided by another."""

    top: object
    bottom: object

    @property
    def job(self):
        return self.top.job

    def read(self, runs):
        """The quotient, or None if one of the two is not there."""
        top, bottom = self.top.read(runs), self.bottom.read(runs)
        return top / bottom if top is not None and bottom else None

    def __str__(self):
        return f"{self.top} / {self.bottom}"


@dataclass(frozen=True)
class Bytes:
    """What the parameters of a run take as float32: four bytes each."""

    job: str

    def read(self, runs):
        """Bytes, or None if the run is not there."""
        parameters = runs.metrics(self.job).get("parameters")
        return None if parameters is None else 4 * parameters

    def __str__(self):
        return f"4 × parameters ({self.job})"


def jobs_of(source):
    """The names of the runs a source reads."""
    if isinstance(source, Ratio):
        return jobs_of(source.top) | jobs_of(source.bottom)
    return {source.job}
