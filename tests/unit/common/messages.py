"""Finds in the source what a script can say to a person, as templates: {} for a value put in.

Not by running it: `spoken` follows the arguments of UserError, say, help=, set_title and the like
to the strings they are made of, through names, conditions and functions of the same file.
"""

import ast
import inspect
import re
from pathlib import Path

from common import plotting

# callee -> which of its positional arguments are shown
SHOWN = {
    **dict.fromkeys(("UserError", "RunError", "KeyboardInterrupt", "say", "screen"), (0,)),
    **dict.fromkeys(("translate", "set_title", "set_xlabel", "set_ylabel", "set_label"), (0,)),
    **dict.fromkeys(("_tell", "add_argument_group", "_say"), (0,)),
    "damaged": (1, 2),
    "_damaged": (1,),
    "_fault": (2,),
    "option": (1,),
    "Parser": (1,),
    **{
        name: tuple(
            i
            for i, p in enumerate(inspect.signature(draw).parameters)
            if p in ("title", "xlabel", "ylabel", "series", "rows", "column_labels")
        )
        for name, draw in vars(plotting).items()
        if inspect.isfunction(draw) and draw.__module__ == plotting.__name__
    },
}
KEYWORDS = {"help", "title", "xlabel", "ylabel", "label", "column_labels", "hint"}
EXCEPTIONS = {"ValueError", "UnpicklingError"}  # whose text becomes a part of a UserError


class Source:
    """A Python file: what its names can stand for, and what it says."""

    def __init__(self, path):
        self.path = Path(path)
        self.tree = ast.parse(self.path.read_text(encoding="utf-8"))
        self.values, self.functions, self.scopes, self.phrases = {}, {}, {}, set()
        for node in reversed([*ast.walk(self.tree)]):  # so that the outermost function remains
            if isinstance(node, ast.FunctionDef):
                self.scopes |= dict.fromkeys(ast.walk(node), node)
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign | ast.NamedExpr):
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                for target in targets:
                    self._bind(target, node.value)
            elif isinstance(node, ast.For) and isinstance(node.iter, ast.Tuple):
                for value in node.iter.elts:
                    self._bind(node.target, value)
            elif isinstance(node, ast.FunctionDef):
                self.functions[node.name] = node

    def _bind(self, target, value):
        if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
            for one, other in zip(target.elts, value.elts):
                self._bind(one, other)
        elif isinstance(target, ast.Name):
            place = (self.scopes.get(target), target.id)
            self.values.setdefault(place, []).append(value)

    def _bound(self, name):
        """The expressions that a name stands for: in its function, else in the module."""
        here = self.values.get((self.scopes.get(name), name.id))
        return here or self.values.get((None, name.id), [])

    def texts(self, node, seen=()):
        """The templates that an expression can become; {"{}"} where that is not known."""
        if node is None or node in seen:
            return set()
        seen = (*seen, node)
        inside = lambda part: self.texts(part, seen)  # noqa: E731
        match node:
            case ast.Constant(value=str(text)):
                return {re.sub(r"\{[^{}]*\}|%\(\w+\)s|%[sr]|\\\d", "{}", text)}
            case ast.JoinedStr():
                values = (p.value for p in node.values if isinstance(p, ast.FormattedValue))
                self.phrases |= {t for v in values for t in inside(v) if " " in t.strip()}
                whole = (p.value if isinstance(p, ast.Constant) else "{}" for p in node.values)
                return {"".join(whole)}
            case ast.BinOp(op=ast.Add()):
                return {a + b for a in inside(node.left) for b in inside(node.right)}
            case ast.IfExp():
                return inside(node.body) | inside(node.orelse)
            case ast.BoolOp():
                return set().union(*map(inside, node.values))
            case ast.Name() if self._bound(node):
                return set().union(*map(inside, self._bound(node)))
            case ast.Dict():
                return set().union(*map(inside, filter(None, node.keys)))
            case ast.List() | ast.Tuple():
                return set().union(*map(inside, node.elts))
            case ast.Subscript(value=ast.Name() as name):
                dicts = [v for v in self._bound(name) if isinstance(v, ast.Dict)]
                return set().union({"{}"}, *(inside(v) for d in dicts for v in d.values))
            case ast.Subscript(value=ast.Dict() as table):
                return set().union(*map(inside, table.values))
            case ast.Call(func=ast.Name() as name) if name.id in self.functions:
                found = ast.walk(self.functions[name.id])
                return set().union(*(inside(n.value) for n in found if isinstance(n, ast.Return)))
            case ast.Call(func=ast.Attribute(attr="format", value=text)):
                return inside(text)
        return {"{}"}

    def said(self):
        """Every template that reaches a person, with those of the values that are put into it."""
        found, self.phrases = set(), set()  # phrases: texts of several words within others
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Name) and node.id == "__doc__":
                found |= described(ast.get_docstring(self.tree))
            elif isinstance(node, ast.Call):
                for argument in self._shown(node):
                    found |= self.texts(argument)
            elif isinstance(node, ast.Dict):
                for key, value in zip(node.keys, node.values):
                    if isinstance(key, ast.Constant) and key.value in ("help", "warning"):
                        found |= self.texts(value)
        found |= {text for text in self.phrases if not re.fullmatch("`[^`]*`|python .*", text)}
        return {text for text in found if re.search("[A-Za-z]{3}", text.replace("{}", ""))}

    def _shown(self, call):
        name = getattr(call.func, "attr", None) or getattr(call.func, "id", None)
        places = (0,) if name in EXCEPTIONS else SHOWN.get(name, ())
        if name == "say" and len(call.args) > 1:  # the grader's own, by an id and a language
            return
        yield from (call.args[i] for i in places if i < len(call.args))
        yield from (k.value for k in call.keywords if k.arg in KEYWORDS)

    def literals(self):
        """Every string of the file as a template, and the parts of the docstring that are help."""
        nodes = (n for n in ast.walk(self.tree) if isinstance(n, ast.Constant | ast.JoinedStr))
        sums = (n for n in ast.walk(self.tree) if isinstance(n, ast.BinOp))
        found = set().union(*map(self.texts, [*nodes, *sums]))
        return found | described(ast.get_docstring(self.tree) or "")


def described(docstring):
    """What --help makes of a docstring: its paragraphs, and of examples what stands beside them."""
    found = set()
    for block in re.split(r"\n\s*\n", docstring.strip()):
        if block.startswith("python "):
            beside = (re.search(r"\S {2,}(\S.*)$", line) for line in block.splitlines())
            found |= {match[1] for match in beside if match}
        else:
            found.add(" ".join(block.split()))
    return found
