"""Report 003: latent dimension and the quality of samples, reconstructions and clusters."""

from common.report.items import NOTHING, Check, Claim, Error, Figure, Lost, Report
from common.report.rules import AtLeast, AtMost, Equal, Falling, Rising
from common.report.sources import Metric
from common.report.text import Text as T

SIZES = (1, 2, 3, 16, 32)
PARAMETERS = {1: 629986, 2: 631188, 3: 632390, 16: 648016, 32: 667248}


def by_size(key):
    """(label, source) pairs of one number for every z."""
    return tuple((f"z = {z}", Metric(f"003-z{z}", key)) for z in SIZES)


FIGURES = (
    *(
        Figure(
            f"3.{number}",
            T(
                f"z = {z}: samples, latent space of the test images, loss by epoch.",
                f"z = {z}：生成样本、测试图像的潜空间、逐轮损失。",
            ),
            tuple((f"003-z{z}", name) for name in ("samples", "latents", "loss")),
            T(
                f"Figure 3.{number} of the report, three panels.",
                f"报告的图 3.{number}，三个子图。",
            ),
            wide=True,
        )
        for number, z in enumerate(SIZES, start=1)
    ),
    Figure(
        "sweep",
        T(
            "All z together: loss curves, and what the loss is made of at the end.",
            "所有 z 的损失曲线，以及最终损失的构成。",
        ),
        (("sweep", "003-sweep"),),
        T("Not in the report.", "报告中没有。"),
        wide=True,
    ),
)

NUMBERS = tuple(
    Check(
        f"parameters-z{z}",
        T(f"Parameters of 784-400-{z}-400-784", f"784-400-{z}-400-784 的参数量"),
        Metric(f"003-z{z}", "parameters"),
        Equal(count),
        image_size=28,
    )
    for z, count in PARAMETERS.items()
)

CLAIMS = (
    Claim(
        "reconstruction",
        T("Larger z: lower reconstruction error.", "z 越大，重建误差越低。"),
        by_size("test_recon"),
        Falling(),
        NOTHING,
        T(
            "Reconstruction part of −ELBO on test images, nats an image.",
            "测试图像上 −ELBO 的重建部分，每张 nats。",
        ),
        tuple((f"z = {z}", Metric(f"003-z{z}", "test_kl")) for z in SIZES),
    ),
    Claim(
        "samples",
        T("Larger z: better samples.", "z 越大，样本越好。"),
        by_size("fid"),
        Falling(),
        NOTHING,
        T(
            "FID of samples from the prior; the report judged by eye. A larger z has a larger "
            "space "
            "to fill, and the prior may miss where the codes are.",
            "取自先验的样本的 FID；报告仅凭肉眼。z 越大需填充的空间越大，"
            "先验可能落在没有编码之处。",
        ),
        (
            ("z = 32", Metric("003-z32", "fid_floor")),
            *((f"z = {z}", Metric(f"003-z{z}", "sharpness")) for z in SIZES),
        ),
    ),
    Claim(
        "separation",
        T("Larger z: the classes are better separated.", "z 越大，类别分得越开。"),
        by_size("knn_accuracy"),
        Rising(),
        NOTHING,
        T(
            "Accuracy of 5 nearest neighbours on the codes themselves, so that t-SNE plays no "
            "part.",
            "直接在编码上做 5 近邻分类的准确率，与 t-SNE 无关。",
        ),
        tuple((f"z = {z}", Metric(f"003-z{z}", "silhouette")) for z in SIZES),
    ),
    Claim(
        "z1-blurred",
        T("z = 1: the images are blurred.", "z = 1：图像模糊。"),
        (("z = 1", Metric("003-z1", "sharpness")),),
        AtMost(0.9),
        NOTHING,
        T(
            "Blurred: less than 0.9 of the sharpness of real images.",
            "模糊指清晰度低于真实图像的 0.9。",
        ),
    ),
    Claim(
        "z1-mixed",
        T("z = 1: the classes are mixed.", "z = 1：类别混在一起。"),
        (("z = 1", Metric("003-z1", "knn_accuracy")),),
        AtMost(0.6),
        NOTHING,
        T(
            "Mixed: neighbours name the class of fewer than 6 in 10.",
            "混杂指近邻分类的准确率低于 60%。",
        ),
    ),
    Claim(
        "z2-overlap",
        T("z = 2 and 3: the classes overlap.", "z = 2、3：类别有重叠。"),
        (
            ("z = 2", Metric("003-z2", "knn_accuracy")),
            ("z = 3", Metric("003-z3", "knn_accuracy")),
        ),
        AtMost(0.9),
        NOTHING,
        T(
            "Overlap: neighbours name the class of fewer than 9 in 10.",
            "重叠指近邻分类的准确率低于 90%。",
        ),
    ),
    Claim(
        "z16-separated",
        T(
            "z = 16 and 32: the classes are well separated (t-SNE).",
            "z = 16、32：类别分得很开（t-SNE）。",
        ),
        (
            ("z = 16", Metric("003-z16", "knn_accuracy")),
            ("z = 32", Metric("003-z32", "knn_accuracy")),
        ),
        AtLeast(0.95),
        NOTHING,
        T(
            "Well separated: neighbours name the class of 95 in 100. The silhouette tells of gaps: "
            "near 0 there are none between the codes, whatever a t-SNE picture shows.",
            "分得很开指近邻分类准确率达 95%。轮廓系数反映空隙：接近 0 即编码之间没有空隙，"
            "无论 t-SNE 图看起来如何。",
        ),
        (
            ("z = 16", Metric("003-z16", "silhouette")),
            ("z = 32", Metric("003-z32", "silhouette")),
        ),
    ),
)

MISTAKES = (
    Error(
        "by-eye",
        T(
            "“Larger z improves the samples” is shown by a few pictures only; the likelihood "
            "is not "
            "named; no numbers.",
            "“z 越大样本越好”仅由几张图说明；未说明似然函数；没有数值。",
        ),
        T(
            "Report reconstruction, KL, bound and sample quality each by itself; they do not move "
            "together.",
            "应分别报告重建、KL、下界与样本质量；它们并不同步变化。",
        ),
    ),
)

MISSING = (
    Lost(
        "diagram",
        T("The drawing of the VAE.", "VAE 的示意图。"),
        T(
            "A drawing, not a result; the layers are in `vae/models.py`.",
            "是示意图而非结果；网络层见 `vae/models.py`。",
        ),
    ),
    Lost(
        "likelihood",
        T(
            "The likelihood, the batch size, every number of the loss curves.",
            "似然函数、批大小、损失曲线的所有数值。",
        ),
        T("Not said. Ours: Bernoulli, batch 64.", "未说明。我们用伯努利似然，批大小 64。"),
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
    ("vae/models.py", "vae/evaluate.py"),
    (*FIGURES, *NUMBERS, *CLAIMS, *MISTAKES, *MISSING),
)
