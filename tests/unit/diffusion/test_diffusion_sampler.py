"""Samplers: against NumPy float64, against each other, against a case with an exact answer."""

import common  # noqa: F401 - sets the CPU up, so it comes before Paddle

# isort: split
import numpy as np
import paddle
import pytest

from diffusion.sampler import Denoiser, Noise, Settings, ancestral, ddim, dpmpp_2m, trajectory
from diffusion.schedule import make_schedule
from tests.unit.diffusion import diffusion_numpy as reference

SHAPE = (3, 1, 4, 4)
LEVELS = {"linear": reference.linear_alpha_bar, "cosine": reference.cosine_alpha_bar}


def wavy(xt, t):
    """A made-up network, smooth in x and t, that works on arrays and tensors."""
    library = np if isinstance(xt, np.ndarray) else paddle
    return 0.9 * library.tanh(xt) + 0.05 * library.sin(3 * xt + 0.01 * t)


def denoiser(steps=1000, chain=1000, name="cosine", predict=wavy, power=1.0, **options):
    def network(xt, t, y):
        return predict(xt, t.astype("float32").reshape([-1, 1, 1, 1]))

    schedule = make_schedule(name, chain).respaced(steps, power)
    return Denoiser(network, schedule, np.zeros(SHAPE[0], np.int64), 10, **options)


def noises(count=2000, seed=0):
    """The same stream for both sides: a function for Paddle, an iterator for NumPy."""
    draws = np.random.default_rng(seed).standard_normal((count, *SHAPE))
    mine = iter(draws)
    return lambda: paddle.to_tensor(next(mine).astype(np.float32)), iter(draws)


def last(walk):
    *_, x = walk
    return x.numpy().astype(np.float64)


def start(seed=1):
    x = np.random.default_rng(seed).standard_normal(SHAPE)
    return paddle.to_tensor(x.astype(np.float32)), x


def levels(name, steps, chain=1000, power=1.0):
    kept = np.round(np.linspace(0, 1, steps) ** power * (chain - 1)).astype(int)
    return kept, LEVELS[name](chain)[kept]


# ---------------------------------------------------------------- against NumPy


# Sums of what diffusion_numpy.py makes of `start()` and `wavy`: frozen, so that a change of
# both sides at once is noticed too.
FROZEN = {
    ("linear", "ddpm"): 20.86705,
    ("linear", "ddim"): 24.59757,
    ("linear", "dpmpp_2m"): 25.773727,
    ("cosine", "ddpm"): 21.416885,
    ("cosine", "ddim"): 24.951563,
    ("cosine", "dpmpp_2m"): 28.272354,
}


@pytest.mark.parametrize("name, sampler", FROZEN)
def test_samplers_equal_numpy(name, sampler):
    mine, theirs = noises()
    x, x64 = start()
    steps = {"ddpm": 1000, "ddim": 50, "dpmpp_2m": 15}[sampler]
    kept, alpha_bar = levels(name, steps)
    chain = denoiser(steps, name=name, clip=True)

    def predict(x, t):
        return wavy(x, kept[t])

    if sampler == "ddpm":
        got = last(ancestral(chain, x, mine))
        expected = reference.ancestral(predict, alpha_bar, x64, theirs, clip=True)
    elif sampler == "ddim":
        got = last(ddim(chain, x, mine, eta=0.5))
        expected = reference.ddim(predict, alpha_bar, x64, theirs, eta=0.5, clip=True)
    else:
        got = last(dpmpp_2m(chain, x))
        expected = reference.dpmpp_2m(predict, alpha_bar, x64, clip=True)
    np.testing.assert_allclose(got, expected, atol=2e-4)
    assert np.abs(expected).sum() == pytest.approx(FROZEN[name, sampler], abs=1e-3)


@pytest.mark.parametrize("name", LEVELS)
@pytest.mark.parametrize("steps", [7, 100, 1000])
def test_ddim_with_eta_one_is_ancestral_sampling(name, steps):
    one, _ = noises()
    other, _ = noises()
    x, _ = start()
    a = last(ancestral(denoiser(steps, name=name), x, one))
    b = last(ddim(denoiser(steps, name=name), x, other, eta=1.0))
    np.testing.assert_allclose(a, b, atol=1e-3)


def test_ancestral_calls_the_assignment(monkeypatch):
    calls = []

    def remove_noise(self, xt, t, eps):
        calls.append(int(t[0]))
        return xt

    monkeypatch.setattr("diffusion.sampler.DDPM.remove_noise", remove_noise)
    last(ancestral(denoiser(20), start()[0], noises()[0]))
    assert calls == list(range(19, -1, -1))


def test_ancestral_with_the_large_variance():
    x, x64 = start()
    kept, alpha_bar = levels("cosine", 10)
    mine, theirs = noises()
    got = last(ancestral(denoiser(10), x, mine, variance="large"))
    expected = x64
    for t in range(9, -1, -1):
        x0 = reference.x0_of(wavy(expected, kept[t]), expected, alpha_bar[t], clip=True)
        mean, _ = reference.posterior(x0, expected, t, alpha_bar)
        beta = 1 - alpha_bar[t] / reference.before(alpha_bar, t)
        z = next(theirs)
        expected = mean + (np.sqrt(beta) * z if t else 0)
    np.testing.assert_allclose(got, expected, atol=2e-4)


# ---------------------------------------------------------------- where the answer is known

MEAN, VARIANCE = 0.3, 0.04


def exact(name, chain=1000):
    alpha_bar = LEVELS[name](chain)

    def predict(xt, t):
        level = paddle.to_tensor(alpha_bar.astype(np.float32))[t.astype("int64").flatten()]
        return reference_eps(xt, level.reshape([-1, 1, 1, 1]))

    return predict


def reference_eps(xt, level):
    spread = level * VARIANCE + 1 - level
    return paddle.sqrt(1 - level) * (xt - paddle.sqrt(level) * MEAN) / spread


def flow_error(sampler, steps):
    x, x64 = start()
    true = reference.gaussian_flow(x64, LEVELS["cosine"](4000)[-1], MEAN, VARIANCE)
    walk = denoiser(steps, 4000, "cosine", exact("cosine", 4000), power=2.0, clip=False)
    return np.abs(last(sampler(walk, x, None)) - true).max()


def test_ddim_and_solver_follow_the_exact_flow():
    assert flow_error(ddim, 1000) < 0.003
    assert flow_error(dpmpp_2m, 100) < 0.003


def test_the_solver_is_of_second_order():
    """Four times the steps: DDIM's error falls to a quarter, the solver's to a sixteenth."""
    first = flow_error(ddim, 15) / flow_error(ddim, 60)
    second = flow_error(dpmpp_2m, 15) / flow_error(dpmpp_2m, 60)
    assert 3 < first < 5 and 10 < second < 40


@pytest.mark.parametrize("sampler, steps", [("ddpm", 1000), ("ddim", 100), ("dpmpp_2m", 40)])
def test_samples_have_the_moments_of_the_data(sampler, steps):
    shape = (1, 16, 16)
    chain = denoiser(steps, predict=exact("cosine"), power=1.5, clip=False)
    chain.y = np.zeros(40, np.int64)
    settings = Settings(sampler, steps, clip=False)
    x = last(trajectory(chain, Noise(0, range(40), shape), settings))
    count = x.size
    assert abs(x.mean() - MEAN) < 4 * np.sqrt(VARIANCE / count) + 2e-3
    assert x.std() == pytest.approx(np.sqrt(VARIANCE), rel=0.06)


# ---------------------------------------------------------------- guidance, clipping, seeds


def labelled(xt, t, y):
    """A network whose answer depends on the label: 1 for none (10), 3 for class 2."""
    return xt * 0 + paddle.where(y == 10, 1.0, y.astype("float32") + 1).reshape([-1, 1, 1, 1])


@pytest.mark.parametrize("guidance, expected", [(0, 1), (1, 3), (2, 5), (0.5, 2), (4.5, 10)])
def test_guidance_algebra(guidance, expected):
    y = np.full(SHAPE[0], 2)
    chain = Denoiser(labelled, make_schedule("cosine", 10), y, 10, guidance=guidance)
    np.testing.assert_allclose(chain.predict(start()[0], 5).numpy(), expected, rtol=1e-6)


def test_guidance_zero_and_one_evaluate_once():
    sizes = []

    def network(xt, t, y):
        sizes.append(len(xt))
        return xt

    for guidance in (0, 1, 2):
        y = np.zeros(SHAPE[0], np.int64)
        Denoiser(network, make_schedule("cosine", 10), y, 10, guidance=guidance).predict(
            start()[0], 3
        )
    assert sizes == [3, 3, 6]


@pytest.mark.parametrize("objective", ["eps", "v", "x0"])
def test_clipped_x0_and_eps_agree_with_xt(objective):
    chain = denoiser(10, objective=objective, predict=lambda xt, t: 2 * xt)
    x, x64 = start()
    for step in (0, 5, 8):
        x0, eps = (value.numpy() for value in chain.x0_and_eps(x, step))
        assert np.abs(x0).max() <= 1
        np.testing.assert_allclose(chain.a[step] * x0 + chain.s[step] * eps, x64, atol=1e-5)
    free = denoiser(10, objective=objective, predict=lambda xt, t: 2 * xt, clip=False)
    assert np.abs(free.x0_and_eps(x, 5)[0].numpy()).max() > 1


def test_clipping_reaches_the_ancestral_sampler():
    shouting = denoiser(50, predict=lambda xt, t: xt - 5)
    assert np.abs(last(ancestral(shouting, start()[0], noises()[0]))).max() <= 1.001


@pytest.mark.parametrize("sampler", ["ddpm", "ddim", "dpmpp_2m"])
def test_samplers_are_seeded_and_yield_every_step(sampler):
    def run(seed):
        settings = Settings(sampler, 8, eta=0.3, seed=seed)
        return [
            x.numpy() for x in trajectory(denoiser(8), Noise(seed, range(3), SHAPE[1:]), settings)
        ]

    one, again, other = run(5), run(5), run(6)
    assert len(one) == 9  # the noise and eight steps
    np.testing.assert_array_equal(one, again)
    assert np.abs(one[-1] - other[-1]).max() > 0.1


def test_noise_of_an_image_does_not_depend_on_its_batch():
    whole, part = Noise(3, range(6), (1, 4, 4)), Noise(3, range(4, 6), (1, 4, 4))
    for _ in range(3):
        a, b = whole().numpy(), part().numpy()
        np.testing.assert_array_equal(a[4:], b)
        assert np.abs(a[0] - a[1]).max() > 0.1
