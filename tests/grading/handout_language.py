"""The language of the students' copy: which pages are in it, and the texts of the assignments.

English is what stands in the tree. Beside it there are Chinese twins: `README.zh-CN.md` of
`README.md`, `docs/guide/NAME.zh.md` of `docs/guide/NAME.md`, the cells of the notebook that are
marked "zh", and for the assignments `handout_texts/*.zh.py`, the same functions with their Chinese
docstrings alone.
"""

import ast
import json
import re
from pathlib import Path

from common.errors import UserError

LANGUAGES = ("en", "zh", "both")
TEXTS = Path(__file__).with_name("handout_texts")
NOTEBOOK = "tutorial.ipynb"
STUB = {
    "en": {
        "comment": "# TODO {todo}: write this, then run  {command}",
        "message": "{todo}: write it, then run {command}",
    },
    "zh": {
        "comment": "# TODO {todo}: 写在这里，然后运行  {command}",
        "message": "{todo}: 先写完，再运行 {command}",
    },
}

_ZH = re.compile(r"\.zh(-CN)?(?=\.md\b)")
_SWITCH = re.compile(r"\A\[(中文|English)\]\(\S+\)\n\n?")
_COMMENT = re.compile(r"^<!--.*-->\n", re.M)


# --- pages ---------------------------------------------------------------------------------------


def target(name, lang, names):
    """The path that a file of the tree has in the copy, or None if it is not for that language.

    Args:
        name: a path, one of names. lang: "en", "zh" or "both". names: all paths of the tree.
    """
    if lang == "both":
        return name
    if _ZH.search(name):
        return _ZH.sub("", name) if lang == "zh" else None
    twins = (name.removesuffix(".md") + end for end in (".zh.md", ".zh-CN.md"))
    has_twin = name.endswith(".md") and any(twin in names for twin in twins)
    return None if lang == "zh" and has_twin else name


def page(text, lang):
    """A Markdown page in one language: no link to its twin, no marks for whoever edits it."""
    if lang == "both":
        return text
    text = _COMMENT.sub("", _SWITCH.sub("", text))
    return _ZH.sub("", text) if lang == "zh" else text


# --- the notebook --------------------------------------------------------------------------------


def notebook(text, lang):
    """The notebook with the cells of one language; in Chinese its code speaks Chinese, too.

    Raises UserError if a text of handout_texts/tutorial.zh.json is no longer in the code.
    """
    if lang == "both":
        return text
    book = json.loads(text)
    book["cells"] = [c for c in book["cells"] if c["metadata"].get("lang", lang) == lang]
    if lang == "zh":
        _speak_chinese([c for c in book["cells"] if c["cell_type"] == "code"])
    text = json.dumps(book, ensure_ascii=False, indent=1) + "\n"
    return _ZH.sub("", text) if lang == "zh" else text


def _speak_chinese(cells):
    texts = json.loads((TEXTS / "tutorial.zh.json").read_text("utf-8"))
    for english, chinese in texts.items():
        places = [(c, i) for c in cells for i, s in enumerate(c["source"]) if english in s]
        if not places:
            raise UserError(f"tutorial.zh.json: {english!r} is not in the code of {NOTEBOOK}")
        for cell, i in places:
            cell["source"][i] = cell["source"][i].replace(english, chinese)


# --- the assignments -----------------------------------------------------------------------------


def docstrings(text):
    """{"": of the module, "DDPM": ..., "DDPM.loss": ...} -> the node of each docstring."""
    found = {}

    def collect(node, name):
        if ast.get_docstring(node) is not None:
            found[name] = node.body[0]
        for child in node.body:
            if isinstance(child, ast.FunctionDef | ast.ClassDef):
                collect(child, f"{name}.{child.name}".lstrip("."))

    collect(ast.parse(text), "")
    return found


def assignment(text, file, lang):
    """A stripped assignment file with Chinese docstrings, if that is the language.

    Args:
        text: of the file. file: "vae/assignment.py" and so on. lang: "en", "zh" or "both".

    Raises UserError if the English and the Chinese docstrings are not of the same functions.
    """
    if lang != "zh":
        return text
    path = TEXTS / f"{file.partition('/')[0]}.zh.py"
    source = path.read_text("utf-8")
    old, new = docstrings(text), docstrings(source)
    if old.keys() != new.keys():
        different = sorted(old.keys() ^ new.keys())
        raise UserError(f"{path.name} and {file} differ in their docstrings: {different}")
    lines, chinese = text.splitlines(keepends=True), source.splitlines(keepends=True)
    for name in reversed(old):
        place, words = old[name], new[name]
        lines[place.lineno - 1 : place.end_lineno] = chinese[words.lineno - 1 : words.end_lineno]
    return "".join(lines)
