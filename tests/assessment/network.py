"""A network that stands in for the U-Net in the DDPM checks."""

import paddle
from paddle import nn


class Network(nn.Layer):
    """scale * x + shift[t]: as cheap as a network can be and still notice every wrong argument.

    Like a real one it takes x [B, C, H, W] and whole-number steps t, [B] or 0-D, and has
    parameters that a gradient has to reach.
    """

    def __init__(self, scale, shift):
        """scale: one number; shift: [T] float32."""
        super().__init__()
        self.scale = self._parameter(scale)
        self.shift = self._parameter(shift)

    def _parameter(self, value):
        init = nn.initializer.Assign(value)
        return self.create_parameter(list(value.shape), default_initializer=init)

    def forward(self, x, t):
        """x: [B, C, H, W] float, t: int [B] or 0-D -> [B, C, H, W]."""
        if not isinstance(x, paddle.Tensor) or x.ndim != 4 or not x.is_floating_point():
            raise TypeError(f"predict_noise: x must be [B, C, H, W] floats, got {_describe(x)}")
        steps = self._steps(t, x.shape[0])
        return self.scale * x + paddle.gather(self.shift, steps).reshape([-1, 1, 1, 1])

    def _steps(self, t, rows):
        if isinstance(t, int):
            t = paddle.to_tensor(t)
        if not isinstance(t, paddle.Tensor) or t.dtype not in (paddle.int64, paddle.int32):
            raise TypeError(f"predict_noise: t must be whole numbers (int64), got {_describe(t)}")
        if t.ndim > 1 or t.size not in (1, rows):
            raise ValueError(f"predict_noise: t must be [B] or 0-D, got {_describe(t)}")
        low, high = int(t.min()), int(t.max())
        if low < 0 or high >= self.shift.shape[0]:
            raise IndexError(f"predict_noise: t must be 0 ... T-1, got {low} ... {high}")
        return t.reshape([-1])


def _describe(value):
    if not isinstance(value, paddle.Tensor):
        return type(value).__name__
    return f"{list(value.shape)} {str(value.dtype).rpartition('.')[2]}"
