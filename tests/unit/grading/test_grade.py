"""grade.py as a teacher runs it: marks, resuming, jobs, languages, exit status, broken machines."""

import csv
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import numpy as np
import pytest

import grade as command
from common.cli import status
from tests.grading import call, checks, grade, pool, records, reports, roster, sandbox, spawn
from tests.grading.gradescope import build
from tests.grading.gradescope import run as gradescope_run
from tests.unit.grading import simulated_class
from tests.unit.grading.marking_helpers import HONEST, KL, QUICK, ROOT, hand_in

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the worker is forked")
WRONG = KL.replace("-0.5", "-1.0")


@pytest.fixture
def students(tmp_path):
    """Three submissions: right, wrong, and one that hangs."""
    folder = tmp_path / "subs"
    hand_in(folder / "ada", vae=KL)
    hand_in(folder / "bob", vae=WRONG)
    hand_in(folder / "eve", vae="import time\ntime.sleep(60)")
    return [folder / n for n in ("ada", "bob", "eve")]


def run(worker, paths, out, **options):
    """Mark kl_div_loss with the shared worker."""
    options = {"only": ("kl_div_loss",), "limits": QUICK, **options}
    return grade.run(paths, grade.Options(out, **options), [worker])


def report(out, student):
    return json.loads((out / student / "report.json").read_text())


def table(out):
    with open(out / "gradebook.csv", encoding="utf-8-sig", newline="") as file:
        return {row["student"]: row for row in csv.DictReader(file)}


def tree(out):
    return {p.relative_to(out): p.read_bytes() for p in sorted(out.rglob("*")) if p.is_file()}


def test_the_reference_gets_everything(worker, tmp_path):
    outcome = run(worker, [ROOT], tmp_path / "out", only=(), gradescope=True)
    (record,) = outcome.records
    told = [c for t in record["todos"].values() for c in t["checks"] if c["status"] != "passed"]
    assert record["score"] == record["max_score"] == 100, told
    result = json.loads((tmp_path / "out" / ROOT.name / "results.json").read_text())
    assert result["score"] == 100 == round(sum(t["max_score"] for t in result["tests"]), 6)
    assert all(record["isolation"]["layers"].values())
    assert set(record["versions"]) == {"python", "numpy", "paddle", "platform"}
    assert len(record["files"]) == 3


def unwritten(text):
    """An assignment file as the handout has it."""
    lines, keep = [], True
    for line in text.splitlines():
        if "BEGIN SOLUTION" in line:
            name, keep = line.split()[-1], False
            indent = line[: len(line) - len(line.lstrip())]
            lines += [f'{indent}raise NotImplementedError("{name}: ...")'] if indent else []
        elif "END SOLUTION" in line:
            keep = True
        elif keep:
            lines.append(line)
    return "\n".join(lines) + "\n"


def test_nothing_written_gets_nothing(worker, tmp_path):
    files = {name[:-3]: unwritten(text) for name, text in HONEST.items()}
    hand_in(tmp_path / "new", **files)
    hand_in(tmp_path / "empty")
    outcome = run(worker, [tmp_path / "new", tmp_path / "empty"], tmp_path / "out", only=())
    assert outcome.exit_status() == 0
    new, empty = outcome.records
    assert (new["score"], empty["score"]) == (0, 0)
    assert {t["status"] for t in new["todos"].values()} <= {"failed", "missing"}
    assert {t["status"] for t in empty["todos"].values()} == {"missing"}
    assert all("not written yet" in t["checks"][0]["reason"] for t in new["todos"].values())


def test_marks_and_files(worker, students, tmp_path):
    outcome = run(worker, students, tmp_path / "out")
    assert outcome.exit_status() == 0
    rows = table(tmp_path / "out")
    assert list(rows) == ["ada", "bob", "eve"]
    assert rows["ada"]["kl_div_loss"] == rows["ada"]["total"] == "15"
    assert rows["ada"]["add_noise"] == ""
    assert float(rows["bob"]["total"]) < 15
    assert report(tmp_path / "out", "eve")["todos"]["kl_div_loss"]["status"] == "timeout"
    assert {p.name for p in (tmp_path / "out" / "ada").iterdir()} == {
        "report.json",
        "report.md",
        "junit.xml",
    }


def test_contract_of_the_record(worker, students, tmp_path):
    run(worker, students[:1], tmp_path / "out")
    record = report(tmp_path / "out", "ada")
    keys = {"student", "score", "max_score", "todos", "isolation", "versions", "seed", "files"}
    assert keys <= set(record)
    assert set(record["todos"]) == {"kl_div_loss"} and record["max_score"] == 15
    for check in record["todos"]["kl_div_loss"]["checks"]:
        assert {"id", "status", "reason", "hint"} <= set(check)


def test_two_runs_are_equal(worker, students, tmp_path):
    run(worker, students, tmp_path / "a")
    run(worker, reversed(students), tmp_path / "b")
    assert tree(tmp_path / "a") == tree(tmp_path / "b")


def test_jobs_do_not_change_marks(worker, students, tmp_path):
    run(worker, students, tmp_path / "one", only=("kl_div_loss", "reparameterize"))
    with pool.Worker(QUICK) as second:
        options = {"only": ("kl_div_loss", "reparameterize"), "limits": QUICK}
        grade.run(students, grade.Options(tmp_path / "two", **options), [worker, second])
    assert tree(tmp_path / "one") == tree(tmp_path / "two")


def test_seed_changes_inputs_not_marks(worker, students, tmp_path):
    first = run(worker, students[:2], tmp_path / "a", seed=1).records
    second = run(worker, students[:2], tmp_path / "b", seed=2).records
    assert [r["score"] for r in first] == [r["score"] for r in second]
    assert (first[0]["seed"], second[0]["seed"]) == (1, 2)


# --- a second run ---------------------------------------------------------------------------------


def test_unchanged_submissions_are_kept(worker, students, tmp_path):
    out = tmp_path / "out"
    run(worker, students, out)
    before = tree(out)
    assert (again := run(worker, students, out)).marked == 0 and again.kept == 3
    assert tree(out) == before
    assert run(worker, students, out, force=True).marked == 3
    run(worker, students, out, force=True, only=("kl_div_loss",))
    assert tree(out) == before  # the marks of the others are not lost
    hand_in(students[1], vae=KL)
    changed = run(worker, students, out)
    assert (changed.marked, changed.kept) == (1, 2)
    assert table(out)["bob"]["total"] == "15"
    assert run(worker, students, out, seed=5).marked == 3
    assert run(worker, students, out, seed=5, lang="zh").marked == 3


def test_kept_without_a_worker(worker, students, tmp_path):
    """Nothing to mark, nothing to start: a second look costs no import of Paddle."""
    run(worker, students, tmp_path / "out")
    idle = pool.Worker()
    grade.run(students, grade.Options(tmp_path / "out", only=("kl_div_loss",)), [idle])
    assert idle._process is None


def test_more_todos_later(worker, students, tmp_path):
    out = tmp_path / "out"
    run(worker, students[:1], out)
    outcome = run(worker, students[:1], out, only=("region_weighted_loss",))
    (record,) = outcome.records
    assert list(record["todos"]) == ["kl_div_loss", "region_weighted_loss"]
    assert record["todos"]["kl_div_loss"]["score"] == 15


def test_more_todos_of_another_file_later(worker, students, tmp_path):
    out = tmp_path / "out"
    hand_in(students[0], diffusion=HONEST["diffusion.py"])
    run(worker, students[:1], out)
    (record,) = run(worker, students[:1], out, only=("add_noise",)).records
    assert {n: t["score"] for n, t in record["todos"].items()} == {
        "kl_div_loss": 15,
        "add_noise": 15,
    }


def test_reports_that_are_gone_come_back(worker, students, tmp_path):
    out = tmp_path / "out"
    run(worker, students[:1], out)
    (out / "ada" / "report.md").unlink()
    assert run(worker, students[:1], out, gradescope=True).kept == 1
    assert (out / "ada" / "report.md").exists() and (out / "ada" / "results.json").exists()


def test_earlier_students_stay_in_the_gradebook(worker, students, tmp_path):
    run(worker, students[:1], tmp_path / "out")
    run(worker, students[1:2], tmp_path / "out")
    assert list(table(tmp_path / "out")) == ["ada", "bob"]


def test_a_worker_that_cannot_start(students, tmp_path, monkeypatch):
    """The grader's own fault, said once a student; nothing is left behind."""
    monkeypatch.setattr(pool.sys, "executable", str(tmp_path / "no-python"))
    monkeypatch.setattr(pool.tempfile, "tempdir", str(tmp_path))
    outcome = grade.run(students[:1], grade.Options(tmp_path / "out", only=("kl_div_loss",)))
    assert outcome.exit_status() == 1
    assert "no-python" in outcome.broken[0][1]
    assert not list(tmp_path.glob("grade-*"))


# --- when something breaks ------------------------------------------------------------------------


def test_the_graders_own_fault(worker, students, tmp_path, monkeypatch):
    out = tmp_path / "out"
    run(worker, students[:1], out)
    real = worker.call

    def broken(file, source, probe, *args, **options):
        if source == WRONG:
            raise call.WorkerError("no more processes")
        return real(file, source, probe, *args, **options)

    monkeypatch.setattr(worker, "call", broken)
    outcome = run(worker, students, out)
    assert outcome.exit_status() == 1
    assert outcome.broken == [("bob", "no more processes")]
    assert any("bob" in line for line in grade.warnings(outcome))
    assert table(out)["bob"]["status"] == "not finished"
    assert table(out)["bob"]["total"] == "0"
    assert table(out)["eve"]["status"] == table(out)["ada"]["status"] == "marked"


def test_a_failure_does_not_smash_older_marks(worker, students, tmp_path, monkeypatch):
    out = tmp_path / "out"
    run(worker, students[:1], out)
    before = tree(out)

    def broken(*_args, **_options):
        raise call.WorkerError("no more processes")

    monkeypatch.setattr(worker, "call", broken)
    assert run(worker, students[:1], out, force=True).exit_status() == 1
    assert tree(out) == before


def test_full_disk(worker, students, tmp_path, monkeypatch):
    real = records.save

    def save(folder, record):
        if folder.name == "bob":
            raise OSError(28, "No space left on device")
        real(folder, record)

    monkeypatch.setattr(records, "save", save)
    outcome = run(worker, students[:2], tmp_path / "out")
    assert outcome.exit_status() == 1
    assert list(table(tmp_path / "out")) == ["ada"]


def test_hostile_values_cannot_break_the_judge(worker, tmp_path):
    shapes = ("[0]", "[0, 3]", "[1] * 8", "[2, 0, 5]", "[5, 3]")
    for number, shape in enumerate(shapes):
        source = f"import paddle\ndef kl_div_loss(m, v): return paddle.zeros({shape})"
        hand_in(tmp_path / "subs" / str(number), vae=source)
    outcome = run(worker, sorted((tmp_path / "subs").iterdir()), tmp_path / "out")
    assert outcome.exit_status() == 0
    assert {r["todos"]["kl_div_loss"]["status"] for r in outcome.records} == {"failed"}


def test_missing_libraries_are_reported(students, tmp_path, monkeypatch):
    """Without landlockpy and pyseccomp marks are the same, and the report says what is missing."""
    hidden = "import sys; sys.modules['landlockpy'] = sys.modules['pyseccomp'] = None; "
    monkeypatch.setattr(pool, "BOOT", hidden + pool.BOOT)
    left = "\nimport os, time\nif os.fork() == 0:\n    os.setsid(); os.fork(); time.sleep(60)"
    hand_in(students[1], vae=KL + left)
    with pool.Worker(QUICK) as bare:
        outcome = run(bare, students[:2], tmp_path / "out", without_isolation=True)
        children = Path(f"/proc/{bare._process.pid}/task/{bare._process.pid}/children")
        assert children.read_text() == "", "processes that were left behind are ended"
    ada, _ = outcome.records
    assert ada["score"] == 15
    assert not ada["isolation"]["layers"]["no network"]
    assert ada["isolation"]["layers"]["memory and time limits"]
    assert any("no network" in line for line in grade.warnings(outcome))
    assert "no network" in (tmp_path / "out" / "ada" / "report.md").read_text()


def test_a_fresh_interpreter_for_every_call(worker):
    """What is used where processes cannot be forked; slower, same answers."""
    spawner = spawn.Spawner(QUICK)
    assert spawner.isolation()["layers"]["no network"]
    probe = checks.checks("kl_div_loss", np.random.default_rng(0))[0].probes[0]
    found = [one.call("vae/assignment.py", KL, probe).values for one in (spawner, worker)]
    assert isinstance(found[0], dict) and str(found[0]) == str(found[1])
    crash = "import os; os.write(1, b'x'); os.kill(os.getpid(), 11)"
    assert spawner.call("vae/assignment.py", crash, probe).values.kind == "crash"
    assert spawn.can_fork() == (sys.platform == "linux")


# --- the command ----------------------------------------------------------------------------------


def main(*argv):
    return status(command.main, [str(a) for a in argv])


@pytest.fixture
def borrowed(worker, monkeypatch):
    """`main` marks with the shared worker."""
    monkeypatch.setattr(grade, "Worker", lambda *_: worker)
    monkeypatch.setattr(worker, "close", lambda: None)


def test_usage_errors(tmp_path, capsys, students):
    assert main(tmp_path / "nobody", "--out", tmp_path / "out") == 2
    assert main(students[0], "--out", tmp_path / "out", "--only", "kl") == 2
    assert main(students[0], "--out", tmp_path / "out", "--jobs", 0) == 2
    (tmp_path / "file").write_text("")
    assert main(students[0], "--out", tmp_path / "file") == 2
    assert main(students[0], "--out", tmp_path / "file" / "below") == 2
    assert main(students[0]) == 2  # no --out
    errors = capsys.readouterr().err
    assert len(errors.splitlines()) == 6 and "Traceback" not in errors


def test_dry_run(students, tmp_path, capsys):
    """Who and what, and nothing is written or started."""
    (students[1] / "vae.py").rename(students[1] / "main.py")
    (tmp_path / "subs" / "Thumbs.db").write_bytes(b"x")
    (tmp_path / "class.csv").write_text("学号,姓名\nada,甲\nzoe,乙\n", encoding="gbk")
    before = tree(tmp_path)
    arguments = [*sorted((tmp_path / "subs").iterdir()), "--dry-run", "--only", "kl_div_loss"]
    assert main(*arguments, "--roster", tmp_path / "class.csv") == 0
    told = capsys.readouterr().out
    assert "ada: vae/assignment.py (vae.py)" in told
    assert "bob: marked, but it should be called as in brackets: main.py" in told
    assert "no submission: Thumbs.db" in told
    assert "1 handed in nothing: zoe 乙" in told and "not on the roster: bob, eve" in told
    assert tree(tmp_path) == before and not Path("grades").exists()
    assert main(*arguments, "--lang", "zh") == 0
    assert "1 份提交与预期不同" in capsys.readouterr().out


def test_export(borrowed, students, tmp_path, capsys):
    """A table that cannot be filled is said before anything is marked; another one is filled."""
    table_ = tmp_path / "class.csv"
    table_.write_text("name,score\nada,\n")
    arguments = [students[0], "--out", tmp_path / "out", "--only", "kl_div_loss"]
    assert main(*arguments, "--export", table_) == 2
    assert not (tmp_path / "out").exists()
    table_.write_text("id,score\nada,\n")
    assert main(*arguments, "--export", table_, "--export", "moodle") == 0
    assert (tmp_path / "out" / "export" / "class.csv").read_text() == "id,score\nada,15\n"
    assert "0 marks; not in it: ada" in capsys.readouterr().out  # Moodle does not know her


def test_roster(worker, students, tmp_path):
    """Names join their rows; who handed in nothing has a row; a later run knows them still."""
    people = (roster.Person("ada", "Ada", "a@x"), roster.Person("zoe", "=1+1", ""))
    out = tmp_path / "out"
    run(worker, students[:1], out, people=people)
    run(worker, students[1:2], out)
    rows = table(out)
    assert list(rows) == ["ada", "bob", "zoe"]
    assert (rows["ada"]["name"], rows["ada"]["email"], rows["ada"]["total"]) == ("Ada", "a@x", "15")
    assert rows["bob"]["name"] == ""
    assert (
        rows["zoe"] | {"name": "'=1+1", "total": "0", "status": "nothing handed in"} == rows["zoe"]
    )


def test_what_was_odd_ends_the_run(worker, students, tmp_path):
    """... and stands in the student's report; said anew where only that has changed."""
    options = grade.Options(tmp_path / "out", only=("kl_div_loss",), limits=QUICK)
    outcome = grade.run(students[:1], options, [worker])
    assert list(grade.findings(outcome, options)) == []
    hand_in(students[0] / "old", vae=KL + "# old")
    outcome = grade.run(students[:1], options, [worker])
    assert outcome.kept == 1
    told = "\n".join(grade.findings(outcome, options))
    assert "1 held something else" in told and "ada: found, but not used: old/vae.py" in told
    assert "old/vae.py" in (tmp_path / "out" / "ada" / "report.md").read_text()


def test_the_gradebook_grows(worker, students, tmp_path, monkeypatch):
    """Whoever is marked stands in it at once, also what a killed run had marked."""
    out, seen = tmp_path / "out", []
    monkeypatch.setattr(grade, "RENEW", 0)
    run(worker, students[:1], out)
    (out / "gradebook.csv").unlink()

    def read(submission, *rest):
        seen.append(list(table(out)))
        return reading(submission, *rest)

    reading = grade.submissions.read
    monkeypatch.setattr(grade.submissions, "read", read)
    run(worker, students[1:], out)
    assert seen == [["ada"], ["ada", "bob"]]


def test_late_days_and_marks_by_hand(borrowed, students, tmp_path, capsys):
    """The first call writes the table for the marks, later ones read it; the total stays."""
    for name, day in (("ada", 1), ("bob", 3)):
        moment = time.mktime((2026, 12, day, 12, 0, 0, 0, 0, -1))
        os.utime(tmp_path / "subs" / name / "vae.py", (moment, moment))
    out, marks = tmp_path / "out", tmp_path / "marks.csv"
    call = [*students[:2], "--out", out, "--only", "kl_div_loss", "--manual", marks]
    call += ["--deadline", "2026-12-01", "--late", "10%/day max 15%"]
    assert main(*call) == 0
    assert "1 late" in (said := capsys.readouterr().out) and "file 2" in said
    assert "10 rows" in said and "ada,Idea,," in marks.read_text()
    filled = marks.read_text().replace("ada,Idea,,", "ada,Idea,20,good")
    marks.write_text(filled + "zoe,Code,1,\n")
    assert main(*call) == 0
    assert "nobody in the gradebook: zoe" in capsys.readouterr().out
    assert marks.read_text() == filled + "zoe,Code,1,\n"
    rows = table(out)
    assert rows["ada"]["total"] == "15" and rows["ada"]["late_days"] == "0"
    assert rows["ada"]["report: Idea"] == "20" and rows["ada"]["report_comment"] == "Idea: good"
    assert rows["bob"]["late_days"] == "2" and rows["bob"]["penalty"] == "15%"
    assert main(*students[:2], "--out", out, "--only", "kl_div_loss") == 0
    assert table(out) == rows  # a call without the flags loses nothing
    for wrong in (["--late", "ten"], ["--deadline", "soon"], ["--manual", tmp_path / "a" / "b"]):
        assert main(*call, *wrong) == 2


def test_similar_pairs_are_told(worker, tmp_path, monkeypatch):
    """From the run to the page; students of an earlier call are compared, too."""
    monkeypatch.setattr(grade.Marker, "todos", lambda *_: {})
    made, ((one, two),) = simulated_class.with_copies(20, 1, seed=3)
    folders = []
    for number, student in enumerate(made):
        files = {name.removesuffix(".py"): text for name, text in student.files().items()}
        folders.append(hand_in(tmp_path / "class" / f"s{number:02}", **files))
    run(worker, folders[:10], tmp_path / "out")
    outcome = run(worker, folders[10:], tmp_path / "out")
    assert "share what is rare" in outcome.told[0]
    page = (tmp_path / "out" / "similarity.html").read_text(encoding="utf-8")
    assert f"<h2>s{one:02} — s{two:02}</h2>" in page


def test_fail_under(borrowed, students, tmp_path, capsys):
    out = ["--out", tmp_path / "out", "--only", "kl_div_loss"]
    assert main(students[0], *out, "--fail-under", 100) == 0
    assert main(students[0], students[1], *out, "--fail-under", 60) == 3
    assert "1 marked, 1 unchanged" in capsys.readouterr().out


def test_as_a_command(students, tmp_path):
    """From another folder, without a terminal, in Chinese; the parent never imports Paddle."""
    code = (
        "import re, sys; sys.path.insert(0, sys.argv.pop(1)); import grade;"
        "s = grade.main(sys.argv[1:]);"
        "peak = re.search(r'VmHWM:\\s+(\\d+) kB', open('/proc/self/status').read())[1];"
        "print('PADDLE' if 'paddle' in sys.modules else 'clean', int(peak) // 1024); sys.exit(s)"
    )
    arguments = [ROOT, "--out", tmp_path / "out", "--jobs", "2", "--lang", "zh", "--gradescope"]
    done = subprocess.run(
        [sys.executable, "-c", code, str(ROOT), *map(str, [students[1], *arguments])],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    state, megabytes = done.stdout.split()[-2:]
    assert state == "clean"
    assert int(megabytes) <= 200
    assert table(tmp_path / "out")[ROOT.name]["total"] == "100"
    assert "提示" in (tmp_path / "out" / "bob" / "report.md").read_text()


def _hanging(tmp_path):
    """grade.py at work on a submission that hangs, and the numbers of its worker's processes."""
    hand_in(tmp_path / "eve", vae="while True: pass")
    program = [sys.executable, str(ROOT / "grade.py"), str(tmp_path / "eve"), "--out"]
    process = subprocess.Popen(
        [*program, str(tmp_path / "out")], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    for _ in range(600):
        found = _descendants(process.pid)
        begun = (tmp_path / "out" / "eve" / "report.json").exists()
        if begun and len(found) >= 2:  # the worker and its child
            return process, found
        time.sleep(0.1)
    raise AssertionError("it did not start")


def _descendants(pid):
    """Numbers of the processes below one, also of those that its threads have started."""
    try:
        lists = [t / "children" for t in Path(f"/proc/{pid}/task").iterdir()]
        numbers = [int(n) for path in lists for n in path.read_text().split()]
    except OSError:
        return []
    return numbers + [d for n in numbers for d in _descendants(n)]


def _gone(numbers):
    for _ in range(100):
        if not any(Path(f"/proc/{n}").exists() for n in numbers):
            return True
        time.sleep(0.1)
    return False


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_stopping_the_grader_stops_everything(tmp_path, how, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    process, found = _hanging(tmp_path)
    process.send_signal(how)
    _, errors = process.communicate(timeout=30)
    assert _gone(found)
    assert not list(tmp_path.glob("grade-*"))
    assert "Traceback" not in errors
    if how == signal.SIGINT:
        assert process.returncode == 130 and "goes on from here" in errors
        assert table(tmp_path / "out")["eve"]["status"] == "not finished"


def _as_nobody(arguments):
    """A command line that runs grade.py as an ordinary user, or a reason why it cannot."""
    program = [sys.executable, str(ROOT / "grade.py"), *arguments]
    if os.geteuid() != 0:
        return program
    if not shutil.which("setpriv"):
        pytest.skip("root, and no setpriv to become somebody else")
    drop = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all"]
    base = str(Path(sys.base_prefix).resolve())
    works = [sys.executable, "-c", f"import os, numpy; os.listdir({base!r})"]
    if subprocess.run([*drop, *works], capture_output=True).returncode == 0:
        return [*drop, *program]
    # The interpreter lies in root's home: show it, and nothing else of it, in a mount namespace.
    home = f"/{Path(base).parts[1]}"
    script = (
        "set -e; t=$(mktemp -d); mount --bind $1 $t; mount -t tmpfs -o mode=755 none $2; "
        'mkdir -p $1; mount --bind $t $1; shift 2; exec "$@"'
    )
    inside = ["unshare", "-m", "sh", "-c", script, "sh", base, home, *drop]
    if subprocess.run([*inside, *works], capture_output=True).returncode != 0:
        pytest.skip("root, and the interpreter cannot be shown to an ordinary user here")
    return [*inside, *program]


def test_as_an_ordinary_user(tmp_path):
    for folder in (tmp_path, *tmp_path.parents):
        if folder.owner() == "root" and folder != Path("/tmp") and folder != Path("/"):
            folder.chmod(0o755)
    fork = "import os\ntry: os.fork()\nexcept OSError: pass\nelse: os._exit(0)\n" + KL
    hand_in(tmp_path / "ada", vae=fork)
    hand_in(tmp_path / "eve", vae=f"open({str(ROOT / 'vae' / 'assignment.py')!r})\n" + KL)
    (hand_in(tmp_path / "locked", vae=KL) / "vae.py").chmod(0)
    out = tmp_path / "out"
    out.mkdir()
    out.chmod(0o777)
    arguments = [*(str(tmp_path / n) for n in ("ada", "eve", "locked")), "--out", str(out)]
    command_line = _as_nobody([*arguments, "--only", "kl_div_loss"])
    done = subprocess.run(command_line, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    ada, eve, locked = (report(out, n) for n in ("ada", "eve", "locked"))
    assert locked["todos"]["kl_div_loss"]["status"] == "error"
    assert "cannot be read" in locked["todos"]["kl_div_loss"]["checks"][0]["reason"]
    assert ada["isolation"]["user"] == "ordinary user"
    assert all(ada["isolation"]["layers"].values()), ada["isolation"]
    assert ada["score"] == 15
    assert eve["todos"]["kl_div_loss"]["status"] == "error"
    assert "PermissionError" in eve["todos"]["kl_div_loss"]["checks"][0]["reason"]


# --- Gradescope -----------------------------------------------------------------------------------


def gradescope(base, **files):
    """Build the zip, unpack it as Gradescope does, run it on the files. Its results."""
    assert build.main(["--out", str(base / "g.zip"), "--seed", "7"]) == 0
    with zipfile.ZipFile(base / "g.zip") as archive:
        archive.extractall(base / "source")
        modes = {i.filename: i.external_attr >> 16 for i in archive.infolist()}
    assert modes["run_autograder"] & modes["setup.sh"] & 0o111 == 0o111
    hand_in(base / "submission", **files)
    (base / "submission_metadata.json").write_text('{"users": [{"id": 12}, {"id": 5}]}')
    program = [sys.executable, "-m", "tests.grading.gradescope.run", str(base)]
    done = subprocess.run(program, cwd=base / "source", capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads((base / "results" / "results.json").read_text())


def test_gradescope(tmp_path):
    result = gradescope(tmp_path, vae=HONEST["vae.py"])
    assert result["score"] == 40
    assert sum(t["max_score"] for t in result["tests"]) == pytest.approx(100)
    assert {t["status"] for t in result["tests"]} == {"passed", "failed"}
    names = zipfile.ZipFile(tmp_path / "g.zip").namelist()
    assert not [n for n in names if "assignment" in n or "test_" in n or "pycache" in n]
    for path in (tmp_path / "source").glob("requirements*.txt"):  # pip finds what each one reads
        assert set(re.findall(r"^-r (\S+)", path.read_text(), re.M)) <= set(names)
    first = (tmp_path / "g.zip").read_bytes()
    build.build(tmp_path / "again.zip", 7)
    assert (tmp_path / "again.zip").read_bytes() == first


def test_gradescope_always_leaves_a_result(tmp_path, monkeypatch):
    def broken(*_):
        raise RuntimeError

    monkeypatch.setattr(gradescope_run.grade, "run", broken)
    hand_in(tmp_path / "submission", vae=KL)
    with pytest.raises(RuntimeError):
        gradescope_run.main(tmp_path)
    result = json.loads((tmp_path / "results" / "results.json").read_text())
    assert result["score"] == 0 and "did not finish" in result["output"]
    assert gradescope_run.student(tmp_path) == "submission"


def test_points_of_the_contract():
    points = {t.name: t.points for t in checks.TODOS}
    assert list(points.values()) == [20, 15, 15, 10, 15, 15, 10]
    assert reports.number(100.0) == "100"
    assert sandbox.SYSCALLS.exists()
