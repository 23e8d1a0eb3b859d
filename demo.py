"""Train every module on the embedded digits and put the results on one page.

python demo.py     the same as make demo; four minutes on two cores
"""

import json
import subprocess
import sys
import time
from dataclasses import dataclass

from common import page
from common.cli import STOPPED, Parser, cli, stop
from common.errors import RunError
from common.language import say, translate
from common.runtime import ROOT
from common.training.run_folder import Run

OUT = ROOT / "results" / "demo"


@dataclass
class Number:
    """A number of metrics.json: its key, its name, and in words what it is and what is good.

    form: "percent", "number" or "seconds".
    """

    key: str
    form: str
    title: str
    meaning: str

    def shown(self, metrics):
        """The number of a run, with its unit. metrics: of metrics.json."""
        value = metrics[self.key]
        if self.form == "percent":
            return f"{100 * value:.1f} %"
        return f"{page.number(value)}{' s' if self.form == 'seconds' else ''}"


@dataclass
class Part:
    """One module's part of the demo: what is run and what the page shows of it.

    figures: name -> caption. more: the same of pictures that are folded. wide: names of those that
    take the page's whole width. numbers: Numbers.
    """

    module: str
    title: str
    text: str
    flags: str
    figures: dict
    more: dict
    wide: list
    numbers: list


def unnamed(part):
    """Names of the pictures that a part drew and the page has no words for."""
    drawn = {path.stem for path in (OUT / part.module / "figures").glob("*.png")}
    return sorted(drawn - {*part.figures, *part.more})


def _parts():
    """The parts, as they stand on the page."""
    texts = json.loads((page.TEMPLATES / "demo.json").read_text(encoding="utf-8"))
    known = {key: Number(key, *words) for key, words in texts["numbers"].items()}
    return [
        Part(**{**part, "numbers": [known[key] for key in part["numbers"]]})
        for part in texts["parts"]
    ]


PARTS = _parts()


def train(part):
    """Run one module's script as a user would; its output goes to the terminal."""
    out = OUT / part.module
    command = [sys.executable, str(ROOT / part.module / "run.py"), *part.flags.split()]
    print(f"\n== {translate(part.title)}", flush=True)
    process = subprocess.Popen([*command, "--out", str(out), "--overwrite"])
    try:
        status = process.wait()
    except KeyboardInterrupt:
        stop(process)
        status = STOPPED
    if status == STOPPED:
        raise KeyboardInterrupt("the demo is stopped; the same command starts it anew")
    if status:
        raise RunError(f"{part.module}/run.py failed; its message is above")
    return out


def main(argv):
    """Train, then write results/demo/index.html."""
    Parser("demo.py", __doc__).parse_args(argv)
    start = time.monotonic()
    runs = [(part, Run.open(train(part)).read_metrics()) for part in reversed(PARTS)]
    seconds = round(time.monotonic() - start)
    known = {"runs": runs[::-1], "seconds": seconds, "images": 1797, "test": 355}
    page.render("demo.html", OUT / "index.html", **known, unnamed=unnamed)
    say(f"\nOpen {OUT / 'index.html'}")


if __name__ == "__main__":
    cli(main)
