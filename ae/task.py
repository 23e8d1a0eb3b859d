"""What is trained: the mean squared error of the reconstruction."""

import paddle.nn.functional as F

from ae import evaluate
from common import compute
from common.training.trainer import Task


class AutoEncoderTask(Task):
    """Minimise the mean squared error of the reconstruction.

    Args:
        model: nn.Layer with encoder and decoder. config: Config.
    """

    def __init__(self, model, config):
        super().__init__(model, compute.adam(config.lr, model))

    def losses(self, model, x):
        return {"loss": F.mse_loss(model(x), x)}

    def evaluate(self, data):
        return {"test_mse": evaluate.test_mse(self.model, data.test)}

    # BEGIN TEACHER
    def pictures(self, data):
        import paddle

        x, _ = data.test.batch(slice(0, 10))
        return {"original": x, "decoded": self.model(paddle.to_tensor(x))}

    # END TEACHER
