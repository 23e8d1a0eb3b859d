"""Kinds of attacks, each with a control that shows the attack at work where its defence is off."""

import csv
import io
import json
import os
import shutil
import sys
import tempfile
import time
import tracemalloc
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from common.errors import UserError
from tests.assessment import judge
from tests.grading import boxes, checks, grade, inert, marking, pool, records, reports, wire
from tests.unit.grading.marking_helpers import HONEST, KL, QUICK, ROOT, hand_in, mark

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the layers tested are Linux's")
TODO = "kl_div_loss"
PUBLIC = checks.checks(TODO, np.random.default_rng(0))[0].probes[0]
NO_LANDLOCK = "import sys; sys.modules['landlockpy'] = None; "
NO_SECCOMP = "import sys; sys.modules['pyseccomp'] = None; "


@pytest.fixture(autouse=True)
def _all_layers(worker):
    absent = [name for name, holds in worker.isolation()["layers"].items() if not holds]
    if absent:
        pytest.skip(f"not on this system: {', '.join(absent)}")


def started(code, limits=QUICK):
    """A worker whose process runs `code` first, to switch a defence off."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pool, "BOOT", code + pool.BOOT)
        made = pool.Worker(limits)
        made.isolation()  # it starts now
    return made


@pytest.fixture(scope="module")
def careless():
    """A worker without the filter of system calls, and with generous limits."""
    with started(NO_SECCOMP, replace(QUICK, idle=5, box_bytes=10**9)) as made:
        yield made


@pytest.fixture(scope="module")
def unlocked():
    """A worker that may read every file which its user may read."""
    with started(NO_LANDLOCK) as made:
        yield made


def answer_of(with_worker, source):
    """What one call with public inputs brings: a dict of arrays, or a Failure."""
    return with_worker.call("vae/assignment.py", source, PUBLIC).values


def kind(answer):
    return answer.kind if isinstance(answer, judge.Failure) else "values"


def at_import(code):
    """A right kl_div_loss in a file that runs `code` first."""
    return f"import os, sys, time{HELPERS}\n{code}\n{KL}"


def in_call(code):
    """A right kl_div_loss that runs `code` in every call."""
    body = "\n".join("    " + line for line in code.strip().splitlines())
    hostile = KL.replace("    return", f"{body}\n    return")
    return hostile.replace("import paddle", f"import paddle, os, sys, time{HELPERS}")


HELPERS = """
import json, mmap, struct, threading
def send(header, data=b""):
    frame = sys._getframe()
    while "request" not in frame.f_locals:
        frame = frame.f_back
    header = {"nonce": frame.f_locals["request"]["nonce"], "phase": "done", **header}
    text = json.dumps(header).encode()
    os.write(61, b"GRD1" + struct.pack("<I", len(text)) + text + data)
    os._exit(0)
def npy(head, data=b""):
    head = head.encode()
    return b"\\x93NUMPY\\x01\\x00" + struct.pack("<H", len(head)) + head + data
"""

# --- what a submission can read -------------------------------------------------------------------

THIEF = """
import os, sys
def kl_div_loss(mu, logvar):
    frame = sys._getframe(1)
    while frame is not None:
        folder = os.path.dirname(frame.f_code.co_filename)
        while len(folder) > 1:
            try:
                with open(os.path.join(folder, "vae", "assignment.py")) as file:
                    space = {"__name__": "stolen"}
                    exec(file.read(), space)
                return space["kl_div_loss"](mu, logvar)
            except OSError:
                folder = os.path.dirname(folder)
        frame = frame.f_back
"""


def test_the_solution_is_not_beside_the_worker(worker, unlocked, tmp_path, monkeypatch):
    """Even where nothing keeps it from reading: the worker runs from a copy without it."""
    folder = hand_in(tmp_path / "eve", vae=THIEF)
    assert mark(worker, folder, [TODO])[TODO]["score"] == 0
    assert mark(unlocked, folder, [TODO])[TODO]["score"] == 0
    monkeypatch.setattr(pool, "private_copy", lambda _: str(ROOT))
    with started(NO_LANDLOCK) as beside:
        assert mark(beside, folder, [TODO])[TODO]["score"] == 15, "the theft does not even work"


def test_the_copy_holds_no_answer(tmp_path):
    code = Path(pool.private_copy(tmp_path))
    names = {p.relative_to(code).as_posix() for p in code.rglob("*") if p.is_file()}
    assert {"tests/grading/worker.py", "tests/assessment/probes.py"} <= names
    assert not names & set(pool.SECRETS)
    assert not [n for n in names if "def kl_div_loss" in (code / n).read_text()]
    assert all((code / n).stat().st_mode & 0o004 for n in names), "for a child that is another user"


@pytest.fixture
def unprotected(unlocked, tmp_path):
    """run(**options) -> Outcome, where nothing keeps a submission from reading."""
    folder = hand_in(tmp_path / "ada", vae=KL)

    def run(**options):
        settings = {"only": (TODO,), "limits": QUICK, "gradescope": True, **options}
        return grade.run([folder], grade.Options(tmp_path / "out", **settings), [unlocked])

    return run


def test_nothing_is_marked_where_the_solution_could_be_read(unprotected, tmp_path):
    with pytest.raises(UserError, match="--without-isolation"):
        unprotected()
    written = {path.name for path in (tmp_path / "out").rglob("*") if path.is_file()}
    assert written <= {"gradebook.csv", "ada.code.json"}, "a report, or results.json"


def test_marks_without_isolation_say_so_everywhere(unprotected, tmp_path):
    outcome = unprotected(without_isolation=True)
    assert outcome.records[0]["score"] == 15
    out = tmp_path / "out" / "ada"
    for name in ("report.md", "junit.xml", "results.json"):
        assert "Marked without isolation" in (out / name).read_text(), name
    assert (
        "no reading"
        in json.loads((out / "results.json").read_text())["extra_data"]["isolation"][
            "layers"
        ].__repr__()
    )
    assert "marked without isolation" in (tmp_path / "out" / "gradebook.csv").read_text()
    assert any("no reading of other files" in line for line in grade.warnings(outcome))
    with pytest.raises(UserError):
        unprotected()
    assert unprotected(without_isolation=True).kept == 1


def test_marks_without_isolation_are_made_again_with_it(unprotected, worker, tmp_path):
    unprotected(without_isolation=True)
    options = grade.Options(tmp_path / "out", only=(TODO,), limits=QUICK)
    outcome = grade.run([tmp_path / "ada"], options, [worker])
    assert (outcome.marked, outcome.kept) == (1, 0)
    assert records.protected(outcome.records[0]["isolation"])


def test_isolation_of_two_runs_is_the_weaker_one():
    strong, weak = ({"layers": {"a": holds, "b": True}} for holds in (True, False))
    assert records.weakest(strong, weak) == records.weakest(weak, strong) == weak


def test_other_submissions_are_secret_too(worker, unlocked, monkeypatch):
    """The self-test tries them; what everybody may read is no secret without Landlock."""
    with tempfile.TemporaryDirectory() as name:  # tmp_path is closed to everybody else
        os.chmod(name, 0o755)
        hand_in(Path(name, "bob"), vae=KL)
        Path(name, "empty").mkdir()
        assert _protects(worker, [Path(name, "bob"), Path(name, "empty")], monkeypatch)
        monkeypatch.setattr(pool, "SECRETS", ())
        assert _protects(unlocked, [], monkeypatch), "nothing was secret"
        assert os.geteuid() or not _protects(unlocked, [Path(name, "bob")], monkeypatch)


def _protects(with_worker, secrets, monkeypatch):
    """Whether the self-test finds that a submission cannot read these files and folders."""
    monkeypatch.setattr(with_worker, "_secrets", secrets)
    monkeypatch.setattr(with_worker, "_isolation", None)
    return records.protected(with_worker.isolation())


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root can change users")
def test_root_becomes_another_user(worker):
    source = "import os\nraise ValueError(str(os.getresuid() + os.getresgid() + os.getgroups()))"
    told = answer_of(worker, source.replace("os.getgroups()", "tuple(os.getgroups())")).message
    numbers = {int(n) for n in told.strip("()").split(",")}
    assert len(numbers) == 1 and 0 not in numbers


# --- what it leaves behind ------------------------------------------------------------------------


def as_somebody(act):
    """Run act() as a user who is bound by file modes; whether it returned true."""
    pid = os.fork()
    if pid == 0:
        if os.geteuid() == 0:
            os.setgroups([])
            os.setresgid(65533, 65533, 65533)
            os.setresuid(65533, 65533, 65533)
        os._exit(0 if act() else 1)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


@pytest.fixture
def open_folder(tmp_path):
    """A folder where any user may write."""
    for parent in [tmp_path, *tmp_path.parents][:4] if os.geteuid() == 0 else ():
        parent.chmod(parent.stat().st_mode | 0o011)
    folder = tmp_path / "open"
    folder.mkdir()
    folder.chmod(0o777)
    return folder


HIDDEN = {
    "unlistable": lambda box: os.mkdir(box / "d", 0o300),
    "unreadable": lambda box: os.mkdir(box / "d", 0o000),
    "names only": lambda box: (os.mkdir(box / "d"), (box / "d" / "f").touch(), _chmod(box, 0o400)),
    "too deep": lambda box: _deep(box),
}


def _chmod(box, mode):
    os.chmod(box / "d", mode)


def _deep(box):
    os.chdir(box)
    for _ in range(20):
        os.mkdir("x" * 250)
        os.chdir("x" * 250)


@pytest.mark.parametrize("name", HIDDEN)
def test_what_cannot_be_listed_is_too_large_and_removed(name, open_folder):
    box = open_folder / "box"

    def act():
        os.mkdir(box)
        HIDDEN[name](box)
        os.chdir("/")
        too_big = boxes.too_big(box, 1000, 10**9)
        try:
            shutil.rmtree(box)
            return name == "too deep" and too_big  # rmtree can go that deep
        except OSError:
            return too_big and boxes.remove(box) and not box.exists()

    assert as_somebody(act)
    assert not box.exists()


def test_what_is_listed_is_counted(tmp_path):
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "f").write_bytes(bytes(10_000))
    assert not boxes.too_big(tmp_path, 2, 20_000)
    assert boxes.too_big(tmp_path, 1, 20_000)
    assert boxes.too_big(tmp_path, 2, 5_000)
    assert not boxes.too_big(tmp_path / "gone", 1, 1)


def test_a_box_that_stays_is_a_warning(worker, tmp_path, monkeypatch):
    monkeypatch.setattr(pool, "remove", lambda folder: not shutil.rmtree(folder))
    assert not worker.left
    monkeypatch.setattr(pool, "remove", lambda folder: shutil.rmtree(folder))  # None: it is there
    answer_of(worker, KL)
    outcome = grade.Outcome([], left=worker.left)
    worker.left = []
    assert any("could not be removed" in line for line in grade.warnings(outcome))


FILL = """
for n in range(40):
    f = os.open(str(n), os.O_CREAT | os.O_RDWR)
    os.write(f, bytes(1 << 20))
    {keep}
time.sleep(0.4)
"""
KEPT = {
    "named": "os.close(f)",
    "removed, open": "os.unlink(str(n))",
    "removed, mapped": "globals()[n] = mmap.mmap(f, 1 << 20); os.close(f); os.unlink(str(n))",
}


@pytest.mark.parametrize("keep", KEPT)
def test_disk_space_is_counted_whatever_holds_it(keep, worker, careless):
    source = in_call(FILL.format(keep=KEPT[keep]))
    assert kind(answer_of(worker, source)) == "output"
    assert not list(Path(worker._folder).glob("tmp*"))
    assert kind(answer_of(careless, source)) == "values", "it does not even work"


def test_removing_looks_as_if_it_worked(worker):
    """Honest code may use temporary files; the box goes as a whole."""
    code = """
import tempfile, shutil
with tempfile.TemporaryFile() as file: file.write(b"x")
with tempfile.NamedTemporaryFile() as file: file.write(b"x")
with tempfile.TemporaryDirectory() as folder: open(folder + "/f", "w").close()
os.makedirs("a/b", exist_ok=True); shutil.rmtree("a")
"""
    assert kind(answer_of(worker, in_call(code))) == "values"


# --- what it sends back ---------------------------------------------------------------------------

ZERO = "{'descr': '<f4', 'fortran_order': False, 'shape': %s}"
FORGED = {
    "dimension of 10**30": f"a = npy({ZERO % f'(0, {10**30})'!r})\n"
    "send({'arrays': [['kl1', len(a)]]}, a)",
    "truth values": f"a = npy({ZERO % '(True, False)'!r})\nsend({{'arrays': [['k', len(a)]]}}, a)",
    "order": "a = npy(\"{'descr': '<f4', 'fortran_order': 2, 'shape': (0,)}\")\n"
    "send({'arrays': [['kl1', len(a)]]}, a)",
    "dtype": "a = npy(\"{'descr': '<f99999999999', 'fortran_order': False, 'shape': ()}\")\n"
    "send({'arrays': [['kl1', len(a)]]}, a)",
    "size is true": "send({'arrays': [['kl1', True]]}, b'x')",
    "phase is a list": "send({'arrays': [], 'phase': ['done']})",
    "failure of no kind": "send({'arrays': [], 'failure': {'kind': ['exception']}})",
    "failure of odd types": "send({'arrays': [], 'failure': {'kind': 'exception', "
    "'type': '\\ud800', 'message': [1], 'line': 10**30}})",
    "too many messages": "for _ in range(5): os.write(61, b'GRD1\\x0e\\0\\0\\0{\"arrays\": []}')",
    "single bytes": "for _ in range(3000): os.write(61, b'G')",
    "signal without a name": "os.kill(os.getpid(), 40)",
}


@pytest.mark.parametrize("name", FORGED)
def test_what_comes_back_is_data_or_malformed(name, worker, tmp_path):
    folder = hand_in(tmp_path / "eve", vae=in_call(FORGED[name]))
    options = grade.Options(tmp_path / "out", only=(TODO,), limits=QUICK)
    outcome = grade.run([folder], options, [worker])
    assert outcome.exit_status() == 0 and not outcome.broken
    assert outcome.records[0]["score"] == 0


def test_a_forged_message_is_read(worker):
    """The control: what is forged in the right form arrives."""
    head = "{'descr': '<f4', 'fortran_order': False, 'shape': ()}"
    forged = f"a = npy({head!r}, b'\\0\\0\\x80?'); send({{'arrays': [['kl1', len(a)]]}}, a)"
    assert answer_of(worker, in_call(forged))["kl1"] == 1


def test_memory_of_the_judge():
    """The most numbers that can come back, in the smallest dtype, as every value of every check."""
    asked = [c for t in checks.TODOS for c in checks.checks(t.name, np.random.default_rng(0))]
    biggest = wire.decode(wire.encode({}, {"a": np.zeros(wire.MAX_VALUES, bool)}))[1]["a"]
    tracemalloc.start()
    for check in asked:
        keys = {k for r in check.rules for k in (r.key, r.other)}
        values = {p["id"]: dict.fromkeys(keys, biggest) for p in check.probes}
        judge.judge(check, values)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 30e6
    with pytest.raises(wire.TooLarge):
        wire.encode({}, {"a": np.zeros(wire.MAX_VALUES + 1, bool)})


# --- time and threads -----------------------------------------------------------------------------

SLEEPERS = {
    "thread name": "import ctypes\nname = ctypes.create_string_buffer(b'\\xff\\xfe)\\xff')\n"
    "ctypes.CDLL(None).prctl(15, name, 0, 0, 0)\ntime.sleep(2.5)",
    "a little work in every tick": "end = time.monotonic() + 4\n"
    "while time.monotonic() < end:\n    until = time.process_time() + 0.002\n"
    "    while time.process_time() < until: pass\n    time.sleep(0.06)",
    "lock": "threading.Event().wait(2.5)",
    "pipe": "r, w = os.pipe(); threading.Timer(2.5, os.write, (w, b'x')).start(); os.read(r, 1)",
}


@pytest.mark.parametrize("name", SLEEPERS)
def test_sleep_is_seen(name, worker, monkeypatch):
    source = at_import(SLEEPERS[name])
    assert kind(answer_of(worker, source)) == "timeout"
    monkeypatch.setattr(worker, "limits", replace(QUICK, idle=30, cpu=3))
    assert kind(answer_of(worker, source)) == "values", "it does not even work"


def test_one_submission_is_over_in_time(worker, tmp_path, monkeypatch):
    """However it spreads its time over calls; the TODOs after it keep their share."""
    slow = KL.replace("    return", "    import time; time.sleep(0.1)\n    return")
    rest = HONEST["vae.py"].replace("def kl_div_loss", "def other")
    folder = hand_in(tmp_path / "eve", vae=slow + rest, diffusion=HONEST["diffusion.py"])
    names = [TODO, "region_weighted_loss", "add_noise"]
    assert mark(worker, folder, names)[TODO]["status"] == "passed"
    monkeypatch.setattr(marking, "SECONDS", 8)
    monkeypatch.setattr(marking, "RESERVE", 3.6)
    begin = time.monotonic()
    marks = mark(worker, folder, names)
    assert time.monotonic() - begin < 10
    assert marks[TODO]["status"] == "timeout"
    assert marks["region_weighted_loss"]["score"] == 10 and marks["add_noise"]["score"] == 15


def test_threads_are_limited(worker, monkeypatch):
    start = "threading.stack_size(65536)\nfor _ in range({}):\n"
    start += "    threading.Thread(target=time.sleep, args=(9,), daemon=True).start()"
    source = at_import(start.format(250) + "\ntime.sleep(0.3)")
    assert kind(answer_of(worker, at_import(start.format(50)))) == "values"
    assert "threads" in answer_of(worker, source).message
    monkeypatch.setattr(worker, "limits", replace(QUICK, threads=10**6))
    assert kind(answer_of(worker, source)) == "values"
    more = at_import(start.format(2000))
    assert kind(answer_of(worker, more)) == "exception", "the kernel's limit"


# --- what it is told ------------------------------------------------------------------------------

LEAKS = {
    "line": "exec(compile('\\n' * k + 'raise ValueError', __file__, 'exec'))",
    "line of a syntax error": "raise SyntaxError('x', (__file__, k + 1, 1, ''))",
    "class": "raise [ValueError, TypeError, KeyError, IndexError, OSError][k % 5]",
    "shape": "return paddle.zeros([k + 1])",
    "number of NaN": "return paddle.to_tensor([float('nan')] * (k + 1))",
    "signal": "os.kill(os.getpid(), (6, 11, 8, 7)[k % 4])",
    "failure of its own": "send({'arrays': [], 'failure': {'kind': 'exception', 'line': k + 1, "
    "'type': ('KeyError', 'OSError')[k % 2], 'message': 'k' * k}})",
}


@pytest.mark.parametrize("name", LEAKS)
def test_nothing_that_is_told_depends_on_hidden_inputs(name, worker, tmp_path):
    """Two draws of hidden inputs, one and the same report. The control: the answers do differ."""
    source = in_call("k = int(abs(float(mu[0, 0])) * 1e4) % 200\n" + LEAKS[name]) + "\n" * 300
    folder = hand_in(tmp_path / "eve", vae=source)
    told = [json.dumps(mark(worker, folder, [TODO], seed)[TODO]) for seed in (1, 2, 3)]
    assert told[0] == told[1] == told[2]
    assert '"score": 0' in told[0]
    seen = [_raw(worker, source, seed) for seed in (1, 2, 3)]
    assert len(set(seen)) > 1, "the inputs do not even show"


def _raw(with_worker, source, seed):
    rng = marking.generator(seed, "eve", TODO)
    probe = checks.checks(TODO, rng)[0].probes[0]
    answer = with_worker.call("vae/assignment.py", source, probe).values
    return repr(answer if kind(answer) != "values" else {n: v.shape for n, v in answer.items()})


def test_a_failure_on_hidden_inputs_alone_has_no_place(worker, tmp_path):
    known = [float(a.ravel()[0]) for a in PUBLIC["arrays"].values()]
    unknown = f"min(abs(float(mu.ravel()[0]) - x) for x in {known}) > 1e-6"
    source = in_call(f"if {unknown}: raise KeyError('x')")
    marks = mark(worker, hand_in(tmp_path / "eve", vae=source), [TODO])[TODO]
    assert marks["status"] == "error"
    first = marks["checks"][0]["reason"]
    assert "hidden inputs only" in first and "KeyError" not in first and "line" not in first


def test_a_line_that_the_file_has(worker):
    beyond = "raise SyntaxError('x', (__file__, 5000, 1, ''))"
    assert answer_of(worker, in_call(beyond)).line is None
    assert answer_of(worker, in_call("1 / 0")).line in range(10, 40)


# --- answers that are known beforehand ------------------------------------------------------------

LAYERS = """
self.encoder = nn.Sequential(nn.Conv2D(3, 16, 3, padding=1), nn.BatchNorm2D(16),
                             nn.Conv2D(16, 32, 3, padding=1), nn.BatchNorm2D(32))
self.decoder = nn.Sequential(nn.Conv2DTranspose(32, 16, 2, stride=2), nn.BatchNorm2D(16),
                             nn.Conv2DTranspose(16, 3, 2, stride=2))
"""
FORWARD = {
    "input": "return x",
    "constant": "return 0 * x + 0.5",
    "colours": "return 0 * x + self.decoder[2].bias.reshape([1, 3, 1, 1])",
    "noise": "return paddle.rand(x.shape)",
    "blurred": "return nn.functional.avg_pool2d(x, 3, 1, 1)",
}


def autoencoder(forward):
    lines = ["import paddle", "from paddle import nn", "class AutoEncoder(nn.Layer):"]
    lines += ["    def __init__(self):", "        super().__init__()"]
    lines += ["        " + line for line in LAYERS.strip().splitlines()]
    lines += ["    def forward(self, x):"]
    code = "self.decoder(paddle.zeros([x.shape[0], 32, 16, 16]))"
    return "\n".join([*lines, f"        {code}", f"        {forward}"])


@pytest.mark.parametrize("name", FORWARD)
def test_layers_that_compute_nothing_earn_nothing(name, worker, tmp_path):
    folder = hand_in(tmp_path / "eve", ae=autoencoder(FORWARD[name]))
    assert mark(worker, folder, ["AutoEncoder"])["AutoEncoder"]["score"] == 0


def test_a_network_with_one_mistake_earns_its_part(worker, tmp_path):
    """The control: shapes and layers do count where the layers compute the output."""
    right = HONEST["ae.py"]
    assert "nn.ReLU()," in right
    for number, source in enumerate((right, right.replace("nn.ReLU(),", "", 1))):
        marks = mark(worker, hand_in(tmp_path / str(number), ae=source), ["AutoEncoder"])
        assert marks["AutoEncoder"]["score"] == (20, 12)[number]


@pytest.mark.parametrize("todo", [t.name for t in checks.TODOS])
@pytest.mark.parametrize("fill", ["empty", "zeros", "ones"])
def test_constants_earn_nothing(todo, fill):
    """Whatever constant a forged answer holds for every value that is asked for."""
    asked = checks.checks(todo, np.random.default_rng(0))
    values = {p["id"]: {} for c in asked for p in c.probes}
    for rule in (r for c in asked for r in c.rules):
        shape = np.shape(rule.want) if rule.kind in ("close", "resembles") else (2, 3, 64, 64)
        array = {"empty": np.zeros(0), "zeros": np.zeros(shape), "ones": np.ones(shape)}[fill]
        for key in filter(None, (rule.key, rule.other)):
            values[rule.probe].setdefault(key, array.astype(np.float32))
    assert _points(asked, values) == 0


def _points(asked, values):
    """Points as Marker counts them, for values at hand."""
    alone = marking.Marker(None, 0, "en")
    alone._checks = lambda *_: asked
    alone._observe = lambda *_: None
    alone._told = lambda outcome, *_: outcome
    alone._judge = lambda check, _: judge.judge(check, values)
    todo = next(t for t in checks.TODOS if t.name == asked[0].todo)
    return alone._todo(SimpleNamespace(identity=""), todo, None)["score"]


# --- tables and names -----------------------------------------------------------------------------

CELLS = [
    "a;=1+1",
    "a,=1+1",
    "a|+1",
    'x";=1+1',
    "a; =1",
    "a;'=1",
    "a:@SUM(A1)",
    "=1;=2;-3",
    "；=1;＝1",
]


@pytest.mark.parametrize("text", CELLS)
@pytest.mark.parametrize("separator", [",", ";", "|", ":"])
def test_no_cell_is_a_formula(text, separator):
    def formulas(line):
        rows = csv.reader(io.StringIO(line), delimiter=separator)
        return [c for row in rows for c in row if c.lstrip(' "').startswith(tuple("=+-@＝＋－＠"))]

    stream = io.StringIO()
    csv.writer(stream).writerow([reports.cell(text), "15"])
    assert not formulas(stream.getvalue())


def test_cells_that_are_no_formula_stay():
    for text in ("ada@uni.edu", "jean-luc", "a=b", "陈-小明", "2024-01", "C++", "a; b"):
        assert reports.cell(text) == text
    assert reports.cell("a;=1") != "a;=1"


@pytest.mark.parametrize("mark", ["\u3164", "\u115f", "\u2800", "\ufe0e", "\u034f", "\u180e"])
def test_invisible_letters_are_shown(mark):
    assert inert.inert(f"ada{mark}") == "ada\ufffd"


def test_piles_of_accents_are_cut():
    assert inert.inert("e\u0301" + "\u0301" * 50) == "e\u0301\u0301\u0301"
    assert inert.inert("né ế कि 한") == "né ế कि 한"
