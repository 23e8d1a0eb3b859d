"""The learning rate's schedule: a linear warm-up, then a constant or a cosine (Loshchilov 2017)."""

import math

SCHEDULES = ("constant", "cosine")


def factor(step, steps, schedule="constant", warmup=0):
    """Share of the highest learning rate at a step of `steps`, in (0, 1].

    Args:
        step: from 0. schedule: of SCHEDULES; the cosine ends near 0.
        warmup: steps over which the rate rises, but no more than a tenth of all.
    """
    warmup = min(warmup, steps // 10)
    rise = min(1.0, (step + 1) / warmup) if warmup else 1.0
    return rise * (0.5 * (1 + math.cos(math.pi * step / steps)) if schedule == "cosine" else 1.0)
