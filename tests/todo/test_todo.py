"""Are the assignments right? Run `pytest tests/todo`, with `-k NAME` for one TODO."""

import pytest

from tests.assessment.desk import report

FILES = {  # in the order to solve them
    "AutoEncoder": "ae/assignment.py",
    "reparameterize": "vae/assignment.py",
    "kl_div_loss": "vae/assignment.py",
    "region_weighted_loss": "vae/assignment.py",
    "add_noise": "diffusion/assignment.py",
    "remove_noise": "diffusion/assignment.py",
    "loss": "diffusion/assignment.py",
}


@pytest.mark.parametrize("todo", FILES)
def test_todo(todo):
    message = report(FILES[todo], todo)
    if message:
        pytest.fail(message, pytrace=False)
