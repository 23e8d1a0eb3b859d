"""Is diffusion/assignment.py right? Run `pytest tests/todo`, or `-k NAME` for one TODO."""

import pytest

from tests.assessment.desk import report


@pytest.mark.parametrize("todo", ["add_noise", "remove_noise", "loss"])
def test_todo(todo):
    message = report("diffusion/assignment.py", todo)
    if message:
        pytest.fail(message, pytrace=False)
