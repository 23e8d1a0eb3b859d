"""Which file of a submission is meant as which of the three assignment files.

By name first, then by what a file defines: `main.py` with all functions, `assignment (1).py`, a
notebook. What is not clear is not guessed, and what is not used is named.
"""

import hashlib
import re
from dataclasses import dataclass, field

from tests.grading import handed_out, notebooks
from tests.grading.archives import Refused
from tests.grading.inert import inert
from tests.grading.notebooks import Wanted

FILES = ("ae/assignment.py", "vae/assignment.py", "diffusion/assignment.py")
NAMES = {**{f: f for f in FILES}, **{f.split("/")[0] + ".py": f for f in FILES}}
MAX_FILE = 2**20  # bytes of one Python file
MAX_LOOKS = 60  # files that are read to see what they define
MAX_OURS = 1000  # files that turn out to be ours
MIN_OURS = 3  # line ends of a definition that is long enough to be known
MAX_ALIKE = 4  # files of one name that are compared
WANTED = {
    "ae/assignment.py": Wanted(("AutoEncoder",)),
    "vae/assignment.py": Wanted(("reparameterize", "kl_div_loss", "region_weighted_loss", "CVAE")),
    "diffusion/assignment.py": Wanted(
        ("DDPM", "add_noise", "remove_noise", "loss"),
        given=("alpha", "beta", "alpha_bar", "sigma_square", "predict_noise"),
    ),
}
_BODIES = {"ae/assignment.py": 2, "vae/assignment.py": 3, "diffusion/assignment.py": 3}
_WORDS = {
    "ae": FILES[0],
    "autoencoder": FILES[0],
    "vae": FILES[1],
    "cvae": FILES[1],
    "diffusion": FILES[2],
    "ddpm": FILES[2],
}
_CODE = re.compile(r"(\.py|\.ipynb)(\.txt|\.py)?[ .]*(\(\d+\))?[ .]*$", re.IGNORECASE)
_WORK = re.compile(  # what may hold somebody's work in a form that cannot be marked
    r"\.(py|pyw|ipynb|txt|docx?|wps|odt|rtf|pdf|html?|eml|m|zip|rar|7z|tar|tgz|gz|xz|bz2|pyc)"
    r"(?![a-z0-9])|^[^.]*$",  # with what editors and browsers put behind it; or without an ending
    re.IGNORECASE,
)
_NO_WORK = re.compile(
    r"readme|requirements|licen[cs]e|makefile|dockerfile|setup|conftest|__init__", re.IGNORECASE
)
_DEFINED = re.compile(r"^(?:async +)?(?:def|class) +(\w+)|^(\w+) *=[^=]", re.MULTILINE)
_METHOD = re.compile(r"^[ \t]+(?:async +)?def +reparameterize\b", re.MULTILINE)


UNUSUAL = (  # keys of messages.py, in the order in which they are said
    *("twice_same", "was_unwritten", "other_name", "as_notebook", "other_case", "was_packed"),
)


@dataclass
class Candidate:
    """A file that could be one of the three. rank: 0 by its name, 1 nearly so, 2 by content."""

    entry: object
    rank: int
    base: int = 0  # how many folders deep the three files would lie
    defines: frozenset = frozenset()
    unwritten: bool = False
    cells: list | None = None  # of a notebook
    sha256: str = ""  # of a notebook: it may be large, and is read once

    def key(self):
        """The smallest one is meant."""
        return (self.unwritten, self.rank, self.base, -len(self.defines))


@dataclass
class Choice:
    """What was found for one of the three. problem: Refused, or None; candidate is None then."""

    candidate: Candidate | None = None
    problem: Refused | None = None
    told: tuple = ()  # ids of entries that need not be named again


@dataclass
class Selection:
    """choices: whitelisted name -> Choice. notes: [Refused], what is unusual about it."""

    choices: dict = field(default_factory=dict)
    notes: list = field(default_factory=list)


def select(contents, asked=FILES):
    """The Selection of the three files from a listing.Contents.

    asked: those that anything is to be said about; the choice is the same for any of them.
    """
    return _Search(contents, asked).run()


class _Search:
    def __init__(self, contents, asked):
        self.contents, self.asked = contents, asked
        self.found = {target: [] for target in FILES}
        self.seen = set()  # ids of entries that were looked at
        self.ours = set()  # of these, files that were handed out
        self.looks = MAX_LOOKS
        self.notes = []
        self.unusual = {key: {} for key in UNUSUAL}  # key -> name -> [targets]

    def run(self):
        self._by_name()
        while self._lacking() and self.contents.unpack():
            self._by_name()
        self._by_content(everywhere=bool(self._lacking()))
        self.notes += self.contents.remarks
        choices = {target: self._choose(target) for target in FILES}
        for key, names in self.unusual.items():
            if names:
                bare = key in ("twice_same", "was_packed")
                listed = (n if bare else f"{n} ({', '.join(t)})" for n, t in names.items())
                self.notes.append(Refused(key, names=", ".join(listed)))
        self._note_unused(choices)
        return Selection({t: c for t, c in choices.items() if c}, self.notes)

    # --- candidates ---------------------------------------------------------------------------

    def _lacking(self):
        """Targets for which there is no written file of the right name."""
        return [t for t in FILES if all(c.unwritten for c in self.found[t])]

    def _by_name(self):
        """Take in entries that are called as the contract says; case aside."""
        for entry in self.contents.entries:
            target, base = _exact(entry)
            if target and id(entry) not in self.seen:
                self.seen.add(id(entry))
                self.found[target].append(Candidate(entry, 0, base))
        for target in FILES:
            alike = self.found[target]
            for candidate in alike:
                # many are as good as one another: they are not even looked at
                candidate.unwritten = len(alike) <= MAX_ALIKE and self._unwritten(candidate, target)

    def _unwritten(self, candidate, target):
        """Whether a file is as it was handed out, or defines nothing: then others may be meant."""
        text = self._text(candidate.entry) if candidate.entry.kind == "file" else None
        if text is None:
            return False
        candidate.defines = _defines(text, target)
        return not candidate.defines or _as_handed_out(text, target)

    def _text(self, entry):
        """The text of a .py file for looking at what it defines, or None."""
        try:
            return self.contents.read(entry, MAX_FILE).decode("utf-8", "replace")
        except Refused:
            return None

    def _by_content(self, everywhere):
        """Look into files of other names: all, or those beside the files that were found."""
        bases = {c.base for t in FILES for c in self.found[t]}
        for entry in self.contents.entries:
            if entry.kind != "file" or id(entry) in self.seen or not _CODE.search(entry.name):
                continue
            is_book = ".ipynb" in entry.name.lower()
            beside = _base(entry) in bases and (is_book or _called_alike(entry))
            if self.looks > 0 and len(self.ours) < MAX_OURS and (everywhere or beside):
                self.seen.add(id(entry))
                self._look(entry, is_book)
                self.looks -= id(entry) not in self.ours

    def _look(self, entry, is_book):
        cells, digest = None, ""
        if is_book:
            try:
                data = self.contents.read(entry, notebooks.MAX_NOTEBOOK)
                cells = notebooks.code_cells(data, entry.shown)
                digest = hashlib.sha256(data).hexdigest()
            except Refused as error:
                self.notes.append(error)
                return
            text = "\n".join(cells)
        else:
            text = self._text(entry) or ""
        if handed_out.is_ours(entry.parts, text):
            self.ours.add(id(entry))
        near = _near(entry)
        for target in FILES:
            defines = _own(text, target)
            if defines and (near == target or defines != {"loss"}):
                rank, unwritten = (1 if near == target else 2), _as_handed_out(text, target)
                found = Candidate(entry, rank, _base(entry), defines, unwritten, cells, digest)
                self.found[target].append(found)

    # --- the choice ---------------------------------------------------------------------------

    def _choose(self, target):
        candidates = sorted(self.found[target], key=Candidate.key)
        if not candidates:
            return None
        best = [c for c in candidates if c.key()[:3] == candidates[0].key()[:3]]
        if candidates[0].rank:  # of other names, the one that defines more is meant
            best = [c for c in best if len(c.defines) == len(best[0].defines)]
        if len(best) > 1:
            names = ", ".join(sorted({inert(c.entry.shown, 60) for c in best})[:8])
            if not self._same(best):
                problem = Refused("file_twice", file=target, names=names)
                return Choice(problem=problem, told=_entries(best))
            self._note("twice_same", names, target)
        self._note_name(best[0], target, candidates)
        return Choice(best[0], told=_entries(best))

    def _same(self, candidates):
        """Whether these are copies of one another."""
        if len(candidates) > MAX_ALIKE or any(c.entry.kind != "file" for c in candidates):
            return False
        try:
            return len({self._digest(c) for c in candidates}) == 1
        except Refused:
            return False

    def _digest(self, candidate):
        data = b"" if candidate.sha256 else self.contents.read(candidate.entry, MAX_FILE)
        return candidate.sha256 or hashlib.sha256(data).hexdigest()

    def _note_name(self, chosen, target, candidates):
        """Note where a file is not called, or does not lie, as it should."""
        entry, short = chosen.entry, target.split("/")[0] + ".py"
        others = [c for c in candidates if c.rank == 0 and c.unwritten and c is not chosen]
        if others and not chosen.unwritten:
            self._note("was_unwritten", others[0].entry.shown, target, entry.shown)
        if chosen.rank and _version(entry.name) in (short, "assignment.py") and _near(entry):
            pass  # Canvas itself counts the versions of a file that is handed in again
        elif chosen.rank:
            kind = "other_name" if chosen.cells is None else "as_notebook"
            self._note(kind, entry.shown, target)
        elif not "/".join(entry.parts).endswith((target, short)):
            self._note("other_case", entry.shown, target)
        if entry.level:
            self._note("was_packed", entry.shown, target)

    def _note(self, kind, name, target, shown=""):
        if target in self.asked:
            self.unusual[kind].setdefault(name, []).append(shown or target)

    def _note_unused(self, choices):
        """Name what holds work and was not taken, and what was found where something is missing."""
        used = {id(c.candidate.entry) for c in choices.values() if c and c.candidate}
        told = {i for c in choices.values() if c for i in c.told}
        spare = [
            c.entry
            for target in self.asked
            for c in self.found[target]
            if id(c.entry) not in used | told and not (c.unwritten and choices[target].candidate)
        ]
        if all(choices.values()):
            spare += self.contents.archives_left() if len(self.contents.entries) < 40 else []
        names = list(dict.fromkeys(e.shown for e in spare))
        if names:
            self.notes.append(Refused("not_used", names=_listed(names)))
        missing = [t for t, c in choices.items() if c is None]
        if missing:
            self._note_missing(missing, choices, used | told | {id(e) for e in spare})

    def _note_missing(self, missing, choices, known):
        entries = [
            e
            for e in self.contents.entries
            if id(e) not in known and e.kind != "folder" and not self._from_us(e)
        ]
        work = [e.shown for e in entries if _WORK.search(e.name) and not _NO_WORK.search(e.name)]
        nothing = not any(choices.values())
        names = work or ([e.shown for e in entries] if nothing else [])
        names = _listed(names) if names else ""
        for target in missing:
            problem = Missing(target, names)
            choices[target] = Choice(problem=problem) if names or nothing else None
        expected = ", ".join(t for t in missing if t in self.asked)
        if expected and (names or nothing):
            key = "found_instead" if names else "found_nothing"
            self.notes.append(Refused(key, names=names, expected=expected))

    def _from_us(self, entry):
        """Whether it was handed out. What is not code is looked at where it is called so."""
        if id(entry) in self.ours:
            return True
        called_so = entry.kind == "file" and handed_out.path_of(entry.parts)
        return called_so and handed_out.is_ours(entry.parts, self._text(entry) or "")


class Missing(Refused):
    """No file for a target; names: what was found, or ""."""

    def __init__(self, target, names=""):
        super().__init__("missing_file", file=target, short=target.split("/")[0] + ".py")
        self.names = names

    def say(self, lang):
        """The reason in "en" or "zh"."""
        found = Refused("also_found", names=self.names).say(lang) if self.names else ""
        return super().say(lang) + found


def _entries(candidates):
    return tuple(id(c.entry) for c in candidates)


def _listed(names):
    more = f" (+ {len(names) - 6})" if len(names) > 6 else ""
    return ", ".join(names[:6]) + more


def _exact(entry):
    """(target, base) of an entry that is called as the contract says, case aside, or (None, 0)."""
    if entry.kind == "folder":
        return None, 0
    parts = [p.casefold() for p in entry.parts]
    for length in (2, 1):
        target = NAMES.get("/".join(parts[-length:])) if len(parts) >= length else None
        if target:
            return target, len(parts) - length
    if entry.kind == "link" and parts[-1] in ("ae", "vae", "diffusion"):
        return f"{parts[-1]}/assignment.py", len(parts) - 1
    return None, 0


def _version(name):
    """A name without the `-1` that Canvas puts before the ending."""
    return re.sub(r"-\d+(?=\.py$)", "", name)


def _folder(entry):
    """ "ae", "vae" or "diffusion" if it lies in a folder that is called so, or ""."""
    folder = entry.parts[-2].casefold() if len(entry.parts) > 1 else ""
    return folder if folder in ("ae", "vae", "diffusion") else ""


def _base(entry):
    """How many folders deep the three files would lie if this were one of them."""
    return len(entry.parts) - 1 - bool(_folder(entry))


def _called_alike(entry):
    """Whether a name is nearly one of those of the contract."""
    return "assignment" in entry.name.casefold() or (not _folder(entry) and bool(_near(entry)))


def _near(entry):
    """The target that a name speaks of: `vae-1.py`, `vae/assignment (1).py`, `VAE_final.ipynb`."""
    if _folder(entry):
        return _WORDS[_folder(entry)]
    words = re.findall("[a-z]+", _CODE.sub("", entry.name).casefold())
    meant = {_WORDS[w] for w in words if w in _WORDS}
    return meant.pop() if len(meant) == 1 else None


def _defines(text, target):
    """Which of the names that count for a target a text defines at its top level."""
    text, wanted = _unix(text), WANTED[target].names
    found = {a or b for a, b in _DEFINED.findall(text)} & set(wanted)
    if "CVAE" in found and not _METHOD.search(text):
        found.discard("CVAE")
    return frozenset(found)


def _unix(text):
    return text.replace("\r\n", "\n").replace("\r", "\n").removeprefix("\ufeff")


def _own(text, target):
    """Which of them the student has defined, and not a file that was handed out."""
    text = _unix(text)
    return frozenset(n for n in _defines(text, target) if not _is_ours(text, n, target))


def _is_ours(text, name, target):
    """Whether a definition is nearly all from one file that was handed out.

    A class may be so, with the student's methods in it, unless ours would do for an answer, too.
    """
    definition = handed_out.definition(text, name)
    found = handed_out.most_from(definition) if definition.count("\n") >= MIN_OURS else ()
    sources = handed_out.sources()
    return any("def" in definition[:9] or name in _defines(sources[p], target) for p in found)


def _as_handed_out(text, target):
    """Whether every body that is to be written still raises NotImplementedError."""
    return text.count("raise NotImplementedError") >= _BODIES[target]


def is_code(name):
    """Whether a name is one of a Python file or a notebook."""
    return bool(_CODE.search(name))
