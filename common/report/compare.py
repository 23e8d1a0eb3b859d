"""The table over all models."""

from common.report.jobs import AE, CVAE, DDPM, VAE
from common.report.text import Text as T

COLUMNS = (  # key, name, how it is written
    ("epochs", T("epochs", "轮数"), "{:,.0f}"),
    ("test_mse", T("MSE per pixel", "每像素 MSE"), "{:.4f}"),
    ("test_noise_mse", T("noise MSE", "噪声 MSE"), "{:.4f}"),
    ("test_recon", T("reconstruction", "重建误差"), "{:.2f}"),
    ("test_kl", T("KL, nats", "KL，nats"), "{:.2f}"),
    ("test_neg_elbo", T("−ELBO", "−ELBO"), "{:.2f}"),
    ("conditional_accuracy", T("class accuracy", "类别准确率"), "{:.1%}"),
    ("fid", T("FID", "FID"), "{:.2f}"),
    ("fid_floor", T("FID of real images", "真实图像的 FID"), "{:.2f}"),
    ("fid_samples", T("images of the FID", "FID 所用图像数"), "{:,.0f}"),
    ("sharpness", T("sharpness", "清晰度"), "{:.2f}"),
    ("diversity", T("diversity", "多样性"), "{:.2f}"),
    ("parameters", T("parameters", "参数量"), "{:,.0f}"),
    ("ms_per_sample", T("ms per sample", "毫秒/样本"), "{:.2f}"),
)
MODELS = (AE, VAE, CVAE, DDPM)


def table(runs):
    """The table of all models, data set by data set, model by model.

    Returns:
        [{"dataset", "rows": [{"job", "size", "unit", "cells": [text, "" for none]}]}].
    """
    groups = {}
    for name, step in runs.steps.items():
        metrics = runs.metrics(name)
        if not metrics:
            continue
        values = {**metrics, "epochs": step.config.epochs}
        row = {
            "job": step.job,
            "size": f"{step.config.channels} × {step.config.image_size}²",
            "unit": metrics.get("unit", ""),
            "cells": [_cell(values.get(key), form) for key, _, form in COLUMNS],
        }
        groups.setdefault(step.config.dataset, []).append(row)
    return [
        {"dataset": name, "rows": sorted(rows, key=lambda row: MODELS.index(row["job"].model))}
        for name, rows in groups.items()
    ]


def _cell(value, form):
    return "" if value is None else form.format(value)
