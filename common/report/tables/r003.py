"""Report 003: latent dimension and the quality of samples, reconstructions and clusters."""

from common.report.items import (
    Check,
    Claim,
    Contradiction,
    Error,
    Figure,
    Idea,
    Lost,
    Opinion,
    Report,
)
from common.report.quantities import Quantity
from common.report.rules import (
    Above,
    All,
    Any,
    AtLeast,
    AtMost,
    Below,
    ByArgument,
    Equal,
    Falling,
    Rising,
    Untestable,
)
from common.report.sources import Computed, Metric
from common.report.tables.common import ADDED, settings
from common.report.text import Text as T

SIZES = (1, 2, 3, 16, 32)
PARAMETERS = {1: 629986, 2: 631188, 3: 632390, 16: 648016, 32: 667248}
THEORY, SETUP = T("theory", "理论部分"), T("settings", "实验设置")
RESULTS = T("results, figures 3.1 to 3.5", "实验结果，图 3.1～3.5")
END = T("conclusion", "结论")


def by_size(key, *sizes):
    """(label, source) pairs of one number for these z, all by default."""
    return tuple((f"z = {z}", Metric(f"003-z{z}", key)) for z in sizes or SIZES)


FIGURES = (
    *(
        Figure(  # 3.4, 3.15
            f"3.{number}",
            T(
                f"z = {z}: samples, codes of the test images, loss by epoch.",
                f"z = {z}：生成样本、测试图像的编码、逐轮损失。",
            ),
            tuple((f"003-z{z}", name) for name in ("samples", latents, "loss")),
            T(f"Figure 3.{number}: the same three panels.", f"图 3.{number}：同样的三个子图。"),
            wide=True,
            tab=f"z = {z}",
            where=RESULTS,
        )
        for number, (z, latents) in enumerate(
            zip(SIZES, ("latents", "latents", "latents-views", "latents", "latents")), start=1
        )
    ),
    Figure(  # 3.3
        "both-readings",
        T(
            "“Generated images” read in two ways, z = 16: samples of N(0, I), and decoded test "
            "images.",
            "“生成的图像”的两种理解，z = 16：取自 N(0, I) 的样本，以及解码的测试图像。",
        ),
        (("003-z16", "samples"), ("003-z16", "reconstructions")),
        T("Which of the two the report shows is not said.", "报告未说明展示的是哪一种。"),
        wide=True,
        quote="测试图像仅用于生成样本和评估",
        where=SETUP,
    ),
    Figure(  # 3.16, 3.17
        "sweep",
        T(
            "All z together: −ELBO by epoch; its parts at the end; FID of the samples against the "
            "reconstruction, the experiment that the introduction promises.",
            "所有 z：逐轮 −ELBO；训练结束时的各部分；样本 FID 与重建的关系，"
            "即引言承诺而未做的实验。",
        ),
        (("sweep", "003-sweep"),),
        ADDED,
        wide=True,
    ),
)

NUMBERS = (
    settings(  # 3.2
        "003-z16",
        {"lr": 1e-4, "epochs": 300},
        T(
            "Adam; MNIST with 60,000 images for training and 10,000 for testing.",
            "优化器为 Adam；MNIST，6 万张训练、1 万张测试。",
        ),
        where=SETUP,
    ),
    *(
        Check(  # 3.2
            f"parameters-z{z}",
            T(f"Parameters of 784-400-{z}-400-784", f"784-400-{z}-400-784 的参数量"),
            Metric(f"003-z{z}", "parameters"),
            Equal(count),
            note=T(
                "One hidden layer of 400 in encoder and decoder: assumed, their number is not "
                "given.",
                "编码器与解码器各一个 400 维隐藏层：层数未给出，这是我们的假设。",
            ),
            quote="隐藏层",
            where=SETUP,
            image_size=28,
        )
        for z, count in PARAMETERS.items()
    ),
)

RAREST = Quantity(
    T("smallest share of a class over its real share", "各类样本占比与真实占比之比的最小值")
)


def rarest(runs, seed):
    """How rare the rarest class is among the samples, compared with the training images."""
    metrics = runs.metrics("003-z1", seed)
    samples, real = metrics.get("class_histogram"), metrics.get("train_class_counts")
    if not (samples and real):
        return None
    return min(share * sum(real) / count for share, count in zip(samples, real) if count)


SERIES = (
    Claim(  # 3.7
        "reconstruction",
        T("Larger z: the reconstruction error falls.", "z 越大，重建误差逐渐减小。"),
        by_size("test_recon"),
        Falling(),
        T("Reconstruction part of −ELBO, test images.", "测试图像上 −ELBO 的重建部分。"),
        by_size("test_kl"),
        quote="重构误差逐渐减小",
        where=RESULTS,
    ),
    Claim(  # 3.5
        "samples",
        T("Larger z: handwritten digits of higher quality.", "z 越大，手写数字质量越高。"),
        by_size("fid", 1, 2, 3, 16),
        Falling(),
        T(
            "FID of samples of N(0, I), z = 1 to 16; the step to z = 32 has its own row. The "
            "report judged by eye.",
            "取自 N(0, I) 的样本的 FID，z = 1 至 16；到 z = 32 的一步另列一行。报告仅凭肉眼判断。",
        ),
        (*by_size("sharpness"), (T("floor", "下限"), Metric("003-z32", "fid_floor"))),
        quote="手写数字质量更高",
        where=RESULTS,
    ),
    Claim(  # 3.5
        "samples-32",
        T(
            "From z = 16 to z = 32, too, the digits get better.",
            "从 z = 16 到 z = 32，手写数字质量仍然提高。",
        ),
        by_size("fid", 32, 16),
        Below(),
        T(
            "A larger z has a larger space to fill, and N(0, I) may miss where the codes are: if "
            "the FID rises here, that is a finding, and no fault of the rest.",
            "z 越大，需填充的空间越大，N(0, I) 可能落在没有编码之处：若此处 FID 上升，"
            "这是一个发现，并不否定其余部分。",
        ),
        by_size("active_units", 16, 32),
        quote="手写数字质量更高",
        where=RESULTS,
    ),
    Claim(  # 3.6
        "separation",
        T("Larger z: the classes are separated better.", "z 越大，不同标签更加分离。"),
        by_size("knn_accuracy"),
        Rising(),
        T(
            "Accuracy of 5 nearest neighbours on the codes themselves, so t-SNE plays no part.",
            "直接在编码上做 5 近邻分类的准确率，与 t-SNE 无关。",
        ),
        by_size("silhouette"),
        quote="不同标签…更加分离",
        where=RESULTS,
    ),
)
ONE_BY_ONE = (
    Claim(  # 3.8
        "z1-error",
        T("z = 1: the reconstruction error is high.", "z = 1：重建误差较高。"),
        by_size("test_recon", 1, 16),
        Above(share=0.2),
        quote="重构误差较高",
        where=T("figure 3.1", "图 3.1"),
    ),
    Claim(  # 3.9
        "z1-blurred",
        T("z = 1: the images are rather blurred.", "z = 1：图像较为模糊。"),
        by_size("sharpness", 1, 16),
        Below(share=0.1),
        T(
            "Edges of the samples over those of real images, compared with z = 16: all MLP VAEs "
            "are softer than real images.",
            "样本边缘强度与真实图像之比，与 z = 16 比较：所有 MLP VAE 都比真实图像柔和。",
        ),
        by_size("sharpness", 2, 3, 32),
        quote="图像较为模糊",
        where=T("figure 3.1", "图 3.1"),
    ),
    Claim(  # 3.10
        "z1-mixed",
        T("z = 1: the labels are clearly mixed.", "z = 1：标签明显混叠。"),
        by_size("knn_accuracy", 1),
        AtMost(0.6),
        T("Neighbours name the class of at most 6 in 10.", "近邻至多判对十分之六。"),
        quote="标签明显混叠",
        where=T("figure 3.1", "图 3.1"),
    ),
    Claim(  # 3.11
        "z1-unclear",
        T(
            "z = 1: therefore some digits cannot be generated clearly.",
            "z = 1：因此一些数字无法清晰生成。",
        ),
        (
            ("z = 1", Computed(("003-z1",), rarest, RAREST)),
            ("z = 1", Metric("003-z1", "sure_share")),
        ),
        Any((AtMost(0.5), 0), (AtMost(0.5), 1)),
        T(
            "Some class gets less than half its share of the samples, or the judge is more than "
            "half sure of fewer than half of them.",
            "某一类别在样本中的占比不到其真实占比的一半，或分类器有一半以上把握的样本不到一半。",
        ),
        by_size("sure_share", 16),
        quote="因此一些数字无法清晰生成",
        where=T("figure 3.1", "图 3.1"),
    ),
    Claim(  # 3.12
        "z2-better",
        T("z = 2 and 3: quality and diversity improve.", "z = 2、3：质量和多样性有所提升。"),
        (*by_size("fid", 1, 2, 3), *by_size("diversity", 1, 2, 3)),
        All((Below(), 1, 0), (Below(), 2, 0), (Above(), 4, 3), (Above(), 5, 3)),
        T(
            "FID below, and diversity within a class above that of z = 1.",
            "FID 低于 z = 1，类内多样性高于 z = 1。",
        ),
        quote="质量和多样性有所提升",
        where=T("figures 3.2 and 3.3", "图 3.2、3.3"),
    ),
    Claim(  # 3.13
        "z3-error",
        T(
            "z = 2 and 3: the reconstruction error is not yet satisfactory.",
            "z = 2、3：重建误差仍不够理想。",
        ),
        by_size("test_recon", 3, 16),
        Above(share=0.1),
        T("z = 3 still lies 10 % above z = 16.", "z = 3 仍比 z = 16 高 10%。"),
        by_size("test_recon", 2),
        quote="重构误差仍不够理想",
        where=T("figures 3.2 and 3.3", "图 3.2、3.3"),
    ),
    Claim(  # 3.13
        "z2-overlap",
        T("z = 2 and 3: the classes still overlap.", "z = 2、3：类别依然存在重叠。"),
        by_size("knn_accuracy", 2, 3),
        AtMost(0.9),
        T("Neighbours name the class of at most 9 in 10.", "近邻至多判对十分之九。"),
        quote="依然存在重叠",
        where=T("figures 3.2 and 3.3", "图 3.2、3.3"),
    ),
    Claim(  # 3.14
        "z16-error",
        T(
            "z = 16 and 32: the reconstruction error falls markedly.",
            "z = 16、32：重建误差显著降低。",
        ),
        by_size("test_recon", 16, 32, 3),
        All((Below(share=0.1), 0, 2), (Below(share=0.1), 1, 2)),
        quote="重构误差显著降低",
        where=T("figures 3.4 and 3.5", "图 3.4、3.5"),
    ),
    Claim(  # 3.14
        "z16-diverse",
        T(
            "z = 16 and 32: the digits are of high quality and very diverse.",
            "z = 16、32：高质量且多样性强。",
        ),
        by_size("diversity", 16, 32),
        AtLeast(0.8),
        T(
            "Spread within a class, 1 for real images. Quality is in the rows on FID.",
            "类内离散度，真实图像为 1。质量见关于 FID 的各行。",
        ),
        by_size("fid", 16, 32),
        quote="高质量且多样性强",
        where=T("figures 3.4 and 3.5", "图 3.4、3.5"),
    ),
    Claim(  # 3.15
        "z16-separated",
        T(
            "z = 16 and 32: the classes are well separated (t-SNE).",
            "z = 16、32：各类彼此分离良好（t-SNE）。",
        ),
        by_size("knn_accuracy", 16, 32),
        AtLeast(0.95),
        T(
            "Neighbours name the class of 95 in 100. Whether there are gaps between the classes, "
            "the silhouette tells: near 0 there are none, whatever a t-SNE shows.",
            "近邻判对 95%。类别之间有无空隙由轮廓系数反映：接近 0 即没有，"
            "无论 t-SNE 图看起来如何。",
        ),
        by_size("silhouette", 16, 32),
        quote="彼此分离良好",
        where=T("figures 3.4 and 3.5", "图 3.4、3.5"),
    ),
)
WORDS = (
    Claim(  # 3.1
        "formulas",
        T(
            "The formulas of the ELBO, of the reparametrisation and of the loss.",
            "ELBO、重参数化与损失的公式。",
        ),
        rule=ByArgument("right"),
        note=T(
            "All three are right. Report 002 has an error in two of the same formulas.",
            "三者均正确。同样的公式，报告 002 写错了两个。",
        ),
        where=THEORY,
    ),
    Claim(  # 3.16
        "key-factor",
        T(
            "The latent dimension is the key to quality and diversity; it balances fit and "
            "regularisation.",
            "潜在空间维度是决定质量与多样性的关键因素；需平衡数据拟合与正则化。",
        ),
        rule=ByArgument("partly"),
        note=T(
            "That it matters, the other claims show; that it is the key cannot be seen where "
            "nothing else is varied. Reconstruction error and KL by z show the balance.",
            "它的影响见其他各行；但没有改变其他因素，无法判断它是否“关键”。"
            "重建误差与 KL 随 z 的变化体现了这种平衡。",
        ),
        shown=(*by_size("test_recon"), *by_size("test_kl")),
        quote="潜在空间维度是决定…质量与多样性的关键因素 …… 平衡数据拟合与正则化",
        where=END,
    ),
    Opinion(  # 3.18
        "popular",
        T(
            "The VAE is one of the most popular network structures.",
            "VAE 是最为流行的网络结构之一。",
        ),
        quote="最为流行的网络结构之一",
        where=T("introduction", "引言"),
    ),
    Idea(  # 3.18
        "combine",
        T(
            "Future: combine the VAE with other models, take more complex data.",
            "展望：与其他模型结合，使用更复杂的数据。",
        ),
        note=T(
            "Clothes: `--preset 004-conv`; colour images: `--preset 000-cvae`.",
            "服饰：`--preset 004-conv`；彩色图像：`--preset 000-cvae`。",
        ),
        rule=Untestable(T("ideas without a result", "只是设想，没有结果")),
        where=END,
    ),
)

MISTAKES = (
    Error(  # 3.5, 3.19
        "by-eye",
        T(
            "That a larger z gives better samples is shown by a few pictures, without a number.",
            "“z 越大样本越好”仅由几张图说明，没有数值。",
        ),
        T(
            "Give reconstruction, KL, bound and quality of samples each by itself: they do not "
            "move together.",
            "应分别给出重建、KL、下界与样本质量；它们并不同步变化。",
        ),
        where=RESULTS,
    ),
    Error(  # 3.15
        "t-sne-of-three",
        T("Codes of three numbers are shown by t-SNE.", "三维编码也用 t-SNE 展示。"),
        T(
            "Three numbers can be drawn as they are, from three sides: nothing is distorted.",
            "三维可直接从三个方向画出，不会失真。",
        ),
        where=T("figure 3.3", "图 3.3"),
    ),
)

CONTRADICTIONS = (
    Contradiction(  # 3.17
        "promise",
        T(
            "The introduction promises to show how a smaller reconstruction error improves the "
            "generated images; no experiment does.",
            "引言承诺研究如何通过最小化重建误差来提升生成图像的质量；文中没有这样的实验。",
        ),
        ("如何通过最小化重构误差来提升生成图像的质量",),
        T(
            "Our five runs in one picture: FID of the samples against the reconstruction error, "
            "in the figure with all z.",
            "我们把五次训练放在一张图中：样本 FID 与重建误差的关系，见所有 z 的图。",
        ),
        where=T("introduction", "引言"),
    ),
)

MISSING = (
    Lost(  # 3.1
        "drawing",
        T("Figure 2.1, the structure of a VAE.", "图 2.1，VAE 的结构。"),
        T(
            "A drawing, no result; the layers are in `vae/models.py`.",
            "是示意图而非结果；网络层见 `vae/models.py`。",
        ),
        where=THEORY,
    ),
    Lost(  # 3.3
        "source-of-z",
        T(
            "Whether the generated images are samples of N(0, I) or decoded test images.",
            "生成的图像是取自 N(0, I) 的样本，还是解码的测试图像。",
        ),
        T(
            "Both readings are possible: test images serve “only for generating samples and for "
            "evaluation”. We show both and judge samples of N(0, I).",
            "两种理解都有可能：测试图像“仅用于生成样本和评估”。"
            "我们两者都展示，并以取自 N(0, I) 的样本来判断。",
        ),
        quote="测试图像仅用于生成样本和评估",
        where=SETUP,
    ),
    Lost(  # 3.19
        "link",
        T("The link to its code.", "代码链接。"),
        T("“See GitHub”, without an address.", "原文称“详情见GitHub”，却没有给出地址。"),
        quote="详情见GitHub",
    ),
    Lost(  # 3.2, 3.19
        "settings-and-values",
        T(
            "Likelihood, batch size, number of hidden layers, the values of the loss curves, the "
            "seed.",
            "似然函数、批大小、隐藏层层数、损失曲线的数值、随机种子。",
        ),
        T(
            "Not in the text. Our preset: Bernoulli, batches of 64, one hidden layer each.",
            "正文未给出。我们的预设：伯努利似然，批大小 64，各一个隐藏层。",
        ),
    ),
)

REPORT = Report(
    "003",
    T("What a larger latent space buys", "更大的潜空间带来什么"),
    T(
        "Does a VAE with more latent dimensions generate better, reconstruct better, cluster "
        "better?",
        "潜变量维数更多的 VAE，生成、重建、聚类是否都更好？",
    ),
    T(
        "Train 784-400-z-400-784 for five sizes of z and compare samples, latent spaces and "
        "losses.",
        "以五种 z 训练 784-400-z-400-784，比较样本、潜空间与损失。",
    ),
    ("vae/models.py", "vae/evaluate.py", "vae/latent_figures.py"),
    (*FIGURES, *NUMBERS, *SERIES, *ONE_BY_ONE, *WORDS, *MISTAKES, *CONTRADICTIONS, *MISSING),
)
