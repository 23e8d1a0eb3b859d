"""Report 000: the Paddle assignment with autoencoder, CVAE and hand-written DDPM."""

from common.report.items import NOTHING, Check, Claim, Error, Figure, Goal, Idea, Lost, Report
from common.report.rules import Above, All, AtLeast, AtMost, Below, Equal
from common.report.sources import Metric, Ratio
from common.report.text import Text as T

LOST = T(
    "Shown in report 000; the picture itself is lost, its file name is all that is left.",
    "报告 000 中有此图，但图片已丢失，只剩文件名。",
)

FIGURES = (
    Figure(
        "ae-result",
        T(
            "The assignment's autoencoder: test images above what it makes of them.",
            "作业中的自编码器：上行为测试图像，下行为其重建。",
        ),
        (("000-ae", "reconstructions"), ("000-ae", "loss")),
        LOST,
    ),
    Figure(
        "vae-result",
        T(
            "The CVAE with the region-weighted loss: test images above their reconstructions, and "
            "its loss by epoch.",
            "使用区域加权损失的 CVAE：测试图像与其重建，以及各轮的损失。",
        ),
        (("000-cvae", "reconstructions"), ("000-cvae", "loss")),
        LOST,
        wide=True,
    ),
    Figure(
        "vae-samples",
        T(
            "Samples of the CVAE: z from the prior, one row a class.",
            "CVAE 的生成样本：z 取自先验分布，每行一个类别。",
        ),
        (("000-cvae", "samples"),),
        LOST,
        wide=True,
    ),
    Figure(
        "ae-vae-tsne",
        T(
            "The two latent spaces by t-SNE: autoencoder, then CVAE. The CVAE is told the "
            "class, so "
            "its z need not hold it: mixed colours are no fault.",
            "两个潜空间的 t-SNE：先是自编码器，后是 CVAE。CVAE 已知类别，z 无需再编码类别，"
            "因此颜色混杂并非缺陷。",
        ),
        (("000-ae", "tsne"), ("000-cvae", "latents")),
        LOST,
        wide=True,
    ),
    Figure(
        "ae-vae-fair",
        T(
            "A fair pair: the same layers, 32 numbers of code, no class given; autoencoder, "
            "then VAE.",
            "公平的一对：网络层相同、编码均为 32 维、都不提供类别；先是自编码器，后是 VAE。",
        ),
        (("ae-l32", "tsne"), ("vae-l32", "latents")),
        T(
            "Not in the report: added, because the report's pair differs in size and in what it is "
            "told.",
            "报告中没有；因原来的一对在维数和输入上都不同，故补充此图。",
        ),
        wide=True,
    ),
    Figure(
        "losses-of-cvae",
        T(
            "The author's experiment: the CVAE with the region-weighted loss, then with plain "
            "squared error (assumed to be the stock loss); same seed and settings.",
            "作者的实验：先是区域加权损失的 CVAE，后是普通平方误差（假定为原版损失）；"
            "种子与设置相同。",
        ),
        (("000-cvae", "reconstructions"), ("000-cvae-stock", "reconstructions")),
        T("Said in words in report 000.", "报告 000 仅以文字描述。"),
        wide=True,
    ),
    Figure(
        "likelihoods",
        T(
            "The same VAE trained on Bernoulli likelihood, then on squared error: samples.",
            "同一 VAE 的生成样本：先用伯努利似然训练，后用平方误差训练。",
        ),
        (("vae-l32", "samples"), ("vae-l32-gaussian", "samples")),
        T("Not in the report.", "报告中没有。"),
        wide=True,
    ),
    Figure(
        "ddpm-samples",
        T("Samples of the DDPM, one row a class.", "DDPM 的生成样本，每行一个类别。"),
        (("000-ddpm", "samples"),),
        LOST,
    ),
    Figure(
        "ddpm-process",
        T(
            "The DDPM's forward process (noise is added) and reverse process (noise is removed).",
            "DDPM 的前向过程（加噪）与反向过程（去噪）。",
        ),
        (("000-ddpm", "forward"), ("000-ddpm", "reverse")),
        LOST,
        wide=True,
    ),
)

NUMBERS = (
    Check(
        "ae-parameters",
        T("Trainable parameters of the autoencoder", "自编码器的可训练参数量"),
        Metric("000-ae", "parameters"),
        Equal(7475),
    ),
    Check(
        "ae-code",
        T("Numbers in its code, [32, 16, 16]", "其编码 [32, 16, 16] 所含数字个数"),
        Metric("000-ae", "code_size"),
        Equal(8192),
        note=T(
            "12,288 numbers go in: only 1.5 times as many.",
            "输入为 12,288 个数，仅为编码的 1.5 倍。",
        ),
    ),
    Goal(
        "cvae-accuracy",
        T(
            "Share of the CVAE's samples in the class that was asked for",
            "CVAE 样本属于所要求类别的比例",
        ),
        Metric("000-cvae", "conditional_accuracy"),
        AtLeast(0.97),
    ),
)

AE, VAE = "ae-l32", "vae-l32"
CLAIMS = (
    Claim(
        "tight-clusters",
        T(
            "The autoencoder's codes form tighter clusters than the VAE's.",
            "自编码器的编码比 VAE 聚得更紧。",
        ),
        (("AE", Metric(AE, "silhouette")), ("VAE", Metric(VAE, "silhouette"))),
        Above(by=0.02),
        NOTHING,
        T(
            "Silhouette of the classes in the space of the codes, not in a t-SNE, whose "
            "cluster sizes "
            "mean nothing. k-NN accuracy says how well the classes can be told apart.",
            "轮廓系数在编码空间而非 t-SNE 上计算，因为 t-SNE 的簇大小没有意义。"
            "k-NN 准确率表明类别可分的程度。",
        ),
        (("AE", Metric(AE, "knn_accuracy")), ("VAE", Metric(VAE, "knn_accuracy"))),
    ),
    Claim(
        "no-holes",
        T(
            "The VAE's latent space has no holes, the autoencoder's has.",
            "VAE 的潜空间没有空洞，而自编码器有。",
        ),
        (
            ("AE", Ratio(Metric(AE, "box_fid"), Metric(AE, "codes_fid"))),
            ("VAE", Ratio(Metric(VAE, "box_fid"), Metric(VAE, "codes_fid"))),
        ),
        All((AtLeast(2.0), 0), (AtMost(2.0), 1)),
        NOTHING,
        T(
            "Random points of the box that holds the test codes are decoded, and the codes "
            "themselves; FID says how far these images are from real ones. Without holes: the FID "
            "of the box is less than twice that of the codes.",
            "解码测试编码所占盒子内的随机点以及编码本身，用 FID 衡量与真实图像的距离。"
            "没有空洞指盒内点的 FID 不到编码的两倍。",
        ),
        (
            ("AE", Metric(AE, "box_fid")),
            ("VAE", Metric(VAE, "box_fid")),
            ("AE", Metric(AE, "codes_fid")),
            ("VAE", Metric(VAE, "codes_fid")),
            ("", Metric(VAE, "box_fid_floor")),
        ),
    ),
    Claim(
        "smoother",
        T("The VAE's latent space is smoother.", "VAE 的潜空间更平滑。"),
        (
            ("VAE", Metric(VAE, "midpoint_fid")),
            ("AE", Metric(AE, "midpoint_fid")),
        ),
        Below(),
        NOTHING,
        T(
            "Images decoded halfway between the codes of two random test images.",
            "在两张随机测试图像编码的中点处解码所得的图像。",
        ),
        (("", Metric(VAE, "box_fid_floor")),),
    ),
    Claim(
        "trade",
        T(
            "A VAE pays for its regular latent space with reconstruction.",
            "VAE 以重建质量换取规整的潜空间。",
        ),
        (("AE", Metric(AE, "test_mse")), ("VAE", Metric(VAE, "test_mse"))),
        Below(),
        NOTHING,
        T("Same layers, same size of code, same data.", "网络层、编码维数与数据均相同。"),
    ),
    Claim(
        "off-manifold",
        T(
            "Images decoded from random codes of an autoencoder lie off the data manifold, a VAE's "
            "samples do not.",
            "自编码器由随机编码解码的图像偏离数据流形，VAE 的样本则不会。",
        ),
        (("VAE", Metric(VAE, "fid_1000")), ("AE", Metric(AE, "box_fid"))),
        Below(share=0.2),
        NOTHING,
        T(
            "An autoencoder has no prior; random points of its box stand for one.",
            "自编码器没有先验分布，以其盒内随机点代替。",
        ),
        (("", Metric(VAE, "box_fid_floor")),),
    ),
    Idea(
        "ideas",
        T(
            "Dropout, depth, latent size, beta, the noise schedule, a deeper U-Net and attention "
            "would improve the results.",
            "Dropout、深度、潜变量维数、beta、噪声调度、更深的 U-Net 和注意力会改进结果。",
        ),
        note=T(
            "Ideas, no result is given for any. Most are flags here: `--latent-dim`, `--beta`, "
            "`--schedule`, `--unet`; reports 002 and 003 below try the latent size.",
            "只是设想，没有给出结果。这里大多可用参数尝试：`--latent-dim`、`--beta`、`--schedule`、"
            "`--unet`；下文报告 002、003 研究了潜变量维数。",
        ),
    ),
)

MISTAKES = (
    Error(
        "std",
        T(
            "1e-8 is added to the variance before its root is taken.",
            "开方前给方差加了 1e-8。",
        ),
        T(
            "An exponential is positive for any logvar, so nothing needs adding. The grader "
            "accepts both.",
            "指数对任何 logvar 都为正，不必再加常数。评分程序两者都接受。",
        ),
    ),
    Error(
        "batched-t",
        T(
            "`alpha_bar[t]` with t of shape [B] is [B] and does not broadcast over [B, C, H, "
            "W] (or "
            "wrongly, if W equals B).",
            "t 的形状为 [B] 时 `alpha_bar[t]` 也是 [B]，无法在 [B, C, H, W] 上正确广播"
            "（W 等于 B 时会悄悄算错）。",
        ),
        T(
            "Reshape to [B, 1, 1, 1]; a t without dimensions has to work as well.",
            "变形为 [B, 1, 1, 1]；零维的 t 也应能用。",
        ),
    ),
    Error(
        "last-step",
        T("`remove_noise` adds noise at t = 0, too.", "`remove_noise` 在 t = 0 时仍加噪声。"),
        T(
            "The last step returns the mean (Ho et al. 2020, algorithm 2).",
            "最后一步只返回均值（Ho et al. 2020，算法 2）。",
        ),
    ),
    Error(
        "bottleneck",
        T(
            "The autoencoder's maps of 32 × 16 × 16 are called a bottleneck, and a t-SNE of 8,192 "
            "numbers a latent space.",
            "把 32 × 16 × 16 的特征图称为瓶颈，并把 8,192 维的 t-SNE 当作潜空间。",
        ),
        T(
            "8,192 numbers for 12,288 compress by 1.5. `--latent-dim 32` has a real bottleneck.",
            "8,192 对 12,288，压缩比仅 1.5。`--latent-dim 32` 才是真正的瓶颈。",
        ),
    ),
)

MISSING = (
    Lost(
        "pictures",
        T("All seven pictures of the report.", "报告中的全部七张图。"),
        T(
            "The text kept their file names only; which was which follows from the prose.",
            "正文只保留了文件名，各图内容由上下文推断。",
        ),
    ),
    Lost(
        "data",
        T("The data set; the number of classes (MAX_DIGIT).", "数据集；类别数（MAX_DIGIT）。"),
        T(
            "Not published. 235 steps an epoch at batch 64 are about 15,000 images, at batch 256 "
            "exactly MNIST's 60,000.",
            "未公布。每轮 235 步，批大小 64 时约 15,000 张，256 时恰为 MNIST 的 60,000 张。",
        ),
    ),
    Lost(
        "network",
        T(
            "The layers of the CVAE and of the U-Net; T and the betas; epochs of AE and DDPM.",
            "CVAE 与 U-Net 的网络层；T 与 beta；AE 与 DDPM 的训练轮数。",
        ),
        T(
            "They were in the notebook, which is not public; ours are our own design.",
            "在未公开的 notebook 中；这里使用我们自己的设计。",
        ),
    ),
    Lost(
        "region-loss",
        T(
            "Whether the region-weighted loss is a sum or a mean over pixels.",
            "区域加权损失对像素是求和还是平均。",
        ),
        T(
            "Logged values of 0.01 to 0.03 say mean, 71 to 130 say sum; the assignment asks "
            "for the "
            "sum.",
            "日志中 0.01–0.03 对应平均，71–130 对应求和；本作业要求求和。",
        ),
    ),
)

REPORT = Report(
    "000",
    T("Autoencoder, VAE and diffusion in Paddle", "用 Paddle 实现自编码器、VAE 与扩散模型"),
    T(
        "Learn to compress and to generate small colour images, three times: with an autoencoder, "
        "with a conditional VAE and with a diffusion model written by hand.",
        "以三种方式学习压缩和生成小幅彩色图像：自编码器、条件 VAE，以及手写的扩散模型。",
    ),
    T(
        "An autoencoder learns a code; a VAE makes the codes follow a known distribution, so "
        "that new "
        "codes can be drawn; a DDPM learns to take away noise step by step, starting from nothing "
        "else.",
        "自编码器学习编码；VAE 使编码服从已知分布，从而可以抽取新编码；DDPM 学习逐步去噪，"
        "从纯噪声开始生成。",
    ),
    ("ae/assignment.py", "vae/assignment.py", "diffusion/assignment.py"),
    (*FIGURES, *NUMBERS, *CLAIMS, *MISTAKES, *MISSING),
)
