"""Settings and presets of the diffusion model."""

from dataclasses import dataclass

from common.errors import UserError
from common.training import learning_rate
from common.training.config import RunConfig, option
from diffusion import objective, schedule, unet

SAMPLERS = ("ddpm", "ddim", "dpmpp_2m", "consistency")
FORMER_SAMPLERS = {"solver": "dpmpp_2m"}  # former name -> name
LABELS = {"ddpm": "DDPM", "ddim": "DDIM", "dpmpp_2m": "DPM-Solver++", "solver": "DPM-Solver++"}
# BEGIN TEACHER
MOST_NUMBERS = 3 * 32 * 32  # of an image whose Wiener filter is made: it takes their square
# END TEACHER
AUTO = -1  # "chosen by the data set"; see `defaults`


def defaults(dataset):
    """What a data set suggests for settings that are not given."""
    found = {"image_size": 28, "unet": "small", "epochs": 10, "batch_size": 128}
    if dataset == "digits":
        found = {"image_size": 8, "unet": "tiny", "epochs": 80, "batch_size": 64}
    # BEGIN TEACHER
    found["compare"] = 0 if dataset == "digits" else 100
    # END TEACHER
    return found


@dataclass
class Config(RunConfig):
    """Settings of a diffusion run."""

    image_size: int = option(AUTO, "height and width; -1: 8 for digits, else 28", low=4, high=512)
    epochs: int = option(AUTO, "passes over the training images; -1: by data set", low=1)
    batch_size: int = option(AUTO, "images a step; -1: by data set", low=1)
    lr: float = option(2e-3, "highest learning rate of Adam", low=1e-12, high=100.0)
    # BEGIN TEACHER
    optimizer: str = option("adam", "adam, or muon for the matrices", choices=("adam", "muon"))
    # END TEACHER
    unet: str = option("auto", "size: tiny, lean, small, base; auto: by data set")
    class_form: str = option("add", "class embedding: add or concat", choices=("add", "concat"))
    schedule: str = option("cosine", "linear or cosine", choices=schedule.NAMES)
    timesteps: int = option(1000, "T, steps of the chain", low=1, high=100000)
    objective: str = option("eps", "what is predicted: eps, v, x0", choices=objective.NAMES)
    # BEGIN TEACHER
    wiener: bool = option(False, "correct a Wiener filter of the training images")
    # END TEACHER
    min_snr: float = option(0.0, "gamma of the min-SNR weights; 0: none", low=0.0)
    label_dropout: float = option(0.1, "share of labels hidden, for guidance", low=0.0, high=1.0)
    ema: float = option(0.999, "decay of the averaged weights; 0: none", low=0.0, high=0.999999)
    clip_norm: float = option(1.0, "largest norm of the gradient; 0: any", low=0.0)
    warmup: int = option(200, "steps over which the learning rate rises", low=0)
    lr_schedule: str = option(
        "cosine",
        "after the warm-up: constant or cosine",
        choices=learning_rate.SCHEDULES,
        was="decay",
        renamed=[("none", "constant")],
    )
    sampler: str = option(
        "ddim",
        "ddpm, ddim, dpmpp_2m or consistency",
        choices=SAMPLERS,
        renamed=FORMER_SAMPLERS.items(),
    )
    steps: int = option(50, "network evaluations a sample", low=1)
    guidance: float = option(2.0, "0: no class, 1: class, more: overdone", low=0.0, high=100.0)
    clip: bool = option(True, "keep estimates of x0 in [-1, 1]")
    samples: int = option(1000, "images to judge", low=10, high=100000)
    # BEGIN TEACHER
    compare: int = option(AUTO, "images a sampler to compare; 0: none, -1: by data set", low=0)
    # END TEACHER

    def __post_init__(self):
        """Fill in what was left to the data set."""
        super().__post_init__()
        for name, value in defaults(self.dataset).items():
            if getattr(self, name) in (AUTO, "auto"):
                setattr(self, name, value)

    def check(self):
        """Raise UserError if the settings do not go together."""
        super().check()
        if self.unet not in unet.SIZES:
            raise UserError(f"--unet must be one of {', '.join(unet.SIZES)}, not {self.unet!r}")
        unet.check_size(unet.SIZES[self.unet], self.image_size)
        # BEGIN TEACHER
        self._check_wiener()
        if self.optimizer == "muon" and self.amp:
            raise UserError("--optimizer muon is for float32; leave --amp out, or take adam")
        # END TEACHER
        if self.steps > self.timesteps:
            raise UserError(
                f"--steps {self.steps} is more than the chain has: --timesteps {self.timesteps}"
            )
        if self.label_dropout == 0 and self.guidance != 1:
            raise UserError("guidance needs --label-dropout above 0; else give --guidance 1")

    # BEGIN TEACHER
    def _check_wiener(self):
        numbers = self.channels * self.image_size**2
        if self.wiener and self.objective != "v":
            raise UserError(f"--wiener predicts v: give --objective v, not {self.objective}")
        if self.wiener and numbers > MOST_NUMBERS:
            raise UserError(
                f"--wiener is for images of at most {MOST_NUMBERS} numbers, and these have "
                f"{numbers}; give a smaller --image-size, or --no-wiener"
            )

    # END TEACHER


PRESETS = {
    "tiny": {
        "help": "8 x 8 digits, two minutes",
        "dataset": "digits",
        "unet": "tiny",
        "image_size": 8,
    },
    "small": {
        "help": "28 x 28 on a CPU",
        "unet": "small",
        "image_size": 28,
        "objective": "v",
        "batch_size": 64,
        "epochs": 6,
    },
    # BEGIN TEACHER
    "speedrun": {
        "help": "28 x 28, for two minutes of training",
        "unet": "lean",
        "objective": "v",
        "wiener": True,
        "optimizer": "muon",
        "lr": 4e-3,
        "warmup": 50,
        "batch_size": 64,
        "epochs": 1,
        "sampler": "dpmpp_2m",
        "steps": 12,
    },
    # END TEACHER
    "base": {
        "help": "report 001's size with this project's recipe; for a GPU",
        "unet": "base",
        "image_size": 28,
        "epochs": 20,
    },
    "000-ddpm": {
        "help": "report 000: 3 x 64 x 64 (its network and schedule are not known)",
        "channels": 3,
        "image_size": 64,
        "schedule": "linear",
        "unet": "small",
        "epochs": 20,
    },
    "001-ddpm": {
        "help": "report 001: U-Net 32-64-64, class embedding as channels, cosine, T = 1000",
        "unet": "base",
        "image_size": 28,
        "class_form": "concat",
        "batch_size": 64,
        "lr": 1e-3,
        "epochs": 100,
        "warmup": 0,
        "lr_schedule": "constant",
        "label_dropout": 0.0,
        "guidance": 1.0,
    },
}
