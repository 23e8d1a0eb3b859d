"""Train a variational autoencoder, conditional or not.

python vae/run.py                                report 000: CVAE, 3x64x64
python vae/run.py --preset 001-vae --epochs 10   an experiment of a report
python vae/run.py --dataset digits --image-size 8 --channels 1 --epochs 30
python vae/run.py --dataset photos --epochs 30   yours: photos/<class>/*.png
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import common  # noqa: F401 - sets the CPU up, so it comes before Paddle

# isort: split
from common import datasets
from common.cli import cli
from common.errors import UserError
from common.runtime import seed_step, set_device
from common.training.config import parse
from common.training.run_folder import Run
from common.training.trained import Trained, within_memory
from common.training.trainer import Trainer
from vae import evaluate, models, prior
from vae.config import PRESETS, Config
from vae.task import VaeTask


def prepare(config):
    """(task, data) of a run: the device is chosen, the data are read, the model is built."""
    config.check()
    set_device(config.device, config.amp)
    data = datasets.load(config)
    if config.conditional and data.train.num_classes < 2:
        raise UserError(f"{data.name} has one class only: give --no-conditional")
    seed_step(config.seed, "init")
    with within_memory():
        model = models.build(config, data.train.num_classes)
    model.init_output_bias(data.train.mean())
    return VaeTask(model, config), data


def train(config, out, overwrite=False):
    """Train a VAE, measure it and draw its figures.

    Args:
        config: Config. out: folder of the run, new or empty, or a Run that was chosen already.
        overwrite: replace an earlier run in the folder.

    Returns:
        The numbers of metrics.json. Raises UserError, RunError or KeyboardInterrupt.
    """
    run = Run.at(out, "vae", overwrite)
    task, data = prepare(config)
    trainer = Trainer(task, data, config, run)  # reads the checkpoint of a run that goes on
    run.begin(config, data)
    with trainer:
        for x, y in trainer.batches():
            trainer.step(x, y)
    return finish(Trained(run, config, task.model, data), trainer.progress.seconds)


def finish(trained, seconds):
    """Keep the weights, measure and draw; the numbers of metrics.json. seconds: of training."""
    from vae import figures  # Matplotlib is slow to import

    trained.save()
    if trained.config.prior == "mixture":
        prior.fit(trained).save(trained.run.path / prior.FILE)
    numbers = {**evaluate.measure(trained, prior.load(trained)), "seconds": seconds}
    trained.run.write_metrics(numbers)
    figures.draw(trained)
    trained.run.finish(trained.config)
    return numbers


def main(argv):
    """Train as the command line says."""
    config, run = parse(Config, PRESETS, argv, "vae", __doc__)
    if config and config.summary:
        from common.training import summary

        summary.show(*prepare(config))
    elif config:
        train(config, run)


if __name__ == "__main__":
    cli(main)
