"""An exponential moving average of the weights; Paddle has none for dynamic graphs."""

from contextlib import contextmanager

import paddle

from common.errors import UserError


class EMA:
    """shadow <- d shadow + (1 - d) weights after every step, from the first weights on.

    d = min(decay, (1 + step) / (10 + step)): short at the start, so that the random weights of
    the beginning are forgotten even in a short run. Ho et al. 2020, appendix B, without it.

    Args:
        model: nn.Layer whose parameters are averaged.
        decay: d of a long run, in [0, 1).
    """

    def __init__(self, model, decay):
        self.decay = decay
        self.parameters = dict(model.named_parameters())
        self.shadow = {name: p.detach().clone() for name, p in self.parameters.items()}

    def decay_at(self, step):
        """d after optimizer step `step`, counted from 0."""
        return min(self.decay, (1 + step) / (10 + step))

    @paddle.no_grad()
    def update(self, step):
        """Take the weights in, after optimizer step `step`."""
        decay = self.decay_at(step)
        for name, parameter in self.parameters.items():
            self.shadow[name].scale_(decay).add_(parameter * (1 - decay))

    @contextmanager
    def applied(self):
        """The model has the averaged weights within the block, its own again after it."""
        own = {name: p.detach().clone() for name, p in self.parameters.items()}
        try:
            self._set(self.shadow)
            yield
        finally:
            self._set(own)

    @paddle.no_grad()
    def _set(self, weights):
        for name, parameter in self.parameters.items():
            paddle.assign(weights[name], parameter)

    def apply(self):
        """Give the model the averaged weights for good."""
        self._set(self.shadow)

    def state(self):
        """{name: array} for the checkpoint."""
        return {name: value.numpy() for name, value in self.shadow.items()}

    def set_state(self, arrays, source="checkpoint.npz"):
        """Put back what `state` gave. Raises UserError if it is missing, or of another model."""
        own = {name: list(value.shape) for name, value in self.shadow.items()}
        if {name: list(array.shape) for name, array in arrays.items()} != own:
            raise UserError(f"{source} holds no average (EMA) of this model's weights")
        for name, value in self.shadow.items():
            value.set_value(arrays[name])
