"""The table over all models, and the samples of all models side by side."""

from common.report.jobs import AE, CVAE, DDPM, VAE
from common.report.pictures import embed
from common.report.text import Text as T

COLUMNS = (
    ("epochs", T("epochs", "轮数")),
    ("test_mse", T("MSE", "MSE")),
    ("test_noise_mse", T("noise MSE", "噪声 MSE")),
    ("test_recon", T("recon", "重建")),
    ("test_kl", T("KL", "KL")),
    ("test_neg_elbo", T("−ELBO", "−ELBO")),
    ("conditional_accuracy", T("class right", "类别正确")),
    ("fid", T("FID", "FID")),
    ("fid_floor", T("FID floor", "FID 下限")),
    ("fid_samples", T("FID n", "FID n")),
    ("sharpness", T("sharpness", "清晰度")),
    ("diversity", T("diversity", "多样性")),
    ("parameters", T("parameters", "参数量")),
    ("seconds", T("training, s", "训练秒数")),
    ("ms_per_sample", T("ms a sample", "毫秒/样本")),
)
GALLERY = (
    "000-cvae",
    "001-vae",
    "cvae-mnist",
    "ddpm-mnist",
    "001-ddpm",
    "000-ddpm",
    "004-mlp",
    "004-conv",
    "ddpm-fashion",
)
NOUNS = {
    AE: T("Autoencoders", "自编码器"),
    VAE: T("VAEs", "VAE"),
    CVAE: T("Conditional VAEs", "条件 VAE"),
    DDPM: T("Diffusion models", "扩散模型"),
}


def table(runs):
    """Rows of the table of all models, data set by data set, model by model.

    Returns:
        [{"dataset", "rows": [{"job", "model", "unit", "cells": [number or None]}]}].
    """
    groups = {}
    for name, step in runs.steps.items():
        metrics = runs.metrics(name)
        if not metrics:
            continue
        values = {**metrics, "epochs": step.config.epochs}
        row = {
            "job": step.job,
            "size": f"{step.config.channels}×{step.config.image_size}²",
            "unit": metrics.get("unit", ""),
            "cells": [values.get(key) for key, _ in COLUMNS],
        }
        groups.setdefault(step.config.dataset, []).append(row)
    order = list(NOUNS)
    return [
        {"dataset": name, "rows": sorted(rows, key=lambda row: order.index(row["job"].model))}
        for name, rows in groups.items()
    ]


def gallery(runs):
    """The sample grids of the models that generate: [{"job", "picture", "metrics", "dataset"}]."""
    found = []
    for name in GALLERY:
        path = runs.picture(name, "samples")
        if path:
            found.append(
                {
                    "job": runs.steps[name].job,
                    "picture": embed(path, 760),
                    "metrics": runs.metrics(name),
                    "dataset": runs.dataset(name),
                }
            )
    return found


def by_model(runs):
    """[(model, title, [step])] for the table of contents by model."""
    groups = [
        (model, title, [s for s in runs.steps.values() if s.job.model == model])
        for model, title in NOUNS.items()
    ]
    return [group for group in groups if group[2]]
