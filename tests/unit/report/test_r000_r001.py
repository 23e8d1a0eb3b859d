"""Reports 000 and 001: every row has its place, and the tricky rules decide as they are meant."""

import inspect
import re
from types import SimpleNamespace

import pytest

from common.report import evidence, items, rules
from common.report.tables import common, r000, r001

HOLDS, FAILS, CLOSE = rules.HOLDS, rules.FAILS, rules.CLOSE
COUNTS = [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]


@pytest.mark.parametrize(("module", "section", "rows"), [(r000, 0, 27), (r001, 1, 40)])
def test_every_row_of_the_reading_has_its_place(module, section, rows):
    source = "".join(inspect.getsource(one) for one in (module, common))
    marked = {
        n for comment in re.findall(r"# ([\d., ]+)$", source, re.M) for n in comment.split(", ")
    }
    assert {f"{section}.{row}" for row in range(1, rows + 1)} - marked == set()


@pytest.mark.parametrize("module", [r000, r001])
def test_what_is_said_is_quoted_with_its_place(module):
    for item in module.REPORT.of_kind("claim", "idea", "opinion"):
        assert item.quote and item.where.en, item.key
    for item in module.REPORT.of_kind("contradiction"):
        assert len(item.quotes) == 2, item.key


class Given(evidence.Runs):
    """Finished runs with these numbers, trained as long as the reports' own."""

    def __init__(self, numbers, losses=None, epochs=100):
        super().__init__([], profile="full")
        config = SimpleNamespace(
            dataset="mnist", image_size=28, channels=1, epochs=epochs, max_train=0
        )
        job = SimpleNamespace(given=True)
        step = SimpleNamespace(config=config, report=config, changed={}, job=job)
        self.steps = dict.fromkeys(numbers, step)
        histories = {job: {"train_loss": values} for job, values in (losses or {}).items()}
        self.repeats = {job: [(found, histories.get(job, {}))] for job, found in numbers.items()}
        self.found = {job: found[0] for job, found in self.repeats.items()}


def verdict(report, key, *given, **more):
    (item,) = (i for i in report.REPORT.of_kind(*items.JUDGED) if i.key == key)
    return evidence.judge(report.REPORT, item, Given(*given, **more)).verdict


def pair(ae, vae):
    return {"ae-l32": ae, "vae-l32": vae}


@pytest.mark.parametrize(
    ("key", "ae", "vae", "expected"),
    [
        ("off-manifold", {"unseen_fid": 30}, {"unseen_fid": 20}, HOLDS),
        ("off-manifold", {"unseen_fid": 20}, {"unseen_fid": 18}, FAILS),
        (  # a fitted mixture saves the autoencoder
            "random-codes",
            {"gaussian_fid": 30, "mixture_fid": 12},
            {"gaussian_fid": 15, "mixture_fid": 11},
            FAILS,
        ),
        ("no-holes", {}, {"midpoint_fid": 9, "codes_fid": 5}, HOLDS),
        ("no-holes", {}, {"midpoint_fid": 11, "codes_fid": 5}, FAILS),
        (  # worse at midpoints, but only because it is worse everywhere
            "smoother",
            {"midpoint_fid": 10, "codes_fid": 2},
            {"midpoint_fid": 12, "codes_fid": 8},
            HOLDS,
        ),
        ("any-vector", {}, {"shell_fid": [10, 30, 60], "fid_1000": 10}, FAILS),
        (
            "downstream",
            {"knn_accuracy": 0.94, "kmeans_nmi": 0.5},
            {"knn_accuracy": 0.97, "kmeans_nmi": 0.4},
            FAILS,
        ),
    ],
)
def test_ae_beside_vae(key, ae, vae, expected):
    numbers = pair(ae, {**vae, "test_images": 100_000})
    numbers["ae-l32"]["test_images"] = 100_000
    assert verdict(r000, key, numbers) == expected


def loss_runs(**stock):
    region = {"test_mse": 1.0, "test_mse_white": 2.0, "sharpness": 0.9, "recon_accuracy": 0.95}
    return {"000-cvae": {**region, "test_images": 10_000}, "000-cvae-stock": {**region, **stock}}


def test_closer_means_the_whole_image_too():
    both = loss_runs(test_mse=1.2, test_mse_white=3.0)
    assert verdict(r000, "closer", both) == HOLDS
    assert verdict(r000, "closer", loss_runs(test_mse=0.9, test_mse_white=3.0)) == FAILS
    assert verdict(r000, "clearer", loss_runs(sharpness=0.8)) == HOLDS
    assert verdict(r000, "clearer", loss_runs(sharpness=0.95)) == FAILS


def models(ddpm, vae):
    shared = {"samples": 1000}
    return {"001-ddpm": {**shared, **ddpm}, "001-vae": {**shared, **vae}}


def test_noise_is_neither_sharp_nor_blurred():
    sharp, blurred = ({"sharpness": s, "sure_share": 0.9} for s in (0.98, 0.6))
    noise = {"sharpness": 3.4, "sure_share": 0.2}
    assert verdict(r001, "blurry", models({}, blurred)) == HOLDS
    assert verdict(r001, "blurry", models({}, sharp)) == FAILS
    assert verdict(r001, "blurry", models({}, noise)) == CLOSE
    assert verdict(r001, "sharper", models(sharp, blurred)) == HOLDS
    assert verdict(r001, "sharper", models(noise, blurred)) == CLOSE


def test_the_data_are_counted():
    vae = {"train_class_counts": COUNTS, "test_images": 10_000}
    assert verdict(r001, "images", models({}, vae)) == HOLDS
    assert verdict(r001, "even-classes", models({}, vae)) == HOLDS
    uneven = {**vae, "train_class_counts": [*COUNTS[:-1], 4000]}
    assert verdict(r001, "images", models({}, uneven)) == FAILS
    assert verdict(r001, "even-classes", models({}, uneven)) == FAILS


@pytest.mark.parametrize(
    ("losses", "expected"),
    [
        ([9, 5, 4, 3, 2.9, 2.8], HOLDS),
        ([9, 2, 2, 2, 3, 3], FAILS),  # below the first epoch, not below the middle
        ([3, 3], rules.UNTESTED),
    ],
)
def test_a_falling_loss_is_still_falling_at_the_end(losses, expected):
    given = (models({}, {}), {"001-vae": losses})
    assert verdict(r001, "vae-loss-falls", *given, epochs=len(losses)) == expected


def test_ten_times_as_long_in_training_and_in_sampling():
    vae = {"seconds": 200, "ms_per_sample": 0.1}
    slow = {"seconds": 40_000, "ms_per_sample": 50}
    assert verdict(r001, "fast", models(slow, vae)) == HOLDS
    assert verdict(r001, "fast", models({**slow, "seconds": 1000}, vae)) == FAILS


def test_who_judges_a_report_is_its_own_preset():
    """Other models only stand beside, the fair pair of 000 and the CVAE of 001 apart."""
    own = {r000: {"ae-l32", "vae-l32", "vae-l32-gaussian"}, r001: {"cvae-mnist"}}
    for module, others in own.items():
        number = module.REPORT.number
        for item in module.REPORT.of_kind("claim", "reference", "check"):
            foreign = {job for job in item.decided_by if not job.startswith(number)}
            assert foreign <= others, item.key
