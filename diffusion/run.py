"""Train the class-conditional DDPM of assignment 3, sample from it, judge the samples.

python diffusion/run.py --dataset digits         8 x 8, embedded, no download
python diffusion/run.py --preset small           MNIST at 28 x 28 on a CPU
python diffusion/run.py --preset 001-ddpm        report 001; for a GPU
python diffusion/run.py --dataset photos --channels 3 --image-size 32
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import common  # noqa: F401 - sets the CPU up, so it comes before Paddle

# isort: split
from common import datasets
from common.cli import cli
from common.language import say
from common.runtime import seed_step, set_device
from common.training.config import parse
from common.training.run_folder import Run
from common.training.trained import Trained, within_memory
from common.training.trainer import Trainer
from diffusion import unet
from diffusion.config import PRESETS, Config
from diffusion.task import DiffusionTask


def prepare(config):
    """(task, data) of a run: the device is chosen, the data are read, the model is built."""
    config.check()
    set_device(config.device, config.amp)
    data = datasets.load(config)
    if data.train.num_classes == 1:
        say(f"{data.name} has one class only: the class that is asked for changes nothing")
    seed_step(config.seed, "init")
    with within_memory():
        model = unet.build(config, data.train.num_classes)
    # BEGIN TEACHER
    if config.wiener:
        model.fit(data.train)
    # END TEACHER
    task = DiffusionTask(model, config)
    task.rehearse()
    return task, data


def train(config, out, overwrite=False):
    """Train a DDPM, sample from it, judge the samples and draw its figures.

    Args:
        config: Config. out: folder of the run, new or empty, or a Run that was chosen already.
        overwrite: replace an earlier run in the folder.

    Returns:
        The numbers of metrics.json. Raises UserError, RunError or KeyboardInterrupt.
    """
    return finish(*fit(config, Run.at(out, "diffusion", overwrite)))


def fit(config, run):
    """Train and no more: (Trained, Progress). config: Config. run: Run, not begun. Raises as above.

    The weights are those of the average, and not written yet.
    """
    task, data = prepare(config)
    trainer = Trainer(task, data, config, run)  # reads the checkpoint of a run that goes on
    run.begin(config, data)
    with trainer:
        for x, y in trainer.batches():
            trainer.step(x, y)
    task.average.apply()
    return Trained(run, config, task.model, data), trainer.progress


def finish(trained, progress):
    """Keep the weights, sample, measure and draw; the numbers of metrics.json."""
    from common.evaluation.classifier import load_classifier
    from diffusion import evaluate, figures
    from diffusion.pipeline import Pipeline

    trained.save()
    config, data = trained.config, trained.data
    pipeline = Pipeline(trained.model, config)
    classifier = load_classifier(config, data)
    numbers = {
        "test_noise_mse": progress.history[-1]["test_noise_mse"],
        **evaluate.measure(trained, pipeline, classifier),
        "seconds": progress.seconds,
    }
    trained.run.write_metrics(numbers)
    # BEGIN TEACHER
    if config.compare and classifier:
        from diffusion import compare_samplers

        compare_samplers.compare(trained, pipeline, classifier, config.compare)
    # END TEACHER
    figures.draw(trained, pipeline)
    trained.run.finish(config)
    return numbers


def main(argv):
    """Train as the command line says."""
    config, run = parse(Config, PRESETS, argv, "diffusion", __doc__)
    if config and config.summary:
        from common.training import summary

        summary.show(*prepare(config))
    elif config:
        train(config, run)


if __name__ == "__main__":
    cli(main)
