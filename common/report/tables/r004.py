"""Report 004: MLP against convolutional CVAE on Fashion-MNIST."""

from common.report.items import (
    FASHION,
    NOTHING,
    Check,
    Claim,
    Error,
    Figure,
    Goal,
    Lost,
    Reference,
    Report,
    text_of,
)
from common.report.rules import Alike, AtLeast, Between, ByArgument, Equal, Near, NotTested
from common.report.sources import Bytes, Metric, Ratio
from common.report.text import Text as T

MLP, CONV = "004-mlp", "004-conv"
SHOWN = T("Figure {number} of the report.", "报告的图 {number}。")
MIB = 2**20
NORMAL = "standard_normal"  # the table in metrics.json with the numbers of z ~ N(0, I)


def pair(key, part=""):
    """(label, source) pairs of one number, MLP then convolutional."""
    return (("MLP", Metric(MLP, key, part=part)), ("conv", Metric(CONV, key, part=part)))


FIGURES = tuple(
    figure
    for job, name, numbers in (
        (MLP, ("MLP", "MLP"), (1, 2, 3)),
        (CONV, ("convolutional", "卷积"), (4, 5, 6)),
    )
    for figure in (
        Figure(
            f"{numbers[0]}",
            T(f"Loss of the {name[0]} CVAE by epoch.", f"{name[1]} CVAE 的逐轮损失。"),
            ((job, "loss"),),
            SHOWN.format(number=numbers[0]),
        ),
        Figure(
            f"{numbers[1]}",
            T(
                f"{name[0]} CVAE: generated images (a row a class), and reconstructions.",
                f"{name[1]} CVAE：生成图像（每行一个类别）与重建。",
            ),
            ((job, "samples"), (job, "reconstructions")),
            SHOWN.format(number=numbers[1]),
            wide=True,
        ),
        Figure(
            f"{numbers[2]}",
            T(
                f"{name[0]} CVAE: on the way from one image to another.",
                f"{name[1]} CVAE：从一张图像过渡到另一张。",
            ),
            ((job, "interpolation"),),
            SHOWN.format(number=numbers[2]),
            wide=True,
        ),
    )
)
FIGURES += (
    Figure(
        "ddpm",
        T(
            "Diffusion on the same data: samples, one row a class.",
            "同一数据上的扩散模型：样本，每行一个类别。",
        ),
        (("ddpm-fashion", "samples"), ("ddpm-fashion", "samplers")),
        T("Not in the report.", "报告中没有。"),
        wide=True,
    ),
)

NUMBERS = (
    Check(
        "mlp-parameters",
        T("Parameters of the MLP CVAE", "MLP CVAE 的参数量"),
        Metric(MLP, "parameters"),
        Equal(913296),
        image_size=28,
    ),
    Check(
        "conv-parameters",
        T("Parameters of the convolutional CVAE", "卷积 CVAE 的参数量"),
        Metric(CONV, "parameters"),
        Equal(708545),
        image_size=28,
    ),
    *(
        Reference(
            f"{key}-size",
            T(
                f"Bytes of the {name[0]}'s parameters (the report: {said}M)",
                f"{name[1]}参数的字节数（报告：{said}M）",
            ),
            Bytes(job),
            Between((said - 0.1) * MIB, said * MIB),
            source=text_of("004"),
            data=(),
            note=T(
                "A file of float32 numbers with a header, in units of 2²⁰ bytes: not parameters.",
                "float32 文件（含文件头），单位为 2²⁰ 字节，不是参数个数。",
            ),
            image_size=28,
        )
        for key, name, job, said in (
            ("mlp", ("MLP", "MLP "), MLP, 3.5),
            ("conv", ("convolutional net", "卷积网络"), CONV, 2.8),
        )
    ),
    *(
        Goal(
            f"{key}-accuracy",
            T(f"Share of samples in the right class, {name[0]}", f"样本类别正确的比例，{name[1]}"),
            Metric(job, "conditional_accuracy"),
            AtLeast(reference),
            data=FASHION,
        )
        for key, name, job, reference in (
            ("mlp", ("MLP CVAE", "MLP CVAE"), MLP, 0.90),
            ("conv", ("convolutional CVAE", "卷积 CVAE"), CONV, 0.90),
            ("ddpm", ("DDPM", "DDPM"), "ddpm-fashion", 0.93),
        )
    ),
)

CLAIMS = (
    Claim(
        "equal-bound",
        T(
            "The convolutional CVAE is as good as the MLP: reconstruction and bound.",
            "卷积 CVAE 与 MLP 一样好：重建与下界。",
        ),
        pair("test_neg_elbo"),
        Alike(0.01),
        NOTHING,
        T("", ""),
        pair("test_recon"),
        data=FASHION,
    ),
    Claim(
        "equal-samples",
        T(
            "The convolutional CVAE is as good as the MLP: generated images.",
            "卷积 CVAE 与 MLP 一样好：生成图像。",
        ),
        pair("fid", NORMAL),
        Alike(0.1),
        NOTHING,
        T(
            "FID of samples of z ~ N(0, I), as in the report; alike: within 10 %. Figures and the "
            "table show samples of a mixture fitted to the codes.",
            "如报告所做，取 z ~ N(0, I) 的样本的 FID；相差 10% 以内视为相同。"
            "图与表中的样本取自对编码拟合的混合分布。",
        ),
        (
            ("MLP, mixture", Metric(MLP, "fid")),
            ("conv, mixture", Metric(CONV, "fid")),
            ("conv", Metric(CONV, "fid_floor")),
        ),
        data=FASHION,
    ),
    Claim(
        "smaller",
        T("The convolutional model is smaller: 3.5M to 2.8M.", "卷积模型更小：3.5M 降至 2.8M。"),
        Ratio(Metric(CONV, "parameters"), Metric(MLP, "parameters")),
        Near(2.8 / 3.5, 0.05),
        NOTHING,
        T(
            "The numbers are sizes of files in bytes, not parameters; their ratio is right.",
            "这些数字是文件的字节数而非参数量；但比例正确。",
        ),
        pair("parameters"),
        data=(),
        image_size=28,
    ),
    Claim(
        "gap",
        T(
            "A factorised Gaussian posterior leaves a gap between ELBO and log likelihood.",
            "因子化高斯后验使 ELBO 与对数似然之间有差距。",
        ),
        (),
        ByArgument("right"),
        NOTHING,
        T(
            "IWAE-50 is a tighter bound; what it gains is at least a part of the gap.",
            "IWAE-50 是更紧的下界；其改进至少是差距的一部分。",
        ),
        (*pair("iwae_50"), *pair("iwae_1")),
        data=FASHION,
    ),
    Claim(
        "kl-closed",
        T("The KL of two Gaussians has a closed form.", "两个高斯分布的 KL 有闭式解。"),
        (),
        ByArgument("right"),
        NOTHING,
        T(
            "Kingma & Welling 2014, appendix B; the tests compare it with quadrature and Monte "
            "Carlo.",
            "Kingma & Welling 2014 附录 B；测试将其与数值积分和蒙特卡洛比较。",
        ),
    ),
    Claim(
        "prior",
        T(
            "The prior makes the latent space regular, so that it can be sampled from.",
            "先验使潜空间规整，从而可以采样。",
        ),
        (
            ("", Metric(CONV, "conditional_accuracy", part=NORMAL)),
            ("", Metric(CONV, "diversity", part=NORMAL)),
        ),
        AtLeast(0.8),
        NOTHING,
        T(
            "Samples of z ~ N(0, I) are in the class asked for in at least 8 of 10 cases, and are "
            "spread within it by at least 0.8 of what real images are.",
            "取自 N(0, I) 的样本至少八成属于所要求的类别，且类内离散度至少为真实图像的 0.8。",
        ),
        (("", Metric(CONV, "fid", part=NORMAL)), ("conv", Metric(CONV, "fid_floor"))),
        data=FASHION,
    ),
    Claim(
        "bottleneck",
        T("The KL is an information bottleneck.", "KL 起信息瓶颈的作用。"),
        (),
        ByArgument("right"),
        NOTHING,
        T(
            "Averaged over x, KL(q(z|x) ‖ p(z)) is an upper bound of what z knows of x, in nats.",
            "对 x 取平均后，KL(q(z|x) ‖ p(z)) 是 z 所含 x 信息量的上界，以 nats 计。",
        ),
        shown=pair("test_kl"),
    ),
    Claim(
        "blur",
        T(
            "Independent Bernoulli pixels make the images blurry.",
            "像素独立的伯努利分布使图像模糊。",
        ),
        (),
        NotTested(T("no run here changes this alone", "没有只改变这一点的训练")),
        NOTHING,
        T(
            "The samples are less sharp than real images, but no run here changes the likelihood "
            "alone, and what is shown is the decoder's mean, which would be smooth anyway.",
            "样本确实不如真实图像清晰，但这里没有只改变似然的实验，且展示的是解码器的均值，本就平滑。",
        ),
        shown=pair("sharpness"),
    ),
    Claim(
        "disentangling",
        T("Disentangled factors need a beta-VAE.", "要得到解耦的因子需要 beta-VAE。"),
        (),
        NotTested(T("no run here changes this alone", "没有只改变这一点的训练")),
        NOTHING,
        T(
            "The data name no factors to compare with; `--beta 4` trains one.",
            "数据没有可供比较的因子标注；`--beta 4` 可训练一个。",
        ),
    ),
)

MISTAKES = (
    Error(
        "data",
        T(
            "The text speaks of MNIST vectors, the code trains on Fashion-MNIST.",
            "文中说 MNIST 向量，代码却用 Fashion-MNIST。",
        ),
        T("The presets use Fashion-MNIST, as the code did.", "预设与代码一致，用 Fashion-MNIST。"),
    ),
    Error(
        "measure",
        T(
            "“A Gaussian prior is the uniform measure on the manifold.”",
            "“高斯先验即流形上的均匀测度。”",
        ),
        T(
            "It is no more than a choice for the codes; the decoder shapes the distribution of "
            "images.",
            "它只是对编码分布的选择；图像的分布由解码器决定。",
        ),
    ),
    Error(
        "collapse",
        T(
            "The mean-field posterior is blamed for posterior collapse.",
            "把后验坍缩归咎于平均场后验。",
        ),
        T(
            "Collapse happens where the decoder can do without z, or the KL is weighted too "
            "high too "
            "early.",
            "坍缩源于解码器不需要 z，或 KL 过早权重过大。",
        ),
    ),
    Error(
        "deterministic",
        T("“The KL prevents a deterministic autoencoder.”", "“KL 防止退化为确定性自编码器。”"),
        T(
            "It prices narrow posteriors; with a small beta the variance still goes towards 0.",
            "它只是给过窄的后验定价；beta 小时方差仍会趋于 0。",
        ),
    ),
    Error(
        "no-metric",
        T(
            "Convolutional and MLP are called equal without a measurement; the sizes are bytes.",
            "未经测量便称卷积与 MLP 相当；模型大小其实是字节数。",
        ),
        T(
            "See the claims: bound, FID and accuracy of both, and their parameters.",
            "见上文论断：两者的下界、FID、准确率与参数量。",
        ),
    ),
)

MISSING = (
    Lost(
        "settings",
        T("Loss, learning rate, batch size and seed.", "损失函数、学习率、批大小与随机种子。"),
        T(
            "Not in the text. Ours: Bernoulli, 2e-3 with cosine decay, 128, seed 0; the networks "
            "are from its source.",
            "正文未给出。我们用伯努利似然、2e-3 余弦衰减、128、种子 0；网络结构取自其源码。",
        ),
    ),
    Lost(
        "values",
        T("Values of the loss curves.", "损失曲线的数值。"),
        T("Published as pictures only.", "仅以图片形式发表。"),
    ),
)

REPORT = Report(
    "004",
    T("Conditional VAE: MLP against convolutions", "条件 VAE：MLP 与卷积之比较"),
    T(
        "Generate clothes of a given class with a CVAE; do convolutions help?",
        "用 CVAE 生成指定类别的服饰；卷积有帮助吗？",
    ),
    T(
        "Encoder and decoder see the class, so z is left with the style. The same is built from "
        "linear layers and from convolutions.",
        "编码器与解码器都已知类别，z 只需表示风格。分别用全连接层与卷积层实现。",
    ),
    ("vae/models.py", "vae/config.py"),
    (*FIGURES, *NUMBERS, *CLAIMS, *MISTAKES, *MISSING),
)
