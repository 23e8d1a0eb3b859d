"""Where the numbers of right runs lie: writes common/training/bands.json, which diagnose.py reads.

python -m tests.bench.bands                  trains every set anew, a quarter of an hour
python -m tests.bench.bands --only ae        one module (or vae-mnist); the other bands stay
python -m tests.bench.bands --check          new seeds: how often is a right run called wrong?
python -m tests.bench.bands --mistakes 3     answers of the bank, so many a TODO: are they named?
"""

import contextlib
import functools
import io
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from unittest import mock

import common  # noqa: F401 - sets the CPU up, so it comes before Paddle

# isort: split
import numpy as np
from tqdm import tqdm

import ae.run
import diffusion.instruments
import diffusion.run
import vae.run
from ae.config import Config as AutoEncoderConfig
from common.cli import Parser, cli
from common.errors import RunError
from common.files import write_json
from common.training import diagnosis
from common.training.run_folder import Run
from diffusion.config import Config as DiffusionConfig
from tests.grading import guide_pictures
from tests.grading.checks import TODOS
from tests.grading.wrong_answers.wrong import WRONG
from vae.config import Config as VaeConfig

BANDS = Path(diagnosis.__file__).with_name("bands.json")
MODULES = {
    "ae": (ae.run, AutoEncoderConfig),
    "vae": (vae.run, VaeConfig),
    "diffusion": (diffusion.run, DiffusionConfig),
}
FREE = {  # settings that do not move what is judged
    *("epochs", "seed", "device", "threads", "data_dir", "visualdl", "summary"),
    *("samples", "iwae", "iwae_images", "compare"),
}
SAMPLED = 3  # runs of a DDPM that also draw samples
LEAST = 0.1  # a band reaches so far beyond the runs at least, as a share
NOT_JUDGED = {"epoch", "seconds", "test_loss"}
AT_MOST, AT_LEAST, BETWEEN = "at most", "at least", "between"
# Numbers after the last epoch, and which side says that something is wrong. Those of one side only
# get better, so they are compared with longer runs, too.
END = {
    "ae": {
        "train_loss": AT_MOST,
        "test_mse": AT_MOST,
        "recon_mean": BETWEEN,
        "recon_std": BETWEEN,
    },
    "vae": {
        "train_loss": AT_MOST,
        "recon_accuracy": AT_LEAST,
        "recon_mean": BETWEEN,
        "white_share": BETWEEN,
        "conditional_accuracy": AT_LEAST,
    },
    "diffusion": {
        "train_loss": AT_MOST,
        "test_noise_mse": AT_MOST,
        "conditional_accuracy": AT_LEAST,
        "ancestral_accuracy": AT_LEAST,
    },
}


@dataclass(eq=False)
class Set:
    """Right runs of the same settings.

    Attributes:
        module: "ae", "vae" or "diffusion". settings: {field: value}, without the seed.
        seeds: how many runs. drawn: False leaves out what needs the classifier.
    """

    module: str
    settings: dict
    seeds: int = 20
    drawn: bool = True

    @property
    def name(self):
        """The module and its data set: ae-digits."""
        return f"{self.module}-{self.settings.get('dataset', 'mnist')}"

    def config(self, seed):
        """The module's Config; nothing is drawn that is not judged."""
        quick = {"samples": 100 if self.drawn else 0, "threads": 1}
        quick |= {"iwae": 0} if self.module == "vae" else {}
        return MODULES[self.module][1](**{**quick, **self.settings, "seed": seed})


GUIDE = {"network": "mlp", "image_size": 16, "channels": 1, "latent_dim": 8, "lr": 1e-3}
SETS = [
    Set("ae", {"dataset": "digits", "epochs": 1}, drawn=False),
    Set("vae", {"dataset": "digits", "image_size": 8, "channels": 1, "epochs": 5}),
    Set("vae", {"dataset": "digits", **GUIDE, "beta": 0.1, "epochs": 10}),
    Set("vae", {"dataset": "digits", **GUIDE, "network": "cvae", "beta": 0.05, "epochs": 5}),
    Set("diffusion", {"dataset": "digits", "epochs": 4}),
    Set("vae", {**vae.run.PRESETS["001-vae"], "batch_size": 128, "epochs": 2}, 3, False),
]
for _set in SETS:
    _set.settings.pop("help", None)


# --- one run -------------------------------------------------------------------------------------


def run(chosen, seed, sampled=True):
    """(settings, history, metrics) of a run of a set; RunError if it is stopped.

    sampled: False leaves out the samples of a DDPM, which take longer than its training.
    """
    module, _ = MODULES[chosen.module]
    config = chosen.config(seed)
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        stack.enter_context(mock.patch(f"{chosen.module}.figures.draw"))
        if not sampled and chosen.module == "diffusion":
            stack.enter_context(mock.patch("diffusion.evaluate.measure", _instruments))
        stack.enter_context(contextlib.redirect_stdout(io.StringIO()))
        stack.enter_context(contextlib.redirect_stderr(io.StringIO()))
        module.train(config, folder)
        done = Run.open(folder)
        return asdict(config), done.read_history(), done.read_metrics()


def _instruments(trained, *_):
    """In place of diffusion.evaluate.measure: what needs no samples."""
    return diffusion.instruments.measure(trained.model, trained.config, trained.data.test)


# --- bands ---------------------------------------------------------------------------------------


def band(values, side=BETWEEN):
    """[low, high] around the values of right runs, which are 0 or more; an end may be None.

    Beyond the runs it goes on for their range, and as much more as few runs may have missed.
    Losses are compared by their ratios, shares (AT_LEAST) by their differences.
    """
    low, high = min(values), max(values)
    more = 1 + 6 / len(values)
    if side == AT_LEAST:
        return [_short(low - max(more * (high - low), LEAST)), None]
    ratio = max((high / low) ** more if low > 0 else 1, 1 + LEAST)
    return [None if side == AT_MOST else _short(low / ratio), _short(high * ratio)]


def _short(value):
    return float(f"{value:.4g}")


def judged_epochs(count):
    """Epochs that have a band: all early ones, then fewer."""
    return sorted({*range(1, min(count, 5) + 1), *range(10, count + 1, 5), count})


def measured(chosen):
    """The entry of bands.json for a set, and the seconds that its runs took."""
    began = time.monotonic()
    runs = [run(chosen, seed, seed < SAMPLED) for seed in tqdm(range(chosen.seeds))]
    settings = {name: v for name, v in runs[0][0].items() if name not in FREE}
    epochs = chosen.config(0).epochs
    history = {
        name: {
            str(epoch): band([found[name][epoch - 1] for _, found, _ in runs])
            for epoch in judged_epochs(epochs)
        }
        for name in runs[0][1]
        if name not in NOT_JUDGED
    }
    end = {}
    for name, side in END[chosen.module].items():
        values = [{**{n: c[-1] for n, c in h.items()}, **m}.get(name) for _, h, m in runs]
        if known := [value for value in values if value is not None]:
            end[name] = band(known, side)
    about = {"module": chosen.module, "seeds": chosen.seeds, "epochs": epochs}
    seconds = time.monotonic() - began
    print(f"{chosen.module} {chosen.settings}: {chosen.seeds} runs, {seconds:.0f} s", flush=True)
    return {**about, "settings": settings, "history": history, "end": end}


# --- how well it works ---------------------------------------------------------------------------


def verdict(settings, history, metrics, module):
    """The dict of diagnosis.json for numbers that are in memory."""
    return diagnosis.Evidence(module, settings, history, metrics).report()


def check(chosen, first=1000, count=20):
    """How many of `count` right runs of seeds that no band has seen are called wrong."""
    wrong = 0
    for seed in range(first, first + count):
        found = verdict(*run(chosen, seed, seed < first + SAMPLED), chosen.module)
        wrong += found["verdict"] != "right"
        if found["verdict"] != "right":
            print(f"  seed {seed}: {found['sentence']}", found["outside"], flush=True)
    print(f"{chosen.module} {chosen.settings}: {wrong} of {count} called wrong", flush=True)


@functools.cache
def right(chosen):
    """The run of a set with the right answers, seed 0."""
    return run(chosen, 0, sampled=False)


def alike(one, other):
    """Whether two runs have the same numbers, times apart: the answer makes no difference."""
    pairs = [
        (value, theirs[name])
        for ours, theirs in zip(one[1:], other[1:])
        for name, value in ours.items()
        if isinstance(value, float | list) and not ("seconds" in name or name.startswith("ms_"))
    ]
    numbers = [pair for pair in pairs if np.asarray(pair[0]).dtype.kind == "f"]
    return all(np.allclose(*pair, rtol=0.01, atol=1e-4) for pair in numbers)


def mistaken(chosen, todo, name):
    """What is told of a run with a wrong answer: (TODO named, "" or None, sentence, seconds).

    None stands for an answer with which nothing is trained, or nothing else than with a right one.
    """
    began = time.monotonic()
    try:
        with guide_pictures.written(todo, name):
            numbers = run(chosen, 0, sampled=False)
        found = verdict(*numbers, chosen.module)
        told = found["todo"] or "", found["sentence"]
        if alike(right(chosen), numbers):
            told = None, "trains as with the right answer"
    except RunError as error:
        named = [t for t in guide_pictures.SHOWN if f"-k {t} " in f"{error} "]
        told = (named or [""])[0], str(error)
    except Exception as error:
        told = None, f"does not train: {type(error).__name__}"
    return (*told, time.monotonic() - began)


def spread(todo, count):
    """`count` wrong answers of a TODO, spread evenly over those of the bank."""
    names = [n for t, n in WRONG if t == todo]
    return [names[round(i * (len(names) - 1) / max(count - 1, 1))] for i in range(count)]


def mistakes(count, only):
    """Print a line for each of `count` wrong answers a TODO, and how many are named."""
    trained = named = 0
    for todo in TODOS:
        chosen = SETS[{"ae": 0, "vae": 2, "diffusion": 4}[todo.file.split("/")[0]]]
        for name in spread(todo.name, count) if chosen.name.startswith(only) else ():
            told, sentence, seconds = mistaken(chosen, todo.name, name)
            trained, named = trained + (told is not None), named + (told == todo.name)
            print(f"{todo.name} | {name} | {told} | {seconds:.0f} s | {sentence}", flush=True)
    print(f"{named} of {trained} that train something else are named")


def name_of(entry):
    """`Set.name` of an entry of bands.json."""
    return f"{entry['module']}-{entry['settings']['dataset']}"


def main(argv):
    """Make the bands, or see how well they work."""
    parser = Parser("-m tests.bench.bands", __doc__)
    parser.add_argument("--only", metavar="NAME", default="", help="ae, vae-mnist, ...")
    parser.add_argument("--check", action="store_true", help="train right answers of new seeds")
    parser.add_argument("--mistakes", metavar="N", type=int, help="train N wrong answers a TODO")
    options = parser.parse_args(argv)
    chosen, order = [s for s in SETS if s.name.startswith(options.only)], [s.name for s in SETS]
    if options.mistakes:
        mistakes(options.mistakes, options.only)
    elif options.check:
        for one in chosen:
            if one.settings.get("dataset") == "digits":
                check(one)
    else:
        made = [b for b in diagnosis.table("bands") if not name_of(b).startswith(options.only)]
        for one in chosen:
            made.append(measured(one))
            write_json(BANDS, sorted(made, key=lambda b: order.index(name_of(b))))


if __name__ == "__main__":
    cli(main)
