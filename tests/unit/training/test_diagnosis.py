"""What is told of a run: bands, rules, impossible numbers, the files of the run folder."""

import json
import shutil
import types
from typing import ClassVar

import paddle
import pytest

import ae.evaluate
import diagnose
import vae.evaluate
from common import datasets
from common.cli import status
from common.errors import RunError
from common.training import diagnosis
from common.training.config import RunConfig
from common.training.run_folder import Run
from diffusion import instruments
from diffusion.schedule import make_schedule
from tests.bench import bands as bench
from tests.grading import guide_pictures
from tests.grading.checks import TODOS
from tests.grading.wrong_answers.right import RIGHT
from tests.grading.wrong_answers.wrong import WRONG
from tests.unit.training.test_trainer import Noisy, train
from vae.likelihoods import RegionWeighted

FINDINGS = {finding["id"]: finding for finding in diagnosis.table("findings")}
BANDS = diagnosis.table("bands")
SIDES = {"below", "inside", "above"}
DETACHED = [(todo, "detached") for todo in ("reparameterize", "region_weighted_loss")]


def of(module):
    """The first bands of a module."""
    return next(entry for entry in BANDS if entry["module"] == module)


def middle(band):
    """A number within a band."""
    low, high = band
    return high if low is None else low if high is None else (low + high) / 2


def typical(module, epochs=None):
    """(settings, history, metrics) of a run in the middle of the bands."""
    bands = of(module)
    epochs = epochs or bands["epochs"]
    history = {}
    for name, by_epoch in bands["history"].items():
        column = [
            middle(by_epoch[max((e for e in by_epoch if int(e) <= k), key=int)])
            for k in range(1, epochs + 1)
        ]
        history[name] = column
    metrics = {name: middle(band) for name, band in bands["end"].items()}
    return {**bands["settings"], "epochs": epochs}, history, metrics


def judged(module, changes=(), **settings):
    """The report on a typical run in which some of the numbers were changed."""
    found, history, metrics = typical(module)
    for name, value in dict(changes).items():
        if name in history and name not in metrics:
            history[name] = [value * 0.9**k for k in range(len(history[name]))]
        else:
            metrics[name] = value
            if name in history:
                history[name][-1] = value
    return diagnosis.Evidence(module, {**found, **settings}, history, metrics).report()


# ---------------------------------------------------------------- rules


@pytest.mark.parametrize("module", ["ae", "vae", "diffusion"])
def test_a_typical_run_looks_right(module):
    report = judged(module)
    assert report["verdict"] == "right" and report["judged"] > 5 and not report["outside"]
    assert "looks right" in report["sentence"] and str(report["seeds"]) in report["sentence"]


@pytest.mark.parametrize(
    ("module", "changes", "todo", "words"),
    [
        ("ae", {"code_gap": 0.4}, "AutoEncoder", "past the code"),
        ("ae", {"batch_gap": 0.2}, "AutoEncoder", "other images of the batch"),
        ("ae", {"recon_low": 0.51, "recon_high": 0.72}, "AutoEncoder", "sigmoid of a sigmoid"),
        ("ae", {"parameters": 7443}, "AutoEncoder", "7475"),
        ("ae", {"recon_high": 1.7}, "AutoEncoder", "between 0 and 1"),
        ("ae", {"test_mse": 3.0}, "AutoEncoder", "BatchNorm"),
        ("vae", {"train_kl": -3.0}, "kl_div_loss", "never below 0: look at its sign"),
        ("vae", {"kl_error": -0.5}, "kl_div_loss", "which axes"),
        ("vae", {"z_variance": 0.0}, "reparameterize", "noise is missing"),
        ("vae", {"z_shift": 1.0}, "reparameterize", "away from mu"),
        ("vae", {"z_variance": 3.0}, "reparameterize", "standard deviation"),
        ("vae", {"white_share": 91.0}, "region_weighted_loss", "two weights"),
        ("vae", {"train_kl": 1e-9, "train_recon": 1e3}, "reparameterize", "posterior collapse"),
        ("diffusion", {"signal_error": -0.2}, "add_noise", "alpha_bar"),
        ("diffusion", {"loss_ratio": 64.0}, "loss", "sum and mean"),
        ("diffusion", {"chain_noise": 0.1}, "remove_noise", "variance of the noise"),
        ("diffusion", {"ancestral_accuracy": 0.1}, "remove_noise", "while those of DDIM"),
        ("diffusion", {"conditional_accuracy": 0.1}, "add_noise", "although the loss fell"),
    ],
)
def test_what_is_wrong_is_named(module, changes, todo, words):
    report = judged(module, changes)
    assert report["verdict"] == "wrong" and report["todo"] == todo
    assert words in report["sentence"]
    assert f"pytest tests/todo -k {todo}" in report["sentence"]
    assert f"docs/guide/{todo}.md" in report["sentence"]


def test_a_loss_that_stands_still():
    settings, history, _ = typical("diffusion")
    history["train_loss"] = [1.0, 0.999, 1.001]
    report = diagnosis.Evidence("diffusion", settings, history, {}).report()
    assert report["todo"] == "loss" and "no gradient" in report["sentence"]


def test_a_number_that_no_finding_is_about_is_told_as_it_is():
    report = judged("vae", {"test_recon": 1e6})
    assert report["verdict"] == "wrong" and report["todo"] is None
    assert report["sentence"].startswith("test_recon is 1e+06; in 20 right runs")


def test_nothing_is_claimed_without_bands():
    wild = {"train_loss": 9.0, "recon_mean": 9.0, "conditional_accuracy": 0.0}
    for changes in ({"dataset": "photos"}, {"lr": 0.7}, {"epochs": 1}):
        assert judged("diffusion", wild, **changes)["verdict"] == "not judged"
    impossible = judged("diffusion", {"loss_ratio": 2.0}, dataset="photos")
    assert impossible["verdict"] == "wrong" and impossible["todo"] == "loss"


@pytest.mark.parametrize(("module", "name"), [("diffusion", "optimizer"), ("vae", "binarize")])
def test_a_setting_that_the_run_does_not_know_is_at_its_default(module, name):
    """The students' copy has neither flag, nor has an older run the newer one."""
    settings, history, metrics = typical(module)
    del settings[name]
    assert diagnosis.Evidence(module, settings, history, metrics).report()["verdict"] == "right"


def test_longer_runs_are_judged_by_their_end():
    """A cosine depends on the number of epochs, so the epochs of another run say nothing."""
    settings, history, metrics = typical("diffusion", 12)
    history["train_loss"][0] = 1e3
    evidence = diagnosis.Evidence("diffusion", settings, history, metrics)
    assert evidence.report()["verdict"] == "right"
    metrics["ancestral_accuracy"] = 0.1
    assert evidence.report()["verdict"] == "right"  # judged before
    again = diagnosis.Evidence("diffusion", settings, history, metrics).report()
    assert again["finding"] == "ancestral"


def test_damaged_numbers_are_not_judged():
    report = judged("diffusion", {"ancestral_accuracy": "much", "loss_ratio": None})
    assert report["verdict"] == "right"


# ---------------------------------------------------------------- the tables


def test_findings_are_whole():
    names = {todo.name for todo in TODOS}
    for finding in FINDINGS.values():
        assert finding["todo"] in names | {""} and finding["module"] in bench.MODULES
        assert finding["en"].count("{value}") == finding["zh"].count("{value}") <= 1
        assert not finding["en"].endswith(".") and not finding["zh"].endswith("。")
        for condition in finding["when"]:
            kinds = condition.keys() - {"name"}
            assert kinds in ({"band"}, {"outside"}, {"still"})
            assert SIDES.issuperset(condition.get("band", ()))
    assert len(FINDINGS) == len(diagnosis.table("findings"))
    assert names <= {finding["todo"] for finding in FINDINGS.values()}


def test_bands_are_those_of_todays_settings():
    """Of every set, with every setting that moves a number."""
    assert [(bench.name_of(b), b["seeds"], b["epochs"]) for b in BANDS] == [
        (s.name, s.seeds, s.config(0).epochs) for s in bench.SETS
    ]
    for entry, chosen in zip(BANDS, bench.SETS):
        config = vars(chosen.config(0))
        assert entry["settings"] == {n: v for n, v in config.items() if n not in bench.FREE}
        assert {*entry["end"]} <= {*bench.END[entry["module"]]}
        for low, high in [*entry["end"].values(), *flat(entry["history"])]:
            assert (low is None) + (high is None) < 2
            assert low is None or high is None or 0 < low < high


def flat(history):
    return [band for by_epoch in history.values() for band in by_epoch.values()]


def test_a_band_reaches_beyond_its_runs():
    assert bench.band([1.0, 1.0]) == [0.9091, 1.1]
    few, many = bench.band([1.0, 2.0] * 2), bench.band([1.0, 2.0] * 20)
    assert few[0] < many[0] < 1 and few[1] > many[1] > 2
    assert bench.band([0.9, 0.95], bench.AT_LEAST)[1] is None
    assert bench.band([0.9, 0.95], bench.AT_MOST)[0] is None


# ---------------------------------------------------------------- instruments


@pytest.fixture(scope="module")
def chain():
    """(schedule, images) of 8 x 8; random pixels in [-1, 1]."""
    paddle.seed(0)
    return make_schedule("cosine", 1000), 2 * paddle.rand([60, 1, 8, 8]) - 1


def network(xt, t):
    """Predicts something that depends on its input."""
    return 0.9 * xt


@pytest.mark.parametrize("name", ["cosine", "linear"])
def test_right_functions_agree_with_their_tables(chain, name):
    schedule, x0 = make_schedule(name, 1000), chain[1]
    numbers = instruments.forward(schedule, x0) | instruments.loss_ratio(schedule, network, x0)
    numbers |= instruments.backward(schedule, x0)
    report = diagnosis.Evidence("diffusion", {}, {}, numbers).report()
    assert report["verdict"] == "not judged", report["sentence"]


@pytest.mark.parametrize(
    ("todo", "name"),
    [
        *(("add_noise", n) for n in ("alpha", "no roots", "minus", "clipped", "t - 1", "first t")),
        *(("loss", n) for n in ("sum", "half", "target x0", "sees x0", "root")),
        *(("remove_noise", n) for n in ("beta", "plus", "no noise", "no alpha", "unscaled noise")),
    ],
)
def test_wrong_functions_do_not(chain, todo, name):
    with guide_pictures.written(todo, name):
        numbers = instruments.forward(*chain) | instruments.backward(*chain)
        numbers |= instruments.loss_ratio(chain[0], network, chain[1])
    assert diagnosis.Evidence("diffusion", {}, {}, numbers).report()["todo"] == todo


class Codes:
    """In place of a trained VAE: codes and reconstructions as a good one has them."""

    def encode(self, x, y):
        paddle.seed(1)
        return paddle.randn([len(x), 6]), 0.7 * paddle.randn([len(x), 6]) - 1

    def decode(self, mu, y):
        return 0.8 * self.x + 0.05


@pytest.fixture(scope="module")
def images():
    """The test images of the digits, 8 x 8."""
    return datasets.load(RunConfig(dataset="digits", image_size=8)).test


def agreement(images):
    """The report on the three functions of the VAE as they are now."""
    model = Codes()
    model.x = paddle.to_tensor(images.batch(slice(None))[0])
    numbers = vae.evaluate.agreement(model, RegionWeighted(), images)
    return diagnosis.Evidence("vae", {"likelihood": "region"}, {}, numbers).report()


@pytest.mark.parametrize("count", [10, 355])
def test_right_functions_of_the_vae_agree(images, count):
    assert agreement(images.first(count))["finding"] is None


@pytest.mark.parametrize(
    ("todo", "name"),
    [
        *(("reparameterize", n) for n in ("variance", "logvar", "mu only", "no mu", "no noise")),
        *(("kl_div_loss", n) for n in ("sum", "mean", "no half", "minus", "no mu", "bits")),
        *(("region_weighted_loss", n) for n in ("sum", "mean", "absolute", "no weights")),
    ],
)
def test_wrong_functions_of_the_vae_do_not(images, todo, name):
    with guide_pictures.written(todo, name):
        assert agreement(images)["todo"] == todo


def autoencoder_report(source):
    """The report on what an AutoEncoder makes of images, before any training."""
    module = types.ModuleType("answer")
    exec(source, vars(module))
    model = module.AutoEncoder()
    model.eval()
    images = datasets.load(RunConfig(dataset="digits", image_size=64, channels=3)).test.first(20)
    numbers = ae.evaluate.reconstruction(model, images)
    numbers["parameters"] = sum(int(p.size) for p in model.parameters() if not p.stop_gradient)
    return diagnosis.Evidence("ae", {"latent_dim": 0}, {}, numbers).report()


@pytest.mark.parametrize("name", ["sigmoid in forward", "ReLU as function", "blocks"])
def test_unusual_autoencoders_are_not_called_wrong(name):
    assert autoencoder_report(RIGHT["AutoEncoder", name])["finding"] is None


@pytest.mark.parametrize(
    ("name", "finding"),
    [
        ("skip", "ae_bypass"),
        ("two sigmoids", "ae_squeezed"),
        ("tanh", "ae_below"),
        ("batch statistics always", "ae_batch"),
        ("dropout always", "ae_batch"),
        ("no bias", "ae_parameters"),
    ],
)
def test_wrong_autoencoders_are(name, finding):
    assert autoencoder_report(WRONG["AutoEncoder", name][1])["finding"] == finding


# ---------------------------------------------------------------- in a run folder


class Negative(Noisy):
    """Its loss falls below 0, which it says cannot be."""

    never_negative: ClassVar[dict] = {"loss": "loss_negative"}

    def losses(self, model, x, eps):
        losses = super().losses(model, x, eps)
        return {**losses, "loss": losses["loss"] - 5}


def test_an_impossible_loss_stops_the_training(tmp_path, capsys):
    with pytest.raises(RunError, match=r"the loss is -4\.\d+, and a mean squared error is never"):
        train(tmp_path / "run", Negative())
    kept = json.loads((tmp_path / "run/diagnosis.json").read_text("utf-8"))
    assert kept["stopped"] and kept["verdict"] == "wrong" and kept["todo"] == "loss"
    assert not (tmp_path / "run/history.csv").exists()
    assert status(diagnose.main, [str(tmp_path / "run")]) == 1
    assert "pytest tests/todo -k loss" in capsys.readouterr().out


def test_rounding_is_no_reason_to_stop(tmp_path):
    class Nearly(Negative):
        def losses(self, model, x, eps):
            losses = Noisy.losses(self, model, x, eps)
            return {**losses, "loss": 0 * losses["loss"] - 1e-4}

    train(tmp_path, Nearly(), epochs=1)


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A finished run of an autoencoder with typical numbers."""
    folder = tmp_path_factory.mktemp("finished") / "run"
    settings, history, metrics = typical("ae")
    train(folder, Noisy(), epochs=1)
    config = json.loads((folder / "config.json").read_text("utf-8"))
    (folder / "config.json").write_text(json.dumps({**config, "config": settings}), "utf-8")
    run = Run.open(folder)
    rows = zip(*history.values())
    run.write_history([{"epoch": k, **dict(zip(history, row))} for k, row in enumerate(rows, 1)])
    run.write_metrics(metrics)
    return folder


def test_the_verdict_is_printed_and_kept(finished, capsys):
    assert status(diagnose.main, [str(finished)]) == 0
    assert capsys.readouterr().out.startswith("looks right")
    assert json.loads((finished / "diagnosis.json").read_text("utf-8"))["verdict"] == "right"


def test_what_looks_wrong_is_status_1_with_its_numbers(finished, tmp_path, capsys):
    run = Run.open(shutil.copytree(finished, tmp_path / "run"))
    run.write_metrics({**run.read_metrics(), "test_mse": 3.0})
    assert status(diagnose.main, [str(run.path)]) == 1
    first, *rest = capsys.readouterr().out.splitlines()
    assert "BatchNorm" in first and any(line.startswith("test_mse is 3;") for line in rest)


def test_in_chinese(finished, monkeypatch, capsys):
    monkeypatch.setenv("GENMODELS_LANG", "zh")
    assert status(diagnose.main, [str(finished)]) == 0
    assert capsys.readouterr().out.startswith("看起来正确")
    text = diagnosis.sentence(FINDINGS["kl_negative"], -3.0)
    assert "KL 为 -3" in text and "docs/guide/kl_div_loss.zh.md" in text


def test_an_unfinished_run(tmp_path, capsys):
    train(tmp_path, Noisy(), epochs=1)
    assert status(diagnose.main, [str(tmp_path)]) == 0
    assert "has not finished" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "words"),
    [("config.json", "no config.json"), ("history.csv", "no history.csv")],
)
def test_no_run_is_status_2(finished, tmp_path, capsys, name, words):
    folder = shutil.copytree(finished, tmp_path / "run")
    (folder / name).unlink()
    assert status(diagnose.main, [str(folder)]) == 2
    error = capsys.readouterr().err
    assert words in error and len(error.splitlines()) == 1
    (folder / "config.json").write_text("[]")
    assert status(diagnose.main, [str(folder)]) == 2


def test_overwrite_removes_it(finished, tmp_path):
    folder = shutil.copytree(finished, tmp_path / "run")
    assert "diagnosis.json" in {path.name for path in folder.iterdir()}
    run = Run.choose(folder, "ae", overwrite=True)
    run._remove_own_files()
    assert "diagnosis.json" not in {path.name for path in folder.iterdir()}


@pytest.mark.slow
def test_new_seeds_look_right_and_wrong_answers_are_named():
    """What `tests.bench.bands --check` and `--mistakes` measure, a part of it."""
    chosen = bench.SETS[2]
    for seed in range(2000, 2010):
        report = bench.verdict(*bench.run(chosen, seed), chosen.module)
        assert report["verdict"] == "right", (seed, report["sentence"])
    for todo, name in [("kl_div_loss", "sum"), ("kl_div_loss", "detached"), *DETACHED]:
        assert bench.mistaken(chosen, todo, name)[0] == todo
