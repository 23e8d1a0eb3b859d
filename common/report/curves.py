"""Which charts a run's history.csv makes, and those over the runs of a sweep."""

from common.report import chart
from common.report.quantities import UNITS
from common.report.text import Text as T

EPOCH, TRAIN, TEST = T("epoch", "轮"), T("train", "训练"), T("test", "测试")
SIZE = T("latent dimensions", "潜变量维数")
BOUND, KL = T("−ELBO", "−ELBO"), T("KL", "KL")
RECONSTRUCTION = T("reconstruction error", "重建误差")
NATS = T("nats per image", "nats/张")
SQUARED = T("squared error per value", "每个数值的平方误差")


def of_run(job, runs):
    """[Markup] of the charts of a run; [] if it is not done."""
    history = runs.history(job)
    if not history:
        return []
    if "test_kl" in history:
        return _vae(history, runs.steps[job].config, _unit(job, runs))
    if "test_noise_mse" in history:
        pairs = (
            (TRAIN, "train_loss"),
            (T("test, averaged weights", "测试，平均权重"), "test_noise_mse"),
        )
        return [_curves(history, pairs, T("noise error", "噪声误差"), SQUARED)]
    pairs = (TRAIN, "train_loss"), (TEST, "test_mse")
    return [_curves(history, pairs, RECONSTRUCTION, SQUARED)]


def _vae(history, config, unit):
    """Reconstruction, KL, and the loss as it is trained."""
    parts = [
        _curves(history, ((TRAIN, f"train_{part}"), (TEST, f"test_{part}")), title, of)
        for part, title, of in (("recon", RECONSTRUCTION, unit), ("kl", KL, NATS))
    ]
    plain = config.beta == 1 and not config.kl_warmup
    beta = f"β = {config.beta:g}"
    title = BOUND if plain else T(f"loss, {beta}", f"损失，{beta}")
    pairs = zip(history.get("test_recon", ()), history.get("test_kl", ()))
    total = {**history, "test_loss": [recon + config.beta * kl for recon, kl in pairs]}
    return [_curves(total, ((TRAIN, "train_loss"), (TEST, "test_loss")), title, unit), *parts]


def _curves(history, pairs, title, unit):
    series = [(label, *_by_epoch(history, key)) for label, key in pairs if key in history]
    return chart.lines(series, title, EPOCH, unit, log=_steep([s[2] for s in series]))


def _by_epoch(history, key):
    return list(range(1, len(history[key]) + 1)), history[key]


def _steep(columns):
    values = [value for column in columns for value in column]
    return bool(values) and min(values) > 0 and max(values) > 20 * min(values)


def of_sweep(jobs, runs):
    """Charts of runs that differ in latent size: the bound by epoch, its parts, FID."""
    jobs = [job for job in jobs if runs.history(job)]
    if not jobs:
        return []
    sizes = [runs.steps[job].config.latent_dim for job in jobs]
    labels = [T(f"z = {z}", f"z = {z}") for z in sizes]
    unit = _unit(jobs[0], runs)
    bounds = [
        (label, *_by_epoch(runs.history(job), "test_neg_elbo")) for label, job in zip(labels, jobs)
    ]
    numbers = [runs.metrics(job) for job in jobs]
    places, at_end = list(range(len(jobs))), []
    for label, key in ((BOUND, "test_neg_elbo"), (RECONSTRUCTION, "test_recon"), (KL, "test_kl")):
        at_end.append((label, places, [found.get(key) for found in numbers]))
    against = [
        (label, [found.get("test_recon")], [found.get("fid")])
        for label, found in zip(labels, numbers)
    ]
    fid = T("FID of samples", "样本的 FID")
    return [
        chart.lines(bounds, T("−ELBO, test", "−ELBO，测试"), EPOCH, unit),
        chart.lines(at_end, T("at the end", "训练结束时"), SIZE, unit, names=sizes),
        chart.lines(
            against,
            T("FID against reconstruction", "FID 与重建误差"),
            T(f"{RECONSTRUCTION.en}, {unit.en}", f"{RECONSTRUCTION.zh}，{unit.zh}"),
            fid,
        ),
    ]


def _unit(job, runs):
    unit = runs.metrics(job).get("unit", "")
    return UNITS.get(unit, T(unit, unit))
