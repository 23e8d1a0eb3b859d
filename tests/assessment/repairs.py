"""Names a mistake by mending it: which small change makes the student's function right?

A change stands for a mistake in the student's own words ("the bracket is missing"). It is tried
out, so what is told is true; where changes of different kinds help, nothing is told.

repairs.json has the changes in groups, likelier ones first: [hint id, what stands there, what
it becomes]. The keys of "names" stand for each of their values. In an expression A to E match
anything, N a number, S a factor without a tensor's values, K one that reads a size (x.shape[0]); *X
and *Y match all further arguments.
"""

import ast
import copy
import itertools
import json
import time
from pathlib import Path

from tests.assessment.failures import SHOWN, function_of

SECONDS = 6  # for all changes together
NAMES, GROUPS = json.loads(Path(__file__).with_suffix(".json").read_text("utf-8")).values()
# The first of them that is found covers the others.
_SAME = ("line_too_much", "factor_too_much", "term_too_much", "square_missing", "number_other")


def explain(source, todo, passes):
    """(hint id, what its text shows) of the change that helps, or ("", {}).

    Args:
        source: the student's file, as text.
        todo: the name of the function.
        passes: (source, everything) -> bool, whether a changed file is right, in every check or in
            the one that failed; it runs the student's code.
    """
    tree = ast.parse(source)
    named = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)]
    named = [n for n in named if n.name == function_of(todo)]
    if not named or any(isinstance(n, ast.While) for n in ast.walk(named[-1])):
        return "", {}
    until = time.monotonic() + SECONDS
    for group in range(len(GROUPS)):
        found = {}
        for hint, pairs in _trials(group, named[-1]):
            if time.monotonic() > until:
                return "", {}
            if hint not in found and passes(_with(tree, pairs), group > 1):
                old, _ = pairs[0]
                code = ast.unparse(old)
                short = code if len(code) <= SHOWN else f"{code[:SHOWN]} ..."
                found[hint] = {"line": old.lineno, "code": short}
        if found:
            only = next((n for n in _SAME if n in found), "")
            same = only == _SAME[0] or set(found) <= set(_SAME)
            return (only, found[only]) if same else found.popitem() if len(found) == 1 else ("", {})
    return "", {}


def _trials(group, function):
    """(hint id, [(old node, new node)]): each change by itself, then all of one kind together."""
    kinds, changes = {}, _changes(group, function)
    for node in ast.walk(function):
        for hint, new in _changed(node, changes, function, group):
            kinds.setdefault(hint, []).append((node, new))
            yield hint, [(node, new)]
    yield from ((h, pairs) for h, pairs in kinds.items() if 1 < len({o for o, _ in pairs}) < 5)


def _with(tree, pairs):
    """The source with these nodes exchanged; the tree stays as it was."""
    exchanged = copy.deepcopy(tree, {id(old): new for old, new in pairs})
    return ast.unparse(ast.fix_missing_locations(exchanged))


def _changes(group, function):
    """(hint id, pattern, replacement) as trees, the names written out."""
    own = [a.arg for a in function.args.args if a.arg != "self"]
    names = {**NAMES, "ARGUMENT": own, "ARG2": own, "FIRST": own[:1]}
    changes = []
    for hint, *both in GROUPS[group]:
        keys = [n for n in names if any(n in text for text in both)]
        for values in itertools.product(*(names[k] for k in keys)):
            written = both
            for key, value in zip(keys, values):
                written = [text.replace(key, value) for text in written]
            if written[0] != written[1]:
                changes.append((hint, *(ast.parse(w, mode="eval").body for w in written)))
    return changes


def _changed(node, changes, function, group):
    """(hint id, new node) for one node: the changes of the file, and two of whole statements."""
    for hint, pattern, replacement in changes if isinstance(node, ast.expr) else ():
        found = {}
        if _matches(pattern, node, found):
            yield hint, _Filled(found).visit(copy.deepcopy(replacement))
    if isinstance(node, (ast.Assign, ast.AugAssign)) and group == 0:
        target = node.targets[0] if isinstance(node, ast.Assign) else node.target
        if getattr(target, "id", "self") in [a.arg for a in function.args.args]:
            yield "line_too_much", ast.Pass()
    if isinstance(node, ast.Return) and isinstance(node.value, ast.Name) and group == 2:
        names = (n for n in ast.walk(function) if isinstance(n, ast.Name))
        stored = {n.id for n in names if isinstance(n.ctx, ast.Store)}
        for name in stored - {node.value.id}:
            yield "name_other", ast.Return(ast.Name(name, ast.Load()))


def _matches(pattern, node, found):
    """Whether the node is what the pattern says; what the letters stand for goes into `found`."""
    if isinstance(pattern, ast.Name) and len(pattern.id) == 1 and pattern.id in "ABCDENSK":
        if not isinstance(node, ast.expr) or not _fits(pattern.id, node):
            return False
        return ast.dump(found.setdefault(pattern.id, node)) == ast.dump(node)
    if type(pattern) is not type(node):
        return False
    if isinstance(pattern, ast.Call) and _rest(pattern):
        args = pattern.args[:-1]
        found[_rest(pattern)] = node.args[len(args) :], node.keywords
        pairs = [(pattern.func, node.func), *zip(args, node.args)]
        return len(node.args) >= len(args) and all(_matches(p, n, found) for p, n in pairs)
    if isinstance(pattern, list):
        same = len(pattern) == len(node)
        return same and all(_matches(p, n, found) for p, n in zip(pattern, node))
    if isinstance(pattern, ast.AST):
        return all(_matches(v, getattr(node, n), found) for n, v in ast.iter_fields(pattern))
    return pattern == node


def _rest(call):
    """The letter of *X, "" if the call has none."""
    last = call.args[-1] if call.args else None
    return last.value.id if isinstance(last, ast.Starred) else ""


class _Filled(ast.NodeTransformer):
    """Puts what was found where the letters stand."""

    def __init__(self, found):
        self.found = found

    def visit_Name(self, node):
        return self.found.get(node.id, node)

    def visit_Call(self, node):
        args, keywords = self.found[_rest(node)] if _rest(node) else ([], [])
        own = node.args[:-1] if _rest(node) else node.args
        own = [self.visit(a) for a in own]
        return ast.Call(self.visit(node.func), [*own, *args], [*node.keywords, *keywords])


def _fits(letter, node):
    if letter == "N":
        return isinstance(node, ast.Constant) and type(node.value) in (int, float)
    read = any(isinstance(n, ast.Subscript) for n in ast.walk(node))
    return letter in "ABCDE" or (_is_number(node) and read == (letter == "K"))


def _is_number(node):
    """A factor without a tensor's values: numbers, sizes, and what is made of them."""
    if isinstance(node, ast.BinOp):
        return _is_number(node.left) and _is_number(node.right)
    if isinstance(node, ast.UnaryOp):
        return _is_number(node.operand)
    size = ast.unparse(node)
    return isinstance(node, ast.Constant) or ".shape" in size or size.startswith("len(")
