"""Each trick on and off, the floors of the machine, and how the cost grows with the work.

`measure` writes results/bench/scaling.json; `write` makes of it docs/performance.md and the plots
docs/pictures/bench-*.png, without measuring again.
"""

import json
import math
import sys

import jinja2

from common.compute import environment
from common.errors import RunError, UserError
from common.files import atomic_path, write_json, write_text
from common.runtime import ROOT
from tests.bench import grading, table
from tests.bench.plan import SOLVER
from tests.bench.sides import Side, in_turns, progress

NETS = {"vae": "MLP VAE", "cvae": "conv CVAE", "ae": "AE", "small": "`small` U-Net"}
TRICKS = {
    "mkl": "kernels of MKL that suit an AMD (`environment.py`)",
    "malloc": "freed memory is kept (`environment.py`)",
    "omp": "one OpenMP thread at the start (`environment.py`)",
    "threads": "a part of the batch for each core (`data_parallel.py`)",
    "onednn": "convolutions by oneDNN (`convolution.py`)",
    "Conv2D": "`FastConv2D`: oneDNN, cheap bias (`layers.py`)",
    "Conv2DTranspose": "`FastConv2DTranspose`",
    "MaxPool2D": "`FastMaxPool2D`: remembers the maxima",
    "GroupNorm": "`FastGroupNorm`: by BatchNorm, twice",
    "Silu": "`FastSilu`: by oneDNN (`activation.py`)",
    "Softmax": "`FastSoftmax`: likewise",
    "CrossEntropy": "cross entropy of pixels by oneDNN, in three passes (`activation.py`)",
    "Linear": "`FastLinear`: product and bias by one kernel",
    "Adam": "`FastAdam`: all parameters by one kernel, on each core",
}
BATCHES = (16, 32, 64, 128, 256, 512)
SIZES = (16, 28, 40, 52, 64)
STEPS = (50, 100, 200, 400, 800)
COUNTS = (50, 100, 200, 400)
SUBMISSIONS = (10, 30, 100, 300)


def measure(out, where, device, rounds=3):
    """Measure all, a line on the terminal for each result; writes scaling.json below `out`."""
    parts = {"tricks": tricks, "floors": floors, "growth": growth}
    results = {"where": where}
    for name, part in parts.items():
        results[name] = part(device, rounds)
    out.mkdir(parents=True, exist_ok=True)
    table.keep_earlier(out / "scaling.json")
    write_json(out / "scaling.json", results)


def tricks(device, rounds):
    """{net: {trick or "on" or "off": of_blocks}}: a training step with a trick switched off."""
    results = {}
    for net in NETS:
        spec = {"job": "train", "net": net, "device": device}
        switches = {"on": "1", "off": "0", **{name: f"-{name}" for name in TRICKS}}
        makers = {name: _maker(spec, switch) for name, switch in switches.items()}
        measured = in_turns(makers, rounds, 0.5, 2, warm=0.5)
        failed = {name: r["failed"] for name, r in measured.items() if "failed" in r}
        if failed:
            raise RunError(f"{net} without {', '.join(failed)}: {next(iter(failed.values()))}")
        results[net] = {name: table.of_blocks(result) for name, result in measured.items()}
        for name, side in results[net].items():
            print(f"{net} {name}: {1000 * side['median']:.4g} ms", flush=True)
    return results


def _maker(spec, switch):
    return lambda: Side(sys.executable, "ours", spec, {environment.SWITCH: switch})


def floors(device, rounds):
    """{net: {"operations", "bytes", "gemm", "copy"}} of a forward pass and of the machine."""
    return {net: _facts({"job": "floors", "net": net, "device": "cpu"}) for net in NETS}


def _facts(spec):
    side = Side(sys.executable, "ours", spec)
    side.close()
    return side.facts


def growth(device, rounds):
    """{quantity: {curve: [[x, seconds], ...]}}; seconds per 1,000 images, per image or in all."""

    def train(net, count, **fields):
        spec = {"job": "train", "net": net, "device": device, "fields": fields}
        return 1000 / count * _seconds(spec, rounds)

    def draw(count, fields, **settings):
        spec = {"job": "samples", "net": "small", "count": count, "device": device}
        return _seconds({**spec, "fields": fields, "settings": settings}, rounds, 0)

    usual = {"vae": 128, "cvae": 128, "ae": 64, "small": 64}
    cores = sorted({1, 2, environment.threads()} & set(range(1, environment.threads() + 1)))
    return {
        "threads": _curves(NETS, cores, lambda net, n: train(net, usual[net], threads=n)),
        "batch": _curves(NETS, BATCHES, lambda net, n: train(net, n, batch_size=n)),
        "size": _curves(["small"], SIZES, lambda net, n: train(net, 64, image_size=n)),
        "T": _curves(
            ["a step of training", "a sample, all T steps"],
            STEPS,
            lambda kind, n: (
                train("small", 64, timesteps=n, steps=10) / 1000
                if "training" in kind
                else draw(20, {"timesteps": n}, sampler="ddpm", steps=n, guidance=1.0) / 20
            ),
        ),
        "samples": _curves(["small"], COUNTS, lambda net, n: draw(n, {}, **SOLVER)),
        "submissions": _curves(
            ["grade.py"], SUBMISSIONS, lambda _, n: grading.measure(n)["seconds"]
        ),
    }


def _curves(names, values, measured):
    curves = {}
    for name in names:
        curves[name] = []
        for value in values:
            progress(f"{name} {value}")
            curves[name].append([value, measured(name, value)])
            print(f"{name} {value}: {curves[name][-1][1]:.4g} s", flush=True)
    return curves


def _seconds(spec, rounds, seconds=0.5):
    """Median seconds of a unit of work of our side, alone."""
    maker = {"ours": lambda: Side(sys.executable, "ours", spec)}
    result = in_turns(maker, rounds, seconds, warm=seconds)
    if "failed" in result["ours"]:
        raise RunError(f"{spec}: {result['ours']['failed']}")
    return table.of_blocks(result["ours"])["median"]


def exponent(points):
    """p of seconds ~ x ** p between the first and the last point: 1 is linear."""
    (x0, y0), (x1, y1) = points[0], points[-1]
    return math.log(y1 / y0) / math.log(x1 / x0)


# --- the page ------------------------------------------------------------------------------------


def write(out, docs):
    """docs/performance.md and its pictures from scaling.json, and table.md if there is one."""
    try:
        results = json.loads((out / "scaling.json").read_text("utf-8"))
    except OSError:
        raise UserError(f"no {out / 'scaling.json'}; measure with --scaling first") from None
    side_by_side = out / "table.md"
    text = _page(results, side_by_side.read_text("utf-8") if side_by_side.is_file() else "")
    pictures = docs / "pictures"
    pictures.mkdir(parents=True, exist_ok=True)
    paths = [pictures / "bench-training.png", pictures / "bench-sampling.png"]
    for path, panels in zip(paths, PANELS):
        _plot(path, results["growth"], panels)
    write_text(docs / "performance.md", text)
    return [docs / "performance.md", *paths]


def _page(results, side_by_side):
    template = (ROOT / "tests" / "bench" / "performance.md.jinja").read_text("utf-8")
    growth = results["growth"]
    facts = next(iter(results["floors"].values()))
    return jinja2.Template(template, keep_trailing_newline=True).render(
        where=results["where"],
        side_by_side=side_by_side.strip(),
        tricks=_tricks_table(results["tricks"]),
        floors=_floors_table(results["floors"], results["tricks"]),
        gemm=facts["gemm"] / 1e9,
        copy=facts["copy"] / 1e9,
        size_exponent=exponent([[x * x, y] for x, y in growth["size"]["small"]]),
        t_exponent=exponent(growth["T"]["a sample, all T steps"]),
        samples_exponent=exponent(growth["samples"]["small"]),
        submissions_exponent=exponent(growth["submissions"]["grade.py"]),
    )


def _tricks_table(tricks):
    """A row a trick: how many times longer a step takes without it."""
    head = ["switch", "trick", *(f"{title}" for title in NETS.values())]
    names = {"on": "all on, ms a step", **TRICKS, "off": "all off"}
    lines = []
    for name, text in names.items():
        switch = {"on": "", "off": "`=0`"}.get(name, f"`=-{name}`")
        cells = []
        for net in NETS:
            on = tricks[net]["on"]
            if name == "on":
                cells.append(f"{1000 * on['median']:.3g}")
                continue
            r = table.ratio(tricks[net][name], on)
            sure = r["low"] > 1.03 or r["high"] < 0.97
            cells.append(f"× {r['median']:.2f}" if sure else "–")
        lines.append([switch, text, *cells])
    return "\n".join(table.lines_of(head, lines))


def _floors_table(floors, tricks):
    """Three times the operations of a forward pass, five times its bytes, against the step."""
    head = ["training step", "operations", "at the GEMM rate", "bytes", "at the copy rate"]
    lines = []
    for net, title in NETS.items():
        work, step = floors[net], tricks[net]["on"]["median"]
        operations, moved = 3 * work["operations"], 5 * work["bytes"]
        lines.append(
            [
                title,
                f"{operations / 1e9:.3g} GFLOP",
                f"{1000 * operations / work['gemm']:.3g} ms",
                f"{moved / 1e9:.3g} GB",
                f"{1000 * moved / work['copy']:.3g} ms",
                f"{1000 * step:.3g} ms",
                f"{step / (operations / work['gemm'] + moved / work['copy']):.2g}",
            ]
        )
    return "\n".join(table.lines_of([*head, "measured", "times the sum"], lines))


PANELS = (
    {
        "threads": ("CPU threads", "seconds per 1,000 images"),
        "batch": ("images a batch", "seconds per 1,000 images"),
        "size": ("height and width of an image", "seconds per 1,000 images"),
    },
    {
        "T": ("T, steps of the chain", "seconds per image"),
        "samples": ("images drawn", "seconds"),
        "submissions": ("submissions", "seconds"),
    },
)
SLOPE = {"size": 2, "T": 1, "samples": 1, "submissions": 1}  # of the dashed line, in log-log


def _plot(path, growth, panels):
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt
    from matplotlib.ticker import LogLocator

    figure, axes = plt.subplots(1, len(panels), figsize=(11, 3.4), layout="constrained")
    for ax, (name, (across, up)) in zip(axes, panels.items()):
        for curve, points in growth[name].items():
            ax.plot(*zip(*points), "o-", label=NETS.get(curve, curve).replace("`", ""))
        if name in SLOPE:
            x0, y0 = points[0]
            ends = [x0, points[-1][0]]
            line = [y0 * (x / x0) ** SLOPE[name] for x in ends]
            label = "linear in pixels" if name == "size" else "linear"
            ax.plot(ends, line, "--", color="grey", linewidth=1, label=label)
        ax.set(xlabel=across, ylabel=up, xscale="log", yscale="log")
        ticks = [x for x, _ in points]
        ax.set_xticks(ticks, [str(x) for x in ticks])
        ax.minorticks_off()
        ax.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        ax.yaxis.set_major_formatter("{x:g}")
        above = {"loc": "lower center", "bbox_to_anchor": (0.5, 1.0), "ncol": 2}
        ax.legend(fontsize=8, frameon=False, **above)
        ax.grid(alpha=0.3)
    with atomic_path(path) as temporary:
        figure.savefig(temporary, dpi=90)
    plt.close(figure)
