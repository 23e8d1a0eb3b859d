"""Text that came from a student or a file name, made harmless before it is stored or shown."""

import re
import unicodedata

_ANSI = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])|\x9b[0-?]*[@-~]"
)
_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}  # control, bidi, surrogates, unassigned ...
_BLANK = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0]")
_ACCENT = "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
_PILE = re.compile(f"({_ACCENT}{{3}}){_ACCENT}+")


def inert(text, limit=300, lines=1):
    """Printable characters only, shortened.

    ANSI sequences are removed; control, bidirectional, zero-width and unassigned characters become
    U+FFFD, as do letters that look like nothing; of a pile of accents three are kept; a line break
    is kept only where `lines` > 1.

    Args:
        text: str (anything else is turned into "").
        limit: most characters to keep.
        lines: most lines to keep.
    """
    if not isinstance(text, str):
        return ""
    text = _PILE.sub(r"\1", _BLANK.sub("\ufffd", _ANSI.sub("", text[: 8 * limit])))
    text = text.replace("\r\n", "\n").replace("\t", " ")
    kept = [line for line in text.split("\n") if line.strip()][:lines]
    clean = "\n".join("".join(map(_visible, line)) for line in kept)
    return clean if len(clean) <= limit else clean[: limit - 1] + "…"


def _visible(character):
    return "\ufffd" if unicodedata.category(character) in _HIDDEN else character
