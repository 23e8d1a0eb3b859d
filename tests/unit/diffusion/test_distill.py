"""Distillation to a few evaluations, and the sampler that goes with it."""

import numpy as np
import paddle
import pytest

from common import datasets
from common.errors import UserError
from common.training.run_folder import Run
from common.training.trained import Trained
from diffusion import distill, sample, unet
from diffusion.config import Config
from diffusion.evaluate import load_trained
from diffusion.pipeline import Pipeline
from diffusion.sampler import Denoiser, consistency
from diffusion.schedule import make_schedule


@pytest.fixture(scope="module")
def teacher(tmp_path_factory):
    """A network of random weights: that is enough to follow its path."""
    config = Config(dataset="digits", objective="v", max_train=200, max_test=100)
    data = datasets.load(config)
    paddle.seed(0)
    model = unet.build(config, data.train.num_classes)
    run = Run.choose(tmp_path_factory.mktemp("teacher") / "run", "diffusion")
    run.begin(config, data)
    trained = Trained(run, config, model, data)
    trained.save()
    run.lock.release()
    return trained


def distilled(teacher, out):
    trained, _ = distill.distil(teacher, Run.choose(out, "diffusion"))
    trained.run.lock.release()
    return trained


def test_the_same_seed_gives_the_same_bits_and_samples_in_one_evaluation(teacher, tmp_path):
    first, second = (distilled(teacher, tmp_path / name) for name in "ab")
    for a, b in zip(first.model.parameters(), second.model.parameters(), strict=True):
        assert np.array_equal(a.numpy(), b.numpy())
    assert any(
        not np.array_equal(a.numpy(), b.numpy())
        for a, b in zip(first.model.parameters(), teacher.model.parameters(), strict=True)
    )
    picture = tmp_path / "few.png"
    sample.main([str(first.run.path), "--steps", "1", "--n", "4", "--out", str(picture)])
    assert picture.is_file()
    found = load_trained(first.run.path)
    assert (found.config.sampler, found.config.guidance) == ("consistency", 1.0)
    with pytest.raises(UserError, match="is distilled already"):
        distill.main([str(first.run.path), "--out", str(tmp_path / "again")])


def test_one_step_asks_the_network_once_and_four_steps_four_times(teacher, tmp_path):
    pipeline = Pipeline(teacher.model, teacher.config)
    asked, network = [], pipeline.network
    pipeline.network = lambda x, t, y: asked.append(int(t[0])) or network(x, t, y)
    settings = pipeline.settings(sampler="consistency", guidance=1.0, steps=4)
    pipeline.sample([1, 2], settings)
    assert asked == [999, 749, 499, 249]
    asked.clear()
    pipeline.sample([1, 2], pipeline.settings(sampler="consistency", guidance=1.0, steps=1))
    assert asked == [999]


class Known(paddle.nn.Layer):
    """The v of images that are known: what a perfect network says."""

    def __init__(self, x0):
        super().__init__()
        self.x0, self.no_class = x0, 10
        self.weight = self.create_parameter([1])  # an optimizer needs one
        alpha_bar = make_schedule("cosine", 1000).alpha_bar
        self.a, self.s = (paddle.to_tensor(v**0.5, "float32") for v in (alpha_bar, 1 - alpha_bar))

    def forward(self, xt, t, y):
        a, s = (paddle.gather(v, t).reshape([-1, 1, 1, 1]) for v in (self.a, self.s))
        return (a * xt - self.x0[: len(xt)]) / s


def test_the_goal_of_a_level_is_where_the_teachers_path_ends(teacher):
    config = Config(dataset="digits", objective="v")
    x0 = paddle.rand([4, 1, 8, 8]) * 2 - 1
    known = Trained(teacher.run, config, Known(x0))
    task = distill.Distillation(known, Known(x0), Known(x0), config)
    level = paddle.to_tensor([1, 2, 3, 4])
    a, s = task._shares(task._stop(2 * level))
    eps = paddle.randn(x0.shape)
    near = task._follow(a * x0 + s * eps, level, paddle.zeros([4], "int64"))
    a, s = task._shares(task._stop(2 * level - 2))
    assert np.allclose(near.numpy(), (a * x0 + s * eps).numpy(), atol=2e-3)


def test_consistency_goes_to_the_image_and_back_to_less_noise():
    x0 = paddle.rand([2, 1, 4, 4]) * 2 - 1
    schedule = make_schedule("cosine", 1000).respaced(4, None)
    denoiser = Denoiser(Known(x0), schedule, np.zeros(2, np.int64), 10, "v")
    steps = list(consistency(denoiser, paddle.randn(x0.shape), lambda: paddle.zeros(x0.shape)))
    assert np.allclose(steps[-1].numpy(), x0.numpy(), atol=1e-5)
    shares = np.sqrt(schedule.alpha_bar_prev[1:])[::-1]
    for step, share in zip(steps[:-1], shares, strict=True):
        assert np.allclose(step.numpy(), share * x0.numpy(), atol=1e-3)
