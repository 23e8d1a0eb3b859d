"""The judges of generated images: FID, accuracy, the classifier and its cache."""

import numpy as np
import paddle
import pytest

from common import datasets
from common.errors import UserError
from common.evaluation import classifier, latent_metrics, metrics, saved_codes
from common.training import checkpoint
from common.training.config import RunConfig
from common.training.run_folder import Run

DIGITS = RunConfig(dataset="digits", image_size=8)


@pytest.fixture(scope="module")
def data():
    return datasets.load(DIGITS)


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    """A cache folder of the tests' own."""
    patch = pytest.MonkeyPatch()
    folder = tmp_path_factory.mktemp("cache")
    patch.setattr(classifier, "CACHE", folder)
    yield folder
    patch.undo()


@pytest.fixture(scope="module")
def judge(cache, data):
    return classifier.load_classifier(DIGITS, data)


def gaussian(mean, covariance, count=40000, seed=0):
    return np.random.default_rng(seed).multivariate_normal(mean, covariance, count)


def test_fid_of_two_gaussians_is_the_closed_form():
    a = gaussian([0, 0], [[1, 0], [0, 4]])
    b = gaussian([3, -1], [[4, 0], [0, 9]], seed=1)
    expected = (9 + 1) + (1 + 4 + 4 + 9 - 2 * (1 * 2 + 2 * 3))
    assert metrics.fid(a, b) == pytest.approx(expected, rel=0.03)


def test_fid_with_correlations_equals_scipys_matrix_root():
    from scipy.linalg import sqrtm

    a = gaussian([0, 0, 0], [[2, 1, 0], [1, 2, 0.5], [0, 0.5, 1]])
    b = gaussian([0, 1, 0], [[1, -0.5, 0], [-0.5, 3, 0], [0, 0, 2]], seed=1)
    ca, cb = np.cov(a.T), np.cov(b.T)
    root = np.trace(sqrtm(ca @ cb).real)
    expected = ((a.mean(0) - b.mean(0)) ** 2).sum() + np.trace(ca + cb) - 2 * root
    assert metrics.fid(a, b) == pytest.approx(expected, rel=1e-9)


def test_fid_is_zero_for_the_same_and_symmetric():
    a, b = gaussian([0], [[1]], 100), gaussian([1], [[2]], 100, seed=1)
    assert metrics.fid(a, a) < 1e-9
    assert metrics.fid(a, b) == pytest.approx(metrics.fid(b, a))


def test_fid_with_fewer_images_than_features():
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(20, 64)), rng.normal(size=(20, 64))
    assert 0 < metrics.fid(a, b) < 200


def test_classifier_is_good_and_deterministic(judge, data):
    x, y = data.test.batch(slice(None))
    assert judge.accuracy >= 0.96
    assert metrics.conditional_accuracy(judge, x, y) == pytest.approx(judge.accuracy)
    assert metrics.conditional_accuracy(judge, x, (y + 1) % 10) < 0.05


def test_classifier_is_trained_once_and_kept_in_the_cache(judge, cache, capsys, data, monkeypatch):
    files = list(cache.glob("*.npz"))
    assert len(files) == 1
    monkeypatch.setattr(classifier, "_train", None)  # a second training would fail
    again = classifier.load_classifier(DIGITS, data)
    x, _ = data.test.batch(slice(0, 50))
    assert np.array_equal(again.features(x), judge.features(x))


def test_damaged_cache_is_replaced(judge, cache, data, monkeypatch):
    path = next(cache.glob("*.npz"))
    whole = path.read_bytes()
    path.write_bytes(whole[:200])
    arrays = checkpoint.model_arrays(judge.network)

    def quick(network, shape, images, threads):
        checkpoint.set_model(network, arrays, "memory")
        return {"accuracy": judge.accuracy, "scale": judge.scale}

    monkeypatch.setattr(classifier, "_train", quick)
    assert classifier.load_classifier(DIGITS, data).accuracy == judge.accuracy
    checkpoint.load(path)  # good again


def test_nothing_is_written_into_the_users_data_folder(judge, data, tmp_path):
    classifier.load_classifier(RunConfig(dataset="digits", data_dir=str(tmp_path)), data)
    assert not list(tmp_path.iterdir())


def test_classifier_sees_any_size_and_colour(judge, data):
    _, y = data.test.batch(slice(None))
    large = datasets.resize(data.test.images, 32)
    colour = np.repeat(large, 3, axis=1) / np.float32(255)
    assert abs(metrics.conditional_accuracy(judge, colour, y) - judge.accuracy) < 0.05


def test_quality_of_real_noise_and_collapsed_images(judge, data):
    x, y = data.train.batch(slice(0, 170))
    real = metrics.sample_quality(judge, data, x, y)
    noise = np.random.default_rng(0).uniform(0, 1, x.shape).astype(np.float32)
    bad = metrics.sample_quality(judge, data, noise, y)
    one = metrics.sample_quality(judge, data, np.repeat(x[:1], 170, axis=0), y)
    assert real["conditional_accuracy"] > 0.97 and real["fid"] < 3 * real["fid_floor"]
    assert bad["fid"] > 5 * real["fid"] and bad["conditional_accuracy"] < 0.4
    assert one["fid"] > 5 * real["fid"] and max(one["class_histogram"]) == 1
    assert sum(real["class_histogram"]) == pytest.approx(1)
    assert real["classifier_accuracy"] == pytest.approx(judge.accuracy)
    assert 0.9 < real["sharpness"] < 1.1 and 0.8 < real["diversity"] < 1.2
    assert bad["sharpness"] > 1.2 and one["diversity"] < 0.01
    assert bad["sure_share"] < 0.9 < real["sure_share"] <= 1
    assert "fid_1000" not in real  # there are not as many
    assert real["fid_samples"] == 170 and "conditional_accuracy" in real


def test_standard_errors_are_as_far_as_other_samples_are_apart(judge, data):
    order = np.random.default_rng(0).permutation(len(data.train.images))
    parts = [data.train.batch(order[i * 250 : i * 250 + 250])[0] for i in range(5)]
    found = [metrics.sample_quality(judge, data, part) for part in parts]
    for name in ("fid", "sharpness", "diversity"):
        spread = np.std([one[name] for one in found], ddof=1)
        assert 0.2 < found[0]["standard_error"][name] / spread < 5, name


def test_unconditional_samples_have_no_conditional_accuracy(judge, data):
    x, _ = data.train.batch(slice(0, 100))
    assert "conditional_accuracy" not in metrics.sample_quality(judge, data, x)


def test_fid_of_a_thousand_is_that_of_the_first_thousand(judge, data):
    x, _ = data.train.batch(slice(0, 1300))
    images, labels = data.train.images, data.train.labels
    twice = datasets.ImageSet(np.concatenate([images] * 2), np.tile(labels, 2), 1, 10)
    many = datasets.Data(data.name, data.train, twice, data.class_names)
    all_of_them = metrics.sample_quality(judge, many, x)
    thousand = metrics.sample_quality(judge, many, x[:1000])
    assert all_of_them["fid_samples"] == 1300
    assert all_of_them["fid_1000"] == thousand["fid_1000"] == thousand["fid"]


def test_sample_labels_keep_the_shares():
    labels = np.repeat([0, 1, 2], [50, 30, 20])
    drawn = metrics.sample_labels(labels, 250, seed=0)
    assert len(drawn) == 250 and np.bincount(drawn[:100]).tolist() == [50, 30, 20]
    assert not np.array_equal(drawn[:100], labels)


def test_knn_and_mse():
    rng = np.random.default_rng(0)
    centres = np.array([[0.0, 0], [10, 10]])
    labels = np.arange(100) % 2
    points = centres[labels] + rng.normal(size=(100, 2))
    assert latent_metrics.knn_accuracy(points[:80], labels[:80], points[80:], labels[80:]) == 1
    assert latent_metrics.knn_accuracy(points[:80], 1 - labels[:80], points[80:], labels[80:]) == 0
    assert metrics.mse([[1, 2]], [[0, 4]]) == 2.5


def test_codes_of_runs_side_by_side(tmp_path):
    rng, folders = np.random.default_rng(0), []
    for name, size in (("one", 3), ("two", 40)):
        run = Run(tmp_path / name, "ae")
        run.path.mkdir()
        saved_codes.save(run, rng.normal(size=(60, size)), np.arange(60) % 3, ["a", "b", "c"])
        folders.append(run.path)
    saved_codes.compare(folders, tmp_path / "both.png")
    assert (tmp_path / "both.png").stat().st_size > 10000
    with pytest.raises(UserError, match=r"has no codes\.npz"):
        saved_codes.compare([tmp_path], tmp_path / "c.png")


@pytest.mark.mnist
@pytest.mark.slow
@pytest.mark.parametrize("name, least", [("mnist", 0.99), ("fashion-mnist", 0.91)])
def test_classifier_on_the_real_sets(real_mnist, cache, name, least):
    config = RunConfig(dataset=name, data_dir=str(real_mnist))
    data = datasets.load(config)
    assert classifier.load_classifier(config, data).accuracy >= least


def test_nothing_is_judged_by_one_class_or_three_images(data, capsys):
    few = datasets.Data("few", data.train, data.test.first(3), data.class_names)
    assert classifier.load_classifier(DIGITS, few) is None
    assert "not judged" in capsys.readouterr().out


def test_tsne_of_one_code():
    points, _ = metrics.tsne(np.ones((1, 5), np.float32), seed=0)
    assert points.tolist() == [[0, 0]]


def test_the_judge_is_trained_also_where_gradients_are_off(tmp_path, data, monkeypatch):
    monkeypatch.setattr(classifier, "CACHE", tmp_path)
    config = RunConfig(dataset="digits", channels=1, image_size=8, threads=1)
    with paddle.no_grad():
        assert classifier.load_classifier(config, data).accuracy > 0.9
