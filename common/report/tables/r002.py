"""Report 002: how many latent dimensions a VAE needs."""

from common.report.items import NOTHING, Check, Claim, Error, Figure, Lost, Report
from common.report.rules import All, AtLeast, AtMost, Best, Equal, Falling, Floor, NotTested
from common.report.sources import Metric
from common.report.text import Text as T

SIZES = (1, 2, 5, 10, 20)


def by_size(key, sizes=SIZES):
    """(label, source) pairs of one number for every z."""
    return tuple((f"z = {z}", Metric(f"002-z{z}", key)) for z in sizes)


FIGURES = (
    Figure(
        "pairs",
        T(
            "Test images above their reconstructions, z = 20 (the report's best).",
            "测试图像与其重建，z = 20（报告中最好的）。",
        ),
        (("002-z20", "reconstructions"),),
        T("A wall of more than 200 pairs.", "报告中为 200 多对图像的墙。"),
        wide=True,
    ),
    Figure(
        "pairs-by-size",
        T("The same with z = 1, 2, 5 and 10.", "同上，z = 1、2、5、10。"),
        tuple((f"002-z{z}", "reconstructions") for z in SIZES[:-1]),
        T("Said in words: noisy at low z.", "报告以文字描述：z 小时含噪。"),
        wide=True,
    ),
    Figure(
        "losses",
        T(
            "Loss curves for z = 1, 2, 5, 10, 20 together, and the parts of the loss at the end.",
            "z = 1、2、5、10、20 的损失曲线，以及最终损失的各部分。",
        ),
        (("sweep", "002-sweep"),),
        T("Shown in report 002.", "报告 002 中有此图。"),
        wide=True,
    ),
    Figure(
        "line",
        T(
            "z = 1: digits decoded along the line, with the class a classifier sees.",
            "z = 1：沿直线解码的数字及分类器判定的类别。",
        ),
        (("002-z1", "strip"),),
        T(
            "A row of digits with a table of which z gives which digit.",
            "报告中为一行数字及 z 与数字的对应表。",
        ),
        wide=True,
    ),
    Figure(
        "plane",
        T(
            "z = 2: digits decoded on a regular grid over [−5, 5]², and on quantiles of the prior.",
            "z = 2：在 [−5, 5]² 的规则网格上以及先验分位点上解码的数字。",
        ),
        (("002-z2", "manifold-grid"), ("002-z2", "manifold-quantiles")),
        T("A map made from 100 random draws, sorted by z.", "报告中由 100 个随机点按 z 排序而成。"),
        wide=True,
    ),
    Figure(
        "plane-points",
        T("z = 2: where the test images lie, by class.", "z = 2：各类别测试图像的位置。"),
        (("002-z2", "latents"),),
        T("Not in the report.", "报告中没有。"),
    ),
    Figure(
        "no-kl",
        T(
            "z = 20 without the KL in the loss: loss by epoch, samples of N(0, I).",
            "z = 20，损失不含 KL：逐轮损失，以及取自 N(0, I) 的样本。",
        ),
        (("002-z20-beta0", "loss"), ("002-z20-beta0", "samples")),
        T("Said in words in report 002.", "报告 002 仅以文字描述。"),
        wide=True,
    ),
)

NUMBERS = (
    Check(
        "parameters",
        T("Parameters of 784-256-1024-20, 20-784-784", "784-256-1024-20、20-784-784 的参数量"),
        Metric("002-z20", "parameters"),
        Equal(1137032),
        image_size=28,
    ),
)

CLAIMS = (
    Claim(
        "larger-lower",
        T("The larger z, the lower the loss.", "z 越大，损失越低。"),
        by_size("test_neg_elbo"),
        Falling(),
        NOTHING,
        T(
            "−ELBO on test images. The KL grows with z, the reconstruction falls by more, up to a "
            "point.",
            "测试图像上的 −ELBO。KL 随 z 增大，重建误差下降更多，但有限度。",
        ),
        tuple((f"z = {z}", Metric(f"002-z{z}", "active_units")) for z in SIZES),
    ),
    Claim(
        "larger-clearer",
        T("With a small z the reconstructions are noisy and wrong.", "z 小时重建含噪且错误。"),
        by_size("recon_accuracy", (1, 20)),
        All((AtMost(0.5), 0), (AtLeast(0.9), 1)),
        NOTHING,
        T(
            "Share of reconstructions that a classifier puts into the class of the original. "
            "Wrong: for z = 1 lower by a fifth than for z = 20.",
            "分类器判定重建与原图同类的比例；“错误”指 z = 1 时比 z = 20 低五分之一以上。",
        ),
        by_size("recon_accuracy", (2, 5, 10)),
    ),
    Claim(
        "only-0-and-1",
        T("With z = 1 only 0 and 1 are recovered.", "z = 1 时只能恢复 0 和 1。"),
        tuple((str(digit), Metric("002-z1", "recon_class_accuracy", digit)) for digit in range(10)),
        Best(2, 0.5),
        NOTHING,
        T("The same share class by class.", "按类别统计的同一比例。"),
    ),
    Claim(
        "floor",
        T(
            "From z = 10 on the reconstruction error no longer falls.",
            "从 z = 10 起重建误差不再下降。",
        ),
        by_size("test_recon"),
        Floor(3, 0.05),
        NOTHING,
        T(
            "A floor: z = 10 gains more than 5 % on z = 5, z = 20 less than 5 % on z = 10.",
            "下限的含义：z = 10 比 z = 5 降低 5% 以上，而 z = 20 比 z = 10 降低不足 5%。",
        ),
        tuple((f"z = {z}", Metric(f"002-z{z}", "active_units")) for z in SIZES),
    ),
    Claim(
        "valid",
        T(
            "Images that were not trained on are reconstructed almost fully.",
            "未参与训练的图像几乎能完全重建。",
        ),
        Metric("002-z20", "recon_accuracy"),
        AtLeast(0.95),
        NOTHING,
        T(
            "Almost fully: a classifier still sees the right class in 95 of 100.",
            "“几乎完全”指分类器在 100 张中仍有 95 张判对类别。",
        ),
        (("", Metric("002-z20", "test_mse")),),
    ),
    Claim(
        "which-digit",
        T(
            "z = 1: 0 gives 4; 0.1 gives 9 or 7; 0.25 and 0.55 give 0; 0.45 gives 5; 0.6 and −0.5 "
            "give 3; 0.75 gives 8.",
            "z = 1：0 对应 4；0.1 对应 9 或 7；0.25、0.55 对应 0；0.45 对应 5；0.6、−0.5 对应 3；"
            "0.75 对应 8。",
        ),
        (),
        NotTested(T("no run reads it yet", "尚无训练检验它")),
        NOTHING,
        T(
            "Every training arranges the line anew. That all digits lie within [−0.5, 0.75] is the "
            "trace of a wrong sampler, see below; ours spread over [−3, 3].",
            "每次训练的排列都不同。所有数字都落在 [−0.5, 0.75] 内，是采样写错的痕迹，见下；"
            "我们的分布在 [−3, 3]。",
        ),
    ),
)

MISTAKES = (
    Error(
        "reparameterize",
        T(
            "`z = mu + logvar * torch.rand_like(logvar)`",
            "`z = mu + logvar * torch.rand_like(logvar)`",
        ),
        T(
            "logvar is no standard deviation, and the noise is normal, not uniform (Kingma & "
            "Welling 2014, section 2.4).",
            "logvar 不是标准差，噪声应为正态而非均匀（Kingma & Welling 2014，2.4 节）。",
        ),
    ),
    Error(
        "trick",
        T("The trick makes the KL differentiable.", "重参数化使 KL 可导。"),
        T(
            "It makes sampling differentiable; the KL of two Gaussians is closed-form anyway.",
            "它使采样可导；两个高斯的 KL 本就有闭式解。",
        ),
    ),
    Error(
        "kl-general",
        T(
            "KL(p, q) = log(s2/s1) + (s1² + (mu1² + mu2²)) / (2 s2²)",
            "KL(p, q) = log(s2/s1) + (s1² + (mu1² + mu2²)) / (2 s2²)",
        ),
        T(
            "The square belongs around the difference of the means, and a constant is missing.",
            "平方应作用于均值之差，并且漏了一个常数。",
        ),
    ),
    Error(
        "kl-code",
        T("KL = −(1 + sigma − mu² − sigma²) / 2", "KL = −(1 + sigma − mu² − sigma²) / 2"),
        T(
            "sigma and sigma² stand where the logarithm and the variance belong (Kingma & Welling "
            "2014, appendix B).",
            "该用对数和方差处写成了 sigma 与 sigma²（Kingma & Welling 2014，附录 B）。",
        ),
    ),
    Error(
        "posterior",
        T("P(z|X) follows N(0, I) for every X.", "对每个 X，P(z|X) 都服从 N(0, I)。"),
        T(
            "Then z would say nothing of X: that is posterior collapse. Only the aggregate "
            "over all "
            "X is pushed towards N(0, I).",
            "那样 z 就不含 X 的任何信息，即后验坍缩。只有对所有 X 的聚合分布才趋向 N(0, I)。",
        ),
    ),
    Error(
        "map",
        T(
            "The map over [−5, 5]² is made from 100 random z, sorted.",
            "[−5, 5]² 的图由 100 个随机 z 排序而成。",
        ),
        T(
            "A regular grid, or quantiles of the prior: a place on the map then means a place "
            "in the "
            "latent space.",
            "用规则网格或先验分位点：图上的位置才对应潜空间的位置。",
        ),
    ),
)

MISSING = (
    Lost(
        "diagrams",
        T("The drawings of autoencoder, VAE and model.", "自编码器、VAE 与模型的示意图。"),
        T(
            "Drawings, not results; the layers are in `vae/models.py`.",
            "是示意图而非结果；网络层见 `vae/models.py`。",
        ),
    ),
    Lost(
        "valid-set",
        T("What the “valid” set is.", "“valid” 集是什么。"),
        T(
            "Not said; ours is MNIST's test set, never trained on.",
            "未说明；我们用从不参与训练的 MNIST 测试集。",
        ),
    ),
)

REPORT = Report(
    "002",
    T("A VAE with 1 to 20 latent dimensions", "潜变量维数从 1 到 20 的 VAE"),
    T("How many numbers does a VAE need to describe a digit?", "VAE 需要多少个数来描述一个数字？"),
    T(
        "Train the same network with z = 1, 2, 5, 10 and 20, compare losses and "
        "reconstructions, and "
        "look at the latent line and plane directly.",
        "以 z = 1、2、5、10、20 训练同一网络，比较损失与重建，并直接观察潜空间的直线与平面。",
    ),
    ("vae/models.py", "vae/assignment.py", "vae/figures.py"),
    (*FIGURES, *NUMBERS, *CLAIMS, *MISTAKES, *MISSING),
)
