"""Train the autoencoder of assignment 1, or one with a vector bottleneck.

python ae/run.py                                 the assignment on MNIST
python ae/run.py --dataset digits --epochs 5     embedded, no download
python ae/run.py --dataset photos --epochs 5     yours: photos/<class>/*.png
python ae/run.py --latent-dim 32 --image-size 28 --channels 1
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import common  # noqa: F401 - sets the CPU up, so it comes before Paddle

# isort: split
from ae import evaluate, models
from ae.config import PRESETS, Config
from ae.task import AutoEncoderTask
from common import datasets
from common.cli import cli
from common.runtime import seed_step, set_device
from common.training.config import parse
from common.training.run_folder import Run
from common.training.trained import Trained, within_memory
from common.training.trainer import Trainer


def prepare(config):
    """(task, data) of a run: the device is chosen, the data are read, the model is built."""
    config.check()
    set_device(config.device, config.amp)
    data = datasets.load(config)
    seed_step(config.seed, "init")
    with within_memory():
        model = models.build(config)
    return AutoEncoderTask(model, config), data


def train(config, out, overwrite=False):
    """Train an autoencoder, measure it and draw its figures.

    Args:
        config: Config. out: folder of the run, new or empty, or a Run that was chosen already.
        overwrite: replace an earlier run in the folder.

    Returns:
        The numbers of metrics.json. Raises UserError, RunError or KeyboardInterrupt.
    """
    run = Run.at(out, "ae", overwrite)
    task, data = prepare(config)
    trainer = Trainer(task, data, config, run)  # reads the checkpoint of a run that goes on
    run.begin(config, data)
    with trainer:
        for x, y in trainer.batches():
            trainer.step(x, y)
    return finish(Trained(run, config, task.model, data), trainer.progress.seconds)


def finish(trained, seconds):
    """Keep the weights, measure and draw; the numbers of metrics.json. seconds: of training."""
    from ae import figures  # Matplotlib is slow to import

    trained.save()
    numbers = {**evaluate.measure(trained), "seconds": seconds}
    trained.run.write_metrics(numbers)
    figures.draw(trained)
    trained.run.finish(trained.config)
    return numbers


def main(argv):
    """Train as the command line says."""
    config, run = parse(Config, PRESETS, argv, "ae", __doc__)
    if config and config.summary:
        from common.training import summary

        summary.show(*prepare(config))
    elif config:
        train(config, run)


if __name__ == "__main__":
    cli(main)
