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


_BETWEEN = re.compile(r"(?<=[\u3000-\u9fff\uff00-\uffef]) (?=[\u3000-\u9fff\uff00-\uffef])")


def tidy(text):
    """A text put together from parts: no blank between two Chinese characters."""
    return Text(text.en, _BETWEEN.sub("", text.zh))


TERMS = {
    "posterior collapse: no latent unit is active, so z says nothing of the image; try "
    "--kl-warmup, a smaller --beta, or a longer training": "后验坍缩：没有活跃的潜变量单元，z "
    "不含图像的任何信息；可试 --kl-warmup、更小的 --beta 或更长的训练",
    "nats per image": "nats/张",
    "sum of squared errors / (2 variance), per image": "每张图像的平方误差和 /（2 × 方差）",
    "weighted squared error per image": "每张图像的加权平方误差",
    "conv": "卷积",
    "cosine": "余弦",
    "linear": "线性",
    "mixture": "混合分布",
    "rarest class": "最少的类别",
    "unlabelled": "无类别",
}
_TERM = re.compile("|".join(map(re.escape, sorted(TERMS, key=len, reverse=True))))


def term(text):
    """A label, unit or warning, made of fixed phrases, in both languages."""
    return Text(text, _TERM.sub(lambda match: TERMS[match[0]], text))
