"""Report 001: an MLP VAE against a class-conditional diffusion model."""

from common.report.items import (
    Check,
    Claim,
    Contradiction,
    Error,
    Figure,
    Goal,
    Idea,
    Lost,
    Reference,
    Report,
    listing_of,
    repository_of,
)
from common.report.quantities import QUANTITIES, Quantity
from common.report.rules import (
    Above,
    All,
    AtLeast,
    AtMost,
    Below,
    Between,
    ByArgument,
    Equal,
    NotTested,
    Untestable,
    Where,
)
from common.report.sources import Bytes, Computed, Epoch, Lowest, Metric, Seen
from common.report.tables.common import ADDED, settings
from common.report.text import Text as T

SHOWN = T("Shown in report 001.", "报告 001 中有此图。")
LISTING, REPOSITORY = listing_of("001"), repository_of("001")
VAE, DDPM, OURS = "001-vae", "001-ddpm", "ddpm-mnist"
SMALL = T("small network", "小网络")

FIGURES = (
    Figure(  # 1.6, 1.26
        "histogram",
        T("How many images each class has.", "各类别的图像数量。"),
        ((VAE, "dataset-classes"),),
        SHOWN,
    ),
    Figure(  # 1.7, 1.26
        "random-samples",
        T(
            "Training images, ten of each class, drawn at random with the run's seed.",
            "训练图像，每类十张，按本次训练的种子随机抽取。",
        ),
        ((VAE, "dataset-samples"),),
        SHOWN,
        quote="随机选取了一些样本",
    ),
    Figure(  # 1.26
        "vae-loss",
        T(
            "Loss of the VAE by epoch: the report's settings, then those of its repository "
            "(squared error).",
            "VAE 的逐轮损失：先是报告的设置，后是其代码仓库的设置（平方误差）。",
        ),
        ((VAE, "loss"), ("001-vae-repo", "loss")),
        T(
            "Shown in report 001. The numbers in its repository are of 20 epochs.",
            "报告 001 中有此图。其代码仓库中的数值为 20 轮。",
        ),
        wide=True,
    ),
    Figure(  # 1.26, 1.27
        "vae-samples",
        T(
            "Samples of the VAE: the report's settings, then the repository's.",
            "VAE 的生成样本：先是报告的设置，后是仓库的设置。",
        ),
        ((VAE, "samples"), ("001-vae-repo", "samples")),
        SHOWN,
        wide=True,
    ),
    Figure(
        "vae-reconstructions",
        T("Test images above their reconstructions.", "上行为测试图像，下行为其重建。"),
        ((VAE, "reconstructions"),),
        ADDED,
    ),
    Figure(  # 1.26
        "ddpm-loss",
        T(
            "Noise error of the diffusion model by epoch: the report's network, then this "
            "project's small one.",
            "扩散模型的逐轮噪声误差：先是报告的网络，后是本项目的小网络。",
        ),
        ((DDPM, "loss"), (OURS, "loss")),
        T(
            "Shown in report 001. Its repository draws a sum over each batch of 8.",
            "报告 001 中有此图。其代码仓库按每批 8 张求和绘制。",
        ),
        wide=True,
    ),
    Figure(  # 1.26, 1.40
        "ddpm-samples",
        T(
            "Diffusion samples, one row per class: the report's network, then this project's "
            "small one.",
            "扩散模型的样本，每行一个类别：先是报告的网络，后是本项目的小网络。",
        ),
        ((DDPM, "samples"), (OURS, "samples")),
        T(
            "Shown in report 001, blank in its text. In its repository 10 rows of 8, with digits "
            "of another class in several rows.",
            "报告 001 中有此图，正文此处空缺。其代码仓库中为 10 行 8 列，"
            "若干行出现其他类别的数字。",
        ),
        wide=True,
    ),
    Figure(  # 1.15
        "ddpm-chain",
        T(
            "The report's network by its own sampler, DDPM: all 1,000 steps (first row, above "
            "other samplers), then 100 of them.",
            "报告的网络按其自身的采样方法 DDPM 采样：先是全部 1,000 步"
            "（第一行，其下为其他采样器），后是其中 100 步。",
        ),
        ((DDPM, "samplers"), (DDPM, "ancestral")),
        T(
            "Report 001 names `DDPMScheduler`; the sheets above are drawn by DDIM in 50 steps.",
            "报告 001 使用 `DDPMScheduler`；上面的样本由 DDIM 以 50 步生成。",
        ),
        wide=True,
    ),
    Figure(  # 1.14
        "ddpm-samplers",
        T(
            "Fewer steps and other samplers; on the right accuracy by guidance, 0 being without "
            "the class.",
            "更少的步数与其他采样器；右图为准确率随引导强度的变化，0 表示不提供类别。",
        ),
        ((OURS, "samplers"), (OURS, "guidance")),
        ADDED,
        wide=True,
    ),
    Figure(  # 1.16
        "ddpm-copies",
        T(
            "Samples above the nearest training images (is it memorising?), the noise error by "
            "step, and both schedules.",
            "样本与最接近的训练图像（是否在记忆训练样本？）、各时间步的噪声误差，以及两种噪声调度。",
        ),
        ((OURS, "neighbours"), (OURS, "noise-by-step"), (OURS, "schedules")),
        ADDED,
        wide=True,
    ),
)

# ---------------------------------------------------------------- numbers

COUNTS = "train_class_counts"
IMAGES, CLASSES = T("training images", "训练图像数"), T("classes", "类别数")
SMALLEST, LARGEST = T("smallest class", "最少的类别"), T("largest class", "最多的类别")


def counted(how, name):
    """A number worked out from the counts of the training images by class."""

    def read(runs, seed):
        counts = runs.metrics(VAE, seed).get(COUNTS)
        return how(counts) if counts else None

    return Computed((VAE,), read, Quantity(name, exact=True))


NOISE = QUANTITIES["test_noise_mse"]
TRAINING_NOISE = NOISE._replace(name=T("noise error in training", "训练时的噪声误差"))
HELD_OUT_NOISE = NOISE._replace(name=T("noise error, held out", "留出图像的噪声误差"))
NUMBERS = (
    Reference(  # 1.5
        "images",
        T(
            "60,000 training and 10,000 test images of 28 × 28, classes 0 to 9",
            "60,000 张训练图像与 10,000 张测试图像，28 × 28，类别 0 到 9",
        ),
        (
            ("", counted(sum, IMAGES)),
            ("", Metric(VAE, "test_images")),
            ("", Metric(VAE, "pixels")),
            ("", counted(len, CLASSES)),
        ),
        All((Equal(60000), 0), (Equal(10000), 1), (Equal(784), 2), (Equal(10), 3)),
        quote="60,000张训练图像和10,000张测试图像",
        where=T("section on the data", "数据部分"),
        note=T("Counted in the data that were read.", "由读入的数据统计得出。"),
    ),
    Check(  # 1.10
        "vae-parameters",
        T("Parameters of the VAE 784-400-20", "VAE 784-400-20 的参数量"),
        Metric(VAE, "parameters"),
        Equal(652824),
        image_size=28,
    ),
    settings(  # 1.20
        VAE,
        {"latent_dim": 20, "batch_size": 64, "epochs": 100, "lr": 0.001},
        key="vae-settings",
        text=T(
            "Settings of the VAE's training, as in our preset (Adam; summed cross entropy + KL)",
            "VAE 训练的设置，与我们的预设一致（Adam；求和的交叉熵 + KL）",
        ),
        source=LISTING,
        where=T("listing of the VAE's training", "VAE 的训练代码"),
    ),
    Check(  # 1.12
        "ddpm-parameters",
        T(
            "Parameters of `UNet2DModel` 32-64-64 with two layers a block, attention in two "
            "levels, `Embedding(10, 4)`, 1 + 4 channels in",
            "`UNet2DModel` 32-64-64 的参数量：每块两层、两级带注意力、`Embedding(10, 4)`、"
            "输入 1 + 4 通道",
        ),
        Metric(DDPM, "parameters"),
        Equal(1708205),
        note=T(
            "The listing has 1,708,161 + 40 = 1,708,201; ours has one row of 4 more in the "
            "embedding, for “no class”.",
            "所列代码为 1,708,161 + 40 = 1,708,201；我们的嵌入多一行 4 个数，表示“无类别”。",
        ),
        image_size=28,
        where=T("listing of the diffusion model", "扩散模型的代码"),
    ),
    settings(  # 1.15
        DDPM,
        {"timesteps": 1000, "batch_size": 64, "epochs": 100},
        T(
            "The schedule is right. The preset adds what the report has not: samples by DDIM in 50 "
            "steps, averaged weights (EMA 0.999), gradients clipped at norm 1.",
            "噪声调度正确。预设加入了报告没有的做法：用 DDIM 以 50 步采样、权重的指数移动平均"
            "（EMA 0.999）、梯度按范数 1 裁剪。",
        ),
        "ddpm-settings",
        T(
            "Settings of the diffusion's training, as in our preset (cosine schedule)",
            "扩散模型训练的设置，与我们的预设一致（余弦调度）",
        ),
        LISTING,
        quote="DDPMScheduler … squaredcos_cap_v2",
        where=T("listing of the diffusion model", "扩散模型的代码"),
    ),
    Check(  # 1.38
        "vae-file",
        T("Bytes of the VAE's float32 parameters", "VAE 的 float32 参数字节数"),
        Bytes(VAE),
        Between(2609000, 2614656),
        source=repository_of("001", T("size of vae.pth", "vae.pth 的大小")),
        note=T(
            "The file of 2,614,656 bytes has a header of 3,360 beside the parameters.",
            "该文件为 2,614,656 字节，除参数外还有 3,360 字节的文件头。",
        ),
        image_size=28,
    ),
    *(
        Reference(  # 1.38
            f"repo-{split}-{epoch}",
            T(
                f"Repository: MSE (sum) + KL per image in epoch {epoch}, {split}",
                f"代码仓库：第 {epoch} 轮每张图像的 MSE（求和）+ KL，"
                f"{'训练集' if split == 'train' else '测试集'}",
            ),
            Epoch("001-vae-repo", column, epoch),
            AtMost(reference, 0.01),
            source=repository_of("001", T("vae_loss.csv", "vae_loss.csv")),
            note=T(
                "There: squared error, batch 8, 20 epochs, seed 118; none of it is in the report.",
                "仓库中为平方误差、批大小 8、20 轮、种子 118；报告中均未提到。",
            ),
        )
        for split, column, values in (
            ("train", "train_loss", ((1, 36.53), (10, 30.52), (20, 30.07))),
            ("test", "test_neg_elbo", ((1, 32.78), (10, 30.50), (20, 29.83))),
        )
        for epoch, reference in values
    ),
    *(
        Reference(  # 1.39
            f"noise-mse-{epoch}",
            T(
                f"Repository: noise error per element in training, after {epoch * 60_000:,} images "
                f"(its epoch {epoch})",
                f"代码仓库：看过 {epoch * 60_000:,} 张图像后训练时每元素的噪声误差"
                f"（对应其第 {epoch} 轮）",
            ),
            (("", Seen(DDPM, "train_loss", 60_000 * epoch), TRAINING_NOISE),),
            AtMost(reference, 0.02),
            source=repository_of("001", T("diffusion losses", "扩散模型损失")),
            note=T(
                "Both are the mean training loss of that epoch. Ours on held-out images, with "
                "averaged weights and after the epoch, stands beside: it is lower by construction.",
                "两者都是该轮训练损失的平均。另列我们在留出图像上、轮末、用平均权重测得的值，"
                "它本来就会更低。",
            ),
            shown=(("", Seen(DDPM, "test_noise_mse", 60_000 * epoch), HELD_OUT_NOISE),),
        )
        for epoch, reference in ((1, 0.0552), (5, 0.0399), (10, 0.0385))
    ),
    Reference(  # 1.40
        "grid-accuracy",
        T(
            "Repository: share of diffusion samples in the class that was asked for, about five in "
            "six",
            "代码仓库：扩散样本属于所要求类别的比例，约六分之五",
        ),
        Metric(DDPM, "conditional_accuracy"),
        AtLeast(5 / 6, 0.1),
        source=repository_of("001", T("its sample grid", "样本图")),
        note=T(
            "Counted by eye in a grid of 80 digits, so ± 8 points.",
            "在 80 个数字的样本图中目测，误差 ± 8 个百分点。",
        ),
    ),
    Goal(  # 1.40
        "goal-accuracy",
        T(
            "Share of the small network's samples in the class that was asked for",
            "小网络的样本属于所要求类别的比例",
        ),
        Metric(OURS, "conditional_accuracy"),
        AtLeast(0.98),
    ),
)

# ---------------------------------------------------------------- claims


def of_both(key, *more):
    """(label, source) of a number of the diffusion model and of the VAE."""
    return ("DDPM", Metric(DDPM, key), *more), ("VAE", Metric(VAE, key), *more)


def epoch_seconds(job):
    """Seconds of training an epoch."""

    def read(runs, seed):
        seconds = runs.metrics(job, seed).get("seconds")
        return seconds and seconds / runs.steps[job].config.epochs

    name = T("training time per epoch", "每轮训练用时")
    return Computed((job,), read, Quantity(name, T("s", "秒"), timed=True))


def middle_third(job):
    """Mean training loss over the middle third of the epochs."""

    def read(runs, seed):
        values = runs.history(job, seed).get("train_loss", [])
        middle = values[len(values) // 3 : -(-2 * len(values) // 3)]
        return sum(middle) / len(middle) if middle else None

    return Computed((job,), read, QUANTITIES["train_loss"])


def falls(job, quantity):
    """Evidence that a training loss falls: last, first epoch, middle third."""
    last, first = T("last epoch", "最后一轮"), T("first epoch", "第一轮")
    return (
        (last, Epoch(job, "train_loss", -1), quantity),
        (first, Epoch(job, "train_loss", 1), quantity),
        (T("middle third", "中间三分之一"), middle_third(job), quantity),
    )


BEFORE = All((Below(), 0, 1), (Below(), 0, 2))
LAST_BELOW = T(
    "The last epoch below the first, and below the mean of the middle third.",
    "最后一轮低于第一轮，也低于中间三分之一的平均。",
)
CONCLUSION, DIFFUSION = T("conclusion", "结论"), T("section on diffusion", "扩散模型部分")
ON_VAE, ON_DATA = T("section on the VAE", "VAE 部分"), T("section on the data", "数据部分")
RESULTS = T("results", "实验结果")
DIGITS = T(
    "Sharpness: mean |Laplacian| of samples over that of real test images. Noise is sharp, too, so "
    "it is read only where the judge is sure of half of the samples or more.",
    "清晰度：样本与真实测试图像的平均 |拉普拉斯| 之比。噪声同样“清晰”，"
    "因此仅当分类器能确认半数以上的样本时才判读。",
)

CLAIMS = (
    Claim(  # 1.3
        "tools",
        T(
            "uv joins five tools and is more than 10 times faster than pip; Anaconda is large and "
            "slow to start.",
            "uv 集五种工具于一身，比 pip 快 10 倍以上；Anaconda 体积庞大、启动慢。",
        ),
        rule=Untestable(T("left out on purpose: not about models", "有意略去：与模型无关")),
        quote="比 pip 快 10 倍以上……体积庞大、启动慢",
        where=T("section on the environment", "环境部分"),
    ),
    Claim(  # 1.4
        "taxonomy",
        T(
            "Generative models are VAEs and PixelRNN, GANs, diffusion; a VAE serves for filling in "
            "missing data, dimension reduction and finding anomalies.",
            "生成模型分为 VAE、PixelRNN，GAN，扩散模型；VAE 可用于缺失数据补全、降维、异常检测。",
        ),
        rule=Untestable(T("background, not tested", "背景介绍，不作检验")),
        quote="缺失数据补全、降维、异常检测",
        where=T("introduction", "引言"),
    ),
    Claim(  # 1.6
        "even-classes",
        T("The digits are spread fairly evenly.", "各个数字分布较为均匀。"),
        (("", counted(min, SMALLEST)), ("", counted(max, LARGEST))),
        Between(5100, 6900),
        T(
            "Each class within 15 % of 6,000 training images. MNIST has 5,421 to 6,742, a ratio of "
            "1.24.",
            "每类与 6,000 张训练图像相差 15% 以内。MNIST 为 5,421 到 6,742，比值 1.24。",
        ),
        quote="各个数字分布较为均匀",
        where=ON_DATA,
    ),
    Claim(  # 1.8
        "legible",
        T("The images are clear and easy to recognise.", "图像清晰且易于辨识。"),
        Metric(VAE, "classifier_accuracy"),
        AtLeast(0.98),
        T("Accuracy of the judge on real test images.", "分类器在真实测试图像上的准确率。"),
        quote="清晰且易于辨识",
        where=ON_DATA,
    ),
    Claim(  # 1.11
        "average",
        T(
            "The VAE's samples tend towards the average; its latent space may limit how diverse "
            "and real they are.",
            "VAE 生成样本的分布趋向于平均化；潜空间可能限制了样本的多样性和真实感。",
        ),
        (*of_both("diversity"), *of_both("fid_1000")),
        All((Above(share=0.05), 0, 1), (Below(share=0.1), 2, 3)),
        T(
            "Diversity: spread of the features within a class over that of real images. FID of "
            "1,000 samples each. Both with the error of drawing other samples.",
            "多样性：类内特征离散度与真实图像之比。FID 均由 1,000 个样本算得。"
            "两者都带有重新抽样的误差。",
        ),
        quote="生成样本的分布趋向于平均化……可能限制了生成样本的多样性和真实感",
        where=ON_VAE,
    ),
    Claim(  # 1.14
        "labels",
        T(
            "Class information greatly improves the quality of the images and the control over "
            "them.",
            "类别信息显著提高生成结果的质量和可控性。",
        ),
        (
            ("DDPM", Metric(DDPM, "fid_1000")),
            (T("DDPM, unlabelled", "DDPM，无类别"), Metric("001-ddpm-unlabelled", "fid_1000")),
        ),
        Below(share=0.1),
        T(
            "The same network trained without ever seeing a class (full profile). Beside it this "
            "project's small network without and with the class: not the report's network.",
            "同一网络，训练时从不提供类别（full 档）。另列本项目小网络不给与给出类别的结果，"
            "它不是报告的网络。",
        ),
        tuple(
            (
                T(f"small network, guidance {w}", f"小网络，引导强度 {w}"),
                Metric(OURS, key, part=f"guidance_{w}"),
            )
            for key in ("fid_1000", "conditional_accuracy")
            for w in (0, 1)
        ),
        quote="显著提高生成结果的质量和可控性",
        where=DIFFUSION,
    ),
    Claim(  # 1.16
        "late-steps",
        T(
            "The cosine schedule adds less noise in the late steps: images do not lose all "
            "structure at high t, and the chain starts from a more accurate state.",
            "余弦调度在后期添加的噪声较小，避免图像在高时间步完全丧失语义结构，起始状态更准确。",
        ),
        rule=ByArgument("partly"),
        note=T(
            "What is left of the image (alpha_bar), cosine against linear: 0.494 and 0.079 after "
            "500 steps, 0.144 and 0.0034 after 750, 0.024 and 0.00028 after 900, so structure does "
            "stay longer. After the last step 2e-9 and 4e-5: the start is nearer to pure noise, "
            "but nothing of the image is kept. And late steps add more noise: from t = 890 on "
            "beta is larger than the linear one's, 0.999 at the end.",
            "图像残留的份额（alpha_bar），余弦对线性：500 步后 0.494 与 0.079，750 步后 0.144 与 "
            "0.0034，900 步后 0.024 与 0.00028，结构确实保留更久。最后一步为 2e-9 与 4e-5："
            "起点更接近纯噪声，但图像已无任何残留。而后期加的噪声更大：从 t = 890 起 beta "
            "超过线性调度，末端为 0.999。",
        ),
        quote="在后期添加噪声的幅度较小,避免了…高时间步中完全丧失其语义结构,…更准确的初始状态",
        where=DIFFUSION,
    ),
    Claim(  # 1.17
        "schedule",
        T(
            "Against the traditional linear schedule it improves the quality and stability of "
            "samples.",
            "相比传统的线性调度，提升生成样本的质量和稳定性。",
        ),
        rule=NotTested(
            T(
                "no profile trains the report's network with the linear schedule",
                "没有一档用线性调度训练报告的网络",
            )
        ),
        note=T(
            "Beside it this project's small network with both schedules (full profile).",
            "另列本项目小网络在两种调度下的结果（full 档）。",
        ),
        shown=(
            (T("small network, cosine", "小网络，余弦"), Metric(OURS, "fid_1000")),
            (T("small network, linear", "小网络，线性"), Metric("ddpm-mnist-linear", "fid_1000")),
        ),
        quote="提升生成样本的质量和稳定性",
        where=DIFFUSION,
    ),
    Claim(  # 1.23
        "epochs",
        T(
            "The diffusion model was trained for 100 epochs at batch 64.",
            "扩散模型以批大小 64 训练了 100 轮。",
        ),
        rule=Untestable(
            T(
                "not what its repository holds: 75,000 losses, 10 epochs of 7,500 batches of 8",
                "与其代码仓库不符：其中有 75,000 个损失值，即 10 轮，每轮 7,500 批，每批 8 张",
            )
        ),
        source=LISTING,
        quote="epochs = 100",
        where=T("listing of the diffusion's training", "扩散模型的训练代码"),
    ),
    Claim(  # 1.24
        "saving",
        T(
            "A folder that is not empty raises an error, so no file is overwritten by accident; "
            "losses are kept as CSV and pickle; results are repeatable.",
            "文件夹非空时报错，不会意外覆盖已有的文件；损失存为 CSV 与 pickle；"
            "确保结果的可重复性。",
        ),
        rule=ByArgument("partly"),
        note=T(
            "The first two are good practice, and this project took both over. The third is wrong: "
            "without a seed, which the text does not have, no result repeats.",
            "前两点是好做法，本项目都已采用。第三点不对：正文没有随机种子，结果无法重复。",
        ),
        quote="不会意外覆盖已有的文件……确保结果的可重复性",
        where=T("section on saving", "保存结果部分"),
    ),
    Claim(  # 1.25
        "vae-loss-falls",
        T("The VAE's loss falls gradually.", "VAE 模型的损失逐渐减小。"),
        falls(VAE, QUANTITIES["train_loss"]),
        BEFORE,
        LAST_BELOW,
        quote="VAE模型的损失逐渐减小",
        where=RESULTS,
        epochs=4,
    ),
    Claim(  # 1.25
        "ddpm-loss-falls",
        T("The diffusion model's loss falls gradually, too.", "扩散模型的损失也在逐渐减小。"),
        falls(DDPM, TRAINING_NOISE),
        BEFORE,
        LAST_BELOW,
        quote="Diffusion模型的损失也在逐渐减小",
        where=RESULTS,
        epochs=4,
    ),
    Claim(  # 1.27
        "blurry",
        T("The VAE's images are blurry.", "VAE 生成的图像模糊。"),
        (("VAE", Metric(VAE, "sharpness")), ("VAE", Metric(VAE, "sure_share"))),
        Where((AtLeast(0.5), 1), (AtMost(0.9), 0)),
        DIGITS,
        (("VAE", Metric(VAE, "fid")), ("VAE", Metric(VAE, "fid_floor"))),
        quote="VAE生成的图像模糊",
        where=RESULTS,
    ),
    Claim(  # 1.28
        "sharper",
        T(
            "They are by far not as clear as those of the diffusion model.",
            "VAE 的图像远没有扩散模型清晰。",
        ),
        (*of_both("sharpness"), *of_both("sure_share")),
        Where((AtLeast(0.5), 2, 3), (Above(share=0.1), 0, 1)),
        DIGITS,
        of_both("fid_1000"),
        quote="远没有diffusion模型清晰",
        where=RESULTS,
    ),
    Claim(  # 1.29
        "mode-collapse",
        T("The diffusion model still has mode collapse.", "扩散模型依旧有模式崩塌的现象。"),
        Metric(DDPM, "diversity"),
        AtMost(0.8),
        T(
            "Mode collapse shows as samples of a class that are all alike: a spread of features "
            "below 0.8 of the real one. Digits of a wrong class are class confusion, which class "
            "accuracy measures.",
            "模式崩塌应表现为同类样本彼此雷同：特征离散度低于真实图像的 0.8。"
            "数字类别不对属于类别混淆，由类别准确率衡量。",
        ),
        (
            ("", Metric(DDPM, "conditional_accuracy")),
            ("", Metric(DDPM, "classifier_accuracy")),
            ("rarest class", Lowest(DDPM, "class_histogram")),
        ),
        quote="diffusion模型依旧有模式崩塌的现象",
        where=RESULTS,
    ),
    Claim(  # 1.34
        "far-better",
        T(
            "The diffusion model's quality is far beyond that of other methods such as the VAE.",
            "扩散模型的质量远超 VAE 等其他方法。",
        ),
        of_both("fid_1000"),
        Below(share=0.5),
        T(
            "Far: at most half of the VAE's FID, 1,000 samples each.",
            "“远超”指 FID 不到 VAE 的一半，各 1,000 个样本。",
        ),
        quote="远超其他方法 (如 GAN 和 VAE)",
        where=DIFFUSION,
    ),
    Claim(  # 1.34
        "beyond-gan",
        T("… and beyond that of a GAN.", "……也远超 GAN。"),
        rule=NotTested(T("this project has no GAN", "本项目没有 GAN")),
        quote="远超其他方法 (如 GAN 和 VAE)",
        where=DIFFUSION,
    ),
    Claim(  # 1.35
        "fast",
        T(
            "A VAE trains fast; diffusion takes much computation and a long training.",
            "VAE 训练速度快；扩散模型计算量大、训练时间长。",
        ),
        (("DDPM", epoch_seconds(DDPM)), ("VAE", epoch_seconds(VAE)), *of_both("ms_per_sample")),
        All((Above(times=10), 0, 1), (Above(times=10), 2, 3)),
        T(
            "Seconds per epoch and per sample, each at least 10 times as long.",
            "每轮训练与每个样本的用时都至少相差 10 倍。",
        ),
        quote="VAE 训练速度快……计算量大、训练时间长",
        where=CONCLUSION,
    ),
    Claim(  # 1.36
        "conditional",
        T(
            "A conditional VAE can hardly capture complex dependence on the condition.",
            "条件 VAE 难以有效捕捉复杂的条件依赖关系。",
        ),
        (
            ("CVAE", Metric("cvae-mnist", "conditional_accuracy")),
            ("DDPM", Metric(DDPM, "conditional_accuracy")),
        ),
        Below(by=0.01),
        T(
            "The report compares an unconditional VAE with conditional diffusion. Here both are "
            "told the class, and how often it comes out decides.",
            "报告用无条件 VAE 与条件扩散模型比较。这里两者都已知类别，由类别准确率判定。",
        ),
        (
            ("CVAE", Metric("cvae-mnist", "fid_1000")),
            ("DDPM", Metric(DDPM, "fid_1000")),
            ("CVAE", Metric("cvae-mnist", "sharpness")),
            ("DDPM", Metric(DDPM, "sharpness")),
        ),
        quote="难以有效捕捉复杂的条件依赖关系",
        where=CONCLUSION,
    ),
    Claim(  # 1.37
        "control",
        T(
            "Each step of generation can be controlled strongly; sampling well is easier.",
            "每一步的生成都能受到较强的控制，更容易进行高质量采样。",
        ),
        rule=Untestable(T("no measure is named", "没有给出衡量方法")),
        quote="每一步的生成都能受到较强的控制……更容易进行高质量采样",
        where=DIFFUSION,
    ),
    Idea(  # 1.18
        "prediction-type",
        T(
            "`prediction_type`: predict the noise, or the denoised sample directly.",
            "`prediction_type`：支持直接预测噪声或去噪样本。",
        ),
        quote="支持直接预测噪声或去噪样本",
        where=DIFFUSION,
        note=T("Flag `--objective eps`, `x0` or `v`.", "参数 `--objective eps`、`x0` 或 `v`。"),
    ),
    Idea(  # 1.37
        "notebook",
        T("A notebook that shows it all.", "用一个 notebook 演示全部内容。"),
        quote="example.ipynb",
        where=CONCLUSION,
        note=T("Here: `tutorial.ipynb`.", "本项目：`tutorial.ipynb`。"),
    ),
    Idea(  # 1.37
        "future",
        T("Future: better architecture and training strategy.", "未来：优化模型架构和训练策略。"),
        quote="优化模型架构和训练策略",
        where=CONCLUSION,
        note=T(
            "The small network is such an attempt; flags `--unet`, `--lr-schedule`, `--min-snr`.",
            "小网络即是一种尝试；参数 `--unet`、`--lr-schedule`、`--min-snr`。",
        ),
    ),
)

# ---------------------------------------------------------------- what is wrong, what is lost

MISTAKES = (
    Error(  # 1.22
        "listing",
        T(
            "The training shown for diffusion has no noise, the data as target, flattened images, "
            "no labels and a class that is never shown; the mean loss is divided by batch and data "
            "set once more, so what it prints is too small.",
            "所列扩散模型训练代码没有噪声，以数据为目标，图像被展平，没有标签，所用的类从未给出；"
            "平均损失又除以批大小与数据集大小，因此打印的数值过小。",
        ),
        T(
            "`x = 2x − 1`, draw eps and t, `xt = add_noise(x, t, eps)`, then the mean of "
            "`(eps − model(xt, t, y))²`, as in its repository.",
            "`x = 2x − 1`，抽取 eps 与 t，`xt = add_noise(x, t, eps)`，再取 "
            "`(eps − model(xt, t, y))²` 的均值，如其仓库所做。",
        ),
        quote="pred = model(data, t)",
        where=T("listing of the diffusion's training", "扩散模型的训练代码"),
    ),
    Error(  # 1.9
        "range",
        T(
            "Images in [0, 1] for both models, with `Normalize` commented out.",
            "两个模型都使用 [0, 1] 的图像，`Normalize` 被注释掉。",
        ),
        T(
            "Diffusion needs [−1, 1]: the chain ends in noise with mean 0. As commented, "
            "`[0.5] * 3` would be for three channels; MNIST has one.",
            "扩散模型需要 [−1, 1]：链的终点是均值为 0 的噪声。"
            "注释中的 `[0.5] * 3` 适用于三通道，而 MNIST 只有一个通道。",
        ),
        quote="归一化到[0, 1]",
        where=ON_DATA,
    ),
    Error(  # 1.10
        "default",
        T(
            "A default value names a global that does not exist.",
            "默认参数引用了不存在的全局变量。",
        ),
        T("Give the number: `latent_dim=20`.", "直接给出数值：`latent_dim=20`。"),
        quote="latent_dim=latent_dim",
        where=T("listing of the VAE", "VAE 的代码"),
    ),
    Error(  # 1.13
        "width-height",
        T("Width and height change places.", "宽与高的次序颠倒。"),
        T(
            "`bs, ch, h, w`: height comes before width. Harmless for square images.",
            "应为 `bs, ch, h, w`：高在宽之前。对正方形图像没有影响。",
        ),
        quote="bs, ch, w, h = x.shape",
        where=T("listing of the diffusion model", "扩散模型的代码"),
    ),
    Error(  # 1.21
        "nested-loop",
        T(
            "The loop over the epochs stands inside `train`, which it calls.",
            "遍历各轮的循环写在它所调用的 `train` 内部。",
        ),
        T(
            "It belongs after the function. As printed; it may be the layout.",
            "应写在函数之外。以印出的缩进为准，也可能是排版所致。",
        ),
        quote="for epoch …: train(epoch)",
        where=T("both training listings", "两段训练代码"),
    ),
    Error(  # 1.21
        "import",
        T("`nn` is used and never imported.", "使用了 `nn`，却从未导入。"),
        T("`from torch import nn`.", "`from torch import nn`。"),
        where=T("both training listings", "两段训练代码"),
    ),
    Error(  # 1.21
        "average-loss",
        T(
            "“Average loss” is printed inside the loop over the batches, from a sum that is not "
            "complete.",
            "“Average loss”在遍历批次的循环内打印，用的是尚未累加完的和。",
        ),
        T("Print it once, after the loop.", "应在循环结束后打印一次。"),
        quote="Average loss",
        where=T("both training listings", "两段训练代码"),
    ),
    Error(  # 1.21
        "train-losses",
        T("`train_losses` is kept and never filled.", "保存了 `train_losses`，却从未填入数值。"),
        T("Append the mean of every epoch.", "每轮结束时追加该轮的平均值。"),
        quote="train_losses",
        where=T("both training listings", "两段训练代码"),
    ),
    Error(  # 1.21
        "epoch-numbers",
        T(
            "The CSV counts epochs from 0, the training from 1.",
            "CSV 中的轮数从 0 开始，训练从 1 开始。",
        ),
        T("Count both from 1.", "两者都从 1 开始。"),
        where=T("both training listings", "两段训练代码"),
    ),
    Error(
        "last-t",
        T(
            "Repository: `randint(0, 999)` never trains t = 999.",
            "代码仓库：`randint(0, 999)` 永远不会训练 t = 999。",
        ),
        T(
            "The upper bound is exclusive: `randint(0, 1000)`.",
            "上界不包含在内：`randint(0, 1000)`。",
        ),
        where=REPOSITORY,
    ),
    Error(
        "repository",
        T(
            "Repository: `os.path.join(path, '/vae_loss.png')` drops path; arguments are parsed at "
            "import; a folder is taken for granted; the seed is commented out.",
            "代码仓库：`os.path.join(path, '/vae_loss.png')` 丢掉了 path；导入时解析参数；"
            "默认文件夹已存在；随机种子被注释掉。",
        ),
        T(
            "No leading slash; work in `main`; create folders; seed.",
            "不要以斜杠开头；在 `main` 中执行；自行创建文件夹；设定种子。",
        ),
        where=REPOSITORY,
    ),
    Error(  # 1.26
        "sum-plot",
        T(
            "Repository: the diffusion loss is drawn as a sum over each batch of 8.",
            "代码仓库：扩散损失按每批 8 张求和绘制。",
        ),
        T(
            "A mean per element does not depend on batch or image size.",
            "按元素平均的误差不依赖批大小与图像大小。",
        ),
        where=REPOSITORY,
    ),
    Error(  # 1.29
        "collapse-word",
        T(
            "Wrong digits, as in its repository's grid, are called mode collapse.",
            "把错误的数字（如其代码仓库的样本图所示）称为模式崩塌。",
        ),
        T(
            "Class confusion; measure it by class accuracy and a class histogram.",
            "应为类别混淆；用类别准确率与类别直方图衡量。",
        ),
        quote="diffusion模型依旧有模式崩塌的现象",
        where=RESULTS,
    ),
)

CONTRADICTIONS = (
    Contradiction(  # 1.2
        "data-types",
        T(
            "The goal is to compare the models on different types of data; there is MNIST only.",
            "目标是比较模型在不同类型数据上的优缺点，实际只有 MNIST。",
        ),
        ("比较它们在生成不同类型数据时的优缺点", "60,000张训练图像和10,000张测试图像"),
        T(
            "Report 004 has the rest: `ddpm-fashion` beside `004-conv`, on Fashion-MNIST.",
            "其余见报告 004：Fashion-MNIST 上的 `ddpm-fashion` 与 `004-conv`。",
        ),
    ),
    Contradiction(  # 1.19
        "target",
        T(
            "The text removes the noise that the model predicts; the listing trains it to return "
            "the data.",
            "正文用模型预测的噪声去噪；所列代码却以数据为训练目标。",
        ),
        ("通过模型预测的噪声进行去噪", "pred = model(data, t)"),
        T("So the listing is not what ran.", "因此所列代码不是实际运行的代码。"),
    ),
    Contradiction(  # 1.30
        "mode-collapse-solved",
        T(
            "Diffusion solves the mode collapse of GANs, and still has mode collapse.",
            "扩散模型解决了 GAN 的模式崩溃问题，却依旧有模式崩塌。",
        ),
        ("解决了 GAN 中常见的模式崩溃问题", "diffusion模型依旧有模式崩塌的现象"),
        T(
            "The claim on mode collapse decides by the diversity within a class.",
            "由模式崩塌一条中的类内多样性判定。",
        ),
    ),
    Contradiction(  # 1.31
        "diverse",
        T(
            "Its samples are more real and diverse, and still collapse.",
            "样本更加真实和多样化，却依旧有模式崩塌。",
        ),
        ("更加真实和多样化的样本", "diffusion模型依旧有模式崩塌的现象"),
        T(
            "Diversity and FID beside the VAE's (claim on averaging) decide the first half.",
            "前半句由与 VAE 并列的多样性与 FID（见平均化一条）判定。",
        ),
    ),
    Contradiction(  # 1.32
        "both-good",
        T(
            "Both models make images of high quality, and the VAE's are blurry.",
            "两种模型都能够生成高质量的图像，而 VAE 的图像模糊。",
        ),
        ("两种模型都能够生成高质量的图像", "VAE生成的图像模糊"),
        T("See the claim on blur.", "见模糊一条。"),
    ),
    Contradiction(  # 1.33
        "smooth-sharp",
        T(
            "Diffusion's images are smoother (than a GAN's) and sharper.",
            "扩散模型的图像（与 GAN 相比）更平滑，又更锐利。",
        ),
        ("更平滑", "更锐利"),
        T(
            "Smoother means fewer edges, sharper means more; the claim on sharpness decides the "
            "second.",
            "更平滑意味着边缘更少，更锐利意味着边缘更多；后者由清晰度一条判定。",
        ),
    ),
)

MISSING = (
    Lost(  # 1.38
        "curves",
        T(
            "The 100-epoch runs that the report describes, and the values of its curves.",
            "报告所述的 100 轮训练，以及曲线的数值。",
        ),
        T(
            "Its repository holds others: VAE with squared error, batch 8, 20 epochs, seed 118; "
            "diffusion with 10 epochs. Both VAEs are offered: `001-vae` and `001-vae-repo`.",
            "代码仓库中是另外的训练：VAE 用平方误差、批大小 8、20 轮、种子 118；扩散模型 10 轮。"
            "两种 VAE 都提供：`001-vae` 与 `001-vae-repo`。",
        ),
    ),
    Lost(
        "model-class",
        T("`DiffusionModel` and the code that samples.", "`DiffusionModel` 以及采样代码。"),
        T("Used in the listing, never shown.", "代码中用到，但从未给出。"),
        quote="pred = model(data, t)",
    ),
    Lost(
        "metrics",
        T("Any number for the quality of samples.", "样本质量的任何数值。"),
        T(
            "The report judges by eye. Ours stand in the comparison of all models.",
            "报告只凭肉眼判断。我们的数值见所有模型的对比表。",
        ),
    ),
)

REPORT = Report(
    "001",
    T("VAE against class-conditional diffusion on MNIST", "MNIST 上的 VAE 与类别条件扩散模型"),
    T(  # 1.1
        "Build a VAE and a class-conditional diffusion model, generate handwritten digits with "
        "both, and compare how well they do.",
        "“实现了VAE和条件扩散模型, 比较两种模型在生成任务中的效果”：用两者生成手写数字并比较。",
    ),
    T(
        "The VAE maximises a lower bound of the likelihood in one pass; the diffusion model "
        "refines noise in many steps, guided by the class.",
        "VAE 一次前向即优化似然下界；扩散模型在类别引导下用许多步将噪声变为图像。",
    ),
    ("vae/models.py", "diffusion/unet.py", "diffusion/sampler.py"),
    (*FIGURES, *NUMBERS, *CLAIMS, *MISTAKES, *CONTRADICTIONS, *MISSING),
)
