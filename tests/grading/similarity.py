"""similarity.html: which pairs of a class share what is rare in it. No verdict, no mark changed.

Right answers to seven short functions are alike by nature. So what the handout and the reference
have is taken out, and what is left counts by how few in the class have it (fingerprints.py says
what is compared). A pair stands out against the class: first against what both have in common with
everybody else and with their nearest neighbours, then against the tail of all pairs, which tells
how many pairs as alike as this one a class of such students would have by chance. Pairs are shown
where that is less than SHOWN.
"""

import json
from collections import Counter
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path

import jinja2
import numpy as np

from common.files import write_text
from tests.grading import fingerprints, kept
from tests.grading.fingerprints import COMMENT, LAYOUT, LITERAL, MISTAKE, NAME, ORDER, SHAPE
from tests.grading.inert import inert
from tests.grading.messages import say

PAGE = "similarity.html"
SHOWN = 1.0  # pairs by chance
MOST = 60  # pairs on the page
SMALLEST_CLASS = 12  # in a smaller one nothing is rare
MEASURED = Path(__file__).with_name("similarity_measured.json")
_ROOT = Path(__file__).resolve().parents[2]
_WEIGHTS = {SHAPE: 1.5, ORDER: 0.5, NAME: 0.35, COMMENT: 0.5, LITERAL: 0.5, LAYOUT: 0.25}
_WEIGHTS[MISTAKE] = 0.75
_POWER = 3  # of the norm in a block: its rarest features count most, as many come together
_NEIGHBOURS = 5  # of a group that writes alike (or has one source) as many may be told from it
_TAIL = (0.001, 0.02)  # shares of all pairs between which the tail is fitted
_REASONS = 8


@dataclass(frozen=True)
class Pair:
    """Two students. chance: pairs as alike that a class like this one has by chance.

    shared: [(unit, kind, feature, number who have it)], the rarest first.
    """

    one: int
    two: int
    chance: float
    shared: tuple


def write(out, lang="en"):
    """Compare everybody who has a report below `out` and write the page. Returns the Pairs."""
    names, codes = [], []
    for folder, value in kept.load(out).items():
        record = _load(out / folder / "report.json")
        if record:
            names.append(str(value["student"]))
            codes.append(compared(value["files"], _mistakes(record)))
    found = pairs([code.found for code in codes])
    write_text(out / PAGE, _page(found, names, codes, lang))
    return found


def _load(path):
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def compared(files, mistakes=()):
    """The fingerprints.Code of a student without what the handout and the reference have.

    Args:
        files: name -> text.
        mistakes: (todo, text) of each named one.
    """
    code = fingerprints.read(files)
    for block, features in code.found.items():
        for feature in _given().get(block[1], set()) & features.keys():
            del features[feature]
    for todo, text in mistakes:
        code.add(todo, MISTAKE, text, None)
    return code


def _mistakes(record):
    for todo, marks in record["todos"].items():
        for check in marks["checks"]:
            if check["hint_id"] and check["status"] != "passed":
                yield todo, f"{check['id']}: {check['hint_id']}"


@cache
def _given():
    """kind -> features of the handout, in both languages, and of the reference."""
    paths = [_ROOT / m / "assignment.py" for m in ("ae", "vae", "diffusion")]
    paths += sorted((_ROOT / "tests/grading/handout_texts").glob("*.py"))
    found = {}
    for path in paths:
        code = fingerprints.read({path.name: path.read_text(encoding="utf-8")})
        for (_, kind), features in code.found.items():
            found.setdefault(kind, set()).update(features)
    return found


# --- scores -----------------------------------------------------------------------------------


def pairs(found):
    """The Pairs of a class that stand out, the most alike first.

    Args:
        found: of each student, (unit, kind) -> features (any container with `in`).
    """
    if len(found) < SMALLEST_CLASS:
        return []
    holders = _holders(found)
    chance = expected_by_chance(_distances(_evidence(holders, len(found))))
    rows, columns = np.nonzero(np.triu(chance < SHOWN, 1))
    ranked = sorted(zip(chance[rows, columns].tolist(), rows.tolist(), columns.tolist()))
    return [Pair(i, j, c, _shared(found[i], found[j], holders)) for c, i, j in ranked[:MOST]]


def _holders(found):
    """(unit, kind) -> {feature: [who has it]}, those that more than one has."""
    holders = {}
    for number, blocks in enumerate(found):
        for block, features in blocks.items():
            known = holders.setdefault(block, {})
            for feature in features:
                known.setdefault(feature, []).append(number)
    return {b: {f: who for f, who in fs.items() if len(who) > 1} for b, fs in holders.items()}


def _evidence(holders, number):
    """[N, N]: how much that is rare two students share, summed over units and kinds."""
    total = np.zeros((number, number), np.float32)
    for (_, kind), features in sorted(holders.items()):
        block = np.zeros_like(total)
        lists = iter(features.values())
        while part := list(islice(lists, 2048)):
            has = np.zeros((number, len(part)), np.float32)
            for column, who in enumerate(part):
                has[who, column] = 1
            rare = np.log(number / has.sum(axis=0)) ** _POWER
            block += (has * rare) @ has.T
        total += _WEIGHTS[kind] * block ** (1 / _POWER)
    return total


def _distances(evidence):
    """[N, N]: how far a pair is above what each of the two has in common with others."""
    number = len(evidence)
    rest = evidence.astype(float)
    np.fill_diagonal(rest, np.nan)
    mean = np.nanmean(rest, axis=1)
    rest -= mean[:, None] + mean[None, :] - np.nanmean(rest)
    spread = np.sqrt(np.maximum(np.nanstd(rest, axis=1), 1e-6))
    order = -np.sort(-np.nan_to_num(rest, nan=-np.inf), axis=1)
    near = np.maximum(order[:, min(_NEIGHBOURS, number // 4)], 0)
    rest -= (near[:, None] + near[None, :]) / 2
    return rest / np.outer(spread, spread)


def expected_by_chance(distances):
    """[N, N]: number of pairs this far out that the class would have if all had worked alone.

    The tail of all pairs, nearly all of them honest, is taken to fall exponentially; the few at the
    very top, which may be copies, have no part in the fit.
    """
    values = np.sort(distances[np.triu_indices(len(distances), 1)])[::-1]
    first = max(int(len(values) * _TAIL[0]), min(12, len(values) // 20))
    last = max(int(len(values) * _TAIL[1]), 4 * first)
    scale = (values[first] - values[last]) / np.log(last / first)
    with np.errstate(over="ignore", invalid="ignore"):
        return last * np.exp((values[last] - distances) / max(scale, 1e-9))


def _shared(one, two, holders):
    common = [
        (unit, kind, feature, len(who[feature]))
        for (unit, kind), who in holders.items()
        for feature in one.get((unit, kind), ())
        if feature in two.get((unit, kind), ())
    ]
    return tuple(sorted(common, key=lambda s: (s[3], -_WEIGHTS[s[1]], s)))


# --- the page -----------------------------------------------------------------------------------


def _page(found, names, codes, lang):
    loader = jinja2.FileSystemLoader(Path(__file__).with_name("templates"))
    environment = jinja2.Environment(
        loader=loader, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True
    )
    return environment.get_template("similarity.html.jinja").render(
        pairs=[_pair(p, names, codes) for p in found],
        number=len(names),
        few=len(names) < SMALLEST_CLASS,
        smallest=SMALLEST_CLASS,
        measured=_load(MEASURED),
        lang=lang,
        say=lambda key, **values: say(key, lang, **values),
    )


def _pair(pair, names, codes):
    """What the template needs of a pair."""
    half = [s for s in pair.shared if s[3] <= max(2, len(names) // 10)]
    units = Counter(unit for unit, *_ in half)
    sides = (codes[pair.one], codes[pair.two])
    rare = [[_place(code, s) for s in half] for code in sides]
    return {
        "names": (names[pair.one], names[pair.two]),
        "chance": f"{pair.chance:.1g}" if pair.chance >= 1e-4 else "< 0.0001",
        "reasons": [_reason(s, sides) for s in _varied(half, sides[0])],
        "units": [
            (unit, *(_listing(code, unit, set(places)) for code, places in zip(sides, rare)))
            for unit in fingerprints.UNITS
            if units[unit] and unit != fingerprints.HELPERS
        ],
    }


def _place(code, shared):
    unit, kind, feature, _ = shared
    return code.found[unit, kind][feature]


def _varied(shared, code):
    """A few reasons, one a line and two of a unit and kind: the rest says the same again."""
    seen, chosen = Counter(), []
    for one in shared:
        place = _place(code, one) or one[1:3]
        seen[one[:2]] += 1
        seen[place] += 1
        if seen[one[:2]] <= 2 and seen[place] == 1:
            chosen.append(one)
    return chosen[:_REASONS]


def _reason(shared, sides):
    """unit, kind, number who share it, and the line or word on either side; "" for a whole body."""
    unit, kind, feature, number = shared
    texts = [feature, feature]
    if kind in (SHAPE, ORDER):
        texts = [_line(code, _place(code, shared)) for code in sides]
    return {"unit": unit, "kind": kind, "number": number, "texts": [inert(t, 120) for t in texts]}


def _line(code, place):
    if place is None:
        return ""
    file, number = place
    return code.files[file].split("\n")[number - 1].strip()


def _listing(code, unit, places):
    """[(line, whether something rare is in it)] of a unit, with a blank between its parts."""
    lines = []
    for file, first, last in code.units.get(unit, ()):
        texts = code.files[file].split("\n")[first - 1 : last]
        numbered = enumerate(texts[:120], first)
        lines += [(inert(t, 200), (file, n) in places) for n, t in numbered] + [("", False)]
    return lines[:-1]
