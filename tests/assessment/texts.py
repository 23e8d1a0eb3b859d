"""What the student reads, in English and Chinese: reasons, titles of checks, hints.

The texts stand in texts/*.json by id; here is what chooses among them.
"""

import json
import re
from pathlib import Path

from common.language import LANGUAGES  # noqa: F401 - of all that is read

FOLDER = Path(__file__).parent / "texts"


def read(*names):
    """The texts of these files in `texts/`, as one table: id -> {"en": text, "zh": text}."""
    table = {}
    for name in names:
        table |= json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return table


# A hint says what the answer looks like, why it is wrong and what to read, never the formula. It
# is shown only when the values leave no other known explanation.
HINTS = read("hints_ae", "hints_vae", "hints_diffusion", "hints_general", "hints_failures")
REASONS = read("reasons")
TITLES = read("titles")
DESK = read("desk")
# What probes.py says about an answer (an expression for it), and the same in Chinese.
ANSWERS = json.loads((FOLDER.parent / "failures.json").read_text(encoding="utf-8"))["answers"]


def reason(name, lang, /, **numbers):
    """A reason in one language. Numbers that are kept secret come as empty strings."""
    if name == "value" and not numbers.get("want"):
        name = "value_hidden"
    return REASONS[name][lang].format_map(_Numbers(numbers))


class _Numbers(dict):
    """What a reason shows; "?" for what did not come."""

    def __missing__(self, _):
        return "?"


def hint(name, lang, /, **shown):
    """A hint in one language, "" for no hint."""
    return HINTS[name][lang].format_map(_Numbers(shown)) if name else ""


def title(check_id, lang):
    """What a check asks, in a few words. check_id: "<todo>/<name>"."""
    pair = TITLES.get(check_id) or TITLES[check_id.rpartition("/")[2]]
    return pair[lang]


def desk(name, lang, /, **numbers):
    """A line of the student's own report."""
    return DESK[name][lang].format(**numbers)


def failure_message(failure, lang):
    """The student's exception in one short line; of Paddle's long ones the part that matters."""
    for english, chinese in ANSWERS.items() if lang == "zh" else ():
        found = re.fullmatch(english, failure.message)
        if failure.kind == "bad_answer" and found:
            return chinese.format(*found.groups())
    lines = [line.strip() for line in failure.message.splitlines()]
    useful = [la for la in lines if la and not la.startswith(("---", "[Hint", "C++", "Error Mess"))]
    text = " ".join(useful) if len(useful) < 3 else useful[0]
    return text[:240] or "..."
