"""Report 004: MLP against convolutional CVAE on Fashion-MNIST."""

from common.report.items import (
    FASHION,
    NOTHING,
    Check,
    Claim,
    Contradiction,
    Error,
    Figure,
    Goal,
    Lost,
    Reference,
    Report,
    text_of,
)
from common.report.quantities import NATS, Quantity
from common.report.rules import Alike, All, AtLeast, Below, Between, ByArgument, Equal, Untestable
from common.report.sources import Computed, Metric, Ratio
from common.report.tables.common import settings
from common.report.text import Text as T

MLP, CONV = "004-mlp", "004-conv"
NAMES = {MLP: T("MLP CVAE", "MLP CVAE"), CONV: T("convolutional CVAE", "卷积 CVAE")}
NORMAL = "standard_normal"  # the table in metrics.json with the numbers of z ~ N(0, I)
STANDARD = T("z from N(0, I)", "z 取自 N(0, I)")
FITTED = T("z from the fitted mixture", "z 取自拟合的混合分布")
SETUP, RESULTS = T("settings", "实验设置"), T("results", "实验结果")
THEORY, CONTINUOUS = T("theory", "理论部分"), T("section 2.1", "2.1 节")


def pair(key, part=""):
    """(label, source) pairs of one number, MLP then convolutional."""
    return (("MLP", Metric(MLP, key, part=part)), ("conv", Metric(CONV, key, part=part)))


def shown(number):
    """What stands for a figure of the report."""
    return T(f"Figure {number} of the report.", f"报告的图 {number}。")


FIGURES = tuple(
    figure
    for job, (first, second, third) in ((MLP, (1, 2, 3)), (CONV, (4, 5, 6)))
    for name in (NAMES[job],)
    for figure in (
        Figure(  # 4.3
            f"{first}",
            T(f"Loss of the {name.en} by epoch.", f"{name.zh} 的逐轮损失。"),
            ((job, "loss"),),
            shown(first),
            where=T(f"figure {first}", f"图 {first}"),
        ),
        Figure(  # 4.4
            f"{second}",
            T(
                f"Samples of the {name.en}, z from N(0, I), one row per class; reconstructions.",
                f"{name.zh} 的生成样本，z 取自 N(0, I)，每行一个类别；以及重建。",
            ),
            ((job, "samples-normal"), (job, "reconstructions")),
            shown(second),
            wide=True,
            quote="(a) 图像生成 (b) 图像重构" if job == MLP else "",
            where=T(f"figure {second}", f"图 {second}"),
        ),
        Figure(  # 4.4
            f"{second}-mixture",
            T(
                f"Samples of the {name.en}, z from a mixture of Gaussians that is fitted to the "
                "codes after training.",
                f"{name.zh} 的生成样本，z 取自训练后对编码拟合的高斯混合分布。",
            ),
            ((job, "samples"),),
            T(
                "Added: the report draws z from N(0, I).",
                "补充图（原报告无）：报告从 N(0, I) 取 z。",
            ),
        ),
        Figure(  # 4.5
            f"{third}",
            T(
                f"Walks of the {name.en} between two test images, whose reconstructions are the "
                "ends; the originals stand apart.",
                f"{name.zh} 在两张测试图像之间的插值，两端为其重建，原图另置。",
            ),
            ((job, "interpolation"),),
            T(
                f"Figure {third} of the report, its test of smoothness.",
                f"报告的图 {third}，即其平滑度测试。",
            ),
            wide=True,
            quote="隐空间连续差值采样",
            where=T(f"figure {third}", f"图 {third}"),
        ),
    )
)
FIGURES += (
    Figure(
        "ddpm",
        T(
            "Diffusion on the same data: samples, one row per class.",
            "同一数据上的扩散模型：样本，每行一个类别。",
        ),
        (("ddpm-fashion", "samples"), ("ddpm-fashion", "samplers")),
        T("Added, not in the report.", "补充图（原报告无）。"),
        wide=True,
    ),
)

MIB = 2**20
SIZE = Quantity(T("size as float32", "float32 大小"), T("MiB", "MiB"), exact=True)


def size(job):
    """The parameters of a run as float32, in MiB."""

    def mebibytes(runs, seed):
        parameters = runs.metrics(job, seed).get("parameters")
        return 4 * parameters / MIB if parameters else None

    return Computed((job,), mebibytes, SIZE)


LISTING = T("listing of the network", "网络代码")
NUMBERS = (
    Check(  # 4.1
        "mlp-parameters",
        T("Parameters of the MLP CVAE", "MLP CVAE 的参数量"),
        Metric(MLP, "parameters"),
        Equal(913296),
        note=T(
            "The listing is right: hidden layers of 512, 64 latent dimensions.",
            "所列代码正确：512 维隐藏层，64 维潜变量。",
        ),
        where=LISTING,
        image_size=28,
    ),
    Check(  # 4.1
        "conv-parameters",
        T("Parameters of the convolutional CVAE", "卷积 CVAE 的参数量"),
        Metric(CONV, "parameters"),
        Equal(708545),
        note=T(
            "The listing is right: 64 latent dimensions; beside the image ten channels say the "
            "class, so 11 go in.",
            "所列代码正确：64 维潜变量；图像之外另有十个表示类别的通道，输入共 11 个通道。",
        ),
        where=LISTING,
        image_size=28,
    ),
    settings(  # 4.3
        MLP,
        {"epochs": 50},
        T("Loss, learning rate and batch size are not given.", "损失、学习率与批大小未给出。"),
        where=SETUP,
    ),
    *(
        Reference(  # 4.7
            f"{key}-size",
            T(f"Size of the {NAMES[job].en}: {said}M", f"{NAMES[job].zh} 的大小：{said}M"),
            size(job),
            Between(said - 0.1, said),
            T(
                "A file of float32 numbers, listed in units of 2²⁰ bytes and rounded up; that this "
                "is what the report read is our guess. It is not a count of parameters.",
                "float32 文件，以 2²⁰ 字节为单位并向上取整；报告是否如此读数是我们的猜测。"
                "这不是参数个数。",
            ),
            source=text_of("004"),
            quote="从 MLP 的 3.5M 下降到 2.8M",
            where=RESULTS,
            data=(),
            image_size=28,
        )
        for key, job, said in (("mlp", MLP, 3.5), ("conv", CONV, 2.8))
    ),
    *(
        Goal(  # 4.9
            key,
            T(
                f"Share of the {model.en}'s samples in the class asked for{of.en}",
                f"{model.zh} 的样本属于所要求类别的比例{of.zh}",
            ),
            ((prior, Metric(job, "conditional_accuracy", part=part)),),
            AtLeast(least),
            note=T("No report gives an accuracy.", "没有一份报告给出准确率。"),
            data=FASHION,
        )
        for key, job, model, prior, part, least in (
            ("mlp-accuracy", MLP, NAMES[MLP], STANDARD, NORMAL, 0.90),
            ("conv-accuracy", CONV, NAMES[CONV], STANDARD, NORMAL, 0.90),
            ("mlp-accuracy-mixture", MLP, NAMES[MLP], FITTED, "", 0.90),
            ("conv-accuracy-mixture", CONV, NAMES[CONV], FITTED, "", 0.90),
            ("ddpm-accuracy", "ddpm-fashion", T("DDPM", "DDPM"), NOTHING, "", 0.93),
        )
        for of in (T(f", {prior.en}", f"，{prior.zh}") if prior.en else NOTHING,)
    ),
)

SAME_WORDS = "相同的效果"
COMPARED = (
    Claim(  # 4.6
        "equal-bound",
        T(
            "The convolutional CVAE does as well as the MLP: reconstruction.",
            "卷积 CVAE 与 MLP 效果相同：重建。",
        ),
        (*pair("test_neg_elbo"), *pair("test_recon")),
        All((Alike(0.01), 0, 1), (Alike(0.01), 2, 3)),
        T(
            "Bound and reconstruction error differ by at most 1 %, about 2 nats.",
            "下界与重建误差相差不超过 1%，约 2 nats。",
        ),
        pair("recon_accuracy"),
        quote=SAME_WORDS,
        where=RESULTS,
        data=FASHION,
    ),
    Claim(  # 4.6
        "equal-samples",
        T(
            "The convolutional CVAE does as well as the MLP: generation.",
            "卷积 CVAE 与 MLP 效果相同：生成。",
        ),
        pair("fid", NORMAL),
        Alike(0.1),
        T(
            "FID of samples of z from N(0, I), as in the report, within 10 %; those of the mixture "
            "stand beside.",
            "如报告所做，z 取自 N(0, I) 的样本的 FID，相差不超过 10%；另列混合分布的样本。",
        ),
        (
            ("MLP, mixture", Metric(MLP, "fid")),
            ("conv, mixture", Metric(CONV, "fid")),
            ("conv", Metric(CONV, "fid_floor")),
        ),
        quote=SAME_WORDS,
        where=RESULTS,
        data=FASHION,
    ),
    Claim(  # 4.6
        "equal-smoothness",
        T(
            "The convolutional CVAE does as well as the MLP: smoothness.",
            "卷积 CVAE 与 MLP 效果相同：平滑度。",
        ),
        (*pair("walk_smooth"), *pair("walk_one_change")),
        All((Alike(0.05), 0, 1), (Alike(0.05), 2, 3)),
        T(
            "On 200 walks between test images: on how many no step of the image is larger than 3 "
            "times the mean step, and on how many the class changes once at most.",
            "在测试图像之间的 200 条路径上：图像的最大一步不超过平均步长 3 倍的路径比例，"
            "以及类别至多变化一次的路径比例。",
        ),
        quote="平滑度测试",
        where=RESULTS,
        data=FASHION,
    ),
    Claim(  # 4.8
        "lighter",
        T("The convolutional CVAE is lighter.", "卷积 CVAE 更加轻量化。"),
        pair("parameters")[::-1],
        Below(share=0.1),
        T(
            "Decided by size, of which it needs 22 % less. How long an epoch takes in comparison, "
            "and the drawing of an image, stands beside.",
            "按大小判断，少 22%。另列一轮训练用时之比与生成一张图像的用时。",
        ),
        (
            (T("conv / MLP", "卷积 / MLP"), Ratio(Metric(CONV, "seconds"), Metric(MLP, "seconds"))),
            *pair("ms_per_sample"),
        ),
        quote="更加轻量化",
        where=RESULTS,
        data=(),
        image_size=28,
    ),
)


def bound_gain(job):
    """What IWAE-50 gains on -ELBO: at least a part of the gap to the log likelihood."""

    def gain(runs, seed):
        metrics = runs.metrics(job, seed)
        found = metrics.get("iwae_1"), metrics.get("iwae_50")
        return None if None in found else found[0] - found[1]

    return Computed((job,), gain, Quantity(T("gain of IWAE-50", "IWAE-50 的改进"), NATS))


PRIOR = (
    Claim(  # 4.10
        "continuous",
        T(
            "Latent space is locally continuous: small changes of z change the image smoothly.",
            "潜空间局部连续：微小扰动对应生成结果的平滑过渡。",
        ),
        (*pair("walk_smooth"), *pair("walk_one_change")),
        All((AtLeast(0.9), 0, 1), (AtLeast(0.9), 2, 3)),
        T(
            "On nine in ten of 200 walks between test images no step of the image is larger than 3 "
            "times the mean step, and the class stays or changes once.",
            "在测试图像之间的 200 条路径中，九成的路径上图像的最大一步不超过平均步长的 3 倍，"
            "且类别不变或只变化一次。",
        ),
        quote="局部连续性…微小扰动对应生成结果的平滑过渡",
        where=CONTINUOUS,
        data=FASHION,
    ),
    Claim(  # 4.10
        "forces",
        T("The Gaussian prior forces this continuity.", "高斯先验强制了这种连续性。"),
        rule=ByArgument("partly"),
        note=T(
            "The decoder is a continuous function whatever the prior is. The KL keeps the codes "
            "close together and noisy, so that neighbours must decode alike.",
            "无论先验如何，解码器都是连续函数。KL 使编码彼此靠近且带噪，"
            "因此相邻编码须解码出相似的图像。",
        ),
        quote="强制…局部连续性…微小扰动对应生成结果的平滑过渡",
        where=CONTINUOUS,
    ),
    Claim(  # 4.20
        "differentiable",
        T("The decoder is a differentiable map of z.", "解码器是 z 的可微映射。"),
        rule=ByArgument("right"),
        note=T("With ReLU almost everywhere.", "使用 ReLU 时几乎处处可微。"),
        quote="可微映射",
        where=THEORY,
    ),
    Claim(  # 4.11
        "kl-closed",
        T("The KL of two Gaussians has a closed form.", "两个高斯分布的 KL 具有闭合解。"),
        rule=ByArgument("right"),
        note=T(
            "Kingma & Welling 2014, appendix B; the tests compare it with quadrature and Monte "
            "Carlo.",
            "Kingma & Welling 2014 附录 B；测试将其与数值积分和蒙特卡洛比较。",
        ),
        quote="具有闭合解",
        where=THEORY,
    ),
    Claim(  # 4.12
        "bottleneck",
        T("The KL is an information bottleneck.", "KL 起信息瓶颈的作用。"),
        rule=ByArgument("right"),
        note=T(
            "Averaged over x, KL(q(z|x) ‖ p(z)) is an upper bound of what z knows of x, in nats.",
            "对 x 取平均后，KL(q(z|x) ‖ p(z)) 是 z 所含 x 信息量的上界，以 nats 计。",
        ),
        shown=pair("test_kl"),
        quote="信息瓶颈",
        where=THEORY,
    ),
    Claim(  # 4.14
        "gap",
        T(
            "Between ELBO and log likelihood lies a gap: the true against the approximate "
            "posterior.",
            "ELBO 与对数似然之间有差距：真实后验与近似后验之差。",
        ),
        rule=ByArgument("right"),
        note=T(
            "The gap is KL(q(z|x) ‖ p(z|x)). What IWAE-50 gains is at least a part of it.",
            "差距即 KL(q(z|x) ‖ p(z|x))。IWAE-50 的改进至少是其中一部分。",
        ),
        shown=(("MLP", bound_gain(MLP)), ("conv", bound_gain(CONV))),
        quote="ELBO…的下界间隙",
        where=THEORY,
        data=FASHION,
    ),
    Claim(  # 4.15
        "capacity",
        T("The gap directly affects the model's capacity.", "这一间隙直接影响模型容量。"),
        rule=ByArgument("wrong"),
        note=T(
            "It biases what is learned, towards models whose posterior is easy to approximate. "
            "Capacity is that of the networks.",
            "它使学习偏向后验易于近似的模型；容量由网络决定。",
        ),
        quote="直接影响模型容量",
        where=THEORY,
    ),
    Claim(  # 4.16
        "pathwise",
        T("Reparametrisation is in essence the pathwise derivative.", "重参数化的本质是路径导数。"),
        rule=ByArgument("right"),
        note=T(
            "The gradient goes through z = μ + σ ε along the path of a fixed ε.",
            "梯度沿固定 ε 的路径通过 z = μ + σ ε。",
        ),
        quote="本质是路径导数",
        where=THEORY,
    ),
    Claim(  # 4.17
        "blur",
        T(
            "Independent pixels (Bernoulli) often make the images blurred.",
            "像素独立（伯努利）常使图像模糊。",
        ),
        (
            (T("Bernoulli", "伯努利"), Metric("vae-l32", "sharpness")),
            (T("squared error", "平方误差"), Metric("vae-l32-gaussian", "sharpness")),
        ),
        Below(share=0.1),
        T(
            "Tested in part: the convolutional network without classes, on MNIST, Bernoulli "
            "against Gaussian; if Bernoulli is to blame, its samples are less sharp. Pixels are "
            "independent given z in both, and shown is the mean, which is smooth anyway.",
            "只能部分检验：不含类别的卷积网络，MNIST，伯努利对高斯；若原因在伯努利，"
            "其样本应更不清晰。两者的像素在给定 z 时都独立，且展示的是均值，本就平滑。",
        ),
        pair("sharpness", NORMAL),
        quote="常出现模糊现象",
        where=THEORY,
    ),
    Claim(  # 4.18
        "perception",
        T(
            "The L2 reconstruction loss is unlike human perception, hence VAE-GAN.",
            "L2 重建损失与人类感知有差异，因而有 VAE-GAN。",
        ),
        rule=Untestable(T("no measure of perception is named", "未指明衡量感知的指标")),
        note=T(
            "Our runs of this report use Bernoulli, no L2.", "本报告的训练用伯努利似然，而非 L2。"
        ),
        quote="L2 重构损失与人类感知差异",
        where=THEORY,
    ),
    Claim(  # 4.21
        "disentangling",
        T(
            "A Gaussian prior hardly gives disentangled factors by itself; a regulariser such as "
            "beta-VAE is needed.",
            "高斯先验难以自然产生解耦表征，需引入解耦正则项（如 β-VAE）。",
        ),
        rule=Untestable(
            T("the data name no factors to compare with", "数据没有可供比较的因子标注")
        ),
        note=T(
            "A beta-VAE keeps N(0, I) and weighs the KL more (`--beta 4`), so it is not the prior "
            "that is changed.",
            "β-VAE 仍用 N(0, I)，只是加大 KL 的权重（`--beta 4`），改变的并不是先验。",
        ),
        quote="难以自然产生解耦表征,需引入解耦正则项(如 β-VAE)",
        where=THEORY,
    ),
)

MISTAKES = (
    Error(  # 4.20
        "measure",
        T(
            "The Gaussian prior is called the uniform measure on the manifold.",
            "称高斯先验对应流形上的均匀测度。",
        ),
        T(
            "It is a choice for the codes. The decoder makes the distribution of images from it, "
            "and nothing makes that one uniform.",
            "它只是对编码分布的选择。图像的分布由解码器变换而来，没有理由是均匀的。",
        ),
        quote="高斯先验对应流形上的均匀测度",
        where=THEORY,
    ),
    Error(  # 4.13
        "collapse",
        T(
            "Posterior collapse is put down to the factorised posterior.",
            "把后验坍缩归咎于忽略变量间的相关性。",
        ),
        T(
            "It comes where the decoder can do without z, or the KL weighs too much too early; a "
            "posterior with correlations collapses as well.",
            "坍缩源于解码器不需要 z，或 KL 过早权重过大；带相关性的后验同样会坍缩。",
        ),
        quote="忽略变量间相关性,导致后验坍塌风险",
        where=THEORY,
    ),
    Error(  # 4.12
        "deterministic",
        T(
            "The KL is said to prevent a deterministic autoencoder.",
            "称 KL 防止模型退化为确定性自编码器。",
        ),
        T(
            "It penalises posteriors that are too narrow; with a small beta the variance still "
            "goes towards 0.",
            "它惩罚过窄的后验；beta 小时方差仍会趋于 0。",
        ),
        quote="防止模型退化为确定性自编码器",
        where=THEORY,
    ),
    Error(  # 4.6
        "no-metric",
        T(
            "Convolutional and MLP are called equal without a measurement.",
            "未经测量便称卷积与 MLP 效果相同。",
        ),
        T(
            "The claims on equal effect give bound, FID and smoothness of both, with a margin.",
            "关于“效果相同”的各行给出两者的下界、FID 与平滑度及其界限。",
        ),
        quote=SAME_WORDS,
        where=RESULTS,
    ),
)

CONTRADICTIONS = (
    Contradiction(  # 4.2
        "data",
        T(
            "The text says Fashion-MNIST in one place, vectors of MNIST images in another; no "
            "training code is shown.",
            "正文一处说 FashionMNIST，另一处说 MNIST 图像向量；没有给出训练代码。",
        ),
        ("在 FashionMNIST 数据集上", "784 维 MNIST 图像向量"),
        T("Our presets use Fashion-MNIST.", "我们的预设使用 Fashion-MNIST。"),
    ),
    Contradiction(  # 4.19
        "linear",
        T(
            "Latent space is forced to be locally linear (section 2.3), or locally continuous "
            "(section 2.1).",
            "一处说强制潜空间局部线性（2.3 节），一处说局部连续性（2.1 节）。",
        ),
        ("强制隐空间局部线性", "局部连续性"),
        T(
            "Linear is wrong: nothing in the loss asks for it. Continuous is what the walks test.",
            "“线性”不对：损失中没有这样的要求。“连续”由插值路径检验。",
        ),
    ),
)

MISSING = (
    Lost(  # 4.3
        "settings",
        T(
            "Training code, loss, learning rate, batch size, seed, and how z of the samples is "
            "drawn.",
            "训练代码、损失函数、学习率、批大小、随机种子，以及样本的 z 如何抽取。",
        ),
        T(
            "Not in the text. Ours: Bernoulli, 2e-3 with cosine decay, 128; z from N(0, I), and "
            "from a fitted mixture beside it.",
            "正文未给出。我们用伯努利似然、2e-3 余弦衰减、128；z 取自 N(0, I)，"
            "并列出取自拟合的混合分布者。",
        ),
    ),
    Lost(  # 4.3
        "values",
        T("The values of the loss curves.", "损失曲线的数值。"),
        T("Given as pictures only.", "仅以图片给出。"),
        where=T("figures 1 and 4", "图 1、4"),
    ),
    Lost(  # 4.22
        "formulas",
        T("Formulas that are lost in the text.", "正文中缺失的公式。"),
        T(
            "Sentences have holes where formulas stood: what is assumed cannot be told.",
            "句中原有公式处为空缺，无法得知假设的内容。",
        ),
        quote="假设虽简化计算 …… 常假设或伯努利分布",
        where=THEORY,
    ),
)

REPORT = Report(
    "004",
    T("Conditional VAE: MLP against convolutions", "条件 VAE：MLP 与卷积的比较"),
    T(
        "Generate clothes of a given class with a CVAE; do convolutions help?",
        "用 CVAE 生成指定类别的服饰；卷积有帮助吗？",
    ),
    T(
        "Encoder and decoder see the class, so z is left with the style. The same is built from "
        "linear layers and from convolutions.",
        "编码器与解码器都已知类别，z 只需表示风格。分别用全连接层与卷积层实现。",
    ),
    ("vae/models.py", "vae/config.py", "vae/prior.py"),
    (*FIGURES, *NUMBERS, *COMPARED, *PRIOR, *MISTAKES, *CONTRADICTIONS, *MISSING),
)
