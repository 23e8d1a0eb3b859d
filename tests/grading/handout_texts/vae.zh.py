"""作业 2：变分自编码器的三个公式。

请按顺序写。每写完一个，用 `pytest tests/todo -k NAME` 检查（NAME 换成函数名），
全部写完后用 `python vae/run.py` 训练。每个函数在 docs/guide 里都有一页，有图，有思考题。
论文：Kingma & Welling 2014，https://arxiv.org/abs/1312.6114。
"""


def reparameterize(mu, logvar, eps=None):
    """从 N(mu, exp(logvar)) 中采样 z，并让梯度能传到 mu 和 logvar。

    Kingma & Welling 2014，2.4 节：把随机性移到 eps ~ N(0, I) 里，
    z 就成了 mu、logvar 和 eps 的可微函数。

    参数：
        mu: [B, Z] float32，q(z|x) 的均值。
        logvar: [B, Z] float32，方差（不是标准差）的自然对数。
        eps: [B, Z] float32，给了就原样使用；为 None 时，每个元素都从 N(0, 1) 重新采样。

    返回：
        z: [B, Z] float32。
    """


def kl_div_loss(mu, logvar):
    """KL(N(mu, exp(logvar)) || N(0, I))，对 Z 维求和，对批次 B 取平均，单位 nat。

    Kingma & Welling 2014，附录 B（那里是单张图像的值，且符号相反）。

    参数：
        mu: [B, Z] float32，q(z|x) 的均值。
        logvar: [B, Z] float32，q(z|x) 的方差的自然对数。

    返回：
        0 维 float32，>= 0；当且仅当处处 mu = 0 且 logvar = 0 时为 0。
    """


def region_weighted_loss(
    x_hat,
    x,
    white_threshold=0.7,
    white_region_loss_coef=1.0,
    black_region_loss_coef=0.3,
):
    """笔画比背景权重更大的平方误差。

    逐个像素值判断：*目标图像*的值大于 `white_threshold`（严格大于）时，
    权重为 `white_region_loss_coef`，否则为 `black_region_loss_coef`。
    对 C、H、W 求和，对批次 B 取平均。

    参数：
        x_hat: [B, C, H, W] float32，重建图像。
        x: [B, C, H, W] float32，目标图像，取值范围 [0, 1]。
        white_threshold: float，在 [0, 1] 内。
        white_region_loss_coef: float，白色区域的权重。
        black_region_loss_coef: float，黑色区域的权重。

    返回：
        0 维 float32，>= 0。
    """
