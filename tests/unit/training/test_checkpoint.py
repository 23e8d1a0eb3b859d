"""Checkpoints and weights: the same bits back, damage noticed, no foreign code run."""

import pickle

import numpy as np
import paddle
import pytest
from paddle import nn

from common.errors import RunError, UserError
from common.training import checkpoint


def net():
    return nn.Sequential(nn.Conv2D(1, 4, 3), nn.BatchNorm2D(4), nn.Flatten(), nn.Linear(144, 3))


def trained(steps=3):
    paddle.seed(1)
    model = net()
    optimizer = paddle.optimizer.Adam(0.01, parameters=model.parameters())
    for _ in range(steps):
        train_step(model, optimizer)
    return model, optimizer


def train_step(model, optimizer):
    paddle.seed(7)
    model(paddle.randn([5, 1, 8, 8])).square().mean().backward()
    optimizer.step()
    optimizer.clear_grad()


def bits(model):
    return {name: value.tobytes() for name, value in checkpoint.model_arrays(model).items()}


def test_round_trip_of_model_and_optimizer_continues_to_the_same_bits(tmp_path):
    model, optimizer = trained()
    moments = checkpoint.optimizer_arrays(optimizer, model)
    arrays = {f"optimizer/{name}": array for name, array in moments.items()}
    arrays |= {f"model/{name}": array for name, array in checkpoint.model_arrays(model).items()}
    checkpoint.save(tmp_path / "c.npz", arrays, {"step": 3, "loss": 0.1 + 0.2})
    read, meta = checkpoint.load(tmp_path / "c.npz")
    parts = {"model": {}, "optimizer": {}}
    for name, array in read.items():
        parts[name.partition("/")[0]][name.partition("/")[2]] = array
    assert meta == {"step": 3, "loss": 0.1 + 0.2}
    # another process counts its parameters differently: so does this second model here
    other = net()
    second = paddle.optimizer.Adam(0.01, parameters=other.parameters())
    checkpoint.set_model(other, parts["model"], "c.npz")
    checkpoint.set_optimizer(second, other, parts["optimizer"], "c.npz")
    for _ in range(2):
        train_step(model, optimizer)
        train_step(other, second)
    assert bits(model) == bits(other)


def test_without_the_optimizer_the_bits_differ():
    """The test above can fail: Adam's moments matter."""
    model, optimizer = trained()
    other = net()
    checkpoint.set_model(other, checkpoint.model_arrays(model), "memory")
    fresh = paddle.optimizer.Adam(0.01, parameters=other.parameters())
    train_step(model, optimizer)
    train_step(other, fresh)
    assert bits(model) != bits(other)


@pytest.mark.parametrize("damage", ["truncated", "flipped", "text", "foreign", "pickle"])
def test_damaged_or_foreign_checkpoint(tmp_path, damage):
    path = tmp_path / "c.npz"
    checkpoint.save(path, {"a": np.arange(1000.0)}, {})
    content = bytearray(path.read_bytes())
    if damage == "truncated":
        path.write_bytes(content[:-100])
    elif damage == "flipped":
        content[len(content) // 2] ^= 1
        path.write_bytes(content)
    elif damage == "text":
        path.write_text("hello")
    elif damage == "foreign":
        np.savez(path, weights=np.zeros(3))
    else:
        np.savez(path, __meta__=np.array([Trap()], dtype=object))
    with pytest.raises(UserError, match=r"c\.npz is damaged or not a checkpoint"):
        checkpoint.load(path)
    assert not Trap.sprung


def test_weights_of_another_model_are_refused():
    model, _ = trained()
    arrays = checkpoint.model_arrays(model)
    with pytest.raises(UserError, match="another model"):
        checkpoint.set_model(nn.Linear(2, 2), arrays, "w.pdparams")
    arrays["0.weight"] = arrays["0.weight"][:2]
    with pytest.raises(UserError, match=r"another model.*0\.weight"):
        checkpoint.set_model(model, arrays, "w.pdparams")


def test_weights_are_read_by_paddle_and_by_us(tmp_path):
    model, _ = trained()
    path = tmp_path / "model.pdparams"
    checkpoint.save_weights(path, model.state_dict())
    ours, theirs = checkpoint.load_weights(path), paddle.load(str(path))
    assert set(ours) == set(theirs) == set(model.state_dict())
    for name, value in theirs.items():
        assert np.array_equal(ours[name], value.numpy())


class Trap:
    """Unpickling it would run `spring`."""

    sprung = False

    def __reduce__(self):
        return (spring, ())


def spring():
    Trap.sprung = True
    return np.zeros(1)


@pytest.mark.parametrize("content", [Trap(), {"weight": Trap()}, {"weight": 3}, [1, 2], None])
def test_weights_that_are_no_plain_arrays_run_nothing(tmp_path, content):
    path = tmp_path / "model.pdparams"
    path.write_bytes(pickle.dumps(content))
    with pytest.raises(UserError, match="not a file of plain weights"):
        checkpoint.load_weights(path)
    assert not Trap.sprung


def test_missing_and_truncated_weights(tmp_path):
    with pytest.raises(UserError, match="cannot be read"):
        checkpoint.load_weights(tmp_path / "model.pdparams")
    model, _ = trained()
    checkpoint.save_weights(tmp_path / "w.pdparams", model.state_dict())
    content = (tmp_path / "w.pdparams").read_bytes()
    (tmp_path / "w.pdparams").write_bytes(content[: len(content) // 2])
    with pytest.raises(UserError, match="damaged"):
        checkpoint.load_weights(tmp_path / "w.pdparams")


def test_nan_is_not_written_over_what_is_good(tmp_path):
    good = {"a": np.arange(3.0)}
    checkpoint.save(tmp_path / "c.npz", good, {})
    before = (tmp_path / "c.npz").read_bytes()
    with pytest.raises(RunError, match=r"NaN or infinity in a.*c\.npz was not written"):
        checkpoint.save(tmp_path / "c.npz", {"a": np.array([1, np.nan])}, {})
    assert (tmp_path / "c.npz").read_bytes() == before
    with pytest.raises(RunError, match="NaN or infinity in a"):
        checkpoint.save_weights(tmp_path / "w", {"a": paddle.to_tensor([np.inf])})
    assert not (tmp_path / "w").exists()


def test_nan_in_weights_is_found_when_they_are_read():
    model, _ = trained()
    arrays = {name: array.copy() for name, array in checkpoint.model_arrays(model).items()}
    arrays["1._variance"][0] = np.nan
    before = bits(model)
    with pytest.raises(UserError, match=r"w is damaged \(1\._variance holds NaN"):
        checkpoint.set_model(model, arrays, "w")
    assert bits(model) == before


@pytest.mark.parametrize("change", ["missing", "added", "shape", "type"])
def test_other_arrays_than_were_written(tmp_path, change):
    path = tmp_path / "c.npz"
    checkpoint.save(path, {"a": np.zeros(3), "b": np.zeros((2, 2), "f")}, {})
    with np.load(path) as archive:
        arrays = dict(archive)
    if change == "missing":
        del arrays["a"]
    else:
        new = {"added": ("c", np.zeros(3)), "shape": ("b", np.zeros((2, 3), "f"))}
        name, array = {**new, "type": ("a", np.zeros(3, int))}[change]
        arrays[name] = array
    np.savez(path, **arrays)
    with pytest.raises(UserError, match="other arrays than were written"):
        checkpoint.load(path)


def test_a_file_that_would_not_fit_the_memory_is_not_read(tmp_path, monkeypatch):
    checkpoint.save(tmp_path / "c.npz", {"a": np.zeros(1000)}, {})
    monkeypatch.setattr(checkpoint.environment, "memory", lambda: 10000)
    with pytest.raises(UserError, match="more than half of the memory"):
        checkpoint.load(tmp_path / "c.npz")
