"""What can be compared in two students' code: features of each function, by kind.

Names, layout and comments are what a copier changes first, so the shape of the code is taken
without them: local names are blanks, operands of + and * are sorted, formatting is gone. A feature
is a text; what it is worth depends on how many in the class have it (similarity.py).
"""

import ast
import builtins
import hashlib
import re
from dataclasses import dataclass, field
from itertools import pairwise

from tests.grading.checks import TODOS

SHAPE, ORDER, NAME, COMMENT, LITERAL, LAYOUT, MISTAKE = KINDS = (
    *("shape", "order", "name", "comment", "literal", "layout", "mistake"),
)
HELPERS = "helpers"  # the unit of all that is in no TODO
UNITS = (*(t.name for t in TODOS), HELPERS)
MAX_TEXT = 20_000  # characters of a file that are compared; an honest one has 6,000
MAX_FEATURES = 1500  # of a student; an honest one has 300
_SHORT = 100  # longer shapes are hashed
_TRIVIAL = 14  # characters of an expression's shape that anybody writes
_WORD = re.compile(r"[a-z]{3,}|[\u3400-\u9fff]{2,}", re.IGNORECASE)
_COMMENT = re.compile(r"#(.*)$")
_STRING = re.compile(r"(\"\"\"|''').*?\1|\"[^\"\n]*\"|'[^'\n]*'", re.DOTALL)
_OPERATOR = re.compile(r"(?<=\S)([ \t]*)(\*\*|[-+*/@%]=|==|<=|>=|!=|[-+*/@%=<>,:])([ \t]*)(?=\S)")
_COMMON = ("_", "self", "cls", "super", "__class__")


@dataclass
class Code:
    """What one student wrote.

    found: (unit, kind) -> {feature: place}, a place is (file, line) or None.
    """

    files: dict
    found: dict = field(default_factory=dict)
    units: dict = field(default_factory=dict)  # unit -> [(file, first line, last line)]
    room: int = MAX_FEATURES

    def add(self, unit, kind, feature, place):
        """Note a feature where it occurs first."""
        block = self.found.setdefault((unit, kind), {})
        if feature not in block and self.room > 0:
            block[feature] = place
            self.room -= 1


def read(files):
    """The Code of a student.

    Args:
        files: name -> text, each text once. What is no Python gives only comments and layout.
    """
    code = Code({name: text[:MAX_TEXT] for text, name in {t: n for n, t in files.items()}.items()})
    for name, text in code.files.items():
        try:
            tree = ast.parse(text)
            _File(code, name, tree).run()
        except (SyntaxError, ValueError, MemoryError, RecursionError):
            code.units.setdefault(HELPERS, []).append((name, 1, text.count("\n") + 1))
        _read_text(code, name, text)
    return code


def unit_at(code, file, line):
    """The unit that a line of a file belongs to."""
    for unit, spans in code.units.items():
        if any(file == f and first <= line <= last for f, first, last in spans):
            return unit
    return HELPERS


# --- the tree -----------------------------------------------------------------------------------


class _File:
    """Walks the tree of one file."""

    def __init__(self, code, name, tree):
        self.code, self.name, self.tree = code, name, tree
        self.modules = _modules(tree)
        self.unit = HELPERS

    def run(self):
        for node in self.tree.body:
            self._top(node)

    def _top(self, node):
        """A statement of the file, or a method: those of the TODOs are units of their own."""
        whole = isinstance(node, ast.ClassDef) and node.name != "AutoEncoder"
        self._enter(node, node.name if getattr(node, "name", "") in UNITS else HELPERS)
        if whole:
            for inner in node.body:
                self._top(inner)
        else:
            self._block([node])

    def _enter(self, node, unit):
        self.unit = unit
        if unit != HELPERS:
            first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
            self.code.units.setdefault(unit, []).append((self.name, first, node.end_lineno))

    def _add(self, kind, feature, node):
        self.code.add(self.unit, kind, feature, node and (self.name, node.lineno))

    def _block(self, statements):
        """Features of statements and of all below them."""
        shapes, nodes = [], []
        for node in statements:
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
                self._docstring(node)
                continue
            shape = self._statement(node)
            shapes.append(shape)
            nodes.append(node)
            if len(shape) > _TRIVIAL:
                self._add(SHAPE, shape, node)
            for inner in _blocks(node):
                self._block(inner)
        for (one, two), node in zip(pairwise(shapes), nodes):
            self._add(ORDER, f"{one} ; {two}", node)
        if len(shapes) > 1:
            self._add(ORDER, _short("all: " + " ; ".join(shapes)), None)
            self._add(SHAPE, _short("all: " + " ; ".join(sorted(shapes))), None)

    def _docstring(self, node):
        if isinstance(node.value.value, str):
            for number, line in enumerate(node.value.value.splitlines()):
                _words(self.code, self.unit, line, (self.name, node.lineno + number))

    def _statement(self, node):
        """The shape of a statement, without the blocks below it."""
        parts = []
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            self._name(node.name, node)
            parts = [self._shape(d) for d in node.decorator_list]
            parts += [self._argument(a) for a in ast.walk(node.args) if isinstance(a, ast.arg)]
            parts += [self._shape(d) for d in [*node.args.defaults, *node.args.kw_defaults] if d]
        elif isinstance(node, ast.ClassDef):
            self._name(node.name, node)
            parts = [self._shape(b) for b in node.bases]
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            parts = sorted(f"{getattr(node, 'module', '') or ''}.{a.name}" for a in node.names)
        else:
            parts = [self._shape(n) for n in ast.iter_child_nodes(node) if isinstance(n, _VALUES)]
        return _short(f"{type(node).__name__}({', '.join(parts)})")

    def _argument(self, node):
        self._name(node.arg, node)
        return f"_: {self._shape(node.annotation)}" if node.annotation else "_"

    def _name(self, name, node):
        if name not in _COMMON and name not in UNITS:
            self._add(NAME, name, node)

    def _shape(self, node):
        """The shape of an expression; notes the shapes in it, its names and literals."""
        if isinstance(node, ast.Name):
            return self._named(node)
        if isinstance(node, ast.Constant):
            return self._constant(node)
        shape = self._inner(node)
        if isinstance(node, ast.expr) and len(shape) > _TRIVIAL:
            self._add(SHAPE, shape, node)
        return shape

    def _inner(self, node):
        if isinstance(node, ast.Attribute):
            return f"{self._shape(node.value)}.{node.attr}"
        if isinstance(node, ast.BinOp):
            return self._binary(node)
        if isinstance(node, ast.Call):
            named = sorted(f"{k.arg}={self._shape(k.value)}" for k in node.keywords)
            parts = [self._shape(a) for a in node.args] + named
            return _short(f"{self._shape(node.func)}({', '.join(parts)})")
        if isinstance(node, ast.arg):
            return self._argument(node)
        parts = [self._shape(n) for n in ast.iter_child_nodes(node) if isinstance(n, _VALUES)]
        signs = [type(n).__name__ for n in ast.iter_child_nodes(node) if isinstance(n, _SIGNS)]
        return _short(f"{type(node).__name__}{''.join(signs)}({', '.join(parts)})")

    def _binary(self, node):
        sign = type(node.op).__name__
        parts = [self._shape(node.left), self._shape(node.right)]
        if sign in ("Add", "Mult"):
            parts.sort()
        return _short(f"{sign}({', '.join(parts)})")

    def _named(self, node):
        if node.id in self.modules:
            return self.modules[node.id]
        if hasattr(builtins, node.id):
            return node.id
        self._name(node.id, node)
        return "_"

    def _constant(self, node):
        text = repr(node.value)
        if isinstance(node.value, str):
            self._add(LITERAL, text[:80], node)
            return "str"
        if isinstance(node.value, (int, float)) and abs(node.value) not in (0, 1, 2, 0.5):
            self._add(LITERAL, text[:40], node)
        return text[:40]


_VALUES = (ast.expr, ast.comprehension, ast.arg, ast.arguments, ast.keyword, ast.withitem)
_SIGNS = (ast.unaryop, ast.boolop, ast.cmpop, ast.operator)


def _short(shape):
    if len(shape) <= _SHORT:
        return shape
    return shape[:40] + "~" + hashlib.blake2b(shape.encode(), digest_size=9).hexdigest()


def _blocks(node):
    """The lists of statements below a statement."""
    for name in ("body", "orelse", "finalbody"):
        inner = getattr(node, name, [])
        if isinstance(inner, list) and inner:
            yield inner
    for handler in getattr(node, "handlers", []):
        yield handler.body


def _modules(tree):
    """What a file calls imported modules and their members -> what they are."""
    found = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {a.asname or a.name.split(".")[0]: a.name for a in node.names if a.asname}
            found |= {a.name.split(".")[0]: a.name.split(".")[0] for a in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {a.asname or a.name: f"{node.module}.{a.name}" for a in node.names}
    return found


# --- the text -------------------------------------------------------------------------------------


def _read_text(code, file, text):
    """Comments, and how lines are laid out: what the tree does not know."""
    empty = 0
    bare = _STRING.sub(lambda m: re.sub(r"[^\n]", '"', m[0]), text)
    for number, (line, raw) in enumerate(zip(bare.split("\n"), text.split("\n")), 1):
        comment = _COMMENT.search(line)
        if comment:
            unit = unit_at(code, file, number)
            _words(code, unit, raw[comment.start() + 1 :], (file, number))
            line = line[: comment.start()]
        _layout(code, file, number, line, empty, own_line=bool(comment) and not line.strip())
        empty = 0 if line.strip() or comment else empty + 1


def _words(code, unit, comment, place):
    """Words of a comment, and the comment as a whole."""
    words = [w.lower() for w in _WORD.findall(comment)]
    for word in words:
        pieces = [word] if word.isascii() else (word[i : i + 2] for i in range(len(word) - 1))
        for piece in pieces:
            code.add(unit, COMMENT, piece, place)
    if len(words) > 1:
        code.add(unit, COMMENT, _short(" ".join(words)), place)


def _layout(code, file, number, line, empty, own_line):
    place = (file, number)
    for match in _OPERATOR.finditer(line):
        code.add(HELPERS, LAYOUT, f"{len(match[1])}{match[2]}{len(match[3])}", place)
    indent = len(line) - len(line.lstrip())
    body = line.strip()
    marks = [f"indent {indent}" if body else "", f"{empty} empty" if body and empty else ""]
    marks += ["tab" if "\t" in line else "", "own line" if own_line else ""]
    marks += ["blank at end" if body and line != line.rstrip() and not own_line else ""]
    for mark in filter(None, marks):
        code.add(HELPERS, LAYOUT, mark, place)
