"""`make demo`: train every module on the embedded digits and put the results on one page."""

import subprocess
import sys
import time
from dataclasses import dataclass

from common import page
from common.errors import RunError
from common.runs import Run
from common.runtime import ROOT, cli

OUT = ROOT / "results" / "demo"


@dataclass
class Part:
    """One module's part of the demo: what is run, and the figures to show with their captions."""

    module: str
    title: str
    text: str
    flags: str
    figures: dict


PARTS = [
    Part(
        "ae",
        "Autoencoder",
        "The assignment's network, on digits enlarged to 3 × 64 × 64. Its code holds 8,192 "
        "numbers for 12,288 pixel values, so it hardly compresses and reconstructs nearly all.",
        "--dataset digits --epochs 10",
        {
            "reconstructions": "Test images, and what the model makes of them.",
            "loss": "Mean squared error per pixel by epoch.",
            "tsne": "The codes of the test images in two dimensions. t-SNE keeps neighbours; "
            "distances between clusters mean nothing.",
        },
    ),
]
WIDE = {"reconstructions"}


def train(part):
    """Run one module's script as a user would; its output goes to the terminal."""
    out = OUT / part.module
    command = [sys.executable, str(ROOT / part.module / "run.py"), *part.flags.split()]
    print(f"\n== {part.title}", flush=True)
    if subprocess.run([*command, "--out", str(out), "--overwrite"]).returncode:
        raise RunError(f"{part.module}/run.py failed; its message is above")
    return out


def describe(part, out):
    """What the template needs to know about one part."""
    sources = {name: f"{part.module}/figures/{name}.png" for name in part.figures}
    return {
        "module": part.module,
        "title": part.title,
        "text": part.text,
        "command": f"python {part.module}/run.py {part.flags}",
        "metrics": Run.open(out).read_metrics(),
        "figures": [
            {"source": sources[name], "caption": caption, "wide": name in WIDE}
            for name, caption in part.figures.items()
        ],
    }


def main(argv):
    """Train, then write results/demo/index.html."""
    start = time.monotonic()
    runs = [describe(part, train(part)) for part in PARTS]
    seconds = round(time.monotonic() - start)
    page.render("demo.html", OUT / "index.html", runs=runs, seconds=seconds, images=1797, test=355)
    print(f"\nOpen {OUT / 'index.html'}")


if __name__ == "__main__":
    cli(main)
