"""What holds for all five reports."""

from common.report.items import NOTHING, Check, Error, Lost, Report
from common.report.rules import All, Equal
from common.report.sources import Setting
from common.report.text import Text as T

ADDED = T("Added, not in the report.", "补充图（原报告无）。")
AS_GIVEN = T("Settings of the report, as in our preset", "报告的设置，与我们的预设一致")
NAMES = {
    "batch_size": T("batch size", "批大小"),
    "beta": T("β", "β"),
    "black_region_loss_coef": T("weight of black", "黑色权重"),
    "channels": T("channels", "通道数"),
    "epochs": T("epochs", "轮数"),
    "image_size": T("image size", "图像边长"),
    "latent_dim": T("latent dimensions", "潜变量维数"),
    "lr": T("learning rate", "学习率"),
    "timesteps": T("T", "T"),
    "white_region_loss_coef": T("weight of white", "白色权重"),
    "white_threshold": T("threshold of white", "白色阈值"),
}


def settings(job, values, note=NOTHING, key="settings", text=AS_GIVEN, source=NOTHING, **more):
    """A Check of a run's preset against a report, setting by setting, with what is run here.

    Args:
        job: name of a run. values: {field of its Config: value in the report}. note: what comes
        before the sentence on this run. more: fields of Check.
    """
    names = [(NAMES[field], field) for field in values]
    return Check(
        key,
        text,
        tuple((name, Setting(job, field, "report")) for name, field in names),
        All(*((Equal(value), place) for place, value in enumerate(values.values()))),
        T(
            f"{note.en} “This run” is what this profile trains with.".strip(),
            f"{note.zh}“本次训练”为当前配置实际使用的值。",
        ),
        tuple((name, Setting(job, field)) for name, field in names),
        source=source,
        **more,
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
