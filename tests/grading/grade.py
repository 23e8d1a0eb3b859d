"""Marks a list of submissions: jobs, resuming, reports, exit status. `grade.py` is its command."""

import contextlib
import os
import queue
import sys
import threading
import time
import traceback
from dataclasses import dataclass, field
from pathlib import Path

from tqdm import tqdm

from common.errors import UserError
from tests.grading import (
    checks,
    class_report,
    deadline,
    kept,
    lock,
    manual,
    notebooks,
    records,
    reports,
    roster,
    similarity,
)
from tests.grading import submission as submissions
from tests.grading.call import Limits, WorkerError
from tests.grading.inert import inert
from tests.grading.marking import Marker
from tests.grading.messages import say
from tests.grading.pool import Worker
from tests.grading.sandbox import undumpable
from tests.grading.spawn import Spawner, can_fork

RENEW = 30  # seconds after which the gradebook is written anew


@dataclass(frozen=True)
class Options:
    """What the command line asks for."""

    out: Path
    jobs: int = 1
    only: tuple = ()  # names of TODOs; empty: all
    seed: int = 0
    lang: str = "en"
    gradescope: bool = False
    force: bool = False
    without_isolation: bool = False  # mark although nothing keeps a file from reading the solution
    identity: str = ""  # draw the inputs for this student instead of the submission's name
    limits: Limits = field(default_factory=Limits)
    people: tuple = ()  # roster.Person, of the whole class
    show_names: bool = False  # in the class report
    late: deadline.Policy | None = None
    by_hand: manual.Marks | None = None  # to be added to those that are known

    def names(self):
        """The TODOs to mark."""
        return tuple(t.name for t in checks.TODOS if not self.only or t.name in self.only)

    def files(self):
        """The assignment files that these TODOs are in."""
        names = self.names()
        return tuple(dict.fromkeys(t.file for t in checks.TODOS if t.name in names))


@dataclass
class Outcome:
    """What became of a run. records: in the order of the submissions, None where one failed."""

    records: list
    marked: int = 0
    kept: int = 0
    broken: list = field(default_factory=list)  # (student, why), the grader's own fault
    left: list = field(default_factory=list)  # folders of submissions that could not be removed
    seconds: float = 0.0
    submissions: list = field(default_factory=list)  # as found; see submission.Submission
    nobody: list = field(default_factory=list)  # paths that are no submission
    rows: list = field(default_factory=list)  # of the gradebook
    told: list = field(default_factory=list)  # further lines for the teacher

    def exit_status(self, fail_under=None):
        """0, 1 or 3 of the contract."""
        if self.broken:
            return 1
        if fail_under is not None and any(_percent(r) < fail_under for r in self.records):
            return 3
        return 0


def _percent(record):
    return 100 * record["score"] / max(record["max_score"], 1)


def run(paths, options, workers=None):
    """Mark the submissions at `paths` and write everything below `options.out`.

    Args:
        paths: folders and archives.
        options: Options.
        workers: Worker objects to use, for tests; they are left open.

    Returns:
        Outcome. Raises UserError for wrong usage; a submission cannot make it raise.
    """
    undumpable()
    collected = submissions.sort(paths, bulk=not options.identity)
    for submission in collected.submissions if options.identity else ():
        submission.identity = options.identity
    _check_out(options.out)
    with lock.held(options.out):
        told = _take_in(options)
        run_ = _Run(collected, options, workers)
        try:
            outcome = run_.all()
        finally:
            run_.close()
    outcome.told = told + outcome.told
    return outcome


def _take_in(options):
    """Keep what the command line says about the class; lines about what has changed."""
    if options.people:
        roster.save(options.out, options.people)
    if options.late:
        deadline.save(options.out, options.late)
    return manual.merge(options.out, options.by_hand, options.lang) if options.by_hand else []


def look(paths, options):
    """What `run` would mark, read but not marked; nothing is written.

    Returns:
        Outcome without records. Raises UserError.
    """
    collected = submissions.sort(paths)
    for submission in collected.submissions:
        submissions.read(submission, options.files())
        submission.forget()
    return Outcome([], submissions=collected.submissions, nobody=collected.nobody)


def _check_out(out):
    """Fail before the work, not after it, where results cannot be written."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        probe = out / f".{os.getpid()}-writable"
        probe.write_text("")
        probe.unlink()
    except OSError as error:
        raise UserError(f"cannot write to {out}: {error.strerror}; choose another --out") from error


class _Run:
    """The threads of one run; each has a worker process of its own and takes the next student."""

    def __init__(self, collected, options, workers):
        found = collected.submissions
        self.options = options
        self.version = records.grader_version()
        self.waiting = queue.SimpleQueue()
        for number, submission in enumerate(found):
            self.waiting.put((number, submission))
        nobody = collected.nobody
        self.outcome = Outcome([None] * len(found), submissions=found, nobody=nobody)
        jobs = max(1, min(options.jobs, len(found)))
        kind = Worker if can_fork() else Spawner
        others = [s.path for s in found] if len(found) > 1 else []
        own = range(jobs if workers is None else 0)
        self.own = [kind(options.limits, others) for _ in own]
        self.workers = self.own or workers
        self.unprotected = None
        self.lock = threading.Lock()
        self.renewed = time.monotonic()
        self.stop = False
        self.bar = tqdm(total=len(found), unit="student", disable=None, file=sys.stderr)

    def all(self):
        """Mark everything, then write the gradebook, also after Ctrl-C."""
        begin = time.monotonic()
        threads = [threading.Thread(target=self._loop, args=(w,)) for w in self.workers]
        self._gradebook()  # the last run may have been killed before it wrote it
        try:
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        except BaseException:
            self.stop = True
            for worker in self.workers:
                worker.abort()
            for thread in threads:
                thread.join()
            raise
        finally:
            self.bar.close()
            self._gradebook()
        self._about_the_class()
        if self.unprotected is not None:
            raise self.unprotected
        self.outcome.seconds = time.monotonic() - begin
        return self.outcome

    def close(self):
        """End the workers that this run has started."""
        for worker in self.own:
            worker.close()
        self.outcome.left += [folder for worker in self.own for folder in worker.left]

    def _loop(self, worker):
        while not self.stop:
            try:
                number, submission = self.waiting.get_nowait()
            except queue.Empty:
                return
            try:
                self.outcome.records[number] = self._one(submission, worker)
            except records.Unprotected as error:
                self.unprotected, self.stop = error, True
            except Exception as error:  # one submission never stops the others
                self._note_broken(submission, error)
            submission.forget()
            self.bar.update()
            self._renew()

    def _note_broken(self, submission, error):
        why = str(error) if isinstance(error, (WorkerError, OSError)) else traceback.format_exc()
        with self.lock:
            self.outcome.broken.append((submission.student, why))

    def _one(self, submission, worker):
        """Mark one submission, or find that it is marked already. Returns its record."""
        submissions.read(submission, self.options.files())
        options, folder = self.options, self.options.out / submission.folder
        based_on = records.basis(submission, options, self.version)
        if not options.identity:
            kept.save(options.out, submission)
        notes = [note.say(options.lang) for note in submission.odd + submission.notes]
        old = records.load(folder)
        usable = records.usable(old, based_on, options.without_isolation)
        marked = old["todos"] if usable else {}
        missing = [n for n in options.names() if options.force or n not in marked]
        if not missing:
            return self._keep(folder, old, notes)
        isolation = worker.isolation()
        if not options.without_isolation:
            records.demand(isolation)
        if old is None:
            records.save(folder, records.pessimistic(based_on, options.names()))
        places = {f.text: f.places for f in submission.files.values() if f.places}
        asked = notebooks.InCells(worker, places) if places else worker
        todos = Marker(asked, options.seed, options.lang).todos(submission, missing)
        isolation = records.weakest(isolation, old["isolation"] if marked else isolation)
        record = records.compose(based_on, {**marked, **todos}, isolation, worker.versions, notes)
        records.save(folder, record)
        reports.write(folder, record, options.gradescope)
        with self.lock:
            self.outcome.marked += 1
        return record

    def _keep(self, folder, record, notes):
        """An unchanged submission: only write what is not there yet, or is to be said anew."""
        said = record["notes"] == notes
        if not said:
            record = {**record, "notes": notes}
            records.save(folder, record)
        reports.write(folder, record, self.options.gradescope, only_missing=said)
        with self.lock:
            self.outcome.kept += 1
        return record

    def _renew(self):
        """Write the gradebook now and then: nobody may be there to do it at the end."""
        with self.lock:
            due = time.monotonic() > self.renewed + RENEW
            if due:
                self.renewed = time.monotonic()
        if due:
            self._gradebook()

    def _gradebook(self):
        """Write the gradebook from what is marked."""
        if self.unprotected is None:
            with self._writing():
                self.outcome.rows = reports.write_gradebook(self.options.out)

    def _about_the_class(self):
        """Write the pages about the whole class; one student of Gradescope is none."""
        options = self.options
        if self.unprotected is not None or options.identity:
            return
        with self._writing():
            students = [s.student for s in self.outcome.submissions]
            class_report.write(options.out, options.lang, options.show_names, students)
            alike = similarity.write(options.out, options.lang)
            if alike:
                path = options.out / similarity.PAGE
                self.outcome.told.append(
                    say("alike_found", options.lang, number=len(alike), path=path)
                )

    @contextlib.contextmanager
    def _writing(self):
        """Context in which a file that cannot be written is the grader's own fault."""
        try:
            yield
        except OSError as error:
            name = Path(error.filename or "gradebook.csv").name
            with self.lock:
                self.outcome.broken.append((name, f"cannot be written: {error.strerror}"))


def warnings(outcome):
    """Lines for the teacher: layers of isolation that are missing, and what went wrong."""
    layers = next((r["isolation"]["layers"] for r in outcome.records if r), {})
    missing = [name for name, holds in layers.items() if not holds]
    if missing:
        yield f"warning: isolation incomplete here ({', '.join(missing)}): see docs/grading.md"
    for folder in outcome.left:
        yield f"warning: {folder} could not be removed: remove it by hand"
    for student, why in outcome.broken:
        yield f"error: {student} could not be marked: {inert(why, 2000, lines=30)}"


def findings(outcome, options):
    """Lines for the teacher: what was no submission, what held something else, who is missing."""
    lang = options.lang
    if outcome.nobody:
        names = ", ".join(inert(p.name, 60) for p in outcome.nobody)
        yield say("nobody", lang, names=names)
    odd = [(s.student, "; ".join(r.say(lang) for r in s.remarks())) for s in outcome.submissions]
    odd = [(student, text) for student, text in odd if text]
    if odd:
        yield say("odd", lang, number=len(odd))
        yield from (f"  {student}: {text}" for student, text in sorted(odd))
    if options.people:
        yield from _about_roster([s.student for s in outcome.submissions], options)
    yield from outcome.told
    yield from deadline.told(outcome.rows, options.out, lang)
    unknown = manual.Columns(options.out, outcome.rows).unknown() if outcome.rows else []
    if unknown:
        yield say("manual_unknown", lang, names=", ".join(inert(i, 60) for i in unknown))


def _about_roster(students, options):
    joined = roster.join(options.people, [*students, *reports.students(options.out)])
    there = set(joined.values())
    absent = [p for p in options.people if p not in there]
    strangers = [s for s in students if s not in joined]
    if absent:
        names = ", ".join(inert(f"{p.id} {p.name}".strip(), 60) for p in absent)
        yield say("absent", options.lang, number=len(absent), names=names)
    if strangers:
        yield say("strangers", options.lang, names=", ".join(strangers))


def overview(outcome, options):
    """Lines of a dry run: who was found, and which file of theirs would be marked as what."""
    for submission in sorted(outcome.submissions, key=lambda s: s.student):
        files = [
            f"{name} ({f.path})" if f.path != name else name
            for name, f in submission.files.items()
            if f.text is not None
        ]
        yield f"{submission.student}: {', '.join(files) or '-'}"


def conclusion(outcome, options):
    """One line: how many, how fast, where."""
    kept = f", {outcome.kept} unchanged" if outcome.kept else ""
    pace = (
        f"{outcome.seconds:.0f} s, {60 * outcome.marked / max(outcome.seconds, 1e-3):.0f} a minute"
    )
    where = f"{options.out / 'gradebook.csv'}, class/index.html"
    return f"{outcome.marked} marked{kept} in {pace}; {where}"
