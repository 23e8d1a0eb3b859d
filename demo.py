"""Train every module on the embedded digits and put the results on one page.

python demo.py     the same as make demo; four minutes on two cores
"""

import subprocess
import sys
import time
from dataclasses import dataclass

from common import page
from common.cli import STOPPED, Parser, cli, stop
from common.errors import RunError
from common.runtime import ROOT
from common.training.run_folder import Run

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
    Part(
        "vae",
        "Conditional variational autoencoder",
        "Told the class, it draws a digit of that class from noise: the same z in a column, one "
        "class a row. Trained with the region-weighted loss of the assignment, in which strokes "
        "weigh more than background.",
        "--dataset digits --image-size 16 --channels 1 --latent-dim 8 --beta 0.05 --lr 1e-3 "
        "--epochs 40",
        {
            "samples": "Generated digits, a row a class, a z a column.",
            "reconstructions": "Test images, and what the model makes of them.",
            "latents": "Where the test images lie in the latent space.",
            "loss": "Reconstruction, KL and their sum by epoch.",
        },
    ),
    Part(
        "diffusion",
        "Denoising diffusion",
        "A DDPM that was told the class during training turns noise into digits, step by step.",
        "--preset tiny --samples 300",
        {
            "samples": "Generated digits, a row a class.",
            "reverse": "From noise to a digit; the number is the steps done.",
            "forward": "The forward process: test images as noise is added.",
            "neighbours": "Is it copying? Samples, and the training images nearest to them.",
        },
    ),
]
WIDE = {"ae/reconstructions", "vae/reconstructions", "diffusion/reverse", "diffusion/forward"}


def train(part):
    """Run one module's script as a user would; its output goes to the terminal."""
    out = OUT / part.module
    command = [sys.executable, str(ROOT / part.module / "run.py"), *part.flags.split()]
    print(f"\n== {part.title}", flush=True)
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


def describe(part, out):
    """What the template needs to know about one part."""
    metrics = Run.open(out).read_metrics()
    sources = {name: f"{part.module}/figures/{name}.png" for name in part.figures}
    return {
        "module": part.module,
        "title": part.title,
        "text": part.text,
        "command": f"python {part.module}/run.py {part.flags}",
        "metrics": {k: v for k, v in metrics.items() if isinstance(v, (int, float))},
        "figures": [
            {"source": sources[name], "caption": caption, "wide": f"{part.module}/{name}" in WIDE}
            for name, caption in part.figures.items()
        ],
    }


def main(argv):
    """Train, then write results/demo/index.html."""
    Parser("demo.py", __doc__).parse_args(argv)
    start = time.monotonic()
    runs = [describe(part, train(part)) for part in PARTS]
    seconds = round(time.monotonic() - start)
    page.render("demo.html", OUT / "index.html", runs=runs, seconds=seconds, images=1797, test=355)
    print(f"\nOpen {OUT / 'index.html'}")


if __name__ == "__main__":
    cli(main)
