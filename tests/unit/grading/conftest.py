"""What the grader's own tests share."""

import pytest

from tests.grading.pool import Worker
from tests.unit.grading.marking_helpers import QUICK


@pytest.fixture(scope="session")
def worker():
    """A worker with short limits; a start of one imports Paddle, so all tests share it."""
    with Worker(QUICK) as shared:
        yield shared
