"""numbers.json: every verdict with its values, rule and runs (fields: docs/development.md).

Equal runs give equal files: no dates, and no measured times.
"""

from common.report.rules import join
from common.training.run_folder import Run

DIGITS = 6  # significant digits


def collect(profile, steps, verdicts, runs):
    """The dict of numbers.json.

    Args:
        profile: name. steps: [Step]. verdicts: [Verdict]. runs: Runs of the steps.
    """
    records = [Run.open(step.path).read_config() for step in steps if step.state == "done"]
    commits = sorted({record.get("commit") or "" for record in records} - {""})
    return {
        "profile": profile,
        "dataset": sorted({step.config.dataset for step in steps}),
        "seeds": runs.seeds,
        "commit": commits[0] if len(commits) == 1 else commits,
        "versions": records[0].get("versions", {}) if records else {},
        "rows": [row(verdict, runs) for verdict in verdicts],
    }


def row(verdict, runs):
    """One row of numbers.json."""
    item = verdict.item
    values = [v for v in verdict.values if v.mean is not None and not v.quantity.timed]
    with_interval = [value for value in values if value.basis]
    steps = {job: runs.steps[job] for job in verdict.jobs}
    return {
        "report": verdict.report.number,
        "item": item.key,
        "kind": item.kind,
        "text": item.text._asdict(),
        "quote": item.quote,
        "value": {value.name.en: _round(value.mean) for value in values},
        "unit": {value.name.en: value.quantity.unit.en for value in values},
        "spread": {v.name.en: [_round(v.low), _round(v.high)] for v in with_interval},
        "n": {value.name.en: value.n for value in values},
        "reference": item.reference,
        "source": verdict.source._asdict(),
        "rule": verdict.rule._asdict(),
        "verdict": verdict.verdict,
        "reason": join([text for text in (verdict.short, verdict.reason) if text.en])._asdict(),
        "run": list(steps),
        "epochs": {job: f"{s.config.epochs} of {s.report.epochs}" for job, s in steps.items()},
        "changed": {job: {k: list(v) for k, v in s.changed.items()} for job, s in steps.items()},
        "holds": verdict.holds,
    }


def _round(number):
    return float(f"{number:.{DIGITS}g}")
