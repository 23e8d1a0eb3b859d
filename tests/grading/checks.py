"""What is asked of each TODO, with points: `checks(todo, rng)`. NumPy only, no Paddle.

The questions stand in checks_ae.py, checks_vae.py and checks_ddpm.py; inputs are drawn anew from
`rng`, expected values come from reference.py in float64. The same rng state gives the same checks.
"""

from dataclasses import dataclass, replace

import numpy as np

from tests.assessment.judge import with_context
from tests.grading import checks_ae, checks_ddpm, checks_vae


@dataclass(frozen=True)
class Todo:
    """One thing to write: its name, its points, and the file that it belongs to."""

    name: str
    points: int
    file: str


TODOS = (
    Todo("AutoEncoder", 20, "ae/assignment.py"),
    Todo("reparameterize", 15, "vae/assignment.py"),
    Todo("kl_div_loss", 15, "vae/assignment.py"),
    Todo("region_weighted_loss", 10, "vae/assignment.py"),
    Todo("add_noise", 15, "diffusion/assignment.py"),
    Todo("remove_noise", 15, "diffusion/assignment.py"),
    Todo("loss", 10, "diffusion/assignment.py"),
)

_BUILDERS = {
    "AutoEncoder": checks_ae.autoencoder,
    "reparameterize": checks_vae.reparameterize,
    "kl_div_loss": checks_vae.kl_div_loss,
    "region_weighted_loss": checks_vae.region_weighted_loss,
    "add_noise": checks_ddpm.add_noise,
    "remove_noise": checks_ddpm.remove_noise,
    "loss": checks_ddpm.loss,
}


def checks(todo, rng, hidden=True):
    """The checks of one TODO, in the order in which they are reported.

    Args:
        todo: a name of TODOS.
        rng: numpy.random.Generator; everything random comes from it.
        hidden: False if the student may see the numbers (the golden arrays).

    Returns:
        list[Check]; their points add up to the TODO's. Checks share probes: run each probe id once.
    """
    with np.errstate(all="ignore"):  # a known mistake may overflow; that is part of its value
        found = _BUILDERS[todo](rng)
    return with_context([replace(check, hidden=hidden) for check in found])


def probes(checks_of_todo):
    """The probes of these checks, each once."""
    return list({p["id"]: p for check in checks_of_todo for p in check.probes}.values())
