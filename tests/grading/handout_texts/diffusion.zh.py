"""作业 3：手写去噪扩散概率模型（DDPM）。

要写三个方法，请按顺序写。每写完一个，用 `pytest tests/todo -k NAME` 检查
（NAME 换成方法名），全部写完后用 `python diffusion/run.py` 训练。
每个方法在 docs/guide 里都有一页，有图，有思考题。
论文：Ho, Jain & Abbeel 2020，https://arxiv.org/abs/2006.11239。

这里的时间步从 0 数起：t = 0 表示加了一步噪声，论文里记作 t = 1。
"""


class DDPM:
    """Ho et al. 2020 的前向（加噪）与反向（去噪）步骤。

    属性，除 predict_noise 外都是 [T] float32 的表，每个时间步一项：
        beta: 每一步所加噪声的方差。
        alpha: 1 - beta。
        alpha_bar: alpha 的累乘，即剩余的信号方差所占的比例。
        sigma_square: q(x_{t-1} | x_t, x_0) 的方差，式 (7)；t = 0 时为 0。
        predict_noise: 网络，(x_t, t) -> [B, C, H, W]，它对 eps 的估计。
    """

    def __init__(self, predict_noise, beta):
        """保存网络并算好各个表（已经给出，这里不用写）。

        参数：
            predict_noise: 可调用对象 (x_t [B, C, H, W], t int64 [B] 或 0 维) -> [B, C, H, W]。
            beta: [T] float32，每个值都在 (0, 1) 内。
        """

    def add_noise(self, x0, t, eps):
        """从干净图像一步跳到第 t 步：q(x_t | x_0) 的一个样本，式 (4)。

        参数：
            x0: [B, C, H, W] float32，干净图像，取值范围 [-1, 1]。
            t: int64，[B] 或 0 维（整批共用一个时间步），0 ... T-1。
            eps: [B, C, H, W] float32，噪声，N(0, I)。

        返回：
            x_t: [B, C, H, W] float32。
        """

    def remove_noise(self, xt, t, eps):
        """祖先采样的一步，从 x_t 到 x_{t-1}：算法 2 第 4 行。

        方差用 `sigma_square`（式 7）。t = 0 时不再加噪声。

        参数：
            xt: [B, C, H, W] float32，带噪声的图像。
            t: int64，[B] 或 0 维，0 ... T-1。
            eps: [B, C, H, W] float32，新采的噪声 N(0, I)（论文里的 z）。

        返回：
            x_{t-1}: [B, C, H, W] float32。
        """

    def loss(self, x0, t, eps):
        """简化的训练目标，式 (14)：网络把 eps 猜得有多准。

        参数：
            x0: [B, C, H, W] float32，干净图像，取值范围 [-1, 1]。
            t: int64，[B] 或 0 维，0 ... T-1。
            eps: [B, C, H, W] float32，要加进去、也要预测的噪声，N(0, I)。

        返回：
            0 维 float32，对所有元素取平均的平方误差。
        """
