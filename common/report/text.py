"""Texts in two languages."""

import re
from typing import NamedTuple


class Text(NamedTuple):
    """The same sentence in English and in Chinese; `code` between backquotes."""

    en: str
    zh: str

    def format(self, **values):
        """Both languages with {names} filled in."""
        return Text(self.en.format(**values), self.zh.format(**values))


TERMS = {
    "a public log of the same assignment": "同一作业的公开记录",
    "a public training log of the same network": "同一网络的公开训练记录",
    "active units, ": "活跃单元，",
    "posterior collapse: no latent unit is active, so z says nothing of the image; try "
    "--kl-warmup, a smaller --beta, or a longer training": "后验坍缩：没有活跃的潜变量单元，z "
    "不含图像的任何信息；可试 --kl-warmup、更小的 --beta 或更长的训练",
    "classifier on real": "分类器对真实图像",
    "comments on shapes": "形状注释",
    "computed from the report's layers": "由报告的网络层算出",
    "conditional accuracy": "条件准确率",
    "counted by eye": "目测",
    "diffusion losses": "扩散模型损失",
    "diversity within a class": "类内多样性",
    "goal of this project": "本项目的目标",
    "its sample grid: about one in six wrong": "其样本图：约六分之一错误",
    "k-NN accuracy": "k-NN 准确率",
    "loss curves": "损失曲线",
    "nats per image": "每张图像 nats",
    "public CVAEs on Fashion-MNIST": "Fashion-MNIST 上公开的 CVAE",
    "public DDPM on Fashion-MNIST": "Fashion-MNIST 上公开的 DDPM",
    "rarest class, share": "最少类别的比例",
    "recognised, ": "判对类别，",
    "repository of report ": "报告的代码仓库 ",
    "samples in their class": "样本类别正确",
    "size of vae.pth": "vae.pth 的大小",
    "sum of squared errors / (2 variance), per image": "每张图像的平方误差和 /（2 × 方差）",
    "test MSE per pixel": "每像素测试 MSE",
    "the report's own source": "报告自身的源码",
    "weighted squared error per image": "每张图像的加权平方误差",
    "accuracy": "准确率",
    "box": "盒内",
    "codes": "编码",
    "conv": "卷积",
    "floor": "下限",
    "midpoint": "中点",
    "mixture": "混合分布",
    "outlook": "展望",
    "prior": "先验",
    "report ": "报告 ",
    "sharpness": "清晰度",
    "silhouette": "轮廓系数",
    "cosine": "余弦",
    "linear": "线性",
    "unlabelled": "无类别",
    "table": "表",
    "test": "测试",
    "theory": "理论",
}
_TERM = re.compile("|".join(map(re.escape, sorted(TERMS, key=len, reverse=True))))


def term(text):
    """A label or a source, made of fixed phrases, in both languages."""
    return Text(text, _TERM.sub(lambda match: TERMS[match[0]], text))
