"""Train what the five reports trained, and put every figure, number and claim on one page.

python reproduce.py --profile smoke    embedded digits, minutes: all in order?
python reproduce.py --profile quick    real sets, 1 to 3 hours on two cores
python reproduce.py --profile full     the reports' own epochs, for a GPU

A run that is done is not repeated; after an interruption the same command goes on.
"""

from pathlib import Path

import common  # noqa: F401 - sets the CPU up, so it comes before Paddle

# isort: split
import ae.config
import diffusion.config
import vae.config
from common.cli import Parser, cli
from common.errors import RunError, UserError
from common.language import say
from common.report import evidence, page, plan, runner
from common.report.tables import reports
from common.runtime import set_device

MODULES = {
    config.__package__: (config.Config, config.PRESETS)
    for config in (ae.config, vae.config, diffusion.config)
}


def arguments(argv):
    """The options of the command line. Raises UserError."""
    parser = Parser("reproduce.py", __doc__)
    add = parser.add_argument
    add("--profile", choices=plan.PROFILES, required=True, help="how much is trained")
    add("--only", nargs="+", default=[], metavar="REPORT", help="000 ... 004 [all]")
    add("--dataset", default="", metavar="TEXT", help="instead of the reports' own sets")
    add("--out", default="results/report", metavar="DIR", help="[results/report]")
    add("--seed", type=int, metavar="N", help="[each preset's own]")
    add("--data-dir", metavar="DIR", help="folder of the sets [$GENMODELS_DATA, else data/]")
    add("--device", metavar="TEXT", help="auto, cpu, gpu or gpu:N [auto]")
    add("--plan", action="store_true", help="show what would be run, and stop")
    add("--page-only", action="store_true", help="train nothing, write the page of what is done")
    return parser.parse_args(argv)


def main(argv):
    """Plan, run, write the page; exit 1 if a run failed."""
    options = arguments(argv)
    out = Path(options.out)
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"cannot write to --out {out}: {error.strerror}") from None
    names = ("seed", "data_dir", "device")
    extra = {name: getattr(options, name) for name in names if getattr(options, name) is not None}
    set_device(extra.get("device", "auto"))
    steps = plan.make(MODULES, options.profile, out, options.only, options.dataset, extra)
    runner.show_plan(steps)
    if options.plan:
        return
    if not options.page_only:
        runner.execute(steps)
    chosen = [r for r in reports() if not options.only or r.number in (*options.only, "all")]
    page.write(out, options.profile, chosen, steps)
    say(f"\nOpen {(out / 'index.html').resolve()}")
    if evidence.failed(steps):
        raise RunError(f"{len(evidence.failed(steps))} of {len(steps)} runs failed; see the page")


if __name__ == "__main__":
    cli(main)
