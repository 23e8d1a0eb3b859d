"""Which mistake an exception, a crash or a refused file points to: rules in failures.json.

A rule names the hint and what has to match, each a regular expression: "kind" (of the Failure, an
exception if not given; or the reason of wrong values), "type", "message", "line", "code" (the
statement in which it happened), "file" (the whole source), "function" (in which the statement
stands), "elsewhere" (the same if it is not the TODO's own), "body" (of the TODO's function),
"unused" (an argument of it), "idle" (a line of it whose result nobody keeps), "order" (its
arguments), "todo". "probe" names one of the questions below about what was asked. "near" is a list
of names: one of them, or of the file's own, has to resemble the group `name`. The first rule that
matches counts; its groups and its "fields" go into the hint.
"""

import ast
import difflib
import json
import re
from pathlib import Path

RULES = json.loads(Path(__file__).with_name("failures.json").read_text(encoding="utf-8"))
FIRST = ("def_order", "kept", "idle")  # seen in the source: told before what the values look like
SHOWN = 60  # characters of the student's code in a hint
LONGEST = 30_000  # characters of a file that are looked at


def explain(todo, failure, probe, source=""):
    """(hint id, what its text shows), or ("", {}) where nothing is known without doubt.

    Args:
        todo: the TODO that was asked.
        failure: what came of it.
        probe: what was asked.
        source: the student's file, as text.
    """
    source = source[:LONGEST]
    tree = _parsed(source)
    place = function_at(source, tree, failure.line)
    facts = {"kind": failure.kind, "type": failure.type, "message": failure.message, "todo": todo}
    facts |= {"code": statement(source, tree, failure.line), "file": source, "function": place}
    facts |= {"line": str(failure.line or ""), **_function(source, tree, todo)}
    facts["elsewhere"] = "" if place in (todo, "__init__", "forward") else place
    for rule in RULES["rules"]:
        fields = _fields(rule, facts, probe)
        if fields is not None and "near" in rule:
            fields["near"] = _near(fields["name"], rule["near"], tree)
        if fields is not None and fields.get("near", True):
            return rule["hint"], fields
    return "", {}


def _fields(rule, facts, probe):
    """What the rule's expressions found, or None if one of them did not."""
    wanted = {"kind": "exception$", **rule}
    found = [re.search(wanted[n], facts[n], re.S) for n in facts if n in wanted]
    if not all(found) or not _PROBES[rule.get("probe", "")](facts["message"], probe):
        return None
    groups = {n: text for match in found for n, text in match.groupdict().items() if text}
    return {**rule.get("fields", {}), **groups}


def _near(name, known, tree):
    """What `name` may have been meant to be, or "": a known name, or one of the file."""
    names = set(RULES["names"][known])
    if name in names:
        return ""
    for node in ast.walk(tree) if tree else ():
        names.add(getattr(node, "name", None))
        if known == "python":
            names |= {getattr(node, n, None) for n in ("id", "arg")}
    names = {n for n in names - {name, None} if abs(len(n) - len(name)) <= 2}
    swapped = [n for n in names if sorted(n.lower()) == sorted(name.lower())]
    close = swapped or difflib.get_close_matches(name, sorted(names), 1, 0.75)
    return close[0] if close else ""


# --- the student's file --------------------------------------------------------------------------


def _parsed(source):
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def statement(source, tree, line):
    """The statement at this line; of one with a body only its head; "" where there is no line."""
    lines = source.splitlines()
    if not line or line > len(lines):
        return ""
    around = [n for n in ast.walk(tree) if isinstance(n, ast.stmt)] if tree else []
    around = [n for n in around if n.lineno <= line <= n.end_lineno]
    if not around:
        return lines[line - 1]
    inner = max(around, key=lambda n: (n.lineno, -n.end_lineno))
    body = getattr(inner, "body", None)
    end = max(inner.lineno, body[0].lineno - 1) if body else inner.end_lineno
    return "\n".join(lines[inner.lineno - 1 : end])


def function_at(source, tree, line):
    """The function in which this line stands, "" if it stands in none."""
    if not line:
        return ""
    if tree is None:
        heads = re.findall(r"^([ \t]*)def\s+(\w+)", "\n".join(source.splitlines()[:line]), re.M)
        return heads[-1][1] if heads else ""
    functions = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)]
    around = [n for n in functions if n.lineno <= line <= n.end_lineno]
    return max(around, key=lambda n: n.lineno).name if around else ""


def _function(source, tree, todo):
    """The TODO's function: body, arguments, one that is not read, a computation that is lost."""
    name = function_of(todo)
    for node in ast.walk(tree) if tree else ():
        if isinstance(node, ast.FunctionDef) and node.name == name:
            names = [a.arg for a in node.args.args]
            unused = next((n for n in names if n != "self" and _unread(node, n)), "")
            body = "\n".join(source.splitlines()[node.lineno : node.end_lineno])
            return {"body": body, "unused": unused, "order": " ".join(names), "idle": _idle(node)}
    return {"body": "", "unused": "", "order": "", "idle": ""}


def _unread(function, name):
    """Whether an argument is never read, or gets another value before that."""
    for statement in function.body:
        uses = [n.ctx for n in ast.walk(statement) if isinstance(n, ast.Name) and n.id == name]
        if uses:
            read = any(isinstance(u, ast.Load) for u in uses)
            return isinstance(statement, ast.Assign) and not read
    return True


def _idle(function):
    """The first line that computes or compares and does not keep the result, with its number."""
    for node in ast.walk(function):
        value = getattr(node, "value", None) if isinstance(node, ast.Expr) else None
        if isinstance(value, (ast.BinOp, ast.UnaryOp, ast.Compare)):
            return f"{node.lineno} {ast.unparse(value)[:SHOWN]}"
    return ""


def function_of(todo):
    """The function of a TODO that computes; of the AutoEncoder it is forward."""
    return "forward" if todo == "AutoEncoder" else todo


# --- what was asked ------------------------------------------------------------------------------


def _steps_have_no_dimension(_, probe):
    """Every t of the probe is 0-D."""
    steps = [a for n, a in probe["arrays"].items() if n[0] == "t" and a.dtype.kind == "i"]
    return bool(steps) and all(a.ndim == 0 for a in steps)


def _lies_along_width(message, probe):
    """A broadcast of shape [B] against [B, C, H, W], with B that of one of the probe's calls."""
    found = re.findall(r"shape of [XY] = \[([\d, ]+)\]", message)
    shapes = sorted(([int(n) for n in s.split(",")] for s in found), key=len)
    batches = {a.shape[0] for n, a in probe["arrays"].items() if n[0] == "t" and a.ndim == 1}
    return (
        [len(s) for s in shapes] == [1, 4]
        and shapes[0] == shapes[1][:1]
        and shapes[0][0] in batches
    )


_PROBES = {
    "": lambda *_: True,
    "no dimension": _steps_have_no_dimension,
    "along the width": _lies_along_width,
}
