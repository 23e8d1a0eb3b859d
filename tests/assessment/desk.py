"""The checks at the student's desk: loads the assignment file, runs the probes, says what to do."""

import importlib.util
import traceback
import warnings
from pathlib import Path

from tests.assessment import golden, probes, texts
from tests.assessment.judge import Failure, judge, skipped

ROOT = Path(__file__).parents[2]


def report(file, todo):
    """What to tell the student about one TODO; "" if everything is right.

    Args:
        file: "ae/assignment.py" and so on, below the root of the project.
        todo: the name of the TODO.
    """
    lang = texts.language()
    outcomes = _outcomes(ROOT / file, golden.load(_golden_of(file), todo), lang)
    if any(isinstance(o, Failure) for o in outcomes.values()):
        return texts.desk("unfinished", lang, todo=todo, file=file)
    bad = {i: o for i, o in outcomes.items() if o.status != "passed"}
    notes = {o.note for o in outcomes.values() if o.note}
    for note in notes:
        warnings.warn(texts.desk("note", lang, note=note), stacklevel=2)
    return _message(todo, file, bad, len(outcomes), lang) if bad else ""


def _golden_of(file):
    return golden.FOLDER / f"{file.partition('/')[0]}.npz"


def _outcomes(path, checks, lang):
    """Check id -> Outcome, or Failure for a TODO that is not written yet."""
    values = {}
    outcomes = {}
    for check in checks:
        for probe in check.probes:
            if probe["id"] not in values:
                values[probe["id"]] = observe(path, probe)
        unfinished = [v for v in values.values() if getattr(v, "kind", "") == "unfinished"]
        if unfinished:
            return {check.id: unfinished[0]}
        lacking = [n for n in check.needs if outcomes[n].status != "passed"]
        outcomes[check.id] = (
            skipped(check, lacking[0], lang) if lacking else judge(check, values, lang)
        )
    return outcomes


def observe(path, probe):
    """The values of one probe, from a fresh copy of the student's file; or a Failure."""
    try:
        return probes.run(probe, load(path, probe))
    except SyntaxError as error:
        return Failure("syntax", "SyntaxError", error.msg, error.lineno)
    except NotImplementedError as error:
        return Failure("unfinished", message=str(error))
    except probes.BadAnswer as error:
        return Failure("bad_answer", message=str(error))
    except Exception as error:
        return Failure("exception", type(error).__name__, str(error), _line(error, path))


def load(path, probe):
    """The student's file as a module of its own, so that nothing is left over between probes."""
    spec = importlib.util.spec_from_file_location(f"{path.parent.name}_assignment", path)
    module = importlib.util.module_from_spec(spec)
    vars(module).update(probes.preset(probe))
    spec.loader.exec_module(module)
    return module


def _line(error, path):
    """The last line of the student's file that the exception passed through."""
    frames = traceback.extract_tb(error.__traceback__)
    lines = [f.lineno for f in frames if Path(f.filename) == path]
    return lines[-1] if lines else None


def _message(todo, file, bad, total, lang):
    """A line for each failed check, each hint once, and one next step."""
    lines = [texts.desk("failed", lang, todo=todo, bad=len(bad), all=total)]
    waiting = [texts.title(i, lang) for i, o in bad.items() if o.status == "skipped"]
    told = set()
    for name, outcome in bad.items():
        if outcome.status == "skipped" or outcome.reason in told:
            continue
        lines.append(f"  - {texts.title(name, lang)}: {outcome.reason}")
        if outcome.hint and outcome.hint not in told:
            lines.append("      " + texts.desk("hint", lang, hint=outcome.hint))
        told |= {outcome.reason, outcome.hint}
    if waiting:
        lines.append("  - " + texts.desk("skipped", lang, names=", ".join(waiting)))
    return "\n".join([*lines, "  " + texts.desk("next", lang, todo=todo, file=file)])
