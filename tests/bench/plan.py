"""The rows of the table: what is measured, against what, and the ratio that it should reach."""

import sys
from dataclasses import dataclass

from tests.bench.sides import Side

VARIANTS = ("eager", "channels_last", "compile")
COMPILE_SECONDS = 40  # for torch.compile to the first unit; a second run finds its cache


@dataclass(frozen=True)
class Row:
    """One line of the table.

    Attributes:
        name: for BENCH_ONLY. title: for a reader. spec: of ours.py. peers: {label: spec} of
        theirs.py. plain: also measure ours with GENMODELS_FAST=0. seconds: of a block.
        scale, peer_scale: one unit of work times this is what the title says.
        low: in bfloat16, where this CPU has it. must, aim: ratio ours / PyTorch. unit: "ms" or
        "s", of the table.
    """

    name: str
    title: str
    spec: dict
    peers: dict
    must: float = None
    aim: float = None
    plain: bool = False
    low: bool = False
    seconds: float = 0.6
    scale: float = 1.0
    peer_scale: float = 1.0
    unit: str = "ms"

    def makers(self, torch, device):
        """{label: () -> Side} for `in_turns`. torch: PyTorch's Python or None."""

        def ours(environment=None):
            spec = {**self.spec, "device": device}
            return lambda: Side(sys.executable, "ours", spec, environment)

        def theirs(spec):
            slow = spec.get("variant") == "compile"
            limit = {"limit": COMPILE_SECONDS} if slow else {}
            return lambda: Side(torch, "theirs", {**spec, "device": device}, **limit)

        makers = {"ours": ours()}
        if torch:
            makers |= {label: theirs(spec) for label, spec in self.peers.items()}
        if self.plain and device == "cpu":
            makers["plain"] = ours({"GENMODELS_FAST": "0"})
        return makers


def _network(job, net, title, must, aim):
    spec = {"job": job, "net": net}
    peers = {variant: {**spec, "variant": variant} for variant in VARIANTS}
    return Row(f"{job}-{net}", title, spec, peers, must, aim, plain=True)


def _low(job, net, title, must=0.95, aim=0.8):
    """The same in bfloat16, against PyTorch's autocast."""
    spec = {"job": job, "net": net}
    ours = {**spec, "fields": {"precision": "bfloat16"}}
    peers = {"autocast": {**spec, "variant": "autocast"}}
    return Row(f"{job}-{net}-bfloat16", f"{title}, bfloat16", ours, peers, must, aim, low=True)


def _samples(name, title, count, settings, peer, scale, must=None, aim=None):
    """The preset's 1,000 images. peer: spec of the pipeline. scale: of its work, to the whole."""
    common = {"job": "samples", "net": "small", "count": count}
    return Row(
        name, title, {**common, "settings": settings}, {peer["label"]: {**common, **peer["spec"]}},
        must, aim, seconds=0, scale=1000 / count, peer_scale=scale, unit="s",
    )  # fmt: skip


def _same(name, title):
    spec = {"job": name, "net": "small"}
    return Row(name, title, spec, {"eager": spec}, seconds=0.3)


DDPM = {
    "label": "DDPMPipeline, 1000 steps",
    "spec": {"sampler": "ddpm", "steps": 5, "guidance": 1},
}
DDIM = {"label": "DDIMPipeline, 50 steps", "spec": {"sampler": "ddim", "steps": 5, "guidance": 2.0}}
SOLVER = {"sampler": "dpmpp_2m", "steps": 10, "guidance": 2.0}
EQUAL = {"sampler": "ddim", "steps": 50, "guidance": 2.0}

ROWS = (
    _network("train", "vae", "MLP VAE (001), batch 128, training step", 0.8, 0.6),
    _network("train", "cvae", "conv CVAE (004), batch 128, training step", 1.2, 0.9),
    _network("train", "ae", "AE (000), batch 64 of 3×64×64, training step", 2.0, 1.2),
    _network("train", "small", "`small` U-Net, batch 64, training step", 1.7, 1.2),
    _network("denoise", "small", "`small` U-Net, batch 64, one denoising evaluation", 1.2, 0.9),
    _network("train", "001-ddpm", "`001-ddpm` U-Net, batch 64, training step", 1.7, 1.2),
    _network("denoise", "001-ddpm", "`001-ddpm` U-Net, batch 64, one evaluation", 1.2, 0.9),
    _low("train", "cvae", "conv CVAE (004), training step"),
    _low("train", "ae", "AE (000), training step"),
    _low("train", "small", "`small` U-Net, training step"),
    _low("denoise", "small", "`small` U-Net, one denoising evaluation"),
    _samples(
        *("samples-solver", "1,000 samples of `small`, solver 10 steps, guidance 2"),
        *(100, SOLVER, DDPM, 1000 / 100 * 1000 / 5, 0.05, 0.02),
    ),
    _samples(
        *("samples-ddim", "1,000 samples of `small`, DDIM 50 steps, guidance 2"),
        *(50, EQUAL, DDIM, 1000 / 50 * 50 / 5),
    ),
    _same("ema", "EMA update, `small`"),
    _same("save", "checkpoint, `small`, written and flushed"),
)
