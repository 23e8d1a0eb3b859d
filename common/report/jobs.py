"""The runs behind the page: every preset of the reports, and a few that make comparisons fair."""

from dataclasses import dataclass, field

from common.report.text import Text as T

AE, VAE, CVAE, DDPM = "AE", "VAE", "CVAE", "DDPM"


@dataclass(frozen=True)
class Job:
    """One training run.

    Attributes:
        name: of its folder. module: ae, vae or diffusion. model: AE, VAE, CVAE or DDPM.
        preset: of the module, or "". title: a line for the page.
        settings: over the preset, in every profile. quick, smoke: over that, in the profile.
        cost: seconds on two cores, (fixed, an epoch of the quick profile, one of the full);
        fixed is start, evaluation and figures.
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


def _vae(name, title, quick, cost, model=VAE, smoke=VAE_SMOKE, settings=None, preset=None):
    preset = name if preset is None else preset
    return Job(name, "vae", model, title, preset, settings or {}, quick, smoke, cost)


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
        quick={"epochs": 2},
        smoke={**GREY8, "epochs": 2},
        cost=(13, 8, 8),
    ),
    _vae(
        "vae-l32",
        T("VAE with the same layers and 32 numbers", "网络层相同的 32 维 VAE"),
        {"epochs": 2},
        (17, 8, 8),
        preset="",
        settings={
            **SHARED,
            "network": "conv",
            "conditional": False,
            "likelihood": "bernoulli",
            "epochs": 20,
        },
    ),
    _vae(
        "000-cvae",
        T("CVAE with the region-weighted loss", "使用区域加权损失的 CVAE"),
        {
            "epochs": 4,
            "max_train": 30000,
            "lr": 2e-3,
            "lr_schedule": "cosine",
            "beta": 5.0,
        },
        (30, 22, 45),
        CVAE,
        COLOUR_SMOKE,
    ),
    Job(
        "000-ddpm",
        "diffusion",
        DDPM,
        T("DDPM on colour images", "彩色图像上的 DDPM"),
        "000-ddpm",
        quick={
            "epochs": 3,
            "max_train": 15000,
            "max_test": 1000,
            "batch_size": 32,
            "objective": "v",
            "samples": 100,
            "compare": 0,
            "steps": 25,
        },
        smoke={**DDPM_SMOKE, "channels": 3},
        cost=(50, 150, 720),
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
        quick={"epochs": 1, "compare": 0},
        smoke=DDPM_SMOKE,
        cost=(165, 465, 465),
    ),
    Job(
        "ddpm-mnist",
        "diffusion",
        DDPM,
        T("the small U-Net on MNIST", "MNIST 上的小 U-Net"),
        "small",
        settings={"dataset": "mnist"},
        quick={"epochs": 4, "compare": 20},
        smoke={**DDPM_SMOKE, "compare": 10},
        cost=(90, 121, 121),
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
        )
        for z in (1, 2, 5, 10, 20)
    ),
    *(
        _vae(
            f"003-z{z}",
            T(f"VAE 784-400-{z}-400-784", f"VAE 784-400-{z}-400-784"),
            {"epochs": 4, "batch_size": 128, "lr": 5e-4},
            (10, 2, 5),
        )
        for z in (1, 2, 3, 16, 32)
    ),
    _vae("004-mlp", T("MLP CVAE", "MLP CVAE"), {"epochs": 10}, (18, 3, 3), CVAE),
    _vae("004-conv", T("convolutional CVAE", "卷积 CVAE"), {"epochs": 10}, (27, 10, 10), CVAE),
    Job(
        "ddpm-fashion",
        "diffusion",
        DDPM,
        T("the small U-Net on Fashion-MNIST", "Fashion-MNIST 上的小 U-Net"),
        "small",
        {"dataset": "fashion-mnist"},
        {"epochs": 4, "compare": 20},
        {**DDPM_SMOKE, "compare": 10},
        (90, 121, 121),
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
