"""Settings and presets of the VAE family."""

from dataclasses import dataclass

from common.errors import UserError
from common.training import learning_rate
from common.training.config import RunConfig, option


@dataclass
class Config(RunConfig):
    """Settings of a VAE run; the defaults are the CVAE of report 000."""

    image_size: int = option(64, "height and width in pixels", low=4, high=512)
    channels: int = option(3, "1 grey, 3 colour", choices=(1, 3))
    lr: float = option(3e-4, "learning rate of Adam", low=1e-12, high=100.0)
    lr_schedule: str = option(
        "constant", "constant or cosine", choices=learning_rate.SCHEDULES, was="schedule"
    )
    network: str = option(
        "cvae", "cvae (report 000), conv (004) or mlp", choices=("cvae", "conv", "mlp")
    )
    conditional: bool = option(True, "encoder and decoder see the class")
    latent_dim: int = option(32, "latent dimensions", low=1, high=10000)
    encoder_widths: str = option("400", "hidden layers of the mlp encoder: 256,1024")
    decoder_widths: str = option("400", "hidden layers of the mlp decoder")
    likelihood: str = option(
        "region",
        "bernoulli, gaussian or region",
        choices=("bernoulli", "gaussian", "region"),
    )
    variance: float = option(0.5, "of gaussian; 0.5 gives the sum of squares", low=1e-6)
    white_threshold: float = option(0.7, "region: brighter is white", low=0.0, high=1.0)
    white_region_loss_coef: float = option(1.0, "region: weight of white pixels", low=0.0)
    black_region_loss_coef: float = option(0.3, "region: weight of black pixels", low=0.0)
    # BEGIN TEACHER
    binarize: str = option(
        "none", "none, or dynamic: 0/1 drawn anew each step", choices=("none", "dynamic")
    )
    # END TEACHER
    beta: float = option(1.0, "weight of the KL divergence in the loss", low=0.0)
    kl_warmup: float = option(0.0, "epochs over which beta grows from 0", low=0.0)
    prior: str = option(
        "normal", "of samples: normal, or mixture of codes", choices=("normal", "mixture")
    )
    samples: int = option(5000, "images drawn to judge them; 0: none", low=0, high=100000)
    iwae: int = option(50, "samples of the IWAE bound; 0: none", low=0)
    iwae_images: int = option(1000, "test images it is measured on; 0: all", low=0)

    def check(self):
        """Limits that go over several settings."""
        super().check()
        self.widths(self.encoder_widths)
        self.widths(self.decoder_widths)
        if self.network != "mlp" and self.image_size % 4:
            raise UserError(
                f"--image-size must be divisible by 4 with --network {self.network}, not "
                f"{self.image_size}; use --network mlp for any size"
            )
        # BEGIN TEACHER
        if self.binarize != "none" and self.likelihood != "bernoulli":
            raise UserError("--binarize dynamic needs --likelihood bernoulli")
        # END TEACHER
        if self.samples and self.samples < 100:
            raise UserError("--samples must be 0 (no measurement) or at least 100")

    @staticmethod
    def widths(text):
        """Hidden layers from text, 256,1024 for one. Raises UserError."""
        try:
            values = tuple(int(part) for part in text.split(","))
        except ValueError:
            values = ()
        if not values or min(values) < 1:
            raise UserError(f"hidden layers are given as 400 or 256,1024, not '{text}'")
        return values


GREY = {"image_size": 28, "channels": 1}
MLP = {**GREY, "network": "mlp", "conditional": False, "likelihood": "bernoulli"}
REPORT_001 = {**MLP, "latent_dim": 20, "lr": 1e-3, "batch_size": 64, "epochs": 100}
REPORT_002 = {
    **MLP,
    "lr": 1e-3,
    "batch_size": 32,
    "epochs": 100,
    "encoder_widths": "256,1024",
    "decoder_widths": "784",
}
REPORT_003 = {**MLP, "lr": 1e-4, "batch_size": 64, "epochs": 300}
REPORT_004 = {
    **GREY,
    "dataset": "fashion-mnist",
    "likelihood": "bernoulli",
    "latent_dim": 64,
    "lr": 2e-3,  # neither rate, batch nor loss is given in the report
    "lr_schedule": "cosine",
    "batch_size": 128,
    "epochs": 50,
    "prior": "mixture",
}
PRESETS = {
    "000-cvae": {"help": "report 000: CVAE, region-weighted loss, 3 x 64 x 64", "epochs": 150},
    "001-vae": {"help": "report 001: MLP VAE 784-400-20", **REPORT_001},
    "001-vae-repo": {
        "help": "the repository of report 001: the same with MSE(sum) + KL, batch 8",
        **REPORT_001,
        "likelihood": "gaussian",
        "batch_size": 8,
        "epochs": 20,
        "seed": 118,
    },
    **{
        f"002-z{z}": {
            "help": f"report 002: 784-256-1024-{z}-784-784",
            **REPORT_002,
            "latent_dim": z,
        }
        for z in (1, 2, 5, 10, 20)
    },
    **{
        f"003-z{z}": {"help": f"report 003: 784-400-{z}-400-784", **REPORT_003, "latent_dim": z}
        for z in (1, 2, 3, 16, 32)
    },
    "004-mlp": {
        "help": "report 004: MLP CVAE on Fashion-MNIST",
        **REPORT_004,
        "network": "mlp",
        "encoder_widths": "512",
        "decoder_widths": "512",
    },
    "004-conv": {"help": "report 004: convolutional CVAE", **REPORT_004, "network": "conv"},
}
