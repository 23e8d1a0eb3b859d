"""Does a run look right, and if not, which mistake is likely: what `diagnose.py` tells.

`bands.json` has where the numbers of right runs lie, by module, settings and epoch.
`findings.json` is what is concluded, in order: the first that holds is told. One whose conditions
name no band is impossible with any data.
"""

import functools
import json
from pathlib import Path

from common.errors import RunError
from common.files import write_json
from common.language import language
from common.records import load_json

ROOT = Path(__file__).parents[2]
FILE = "diagnosis.json"
LOOK = {"en": "{text}; see {test} and {guide}", "zh": "{text}；见 {test} 和 {guide}"}
VERDICTS = {
    "right": {
        "en": "looks right: {judged} numbers lie where those of {seeds} right runs do",
        "zh": "看起来正确：{judged} 个数值都落在 {seeds} 次正确训练的范围内",
    },
    "not judged": {
        "en": "not judged: no right runs of these data and settings are known; nothing in this "
        "one is impossible",
        "zh": "未作判断：没有相同数据和设置的正确训练可比；没有发现不可能的数值",
    },
    "unfinished": {
        "en": "the run has not finished; so far nothing looks wrong",
        "zh": "训练尚未完成；到目前为止没有发现问题",
    },
}

UNLIKE = {
    "en": "{name} is {value}; in {seeds} right runs it lies between {low} and {high}",
    "zh": "{name} 为 {value}；在 {seeds} 次正确训练中它在 {low} 与 {high} 之间",
}


@functools.cache
def table(name):
    """What a JSON file beside this one holds: "bands" or "findings"."""
    return json.loads(Path(__file__).with_name(f"{name}.json").read_text(encoding="utf-8"))


def guide(todo):
    """The page about a TODO; in a Chinese handout it has the name of the English one."""
    chinese = f"docs/guide/{todo}.zh.md"
    return chinese if language() == "zh" and (ROOT / chinese).is_file() else f"docs/guide/{todo}.md"


def sentence(finding, value):
    """A finding in the reader's language, and where to look. value: the number it is about."""
    text, todo = finding[language()].format(value=f"{value:.4g}"), finding["todo"]
    where = {"test": f"pytest tests/todo -k {todo}", "guide": guide(todo)}
    return LOOK[language()].format(text=text, **where) if todo else text


def compared(number, seeds):
    """A number that right runs do not have, in the reader's language: an entry of "outside"."""
    name, *values = (number[key] for key in ("name", "value", "low", "high"))
    words = ["..." if value is None else f"{value:.4g}" for value in values]
    value, low, high = words
    return UNLIKE[language()].format(name=name, value=value, low=low, high=high, seeds=seeds)


def refuse(run, name, value):
    """Stop a training in which a number is impossible: writes diagnosis.json, raises RunError.

    run: Run. name: of the finding. value: the number.
    """
    finding = next(f for f in table("findings") if f["id"] == name)
    text = sentence(finding, value)
    write_json(run.path / FILE, {"stopped": True, **_report("wrong", text, finding)})
    raise RunError(text)


def conclude(run):
    """Judge the run in a folder and write its diagnosis.json.

    Args:
        run: Run, finished or not.

    Returns:
        What was written: {"verdict": "right", "wrong", "not judged" or "unfinished", "sentence",
        "finding" and "todo" (null if none), "outside": [{"name", "value", "low", "high"}],
        "judged": how many numbers were, "seeds": right runs they were compared with; "stopped"}.
        Raises UserError if a file is damaged.
    """
    path, finished = run.path / FILE, (run.path / "metrics.json").is_file()
    if path.is_file() and not finished:
        former = load_json(path)
        if isinstance(former, dict) and former.get("stopped") and "sentence" in former:
            return former
    history = run.read_history() if finished or (run.path / "history.csv").is_file() else {}
    metrics = run.read_metrics() if finished else {}
    report = Evidence(run.module, run.read_config()["config"], history, metrics).report()
    write_json(path, report)
    return report


def _report(verdict, text, finding=None, outside=(), judged=0, seeds=0):
    finding = finding or {"id": None, "todo": None}
    about = {"finding": finding["id"], "todo": finding["todo"] or None}
    numbers = {"outside": list(outside), "judged": judged, "seeds": seeds}
    return {"verdict": verdict, "sentence": text, **about, **numbers}


class Evidence:
    """The numbers of a run beside those of right runs.

    Args:
        module: "ae", "vae" or "diffusion". settings: {field: value} of its config.
        history: {column: [float, ...]}, {} before the first epoch.
        metrics: the dict of metrics.json, {} if the run has not finished.
    """

    def __init__(self, module, settings, history, metrics):
        self.module, self.settings, self.history = module, settings, history
        self.metrics = metrics
        self.bands = self._bands()
        self.judged = [(n, v, b) for n, v, b in self._compared() if v is not None]
        self.sides = {}  # name -> "below", "inside" or "above" its band, where it first left it
        for name, value, band in self.judged:
            if self.sides.get(name, "inside") == "inside":
                self.sides[name] = _side(value, band)

    def _bands(self):
        """The entry of bands.json for these settings with the most epochs that the run has, too.

        A setting that the run does not know, of an older version or the students' copy, is at its
        default.
        """
        epochs = self.settings.get("epochs")
        fitting = [
            bands
            for bands in table("bands")
            if bands["module"] == self.module
            and isinstance(epochs, int)
            and bands["epochs"] <= epochs
            and all(self.settings.get(name, v) == v for name, v in bands["settings"].items())
        ]
        return max(fitting, key=lambda bands: bands["epochs"], default=None)

    def _compared(self):
        """(name, value or None, [low, high]) of every number that there is a band for."""
        if not self.bands:
            return
        same = self.bands["epochs"] == self.settings["epochs"]
        if same or self.settings.get("lr_schedule", "constant") == "constant":
            for name, by_epoch in self.bands["history"].items():
                column = self.history.get(name, [])
                for epoch, band in by_epoch.items():
                    yield name, column[int(epoch) - 1] if len(column) >= int(epoch) else None, band
        for name, band in self.bands["end"].items() if self.metrics else ():
            if same or None in band:  # what only gets better
                yield name, self.value(name), band

    def value(self, name):
        """A number: of metrics.json, else the last of a column of history.csv; None if absent."""
        value = self.metrics.get(name, (self.history.get(name) or [None])[-1])
        return value if isinstance(value, int | float) else None

    def holds(self, condition):
        """Whether a condition of findings.json is true of this run.

        {"name", "band": sides}: the number lies on one of these sides of its band.
        {"name", "outside": [low, high]}: it lies beyond limits that hold for any data.
        {"name", "still": share}: a column never falls by more than this share of its first value.
        """
        name, value = condition["name"], self.value(condition["name"])
        if "band" in condition:
            return self.sides.get(name) in condition["band"]
        if "outside" in condition:
            return value is not None and _side(value, condition["outside"]) != "inside"
        column = self.history.get(name, [])
        return len(column) > 1 and column[0] - min(column) <= condition["still"] * abs(column[0])

    def applies(self, finding):
        """Whether a finding holds for this run."""
        fits = all(self.settings.get(n) == v for n, v in finding.get("where", {}).items())
        return finding["module"] == self.module and fits and all(map(self.holds, finding["when"]))

    def report(self):
        """The dict of diagnosis.json, see `conclude`."""
        outside = [
            {"name": name, "value": value, "low": band[0], "high": band[1]}
            for name, value, band in self.judged
            if _side(value, band) != "inside"
        ]
        seeds = self.bands["seeds"] if self.bands else 0
        numbers = {"judged": len(self.judged), "seeds": seeds}
        if found := next(filter(self.applies, table("findings")), None):
            name = found["when"][0]["name"]
            shown = next((o["value"] for o in outside if o["name"] == name), self.value(name))
            return _report("wrong", sentence(found, shown), found, outside, **numbers)
        verdict = "unfinished" if not self.metrics else "right" if self.judged else "not judged"
        if outside:
            return _report("wrong", compared(outside[0], seeds), None, outside, **numbers)
        text = VERDICTS[verdict][language()].format(**numbers)
        return _report(verdict, text, None, outside, **numbers)


def _side(value, band):
    """ "below", "inside" or "above" a band [low, high], whose ends may be None: open."""
    low, high = band
    if low is not None and value < low:
        return "below"
    return "above" if high is not None and value > high else "inside"
