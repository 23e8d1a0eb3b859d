"""A trained model with what belongs to it: what is measured, sampled, drawn and exported."""

import math
from contextlib import contextmanager
from functools import cached_property

from paddle import nn

from common import compute, datasets
from common.compute import environment
from common.errors import UserError
from common.training import checkpoint
from common.training.config import load_config
from common.training.run_folder import Run

BYTES = 16  # of a parameter: itself, its gradient, two moments


class Trained:
    """A finished training, in memory after it or read from its folder by `load`.

    Attributes:
        run: Run. config: the module's Config. model: nn.Layer with its final weights, eval mode.
        data: Data it was trained on; read when first asked for.
    """

    def __init__(self, run, config, model, data=None):
        self.run, self.config, self.model = run, config, compute.accelerate(model)
        self.model.eval()
        if data is not None:
            self.data = data

    @cached_property
    def data(self):
        found = datasets.load(self.config)
        self.run.check_same(found.fingerprint(content=False), self.config.dataset)
        return found

    @property
    def class_names(self):
        """Names of the classes, index = label; the data need not be read for it."""
        return self.run.read_config().get("class_names") or self.data.class_names

    def save(self):
        """Write the weights into the run folder."""
        checkpoint.save_weights(self.run.weights, self.model.state_dict())


@contextmanager
def within_memory():
    """Context in which models are built that, with what trains them, fit half of the memory.

    Raises UserError before a parameter is made that does not fit any more.
    """
    create, have, count = nn.Layer.create_parameter, environment.memory(), 0

    def measured(layer, shape, *arguments, **options):
        nonlocal count
        count += math.prod(map(int, shape))
        if have and BYTES * count > have / 2:
            raise UserError(
                f"a model of {count:,} parameters and more takes {BYTES * count / 1e9:.1f} GB to "
                f"train, more than half of the memory ({have / 1e9:.1f} GB); give smaller sizes"
            )
        return create(layer, shape, *arguments, **options)

    nn.Layer.create_parameter = measured
    try:
        yield
    finally:
        nn.Layer.create_parameter = create


def load(path, module, config_class, build):
    """The Trained of a run folder.

    Args:
        path: the folder. module: "ae", "vae" or "diffusion". config_class: of the module.
        build: (config, num_classes) -> nn.Layer.

    Raises:
        UserError: it is no folder of a finished run of this module, or it is damaged.
    """
    run = Run.open(path, module)
    config = load_config(config_class, run)
    weights = checkpoint.load_weights(run.weights)
    names = run.read_config().get("class_names")
    data = None if names else datasets.load(config)  # a run from before the names were kept
    with within_memory():
        model = build(config, len(names or data.class_names))
    checkpoint.set_model(model, weights, run.weights)
    return Trained(run, config, model, data)
