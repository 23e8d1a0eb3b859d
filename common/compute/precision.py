"""Float32, or automatic mixed precision on a GPU (Micikevicius et al. 2018, arXiv 1710.03740)."""

from contextlib import nullcontext

import numpy as np
import paddle

from common.errors import UserError


class Precision:
    """The number format of a training step; with `mixed` False everything here does nothing.

    bfloat16 where the GPU has it. Else float16, whose small range asks for a scaled loss: the
    scale grows while the gradients are finite, and a step whose gradients are not is left out.
    Weights, optimizer and evaluation stay float32.
    """

    def __init__(self, mixed=False):
        self.mixed = mixed
        bfloat16 = mixed and paddle.amp.is_bfloat16_supported()
        self.dtype = "bfloat16" if bfloat16 else "float16"
        self.scaler = paddle.amp.GradScaler() if mixed and not bfloat16 else None

    def cast(self):
        """Context in which the forward pass of a step is computed."""
        return paddle.amp.auto_cast(dtype=self.dtype) if self.mixed else nullcontext()

    def scale(self, loss):
        """The loss to call backward on."""
        return self.scaler.scale(loss) if self.scaler else loss

    def step(self, optimizer):
        """One step of the optimizer with the gradients of the scaled loss."""
        if self.scaler:
            self.scaler.step(optimizer)
            self.scaler.update()
        else:
            optimizer.step()

    def state(self):
        """{name: array} for the checkpoint."""
        state = self.scaler.state_dict() if self.scaler else {}
        return {name: np.asarray(value) for name, value in state.items()}

    def set_state(self, arrays):
        """Put back what `state` gave; nothing of another format."""
        if self.scaler and arrays:
            numbers = {name: a.item() for name, a in arrays.items() if name != "scale"}
            self.scaler.load_state_dict({"scale": arrays["scale"], **numbers})


def check(mixed):
    """Raise UserError if mixed precision is asked of the CPU, where it gains nothing."""
    if mixed and paddle.device.get_device() == "cpu":
        raise UserError("--amp needs a GPU; leave it out, training on a CPU is float32")
