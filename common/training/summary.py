"""The layers and parameters of a model, by `paddle.summary`."""

import paddle
from paddle import nn


class _Loss(nn.Layer):
    """The loss as a layer, so that a model counts in every way that its loss calls it."""

    def __init__(self, task):
        super().__init__()
        self.model, self.losses = task.model, task.losses

    def forward(self, batch):
        return self.losses(self.model, *batch)["loss"]


def show(task, data):
    """Print the layers that a batch of two goes through, their shapes and parameters."""
    x, y = (paddle.to_tensor(array) for array in data.train.batch(slice(0, 2)))
    paddle.summary(_Loss(task), input=task.sample_inputs(x, y))  # hands the tuple on as one
