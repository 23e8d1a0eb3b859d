"""PyTorch's side of a row. Run by the Python of BENCH_TORCH; imports nothing of the project."""

import os
import tempfile
import time

import torch
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from tests.bench import peers
from tests.bench.clock import Clock, repeat, specification


class Side:
    """A network of `peers` as a spec asks for it.

    spec: "net"; "variant": eager, channels_last, compile, or autocast (bfloat16, channels_last);
    "device": cpu or gpu. Adam is the fused one everywhere, which is the fastest.
    """

    def __init__(self, spec):
        self.net, self.variant = spec["net"], spec.get("variant", "eager")
        self.device = torch.device("cuda" if spec.get("device", "cpu") == "gpu" else "cpu")
        torch.manual_seed(0)
        self.layout = torch.contiguous_format
        if self.variant in ("channels_last", "autocast"):
            self.layout = torch.channels_last
        self.model = peers.build(self.net).to(self.device, memory_format=self.layout)
        rate = peers.RATE.get(self.net, 1e-3)
        self.adam = torch.optim.Adam(self.model.parameters(), rate, fused=True)
        self.average = None
        if self.net in peers.EMA:
            how = get_ema_multi_avg_fn(peers.EMA[self.net])
            self.average = AveragedModel(self.model, multi_avg_fn=how)

    def clock(self):
        """A Clock that knows the number of trainable parameters."""
        count = sum(p.numel() for p in self.model.parameters())
        facts = {"parameters": count, "version": f"torch {torch.__version__}"}
        if self.device.type == "cpu":
            return Clock(facts)
        return Clock(facts, torch.cuda.synchronize, torch.cuda.max_memory_allocated)

    def cast(self):
        """Context in which the network is computed."""
        on = self.variant == "autocast"
        return torch.autocast(self.device.type, torch.bfloat16, enabled=on)

    def compiled(self, function):
        return torch.compile(function) if self.variant == "compile" else function

    def images(self, *shape):
        return torch.randn(shape, device=self.device).contiguous(memory_format=self.layout)


def train(spec):
    """The step of our loop: a batch by index, loss, backward, clipping, Adam, average."""
    side = Side(spec)
    channels, size, _ = peers.SHAPE.get(side.net, (1, 28, 28))
    count = min(60000, 60000 * 28 * 28 // size**2)
    pixels = torch.randint(0, 256, [count, 1, size, size], dtype=torch.uint8)
    labels = torch.randint(0, 10, [count])
    loss_of, clock = side.compiled(side.model.loss), side.clock()
    while True:
        order = torch.randperm(count)
        for indices in order.split(peers.BATCH[side.net]):
            began = time.perf_counter()
            x = (pixels[indices].float() / 255).expand(-1, channels, -1, -1).to(side.device)
            x, y = x.contiguous(memory_format=side.layout), labels[indices].to(side.device)
            clock.feeding(time.perf_counter() - began)
            side.adam.zero_grad()
            with side.cast():
                loss = loss_of(x, y)
            loss.backward()
            if side.average is not None:
                torch.nn.utils.clip_grad_norm_(side.model.parameters(), 1.0)
            side.adam.step()
            if side.average is not None:
                side.average.update_parameters(side.model)
            if side.device.type == "cpu":
                loss.item()
            clock.tick()


@torch.inference_mode()
def denoise(spec):
    """One evaluation of the U-Net."""
    side = Side(spec)
    network = side.compiled(side.model.unet.eval())
    x = side.images(peers.BATCH[side.net], 1, 28, 28)
    t = torch.randint(0, 1000, [len(x)], device=side.device)
    y = torch.randint(0, 10, [len(x)], device=side.device)
    with side.cast():
        repeat(side.clock(), lambda: network(x, t, y))


class Guided(torch.nn.Module):
    """A U-Net as a diffusers pipeline calls it, for labels 0 to 9 in turn. guidance 1: none."""

    def __init__(self, unet, guidance):
        super().__init__()
        from diffusers.configuration_utils import FrozenDict

        self.unet, self.guidance, self.dtype = unet, guidance, torch.float32
        self.config = FrozenDict(sample_size=28, in_channels=1)

    @property
    def device(self):
        return next(self.unet.parameters()).device

    def forward(self, x, t):
        from diffusers.models.unets.unet_2d import UNet2DOutput

        y = torch.arange(len(x), device=x.device) % 10
        t = torch.as_tensor(t, device=x.device).expand(len(x))
        if self.guidance == 1:
            return UNet2DOutput(sample=self.unet(x, t, y))
        both = torch.cat([x, x]), torch.cat([t, t]), torch.cat([y, torch.full_like(y, 10)])
        with_class, without = self.unet(*both).chunk(2)
        return UNet2DOutput(sample=without + self.guidance * (with_class - without))


@torch.inference_mode()
def samples(spec):
    """spec["count"] images by a diffusers pipeline of spec["steps"] steps."""
    import diffusers

    side = Side(spec)
    kinds = {
        "ddpm": (diffusers.DDPMPipeline, diffusers.DDPMScheduler),
        "ddim": (diffusers.DDIMPipeline, diffusers.DDIMScheduler),
    }
    pipeline, scheduler = kinds[spec["sampler"]]
    how = {"beta_schedule": "squaredcos_cap_v2", "prediction_type": "v_prediction"}
    guided = Guided(side.model.unet.eval(), spec["guidance"])
    draw = pipeline(guided, scheduler(**how))
    draw.set_progress_bar_config(disable=True)
    steps, count = spec["steps"], spec["count"]
    repeat(side.clock(), lambda: draw(count, num_inference_steps=steps, output_type="np"))


def ema(spec):
    """PyTorch's own average of a model."""
    side = Side(spec)
    repeat(side.clock(), lambda: side.average.update_parameters(side.model))


def save(spec):
    """Weights, optimizer and average by torch.save, flushed to disk and renamed as ours are."""
    side = Side(spec)
    for parameter in side.model.parameters():
        parameter.grad = torch.zeros_like(parameter)
    side.adam.step()

    def write():
        parts = (side.model, side.adam, side.average)
        with open(path + ".new", "wb") as file:
            torch.save([part.state_dict() for part in parts], file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(path + ".new", path)

    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "checkpoint.pt")
        repeat(side.clock(), write)


JOBS = {"train": train, "denoise": denoise, "samples": samples, "ema": ema, "save": save}


if __name__ == "__main__":
    spec = specification()
    JOBS[spec["job"]](spec)
