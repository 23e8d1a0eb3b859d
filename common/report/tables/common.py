"""What holds for all five reports."""

from common.report.items import Error, Lost, Report
from common.report.rules import All, Equal
from common.report.sources import Setting
from common.report.text import Text as T


def settings(job, fields):
    """A preset beside a report's listing, field by field, and what is run here.

    Args:
        job: name of a run. fields: (field of its Config, name, value in the listing) triples.

    Returns:
        evidence, rule and `shown` of a Check.
    """
    return (
        tuple((name, Setting(job, field, "report")) for field, name, _ in fields),
        All(*((Equal(value), place) for place, (_, _, value) in enumerate(fields))),
        tuple((name, Setting(job, field)) for field, name, _ in fields),
    )


MISTAKES = (
    Error(
        "held-out",
        T(
            "No report measures generated images on held-out data.",
            "没有一份报告在留出数据上衡量生成图像。",
        ),
        T(
            "An independent classifier gives accuracy and feature FID, each beside what real "
            "images get.",
            "由独立的分类器给出准确率与特征 FID，并列真实图像的数值。",
        ),
    ),
    Error(  # 1.38
        "seed",
        T(
            "No report states a seed in its text. (The repository of report 001 has one, 118.)",
            "没有一份报告在正文中给出随机种子。（报告 001 的代码仓库中有一个：118。）",
        ),
        T(
            "Every run's settings, seed and versions are in its `config.json`.",
            "每次训练的设置、种子与版本都在 `config.json` 中。",
        ),
    ),
    Error(
        "tsne",
        T(
            "Reports 000 and 003 read meaning into the distances between t-SNE clusters.",
            "报告 000 与 003 把 t-SNE 簇间距离当作有意义。",
        ),
        T(
            "t-SNE keeps neighbours, not distances; its seed and perplexity are in the title, and "
            "verdicts rest on k-NN accuracy and silhouette of the codes.",
            "t-SNE 只保留邻域，不保留距离；其种子与困惑度写在标题里，结论依据编码的 k-NN "
            "准确率与轮廓系数。",
        ),
    ),
)

MISSING = (
    Lost(
        "seeds",
        T("The seeds of all trainings.", "所有训练的随机种子。"),
        T(
            "None is in a text. Cheap runs that are compared have three seeds here.",
            "正文均未给出。这里需比较的小模型各用三个种子。",
        ),
    ),
    Lost(
        "additions",
        T("The trainings exactly as they were.", "与原报告完全相同的训练。"),
        T(
            "Every preset adds what no report mentions. VAEs: the bias of the output starts at the "
            "mean image; where the class is given, its weights start larger. Diffusion: averaged "
            "weights (EMA 0.999) and gradients clipped at norm 1.",
            "每个预设都加入了报告未提到的做法。VAE：输出层偏置从平均图像开始；给出类别时，"
            "其权重的初值较大。扩散模型：权重的指数移动平均（EMA 0.999），梯度按范数 1 裁剪。",
        ),
    ),
)

REPORT = Report(
    "all",
    T("What holds for all reports", "所有报告的共同问题"),
    T("", ""),
    T("", ""),
    (),
    (*MISTAKES, *MISSING),
)
