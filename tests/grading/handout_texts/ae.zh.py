"""作业 1：用于 64 x 64 彩色图像的自编码器。

要写的是一个类，分两步：先在 `__init__` 里搭好各层，再写 `forward`。
用 `pytest tests/todo -k AutoEncoder` 检查，然后用 `python ae/run.py` 训练。
正确与错误的图，以及思考题，见 docs/guide/AutoEncoder.md。
"""


class AutoEncoder:
    """卷积自编码器（思想来自 Hinton & Salakhutdinov 2006，这里换成卷积）。

    编码器把图像缩小一半两次，解码器再放大一倍两次：

        encoder  Conv2D(3 -> 16, kernel 3, stride 1, padding 1)    [B, 16, 64, 64]
                 ReLU, BatchNorm2D(16), MaxPool2D(2)               [B, 16, 32, 32]
                 Conv2D(16 -> 32, kernel 3, stride 1, padding 1)   [B, 32, 32, 32]
                 ReLU, BatchNorm2D(32), MaxPool2D(2)               [B, 32, 16, 16]  即编码
        decoder  Conv2DTranspose(32 -> 16, kernel 2, stride 2)     [B, 16, 32, 32]
                 ReLU, BatchNorm2D(16)
                 Conv2DTranspose(16 -> 3, kernel 2, stride 2)      [B, 3, 64, 64]
                 Sigmoid

    共有 7,475 个可训练参数。图像有 12,288 个像素值，编码有 8,192 个数，
    几乎谈不上压缩；`ae/models.py` 里另有一个编码为向量的版本。

    属性：
        encoder: `nn.Sequential`，[B, 3, 64, 64] -> [B, 32, 16, 16]。
        decoder: `nn.Sequential`，[B, 32, 16, 16] -> [B, 3, 64, 64]。
    """

    def forward(self, x):
        """重建一批图像。

        参数：
            x: [B, 3, 64, 64] float32，取值范围 [0, 1]。

        返回：
            x_hat: [B, 3, 64, 64] float32，取值范围 [0, 1]。
        """
