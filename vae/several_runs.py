"""Draw one figure of several VAE runs, from their folders; nothing is trained.

python vae/figures.py --sweep results/vae/002-z*    by latent size
python vae/figures.py --compare results/ae/digits results/vae/digits
"""

from pathlib import Path

from common import plotting
from common.cli import Parser
from common.errors import UserError
from common.evaluation import saved_codes
from common.files import write_rows
from common.training.config import load_config
from common.training.run_folder import Run
from vae.config import Config
from vae.figures import UNITS, panel


def sweep(paths, out):
    """Runs that differ in their latent dimension: curves together, parts against z, a table.

    Writes the picture and a .csv beside it. Raises UserError if the runs cannot be compared.
    """
    runs = [Run.open(path, "vae") for path in paths]
    found = [
        (load_config(Config, run), _complete(run), run.read_history("test_neg_elbo"))
        for run in runs
    ]
    found.sort(key=lambda item: item[0].latent_dim)
    for name in ("dataset", "likelihood", "network"):
        if len({getattr(config, name) for config, _, _ in found}) > 1:
            raise UserError(f"--sweep needs runs with the same --{name}")
    rows = [_row(config, numbers) for config, numbers, _ in found]
    table = Path(out).with_suffix(".csv")
    if table.exists() and not Path(out).exists():
        raise UserError(f"{table} is there already and would be replaced; choose another --out")
    write_rows(table, rows)
    unit = found[0][1].get("unit", "")
    draws = [_curves(found, unit), _parts(rows, unit)]
    if all("fid" in row for row in rows):
        draws.append(_quality(rows, unit))
    plotting.panels(draws, out, width=5, height=3.8)
    for row in rows:
        print("  ".join(f"{key} {value}" for key, value in row.items()))


def _complete(run):
    """The numbers of a run, with those that a sweep draws."""
    numbers = run.read_metrics()
    for name in ("test_recon", "test_kl", "test_neg_elbo"):
        if numbers.get(name) is None:
            raise UserError(f"{run.path / 'metrics.json'} has no {name}; finish it with --resume")
    return numbers


def _row(config, numbers):
    """A line of the table of a sweep."""
    names = ["test_recon", "test_kl", "test_neg_elbo", f"iwae_{config.iwae}", "active_units"]
    names += ["fid", "fid_floor", "conditional_accuracy"]
    values = {name: numbers[name] for name in names if name in numbers}
    row = {"latent_dim": config.latent_dim, "epochs": config.epochs, **values}
    return {k: round(v, 3) if isinstance(v, float) else v for k, v in row.items()}


def _curves(found, unit):
    series = {f"z = {config.latent_dim}": rows["test_neg_elbo"] for config, _, rows in found}
    return panel(series, "−ELBO of the test images", unit)


def _parts(rows, unit):
    z = [row["latent_dim"] for row in rows]

    def against_z(name):
        return z, [row[name] for row in rows]

    series = {
        "reconstruction": against_z("test_recon"),
        "KL": against_z("test_kl"),
        "−ELBO, their sum": against_z("test_neg_elbo"),
    }
    draw_lines = panel(series, "test images, after the last epoch", unit, "latent dimensions")

    def draw_on(axes):
        draw_lines(axes)
        axes.set_xscale("log")
        axes.set_xticks(z, [str(value) for value in z])
        axes.minorticks_off()
        axes.set_ylim(bottom=0)

    return draw_on


def _quality(rows, unit):
    """Whether what reconstructs better also generates better."""
    points = [(row["test_recon"], row["fid"]) for row in rows]

    def draw_on(axes):
        words = f"reconstruction, {UNITS.get(unit, unit)}", "FID of the samples"
        title = "quality of samples and of reconstructions"
        plotting.curves_on(axes, {"FID": tuple(zip(*points))}, *words, title)
        for row, point in zip(rows, points):
            place = {"xytext": (5, 5), "textcoords": "offset points", "fontsize": 9}
            axes.annotate(f"z = {row['latent_dim']}", point, **place)
        axes.margins(0.12)

    return draw_on


def main(argv):
    """Draw what the command line says, of runs that are finished."""
    parser = Parser("vae/figures.py", __doc__)
    parser.add_argument("run", metavar="RUN", nargs="+", help="folder of a finished run")
    several = parser.add_mutually_exclusive_group()
    several.add_argument("--sweep", action="store_true", help="loss and KL against latent size")
    several.add_argument("--compare", action="store_true", help="codes side by side; of AEs, too")
    parser.add_argument("--out", metavar="PNG", help="of several [sweep.png, compare.png]")
    options = parser.parse_args(argv)
    name = "sweep" if options.sweep else "compare"
    if len(options.run) < 2:
        raise UserError(f"--{name} needs two runs or more")
    draw_several = sweep if options.sweep else saved_codes.compare
    draw_several(options.run, options.out or Path(options.run[0]).parent / f"{name}.png")
