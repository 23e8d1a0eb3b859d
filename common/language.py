"""Chinese where a person reads: errors, help, what a script says, words in figures.

The code keeps its English sentences. Where one reaches a person it is looked up in the tables
`texts/*zh.json`: English with {} for each value put in -> Chinese with {} in the same order, or
{0}, {1}. What no table has stays English.
"""

import json
import locale
import os
import re
from functools import lru_cache
from pathlib import Path

LANGUAGES = ("en", "zh")
TABLES = Path(__file__).with_name("texts")


def language():
    """ "en" or "zh": GENMODELS_LANG, else the locale of the system."""
    chosen = os.environ.get("GENMODELS_LANG", "").lower()[:2]
    if chosen in LANGUAGES:
        return chosen
    names = [os.environ.get(n, "") for n in ("LC_ALL", "LC_MESSAGES", "LANG")]
    name = next((n for n in names if n), locale.getlocale()[0] or "")
    return "zh" if name.lower().startswith(("zh", "chinese")) else "en"


def say(text, **options):
    """Print a text in the reader's language. options: of `print`."""
    print(translate(text), **options)


def translate(text):
    """An English text, values put in, in the reader's language; unchanged where no table has it."""
    return chinese(text) if language() == "zh" else text


def chinese(text):
    """The translation by the table.

    Values of several words are translated, too, and in a list what stands in brackets.
    """
    whole, templates = tables()
    if text in whole:
        return whole[text]
    for template, translated in templates:
        if all(part in text for part in template.split("{}")):
            pattern = "(.*?)".join(map(re.escape, template.split("{}")))
            found = re.fullmatch(pattern, text, re.DOTALL)
            # a value with half a bracket is no value: a sentence in brackets was cut in two
            if found and all(v.count("(") == v.count(")") for v in found.groups()):
                return translated.format(*(chinese(v) if " " in v else v for v in found.groups()))
    return re.sub(r"(?<=\()[^()]+(?=\))", lambda found: chinese(found[0]), text)


@lru_cache
def tables():
    """({text: Chinese}, [(template, Chinese)]), the template with most letters of its own first."""
    entries = {}
    for file in sorted(TABLES.glob("*zh.json")):
        entries |= json.loads(file.read_text(encoding="utf-8"))
    templates = sorted((t for t in entries if "{}" in t), key=lambda t: -len(t.replace("{}", "")))
    return entries, [(template, entries[template]) for template in templates]
