"""Makes Paddle's CPU build say that it is one for GPUs, on a machine with a card.

The tensors stay on the CPU; what follows is every decision that Python code takes for a GPU.
As a fixture: `gpu` of test_gpu.py. For a whole run of tests, to see that they pin the CPU:
`python -m pytest -p tests.unit.platforms.believed_gpu tests/unit/compute`.
"""

import common  # noqa: F401 - before Paddle

# isort: split
import paddle
import pytest

CARD, CUDA, CUDNN = "Test Card", "11.8", "8.6.0"


def believe(patch, cards=1):
    """Patch Paddle by a MonkeyPatch: it starts on gpu:0, as a GPU build does."""
    current = ["gpu:0"]

    def set_device(name):
        current[0] = "gpu:0" if name == "gpu" else name
        return paddle.CPUPlace()

    for where in (paddle, paddle.device):
        patch.setattr(where, "set_device", set_device)
        patch.setattr(where, "get_device", lambda: current[0])
        patch.setattr(where, "is_compiled_with_cuda", lambda: True)
    patch.setattr(paddle.base.core, "get_cuda_device_count", lambda: 0, raising=False)  # to seed
    patch.setattr(paddle.device.cuda, "device_count", lambda: cards)
    patch.setattr(paddle.device.cuda, "get_device_name", lambda device=None: CARD)
    patch.setattr(paddle.version, "cuda", lambda: CUDA)
    patch.setattr(paddle.version, "cudnn", lambda: CUDNN)


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config):
    """As a plugin: for the whole run, before tests/conftest.py is read."""
    patch = pytest.MonkeyPatch()
    believe(patch, cards=0)  # tests/conftest.py hides the cards of a real one, too
    early_config.add_cleanup(patch.undo)
