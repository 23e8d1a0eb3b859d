"""Report 002: how many latent dimensions a VAE needs."""

from common.report.items import (
    NOTHING,
    Check,
    Claim,
    Contradiction,
    Error,
    Figure,
    Lost,
    Opinion,
    Report,
)
from common.report.quantities import Quantity
from common.report.rules import (
    Above,
    All,
    AtLeast,
    AtMost,
    Below,
    Best,
    ByArgument,
    Equal,
    Falling,
    Floor,
)
from common.report.sources import Computed, Epoch, Lowest, Metric
from common.report.tables.common import ADDED, settings
from common.report.text import Text as T

SIZES = (1, 2, 5, 10, 20)
THEORY, SETUP = T("theory", "理论部分"), T("settings", "实验设置")
RESULTS, LINE, PLANE = T("results", "实验结果"), T("z = 1", "z = 1 部分"), T("z = 2", "z = 2 部分")


def by_size(key, sizes=SIZES, name=NOTHING):
    """(label, source) pairs of one number for every z; name: added to the labels."""
    return tuple((_label(z, name), Metric(f"002-z{z}", key)) for z in sizes)


def _label(z, name):
    return T(f"z = {z} ({name.en})", f"z = {z}（{name.zh}）") if name.en else f"z = {z}"


FIGURES = (
    Figure(  # 2.12
        "pairs",
        T(
            "200 test images above their reconstructions, z = 20. Framed: the judge sees another "
            "class in the reconstruction.",
            "200 张测试图像（上）与其重建（下），z = 20。加框者：分类器把重建判为其他类别。",
        ),
        (("002-z20", "wall"),),
        T("A wall of pairs, results_0 to results_21x.", "成对图像的墙，results_0 至 results_21x。"),
        wide=True,
        where=RESULTS,
    ),
    Figure(  # 2.16
        "pairs-by-size",
        T(
            "Test images above their reconstructions with z = 1, 2, 5 and 10.",
            "测试图像（上）与其重建（下），z = 1、2、5、10。",
        ),
        tuple((f"002-z{z}", "reconstructions") for z in SIZES[:-1]),
        T("Said in words: meaningless at low z.", "仅以文字描述：z 小时重建失去意义。"),
        wide=True,
        quote="重建结果就会变得没有意义",
        where=RESULTS,
    ),
    Figure(  # 2.14
        "losses",
        T(
            "−ELBO by epoch for z = 1, 2, 5, 10 and 20; its parts at the end; FID of the samples "
            "against the reconstruction.",
            "z = 1、2、5、10、20 的逐轮 −ELBO；训练结束时的各部分；样本 FID 与重建的关系。",
        ),
        (("sweep", "002-sweep"),),
        T("Five loss curves.", "五条损失曲线。"),
        wide=True,
        where=RESULTS,
    ),
    Figure(  # 2.20
        "line",
        T(
            "z = 1: what z from −3 to 3 decodes to, with the class that the judge sees.",
            "z = 1：z 从 −3 到 3 解码得到的图像，及分类器判定的类别。",
        ),
        (("002-z1", "strip"),),
        T(
            "A strip of 12 images; what is left of it in the text are their digits 0, 3, 4, 5, 7, "
            "8 and 9.",
            "一条 12 张图像的长条；正文中只留下其数字：0、3、4、5、7、8、9。",
        ),
        wide=True,
        quote="445055338879",
        where=LINE,
    ),
    Figure(  # 2.24, 2.25
        "plane",
        T(
            "z = 2: decoded on a regular grid over [−5, 5]², and on quantiles of the prior, so "
            "that a place in the picture is a place in the latent space.",
            "z = 2：在 [−5, 5]² 的规则网格与先验分位点上解码，图上的位置即潜空间的位置。",
        ),
        (("002-z2", "manifold-grid"), ("002-z2", "manifold-quantiles")),
        T(
            "A map of 100 pictures, sorted by their z over [−5, 5]².",
            "100 张图片按其 z 值在 [−5, 5]² 上排列而成的图。",
        ),
        wide=True,
        quote="随机采样了100张图片,根据他们的z值进行二维空间排序",
        where=PLANE,
    ),
    Figure(  # 2.26
        "plane-points",
        T("z = 2: where the codes of the test images lie.", "z = 2：测试图像的编码所在位置。"),
        (("002-z2", "latents"),),
        ADDED,
    ),
    Figure(  # 2.8
        "no-kl",
        T(
            "z = 20 without the KL in the loss: loss by epoch, and samples of N(0, I), where no "
            "code was ever put.",
            "z = 20，损失不含 KL：逐轮损失，以及取自 N(0, I) 的样本，训练从未把编码放在那里。",
        ),
        (("002-z20-beta0", "loss"), ("002-z20-beta0", "samples")),
        T("Said in words in report 002.", "报告 002 仅以文字描述。"),
        wide=True,
    ),
)

NUMBERS = (
    Check(  # 2.9
        "parameters",
        T("Parameters of 784-256-1024-20, 20-784-784", "784-256-1024-20、20-784-784 的参数量"),
        Metric("002-z20", "parameters"),
        Equal(1137032),
        note=T(
            "With two layers 1024→z, for μ and log σ². Taken literally, the report's table has one "
            "(1,116,532). Its activations are not given; ours are ReLU.",
            "含两个 1024→z 层，分别给出 μ 与 log σ²。按字面，报告的表只有一个（1,116,532）。"
            "激活函数未给出，我们用 ReLU。",
        ),
        quote="28*28-256-1024-z, z-28*28-28*28",
        where=SETUP,
        image_size=28,
    ),
    settings(  # 2.9
        "002-z20",
        {"lr": 1e-3, "batch_size": 32, "epochs": 100},
        T("Adam.", "优化器为 Adam。"),
        quote="1e-3, 100, Adam, 32",
        where=SETUP,
    ),
)

TEST, TRAIN = T("test", "测试"), T("training", "训练")
SIZE_CLAIMS = (
    Claim(  # 2.14
        "larger-lower",
        T("The larger z, the lower the total loss.", "z 越大，总损失越低。"),
        (
            *by_size("test_neg_elbo", name=TEST),
            *((_label(z, TRAIN), Epoch(f"002-z{z}", "train_loss", -1)) for z in SIZES),
        ),
        All((Falling(), *range(5)), (Falling(), *range(5, 10))),
        T(
            "Whether its curves are of training or test images is not said, so both must fall. "
            "The KL grows with z, the reconstruction error falls by more.",
            "报告未说明曲线取自训练还是测试图像，因此要求两者都下降。KL 随 z 增大，"
            "但重建误差降得更多。",
        ),
        by_size("active_units"),
        quote="z_dim高…总loss…较低",
        where=RESULTS,
    ),
    Claim(  # 2.15
        "unsteady",
        T("With a small z the loss also fluctuates more.", "z 小时损失的波动也更大。"),
        by_size("batch_spread", (1, 20)),
        Above(share=0.1),
        T(
            "Standard deviation of the loss over 50 batches of training images, divided by its "
            "mean, with the final weights: the noise of a loss curve without its trend.",
            "以最终权重计算 50 批训练图像的损失，取标准差 / 均值，即去掉趋势后损失曲线的噪声。",
        ),
        by_size("batch_spread", (2, 5, 10)),
        quote="而且波动大",
        where=RESULTS,
    ),
    Claim(  # 2.16
        "meaningless",
        T(
            "With a small z the reconstructions become meaningless.",
            "z 小时重建失去意义（原文：“变得没有意义”）。",
        ),
        by_size("recon_accuracy", (1, 20)),
        All((AtMost(0.5), 0), (AtLeast(0.9), 1)),
        T(
            "Share of reconstructions in which the judge still sees the class of the original; "
            "guessing gives 10 %.",
            "分类器仍能从重建中判对原图类别的比例；随机猜测为 10%。",
        ),
        by_size("recon_accuracy", (2, 5, 10)),
        quote="重建结果就会变得没有意义",
        where=RESULTS,
    ),
    Claim(  # 2.17
        "simple-digits",
        T(
            "With a small z generally only simple digits such as 0 and 1 are recovered.",
            "z 小时一般只能还原出 0、1 等简单数字。",
        ),
        tuple(
            (T(f"{digit} at z = {z}", f"z = {z} 的 {digit}"), source)
            for z in (1, 2)
            for digit in range(10)
            for source in (Metric(f"002-z{z}", "recon_class_accuracy", digit),)
        ),
        All((Best(2, 0.5), *range(10)), (Best(2, 0.5), *range(10, 20))),
        T(
            "Class by class, at z = 1 and at z = 2: 0 and 1 are recognised best, all others in "
            "less than half of their reconstructions.",
            "在 z = 1 与 z = 2 时按类别统计：0 与 1 判对最多，其余类别判对的重建均不到一半。",
        ),
        quote="一般只能还原出0,1等简单数字",
        where=RESULTS,
    ),
    Claim(  # 2.18
        "floor",
        T(
            "From z = 10 on the reconstruction error is about as low as it gets.",
            "z 达到 10 及以上，重建误差基本降到最低。",
        ),
        by_size("test_recon"),
        Floor(3, 0.05),
        T(
            "“No longer falls” means: z = 10 still gains 5 % on z = 5, z = 20 less than 5 % on "
            "z = 10.",
            "“不再下降”指：z = 10 比 z = 5 仍降低 5% 以上，而 z = 20 比 z = 10 降低不足 5%。",
        ),
        by_size("active_units"),
        quote="达到10及以上…重构误差基本降低到最小了",
        where=RESULTS,
    ),
    Claim(  # 2.11
        "best-at-20",
        T("z = 20 is the best.", "隐层维度为 20 时效果最佳。"),
        (*by_size("test_recon", (20, 10)), *by_size("recon_accuracy", (20, 10))),
        All((Below(), 0, 1), (Above(), 2, 3)),
        T(
            "Better than z = 10 both in reconstruction error and in recognised reconstructions. "
            "That nothing more is gained from z = 10 on, as the report says too, makes “too close” "
            "likely.",
            "重建误差与判对类别的重建都须优于 z = 10。报告又说从 z = 10 起不再有改进，"
            "因此两者可能难分高下。",
        ),
        (*by_size("test_recon", (1, 2, 5)), *by_size("recon_accuracy", (1, 2, 5))),
        quote="当隐层维度设为20…最佳效果",
        where=RESULTS,
    ),
    Claim(  # 2.13
        "valid",
        T(
            "No outrageous errors: the “valid” images are reconstructed almost fully.",
            "没有离谱错误，“valid”数据集基本都被重建出来。",
        ),
        (("z = 20", Metric("002-z20", "recon_accuracy")),),
        AtLeast(0.95),
        T(
            "The judge sees the right class in 95 of 100 reconstructions. Ours are of MNIST's test "
            "images; which set “valid” is, the report does not say.",
            "100 张重建中分类器判对 95 张。我们用 MNIST 测试图像；报告未说明“valid”是哪个集合。",
        ),
        (
            (T("judge on the originals", "分类器判原图"), Metric("002-z20", "classifier_accuracy")),
            ("z = 20", Metric("002-z20", "test_mse")),
        ),
        quote="没有出现离谱错误, valid数据集基本都被重建出来",
        where=RESULTS,
    ),
    Claim(  # 2.8
        "variance-zero",
        T(
            "Without the KL the encoder will do all it can to make the variance 0.",
            "若无 KL，编码器会想尽办法让方差为 0。",
        ),
        rule=ByArgument("right"),
        note=T(
            "Noise on z can only make the reconstruction worse, and nothing else is left in the "
            "loss. A run without the KL shows it.",
            "z 上的噪声只会使重建变差，而损失中再无其他项。不含 KL 的训练表明了这一点。",
        ),
        shown=(
            (T("without KL", "无 KL"), Metric("002-z20-beta0", "posterior_std")),
            (T("with KL", "有 KL"), Metric("002-z20", "posterior_std")),
        ),
        quote="肯定会想尽办法让方差为0",
        where=THEORY,
    ),
    Claim(  # 2.1
        "ae-loss",
        T(
            "The loss of an autoencoder is the squared distance of X and D(E(X)).",
            "自编码器的损失为 X 与 D(E(X)) 的距离平方。",
        ),
        rule=ByArgument("right"),
        note=T(
            "It is one of the usual choices, and written correctly.",
            "这是常用选择之一，公式书写正确。",
        ),
        quote="‖X − D(E(X))‖²",
        where=THEORY,
    ),
)

REPORTED = {0.0: (4,), 0.1: (9, 7), 0.25: (0,), 0.55: (0,), 0.45: (5,), 0.6: (3,), -0.5: (3,)}
REPORTED |= {0.75: (8,)}  # the digits it saw at these z
ENDS, STEP = 3.0, 0.05  # of `line_classes`
SEEDS_AGREE = Quantity(
    T("places with the same digit in two trainings", "两次训练中数字相同的位置"), share=True
)
LIST_AGREES = Quantity(
    T("places of the report's list with its digit", "与报告所列数字相同的位置"), share=True
)


def arrangement(runs, seed):
    """Share of the line on which a training and the next one show the same digit.

    The line may be turned around: nothing tells the two directions apart. None for one seed.
    """
    count = runs.count(["002-z1"])
    ours, other = (_digits(runs, s) for s in (seed, (seed + 1) % count))
    if count < 2 or not (ours and other):
        return None
    return max(_alike(ours, other), _alike(ours, other[::-1]))


def listed(runs, seed):
    """Share of the report's eight places that show its digit, the line turned around or not."""
    digits = _digits(runs, seed)
    if not digits:
        return None
    return max(
        sum(line[round((z + ENDS) / STEP)] in seen for z, seen in REPORTED.items()) / len(REPORTED)
        for line in (digits, digits[::-1])
    )


def _digits(runs, seed):
    return runs.metrics("002-z1", seed).get("line_classes")


def _alike(a, b):
    return sum(x == y for x, y in zip(a, b)) / len(a)


LATENT_CLAIMS = (
    Claim(  # 2.19, 2.23
        "which-digit",
        T(
            "Around z = 0 there is a 4, at 0.1 a 9 (or 7), at 0.25 and 0.55 a 0, at 0.45 a 5, at "
            "0.6 and −0.5 a 3, at 0.75 an 8, and so on.",
            "z 在 0 附近为 4，0.1 为 9（或 7），0.25、0.55 为 0，0.45 为 5，0.6、−0.5 为 3，"
            "0.75 为 8，等等。",
        ),
        (
            ("", Computed(("002-z1",), arrangement, SEEDS_AGREE)),
            (T("the report's list", "报告的列表"), Computed(("002-z1",), listed, LIST_AGREES)),
        ),
        All((AtLeast(0.8), 0), (AtLeast(0.8), 1)),
        T(
            "Holds if three trainings put the same digits at the same z, up to the sign, and if "
            "these are the report's at the places of its list. If they differ, the list describes "
            "one training. The report does not say that all digits lie there. That its z are so "
            "close to 0 because of its sampler and KL as printed was a guess of ours; one "
            "training with both as printed (3 epochs of 20,000 images, not part of this page) "
            "does not bear it out: its codes have a standard deviation of 1.0, with the right "
            "formulas 1.2.",
            "若三次训练在相同的 z（允许变号）处给出相同数字，且在列表各处与报告一致，则成立；"
            "若不一致，这份列表只描述一次训练。报告并未说所有数字都在这一范围内。"
            "我们曾猜测其 z 值如此靠近 0 源于文中所印的采样式与 KL；"
            "按所印公式训练一次（20,000 张图像 3 轮，不在本页之内）并不支持这一猜测："
            "其编码的标准差为 1.0，用正确公式时为 1.2。",
        ),
        ((T("of 10", "共 10 个"), Metric("002-z1", "line_digits")),),
        quote="0附近…4，0.1…9 (7)，0.25或0.55…0，0.45…5，0.6或-0.5…3，0.75…8的图形等等",
        where=LINE,
        did=T(
            "z from −3 to 3 in steps of 0.05, the class that the judge sees at each",
            "z 从 −3 到 3，步长 0.05，取分类器在各处判定的类别",
        ),
    ),
    Claim(  # 2.22
        "depends-on-z",
        T(
            "What the picture shows depends very much on z; the decoder needs no input but z.",
            "图片的效果与 z 相关度极大；解码器只需要一个输入 z。",
        ),
        (("z = 1", Metric("002-z1", "line_same")),),
        AtLeast(0.8),
        T(
            "Neighbours on the line, 0.05 apart, show the same digit: z then orders the pictures. "
            "The second half is right by construction.",
            "直线上相距 0.05 的相邻点显示同一数字，说明 z 使图像有序。后半句由结构即知正确。",
        ),
        quote="图片的效果和z相关度极大 …… Decoder只需要一个输入z",
        where=LINE,
    ),
    Claim(  # 2.25
        "all-digits",
        T(
            "The map over [−5, 5]² has almost all handwritten digits from 0 to 9.",
            "[−5, 5]² 上的图基本包含 0～9 的所有手写数字。",
        ),
        (("z = 2", Metric("002-z2", "plane_classes")),),
        AtLeast(10, close=9),
        T(
            "Classes that the judge is more than half sure of somewhere on a grid of 21 × 21.",
            "在 21 × 21 的网格上，分类器至少在一处有一半以上把握的类别数。",
        ),
        quote="基本包含了从0-9的所有手写数字",
        where=PLANE,
    ),
    Claim(  # 2.26
        "own-regions",
        T("Each digit has its own region of the plane.", "每个数字各有自己的概率空间区间。"),
        (("z = 2", Lowest("002-z2", "plane_patches")),),
        AtLeast(0.8),
        T(
            "Of each digit's places on the grid, 80 % lie in one connected patch; the digit with "
            "the smallest share decides, a digit that is nowhere has 0.",
            "网格上每个数字的位置有 80% 落在同一连通区域；由比例最小的数字决定，"
            "未出现的数字计为 0。",
        ),
        quote="每个数字各自都有自己所处的概率空间区间",
        where=PLANE,
    ),
    Opinion(  # 2.27
        "drawing",
        T(
            "The drawing is not as good as the one shown in the lecture's slides.",
            "作图效果没有 PPT 上演示的那么好。",
        ),
        quote="虽然作图效果没有ppt上演示的那么好",
        where=PLANE,
    ),
    Opinion(  # 2.27
        "feasible",
        T("Training is short, it is quite feasible.", "训练时间短，可完成性很强。"),
        note=T("Our training time stands beside.", "另列我们的训练用时。"),
        shown=(("z = 20", Metric("002-z20", "seconds")),),
        quote="训练时间短,可完成性还是很强的",
    ),
)

MISTAKES = (
    Error(  # 2.2
        "kl-general",
        T(
            "The KL of two Gaussians: the square stands around each mean, and −1/2 is missing.",
            "两个高斯的 KL：平方分别加在各均值上，且漏掉 −1/2。",
        ),
        T(
            "log(σ2/σ1) + (σ1² + (μ1 − μ2)²) / (2σ2²) − 1/2. With the report's formula the KL of "
            "a distribution with itself is not 0.",
            "log(σ2/σ1) + (σ1² + (μ1 − μ2)²) / (2σ2²) − 1/2。"
            "按报告的公式，分布与自身的 KL 不为 0。",
        ),
        quote="log σ2/σ1 + (σ1² + (μ1² + μ2²)) / 2σ2²",
        where=THEORY,
    ),
    Error(  # 2.3
        "kl-code",
        T("The KL to N(0, 1): σ stands where log σ² belongs.", "应为 log σ² 处误写成 σ；σ² 无误。"),
        T(
            "−(1 + log σ² − μ² − σ²) / 2, summed over the dimensions of z (Kingma & Welling 2014, "
            "appendix B). Read with σ as the code's `logvar`, it is σ² that must be `exp(logvar)`.",
            "−(1 + log σ² − μ² − σ²) / 2，并对 z 的各维求和（Kingma & Welling 2014，附录 B）。"
            "若把 σ 理解为代码中的 `logvar`，则应改的是 σ²：`exp(logvar)`。",
        ),
        quote="KLDloss = −(1+σ−μ²−σ²)/2",
        where=THEORY,
    ),
    Error(  # 2.4
        "reparameterize",
        T(
            "`logvar` is taken for the standard deviation, and the noise is uniform.",
            "把 `logvar` 当作标准差，且噪声取自均匀分布。",
        ),
        T(
            "`z = mu + exp(logvar / 2) * randn`: the noise is normal (Kingma & Welling 2014, "
            "section 2.4). `vae/assignment.py` has it.",
            "`z = mu + exp(logvar / 2) * randn`：噪声应为标准正态（Kingma & Welling 2014，"
            "2.4 节）。见 `vae/assignment.py`。",
        ),
        quote="z = mu + logvar * torch.rand_like(logvar)",
        where=THEORY,
    ),
    Error(  # 2.5
        "trick",
        T("The trick is said to make the KL differentiable.", "称小 trick 是为了使 KL 可微。"),
        T(
            "It makes drawing z differentiable, for the reconstruction. The KL of two Gaussians "
            "has a closed form and needs no draw.",
            "它使对 z 的采样可导，服务于重建项。两个高斯的 KL 有闭式解，无需采样。",
        ),
        quote="为了实现KL散度可微,我采取了一点小trick",
        where=THEORY,
    ),
    Error(  # 2.6
        "posterior",
        T("P(z|X) is said to be N(0, 1) for every X.", "称对每个 X，P(z|X) 都服从 N(0, 1)。"),
        T(
            "Then z would say nothing of X: that is posterior collapse. It is the average over all "
            "X that shall come close to N(0, I).",
            "那样 z 就不含 X 的任何信息，即后验坍缩。应接近 N(0, I) 的是对所有 X 的平均。",
        ),
        quote="P(z|X)∼N(0,1)",
        where=THEORY,
    ),
    Error(  # 2.7
        "marginal",
        T("P(z) is written as a sum over z.", "把 P(z) 写成对 z 求和。"),
        T(
            "The sum goes over X: P(z) = Σ_X P(X) P(z|X). And P(X) itself is an integral over z, "
            "∫ P(X|z) P(z) dz.",
            "应对 X 求和：P(z) = Σ_X P(X) P(z|X)。而 P(X) 本身是对 z 的积分 ∫ P(X|z) P(z) dz。",
        ),
        quote="P(z)=Σ_z P(X)P(z|X)",
        where=THEORY,
    ),
)

CONTRADICTIONS = (
    Contradiction(  # 2.21
        "only-0-and-1",
        T(
            "With a small z “only 0, 1 and the like” are recovered, yet at z = 1 the report names "
            "0, 3, 4, 5, 7, 8 and 9, and a 1 nowhere.",
            "一处说 z 小时“只能还原出 0、1 等”，另一处在 z = 1 时列出 0、3、4、5、7、8、9，"
            "而 1 从未出现。",
        ),
        ("一般只能还原出0,1等简单数字", "0附近…4，…，0.75…8的图形等等", "445055338879"),
        T(
            "Our line shows how many digits one number can give; the shares by class show which "
            "of them are recovered.",
            "我们的直线图表明一个数能给出多少种数字；按类别的比例表明其中哪些能被还原。",
        ),
    ),
)

MISSING = (
    Lost(  # 2.1
        "drawings",
        T("The drawings of autoencoder, VAE and model.", "自编码器、VAE 与模型的示意图。"),
        T(
            "Drawings, no results; the layers are in `vae/models.py`.",
            "是示意图而非结果；网络层见 `vae/models.py`。",
        ),
    ),
    Lost(  # 2.10
        "reduction",
        T(
            "Whether the losses are sums or means over pixels and dimensions of z.",
            "损失对像素与 z 的各维取和还是取平均。",
        ),
        T(
            "Not said. Ours are sums over an image and means over the batch, in nats: with means "
            "over the pixels the KL would outweigh the rest by far.",
            "未说明。我们对单张图像求和、对批取平均，单位为 nats；"
            "若对像素取平均，KL 的权重会大得多。",
        ),
        quote="loss = BCEloss + KLDloss",
        where=THEORY,
    ),
    Lost(  # 2.13
        "valid-set",
        T("Which set “valid” is.", "“valid”是哪个集合。"),
        T(
            "Not said; ours is MNIST's test set, never trained on.",
            "未说明；我们用从不参与训练的 MNIST 测试集。",
        ),
        quote="valid数据集",
    ),
    Lost(  # 2.24
        "map-codes",
        T(
            "Whether the 100 pictures of the map come from random z, or are encoded images.",
            "图中的 100 张图片是由随机 z 解码而来，还是被编码的图像。",
        ),
        T(
            "Not said: 100 pictures, sorted by their z. Ours is a regular grid.",
            "未说明：原文只说 100 张图片按其 z 值排序。我们用规则网格。",
        ),
        quote="随机采样了100张图片,根据他们的z值进行二维空间排序",
        where=PLANE,
    ),
    Lost(  # 2.9, 2.14
        "settings-and-values",
        T(
            "Activations, the two heads of the encoder, the values of the loss curves, the seed.",
            "激活函数、编码器的两个输出层、损失曲线的数值、随机种子。",
        ),
        T(
            "Not in the text. Ours: ReLU, two heads; values and seeds are in each run's folder.",
            "正文未给出。我们用 ReLU 与两个输出层；数值与种子见各训练的文件夹。",
        ),
    ),
)

REPORT = Report(
    "002",
    T("A VAE with 1 to 20 latent dimensions", "潜变量维数从 1 到 20 的 VAE"),
    T("How many numbers does a VAE need to describe a digit?", "VAE 需要多少个数来描述一个数字？"),
    T(
        "Train the same network with z = 1, 2, 5, 10 and 20, compare losses and reconstructions, "
        "and look at the latent line and plane directly.",
        "以 z = 1、2、5、10、20 训练同一网络，比较损失与重建，并直接观察潜空间的直线与平面。",
    ),
    ("vae/models.py", "vae/assignment.py", "vae/latent_figures.py", "vae/latent_numbers.py"),
    (*FIGURES, *NUMBERS, *SIZE_CLAIMS, *LATENT_CLAIMS, *MISTAKES, *CONTRADICTIONS, *MISSING),
)
