"""What sample.py refuses before it draws anything."""

import pytest

from common.errors import UserError
from diffusion import sample


@pytest.mark.parametrize("name", ["x.png", "x.npz"])
def test_neither_the_picture_nor_the_numbers_replace_a_file(tmp_path, name):
    sample.check_out(tmp_path / "x.png")
    (tmp_path / name).write_text("mine")
    with pytest.raises(UserError, match=f"{name} is there already and would be replaced"):
        sample.check_out(tmp_path / "x.png")


def test_images_that_do_not_fit_the_memory(monkeypatch):
    monkeypatch.setattr(sample.environment, "memory", lambda: 10**9)
    sample.check_memory(1000, (3, 64, 64))
    with pytest.raises(UserError, match=r"--n 100000 images of 3 x 64 x 64 take 9\.8 GB"):
        sample.check_memory(100000, (3, 64, 64))
