"""Float32, bfloat16 on a CPU that has it, or automatic mixed precision on a GPU.

Micikevicius et al. 2018 (arXiv 1710.03740); Kalamkar et al. 2019 for bfloat16 (arXiv 1905.12322).
"""

from contextlib import nullcontext

import numpy as np
import paddle

from common.compute import convolution, layers
from common.errors import UserError
from common.language import say


class Precision:
    """The number format of a training step; float32 unless something else is asked for.

    mixed: on a GPU: bfloat16 where it has it. Else float16, whose small range asks for a scaled
    loss: the scale grows while the gradients are finite, and a step whose gradients are not is
    left out.
    low: on a CPU: convolutions multiply in bfloat16 and add in float32 (see `resolve`).
    Weights, optimizer and evaluation stay float32.
    """

    def __init__(self, mixed=False, low=False):
        self.mixed, self.low = mixed, low
        bfloat16 = mixed and paddle.amp.is_bfloat16_supported()
        self.dtype = "bfloat16" if bfloat16 else "float16"
        self.name = "bfloat16" if low else self.dtype if mixed else "float32"
        self.scaler = paddle.amp.GradScaler() if mixed and not bfloat16 else None

    def cast(self):
        """Context in which a network is computed."""
        if self.low:
            return convolution.bfloat16()
        return paddle.amp.auto_cast(dtype=self.dtype) if self.mixed else nullcontext()

    def weight(self, share=1):
        """With what the backward pass of a part's loss starts: its share of the batch, scaled.

        0-D float32; None for the whole batch where nothing is scaled.
        """
        if share == 1 and not self.scaler:
            return None
        weight = paddle.full([], share, "float32")
        return self.scaler.scale(weight).reshape([]) if self.scaler else weight

    def wrap(self, optimizer):
        """The optimizer whose `step` knows that the gradients are scaled; else itself."""
        return _Scaled(optimizer, self.scaler) if self.scaler else optimizer

    def state(self):
        """{name: array} for the checkpoint."""
        state = self.scaler.state_dict() if self.scaler else {}
        return {name: np.asarray(value) for name, value in state.items()}

    def set_state(self, arrays):
        """Put back what `state` gave; nothing of another format."""
        if self.scaler and arrays:
            numbers = {name: a.item() for name, a in arrays.items() if name != "scale"}
            self.scaler.load_state_dict({"scale": arrays["scale"], **numbers})


class _Scaled:
    """An optimizer for gradients of a scaled loss; a step with an infinite one is left out."""

    def __init__(self, optimizer, scaler):
        self.optimizer, self.scaler = optimizer, scaler

    def step(self):
        """One step of the optimizer, and the next scale."""
        self.scaler.step(self.optimizer)
        self.scaler.update()

    def __getattr__(self, name):
        """The rest is the optimizer's: clear_grad, set_lr, state_dict, ..."""
        return getattr(self.optimizer, name)


def resolve(wanted, model):
    """Whether an accelerated model is trained in bfloat16 for this --precision.

    wanted: "float32", "bfloat16" or "auto", which says what it takes. Raises UserError where
    bfloat16 cannot be had.
    """
    if wanted == "float32":
        return False
    why = layers.no_bfloat16(model)
    if why and wanted == "bfloat16":
        raise UserError(f"--precision bfloat16: {why}; take --precision auto or float32")
    if wanted == "auto":
        say(f"precision: float32 ({why})" if why else "precision: bfloat16")
    return not why


def check(mixed):
    """Raise UserError if mixed precision is asked of the CPU, where it gains nothing."""
    if mixed and paddle.device.get_device() == "cpu":
        raise UserError("--amp needs a GPU; leave it out, training on a CPU is float32")
