"""A number over the seeds of a run with its 95 % interval; differences of such numbers."""

import math
from dataclasses import dataclass
from functools import cache

from common.evaluation.metrics import Z975, wilson
from common.report.quantities import Quantity
from common.report.text import Text, term

SEEDS, ONE_RUN, NONE = "seeds", "one run", ""


@dataclass(frozen=True)
class Value:
    """A measured number.

    Attributes:
        label: whose it is ("VAE", "z = 5"). quantity: what it is. mean: None if there is none.
        error: standard error of the mean; 0 where nothing tells it. freedom: its degrees of
        freedom. low, high: ends of the 95 % interval, equal to the mean where there is none.
        n: what the interval rests on: seeds, or images of one run; 1 where there is none.
        basis: SEEDS (spread over the runs), ONE_RUN (its images: Wilson for shares, else standard
        error; how another training would differ is not in it) or NONE.
    """

    label: Text
    quantity: Quantity
    mean: float | None
    error: float = 0.0
    freedom: float = math.inf
    low: float | None = None
    high: float | None = None
    n: int = 1
    basis: str = NONE

    @property
    def shown(self):
        """Its number with the interval: "98.1 (97.5 to 98.7)"."""
        if self.mean is None:
            return Text("–", "–")
        middle = show(self.mean, self.quantity)
        if self.low == self.high:
            return middle
        low, high = show(self.low, self.quantity), show(self.high, self.quantity)
        return Text(f"{middle.en} ({low.en} to {high.en})", f"{middle.zh}（{low.zh}～{high.zh}）")

    @property
    def name(self):
        """Quantity and label: "−ELBO, z = 5"."""
        whose, what = self.label, self.quantity.name
        return Text(f"{what.en}, {whose.en}", f"{what.zh}，{whose.zh}") if whose.en else what


def show(number, quantity):
    """A number for a reader: percent where it is a share, else four significant digits.

    What is exact ends where its digits end: 0.0003.
    """
    if quantity.share:
        return percent(number)
    if float(number).is_integer() or abs(number) >= 1000:
        text = f"{number:,.0f}" if float(number).is_integer() else f"{number:,.1f}"
    else:
        text = f"{number:.4g}" if quantity.exact else f"{number:#.4g}"
    return Text(text.replace("-", "−"), text.replace("-", "−"))


def percent(share):
    """0.953 -> "95.3 %", in Chinese "95.3%"."""
    text = f"{100 * share:.3g}".replace("-", "−")
    return Text(f"{text} %", f"{text}%")


def measure(label, source, runs, quantity=None):
    """The Value of a source over all finished seeds of its runs."""
    found = [source.read(runs, seed) for seed in range(runs.count(source.jobs))]
    found = [float(number) for number in found if number is not None]
    label = term(label) if isinstance(label, str) else label
    value = (label, quantity or source.quantity(runs))
    if not found:
        return Value(*value, None)
    mean = sum(found) / len(found)
    if len(found) > 1:
        variance = sum((number - mean) ** 2 for number in found) / (len(found) - 1)
        error, freedom = math.sqrt(variance / len(found)), len(found) - 1
        half = student(freedom) * error
        low, high = mean - half, mean + half
        if value[1].share:
            low, high = max(0.0, low), min(1.0, high)
        return Value(*value, mean, error, freedom, low, high, len(found), SEEDS)
    error, n = source.error(runs)
    if value[1].share and n:
        low, high = wilson(mean, n)
        return Value(*value, mean, (high - low) / 2 / Z975, low=low, high=high, n=n, basis=ONE_RUN)
    half = Z975 * error
    basis = ONE_RUN if error else NONE
    return Value(*value, mean, error, low=mean - half, high=mean + half, n=n or 1, basis=basis)


@cache
def student(freedom):
    """The 97.5 % quantile of Student's t distribution."""
    from scipy.special import stdtrit  # slow to import

    return Z975 if math.isinf(freedom) else float(stdtrit(freedom, 0.975))


def contrast(*terms, constant=0.0):
    """The 95 % interval of a sum of independent values, each times a factor.

    Args:
        terms: (factor, Value) pairs. constant: added.

    Returns:
        (low, high), with Welch's degrees of freedom.
    """
    middle = constant + sum(factor * value.mean for factor, value in terms)
    parts = [((factor * value.error) ** 2, value.freedom) for factor, value in terms]
    variance = sum(part for part, _ in parts)
    below = sum(part**2 / freedom for part, freedom in parts)
    half = student(variance**2 / below if below else math.inf) * math.sqrt(variance)
    return middle - half, middle + half
