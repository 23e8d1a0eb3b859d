"""The checks of diffusion/assignment.py."""

from dataclasses import replace

import numpy as np

from tests.assessment.rules import Rule
from tests.grading import mistakes_ddpm as wrong
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

STEPS = 37  # of the short schedules; odd, and no multiple of a batch size
EPSILON = 6e-8  # float32


# --- inputs ------------------------------------------------------------------------------------


def _short_beta(rng):
    """[STEPS] float32, large and uneven, so that no step resembles its neighbours."""
    return f32(np.sort(rng.uniform(0.03, 0.16, STEPS)) * rng.uniform(0.8, 1.2, STEPS))


def _long_beta(rng):
    """[1000] float32, linear, near the usual 1e-4 ... 0.02."""
    return f32(np.linspace(1e-4 * rng.uniform(0.9, 1.2), 0.02 * rng.uniform(0.75, 0.95), 1000))


def _tables(rng, beta):
    """The arrays that every DDPM probe carries: the schedule and the stand-in network."""
    s = ref.schedule(beta)
    tables = {n: f32(s[n]) for n in ("alpha", "alpha_bar", "sigma_square")}
    scale = f32([rng.uniform(0.5, 0.8) * rng.choice([-1, 1])])
    return {**tables, "beta": beta, "scale": scale, "shift": f32(rng.normal(0, 0.6, len(beta)))}


def _images(rng, name, size, t):
    """One call's x, t and eps. t: a list of steps, or one number for a 0-D t."""
    arrays = {f"x{name}": f32(rng.uniform(-1, 1, size)), f"t{name}": np.asarray(t, np.int64)}
    return {**arrays, f"eps{name}": f32(rng.normal(0, 1, size))}


def _steps(rng, rows, low=2, high=STEPS - 1):
    """`rows` different steps in no order, none of them near an end."""
    return rng.permutation(np.arange(low, high))[:rows].tolist()


def _probe(rng, todo, name, sizes, beta=None, **params):
    """A probe with one call for each of `sizes`: call name -> (size, t)."""
    arrays = _tables(rng, _short_beta(rng) if beta is None else beta)
    for n, (size, t) in sizes.items():
        arrays.update(_images(rng, n, size, t))
    calls = [call(f"out{n}", f"x{n}", f"t{n}", f"eps{n}", after=n == "1") for n in sizes]
    if name == "values":
        calls.append(call("again", "x1", "t1", "eps1"))
    return probe(todo, name, "calls", arrays, calls=calls, **params)


def _repeated(of, key):
    """The same arguments once more give the same answer: nothing random is drawn inside."""
    fresh = {"tol": 1e-5, "reason": "not_repeated", "hint": "fresh_noise"}
    return Rule("same", of["id"], key, other="again", **fresh)


def _shapes(rng, todo):
    """The probes that add_noise and remove_noise share, by name."""
    batch = {"1": ((5, 2, 4, 6), _steps(rng, 5)), "2": ((3, 1, 5, 4), _steps(rng, 3))}
    square = {"1": ((4, 2, 4, 4), _steps(rng, 4)), "2": ((6, 1, 3, 6), _steps(rng, 6))}
    scalar = {"1": ((4, 2, 3, 5), _steps(rng, 1)[0]), "2": ((2, 1, 4, 4), _steps(rng, 1)[0])}
    return {
        "values": _probe(rng, todo, "values", batch),
        "square": _probe(rng, todo, "square", square),
        "scalar": _probe(rng, todo, "scalar", scalar),
        "form": _form_probe(rng, todo),
    }


def _values(of, rule):
    return [*(rule(of, n) for n in "12"), _repeated(of, "out1")]


def _form_probe(rng, todo):
    """A call on another DDPM first (class form), so that what was kept from it would show.

    After that every size twice, with other values: t as [B], a batch of one, 0-D, any other size.
    """
    sizes = {"1": ((3, 2, 4, 5), _steps(rng, 3)), "2": ((1, 1, 6, 4), _steps(rng, 1))}
    other = another_size(rng, sizes["1"][0])
    sizes |= {"5": (sizes["1"][0], _steps(rng, 3)), "6": (sizes["2"][0], _steps(rng, 1))}
    sizes |= {n: (other, _steps(rng, other[0])) for n in ("3", "7")}
    sizes |= {n: (other, int(_steps(rng, 1)[0])) for n in ("4", "8")}
    of = _probe(rng, todo, "form", sizes, warm=["x1", "t1", "eps1"])
    of["arrays"]["other_beta"] = f32(of["arrays"]["beta"][::-1] * 0.5)
    return of


def _form_checks(todo, of, want_of):
    """float32, the shape of x, arguments as they were; nothing kept from earlier calls."""
    shapes = [form(of, f"out{n}", of["arrays"][f"x{n}"].shape) for n in "12"]
    shapes += unchanged(of, "out1", ("x1", "t1", "eps1"))
    kept = [want_of(of, n, reason="state_kept", hint="state_kept") for n in "12"]
    again = [want_of(of, n, **(ONE_SIZE if n in "34" else KEPT)) for n in "563478"]
    return [
        check(todo, "form", 1, shapes, [of], needs=("values",)),
        check(todo, "state", 1, kept, [of], needs=("values",)),
        check(todo, "again", 1, again, [of], needs=("values", "scalar", "state")),
    ]


# --- tolerances ------------------------------------------------------------------------------


def _relative(s, t):
    """Relative tolerances of a factor with alpha_bar_t and of one with 1 - alpha_bar_t.

    20 times what float32 loses: alpha_bar_t is a product of t + 1 rounded factors, and 1 -
    alpha_bar_t magnifies its error by alpha_bar / (1 - alpha_bar), most at t = 0.
    """
    lost = (np.asarray(t, np.float64).reshape(-1, 1, 1, 1) + 1) * EPSILON / 2
    alpha_bar = _table(s["alpha_bar"], np.maximum(np.asarray(t) - 1, 0))
    return FLOAT32 + 20 * lost, FLOAT32 + 20 * lost * alpha_bar / (1 - alpha_bar)


def _table(table, t):
    return table[np.asarray(t).reshape(-1)].reshape(-1, 1, 1, 1)


# --- add_noise ----------------------------------------------------------------------------------


def add_noise(rng):
    """15 points."""
    todo = "add_noise"
    of = _shapes(rng, todo)
    curve, ends = _curve(rng, todo), _ends(rng, todo)
    return [
        check(todo, "values", 3, _values(of["values"], _xt), [of["values"]]),
        check(todo, "square", 2, [_xt(of["square"], n) for n in "12"], [of["square"]]),
        check(todo, "scalar", 3, [_xt(of["scalar"], n) for n in "12"], [of["scalar"]]),
        check(todo, "curve", 3, [_xt(curve, n) for n in "12"], [curve]),
        check(todo, "ends", 1, [_xt(ends, n) for n in "123"], [ends]),
        *_form_checks(todo, of["form"], _plain_xt),
    ]


def _call_arrays(of, name):
    """(schedule, x, t, eps) of one call, in float64."""
    arrays = of["arrays"]
    x, eps = f64(arrays[f"x{name}"], arrays[f"eps{name}"])
    return ref.schedule(arrays["beta"]), x, arrays[f"t{name}"], eps


def _xt(of, name, **options):
    """One rule: x_t against the reference, with what every known mistake would return."""
    args = _call_arrays(of, name)
    mistakes = known(wrong.ADD_NOISE_MISTAKES, *args)
    return _plain_xt(of, name, dtype="float32", mistakes=mistakes)


def _plain_xt(of, name, **options):
    s, x, t, eps = _call_arrays(of, name)
    signal, noise = _relative(s, t)
    zero = np.zeros_like(x)
    tol = signal * np.abs(ref.add_noise(s, x, t, zero)) + 1e-7
    tol = tol + noise * np.abs(ref.add_noise(s, zero, t, eps))
    return close(of, f"out{name}", ref.add_noise(s, x, t, eps), tol, **options)


def _curve(rng, todo):
    """All 1,000 steps in one batch of single pixels: how the two factors go with t."""
    steps = rng.permutation(1000).tolist()
    size = (1000, 1, 1, 1)
    of = _probe(rng, todo, "curve", dict.fromkeys("123", (size, steps)), beta=_long_beta(rng))
    x = {"1": 1.0, "2": -0.5, "3": 0.0}
    eps = {"1": 0.25, "2": 1.0, "3": 1.0}
    for n in "123":
        of["arrays"][f"x{n}"] = np.full(size, x[n], np.float32)
        of["arrays"][f"eps{n}"] = np.full(size, eps[n], np.float32)
    if todo == "remove_noise":
        of["arrays"]["eps1"][:] = 0  # the mean by itself; the third call is the noise by itself
        of["arrays"]["shift"][:] = 0
    return of


def _ends(rng, todo):
    """The first and the last step, and a batch of one."""
    last = STEPS - 1
    sizes = {"1": ((3, 1, 4, 5), [0, last, 0]), "2": ((1, 2, 4, 3), _steps(rng, 1))}
    return _probe(rng, todo, "ends", {**sizes, "3": ((2, 1, 3, 4), 0)})


# --- remove_noise -------------------------------------------------------------------------------


def remove_noise(rng):
    """15 points."""
    todo = "remove_noise"
    of = _shapes(rng, todo)
    curve, first = _curve(rng, todo), _first_step(rng, todo)
    return [
        check(todo, "values", 3, _values(of["values"], _previous), [of["values"]]),
        check(todo, "square", 1, [_previous(of["square"], n) for n in "12"], [of["square"]]),
        check(todo, "scalar", 2, [_previous(of["scalar"], n) for n in "12"], [of["scalar"]]),
        check(todo, "first_step", 3, [_previous(first, n) for n in "123456"], [first]),
        check(todo, "curve", 3, [_previous(curve, n) for n in "123"], [curve]),
        *_form_checks(todo, of["form"], _plain_previous),
    ]


def _first_step(rng, todo):
    """t = 0: first in the batch, amid it, for a whole batch, and 0-D; the last step beside it."""
    a, b, c, d = _steps(rng, 4)
    sizes = {
        "5": ((4, 1, 5, 4), [0, d, 1, b]),
        "6": ((3, 1, 3, 5), [c, a, 1]),
        "1": ((3, 1, 4, 5), [0, a, STEPS - 1]),
        "2": ((4, 2, 3, 5), [b, c, 0, d]),
        "3": ((2, 1, 4, 3), [0, 0]),
        "4": ((2, 2, 3, 4), 0),
    }
    return _probe(rng, todo, "first_step", sizes)


def _model(of):
    """The stand-in network in float64."""
    scale, shift = f64(of["arrays"]["scale"], of["arrays"]["shift"])
    return lambda x, t: ref.network(scale, shift, x, np.minimum(t, len(shift) - 1))


def _previous(of, name):
    """One rule: x_{t-1} against the reference, with what every known mistake would return."""
    mistakes = known(wrong.REMOVE_NOISE_MISTAKES, *_call_arrays(of, name), _model(of))
    return _plain_previous(of, name, dtype="float32", mistakes=mistakes)


def _plain_previous(of, name, **options):
    s, x, t, eps = _call_arrays(of, name)
    _, relative = _relative(s, t)
    want = ref.remove_noise(s, x, t, eps, _model(of))
    mean = ref.remove_noise(s, x, t, 0 * eps, _model(of))
    tol = relative * (np.abs(x) + np.abs(mean) + np.abs(want - mean)) + 1e-7
    return close(of, f"out{name}", want, tol, **options)


# --- loss ----------------------------------------------------------------------------------------


def loss(rng):
    """10 points. x_t comes from the reference: see the stand-in in probes.py."""
    todo = "loss"
    batch = {"1": ((5, 2, 4, 6), _steps(rng, 5)), "2": ((6, 2, 4, 6), _steps(rng, 6))}
    scalar = {"1": ((3, 2, 4, 5), _steps(rng, 1)[0]), "2": ((1, 2, 4, 5), _steps(rng, 1))}
    scalar["3"] = ((4, 2, 4, 5), 0)
    values = _loss_probe(rng, "values", batch, again=True)
    shapes = _loss_probe(rng, "shapes", scalar)
    gradient = _loss_probe(rng, "gradient", batch, grad=("scale", "shift"))
    again = _loss_again(rng)
    return [
        check(
            todo,
            "values",
            4,
            [*(_loss(values, n) for n in "12"), _repeated(values, "loss1")],
            [values],
        ),
        check(todo, "shapes", 2, [_loss(shapes, n) for n in "123"], [shapes]),
        check(todo, "again", 1, *again, needs=("values", "shapes")),
        check(todo, "form", 1, _loss_form(values), [values], needs=("values",)),
        check(todo, "gradient", 2, _loss_gradient(gradient), [gradient], needs=("values",)),
    ]


def _loss_again(rng):
    """Two batches of one shape, then two of another; and a t without a dimension, twice."""
    image = another_size(rng, (2, 4, 6))
    first, second = (int(n) for n in rng.choice(np.arange(2, 8), 2, replace=False))
    sizes = {n: ((first, *image), _steps(rng, first)) for n in "ab"}
    sizes |= {n: ((second, *image), _steps(rng, second)) for n in "cd"}
    sizes |= {n: ((second, *image), _steps(rng, 1)[0]) for n in "ef"}
    of = _loss_probe(rng, "again", sizes)
    options = {n: ONE_SIZE if n in "ce" else KEPT for n in sizes}
    return [replace(_loss(of, n), mistakes={}, **o) for n, o in options.items()], [of]


def _loss_probe(rng, name, sizes, again=False, grad=None):
    """A probe whose add_noise is looked up among the arrays x0, t, eps, xt of its calls."""
    beta = _short_beta(rng)
    arrays, calls, lookup = _tables(rng, beta), [], []
    for n, (size, t) in sizes.items():
        arrays.update(_images(rng, n, size, t))
        x, eps = f64(arrays[f"x{n}"], arrays[f"eps{n}"])
        arrays[f"xt{n}"] = f32(ref.add_noise(ref.schedule(beta), x, arrays[f"t{n}"], eps))
        lookup.append([f"x{n}", f"t{n}", f"eps{n}", f"xt{n}"])
        calls.append(call(f"loss{n}", *lookup[-1][:3], grad=grad, after=n == "1"))
    if again:
        calls.append(call("again", *lookup[0][:3]))
    return probe("loss", name, "calls", arrays, calls=calls, xt=lookup)


def _loss_arguments(of, name):
    """(x0, x_t, t, eps, scale, shift) of one call, in float64."""
    arrays = of["arrays"]
    x0, xt, eps = f64(*(arrays[f"{n}{name}"] for n in ("x", "xt", "eps")))
    return x0, xt, arrays[f"t{name}"], eps, *f64(arrays["scale"], arrays["shift"])


def _loss(of, name):
    x0, xt, t, eps, scale, shift = _loss_arguments(of, name)
    want = ref.loss(xt, t, eps, scale, shift)
    mistakes = known(wrong.LOSS_MISTAKES, x0, xt, t, eps, scale, shift)
    options = {"dtype": "float32", "flat": True, "mistakes": mistakes}
    return close(of, f"loss{name}", want, FLOAT32 * want, **options)


def _loss_form(values):
    forms = [form(values, f"loss{n}", ()) for n in "12"]
    return forms + unchanged(values, "loss1", ("x1", "t1", "eps1"))


def _loss_gradient(of):
    """The gradients that the network's two parameters receive, call by call."""
    rules = []
    for n in "12":
        _, *args = _loss_arguments(of, n)
        for name, want in zip(("scale", "shift"), ref.loss_gradients(*args)):
            tol = FLOAT32 * np.abs(want).max() + 1e-6
            cut = {"missing": "gradient_cut_network", "reason": "gradient"}
            rules.append(close(of, f"grad loss{n} {name}", want, tol, **cut))
    return rules
