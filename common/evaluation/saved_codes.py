"""Codes of test images that a run leaves behind, so that runs of two modules can be compared."""

from dataclasses import dataclass
from pathlib import Path

from common import plotting, records
from common.errors import UserError
from common.evaluation import metrics
from common.training import checkpoint

NAME = "codes.npz"  # the file in a run folder
VALUES = 8_000_000  # numbers at most (32 MB): fewer images where a code is long


@dataclass
class Names:
    """What codes.npz says beside its arrays."""

    class_names: list[str]


def save(run, codes, labels, class_names):
    """Keep the codes of the first test images in the run folder.

    Args:
        run: Run. codes: [N, D] float32. labels: [N] int64. class_names: list of str.
    """
    count = min(metrics.MAPPED, VALUES // codes.shape[1])
    arrays = {"codes": codes[:count], "labels": labels[:count]}
    checkpoint.save(run.path / NAME, arrays, {"class_names": list(class_names)})


def load(folder):
    """(codes [N, D], labels [N], class names) of a run folder. Raises UserError."""
    path = Path(folder) / NAME
    if not path.is_file():
        raise UserError(f"{folder} has no {NAME}; draw its figures first (<module>/figures.py)")
    arrays, meta = checkpoint.load(path)
    names = records.read(Names, meta, path).class_names
    records.expect(arrays, {"codes": ("f", "ND"), "labels": ("i", "N")}, path)
    if len(arrays["labels"]) and not 0 <= arrays["labels"].min() <= arrays["labels"].max() < len(
        names
    ):
        raise records.damaged(path, "a label without a class")
    return arrays["codes"], arrays["labels"], names


def compare(folders, path, names=None, seed=0):
    """t-SNE of the codes of several runs, side by side (report 000: AE beside VAE).

    Only neighbourhoods mean something in it; sizes of clusters and distances between them do not.

    Args:
        folders: run folders with codes.npz. path: the PNG. names: a text for each run.
    """
    draws = [
        _map(*load(folder), name, seed)
        for folder, name in zip(folders, names or [Path(folder).name for folder in folders])
    ]
    plotting.panels(draws, path, width=5, height=4)


def _map(codes, labels, class_names, name, seed):
    points, perplexity = metrics.tsne(codes, seed)

    def draw(axes):
        plotting.scatter_on(axes, points, labels, class_names)
        settings = f"t-SNE, perplexity {perplexity:g}, seed {seed}"
        axes.set_title(f"{name}: {codes.shape[1]} numbers a code\n{settings}", fontsize=9)
        axes.set_xticks([])
        axes.set_yticks([])

    return draw
