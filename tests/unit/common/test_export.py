"""Exported programs: Paddle Inference gives what the layer gives, from files alone."""

import json
import re
from types import SimpleNamespace

import numpy as np
import pytest

from common import datasets, export
from common.errors import RunError, UserError
from common.training import checkpoint
from common.training.run_folder import Run
from tests.conftest import ROOT

import paddle  # isort: skip
import ae.config, ae.export, ae.models  # isort: skip  # noqa: E401
import diffusion.config, diffusion.export, diffusion.unet  # isort: skip  # noqa: E401
import vae.config, vae.export, vae.models  # isort: skip  # noqa: E401
import paddle.nn.functional as F  # isort: skip

SMALL = {"dataset": "digits", "image_size": 8, "channels": 1}


def finished(path, module, config, model):
    """A run folder with random weights; none is zero, as some are at the start of a training."""
    paddle.seed(1)
    for parameter in model.parameters():
        parameter.set_value(parameter + 0.1 * paddle.randn(parameter.shape))
    run = Run(path, module)
    run.begin(config, SimpleNamespace(class_names=datasets.DIGITS, fingerprint=dict))
    checkpoint.save_weights(run.weights, model.state_dict())
    model.eval()
    return model


def assert_agrees(program, arrays, expected):
    found = export.run(export.load(program), arrays)
    expected = expected.numpy()
    assert found.shape == expected.shape and np.abs(expected).max() > 0.01
    assert np.abs(found - expected).max() <= 1e-4 * np.abs(expected).max()


def noise(*shape):
    return np.random.default_rng(5).standard_normal(shape, np.float32)


@pytest.mark.parametrize(
    "settings, code", [({"latent_dim": 4, **SMALL}, [4]), ({"dataset": "digits"}, [32, 16, 16])]
)
def test_decoder_of_an_autoencoder(tmp_path, settings, code):
    config = ae.config.Config(**settings)
    model = finished(tmp_path / "run", "ae", config, ae.models.build(config))
    ae.export.main([str(tmp_path / "run")])
    z = noise(3, *code)
    program = tmp_path / "run" / "export" / "decoder"
    assert_agrees(program, {"z": z}, model.decoder(paddle.to_tensor(z)))


@pytest.mark.parametrize("network", ["cvae", "conv", "mlp"])
@pytest.mark.parametrize("conditional", [True, False])
def test_decoder_of_a_vae(tmp_path, capsys, network, conditional):
    config = vae.config.Config(
        **SMALL, latent_dim=3, network=network, conditional=conditional, encoder_widths="16"
    )
    model = finished(tmp_path / "run", "vae", config, vae.models.build(config, 10))
    vae.export.main([str(tmp_path / "run"), "--out", str(tmp_path / "out")])
    z, y = noise(5, 3), np.array([9, 0, 3, 3, 1])
    expected = model.decode(paddle.to_tensor(z), paddle.to_tensor(y))
    arrays = {"z": z, "y": y} if conditional else {"z": z}
    assert_agrees(tmp_path / "out" / "decoder", arrays, expected)
    about = json.loads((tmp_path / "out" / "about.json").read_text())
    assert list(about["inputs"]) == list(arrays)
    assert all(f"  {name}: " in capsys.readouterr().out for name in arrays) or conditional


@pytest.mark.parametrize("size, image_size", [("tiny", 8), ("small", 12)])
def test_denoiser_of_a_diffusion_run(tmp_path, size, image_size):
    config = diffusion.config.Config(dataset="digits", image_size=image_size, unet=size)
    model = diffusion.unet.build(config, 10)
    model = finished(tmp_path / "run", "diffusion", config, model)
    diffusion.export.main([str(tmp_path / "run")])
    arrays = {
        "xt": noise(3, 1, image_size, image_size),
        "t": np.array([0, 500, 999]),
        "y": np.array([0, 9, 10]),  # 10: no class
    }
    expected = model(*(paddle.to_tensor(x) for x in arrays.values()))
    assert_agrees(tmp_path / "run" / "export" / "denoiser", arrays, expected)
    about = json.loads((tmp_path / "run" / "export" / "about.json").read_text())
    assert len(about["alpha_bar"]) == 1000 and about["no_class"] == 10


def test_a_program_that_computes_something_else_is_not_kept(tmp_path, monkeypatch):
    layer = paddle.nn.Linear(3, 2)
    real = export.load

    def other_weights(program):
        paddle.jit.save(
            paddle.nn.Linear(3, 2), str(program), [paddle.static.InputSpec([None, 3], name="x")]
        )
        return real(program)

    monkeypatch.setattr(export, "load", other_weights)
    with pytest.raises(RunError, match="Paddle Inference differs from the thing"):
        export.export(layer, "thing", {"x": noise(4, 3)}, tmp_path / "out", {})
    assert list(tmp_path.iterdir()) == []


def test_a_folder_in_use_is_refused(tmp_path):
    (tmp_path / "mine").write_text("x")
    with pytest.raises(UserError, match="choose another"):
        export.export(paddle.nn.Linear(1, 1), "thing", {"x": noise(2, 1)}, tmp_path, {})
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


@pytest.fixture
def examples(tmp_path, monkeypatch):
    """The Python of docs/paddle.md; it runs in a folder that the test fills."""
    monkeypatch.chdir(tmp_path)
    text = (ROOT / "docs" / "paddle.md").read_text(encoding="utf-8")
    return re.findall(r"```python\n(.*?)```", text, re.DOTALL)


def test_the_example_of_the_weights(examples):
    config = ae.config.Config(dataset="digits")
    model = finished("results/ae/digits", "ae", config, ae.models.build(config))
    names = {}
    exec(examples[0], names)
    x = paddle.to_tensor(noise(2, 3, 64, 64))
    assert float(F.mse_loss(names["model"](x), model(x))) == 0


def test_the_example_of_paddle_inference(examples):
    config = vae.config.Config(**SMALL)
    model = finished("run", "vae", config, vae.models.build(config, 10))
    vae.export.main(["run", "--out", "export"])
    names = {}
    suffix = export.program_file("export/decoder").suffix
    exec(examples[1].replace("decoder.json", f"decoder{suffix}"), names)
    expected = model.decode(*(paddle.to_tensor(x) for x in names["inputs"].values())).numpy()
    np.testing.assert_allclose(names["images"], expected, atol=1e-5)
