"""Report 000: the Paddle assignment with autoencoder, CVAE and hand-written DDPM."""

from common.report.items import (
    Check,
    Claim,
    Contradiction,
    Error,
    Figure,
    Goal,
    Idea,
    Lost,
    Opinion,
    Report,
    listing_of,
)
from common.report.rules import Above, All, AtLeast, AtMost, Below, ByArgument, Equal, Untestable
from common.report.sources import Metric, Ratio
from common.report.tables.common import ADDED, settings
from common.report.text import Text as T

BLANK = T(
    "Blank in the text of report 000, the picture was not kept. That the form asks for results "
    "suggests that it was shown.",
    "报告 000 的正文此处空缺，图片未随文本保存；报告格式要求给出实验结果，据此推断曾有此图。",
)
NAMED = T(
    "Named in report 000; the picture was not kept with the text.",
    "报告 000 提到此图，图片未随文本保存。",
)
LISTING = listing_of("000")

FIGURES = (
    Figure(  # 0.9
        "ae-result",
        T(
            "The assignment's autoencoder: test images above their reconstructions, and its error "
            "by epoch. A good one keeps strokes and colours.",
            "作业的自编码器：上行为测试图像，下行为其重建，以及逐轮误差。好的重建应保留笔画与颜色。",
        ),
        (("000-ae", "reconstructions"), ("000-ae", "loss")),
        BLANK,
    ),
    Figure(  # 0.9
        "vae-result",
        T(
            "The CVAE with the region-weighted loss: test images above their reconstructions, and "
            "its loss by epoch.",
            "使用区域加权损失的 CVAE：上行为测试图像，下行为其重建，以及逐轮损失。",
        ),
        (("000-cvae", "reconstructions"), ("000-cvae", "loss")),
        BLANK,
        wide=True,
    ),
    Figure(  # 0.9
        "vae-samples",
        T(
            "Samples of the CVAE, z from N(0, I), one row per class.",
            "CVAE 的生成样本，z 取自 N(0, I)，每行一个类别。",
        ),
        (("000-cvae", "samples"),),
        BLANK,
        wide=True,
    ),
    Figure(  # 0.9, 0.10
        "ae-vae-tsne",
        T(
            "The two latent spaces by t-SNE: autoencoder, then CVAE. The CVAE is told the class, "
            "so z need not hold it: mixed colours are no fault.",
            "两个潜空间的 t-SNE：先是自编码器，后是 CVAE。CVAE 已知类别，z 无需再编码类别，"
            "因此颜色混杂并非缺陷。",
        ),
        (("000-ae", "tsne"), ("000-cvae", "latents")),
        NAMED,
        wide=True,
        quote="t-SNE 降维后",
    ),
    Figure(  # 0.10, 0.11
        "ae-vae-fair",
        T(
            "A fair pair: the same layers, codes of 32 numbers, no class given; autoencoder, then "
            "VAE.",
            "公平的一对：网络层相同、编码均为 32 维、都不提供类别；先是自编码器，后是 VAE。",
        ),
        (("ae-l32", "tsne"), ("vae-l32", "latents")),
        T(
            "Added: the report's pair differs in size and in what it is told.",
            "补充图（原报告无）：报告中的一对在维数与输入上都不同。",
        ),
        wide=True,
    ),
    Figure(  # 0.14
        "walks",
        T(
            "Walks between two test images in the autoencoder, then in the VAE. Halfway a good one "
            "shows a digit, not two laid over each other.",
            "在两张测试图像之间插值：先是自编码器，后是 VAE。好的插值在中途仍是一个数字，"
            "而不是两个数字的叠影。",
        ),
        (("ae-l32", "interpolation"), ("vae-l32", "interpolation")),
        T("Said in words in report 000.", "报告 000 仅以文字描述。"),
        wide=True,
    ),
    Figure(  # 0.19
        "losses-of-cvae",
        T(
            "The author's experiment: the same ten digits by the CVAE with the region-weighted "
            "loss, then with plain squared error (assumed to be the stock loss); same seed and "
            "settings.",
            "作者的实验：同样的十个数字，先用区域加权损失，后用普通平方误差（假定为原有损失）；"
            "种子与设置相同。",
        ),
        (("000-cvae", "reconstructions"), ("000-cvae-stock", "reconstructions")),
        T("Said in words in report 000.", "报告 000 仅以文字描述。"),
        wide=True,
    ),
    Figure(  # 0.12
        "likelihoods",
        T(
            "Samples of the same VAE trained on the Bernoulli likelihood, then on squared error.",
            "同一 VAE 的生成样本：先用伯努利似然训练，后用平方误差训练。",
        ),
        (("vae-l32", "samples"), ("vae-l32-gaussian", "samples")),
        ADDED,
        wide=True,
    ),
    Figure(  # 0.9
        "ddpm-samples",
        T("Samples of the DDPM, one row per class.", "DDPM 的生成样本，每行一个类别。"),
        (("000-ddpm", "samples"),),
        BLANK,
    ),
    Figure(  # 0.9
        "ddpm-process",
        T(
            "The DDPM's forward process (noise is added) and reverse process (noise is removed).",
            "DDPM 的前向过程（加噪）与反向过程（去噪）。",
        ),
        (("000-ddpm", "forward"), ("000-ddpm", "reverse")),
        BLANK,
        wide=True,
    ),
)

NUMBERS = (
    Check(  # 0.3
        "ae-parameters",
        T(
            "Trainable parameters of the autoencoder 3→16→32→16→3",
            "自编码器 3→16→32→16→3 的可训练参数量",
        ),
        Metric("000-ae", "parameters"),
        Equal(7475),
        note=T(
            "The listing with its shapes is right: convolution, ReLU, BatchNorm and pooling twice, "
            "two 2 × 2 transposed convolutions, a sigmoid at the end.",
            "所列代码及其形状正确：卷积、ReLU、BatchNorm 与池化各两次，两个 2 × 2 转置卷积，"
            "末尾为 Sigmoid。",
        ),
        where=T("listing of the autoencoder", "自编码器的代码"),
    ),
    Check(  # 0.3, 0.25
        "ae-code",
        T("Numbers of its code, [32, 16, 16]", "其编码 [32, 16, 16] 所含数字个数"),
        Metric("000-ae", "code_size"),
        Equal(8192),
        note=T(
            "12,288 numbers go in, so the code is only 1.5 times smaller.",
            "输入为 12,288 个数，因此编码只小到三分之二。",
        ),
    ),
    settings(  # 0.4
        "000-cvae",
        {
            "beta": 1.0,
            "lr": 0.0003,
            "epochs": 150,
            "batch_size": 64,
            "white_threshold": 0.7,
            "white_region_loss_coef": 1.0,
            "black_region_loss_coef": 0.3,
            "channels": 3,
            "image_size": 64,
            "latent_dim": 32,
        },
        text=T(
            "Settings of the CVAE's listing, as in our preset",
            "CVAE 代码中的设置，与我们的预设一致",
        ),
        source=LISTING,
        quote="beta = 1.0 … learning rate = 0.0003 … epochs = 150 … 64 … 0.7 … 1.0 … 0.3 …… "
        "CVAE(3, 64, 32, MAX DIGIT)",
        where=T("listing of the CVAE", "CVAE 的代码"),
    ),
    Goal(  # 0.27
        "cvae-accuracy",
        T(
            "Share of the CVAE's samples in the class that was asked for",
            "CVAE 样本属于所要求类别的比例",
        ),
        Metric("000-cvae", "conditional_accuracy"),
        AtLeast(0.97),
    ),
)

AE, VAE, GAUSSIAN = "ae-l32", "vae-l32", "vae-l32-gaussian"
ON_AE, ON_VAE = T("section on the autoencoder", "自编码器部分"), T("section on the VAE", "VAE 部分")
COMPARED = T("comparison of AE and VAE", "AE 与 VAE 的比较")
FAIR = T(
    "Same layers, 32 numbers of code, no class given.", "网络层相同、编码均为 32 维、都不提供类别。"
)
REGION, PLAIN = T("region-weighted", "区域加权"), T("plain squared error", "普通平方误差")
STOCK = T(
    "Assumed: the stock loss was plain squared error (the text shows no loss code, only 0.7, 1.0 "
    "and 0.3). Same seed and settings.",
    "假定原有损失为普通平方误差（正文未给出损失代码，只有 0.7、1.0、0.3）。种子与设置相同。",
)


def both(key):
    """(label, source) of a number of the autoencoder and of the VAE."""
    return ("AE", Metric(AE, key)), ("VAE", Metric(VAE, key))


def over_codes(job, key):
    """An FID of a run divided by that of its reconstructions."""
    return Ratio(Metric(job, key), Metric(job, "codes_fid"))


def losses(key):
    """(label, source) of a number of the CVAE with the report's loss and with the stock loss."""
    return (REGION, Metric("000-cvae", key)), (PLAIN, Metric("000-cvae-stock", key))


FLOOR = ("", Metric(VAE, "box_fid_floor"))
LATENT_SPACE = (
    Claim(  # 0.10
        "tight-clusters",
        T(
            "The autoencoder forms tight but irregular clusters, one for each digit class.",
            "自编码器形成紧密但不规则的簇，对应不同数字类别。",
        ),
        both("silhouette"),
        Above(by=0.02),
        T(
            "Silhouette of the classes among the codes themselves: in a t-SNE the size of a "
            "cluster means nothing. Beside it the report's own pair, which is not alike: 8,192 "
            "numbers against 32, no class against the class.",
            "在编码本身上计算类别的轮廓系数：t-SNE 中簇的大小没有意义。"
            "另列报告自己的一对，但二者条件不同：8,192 维对 32 维，不给类别对给出类别。",
        ),
        (
            *both("knn_accuracy"),
            (T("assignment's AE", "作业的 AE"), Metric("000-ae", "silhouette")),
            ("CVAE", Metric("000-cvae", "silhouette")),
        ),
        quote="AE 会形成紧密但非规则的簇,对应不同数字类别",
        where=ON_AE,
        did=FAIR,
    ),
    Claim(  # 0.11
        "no-holes",
        T(
            "Between the class clusters of the VAE there are no visible holes.",
            "VAE 的类别簇之间没有明显的空洞。",
        ),
        (("VAE", over_codes(VAE, "midpoint_fid")),),
        AtMost(2.0),
        T(
            "Said of the VAE's t-SNE; tested where images are made: halfway between the codes of "
            "two test images the FID is at most twice that at the codes. That the autoencoder has "
            "holes is not said; it stands beside.",
            "原文针对 VAE 的 t-SNE 图；这里在生成图像处检验：两张测试图像编码的中点处，"
            "FID 不超过编码处的两倍。报告并未说自编码器有空洞，其数值仅供对照。",
        ),
        (("AE", over_codes(AE, "midpoint_fid")), *both("midpoint_fid"), *both("codes_fid"), FLOOR),
        quote="更加连续均匀的点云, 类别簇之间无明显的空洞",
        where=ON_VAE,
    ),
    Claim(  # 0.11
        "even",
        T("The VAE's cloud of points is more continuous and even.", "VAE 的点云更加连续均匀。"),
        (("VAE", Metric(VAE, "unevenness")), ("AE", Metric(AE, "unevenness"))),
        Below(share=0.05),
        T(
            "How much the distance of a code to its 10 nearest neighbours varies (standard "
            "deviation over mean).",
            "编码到其 10 个最近邻的距离的变化程度（标准差 / 均值）。",
        ),
        quote="更加连续均匀的点云, 类别簇之间无明显的空洞",
        where=ON_VAE,
        did=FAIR,
    ),
    Claim(  # 0.12
        "trade",
        T(
            "The VAE gives up some quality of reconstruction for more coherent generation.",
            "VAE 牺牲一部分重建质量以换取更好的生成连贯性。",
        ),
        (("AE", Metric(AE, "test_mse")), ("VAE", Metric(GAUSSIAN, "test_mse"))),
        Below(share=0.05),
        T(
            "Both trained on squared error. The VAE trained on the Bernoulli likelihood stands "
            "beside: it minimises something else.",
            "两者都以平方误差训练。用伯努利似然训练的 VAE 仅供对照，它优化的目标不同。",
        ),
        ((T("VAE, Bernoulli", "VAE，伯努利"), Metric(VAE, "test_mse")),),
        quote="牺牲一部分重构质量以换取更好的生成连贯性",
        where=COMPARED,
        did=FAIR,
    ),
    Claim(  # 0.13
        "any-vector",
        T(
            "The VAE's continuous latent space can generate samples from any latent vector.",
            "VAE 的连续潜空间能够从任何潜在向量生成样本。",
        ),
        (
            (
                T("|z| = 2 √32", "|z| = 2 √32"),
                Ratio(Metric(VAE, "shell_fid", 1), Metric(VAE, "fid_1000")),
            ),
        ),
        AtMost(2.0),
        T(
            "z in random directions, 1, 2 and 4 times as long as most draws of N(0, I). “Any” "
            "holds if twice as far out the FID is still at most twice that of samples.",
            "z 方向随机，长度为 N(0, I) 多数样本的 1、2、4 倍。若在两倍长度处 FID 仍不超过"
            "样本的两倍，则“任何”成立。",
        ),
        (
            *(
                (T(f"|z| = {r} √32", f"|z| = {r} √32"), Metric(VAE, "shell_fid", place))
                for place, r in enumerate((1, 2, 4))
            ),
            ("N(0, I)", Metric(VAE, "fid_1000")),
            FLOOR,
        ),
        quote="VAE 的连续潜空间能够从任何潜在向量生成样本",
        where=COMPARED,
    ),
    Claim(  # 0.14
        "interpolation",
        T("The VAE suits interpolation and diverse generation.", "VAE 适合插值与多样化生成。"),
        (("VAE", over_codes(VAE, "midpoint_fid")), ("VAE", Metric(VAE, "diversity"))),
        All((AtMost(2.0), 0), (AtLeast(0.8), 1)),
        T(
            "Interpolation as above; diversity: spread of the features within a class over that of "
            "real images. The walks of both models are drawn above.",
            "插值的标准同上；多样性为类内特征离散度与真实图像之比。两个模型的插值见上图。",
        ),
        (("AE", over_codes(AE, "midpoint_fid")),),
        quote="适合'插值'与多样化生成",
        where=COMPARED,
    ),
    Claim(  # 0.15
        "off-manifold",
        T(
            "Sampled from latent regions never seen, an autoencoder often makes implausible or "
            "distorted images.",
            "自编码器若从未见过的潜在区域采样，往往生成不合理或失真的图像。",
        ),
        (("VAE", Metric(VAE, "unseen_fid")), ("AE", Metric(AE, "unseen_fid"))),
        Below(share=0.2),
        T(
            "The same for both: codes drawn twice as widely as the training codes, of which those "
            "are kept that are farther from any training code than 99 % of the test codes are.",
            "两者做法相同：以训练编码两倍的宽度抽取编码，只保留距最近训练编码比 99% 的测试编码"
            "都更远的那些。",
        ),
        (*both("codes_fid"), FLOOR),
        quote="若从未见过的潜在区域采样,往往生成不合理或失真图像",
        where=ON_AE,
        did=FAIR,
    ),
    Claim(  # 0.15
        "random-codes",
        T(
            "The same of any random codes: the autoencoder's images are worse than the VAE's.",
            "同上，对任意随机编码：自编码器的图像不如 VAE。",
        ),
        (
            ("VAE", Metric(VAE, "gaussian_fid")),
            ("AE", Metric(AE, "gaussian_fid")),
            ("VAE", Metric(VAE, "mixture_fid")),
            ("AE", Metric(AE, "mixture_fid")),
        ),
        All((Below(share=0.2), 0, 1), (Below(share=0.2), 2, 3)),
        T(
            "Both densities are fitted to each model's own training codes. Ghosh et al. (2020) are "
            "the counter-example: an autoencoder with a fitted density samples well. The box that "
            "holds the codes is loaded against the VAE (in 32 dimensions it is mostly corners), so "
            "it only stands beside.",
            "两种密度都按各模型自己的训练编码拟合。Ghosh 等（2020）给出反例：自编码器配上拟合的"
            "密度也能很好地采样。包住编码的盒子对 VAE 不利（32 维中几乎全是角落），仅供对照。",
        ),
        both("box_fid"),
        quote="若从未见过的潜在区域采样,往往生成不合理或失真图像",
        where=ON_AE,
        did=FAIR,
    ),
    Claim(  # 0.16
        "smoother",
        T("The VAE's latent space is smoother.", "VAE 的潜空间更平滑。"),
        (("VAE", over_codes(VAE, "midpoint_fid")), ("AE", over_codes(AE, "midpoint_fid"))),
        Below(share=0.1),
        T(
            "FID halfway between the codes of two test images over FID at the codes.",
            "两张测试图像编码中点处的 FID 除以编码处的 FID。",
        ),
        (*both("midpoint_fid"), FLOOR),
        quote="VAE 潜在空间的平滑性更高",
        where=COMPARED,
        did=FAIR,
    ),
    Claim(  # 0.17
        "downstream",
        T(
            "The VAE's space helps tasks such as classification and clustering; that of the "
            "autoencoder may break at class borders, which harms them.",
            "VAE 的潜空间有助于分类、聚类等下游任务；自编码器在类别边界附近可能出现断层，"
            "不利于这些任务。",
        ),
        (
            ("VAE", Metric(VAE, "knn_accuracy")),
            ("AE", Metric(AE, "knn_accuracy")),
            ("VAE", Metric(VAE, "kmeans_nmi")),
            ("AE", Metric(AE, "kmeans_nmi")),
        ),
        All((Above(by=0.01), 0, 1), (Above(by=0.01), 2, 3)),
        T(
            "Classification: 5-nearest-neighbour accuracy of the codes; clustering: mutual "
            "information of the classes with ten k-means clusters.",
            "分类：编码的 5 近邻准确率；聚类：类别与 k-means 十个簇的归一化互信息。",
        ),
        quote="有助于下游任务(如分类、聚类)……类别边界附近可能出现断层,不利于这些任务",
        where=COMPARED,
        did=FAIR,
    ),
)

CLAIMS = (
    *LATENT_SPACE,
    Claim(  # 0.19
        "closer",
        T(
            "With the changed loss the images come closer to the originals.",
            "修改损失函数后得到更加贴近的图像。",
        ),
        (*losses("test_mse"), *losses("test_mse_white")),
        All((Below(share=0.05), 0, 1), (Below(share=0.05), 2, 3)),
        T(
            "The author's one experiment. Squared error of the whole image and of its white "
            "pixels, on the same test images.",
            "这是作者唯一的实验。在相同的测试图像上，比较整幅图像与白色像素的平方误差。",
        ),
        quote="通过修改损失函数,得到了更加贴近的图像",
        where=T("results of the VAE", "VAE 的实验结果"),
        did=STOCK,
    ),
    Claim(  # 0.19
        "clearer",
        T(
            "Changing the VAE's loss makes what it generates better and clearer.",
            "修改 VAE 的损失函数使其生成的效果更好、更清晰。",
        ),
        (*losses("sharpness"), (REGION, Metric("000-cvae", "recon_accuracy"))),
        All((Above(share=0.05), 0, 1), (AtLeast(0.9), 2)),
        T(
            "Sharpness: mean |Laplacian| of samples over that of real images. Noise is sharp, too, "
            "so nine of ten reconstructions have to be recognised.",
            "清晰度：样本与真实图像的平均 |拉普拉斯| 之比。噪声同样“清晰”，"
            "因此还要求九成的重建能判对类别。",
        ),
        ((PLAIN, Metric("000-cvae-stock", "recon_accuracy")), *losses("fid")),
        quote="修改 VAE 的损失函数…使其生成的效果更好、更清晰",
        where=T("TODO of the assignment", "作业的 TODO"),
        did=STOCK,
    ),
    Claim(  # 0.6
        "kl",
        T(
            "The KL is −0.5 · sum(1 + logvar − mu² − var) over axis 1, then the mean.",
            "KL 为 −0.5 · sum(1 + logvar − mu² − var)，沿轴 1 求和后取平均。",
        ),
        rule=ByArgument("right"),
        note=T(
            "The closed form against N(0, I), summed over z and averaged over the batch.",
            "即相对 N(0, I) 的闭合形式：对 z 求和，对批取平均。",
        ),
        source=LISTING,
        quote="-0.5 * sum(1 + logvar - mu^2 - var)",
        where=T("listing of the VAE", "VAE 的代码"),
    ),
    Claim(  # 0.5
        "std",
        T(
            "The standard deviation is the root of the variance plus 1e-8.",
            "标准差取方差加 1e-8 后的平方根。",
        ),
        rule=ByArgument("right"),
        note=T(
            "No error: the guard keeps the gradient of the root finite where exp underflows in "
            "float32, and changes the standard deviation by less than 1e-4. Remark: "
            "exp(logvar / 2) needs no guard.",
            "不是错误：当 exp 在 float32 中下溢时，它使平方根的梯度保持有限，"
            "对标准差的改变小于 1e-4。备注：exp(logvar / 2) 无需此保护。",
        ),
        source=LISTING,
        quote="std = sqrt(var + 1e-8)",
        where=T("listing of the VAE", "VAE 的代码"),
    ),
    Claim(  # 0.7
        "ddpm-functions",
        T(
            "`add_noise`, `remove_noise` and `loss` as functions of the module.",
            "`add_noise`、`remove_noise` 与 `loss` 作为模块中的函数。",
        ),
        rule=Untestable(
            T(
                "right or wrong, depending on tables that the text does not show",
                "对错取决于正文未给出的系数表",
            )
        ),
        note=T(
            "With tables of shape [T, 1, 1, 1] and the posterior variance, which is 0 at t = 0, "
            "all three are right. With flat tables [T] they do not broadcast over [B, C, H, W]; "
            "with a `sigma_square[0]` above 0 the last step still adds noise.",
            "若系数表形状为 [T, 1, 1, 1] 且用后验方差（t = 0 时为 0），三者都正确。"
            "若为一维 [T]，则无法在 [B, C, H, W] 上广播；若 `sigma_square[0]` 大于 0，"
            "最后一步仍会加噪声。",
        ),
        source=LISTING,
        quote="add_noise、remove_noise、loss",
        where=T("listing of the DDPM", "DDPM 的代码"),
    ),
)

IDEAS = (
    Idea(  # 0.21
        "latent-size",
        T("Autoencoder: another size of the hidden layer.", "自编码器：改变隐藏层维度。"),
        quote="隐藏层维度",
        where=ON_AE,
        note=T(
            "Flag `--latent-dim`: `ae-l32` has 32 numbers. Reports 002 and 003 vary it in a VAE.",
            "参数 `--latent-dim`：`ae-l32` 为 32 维。报告 002 与 003 在 VAE 中改变它。",
        ),
    ),
    Idea(  # 0.21
        "depth-dropout",
        T("Autoencoder: a deeper network, or Dropout.", "自编码器：增加网络深度或引入 Dropout。"),
        quote="增加网络深度或引入 Dropout",
        where=ON_AE,
        note=T(
            "No flag for either: the assignment gives the layers.",
            "两者都没有参数：网络层由作业规定。",
        ),
    ),
    Idea(  # 0.22
        "beta",
        T("VAE: another weight β of the KL.", "VAE：改变 KL 的权重 β。"),
        quote="KL 权重 β",
        where=ON_VAE,
        note=T(
            "Flag `--beta`. Report 002 has a run without the KL.",
            "参数 `--beta`。报告 002 中有一次不含 KL 的训练。",
        ),
    ),
    Idea(  # 0.22
        "network",
        T("VAE: a better network.", "VAE：改进网络结构。"),
        quote="改进网络结构",
        where=ON_VAE,
        note=T(
            "Flag `--network`. Report 004 compares MLP and convolutions.",
            "参数 `--network`。报告 004 比较了 MLP 与卷积。",
        ),
    ),
    Idea(  # 0.22
        "prior",
        T("VAE: a more complex prior.", "VAE：使用更复杂的先验。"),
        (
            (T("VAE, mixture", "VAE，混合分布"), Metric(VAE, "mixture_fid")),
            (T("VAE, N(0, I)", "VAE，N(0, I)"), Metric(VAE, "fid_1000")),
        ),
        Below(share=0.1),
        T(
            "Tried here: the same VAE, z from a mixture fitted to its training codes. Flag "
            "`--prior mixture`; also in report 004.",
            "已在此尝试：同一 VAE，z 取自按训练编码拟合的混合分布。参数 `--prior mixture`；"
            "报告 004 中也有。",
        ),
        quote="使用更复杂先验",
        where=ON_VAE,
    ),
    Idea(  # 0.23
        "schedule",
        T(
            "DDPM: a better noise schedule, another depth of the U-Net, attention.",
            "DDPM：改进噪声调度，调整 U-Net 深度及注意力模块。",
        ),
        quote="改进噪声调度、调整 U-Net 深度及 attetion 模块",
        where=T("section on the DDPM", "DDPM 部分"),
        note=T(
            "Flags `--schedule` and `--unet` (depth and attention together). Linear against "
            "cosine: see report 001.",
            "参数 `--schedule` 与 `--unet`（深度与注意力一并改变）。"
            "线性与余弦调度的比较见报告 001。",
        ),
    ),
    Idea(  # 0.24
        "tuned",
        T(
            "Tuned: learning rate, “cluster size” (a guess: batch size is meant, one "
            "character off), ratio of the region losses, latent dimensions.",
            "调整过：学习率、簇大小（推测为批大小之误）、黑白区域损失比例、潜在空间维数。",
        ),
        rule=Untestable(T("named, without results", "只列出名称，没有结果")),
        quote="学习率、簇大小、黑白区域损失比例,模型潜在空间维数",
        where=T("summary", "总结"),
        note=T(
            "Flags `--lr`, `--batch-size`, `--white-region-loss-coef`, `--black-region-loss-coef` "
            "and `--latent-dim`. For the ratio see the author's experiment.",
            "参数 `--lr`、`--batch-size`、`--white-region-loss-coef`、`--black-region-loss-coef` "
            "与 `--latent-dim`。损失比例见作者的实验。",
        ),
    ),
    Opinion(  # 0.20
        "expectation",
        T(
            "The VAE does not do the best that was expected; tuning takes much time.",
            "VAE 的效果并不是预期中最好的；调参所需时间长，成本很高。",
        ),
        quote="VAE 的预期并不是最佳……参数调整所需时间…成本很高",
        where=T("summary", "总结"),
        note=T("Beside it our seconds for one training.", "另列我们一次训练的用时。"),
        shown=(("CVAE", Metric("000-cvae", "seconds")),),
    ),
)

MISTAKES = (
    Error(  # 0.8
        "notation",
        T("The reverse network is written p_{t−1} | x_t.", "逆向网络写作 p_{t−1} | x_t。"),
        T("A slip of notation: p(x_{t−1} | x_t).", "符号笔误：应为 p(x_{t−1} | x_t)。"),
        quote="逆向网络 p_{t−1}|x_t",
        where=T("section on the DDPM", "DDPM 部分"),
    ),
    Contradiction(  # 0.18
        "clusters",
        T(
            "Clusters that match the classes, yet bad for classifying and clustering.",
            "簇与类别对应，却不利于分类与聚类。",
        ),
        ("AE 会形成紧密但非规则的簇,对应不同数字类别", "类别边界附近可能出现断层,不利于这些任务"),
        T(
            "Both cannot be said of the same codes; k-NN accuracy and k-means (claim on downstream "
            "tasks) settle it.",
            "对同一组编码不能两者都说；由 k-NN 准确率与 k-means（见下游任务一条）判定。",
        ),
    ),
)

MISSING = (
    Lost(  # 0.9
        "pictures",
        T("The pictures under the results.", "实验结果中的图片。"),
        T(
            "Blank lines in the text, without file names or a count.",
            "正文中只剩空行，没有文件名，也无从得知张数。",
        ),
    ),
    Lost(  # 0.26
        "data",
        T("The data set and the number of classes.", "数据集与类别数。"),
        T("Not given; ours is MNIST in colour.", "未给出；我们使用彩色化的 MNIST。"),
        quote="MAX DIGIT",
    ),
    Lost(
        "network",
        T("The layers of the CVAE and of the U-Net.", "CVAE 与 U-Net 的网络层。"),
        T("Not in the text; ours are our own design.", "正文未给出；我们使用自己的设计。"),
    ),
    Lost(
        "diffusion",
        T(
            "T, the betas, and the shape of the diffusion's tables.",
            "T、beta，以及扩散系数表的形状。",
        ),
        T(
            "Not in the text; ours are T = 1,000 and the linear schedule.",
            "正文未给出；我们取 T = 1,000 与线性调度。",
        ),
    ),
    Lost(  # 0.26
        "region-loss",
        T(
            "The code of the loss, and whether it is a sum or a mean over pixels.",
            "损失函数的代码，以及对像素是求和还是平均。",
        ),
        T(
            "Only its three numbers 0.7, 1.0 and 0.3 are given; the assignment asks for the sum.",
            "只给出 0.7、1.0、0.3 三个数；本作业要求求和。",
        ),
    ),
    Lost(
        "epochs",
        T("Epochs of the autoencoder and of the DDPM.", "自编码器与 DDPM 的训练轮数。"),
        T("Not in the text; 150 is the CVAE's.", "正文未给出；150 轮是 CVAE 的。"),
    ),
)

REPORT = Report(
    "000",
    T("Autoencoder, VAE and diffusion in Paddle", "用 Paddle 实现自编码器、VAE 与扩散模型"),
    T(  # 0.1, 0.2
        "The task: learn how a VAE samples from a distribution and generates images, and "
        "understand thoroughly how a diffusion model adds and removes noise. The report's form has "
        "five parts: problem, idea, code, results, summary; the first and the third are required.",
        "任务：“学习 VAE 从分布采样并生成图像”，“透彻理解扩散模型加噪、去噪的流程”。"
        "报告格式分五部分：问题重述、设计思想、代码内容、实验结果、总结，其中第一、三部分必填。",
    ),
    T(
        "An autoencoder learns a code; a VAE makes the codes follow a known distribution, so that "
        "new codes can be drawn; a DDPM learns to remove noise step by step and starts from noise "
        "alone.",
        "自编码器学习编码；VAE 使编码服从已知分布，从而可以抽取新编码；DDPM 学习逐步去噪，"
        "从纯噪声开始生成。",
    ),
    ("ae/assignment.py", "vae/assignment.py", "diffusion/assignment.py"),
    (*FIGURES, *NUMBERS, *CLAIMS, *IDEAS, *MISTAKES, *MISSING),
)
