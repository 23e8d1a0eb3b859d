"""Schedules, the three formulas of the assignment, and the algebra of eps, v and x0."""

import common  # noqa: F401 - sets the CPU up, so it comes before Paddle

# isort: split
import itertools

import numpy as np
import paddle
import pytest

from common.errors import UserError
from diffusion import unet
from diffusion.assignment import DDPM
from diffusion.config import Config
from diffusion.objective import Objective, eps_from, snr_weight, target, x0_from
from diffusion.schedule import make_schedule
from diffusion.task import DiffusionTask
from tests.unit.diffusion import diffusion_numpy as reference

LEVELS = {"linear": reference.linear_alpha_bar, "cosine": reference.cosine_alpha_bar}


def tensor(array, dtype="float32"):
    return paddle.to_tensor(np.asarray(array), dtype)


def ddpm(name="cosine", steps=1000, predict=None):
    return DDPM(predict, make_schedule(name, steps).tensor("beta"))


def normal(seed, *shape):
    return np.random.default_rng(seed).standard_normal(shape)


# ---------------------------------------------------------------- schedules


@pytest.mark.parametrize("name", LEVELS)
@pytest.mark.parametrize("steps", [1, 2, 3, 10, 50, 100, 400, 1000, 4000])
def test_schedule_is_that_of_the_paper_and_ends_in_noise(name, steps):
    schedule = make_schedule(name, steps)
    np.testing.assert_allclose(schedule.alpha_bar, LEVELS[name](steps), rtol=1e-9)
    assert schedule.beta.min() > 0 and schedule.beta.max() <= 0.999
    assert schedule.alpha_bar[-1] <= 1.0001e-3
    assert len(schedule) == steps and list(schedule.timesteps) == list(range(steps))


def test_published_values():
    linear, cosine = make_schedule("linear", 1000), make_schedule("cosine", 1000)
    assert (linear.beta[0], linear.beta[-1]) == pytest.approx((1e-4, 0.02), rel=1e-12)
    # posterior variances that another library's own tests pin for this schedule
    assert linear.variance_small[0] == 0
    assert linear.variance_small[487] == pytest.approx(0.00979, abs=1e-5)
    assert linear.variance_small[999] == pytest.approx(0.02, abs=1e-5)
    assert linear.alpha_bar[-1] == pytest.approx(4.04e-5, rel=1e-2)
    assert cosine.alpha_bar[-1] == pytest.approx(2.4e-9, rel=2e-2)
    assert cosine.alpha_bar[499] == pytest.approx(0.492, abs=2e-3)


def test_tables_are_float32_tensors_of_float64_values():
    schedule = make_schedule("cosine", 1000)
    assert schedule.beta.dtype == np.float64
    table = schedule.tensor("variance_small")
    assert table.dtype == paddle.float32 and table.shape == [1000]
    np.testing.assert_allclose(table.numpy(), schedule.variance_small, rtol=1e-6)
    np.testing.assert_array_equal(schedule.variance_large[1:], schedule.beta[1:])
    assert schedule.variance_large[0] == 0


@pytest.mark.parametrize("name", LEVELS)
def test_a_respaced_chain_keeps_alpha_bar(name):
    whole = make_schedule(name, 1000)
    for steps, power in itertools.product((1, 2, 10, 50, 999, 1000), (1.0, 1.5, 3.0)):
        part = whole.respaced(steps, power)
        assert len(part) == steps and np.all(np.diff(part.timesteps) > 0)
        assert part.timesteps[-1] == 999 and (steps == 1 or part.timesteps[0] == 0)
        np.testing.assert_allclose(part.alpha_bar, whole.alpha_bar[part.timesteps], rtol=1e-6)


@pytest.mark.parametrize("name, steps", [("linear", 0), ("cosine", -3), ("sigmoid", 10)])
def test_bad_schedules_are_refused(name, steps):
    with pytest.raises(UserError):
        make_schedule(name, steps)


@pytest.mark.parametrize("steps", [0, 11, -1])
def test_steps_out_of_range_are_refused(steps):
    with pytest.raises(UserError, match="1 to 10 steps"):
        make_schedule("cosine", 10).respaced(steps)


# ---------------------------------------------------------------- the assignment's formulas


@pytest.mark.parametrize("name", LEVELS)
def test_add_noise_has_the_closed_forms_moments_at_every_t(name):
    alpha_bar, t = LEVELS[name](1000), np.arange(1000)
    eps = normal(0, 1000, 1, 32, 32)
    xt = ddpm(name).add_noise(tensor(np.full(eps.shape, 0.7)), tensor(t, "int64"), tensor(eps))
    xt = xt.numpy().astype(np.float64)
    spread = np.sqrt(1 - alpha_bar)
    mean_error = (xt.mean((1, 2, 3)) - 0.7 * np.sqrt(alpha_bar)) / (spread / 32)
    assert np.abs(mean_error).max() < 4.5  # standard errors, 1,000 draws
    assert abs(mean_error.mean()) < 0.15
    ratio = xt.std((1, 2, 3)) / spread
    assert np.abs(ratio - 1).max() < 0.11 and abs(ratio.mean() - 1) < 0.003


@pytest.mark.parametrize("name", LEVELS)
def test_add_noise_is_exact_and_takes_both_shapes_of_t(name):
    alpha_bar, process = LEVELS[name](1000), ddpm(name)
    x0, eps = normal(1, 4, 2, 3, 3), normal(2, 4, 2, 3, 3)
    t = np.array([0, 1, 500, 999])
    level = alpha_bar[t].reshape(-1, 1, 1, 1)
    expected = np.sqrt(level) * x0 + np.sqrt(1 - level) * eps
    batch = process.add_noise(tensor(x0), tensor(t, "int64"), tensor(eps)).numpy()
    np.testing.assert_allclose(batch, expected, rtol=2e-3, atol=1e-5)
    for i, step in enumerate(t):
        one = process.add_noise(tensor(x0), tensor(step, "int64"), tensor(eps)).numpy()
        np.testing.assert_allclose(one[i], batch[i], atol=1e-6)


def test_a_chain_of_single_steps_is_one_jump():
    steps, alpha_bar = 60, reference.cosine_alpha_bar(60)
    rng = np.random.default_rng(3)
    x0 = rng.standard_normal((2, 1, 4, 4))
    x, combined = x0, np.zeros_like(x0)
    for t in range(steps):
        alpha = alpha_bar[t] / reference.before(alpha_bar, t)
        eps = rng.standard_normal(x0.shape)
        x = np.sqrt(alpha) * x + np.sqrt(1 - alpha) * eps
        combined = np.sqrt(alpha) * combined + np.sqrt(1 - alpha) * eps
        jump_eps = combined / np.sqrt(1 - alpha_bar[t])
        process = ddpm(steps=steps)
        jump = process.add_noise(tensor(x0), tensor([t, t], "int64"), tensor(jump_eps))
        np.testing.assert_allclose(jump.numpy(), x, atol=2e-5)


@pytest.mark.parametrize("name", LEVELS)
@pytest.mark.parametrize("t", [0, 1, 37, 500, 998])
def test_posterior_mean_two_ways(name, t):
    """remove_noise of the true eps, eq. (11), is the posterior mean from x0, eq. (7)."""
    alpha_bar = LEVELS[name](1000)
    x0, eps, z = (normal(seed, 3, 1, 4, 4) for seed in (4, 5, 6))
    xt = np.sqrt(alpha_bar[t]) * x0 + np.sqrt(1 - alpha_bar[t]) * eps
    mean, variance = reference.posterior(x0, xt, t, alpha_bar)
    process = ddpm(name, predict=lambda xt, t: tensor(eps))
    steps = tensor([t] * 3, "int64")
    got = process.remove_noise(tensor(xt), steps, tensor(np.zeros_like(z))).numpy()
    np.testing.assert_allclose(got, mean, rtol=2e-3, atol=2e-3)
    noisy = process.remove_noise(tensor(xt), steps, tensor(z)).numpy()
    np.testing.assert_allclose(noisy - got, np.sqrt(variance) * z, rtol=2e-3, atol=1e-5)
    if t == 0:
        np.testing.assert_array_equal(noisy, got)


def test_t_out_of_range_raises():
    x = tensor(np.zeros((2, 1, 4, 4)))
    process = ddpm(steps=10, predict=lambda xt, t: xt)
    for t in ([0, 10], [11, 3], 10):
        with pytest.raises((IndexError, ValueError)):
            process.add_noise(x, tensor(t, "int64"), x)
        with pytest.raises((IndexError, ValueError)):
            process.remove_noise(x, tensor(t, "int64"), x)


# ---------------------------------------------------------------- eps, v and x0


@pytest.mark.parametrize("objective", ["eps", "v", "x0"])
@pytest.mark.parametrize("level", [0.9999, 0.5, 1e-3])
def test_conversions_round_trip(objective, level):
    a, s = np.sqrt(level), np.sqrt(1 - level)
    x0, eps = normal(7, 2, 1, 5, 5), normal(8, 2, 1, 5, 5)
    xt = a * x0 + s * eps
    prediction = target(objective, x0, eps, a, s)
    np.testing.assert_allclose(eps_from(objective, prediction, xt, a, s), eps, atol=1e-9)
    np.testing.assert_allclose(x0_from(objective, prediction, xt, a, s), x0, atol=1e-9)


def test_v_is_a_rotation():
    """v^2 + x_t^2 = x0^2 + eps^2, and v is -x0 in pure noise, eps in a clean image."""
    x0, eps, a, s = normal(9, 50), normal(10, 50), 0.6, 0.8
    v, xt = target("v", x0, eps, a, s), a * x0 + s * eps
    np.testing.assert_allclose(v**2 + xt**2, x0**2 + eps**2)
    np.testing.assert_allclose(target("v", x0, eps, 0, 1), -x0)
    np.testing.assert_allclose(target("v", x0, eps, 1, 0), eps)


def batch(seed=11, count=4):
    x0, eps = tensor(normal(seed, count, 1, 4, 4)), tensor(normal(seed + 1, count, 1, 4, 4))
    return x0, tensor([3, 100, 600, 999][:count], "int64"), tensor([0] * count, "int64"), eps


def loss(model, *inputs, **settings):
    """What a DiffusionTask minimises, for a made-up network."""
    config = Config(dataset="digits", **settings)
    return DiffusionTask(unet.build(config, 10), config).losses(model, *inputs)["loss"]


SETTINGS = [{"objective": name, "min_snr": g} for name in ("eps", "v", "x0") for g in (0.0, 5.0)]


@pytest.mark.parametrize("settings", SETTINGS)
def test_every_training_goes_through_the_assignments_loss(monkeypatch, settings):
    """Its arguments are the batch as it was drawn, and what it returns is what is minimised."""
    x0, t, y, eps = batch()
    seen = []
    monkeypatch.setattr(DDPM, "loss", lambda self, *arguments: seen.append(arguments) or "theirs")
    assert loss(lambda xt, t, y: xt, x0, t, y, eps, **settings) == "theirs"
    assert len(seen) == 1 and seen[0][0] is x0 and seen[0][2] is eps


@pytest.mark.parametrize("objective", ["eps", "v", "x0"])
def test_loss_and_noise_error_against_numpy(objective):
    schedule, (x0, t, y, eps) = make_schedule("cosine", 1000), batch()
    level = reference.cosine_alpha_bar(1000)[t.numpy()].reshape(-1, 1, 1, 1)
    a, s = np.sqrt(level), np.sqrt(1 - level)
    x, e = x0.numpy().astype(np.float64), eps.numpy().astype(np.float64)
    xt = a * x + s * e
    wanted = {"eps": e, "x0": x, "v": a * e - s * x}[objective]
    got = float(loss(lambda xt, t, y: 0.5 * xt, x0, t, y, eps, objective=objective))
    assert got == pytest.approx(((0.5 * xt - wanted) ** 2).mean(), rel=1e-4)
    noise = {"eps": 0.5 * xt, "x0": (xt - a * 0.5 * xt) / s, "v": s * xt + a * 0.5 * xt}[objective]
    read = Objective(schedule, objective).noise(tensor(0.5 * xt), tensor(xt), t)
    np.testing.assert_allclose(read.numpy(), noise, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("number", [lambda t: t, int], ids=["tensor", "int"])
@pytest.mark.parametrize("settings", SETTINGS)
def test_a_loss_that_asks_row_by_row_trains_the_same(monkeypatch, settings, number):
    def row_by_row(self, x0, t, eps):
        xt = self.add_noise(x0, t, eps)
        rows = [self.predict_noise(xt[i : i + 1], number(t[i])) for i in range(len(x0))]
        return (eps - paddle.concat(rows)).square().mean()

    def network(xt, t, y):
        return xt * (t.astype("float32") / 1000 + y.astype("float32")).reshape([-1, 1, 1, 1])

    x0, t, _, eps = batch()
    inputs = x0, t, tensor([0, 3, 1, 2], "int64"), eps
    expected = float(loss(network, *inputs, **settings))
    monkeypatch.setattr(DDPM, "loss", row_by_row)
    assert float(loss(network, *inputs, **settings)) == pytest.approx(expected, rel=1e-5)


def test_min_snr_weights_are_the_same_on_the_x0_scale():
    """An error of x0 costs min(SNR, gamma), whichever of the three the network predicts."""
    schedule, snr = make_schedule("cosine", 1000), None
    level = reference.cosine_alpha_bar(1000)
    snr = level / (1 - level)
    expected = np.minimum(snr, 5)
    np.testing.assert_allclose(snr_weight(schedule, "x0", 5), expected)
    # d eps = (a / s) d x0, d v = (1 / s) d x0
    np.testing.assert_allclose(snr_weight(schedule, "eps", 5) * level / (1 - level), expected)
    np.testing.assert_allclose(snr_weight(schedule, "v", 5) / (1 - level), expected)
    assert snr_weight(schedule, "eps", 0) is None


def test_min_snr_weights_reach_the_loss():
    schedule, (x0, t, y, eps) = make_schedule("cosine", 1000), batch()
    weight = snr_weight(schedule, "eps", 5)[t.numpy()].reshape(-1, 1, 1, 1)
    got = float(loss(lambda xt, t, y: 0 * xt, x0, t, y, eps, min_snr=5.0))
    assert got == pytest.approx((weight * eps.numpy() ** 2).mean(), rel=1e-4)
