"""The checks of vae/assignment.py."""

from dataclasses import replace

import numpy as np

from tests.assessment.rules import Rule
from tests.grading import mistakes_vae as wrong
from tests.grading import reference as ref
from tests.grading.building import (
    FLOAT32,
    KEPT,
    ONE_SIZE,
    another_size,
    call,
    check,
    close,
    f32,
    f64,
    form,
    known,
    probe,
    unchanged,
)

# --- reparameterize ------------------------------------------------------------------------------

STD_RELATIVE = 2e-3  # std = sqrt(exp(logvar) + 1e-8), as in report 000, is 8e-4 off at -12


def reparameterize(rng):
    """15 points."""
    todo = "reparameterize"
    arrays = {**_gaussian(rng, 5, 3, "1"), **_gaussian(rng, 4, 4, "2"), **_curve(rng)}
    values = probe(
        todo,
        "values",
        "calls",
        arrays,
        calls=[
            call("z1", "mu1", "logvar1", "eps1", after=True),
            call("z1 again", "mu1", "logvar1", "eps1"),
            call("z2", "mu2", "logvar2", "eps2"),
            call("low", "mu low", "logvar low", "eps low"),
            call("high", "mu high", "logvar high", "eps high"),
        ],
    )
    ignored = {"tol": 1e-5, "reason": "eps_ignored", "hint": "eps_ignored"}
    used = Rule("same", values["id"], "z1", other="z1 again", **ignored)
    single, gradient = _single(rng), _reparameterize_gradient(rng)
    noise, seeding = _noise(rng), _seeding(rng)
    return [
        check(todo, "values", 3, [*_z(values, "1"), *_z(values, "2"), used], [values]),
        check(todo, "again", 1, *_z_again(rng), needs=("values",)),
        check(todo, "curve", 2, [*_z(values, " low"), *_z(values, " high")], [values]),
        check(todo, "single", 1, [*_z(single, " one"), *_z(single, " row")], [single]),
        check(todo, "form", 1, _z_form(values), [values], needs=("values",)),
        check(todo, "gradient", 3, *gradient, needs=("values",)),
        check(todo, "noise", 3, [_noise_rule(noise)], [noise]),
        check(todo, "seeding", 1, _seeding_rules(seeding), [seeding], needs=("values",)),
    ]


def _gaussian(rng, rows, columns, name, spread=2.0):
    shape = (rows, columns)
    return {
        f"mu{name}": f32(rng.normal(0, 1.5, shape)),
        f"logvar{name}": f32(rng.uniform(-spread, spread, shape)),
        f"eps{name}": f32(rng.normal(0, 1, shape) + np.sign(rng.normal(size=shape)) * 0.2),
    }


def _curve(rng):
    """log-variances over all of [-12, 12], in two calls that both hold small and large ones."""
    arrays = {}
    for name, shift in ((" low", 0.0), (" high", 0.25)):
        logvar = np.linspace(-12 + shift, 12 - shift, 24).reshape(12, 2)
        arrays[f"logvar{name}"] = f32(rng.permuted(logvar))
        arrays[f"eps{name}"] = f32(rng.uniform(0.5, 1.5, (12, 2)) * rng.choice([-1, 1], (12, 2)))
        arrays[f"mu{name}"] = f32(rng.uniform(-1e-3, 1e-3, (12, 2)))
    return arrays


def _z(of, name, key=""):
    """One rule: z against the reference, with what every known mistake would return."""
    args = f64(*(of["arrays"][f"{n}{name}"] for n in ("mu", "logvar", "eps")))
    want = ref.reparameterize(*args)
    tol = STD_RELATIVE * np.abs(want - args[0]) + 1e-5 * np.abs(args[0]) + 1e-7
    key = key or (f"z{name}" if name in "12" else name.strip())
    mistakes = known(wrong.REPARAMETERIZE_MISTAKES, *args)
    return [close(of, key, want, tol, dtype="float32", mistakes=mistakes)]


def _z_again(rng):
    """Other values of the same shape, then another shape, twice; and the first ones again."""
    arrays = _two_sizes(rng, lambda size, name: _gaussian(rng, *size, name), 2)
    calls = [call(f"z {n}", f"mu {n}", f"logvar {n}", f"eps {n}") for n in _TWICE]
    of = probe("reparameterize", "again", "calls", arrays, calls=calls)
    return [_known_answer(_z(of, f" {n}", f"z {n}")[0], n) for n in _TWICE], [of]


_TWICE = ("a", "b", "c", "d")  # a and b have one shape, c and d another


def _two_sizes(rng, arrays_of, axes):
    """The arrays of four calls, see _TWICE; arrays_of: (size, name) -> dict of arrays."""
    first = another_size(rng, (0,) * axes)
    other = another_size(rng, first) if axes > 2 else (another_size(rng, first)[0], 1)
    sizes = dict.fromkeys("ab", first) | dict.fromkeys("cd", other)
    return {k: v for n, size in sizes.items() for k, v in arrays_of(size, f" {n}").items()}


def _known_answer(rule, name):
    """The rule without its mistakes: what is wrong here only was kept, or is made for one size."""
    return replace(rule, mistakes={}, **(ONE_SIZE if name == "c" else KEPT))


def _z_form(values):
    shapes = [form(values, "z1", (5, 3)), form(values, "z2", (4, 4))]
    return shapes + unchanged(values, "z1", ("mu1", "logvar1", "eps1"))


def _single(rng):
    """One image with one dimension and eps = 0 (which is false in Python), and one row."""
    arrays = {**_gaussian(rng, 1, 1, " one"), **_gaussian(rng, 1, 6, " row")}
    arrays["eps one"] = f32([[0.0]])
    calls = [call(n, f"mu {n}", f"logvar {n}", f"eps {n}") for n in ("one", "row")]
    return probe("reparameterize", "single", "calls", arrays, calls=calls)


def _reparameterize_gradient(rng):
    """Gradients of sum(weight * z) with a given eps, and that they exist without one."""
    arrays = {**_gaussian(rng, 4, 5, ""), "weight": f32(rng.uniform(0.5, 1.5, (4, 5)))}
    watched = {"grad": ("mu", "logvar"), "weight": "weight"}
    calls = [call("z", "mu", "logvar", "eps", **watched), call("drawn", "mu", "logvar", **watched)]
    of = probe("reparameterize", "gradient", "calls", arrays, calls=calls)
    _, logvar, eps, weight = f64(*(arrays[n] for n in ("mu", "logvar", "eps", "weight")))
    d_logvar = 0.5 * weight * np.exp(logvar / 2) * eps
    cut, limits = {"missing": "gradient_cut", "reason": "gradient"}, np.array([-1e3, 1e3])
    rules = [
        close(of, "grad z mu", weight, FLOAT32, **cut),
        close(of, "grad z logvar", d_logvar, STD_RELATIVE * np.abs(d_logvar) + 1e-6, **cut),
        close(of, "grad drawn mu", weight, FLOAT32, reason="gradient_drawn"),
        Rule("within", of["id"], "grad drawn logvar", limits, reason="gradient_drawn"),
    ]
    return rules, [of]


def _noise(rng):
    """125 x 80 draws, twice: 20,000 values."""
    size = (125, 80)
    logvar = rng.uniform(0.5, 2.5, size) * rng.choice([-1, 1], size)
    arrays = {"mu": f32(rng.uniform(0.5, 2, size) * rng.choice([-1, 1], size))}
    arrays["logvar"] = f32(logvar)
    return probe("reparameterize", "noise", "noise", arrays, seed=int(rng.integers(1 << 30)))


def _noise_rule(of):
    mu, logvar = f64(of["arrays"]["mu"], of["arrays"]["logvar"])
    forms = {n: wrong.REPARAMETERIZE_MISTAKES[n] for n in wrong.NOISE_FORMS}
    others = {n: wrong.noise_pair(f, mu, logvar) for n, f in forms.items()}
    want = wrong.noise_pair(ref.reparameterize, mu, logvar)
    return Rule("normal", of["id"], "first", want, other="second", mistakes=others)


def _seeding(rng):
    arrays = {n: f32(rng.normal(0, 1, (4, 6))) for n in ("mu", "logvar")}
    seeds = [int(s) for s in rng.choice(1 << 30, 2, replace=False)]
    return probe("reparameterize", "seeding", "seeding", arrays, seeds=seeds)


def _seeding_rules(of):
    """After a call the generators still depend on the seed that was set before it."""
    reset = {"reason": "seed_reset", "hint": "seed_reset"}
    rules = [
        Rule("differ", of["id"], f"{n} a", other=f"{n} b", **reset)
        for n in ("paddle", "numpy", "python")
    ]
    return [*rules, Rule("differ", of["id"], "z a", other="z b", reason="noise_repeats")]


# --- kl_div_loss -----------------------------------------------------------------------------


def kl_div_loss(rng):
    """15 points."""
    todo = "kl_div_loss"
    sizes = {"1": (5, 3), "2": (4, 7), "3": (4, 4)}
    arrays = {}
    for name, size in sizes.items():
        arrays.update(_gaussian(rng, *size, name, spread=2.5))
    calls = [call(f"kl{n}", f"mu{n}", f"logvar{n}", after=n == "1") for n in sizes]
    values = probe(todo, "values", "calls", arrays, calls=calls)
    edges, gradient = _kl_edges(rng), _kl_gradient(rng)
    return [
        check(todo, "values", 5, [_kl(values, n) for n in sizes], [values]),
        check(todo, "again", 1, *_kl_again(rng), needs=("values",)),
        check(todo, "range", 2, [_kl(edges, n) for n in ("low", "lower", "high")], [edges]),
        check(todo, "zero", 1, [_kl(edges, n) for n in ("zero", "one")], [edges]),
        check(todo, "form", 2, _kl_form(values), [values], needs=("values",)),
        check(todo, "gradient", 4, *gradient, needs=("values",)),
    ]


def _kl(of, name):
    mu, logvar = f64(of["arrays"][f"mu{name}"], of["arrays"][f"logvar{name}"])
    sizes = 0.5 * (mu**2 + np.exp(logvar) + 1 + np.abs(logvar))
    tol = FLOAT32 * sizes.sum(axis=1).mean()
    mistakes = known({**wrong.KL_MISTAKES, **wrong.KL_CLAMPS}, mu, logvar)
    options = {"dtype": "float32", "flat": True, "mistakes": mistakes}
    return close(of, f"kl{name}", ref.kl_div_loss(mu, logvar), tol, **options)


def _kl_again(rng):
    """As _z_again."""
    arrays = _two_sizes(rng, lambda size, name: _gaussian(rng, *size, name), 2)
    calls = [call(f"kl {n}", f"mu {n}", f"logvar {n}") for n in _TWICE]
    of = probe("kl_div_loss", "again", "calls", arrays, calls=calls)
    return [_known_answer(_kl(of, f" {n}"), n) for n in _TWICE], [of]


def _kl_edges(rng):
    """The whole range of logvar, low and high apart (exp(12) would hide the rest); zero; B = 1."""
    arrays = {"muzero": f32(np.zeros((3, 4))), "logvarzero": f32(np.zeros((3, 4)))}
    arrays.update({n: a for n, a in _gaussian(rng, 1, 1, "one").items() if "eps" not in n})
    for name, low, high in (("low", -12, 0.5), ("lower", -12, -2), ("high", 0, 12)):
        logvar = rng.permuted(np.linspace(low, high, 12)).reshape(3, 4)
        arrays[f"logvar{name}"] = f32(logvar)
        arrays[f"mu{name}"] = f32(rng.normal(0, 0.3, (3, 4)))
    names = ("low", "lower", "high", "zero", "one")
    calls = [call(f"kl{n}", f"mu{n}", f"logvar{n}") for n in names]
    return probe("kl_div_loss", "range", "calls", arrays, calls=calls)


def _kl_form(values):
    shapes = [form(values, f"kl{n}", ()) for n in "123"]
    return shapes + unchanged(values, "kl1", ("mu1", "logvar1"))


def _kl_gradient(rng):
    """The gradients give every term by itself: what belongs to mu[i, j], what to logvar[i, j]."""
    rules, arrays, calls = [], {}, []
    for name, size in (("1", (5, 3)), ("2", (3, 6))):
        arrays.update(_gaussian(rng, *size, name))
        calls.append(call(f"kl{name}", f"mu{name}", f"logvar{name}", grad=_names(name)))
    of = probe("kl_div_loss", "gradient", "calls", arrays, calls=calls)
    for name in "12":
        mu, logvar = f64(*(arrays[n] for n in _names(name)))
        wants = zip(
            _names(name), ref.kl_gradients(mu, logvar), wrong.kl_partial_gradients(mu, logvar)
        )
        for n, want, partial in wants:
            tol = FLOAT32 * (np.abs(want) + 1 / len(mu))
            cut = {"missing": "gradient_cut", "reason": "gradient", "mistakes": partial}
            rules.append(close(of, f"grad kl{name} {n}", want, tol, **cut))
    return rules, [of]


def _names(name):
    return f"mu{name}", f"logvar{name}"


# --- region_weighted_loss ------------------------------------------------------------------------


def region_weighted_loss(rng):
    """10 points."""
    todo = "region_weighted_loss"
    defaults = {"1": (4, 3, 6, 5), "2": (3, 2, 5, 7)}
    values = _region_probe(rng, "values", defaults, {"1": (), "2": ()})
    chosen = {"1": (0.375, 2.0, 0.125), "2": (0.625, 0.5, 1.75), "3": (0.5, 1.25, 0.0)}
    sizes = {"1": (4, 3, 5, 6), "2": (3, 2, 7, 4), "3": (2, 3, 4, 5)}
    coefficients = _region_probe(rng, "coefficients", sizes, chosen)
    equal = {"1": (0.5, 1.5, 0.25), "2": (0.25, 0.75, 2.0)}
    threshold = _region_probe(rng, "threshold", defaults, equal, on_threshold=True)
    edges = _region_edges(rng)
    names = ("one", "black", "white")
    return [
        check(todo, "values", 3, [_region(values, n) for n in "12"], [values]),
        check(todo, "again", 1, *_region_again(rng), needs=("values",)),
        check(todo, "coefficients", 2, [_region(coefficients, n) for n in "123"], [coefficients]),
        check(todo, "threshold", 1, [_region(threshold, n) for n in "12"], [threshold]),
        check(todo, "one_region", 1, [_region(edges, n) for n in names], [edges]),
        check(todo, "form", 1, _region_form(values), [values], needs=("values",)),
        check(todo, "gradient", 1, *_region_gradient(rng), needs=("values",)),
    ]


def _images(rng, size, threshold, on_threshold=False):
    """(x_hat, x): half of the target white, off by channel; none within 0.01 of the threshold."""
    white = rng.random(size) < rng.uniform(0.3, 0.7, (1, size[1], 1, 1))
    x = np.where(
        white, rng.uniform(threshold + 0.01, 1, size), rng.uniform(0, threshold - 0.01, size)
    )
    if on_threshold:
        x = np.where(rng.random(size) < 0.4, threshold, x)
    return f32(rng.uniform(0.02, 0.98, size)), f32(x)


def _region_probe(rng, name, sizes, arguments, on_threshold=False):
    arrays, calls = {}, []
    for n, size in sizes.items():
        threshold = (arguments[n] or (0.7,))[0]
        arrays[f"x_hat{n}"], arrays[f"x{n}"] = _images(rng, size, threshold, on_threshold)
        calls.append(call(f"loss{n}", f"x_hat{n}", f"x{n}", *arguments[n], after=n == "1"))
    return probe("region_weighted_loss", name, "calls", arrays, calls=calls)


def _region_again(rng):
    """As _z_again."""
    arrays = _two_sizes(rng, lambda size, n: _named_images(rng, size, n), 4)
    calls = [call(f"loss {n}", f"x_hat {n}", f"x {n}") for n in _TWICE]
    of = probe("region_weighted_loss", "again", "calls", arrays, calls=calls)
    return [_known_answer(_region(of, f" {n}"), n) for n in _TWICE], [of]


def _named_images(rng, size, name):
    x_hat, x = _images(rng, size, 0.7)
    return {f"x_hat{name}": x_hat, f"x{name}": x}


def _region_edges(rng):
    """One image of one channel; targets that are all black and all white."""
    arrays, calls = {}, []
    for n, size in (("one", (1, 1, 4, 7)), ("black", (3, 1, 4, 4)), ("white", (2, 3, 3, 4))):
        arrays[f"x_hat{n}"], arrays[f"x{n}"] = _images(rng, size, 0.7)
        calls.append(call(f"loss{n}", f"x_hat{n}", f"x{n}"))
    arrays["xblack"] = f32(rng.uniform(0, 0.6, (3, 1, 4, 4)))
    arrays["xwhite"] = f32(rng.uniform(0.75, 1, (2, 3, 3, 4)))
    return probe("region_weighted_loss", "one_region", "calls", arrays, calls=calls)


def _region(of, name):
    x_hat, x = f64(of["arrays"][f"x_hat{name}"], of["arrays"][f"x{name}"])
    asked = next(c for c in of["params"]["calls"] if c["out"] == f"loss{name}")
    numbers = [a["value"] for a in asked["args"][2:]]
    want = ref.region_weighted_loss(x_hat, x, *numbers)
    mistakes = known(wrong.REGION_MISTAKES, x_hat, x, *numbers)
    options = {"dtype": "float32", "flat": True, "mistakes": mistakes}
    return close(of, f"loss{name}", want, FLOAT32 * want, **options)


def _region_form(values):
    shapes = [form(values, f"loss{n}", ()) for n in "12"]
    return shapes + unchanged(values, "loss1", ("x_hat1", "x1"))


def _region_gradient(rng):
    """The weight of every pixel, seen from d loss / d x_hat."""
    x_hat, x = _images(rng, (3, 2, 5, 4), 0.7)
    calls = [call("loss", "x_hat", "x", grad=("x_hat",))]
    of = probe("region_weighted_loss", "gradient", "calls", {"x_hat": x_hat, "x": x}, calls=calls)
    want = ref.region_gradient(*f64(x_hat, x))
    cut = {"missing": "gradient_cut", "reason": "gradient"}
    return [close(of, "grad loss x_hat", want, FLOAT32 * np.abs(want).max(), **cut)], [of]
