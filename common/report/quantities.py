"""What the numbers of metrics.json and history.csv are called, and in what they are measured.

A key that a row of `tables/` reads needs its line here.
"""

from typing import NamedTuple

from common.report.text import Text as T

NATS = T("nats per image", "nats/张")


class Quantity(NamedTuple):
    """What is measured.

    Attributes:
        name, unit: in both languages. share: it lies in [0, 1] and reads as percent. timed: it
        is a time, or a ratio of times, which no second run repeats exactly. exact: it follows from
        the settings, so that one run says it all.
    """

    name: T
    unit: T = T("", "")
    share: bool = False
    timed: bool = False
    exact: bool = False


NONE = T("", "")


def _plain(en, zh, unit=NONE, timed=False):
    return Quantity(T(en, zh), unit, timed=timed)


def _exact(en, zh, unit=NONE):
    return Quantity(T(en, zh), unit, exact=True)


def _share(en, zh):
    return Quantity(T(en, zh), share=True)


FID = _plain("FID", "FID")
RATIO = _plain("ratio", "比值")
QUANTITIES = {
    "active_units": _plain("active units", "活跃单元数"),
    "ancestral_accuracy": _share("class accuracy", "类别准确率"),
    "batch_spread": _plain(
        "spread of the loss from batch to batch over its mean", "逐批损失的标准差 / 均值"
    ),
    "box_fid": _plain("FID at random points of the box", "盒内随机点的 FID"),
    "box_fid_floor": _plain("FID floor", "FID 下限"),
    "bytes": _exact("size as float32", "float32 大小", T("bytes", "字节")),
    "class_histogram": _share("share of the samples", "在样本中的比例"),
    "classifier_accuracy": Quantity(
        T("judge's accuracy on real images", "分类器对真实图像的准确率"), share=True, exact=True
    ),
    "code_size": _exact("numbers of a code", "编码所含数字个数"),
    "codes_fid": _plain("FID of reconstructions", "重建的 FID"),
    "conditional_accuracy": _share("class accuracy", "类别准确率"),
    "diversity": _plain("diversity within a class", "类内多样性"),
    "fid": FID,
    "fid_1000": _plain("FID of 1,000 samples", "1,000 个样本的 FID"),
    "fid_floor": _plain("FID floor", "FID 下限"),
    "gaussian_fid": _plain("FID at codes of a fitted Gaussian", "拟合高斯分布的编码处的 FID"),
    "iwae_1": _plain("−ELBO", "−ELBO", NATS),
    "iwae_50": _plain("IWAE-50 bound", "IWAE-50 界", NATS),
    "kmeans_nmi": _share("agreement of k-means with the classes", "k-means 与类别的一致程度"),
    "knn_accuracy": _share("k-NN accuracy of the codes", "编码的 k-NN 准确率"),
    "line_digits": _plain(
        "digits on the line that the judge is sure of", "直线上分类器能确认的数字个数"
    ),
    "line_same": _share("neighbours on the line with the same class", "直线上类别相同的相邻点"),
    "midpoint_fid": _plain("FID halfway between codes", "编码中点处的 FID"),
    "mixture_fid": _plain("FID at codes of a fitted mixture", "拟合混合分布的编码处的 FID"),
    "ms_per_sample": _plain(
        "time of drawing one image", "生成一张图像的用时", T("ms", "毫秒"), True
    ),
    "parameters": _exact("parameters", "参数量"),
    "pixels": _exact("values of an image", "图像的数值个数"),
    "plane_classes": _plain(
        "classes in the plane that the judge is sure of", "平面上分类器能确认的类别数"
    ),
    "plane_patches": _share(
        "smallest share of a class in one patch", "各类落在同一连通区域的比例之最小者"
    ),
    "posterior_std": _plain("standard deviation of q(z|x)", "q(z|x) 的标准差"),
    "recon_accuracy": _share("recognised reconstructions", "判对类别的重建"),
    "recon_class_accuracy": _share("recognised reconstructions", "判对类别的重建"),
    "seconds": _plain("training time", "训练用时", T("s", "秒"), True),
    "sharpness": _plain("sharpness", "清晰度"),
    "shell_fid": _plain("FID at codes of this length", "该长度的编码处的 FID"),
    "silhouette": _plain("silhouette of the codes", "编码的轮廓系数"),
    "sure_share": _share("samples that the judge is sure of", "分类器能确认的样本"),
    "test_images": _exact("test images", "测试图像数"),
    "test_kl": _plain("KL", "KL", T("nats per image", "nats/张")),
    "test_mse": _plain("test MSE", "测试 MSE", T("per pixel", "每像素")),
    "test_mse_white": _plain(
        "test MSE of white pixels", "白色像素的测试 MSE", T("per pixel", "每像素")
    ),
    "test_neg_elbo": _plain("−ELBO", "−ELBO", NATS),
    "test_noise_mse": _plain("noise error", "噪声误差", T("per element", "每元素")),
    "test_recon": _plain("reconstruction error", "重建误差", NATS),
    "train_loss": _plain("training loss", "训练损失", NATS),
    "unevenness": _plain("variation of neighbour distances", "近邻距离的变异系数"),
    "unseen_fid": _plain("FID at codes from unseen regions", "未见区域的编码处的 FID"),
    "walk_one_change": _share(
        "walks on which the class changes once at most", "类别至多变化一次的路径"
    ),
    "walk_smooth": _share("walks without a jump", "没有突变的路径"),
}
UNITS = {  # of `unit` in metrics.json, which the reconstruction part and the bound have
    "nats per image": NATS,
    "sum of squared errors / (2 variance), per image": T(
        "squared error / (2 variance), per image", "平方误差 /（2 × 方差），每张"
    ),
    "weighted squared error per image": T(
        "weighted squared error, per image", "加权平方误差，每张"
    ),
}
IN_UNIT_OF_RUN = ("test_neg_elbo", "test_recon", "train_loss")
