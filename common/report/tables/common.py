"""What holds for all five reports."""

from common.report.items import Error, Report
from common.report.text import Text as T

MISTAKES = (
    Error(
        "held-out",
        T(
            "No report measures generated images on held-out data.",
            "没有一份报告在留出数据上衡量生成图像。",
        ),
        T(
            "An independent classifier gives accuracy and feature FID, each beside what real "
            "images "
            "get.",
            "独立分类器给出准确率与特征 FID，并列真实图像的数值。",
        ),
    ),
    Error(
        "seed",
        T("No report states a seed.", "没有一份报告给出随机种子。"),
        T(
            "Every run's settings, seed and versions are in its `config.json`.",
            "每次训练的设置、种子与版本都在 `config.json` 中。",
        ),
    ),
    Error(
        "tsne",
        T("Distances between t-SNE clusters are read as meaning.", "把 t-SNE 簇间距离当作有意义。"),
        T(
            "t-SNE keeps neighbours, not distances; its seed and perplexity are in the title, and "
            "verdicts rest on k-NN accuracy and silhouette of the codes.",
            "t-SNE 只保留邻域，不保留距离；其种子与困惑度写在标题里，结论依据编码的 k-NN "
            "准确率与轮廓系数。",
        ),
    ),
)

REPORT = Report(
    "all",
    T("What holds for all reports", "所有报告的共同问题"),
    T("", ""),
    T("", ""),
    (),
    MISTAKES,
)
