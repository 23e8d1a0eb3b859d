"""Report 001: an MLP VAE against a class-conditional diffusion model."""

from common.report.items import (
    NOTHING,
    Check,
    Claim,
    Error,
    Figure,
    Goal,
    Lost,
    Reference,
    Report,
    repository_of,
)
from common.report.rules import Above, AtLeast, AtMost, Below, ByArgument, Equal, Near
from common.report.sources import Bytes, Epoch, Lowest, Metric, Seen
from common.report.text import Text as T

SHOWN = T("Shown in report 001.", "报告 001 中有此图。")

FIGURES = (
    Figure(
        "histogram",
        T("How many images each class has.", "各类别的图像数量。"),
        (("001-vae", "dataset-classes"),),
        SHOWN,
    ),
    Figure(
        "random-samples",
        T("Random images of the data set.", "数据集中的随机图像。"),
        (("001-vae", "dataset-samples"),),
        SHOWN,
    ),
    Figure(
        "vae-loss",
        T(
            "Loss of the VAE by epoch: the report's settings, then those of its repository "
            "(squared error).",
            "VAE 的逐轮损失：先是报告的设置，后是其代码仓库的设置（平方误差）。",
        ),
        (("001-vae", "loss"), ("001-vae-repo", "loss")),
        T(
            "Shown in report 001 for 100 epochs; the numbers in its repository are of 20 epochs.",
            "报告 001 给出 100 轮的曲线；其仓库中的数值为 20 轮。",
        ),
        wide=True,
    ),
    Figure(
        "vae-samples",
        T(
            "Samples of the VAE: the report's settings, then the repository's.",
            "VAE 的生成样本：先是报告的设置，后是仓库的设置。",
        ),
        (("001-vae", "samples"), ("001-vae-repo", "samples")),
        SHOWN,
        wide=True,
    ),
    Figure(
        "vae-reconstructions",
        T("Test images above their reconstructions.", "测试图像与其重建。"),
        (("001-vae", "reconstructions"),),
        T("Not in the report.", "报告中没有。"),
    ),
    Figure(
        "ddpm-loss",
        T("Noise error of the diffusion model by epoch.", "扩散模型的逐轮噪声误差。"),
        (("001-ddpm", "loss"), ("ddpm-mnist", "loss")),
        T("Shown in report 001 as a sum over each batch of 8.", "报告 001 中按每批 8 张求和绘制。"),
        wide=True,
    ),
    Figure(
        "ddpm-samples",
        T(
            "Diffusion samples, one row a class: the report's network, then this project's "
            "small one.",
            "扩散模型的样本，每行一个类别：先是报告的网络，后是本项目的小网络。",
        ),
        (("001-ddpm", "samples"), ("ddpm-mnist", "samples")),
        T(
            "Shown in report 001, 10 rows of 8; digits of several rows are of another class.",
            "报告 001 中为 10 行 8 列；若干行出现了其他类别的数字。",
        ),
        wide=True,
    ),
    Figure(
        "ddpm-samplers",
        T(
            "Fewer steps, other samplers: accuracy and seconds (from 100 images on also the FID).",
            "更少的步数与其他采样器：准确率与用时（不少于 100 张图像时还有 FID）。",
        ),
        (("ddpm-mnist", "samplers"), ("ddpm-mnist", "guidance")),
        T("Not in the report.", "报告中没有。"),
        wide=True,
    ),
    Figure(
        "ddpm-copies",
        T(
            "Samples beside the nearest training images (does it copy?), the error by step, and "
            "the schedules.",
            "样本与最接近的训练图像（它在照抄吗？）、各时间步的误差，以及噪声调度。",
        ),
        (
            ("ddpm-mnist", "neighbours"),
            ("ddpm-mnist", "noise-by-step"),
            ("ddpm-mnist", "schedules"),
        ),
        T("Not in the report.", "报告中没有。"),
        wide=True,
    ),
)

NUMBERS = (
    Check(
        "vae-parameters",
        T("Parameters of the VAE 784-400-20", "VAE 784-400-20 的参数量"),
        Metric("001-vae", "parameters"),
        Equal(652824),
        image_size=28,
    ),
    Reference(
        "vae-file",
        T("Bytes of its float32 parameters", "其 float32 参数的字节数"),
        Bytes("001-vae"),
        Near(2614656, 0.002),
        source=repository_of("001", T("size of vae.pth", "vae.pth 的大小")),
        data=(),
        note=T(
            "The file has a header of 3,360 bytes beside the parameters.",
            "文件除参数外还有 3,360 字节的文件头。",
        ),
        image_size=28,
    ),
    *(
        Reference(
            f"repo-{split}-{epoch}",
            T(
                f"MSE (sum) + KL an image after {epoch} epochs, {split}",
                f"训练 {epoch} 轮后每张图像的 MSE（求和）+ KL，"
                f"{'训练集' if split == 'train' else '测试集'}",
            ),
            Epoch("001-vae-repo", column, epoch),
            AtMost(reference, slack),
            source=repository_of("001", T("vae_loss.csv", "vae_loss.csv")),
        )
        for split, column, slack, values in (
            ("train", "train_loss", 0.01, ((1, 36.53), (10, 30.52), (20, 30.07))),
            ("test", "test_neg_elbo", 0.0, ((1, 32.78), (10, 30.50), (20, 29.83))),
        )
        for epoch, reference in values
    ),
    *(
        Reference(
            f"noise-mse-{epoch}",
            T(
                f"Noise error per element after {epoch * 60_000:,} images (their epoch {epoch})",
                f"看过 {epoch * 60_000:,} 张图像后每元素的噪声误差（对应其第 {epoch} 轮）",
            ),
            Seen("001-ddpm", "test_noise_mse", 60_000 * epoch),
            AtMost(reference),
            source=repository_of("001", T("diffusion losses", "扩散模型损失")),
            note=T(
                "Theirs is the mean training loss of the epoch, ours is on held-out images.",
                "其数值为该轮训练损失的平均，我们在未参与训练的图像上测量。",
            ),
        )
        for epoch, reference in ((1, 0.0552), (5, 0.0399), (10, 0.0385))
    ),
    Reference(
        "grid-accuracy",
        T(
            "Share of diffusion samples in the class that was asked for",
            "扩散样本属于所要求类别的比例",
        ),
        Metric("001-ddpm", "conditional_accuracy"),
        AtLeast(5 / 6),
        source=repository_of(
            "001", T("its sample grid, about one in six wrong by eye", "样本图，目测约六分之一错误")
        ),
    ),
    Goal(
        "goal-accuracy",
        T("The same against this project's goal", "同上，与本项目目标相比"),
        Metric("ddpm-mnist", "conditional_accuracy"),
        AtLeast(0.98),
    ),
)

CLAIMS = (
    Claim(
        "blurry",
        T("The VAE's samples are blurry.", "VAE 的样本模糊。"),
        Metric("001-vae", "sharpness"),
        AtMost(0.9),
        NOTHING,
        T(
            "Sharpness is the mean |Laplacian| of the samples over that of real test images; below "
            "0.9 counts as blurry.",
            "清晰度为样本与真实测试图像的平均 |拉普拉斯| 之比；低于 0.9 视为模糊。",
        ),
        (("VAE", Metric("001-vae", "fid")), ("VAE", Metric("001-vae", "fid_floor"))),
    ),
    Claim(
        "sharper",
        T("Diffusion samples are far sharper than the VAE's.", "扩散模型的样本远比 VAE 清晰。"),
        (
            ("DDPM", Metric("001-ddpm", "sharpness")),
            ("VAE", Metric("001-vae", "sharpness")),
        ),
        Above(share=0.1),
        NOTHING,
        T("FID of 1,000 samples each.", "FID 均由 1,000 个样本算得。"),
        (
            ("VAE", Metric("001-vae", "fid_1000")),
            ("DDPM", Metric("001-ddpm", "fid_1000")),
        ),
    ),
    Claim(
        "mode-collapse",
        T("The diffusion model still has mode collapse.", "扩散模型仍有模式坍缩。"),
        Metric("001-ddpm", "diversity"),
        AtMost(0.8),
        NOTHING,
        T(
            "Mode collapse would show as samples of a class that are all alike: a spread of "
            "features "
            "below 0.8 of the real one. What the report's grid shows are digits of a wrong class: "
            "class confusion, which conditional accuracy measures.",
            "模式坍缩应表现为同类样本彼此雷同：特征离散度低于真实图像的 0.8。"
            "报告图中看到的是类别错误，即类别混淆，由条件准确率衡量。",
        ),
        (
            ("", Metric("001-ddpm", "conditional_accuracy")),
            ("", Metric("001-ddpm", "classifier_accuracy")),
            ("rarest class", Lowest("001-ddpm", "class_histogram")),
        ),
    ),
    Claim(
        "conditional",
        T("A conditional VAE is weaker than conditional diffusion.", "条件 VAE 弱于条件扩散模型。"),
        (
            ("DDPM", Metric("001-ddpm", "fid_1000")),
            ("CVAE", Metric("cvae-mnist", "fid_1000")),
        ),
        Below(share=0.1),
        NOTHING,
        T(
            "The report compares an unconditional VAE with a conditional diffusion model. Here "
            "both are told the class; FID of 1,000 samples each.",
            "报告用无条件 VAE 与条件扩散模型比较。这里两者都已知类别；FID 均由 1,000 个样本算得。",
        ),
        (
            ("DDPM", Metric("001-ddpm", "conditional_accuracy")),
            ("CVAE", Metric("cvae-mnist", "conditional_accuracy")),
            ("DDPM", Metric("001-ddpm", "sharpness")),
            ("CVAE", Metric("cvae-mnist", "sharpness")),
        ),
    ),
    Claim(
        "labels",
        T(
            "Class information improves the diffusion model's images.",
            "类别信息提高扩散模型的生成质量。",
        ),
        (
            ("DDPM", Metric("001-ddpm", "fid_1000")),
            ("DDPM, unlabelled", Metric("001-ddpm-unlabelled", "fid_1000")),
        ),
        Below(share=0.1),
        NOTHING,
        T(
            "The same network trained without ever seeing a class.",
            "同一网络，训练时从不提供类别。",
        ),
    ),
    Claim(
        "schedule",
        T(
            "The cosine schedule gives better samples than the linear one.",
            "余弦调度的样本优于线性调度。",
        ),
        (
            ("DDPM, cosine", Metric("ddpm-mnist", "fid_1000")),
            ("DDPM, linear", Metric("ddpm-mnist-linear", "fid_1000")),
        ),
        Below(share=0.1),
        NOTHING,
        T("On this project's small network.", "在本项目的小网络上比较。"),
    ),
    Claim(
        "epochs",
        T(
            "The diffusion model was trained for 100 epochs at batch 64.",
            "扩散模型以批大小 64 训练了 100 轮。",
        ),
        (),
        ByArgument("wrong"),
        NOTHING,
        T(
            "Its repository holds 75,000 losses: 10 epochs of 7,500 batches of 8.",
            "其仓库含 75,000 个损失值：10 轮，每轮 7,500 批，每批 8 张。",
        ),
    ),
)

MISTAKES = (
    Error(
        "listing",
        T(
            "The training code shown: `pred = model(data, t); loss(pred, data)`. No noise, the "
            "input "
            "as target, flattened images, no labels, a class that is never shown.",
            "所列训练代码：`pred = model(data, t); loss(pred, data)`。没有噪声，以输入为目标，"
            "图像被展平，没有标签，且所用的类从未给出。",
        ),
        T(
            "`x = 2x − 1`, draw eps and t, `xt = add_noise(x, t, eps)`, then the mean of "
            "`(eps − model(xt, t, y))²`, as in its repository.",
            "`x = 2x − 1`，抽取 eps 与 t，`xt = add_noise(x, t, eps)`，再取 "
            "`(eps − model(xt, t, y))²` 的均值，如其仓库所做。",
        ),
    ),
    Error(
        "range",
        T("Images in [0, 1] for both models.", "两个模型都使用 [0, 1] 的图像。"),
        T(
            "Diffusion needs [−1, 1]: the chain ends in noise with mean 0.",
            "扩散模型需要 [−1, 1]：链的终点是均值为 0 的噪声。",
        ),
    ),
    Error(
        "last-t",
        T(
            "`randint(0, 999)` never trains t = 999 (repository).",
            "`randint(0, 999)` 永远不会训练 t = 999（仓库代码）。",
        ),
        T(
            "The upper bound is exclusive: `randint(0, 1000)`.",
            "上界不包含在内：`randint(0, 1000)`。",
        ),
    ),
    Error(
        "repository",
        T(
            "Repository: `bs, ch, w, h = x.shape`; `os.path.join(path, '/vae_loss.png')` drops "
            "path; "
            "arguments parsed at import; a folder taken for granted; the seed commented out.",
            "仓库代码：`bs, ch, w, h = x.shape`；`os.path.join(path, '/vae_loss.png')` 丢掉了 "
            "path；"
            "导入时解析参数；默认文件夹已存在；随机种子被注释掉。",
        ),
        T(
            "Height comes before width; no leading slash; work in `main`; create folders; seed.",
            "高在宽之前；不要以斜杠开头；在 `main` 中执行；自行创建文件夹；设定种子。",
        ),
    ),
    Error(
        "sum-plot",
        T(
            "The diffusion loss is drawn as a sum over each batch of 8.",
            "扩散损失按每批 8 张求和绘制。",
        ),
        T(
            "A mean per element does not depend on batch or image size.",
            "按元素平均的误差不依赖批大小与图像大小。",
        ),
    ),
    Error(
        "collapse-word",
        T(
            "Wrong digits in the grid are called mode collapse.",
            "把样本图中错误的数字称为模式坍缩。",
        ),
        T(
            "Class confusion; measure it with conditional accuracy and a class histogram.",
            "应为类别混淆；用条件准确率与类别直方图衡量。",
        ),
    ),
)

MISSING = (
    Lost(
        "curves",
        T("The 100-epoch runs that the report describes.", "报告所述的 100 轮训练。"),
        T(
            "The repository holds others: VAE with squared error, batch 8, 20 epochs, seed 118; "
            "diffusion with 10 epochs. Both are offered: `001-vae` and `001-vae-repo`.",
            "仓库中是另外的训练：VAE 用平方误差、批大小 8、20 轮、种子 118；扩散模型 10 轮。"
            "两者都提供：`001-vae` 与 `001-vae-repo`。",
        ),
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
    T(
        "Generate handwritten digits with a small VAE and with a diffusion model, and compare.",
        "用小型 VAE 与扩散模型生成手写数字并比较。",
    ),
    T(
        "The VAE maximises a lower bound of the likelihood in one pass; the diffusion model "
        "refines "
        "noise in many steps, guided by the class.",
        "VAE 一次前向即优化似然下界；扩散模型在类别引导下用许多步将噪声变为图像。",
    ),
    ("vae/models.py", "diffusion/unet.py", "diffusion/sampler.py"),
    (*FIGURES, *NUMBERS, *CLAIMS, *MISTAKES, *MISSING),
)
