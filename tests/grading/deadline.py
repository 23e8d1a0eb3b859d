"""How late a submission is, and what a rule would take off. The total itself stays as it is."""

import json
import math
import re
from collections import Counter
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta, timezone

from common.errors import UserError
from common.files import write_json
from tests.grading import kept
from tests.grading.messages import say

FILE = "deadline.json"
COLUMNS = ("submitted", "time_from", "late_days", "penalty", "total_after_penalty")
_DAY = 86400
_UNITS = {"min": 60, "minute": 60, "h": 3600, "hour": 3600, "d": _DAY, "day": _DAY}
_NUMBER = r"(\d+(?:\.\d+)?)"
_RATE = re.compile(rf"{_NUMBER} ?% ?(?:/|per) ?(day|hour)\b")
_MOST = re.compile(rf"max(?:imum)? {_NUMBER} ?%")
_GRACE = re.compile(rf"grace {_NUMBER} ?(min|minute|h|hour|d|day)s?\b")


@dataclass(frozen=True)
class Policy:
    """deadline: ISO time with zone. percent of the points for each begun `each` seconds after it,
    at most `most` percent, none within `grace` seconds.
    """

    deadline: str
    percent: float = 0.0
    each: float = _DAY
    most: float = 100.0
    grace: float = 0.0

    def seconds_late(self, moment):
        """Seconds after the deadline, 0 within the grace. moment: as in `stamp`."""
        end = datetime.fromisoformat(self.deadline)
        at = datetime.fromisoformat(moment)
        late = ((at if at.tzinfo else at.replace(tzinfo=end.tzinfo)) - end).total_seconds()
        return late if late > self.grace else 0

    def penalty(self, seconds):
        """Percent that the rule takes off."""
        return min(self.most, self.percent * math.ceil(seconds / self.each))


def parse(deadline, rule=None):
    """The Policy of --deadline and --late. Raises UserError.

    deadline: ISO date (its end is meant) or time; without zone, of this machine.
    rule: "10%/day", "2%/hour max 50%", "10%/day, grace 30 min"; None: nothing is taken off.
    """
    if deadline is None:
        raise UserError("--late needs --deadline")
    try:
        moment = datetime.fromisoformat(re.sub(r"[zZ]$", "+00:00", deadline.strip()))
    except ValueError:
        raise UserError(
            f"--deadline must be a time like 2026-12-01T23:59 or 2026-12-01T23:59+08:00, "
            f"not {deadline}"
        ) from None
    if re.fullmatch(r"\d{4}-?\d\d-?\d\d", deadline.strip()):
        moment += timedelta(days=1, seconds=-1)
    moment = moment if moment.tzinfo else moment.astimezone()
    return Policy(moment.isoformat(), **_rule(rule) if rule else {})


def _rule(text):
    rest = " ".join(text.lower().replace(",", " ").split())
    found = {}
    for name, pattern in {"percent": _RATE, "most": _MOST, "grace": _GRACE}.items():
        match = pattern.search(rest)
        if match:
            found[name] = float(match[1])
            found |= {"each": _UNITS[match[2]]} if name == "percent" else {}
            found |= {"grace": float(match[1]) * _UNITS[match[2]]} if name == "grace" else {}
            rest = rest.replace(match[0], "", 1).strip()
    if rest or "percent" not in found:
        raise UserError(
            f"--late must be like '10%/day', '2%/hour max 50%' or '10%/day grace 30 min', "
            f"not '{text}'"
        )
    return found


def save(out, policy):
    """Keep the policy for later runs, which write the gradebook anew."""
    write_json(out / FILE, asdict(policy))


def stored(out):
    """The Policy of the last `save`, or None."""
    try:
        return Policy(**json.loads((out / FILE).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def stamp(moments, origin):
    """{"at": ISO time, "from": origin} of the latest of some datetimes, or None.

    Those without a zone (of a zip) are taken for times of the deadline's zone.
    """
    if not moments:
        return None
    latest = max(moments, key=lambda m: m if m.tzinfo else m.replace(tzinfo=_local()))
    return {"at": latest.replace(microsecond=0).isoformat(), "from": origin}


def _local():
    return datetime.now().astimezone().tzinfo or timezone.utc


class Columns:
    """The columns of the gradebook; none where no deadline is known."""

    def __init__(self, out):
        self._out, self._policy = out, stored(out)
        self.names = COLUMNS if self._policy else ()

    def of(self, row):
        """Column -> text for a row of the gradebook with "folder" and "total"."""
        value = kept.one(self._out, row["folder"]) if self._policy and row.get("folder") else None
        if not value:
            return {}
        if not value.get("time"):
            return {"late_days": _unknown(value)}
        seconds = self._policy.seconds_late(value["time"]["at"])
        cells = {"submitted": value["time"]["at"], "time_from": value["time"]["from"]}
        if value.get("late") and not seconds:
            return {**cells, "late_days": _unknown(value)}
        penalty = self._policy.penalty(seconds)
        after = float(row["total"]) * (100 - penalty) / 100
        cells |= {"late_days": math.ceil(seconds / _DAY), "penalty": f"{penalty:g}%"}
        return {**cells, "total_after_penalty": f"{after:.2f}".rstrip("0").rstrip(".")}


def _unknown(value):
    """What stands for the number of days where only the platform says late, or nobody."""
    return f"? ({value['late']}: LATE)" if value.get("late") else "?"


def told(rows, out, lang):
    """One line for the teacher: how many are late, and where the times are from; none without."""
    policy = stored(out)
    if policy is None:
        return
    days = [str(r["late_days"]) for r in rows if "late_days" in r]
    origins = Counter(r["time_from"] for r in rows if r.get("time_from"))
    yield say(
        "late_told",
        lang,
        deadline=policy.deadline,
        late=sum(d not in ("0", "?") for d in days),
        unknown=sum(d.startswith("?") for d in days),
        origins=", ".join(f"{name} {n}" for name, n in sorted(origins.items())) or "-",
    )
    for row in rows:
        if str(row.get("late_days", "")).startswith("? ("):
            yield f"  {row['student']}: {row['late_days']}"
