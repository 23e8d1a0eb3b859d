"""The checks of the TODOs: right answers pass, wrong ones fail with their own hint, and margins."""

import contextlib
import io
from pathlib import Path

import numpy as np
import pytest

import common  # noqa: F401 - before Paddle
from tests.assessment import golden, statistics
from tests.assessment.judge import Failure, judge, mistakes_of
from tests.grading import mistakes_ddpm, reference
from tests.grading.checks import TODOS, checks, probes
from tests.grading.make_golden import golden_checks, path_of
from tests.grading.wrong_answers.marking import mark, observe
from tests.grading.wrong_answers.right import RIGHT
from tests.grading.wrong_answers.templates import function, method
from tests.grading.wrong_answers.wrong import WRONG

ROOT = Path(__file__).parents[3]
NAMES = [todo.name for todo in TODOS]
FILES = {todo.name: todo.file for todo in TODOS}


def rng(seed=3):
    return np.random.default_rng(seed)


def not_passed(outcomes):
    return {name: o for name, o in outcomes.items() if o.status != "passed"}


# --- the checks themselves -----------------------------------------------------------------------


def test_points_of_the_contract():
    """20, 15, 15, 10, 15, 15, 10."""
    assert [t.points for t in TODOS] == [20, 15, 15, 10, 15, 15, 10]
    for todo in TODOS:
        assert sum(c.points for c in checks(todo.name, rng())) == todo.points


@pytest.mark.parametrize("todo", NAMES)
def test_checks_are_well_formed(todo):
    """Rules ask their own probes; needs come before; few probes are run, on few values."""
    asked = checks(todo, rng())
    for place, check in enumerate(asked):
        assert {r.probe for r in check.rules} <= {p["id"] for p in check.probes}
        assert set(check.needs) <= {c.id for c in asked[:place]}
        assert check.hidden
    assert len(probes(asked)) <= 6
    for probe in probes(asked) if todo != "AutoEncoder" else ():  # two images are 24,576 values
        answers = [np.size(r.want) for c in asked for r in c.rules if r.probe == probe["id"]]
        assert max(answers) <= 20_000


@pytest.mark.parametrize("todo", NAMES)
def test_same_rng_same_checks(todo):
    """Everything random comes from the generator; another one gives other inputs."""
    first, second, other = (probes(checks(todo, rng(s))) for s in (1, 1, 2))
    for a, b in zip(first, second):
        assert a["params"] == b["params"]
        assert all(np.array_equal(a["arrays"][n], b["arrays"][n]) for n in a["arrays"])
    assert any(_differ(a["arrays"], b["arrays"]) for a, b in zip(first, other))


def _differ(some, others):
    return any(not np.array_equal(some[name], others[name]) for name in some)


@pytest.mark.parametrize("todo", NAMES)
def test_golden_arrays_are_current(todo):
    """The student's copy holds what make_golden would write now."""
    kept, fresh = golden.load(path_of(FILES[todo]), todo), golden_checks(todo)
    assert [c.id for c in kept] == [c.id for c in fresh]
    for a, b in zip(kept, fresh):
        assert not a.hidden and a.needs == b.needs and a.points == b.points
        for p, q in zip(a.probes, b.probes):
            assert all(np.array_equal(p["arrays"][n], q["arrays"][n]) for n in q["arrays"])
        for r, s in zip(a.rules, b.rules):
            assert (r.kind, r.key, r.hint, r.reason) == (s.kind, s.key, s.hint, s.reason)
            assert mistakes_of(r).keys() == mistakes_of(s).keys()
            if s.want is not None:
                np.testing.assert_allclose(r.want, s.want, rtol=1e-6)


# --- answers ------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("todo", NAMES)
def test_reference_passes(todo, seed):
    source = (ROOT / FILES[todo]).read_text(encoding="utf-8")
    assert not not_passed(mark(source, todo, seed))


@pytest.mark.parametrize(("todo", "name"), RIGHT, ids=lambda v: v)
def test_right_answer_is_accepted(todo, name):
    """Other algebra, loops, decorators, the notebook form ..."""
    with contextlib.redirect_stdout(io.StringIO()):
        outcomes = mark(RIGHT[todo, name], todo)
    assert not not_passed(outcomes)
    notes = any(o.note for o in outcomes.values())
    assert notes == (name == "NumPy noise")


@pytest.mark.parametrize(("todo", "name"), WRONG, ids=lambda v: v)
def test_wrong_answer_is_rejected_with_its_own_hint(todo, name):
    """Every hint that is shown names this mistake; where none is known, none is shown."""
    hints, source = WRONG[todo, name]
    outcomes = not_passed(mark(source, todo))
    assert outcomes
    shown = {o.hint_id for o in outcomes.values() if o.hint_id}
    assert shown <= hints
    assert bool(shown) == bool(hints)


@pytest.mark.parametrize(
    ("todo", "body"),
    [
        ("reparameterize", "return mu + paddle.exp(0.5 * mu) * (0 if eps is None else eps)"),
        ("add_noise", "return x0 if t.ndim == 0 else ab.sqrt() * x0 + (1 - ab).sqrt() * eps"),
    ],
)
def test_no_hint_that_fits_in_one_place_only(todo, body):
    """A known mistake that explains a part of the inputs, by chance, is not shown."""
    source = (method if todo == "add_noise" else function)(todo, body)
    shown = {o.hint_id for o in not_passed(mark(source, todo)).values() if o.hint_id}
    assert shown <= {"no_noise", "argument_unused"}  # the first one draws none, reads no logvar


def test_size_of_the_bank():
    """At least 25 unusual right answers, and a hint for at least 80 % of the wrong ones."""
    assert len(RIGHT) >= 100
    assert len(WRONG) >= 300
    assert sum(bool(hints) for hints, _ in WRONG.values()) >= 0.8 * len(WRONG)


def test_partial_credit():
    """A mistake in one respect costs the checks about it only."""
    _, source = WRONG["reparameterize", "uniform"]
    assert set(not_passed(mark(source, "reparameterize"))) == {"reparameterize/noise"}
    _, source = WRONG["region_weighted_loss", "greater or equal"]
    assert set(not_passed(mark(source, "region_weighted_loss"))) == {
        "region_weighted_loss/threshold"
    }


def test_wrong_add_noise_costs_only_its_own_points():
    """`loss` is marked with the right x_t, whatever the file's add_noise does."""
    source = (ROOT / FILES["loss"]).read_text(encoding="utf-8")
    wrong = source.replace("paddle.sqrt(alpha_bar) * x0", "alpha_bar * x0")
    assert wrong != source
    assert not_passed(mark(wrong, "add_noise"))
    assert not not_passed(mark(wrong, "loss"))


# --- margins ------------------------------------------------------------------------------------


@pytest.mark.parametrize("todo", NAMES)
def test_float32_stays_20_times_within_tolerance(todo):
    """The worst error of the assignment's own code, over four draws of all inputs."""
    source = (ROOT / FILES[todo]).read_text(encoding="utf-8")
    for seed in range(4):
        asked = checks(todo, rng(seed))
        values = {p["id"]: observe(source, p) for p in probes(asked)}
        for rule in (r for c in asked for r in c.rules if r.kind == "close" and np.any(r.tol)):
            value = np.asarray(values[rule.probe][rule.key], np.float64).reshape(rule.want.shape)
            assert (np.abs(value - rule.want) <= rule.tol / 20).all(), rule.key


@pytest.mark.parametrize("todo", NAMES)
def test_tolerance_is_a_tenth_of_the_nearest_mistake(todo):
    """Every known mistake is off by 10 tolerances or more somewhere."""
    asked = checks(todo, rng(7))
    distance = {}
    for rule in (r for c in asked for r in c.rules if r.kind == "close"):
        for name, claim in mistakes_of(rule).items():
            distance[name] = max(distance.get(name, 0.0), _distance(rule, claim))
    assert min(distance.values(), default=10) >= 10, min(distance, key=distance.get)


def _distance(rule, claim):
    if claim.shape != rule.want.shape or not np.isfinite(claim).all():
        return np.inf
    return float((np.abs(claim - rule.want) / rule.tol).max())


@pytest.mark.parametrize(
    ("scale", "shift", "seen"), [(1, 0, False), (1.06, 0, True), (0.94, 0, True), (1, 0.06, True)]
)
def test_sampler_sees_small_faults_and_nothing_else(scale, shift, seen):
    """6 % off in the standard deviation or the mean is always seen; right noise never (40 runs)."""
    (rule,) = next(c for c in checks("reparameterize", rng()) if c.id.endswith("/noise")).rules
    mean, std = rule.want
    draws = rng(11)
    runs = 40 if not seen else 5
    for _ in range(runs):
        pair = [mean + std * (scale * draws.standard_normal(mean.shape) + shift) for _ in "12"]
        assert (statistics.judge_normal(rule, *pair) is not None) == seen
    assert statistics.FALSE_ALARM <= 1e-6


# --- the reference, checked against something else -----------------------------------------------


def test_kl_against_quadrature():
    """The closed form equals E_q[log q - log p], by Gauss-Hermite quadrature."""
    draws = rng()
    mu, logvar = draws.normal(0, 1.5, (4, 3)), draws.uniform(-3, 3, (4, 3))
    nodes, weights = np.polynomial.hermite_e.hermegauss(40)
    std = np.exp(logvar / 2)[..., None]
    z = mu[..., None] + std * nodes
    log_q = -0.5 * nodes**2 - np.log(std)
    expected = ((log_q + 0.5 * z**2) * weights).sum(axis=-1) / weights.sum()
    np.testing.assert_allclose(reference.kl_terms(mu, logvar), expected, atol=1e-12)


def test_add_noise_against_single_steps():
    """t + 1 small steps of the forward process have the mean and variance of the jump."""
    s = reference.schedule(np.linspace(0.02, 0.2, 9))
    one, zero = np.ones((1, 1, 1, 1)), np.zeros((1, 1, 1, 1))
    mean, variance = 1.0, 0.0
    for t, beta in enumerate(s["beta"]):
        mean, variance = np.sqrt(1 - beta) * mean, (1 - beta) * variance + beta
        assert reference.add_noise(s, one, np.array(t), zero).item() == pytest.approx(mean)
        assert reference.add_noise(s, zero, np.array(t), one).item() ** 2 == pytest.approx(variance)


def test_remove_noise_against_bayes():
    """q(x_{t-1} | x_t, x_0) as the product of two Gaussians, with x_0 from the true noise."""
    s = reference.schedule(np.linspace(0.02, 0.2, 9))
    x0, eps, one = 0.4, -0.7, np.ones((1, 1, 1, 1))
    for t in range(1, 9):
        step = np.array(t)
        xt = reference.add_noise(s, x0 * one, step, eps * one)
        before, beta = s["alpha_bar"][t - 1], s["beta"][t]
        precision = 1 / (1 - before) + (1 - beta) / beta
        mean = (np.sqrt(before) * x0 / (1 - before) + np.sqrt(1 - beta) * xt / beta) / precision
        ours = reference.remove_noise(s, xt, step, 0 * one, lambda *_: eps * one)
        np.testing.assert_allclose(ours, mean, rtol=1e-10)
        assert s["sigma_square"][t] == pytest.approx(1 / precision)


def test_loss_gradients_against_differences():
    draws = rng()
    xt, eps = draws.normal(size=(2, 3, 2, 4, 4))
    t, shift = np.array([4, 1, 4]), draws.normal(size=6)
    d_scale, d_shift = reference.loss_gradients(xt, t, eps, np.array([0.7]), shift)
    for name, gradient, place in (("scale", d_scale, 0), ("shift", d_shift, 4)):
        values = []
        for h in (1e-5, -1e-5):
            arguments = {"scale": np.array([0.7]), "shift": shift.copy()}
            arguments[name][place] += h
            values.append(reference.loss(xt, t, eps, **arguments))
        assert gradient[place] == pytest.approx((values[0] - values[1]) / 2e-5, rel=1e-6)


# --- the judge ----------------------------------------------------------------------------------


def test_no_guess_between_two_mistakes():
    """Where two known mistakes fit the values, or only one input tells, no hint is given."""
    check = next(c for c in checks("kl_div_loss", rng()) if c.id.endswith("/values"))
    rules = [r for r in check.rules if r.kind == "close"]
    twice = {r.key: np.float32(2 * r.want) for r in rules}
    assert _hint(check, twice) == "kl_no_half"
    known = [(r, mistakes_of(r)) for r in rules]
    twins = [_with(r, {**m, "another": m["kl_no_half"]}) for r, m in known]
    assert _hint(_with_rules(check, twins), twice) is None
    assert _hint(_with_rules(check, rules[:1]), twice) is None


def _hint(check, values):
    return judge(check, {check.probes[0]["id"]: values}).hint_id


def _with(rule, mistakes):
    return type(rule)(**{**vars(rule), "mistakes": mistakes})


def _with_rules(check, rules):
    return type(check)(**{**vars(check), "rules": tuple(rules)})


@pytest.mark.parametrize(
    "value",
    [
        np.array("text"),
        np.array([1 + 2j]),
        np.zeros((0,)),
        np.full((5, 3), np.nan),
        np.full((5, 3), np.inf),
        np.zeros((5, 3, 1)),
        np.array([(1, 2.0)], dtype=[("a", int), ("b", float)]),
        np.array(True),
    ],
)
@pytest.mark.parametrize("todo", NAMES)
def test_strange_values_fail(todo, value):
    """Whatever comes back, the judge answers, and the answer is not "passed"."""
    for check in checks(todo, rng()):
        keys = {r.key for r in check.rules} | {r.other for r in check.rules}
        values = {p["id"]: dict.fromkeys(keys, value) for p in check.probes}
        loose = {r.kind for r in check.rules} in ({"same"}, {"within"})  # an image of zeros holds
        assert loose or judge(check, values).status == "failed"
        nothing = {p["id"]: {} for p in check.probes}
        assert judge(check, nothing).status == "failed"


def test_a_scalar_is_not_broadcast():
    check = checks("add_noise", rng())[0]
    keys = {r.key: np.float32(0.5) for r in check.rules}
    assert judge(check, {check.probes[0]["id"]: keys}).status == "failed"


def test_failures_become_outcomes():
    check = checks("add_noise", rng())[0]
    statuses = {
        "exception": "error",
        "syntax": "error",
        "unfinished": "failed",
        "bad_answer": "failed",
        "missing": "missing",
        "timeout": "timeout",
        "memory": "memory",
        "crash": "crash",
        "output": "failed",
        "malformed": "failed",
    }
    for kind, status in statuses.items():
        for lang in ("en", "zh"):
            outcome = judge(check, {check.probes[0]["id"]: Failure(kind, "E", "m", 3)}, lang)
            assert outcome.status == status and outcome.reason
    assert judge(check, {}).status == "missing"
    for todo in NAMES:
        outcomes = mark("x = 1\n", todo, lang="zh").values()
        assert {o.status for o in outcomes} <= {"missing", "skipped"}
        assert any("没有定义" in o.reason for o in outcomes)


def test_hidden_checks_tell_no_numbers():
    """The grader's reasons hold neither the expected value nor the student's."""
    _, source = WRONG["kl_div_loss", "no half"]
    for outcome in not_passed(mark(source, "kl_div_loss")).values():
        assert "expected " not in outcome.reason or "expected ones" in outcome.reason


def test_common_mistakes_of_the_reports_are_known():
    """What peers.md lists for the reports has an entry in the bank."""
    assert {
        ("reparameterize", "report 002"),
        ("kl_div_loss", "report 002"),
        ("loss", "report 001"),
    } <= set(WRONG)
    assert "variance_beta" in mistakes_ddpm.REMOVE_NOISE_MISTAKES
