"""Helpers of the grader's own tests: honest files, hostile files, their marks."""

import hashlib
from pathlib import Path

from tests.grading import marking, notebooks
from tests.grading import submission as submissions
from tests.grading.call import Limits

ROOT = Path(__file__).resolve().parents[3]
QUICK = Limits(cpu=1, idle=1, wall=60)
HONEST = {f"{m}.py": (ROOT / m / "assignment.py").read_text() for m in ("ae", "vae", "diffusion")}
KL = """
import paddle
def kl_div_loss(mu, logvar):
    return (-0.5 * (1 + logvar - mu**2 - paddle.exp(logvar))).sum(axis=1).mean()
"""


def hand_in(folder, **files):
    """A flat submission: hand_in(folder, vae="text") writes folder/vae.py."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        data = text if isinstance(text, bytes) else text.encode()
        (folder / f"{name}.py").write_bytes(data)
    return folder


def mark(worker, folder, names, seed=0, lang="en"):
    """todo -> marks of a submission."""
    (found,) = submissions.collect([folder])
    submissions.read(found)
    places = {f.text: f.places for f in found.files.values() if f.places}
    asked = notebooks.InCells(worker, places)
    return marking.Marker(asked, seed, lang).todos(found, names)


def digests(*paths):
    """Path -> SHA-256 of every file below the paths."""
    files = [f for p in paths for f in ([p] if p.is_file() else sorted(p.rglob("*")))]
    return {f: hashlib.sha256(f.read_bytes()).hexdigest() for f in files if f.is_file()}
