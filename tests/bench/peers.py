"""The same networks in PyTorch, as its users write them. Parameter counts are compared in a run."""

import math

import torch
import torch.nn.functional as F
from torch import nn

HALF = {"kernel_size": 4, "stride": 2, "padding": 1}


class AutoEncoder(nn.Module):
    """ae/assignment.py."""

    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Conv2d(3, 16, 3, padding=1), nn.ReLU(), nn.BatchNorm2d(16), nn.MaxPool2d(2),
            nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.BatchNorm2d(32), nn.MaxPool2d(2),
        )  # fmt: skip
        self.decoder = nn.Sequential(
            nn.ConvTranspose2d(32, 16, 2, 2), nn.ReLU(), nn.BatchNorm2d(16),
            nn.ConvTranspose2d(16, 3, 2, 2), nn.Sigmoid(),
        )  # fmt: skip

    def forward(self, x):
        return self.decoder(self.encoder(x))

    def loss(self, x, y):
        return F.mse_loss(self(x), x)


class VAE(nn.Module):
    """Bernoulli likelihood and KL divergence."""

    def loss(self, x, y):
        y = F.one_hot(y, 10).float()
        mu, logvar = self.encode(x, y)
        z = mu + torch.exp(0.5 * logvar) * torch.randn_like(mu)
        logits = self.decode(z, y)
        recon = F.binary_cross_entropy_with_logits(logits, x, reduction="sum") / len(x)
        kl = -0.5 * (1 + logvar - mu.square() - logvar.exp()).sum(1).mean()
        return recon + kl


class MlpVAE(VAE):
    """vae/models.py with the settings of report 001."""

    def __init__(self, hidden=400, latent=20):
        super().__init__()
        self.encoder = nn.Linear(784, hidden)
        self.mu, self.logvar = nn.Linear(hidden, latent), nn.Linear(hidden, latent)
        self.decoder = nn.Sequential(nn.Linear(latent, hidden), nn.ReLU(), nn.Linear(hidden, 784))

    def encode(self, x, y):
        hidden = F.relu(self.encoder(x.flatten(1)))
        return self.mu(hidden), self.logvar(hidden)

    def decode(self, z, y):
        return self.decoder(z).view(-1, 1, 28, 28)


class ConvVAE(VAE):
    """vae/models.py with the settings of report 004."""

    def __init__(self, latent=64, features=64 * 7 * 7):
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Conv2d(11, 32, **HALF), nn.ReLU(), nn.Conv2d(32, 64, **HALF), nn.ReLU()
        )
        self.mu, self.logvar = nn.Linear(features, latent), nn.Linear(features, latent)
        self.unfold = nn.Linear(latent + 10, features)
        self.decoder = nn.Sequential(
            nn.ConvTranspose2d(64, 32, **HALF), nn.ReLU(), nn.ConvTranspose2d(32, 1, **HALF)
        )

    def encode(self, x, y):
        maps = y[:, :, None, None].expand(-1, -1, *x.shape[2:])
        hidden = self.encoder(torch.cat([x, maps], 1)).flatten(1)
        return self.mu(hidden), self.logvar(hidden)

    def decode(self, z, y):
        return self.decoder(self.unfold(torch.cat([z, y], 1)).view(-1, 64, 7, 7))


class ResidualBlock(nn.Module):
    """diffusion/unet.py."""

    def __init__(self, channels_in, channels_out, embedding):
        super().__init__()
        self.norm1 = nn.GroupNorm(channels_in // 8, channels_in)
        self.conv1 = nn.Conv2d(channels_in, channels_out, 3, padding=1)
        self.shift = nn.Linear(embedding, channels_out)
        self.norm2 = nn.GroupNorm(channels_out // 8, channels_out)
        self.conv2 = nn.Conv2d(channels_out, channels_out, 3, padding=1)
        same = channels_in == channels_out
        self.shortcut = nn.Identity() if same else nn.Conv2d(channels_in, channels_out, 1)

    def forward(self, x, emb):
        h = self.conv1(F.silu(self.norm1(x))) + self.shift(emb)[:, :, None, None]
        return self.conv2(F.silu(self.norm2(h))) + self.shortcut(x)


class Attention(nn.Module):
    """diffusion/unet.py, by PyTorch's own attention kernel."""

    def __init__(self, channels):
        super().__init__()
        self.norm = nn.GroupNorm(channels // 8, channels)
        self.qkv, self.out = nn.Conv2d(channels, 3 * channels, 1), nn.Conv2d(channels, channels, 1)

    def forward(self, x):
        q, k, v = self.qkv(self.norm(x)).flatten(2).transpose(1, 2)[:, None].chunk(3, -1)
        h = F.scaled_dot_product_attention(q, k, v)[:, 0].transpose(1, 2)
        return x + self.out(h.reshape(x.shape))


class Stage(nn.Module):
    """diffusion/unet.py."""

    def __init__(self, channels_in, channels_out, embedding, attention):
        super().__init__()
        self.block = ResidualBlock(channels_in, channels_out, embedding)
        self.attention = Attention(channels_out) if attention else nn.Identity()

    def forward(self, x, emb):
        return self.attention(self.block(x, emb))


class UNet(nn.Module):
    """diffusion/unet.py for images of one channel and ten classes; arguments as its Size."""

    def __init__(self, widths, blocks, attention, patch=1, lean=False, concat=False):
        super().__init__()
        emb, folded, self.width, self.lean = 4 * widths[0], patch**2, widths[0], lean
        self.concat = concat
        self.time = nn.Sequential(nn.Linear(widths[0], emb), nn.SiLU(), nn.Linear(emb, emb))
        self.label = nn.Embedding(11, 4 if concat else emb)
        self.fold, self.unfold = nn.PixelUnshuffle(patch), nn.PixelShuffle(patch)
        self.stem = nn.Conv2d((5 if concat else 1) * folded, widths[0], 3, padding=1)
        self.down, self.up = nn.ModuleList(), nn.ModuleList()
        width, skips, last = widths[0], [] if lean else [widths[0]], len(widths) - 1
        for level, w in enumerate(widths):
            for _ in range(blocks):
                self.down.append(Stage(width, w, emb, last - level < attention))
                width = w
                skips.append(w)
            if level < last:
                self.down.append(nn.Conv2d(w, w, 3, stride=2, padding=1))
                skips += [] if lean else [w]
        self.middle = nn.ModuleList(
            [Stage(width, width, emb, attention > 0), Stage(width, width, emb, False)]
        )
        for level in reversed(range(last + 1)):
            for _ in range(blocks + (not lean)):
                self.up.append(
                    Stage(width + skips.pop(), widths[level], emb, last - level < attention)
                )
                width = widths[level]
            if level:
                after = widths[level - 1] if lean else width
                self.up.append(
                    nn.Sequential(
                        nn.Upsample(scale_factor=2), nn.Conv2d(width, after, 3, padding=1)
                    )
                )
                width = after
        self.norm = nn.GroupNorm(widths[0] // 8, widths[0])
        self.head = nn.Conv2d(widths[0], folded, 3, padding=1)

    def embed(self, t):
        half = self.width // 2
        steps = torch.arange(half, device=t.device, dtype=torch.float32)
        angle = t[:, None] * torch.exp(steps * (-math.log(10000) / half))
        return torch.cat([angle.sin(), angle.cos()], 1)

    def forward(self, x, t, y):
        emb, label = self.time(self.embed(t)), self.label(y)
        if self.concat:
            x = torch.cat([x, label[:, :, None, None].expand(-1, -1, *x.shape[2:])], 1)
        else:
            emb = emb + label
        emb = F.silu(emb)
        h = self.stem(self.fold(x))
        skips = [] if self.lean else [h]
        for layer in self.down:
            stage = isinstance(layer, Stage)
            h = layer(h, emb) if stage else layer(h)
            if stage or not self.lean:
                skips.append(h)
        for layer in self.middle:
            h = layer(h, emb)
        for layer in self.up:
            stage = isinstance(layer, Stage)
            h = layer(torch.cat([h, skips.pop()], 1), emb) if stage else layer(h)
        return self.unfold(self.head(F.silu(self.norm(h))))


class Diffusion(nn.Module):
    """A U-Net with its loss. velocity: it predicts v instead of eps. dropout: of the labels."""

    def __init__(self, unet, velocity, dropout):
        super().__init__()
        self.unet, self.velocity, self.dropout = unet, velocity, dropout
        t = torch.arange(1001) / 1000
        f = torch.cos((t + 0.008) / 1.008 * math.pi / 2) ** 2
        bar = torch.cumprod(1 - (1 - f[1:] / f[:-1]).clamp(max=0.999), 0)
        self.register_buffer("bar", bar)

    def loss(self, x, y):
        x, eps = 2 * x - 1, torch.randn_like(x)
        t = torch.randint(0, 1000, [len(x)], device=x.device)
        y = torch.where(torch.rand(len(x), device=x.device) < self.dropout, 10, y)
        bar = self.bar[t].view(-1, 1, 1, 1)
        a, s = bar.sqrt(), (1 - bar).sqrt()
        wanted = a * eps - s * x if self.velocity else eps
        return F.mse_loss(self.unet(a * x + s * eps, t, y), wanted)


def build(net):
    """The network of a row, with `loss(x, y)`; x in [0, 1], y int64."""
    if net == "small":
        return Diffusion(UNet((48, 96), 1, 1, patch=2, lean=True), True, 0.1)
    if net == "001-ddpm":
        return Diffusion(UNet((32, 64, 64), 2, 2, concat=True), False, 0.0)
    return {"ae": AutoEncoder, "cvae": ConvVAE, "vae": MlpVAE}[net]()


BATCH = {"ae": 64, "cvae": 128, "vae": 128, "small": 64, "001-ddpm": 64}
SHAPE = {"ae": (3, 64, 64)}  # of an image; else (1, 28, 28)
EMA = {"small": 0.999, "001-ddpm": 0.999}
RATE = {"small": 2e-3}  # of Adam; else 1e-3
