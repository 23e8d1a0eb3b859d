"""A student's notebook -> the text of one assignment file, and which cell each line came from.

A notebook trains and plots; none of that may run here. Only what the TODO functions of a file need
is taken from the code cells, in their order: definitions, imports, simple assignments. Running the
text is as running the notebook, so of two definitions of one name the last one counts.
"""

import ast
import re
import symtable
import warnings
from dataclasses import dataclass, field, replace

from tests.assessment.judge import Failure
from tests.grading.archives import Refused

MAX_NOTEBOOK = 24 * 2**20  # bytes, with pictures
MAX_WITHOUT_OUTPUTS = 2 * 2**20
MAX_TOKENS = 4_000_000
MAX_OBJECTS = (20_000, 100_000)  # of JSON: objects and lists
MAX_CELL = 48 * 2**10  # bytes; Python's syntax tree takes a thousand times as much
MAX_CODE = 512 * 2**10
MAX_PARSED = 2 * 2**20  # bytes, with those that are read again after a magic was taken out
MAX_LINES = 3000  # of a cell, `;` counted as line ends
_BULKY = (b'"outputs"', b'"attachments"', b'"widgets"')
_TOKEN = re.compile(rb'"|\\.|[\[\]{}]', re.DOTALL)
_MAGIC = re.compile(r"\s*[%!?]|\s*[\w, ]+=\s*[%!]|.*\?\s*$")
_PYTHON_CELLS = ("time", "timeit", "capture", "prun", "mprun", "memit", "python", "python3")
_LIBRARIES = ("paddle", "numpy", "math")  # whose functions a simple assignment may call
_BUILTINS = ("int", "float", "bool", "str", "len", "range", "list", "tuple", "dict", "set")
_BUILTINS += ("min", "max", "abs", "sum", "round", "sorted", "slice")
_OUTSIDE = ("load", "loadtxt", "genfromtxt", "fromfile", "memmap", "save", "seed", "set_device")


@dataclass(frozen=True)
class Wanted:
    """What one assignment file is to define. given: names that the grader sets itself."""

    names: tuple
    given: tuple = ()


@dataclass
class Code:
    """text: of a Python file. places: of each of its lines, (number of the code cell, line)."""

    text: str = ""
    places: list = field(default_factory=list)
    notes: list = field(default_factory=list)


# --- the file ---------------------------------------------------------------------------------


def code_cells(data, name):
    """The texts of the code cells of a notebook, in any version of the format. Raises Refused."""
    import nbformat  # a quarter of a second; most submissions have no notebook

    small = _without_outputs(data, name)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = nbformat.convert(nbformat.reader.reads(small.decode("utf-8-sig")), 4)
        sources = [cell.get("source", "") for cell in book.cells if cell.cell_type == "code"]
    except Exception as error:  # whatever the library makes of a stranger's bytes
        raise Refused("notebook_damaged", name=name) from error
    texts = ["".join(s) if isinstance(s, list) else str(s) for s in sources]
    if sum(map(len, texts)) > MAX_CODE:
        raise Refused("notebook_large", name=name, limit=MAX_CODE)
    return [t.replace("\r\n", "\n").replace("\r", "\n") for t in texts]


def _without_outputs(data, name):
    """The JSON without outputs and pictures: they are most of it, and nothing of them is needed."""
    kept, start, size = [], 0, 0
    for begin, end in _bulk(data, name):
        kept.append(data[start:begin])
        size, start = size + begin - start, end
        if size > MAX_WITHOUT_OUTPUTS:
            break
    kept.append(data[start : start + MAX_WITHOUT_OUTPUTS + 1])
    small = b"".join(kept)
    counted = zip((b"{", b"["), MAX_OBJECTS)
    if len(small) > MAX_WITHOUT_OUTPUTS or any(small.count(c) > most for c, most in counted):
        raise Refused("notebook_large", name=name, limit=MAX_WITHOUT_OUTPUTS)
    return small


def _bulk(data, name):
    """(begin, end) of the inside of each list or object behind a key of _BULKY."""
    string = cut = None  # where the string began that we are in, the bulk and its depth
    depth, key, key_end = 0, b"", 0
    for count, token in enumerate(_TOKEN.finditer(data)):
        sign, at = token[0], token.start()
        if count > MAX_TOKENS:
            raise Refused("notebook_large", name=name, limit=MAX_WITHOUT_OUTPUTS)
        if sign == b'"':
            if string is not None:
                key, key_end = data[string : min(at + 1, string + 20)], at + 1
            string = at if string is None else None
        elif string is None and sign in (b"[", b"{"):
            depth += 1
            if cut is None and key in _BULKY and data[key_end:at].strip() == b":":
                cut = (at + 1, depth)
            key = b""
        elif string is None and sign in (b"]", b"}"):
            if cut is not None and cut[1] == depth:
                yield cut[0], at
                cut = None
            depth -= 1


# --- the cells --------------------------------------------------------------------------------


@dataclass(slots=True)
class _Statement:
    """One statement at the top level of a cell. kind: "define", "import", "set" or "other"."""

    kind: str
    cell: int
    line: int
    text: str
    binds: set
    uses: set


def extract(cells, wanted, name):
    """The code that the names of `wanted` need, as Code.

    Args:
        cells: list of str, the code cells.
        wanted: Wanted.
        name: what the notebook is called.
    """
    notes, statements = _Notes(name), []
    budget = [MAX_PARSED]
    for number, cell in enumerate(cells, 1):
        statements += _statements(*_plain(cell, number, budget, notes), number)
    _resolve(statements)
    taken = _needed(statements, wanted)
    code = Code(notes=notes.all(statements, taken, wanted))
    for statement in taken:
        lines = statement.text.split("\n")
        code.text += statement.text + "\n"
        code.places += [(statement.cell, statement.line + i) for i in range(len(lines))]
    return code


class _Notes:
    """What is said about a notebook, collected by kind."""

    def __init__(self, name):
        self.name, self.magics, self.foreign, self.broken = name, [], [], []

    def all(self, statements, taken, wanted):
        """The list of Refused, each at most once a kind, but for cells that are not Python."""
        said = [Refused("cell_broken", name=self.name, **where) for where in self.broken[:5]]
        if self.magics or self.foreign:
            cells = _numbers(self.magics + self.foreign)
            said.append(Refused("cells_magic", name=self.name, cells=cells))
        skipped = [s.cell for s in statements if s.kind == "other"]
        if skipped:
            said.append(Refused("cells_skipped", name=self.name, cells=_numbers(skipped)))
        said += self._given(statements, wanted) + self._missing(statements, taken, wanted)
        return said + self._twice(taken)

    def _given(self, statements, wanted):
        own = {n for s in statements for n in s.binds if n in wanted.given}
        return [Refused("cells_given", names=", ".join(sorted(own)))] if own else []

    def _missing(self, statements, taken, wanted):
        """Names that were needed and are only set by code that does not run."""
        set_by = {}
        for s in statements:
            if s.kind == "other":
                set_by.update(dict.fromkeys(s.binds, s.cell))
        bound = set(wanted.given).union(*(s.binds for s in taken))
        lost = {n: set_by[n] for s in taken for n in s.uses if n in set_by and n not in bound}
        return [
            Refused("cells_lost", what=what, cell=cell) for what, cell in sorted(lost.items())[:5]
        ]

    def _twice(self, taken):
        cells = {}
        for s in taken:
            if s.kind == "define":
                for n in s.binds:
                    cells.setdefault(n, []).append(s.cell)
        return [
            Refused("cells_twice", name=self.name, what=what, cells=_numbers(where))
            for what, where in cells.items()
            if len(where) > 1
        ]


def _numbers(cells):
    cells = sorted(set(cells))
    return ", ".join(map(str, cells[:12])) + (" ..." if len(cells) > 12 else "")


def _plain(cell, number, budget, notes):
    """(text, syntax tree) of a cell, with magics and shell lines taken out; ("", None) for none.

    Only a line at which Python stumbles is taken for a magic: `%` also stands in expressions.
    """
    size = len(cell.encode("utf-8", "replace"))
    if size > MAX_CELL or cell.count("\n") + cell.count(";") > MAX_LINES:
        notes.broken.append({"cell": number, "line": 1, "why": "too long"})
        return "", None
    lines = cell.split("\n")
    first = next((i for i, line in enumerate(lines) if line.strip()), None)
    if first is not None and lines[first].startswith("%%"):
        if not _python_cell(lines[first]):
            notes.foreign.append(number)
            return "", None
        notes.magics.append(number)
        lines[first] = ""
    while True:
        budget[0] -= size
        try:
            text = "\n".join(lines)
            return text, _parse(text)
        except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
            at = _logical_line(lines, (getattr(error, "lineno", None) or 1) - 1)
            if budget[0] <= 0 or at >= len(lines) or not _MAGIC.match(lines[at]):
                why = getattr(error, "msg", "") or type(error).__name__
                notes.broken.append({"cell": number, "line": at + 1, "why": why})
                return "", None
        notes.magics.append(number)
        _blank(lines, at)


def _python_cell(line):
    """Whether what follows a %%magic is Python that belongs to the notebook."""
    word, _, rest = line[2:].strip().partition(" ")
    return word in _PYTHON_CELLS or (word == "writefile" and rest.strip().endswith(".py"))


def _logical_line(lines, at):
    """The index of the line that goes on, by backslashes, to the one at `at`."""
    at = min(at, len(lines))
    while at > 0 and lines[at - 1].rstrip().endswith("\\"):
        at -= 1
    return at


def _blank(lines, at):
    """Put `pass` in place of a magic, and nothing in place of the lines that it goes on in."""
    goes_on = lines[at].rstrip().endswith("\\")
    lines[at] = re.match(r"\s*", lines[at])[0] + "pass"
    while goes_on and at + 1 < len(lines):
        at += 1
        goes_on = lines[at].rstrip().endswith("\\")
        lines[at] = ""


def _parse(text):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the student's code, such as "\d"
        return ast.parse(text)


def _statements(text, tree, number):
    """The _Statements of a cell; `uses` is filled in by _resolve, for those that may count."""
    if tree is None:
        return []
    lines = [line.encode() for line in text.split("\n")]
    found = []
    for node in tree.body:
        constant = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if not constant and not isinstance(node, ast.Pass):
            kind = _kind(node)
            line, source = _source(node, lines) if kind != "other" else (node.lineno, "")
            found.append(_Statement(kind, number, line, source, _binds(node), set()))
    return found


def _source(node, lines):
    """(first line, text) of a top-level node, decorators included."""
    decorators = getattr(node, "decorator_list", [])
    first = decorators[0].lineno if decorators else node.lineno
    picked = lines[first - 1 : node.end_lineno]
    compound = hasattr(node, "body")
    if not compound:  # it may share its lines with others: a = 1; train()
        picked[-1] = picked[-1][: node.end_col_offset]
        picked[0] = picked[0][node.col_offset :]
    return first, b"\n".join(picked).decode()


def _kind(node):
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return "define"
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return "import" if _may_import(node) else "other"
    if isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value is not None:
        return "set" if _simple(node.value) else "other"
    blocks = [getattr(node, b, []) for b in ("body", "orelse", "finalbody")]
    if isinstance(node, ast.Try):
        blocks += [h.body for h in node.handlers]
    elif not (isinstance(node, ast.If) and _simple(node.test)):
        return "other"
    inner = {_kind(n) for block in blocks for n in block if not isinstance(n, ast.Pass)}
    return "set" if "other" not in inner else "other"


def _may_import(node):
    """All but `from x import *` of what is not one of the usual libraries."""
    star = any(alias.name == "*" for alias in node.names)
    return not star or (getattr(node, "module", None) or "").split(".")[0] in _LIBRARIES


def _simple(node):
    """Whether an expression computes something small: constants, names, what libraries do."""
    allowed = (ast.Constant, ast.Name, ast.Attribute, ast.UnaryOp, ast.BinOp, ast.BoolOp)
    allowed += (ast.Compare, ast.Tuple, ast.List, ast.Set, ast.Dict, ast.Subscript, ast.Slice)
    allowed += (ast.Call, ast.keyword, ast.IfExp, ast.Starred, ast.expr_context, ast.operator)
    allowed += (ast.unaryop, ast.boolop, ast.cmpop, ast.JoinedStr, ast.FormattedValue)
    if isinstance(node, ast.Lambda):
        return True
    return all(isinstance(n, allowed) for n in ast.walk(node)) and all(
        _known_call(n.func) for n in ast.walk(node) if isinstance(n, ast.Call)
    )


def _known_call(function):
    """`paddle.linspace`, `float`, `alpha.reshape`: not a class or function of the student's."""
    if isinstance(function, ast.Name):
        return function.id in _BUILTINS
    return isinstance(function, ast.Attribute) and function.attr not in _OUTSIDE


def _binds(node):
    """The global names that a statement sets or changes."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return {node.name}
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return {(alias.asname or alias.name).split(".")[0] for alias in node.names}
    names = set()
    for inner in _own_scope(node):
        if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store):
            names.add(inner.id)
        elif isinstance(inner, (ast.Attribute, ast.Subscript)) and isinstance(inner.ctx, ast.Store):
            names.add(_root(inner))
        elif isinstance(inner, (ast.FunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)):
            names |= _binds(inner)
    return names - {""}


def _own_scope(node):
    """The nodes below one, without those within functions and classes."""
    waiting = [node]
    while waiting:
        inner = waiting.pop()
        yield inner
        if not isinstance(inner, (ast.FunctionDef, ast.ClassDef, ast.Lambda)):
            waiting += ast.iter_child_nodes(inner)


def _root(node):
    """The name at the left end of `a.b[c].d`, or ""."""
    while isinstance(node, (ast.Attribute, ast.Subscript)):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _resolve(statements):
    """Settle which assignments are simple, now that all imports are known; see what each uses."""
    modules = _modules(statements)
    for statement in statements:
        if statement.kind == "other":
            continue
        statement.uses = _globals_of(statement.text)
        if statement.kind == "set" and not _calls_libraries(statement.text, modules):
            statement.kind = "other"


def _modules(statements):
    """Names under which the usual libraries, or parts of them, were imported."""
    names = set()
    for statement in statements:
        if statement.kind != "import":
            continue
        for node in _parse(statement.text).body:
            for alias in node.names:
                source = getattr(node, "module", None) or alias.name
                if source.split(".")[0] in _LIBRARIES:
                    names.add((alias.asname or alias.name).split(".")[0])
    return names


def _calls_libraries(text, modules):
    """Whether every method that an assignment calls is one of a library or of its own value."""
    for node in ast.walk(_parse(text)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            root = node.func
            while isinstance(root, (ast.Attribute, ast.Subscript, ast.Call)):
                root = root.func if isinstance(root, ast.Call) else root.value
            foreign = isinstance(root, ast.Name) and root.id not in modules
            if foreign and node.func.attr not in _TENSOR_METHODS:
                return False
    return True


_TENSOR_METHODS = ("reshape", "astype", "cumprod", "sqrt", "unsqueeze", "numpy", "item", "cast")


def _globals_of(text):
    """The global names that a statement reads, now or when its functions are called."""
    try:
        waiting, names = [symtable.symtable(text, "cell", "exec")], set()
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return set()
    while waiting:
        table = waiting.pop()
        waiting += table.get_children()
        names |= {s.get_name() for s in table.get_symbols() if s.is_referenced() and s.is_global()}
    return names


def _needed(statements, wanted):
    """The statements that define the wanted names, and those that they need, in their order."""
    able = [s for s in statements if s.kind != "other" and not s.binds & set(wanted.given)]
    able = [s for s in able if not (s.kind == "set" and _shadows(s, wanted))]
    by_name = {}
    for statement in able:
        for name in statement.binds:
            by_name.setdefault(name, []).append(statement)
    taken, waiting = set(), list(wanted.names)
    while waiting:
        for statement in by_name.pop(waiting.pop(), ()):
            if id(statement) not in taken:
                taken.add(id(statement))
                waiting += statement.uses | statement.binds
    stars = {id(s) for s in able if s.kind == "import" and "*" in s.binds}
    return [s for s in able if id(s) in (taken | stars if taken else taken)]


def _shadows(statement, wanted):
    """`loss = loss(x)`: a result that would take the place of the function that is asked for."""
    if not statement.binds & set(wanted.names):
        return False
    for node in _parse(statement.text).body:
        value = getattr(node, "value", None)
        target = node.targets[0] if isinstance(node, ast.Assign) else None
        if isinstance(target, ast.Name) and not isinstance(
            value, (ast.Lambda, ast.Name, ast.Attribute)
        ):
            return True
    return False


# --- cells in what is told ------------------------------------------------------------------------


class InCells:
    """A worker (pool.Worker or alike) that names cells where a notebook's code fails.

    places: text of a file -> its Code.places.
    """

    def __init__(self, worker, places):
        self._worker, self._places = worker, places

    def __getattr__(self, name):
        return getattr(self._worker, name)

    def call(self, file, source, *args, **options):
        """As the worker's own."""
        reply = self._worker.call(file, source, *args, **options)
        places, failure = self._places.get(source), reply.values
        if places is None or not isinstance(failure, Failure) or not failure.line:
            return reply
        known = failure.line <= len(places)
        cell, line = places[failure.line - 1] if known else (None, None)
        return replace(reply, values=replace(failure, cell=cell, line=line))
