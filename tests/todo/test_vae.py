"""Is vae/assignment.py right? Run `pytest tests/todo`, or `-k NAME` for one TODO."""

import pytest

from tests.assessment.desk import report


@pytest.mark.parametrize("todo", ["reparameterize", "kl_div_loss", "region_weighted_loss"])
def test_todo(todo):
    message = report("vae/assignment.py", todo)
    if message:
        pytest.fail(message, pytrace=False)
