"""Numbers from blocks, and the table of them in Markdown."""

import time
from statistics import median

EMPTY = "–"


def of_blocks(result, scale=1.0):
    """What a side's blocks say, in seconds; every block counts by the median of its units.

    Returns:
        {"median", "low", "high"} over the blocks, and "cpu", "feed" (seconds a unit), "memory"
        (peak bytes), "first" (seconds from the start of the process to the first unit done).
    """
    blocks = result["blocks"]
    each = [median(block["times"]) * scale for block in blocks]
    return {
        "median": median(each),
        "low": min(each),
        "high": max(each),
        "cpu": median(block["cpu"] for block in blocks) * scale,
        "feed": median(block["feed"] for block in blocks) * scale,
        "memory": max(block["memory"] for block in blocks),
        "first": result["first"],
        "parameters": result["parameters"],
        "version": result["version"],
        "blocks": each,
    }


def ratio(ours, theirs):
    """Ours / theirs, block by block: {"median", "low", "high"}."""
    each = [a / b for a, b in zip(ours["blocks"], theirs["blocks"])]
    return {"median": median(each), "low": min(each), "high": max(each)}


def record(row, results):
    """One row of bench.json. Raises ValueError where the two networks are not the same size."""
    scales = {label: row.peer_scale if label in row.peers else row.scale for label in results}
    sides = {
        label: result if "failed" in result else of_blocks(result, scales[label])
        for label, result in results.items()
    }
    whole = {label: side for label, side in sides.items() if "failed" not in side}
    counts = {side["parameters"] for side in whole.values()}
    if len(counts) > 1:
        raise ValueError(f"{row.name}: the networks differ, {sorted(counts)} parameters")
    best = min((n for n in row.peers if n in whole), key=lambda n: whole[n]["median"], default=None)
    entry = {"name": row.name, "title": row.title, "unit": row.unit, "sides": sides, "best": best}
    entry |= {"must": row.must, "aim": row.aim}
    entry |= {"scale": row.scale, "peer_scale": row.peer_scale}
    if best and "ours" in whole:
        entry["ratio"] = ratio(whole["ours"], whole[best])
    return entry


def markdown(entries, with_torch):
    """The tables of a README: times with ratio and targets, then start, memory and feeding."""
    head = ["work", "ours", "Paddle untuned"]
    head += ["PyTorch, best", "ratio", "must", "aim"] if with_torch else []
    lines = lines_of(head, [_line(entry, with_torch) for entry in entries])
    training = [e for e in entries if e["name"].startswith("train-") and _ok(e, "ours")]
    if training:
        head = ["training", "import to first step", "peak memory", "feeding, share of the step"]
        lines += ["", *lines_of(head, [_resources(entry) for entry in training])]
    return "\n".join(lines) + "\n"


def keep_earlier(path):
    """Rename a file that is there, by its date, so that nothing is overwritten."""
    if path.exists():
        stamp = time.strftime("%Y-%m-%d-%H%M%S", time.localtime(path.stat().st_mtime))
        path.rename(path.with_name(f"{path.stem}-{stamp}{path.suffix}"))


def _line(entry, with_torch):
    ours = _time(entry, "ours") + (" (scaled)" if entry["scale"] != 1 else "")
    cells = [entry["title"], ours, _time(entry, "plain")]
    if not with_torch:
        return cells
    best = entry["best"]
    told = f"{_time(entry, best)}, {best}" if best else EMPTY
    if entry["peer_scale"] != 1:
        told += " (scaled)"
    quotient = EMPTY
    if "ratio" in entry:
        r = entry["ratio"]
        quotient = f"**{r['median']:.2g}** ({r['low']:.2g} to {r['high']:.2g})"
    return [*cells, told, quotient, *(_limit(entry[k]) for k in ("must", "aim"))]


def _resources(entry):
    """ours / PyTorch eager, side by side; of a row without it, PyTorch's best."""
    peer = "eager" if "eager" in entry["sides"] else entry["best"]
    sides = [entry["sides"][n] for n in ("ours", peer) if n and _ok(entry, n)]
    first = " / ".join(f"{side['first']:.1f}" for side in sides) + " s"
    memory = " / ".join(f"{side['memory'] / 2**20:.0f}" for side in sides) + " MiB"
    feed = " / ".join(f"{100 * side['feed'] / side['median']:.1f}" for side in sides) + " %"
    return [entry["title"].removesuffix(", training step"), first, memory, feed]


def _ok(entry, label):
    return "failed" not in entry["sides"].get(label, {"failed": ""})


def _time(entry, label):
    """123 ms, with half of its spread: 123 ± 4 ms."""
    if label is None or not _ok(entry, label):
        return EMPTY
    side, factor = entry["sides"][label], 1000 if entry["unit"] == "ms" else 1
    value, half = side["median"] * factor, (side["high"] - side["low"]) / 2 * factor
    digits = 0 if value >= 100 else 1 if value >= 10 else 2
    return f"{value:.{digits}f} ± {half:.{digits}f} {entry['unit']}"


def _limit(value):
    return EMPTY if value is None else f"≤ {value:g}"


def lines_of(head, rows):
    """Lines of a Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return ["| " + " | ".join(line) + " |" for line in lines]
