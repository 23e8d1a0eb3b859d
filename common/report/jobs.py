"""The runs behind the page: every preset of the reports, and a few that make comparisons fair."""

from dataclasses import dataclass, field

from common.report.text import Text as T

AE, VAE, CVAE, DDPM = "AE", "VAE", "CVAE", "DDPM"
NOT_GIVEN = ("000-ae", "000-ddpm", "cvae-mnist")  # runs whose preset is not what a report says


@dataclass(frozen=True)
class Job:
    """One training run.

    Attributes:
        name: of its folder. module: ae, vae or diffusion. model: AE, VAE, CVAE or DDPM.
        preset: of the module, or "". title: a line for the page.
        settings: over the preset, in every profile. quick, smoke: over that, in the profile.
        cost: seconds on two cores, (fixed, an epoch of the quick profile, one of the full);
        fixed is start, evaluation and figures.
        seeds: how many runs, with the seeds s, s + 1, ...; one in the smoke profile.
        profiles: those that train it.
    """

    name: str
    module: str
    model: str
    title: T
    preset: str = ""
    settings: dict = field(default_factory=dict)
    quick: dict = field(default_factory=dict)
    smoke: dict = field(default_factory=dict)
    cost: tuple = (30, 5, 5)
    seeds: int = 1
    profiles: tuple = ("smoke", "quick", "full")

    @property
    def given(self):
        """Whether the settings are those of a report; where it gives none, they are ours."""
        return self.preset[:1].isdigit() and self.name not in NOT_GIVEN

    def count(self, profile):
        """How many runs a profile has of it."""
        return 0 if profile not in self.profiles else 1 if profile == "smoke" else self.seeds

    def overrides(self, profile, dataset):
        """What is laid over the preset in a profile; dataset: of --dataset, or ""."""
        chosen = {"smoke": self.smoke, "quick": self.quick, "full": {}}[profile]
        values = {**self.settings, **chosen}
        if profile == "smoke":
            values["dataset"] = "digits"
        if dataset:
            values["dataset"] = dataset
        return values


GREY8 = {"image_size": 8, "channels": 1}
VAE_SMOKE = {**GREY8, "epochs": 2, "samples": 300, "iwae": 5, "iwae_images": 100}
COLOUR_SMOKE = {"image_size": 16, "epochs": 2, "samples": 300, "iwae": 0}
DDPM_SMOKE = {
    "unet": "tiny",
    "image_size": 8,
    "channels": 1,
    "epochs": 4,
    "batch_size": 128,
    "timesteps": 100,
    "steps": 10,
    "samples": 200,
    "compare": 0,
}
SHARED = {"image_size": 28, "channels": 1, "latent_dim": 32, "batch_size": 128, "lr": 1e-3}


FAIR_VAE = {
    **SHARED,
    "network": "conv",
    "conditional": False,
    "likelihood": "bernoulli",
    "epochs": 20,
}
FAIR_QUICK = {"epochs": 6}  # fewer leave most claims open
CVAE_QUICK = {"epochs": 4, "max_train": 30000, "lr": 2e-3, "lr_schedule": "cosine", "beta": 5.0}
SMALL_COST = (108, 121, 121)
SEEDS = 3  # of what is cheap and compared


def _vae(name, title, quick, cost, model=VAE, smoke=VAE_SMOKE, settings=None, preset=None, seeds=1):
    preset = name if preset is None else preset
    return Job(name, "vae", model, title, preset, settings or {}, quick, smoke, cost, seeds)


def _small(name, title, settings, epochs=4, **more):
    """The small U-Net on 28 x 28."""
    quick, smoke = {"epochs": epochs, "compare": 20}, {**DDPM_SMOKE, "compare": 10}
    return Job(name, "diffusion", DDPM, title, "small", settings, quick, smoke, SMALL_COST, **more)


JOBS = (
    Job(
        "000-ae",
        "ae",
        AE,
        T("the assignment's autoencoder", "作业的自编码器"),
        "000-ae",
        quick={"epochs": 2, "max_train": 15000},
        smoke={"epochs": 2, "max_train": 300, "max_test": 100},
        cost=(25, 11, 45),
    ),
    Job(
        "ae-l32",
        "ae",
        AE,
        T("autoencoder with a code of 32 numbers", "编码为 32 维的自编码器"),
        settings={**SHARED, "epochs": 20},
        quick=FAIR_QUICK,
        smoke={**GREY8, "epochs": 2},
        cost=(13, 8, 8),
        seeds=SEEDS,
    ),
    _vae(
        "vae-l32",
        T("VAE with the same layers and 32 numbers", "网络层相同的 32 维 VAE"),
        FAIR_QUICK,
        (17, 8, 8),
        preset="",
        settings=FAIR_VAE,
        seeds=SEEDS,
    ),
    _vae(
        "vae-l32-gaussian",
        T("the same trained on squared error", "同上，用平方误差训练"),
        FAIR_QUICK,
        (17, 8, 8),
        preset="",
        settings={**FAIR_VAE, "likelihood": "gaussian"},
    ),
    _vae(
        "000-cvae",
        T("CVAE with the region-weighted loss", "使用区域加权损失的 CVAE"),
        CVAE_QUICK,
        (30, 22, 45),
        CVAE,
        COLOUR_SMOKE,
    ),
    _vae(
        "000-cvae-stock",
        T("the same with plain squared error", "同上，用普通平方误差"),
        CVAE_QUICK,
        (30, 22, 45),
        CVAE,
        COLOUR_SMOKE,
        {"black_region_loss_coef": 1.0},
        "000-cvae",
    ),
    Job(
        "000-ddpm",
        "diffusion",
        DDPM,
        T("DDPM on colour images", "彩色图像上的 DDPM"),
        "000-ddpm",
        quick={
            "epochs": 3,
            "max_train": 11000,
            "max_test": 1000,
            "batch_size": 32,
            "objective": "v",
            "samples": 100,
            "compare": 0,
            "steps": 25,
        },
        smoke={**DDPM_SMOKE, "channels": 3},
        cost=(50, 110, 720),
    ),
    _vae(
        "001-vae",
        T("VAE 784-400-20", "VAE 784-400-20"),
        {"epochs": 10, "batch_size": 128},
        (12, 2, 5),
    ),
    _vae(
        "001-vae-repo",
        T("the same with squared error, as in its repository", "同上，平方误差，如其仓库"),
        {"epochs": 20, "batch_size": 32},
        (15, 3.5, 24),
        smoke={**VAE_SMOKE, "batch_size": 64},
    ),
    Job(
        "001-ddpm",
        "diffusion",
        DDPM,
        T("the report's U-Net", "报告中的 U-Net"),
        "001-ddpm",
        quick={"epochs": 1, "compare": 10},
        smoke={**DDPM_SMOKE, "compare": 10},
        cost=(230, 465, 465),
    ),
    Job(
        "001-ddpm-unlabelled",
        "diffusion",
        DDPM,
        T("the same without seeing any class", "同上，不提供任何类别"),
        "001-ddpm",
        {"label_dropout": 1.0, "guidance": 0.0},
        cost=(165, 465, 465),
        profiles=("full",),
    ),
    _small("ddpm-mnist", T("the small U-Net on MNIST", "MNIST 上的小 U-Net"), {"dataset": "mnist"}),
    _small(
        "ddpm-mnist-linear",
        T("the same with the linear schedule", "同上，线性噪声调度"),
        {"dataset": "mnist", "schedule": "linear"},
        profiles=("full",),
    ),
    _vae(
        "cvae-mnist",
        T("convolutional CVAE on MNIST", "MNIST 上的卷积 CVAE"),
        {"epochs": 3},
        (20, 9, 9),
        CVAE,
        settings={"dataset": "mnist", "prior": "normal"},
        preset="004-conv",
    ),
    *(
        _vae(
            f"002-z{z}",
            T(f"VAE 784-256-1024-{z}-784-784", f"VAE 784-256-1024-{z}-784-784"),
            {"epochs": 4, "batch_size": 128},
            (12, 3.5, 16),
            seeds=SEEDS,
        )
        for z in (1, 2, 5, 10, 20)
    ),
    _vae(
        "002-z20-beta0",
        T("the same with z = 20, without the KL", "同上，z = 20，不含 KL"),
        {"epochs": 4, "batch_size": 128},
        (12, 3.5, 16),
        settings={"beta": 0.0},
        preset="002-z20",
    ),
    *(
        _vae(
            f"003-z{z}",
            T(f"VAE 784-400-{z}-400-784", f"VAE 784-400-{z}-400-784"),
            {"epochs": 4, "batch_size": 128, "lr": 5e-4},
            (10, 2, 5),
            seeds=SEEDS,
        )
        for z in (1, 2, 3, 16, 32)
    ),
    _vae("004-mlp", T("MLP CVAE", "MLP CVAE"), {"epochs": 10}, (18, 3, 3), CVAE, seeds=SEEDS),
    _vae(
        "004-conv",
        T("convolutional CVAE", "卷积 CVAE"),
        {"epochs": 10},
        (27, 10, 10),
        CVAE,
        seeds=SEEDS,
    ),
    _small(
        "ddpm-fashion",
        T("the small U-Net on Fashion-MNIST", "Fashion-MNIST 上的小 U-Net"),
        {"dataset": "fashion-mnist"},
        epochs=2,
    ),
)


@dataclass(frozen=True)
class Sweep:
    """A picture over several finished VAE runs, drawn by `vae/figures.py --sweep`."""

    name: str
    jobs: tuple


SWEEPS = (
    Sweep("002-sweep", tuple(f"002-z{z}" for z in (1, 2, 5, 10, 20))),
    Sweep("003-sweep", tuple(f"003-z{z}" for z in (1, 2, 3, 16, 32))),
)
