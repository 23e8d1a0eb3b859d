"""Data sets: shapes, ranges, splits, resizing, damaged files, downloads."""

import gzip
import hashlib
import http.server
import struct
import threading

import numpy as np
import pytest
from PIL import Image

from common import datasets, idx_files
from common.errors import UserError
from common.training.config import RunConfig


def config(dataset="digits", **fields):
    return RunConfig(**{"dataset": dataset, "image_size": 8, **fields})


def test_digits_are_split_whole_and_scaled():
    data = datasets.load(config())
    assert len(data.train) + len(data.test) == 1797 and data.class_names == list("0123456789")
    x, y = data.train.batch(np.arange(5))
    assert x.shape == (5, 1, 8, 8) and x.dtype == np.float32 and y.dtype == np.int64
    everything, _ = data.train.batch(slice(None))
    assert everything.min() == 0 and everything.max() == 1
    # every digit is in both splits, a fifth of each in the test set
    share = np.bincount(data.test.labels) / np.bincount(np.r_[data.train.labels, data.test.labels])
    assert np.all(np.abs(share - 0.2) < 0.01)


def test_digits_are_the_published_ones():
    from sklearn.datasets import load_digits

    data = datasets.load(config())
    ours = np.concatenate([data.train.images, data.test.images])[:, 0]
    published = load_digits().images
    back = np.rint(ours.astype(float) * 16 / 255)
    assert sorted(map(tuple, back.reshape(1797, -1))) == sorted(
        map(tuple, published.reshape(1797, -1))
    )


def test_split_depends_on_the_seed_only():
    one, same, other = (datasets.load(config(seed=s)).test.images for s in (0, 0, 1))
    assert np.array_equal(one, same) and not np.array_equal(one, other)


def test_no_image_is_in_both_splits():
    data = datasets.load(config())
    train = {image.tobytes() for image in data.train.images}
    assert not any(image.tobytes() in train for image in data.test.images)


@pytest.mark.parametrize("size", [8, 16, 28, 50, 64])
@pytest.mark.parametrize("channels", [1, 3])
def test_resize_equals_pillow_image_by_image(size, channels):
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (7, channels, 28, 20), dtype=np.uint8)
    ours = datasets.resize(images, size)
    for image, result in zip(images, ours):
        for plane, small in zip(image, result):
            expected = Image.fromarray(plane).resize((size, size), Image.Resampling.BILINEAR)
            assert np.abs(small.astype(int) - np.asarray(expected)).max() <= 1


def test_channels_are_repeated_per_batch_not_stored():
    data = datasets.load(config(channels=3, image_size=16))
    x, _ = data.test.batch([0, 3])
    assert x.shape == (2, 3, 16, 16) and data.test.shape == (3, 16, 16)
    assert np.array_equal(x[:, 0], x[:, 1]) and np.array_equal(x[:, 0], x[:, 2])
    assert data.test.images.shape[1] == 1


def test_limits_take_the_first_images():
    whole, part = datasets.load(config()), datasets.load(config(max_train=20, max_test=5))
    assert len(part.train) == 20 and len(part.test) == 5
    assert np.array_equal(part.train.images, whole.train.images[:20])


def test_batches_cover_everything_once_in_order():
    data = datasets.load(config(max_train=50))
    labels = np.concatenate([y for _, y in data.train.batches(16)])
    assert np.array_equal(labels, data.train.labels)


@pytest.mark.mnist
@pytest.mark.parametrize("name, first", [("mnist", 7), ("fashion-mnist", 9)])
def test_real_sets(real_mnist, name, first):
    data = datasets.load(config(name, image_size=28, data_dir=str(real_mnist)))
    assert len(data.train) == 60000 and len(data.test) == 10000
    assert data.test.labels[0] == first and data.test.num_classes == 10
    assert data.train.shape == (1, 28, 28) and data.train.images.dtype == np.uint8
    assert np.bincount(data.train.labels).min() > 5000
    assert len(data.class_names) == 10


# ---------------------------------------------------------------- IDX files


def idx_bytes(array):
    header = struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape)
    return header + array.astype(np.uint8).tobytes()


@pytest.fixture
def tiny_set(monkeypatch):
    """A data set "tiny" of 12 training and 6 test images; {file name: gzip bytes}."""
    rng = np.random.default_rng(1)
    contents = []
    for count in (12, 6):
        contents.append(idx_bytes(rng.integers(0, 256, (count, 8, 8))))
        contents.append(idx_bytes(np.arange(count) % 10))
    checksums = tuple(hashlib.md5(c).hexdigest() for c in contents)
    monkeypatch.setitem(idx_files.SETS, "tiny", ("tiny", checksums))
    monkeypatch.setitem(datasets.NAMED, "tiny", datasets.DIGITS)
    monkeypatch.setattr(idx_files, "TRIES", 2)
    monkeypatch.setattr(idx_files, "URL", "http://127.0.0.1:9/")  # nobody listens there
    return {f"{name}.gz": gzip.compress(c) for name, c in zip(idx_files.FILES, contents)}


def put(folder, files):
    (folder / "tiny").mkdir(exist_ok=True)
    for name, content in files.items():
        (folder / "tiny" / name).write_bytes(content)


def load_tiny(folder):
    return datasets.load(config("tiny", data_dir=str(folder)))


def test_idx_files_compressed_or_not(tmp_path, tiny_set):
    put(tmp_path, tiny_set)
    first = load_tiny(tmp_path)
    for name in tiny_set:
        path = tmp_path / "tiny" / name
        path.with_suffix("").write_bytes(gzip.decompress(path.read_bytes()))
        path.unlink()
    assert np.array_equal(load_tiny(tmp_path).train.images, first.train.images)
    assert len(first.train) == 12 and len(first.test) == 6


@pytest.mark.parametrize("damage", ["truncated", "altered", "not gzip", "empty"])
def test_damaged_file_is_named(tmp_path, tiny_set, damage):
    put(tmp_path, tiny_set)
    path = tmp_path / "tiny" / "train-images-idx3-ubyte.gz"
    content = path.read_bytes()
    path.write_bytes(
        {
            "truncated": content[:-20],
            "altered": gzip.compress(gzip.decompress(content)[:-1] + b"\x07"),
            "not gzip": b"<html>not found</html>",
            "empty": b"",
        }[damage]
    )
    with pytest.raises(UserError, match=r"train-images.*damaged.*delete it"):
        load_tiny(tmp_path)


def test_absent_file_names_three_ways_on(tmp_path, tiny_set):
    del tiny_set["t10k-labels-idx1-ubyte.gz"]
    put(tmp_path, tiny_set)
    with pytest.raises(UserError, match=r"Three ways on.*copy.*--dataset digits"):
        load_tiny(tmp_path)
    assert sorted(p.name for p in (tmp_path / "tiny").iterdir()) == sorted(tiny_set)


class Server:
    """A web server on loopback whose answers come from a list: bytes, or a status code."""

    def __init__(self, answer):
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                status, body = answer(self.path)
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *arguments):
                pass

        self.server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


def test_download_retries_and_checks(tmp_path, tiny_set, monkeypatch, capsys):
    asked = []

    def answer(path):
        asked.append(path)
        if len(asked) == 1:
            return 503, b"busy"
        return 200, tiny_set[path.rsplit("/", 1)[1]]

    server = Server(answer)
    monkeypatch.setattr(idx_files, "URL", server.url)
    assert len(load_tiny(tmp_path).train) == 12
    assert len(asked) == 5 and asked[0] == asked[1]
    assert sorted(p.name for p in (tmp_path / "tiny").iterdir()) == sorted(tiny_set)
    assert len(load_tiny(tmp_path).train) == 12 and len(asked) == 5  # no second download
    server.server.shutdown()


def test_download_of_wrong_content_is_not_kept(tmp_path, tiny_set, monkeypatch, capsys):
    server = Server(lambda path: (200, gzip.compress(b"something else")))
    monkeypatch.setattr(idx_files, "URL", server.url)
    with pytest.raises(UserError, match="could not be downloaded"):
        load_tiny(tmp_path)
    assert not list((tmp_path / "tiny").iterdir())
    server.server.shutdown()


def test_a_login_page_is_said_to_be_one(tmp_path, tiny_set, monkeypatch):
    server = Server(lambda path: (200, b"<!DOCTYPE html><title>Log in</title>"))
    monkeypatch.setattr(idx_files, "URL", server.url)
    with pytest.raises(UserError, match="a web page came instead of the file") as error:
        load_tiny(tmp_path)
    assert "delete" not in str(error.value) and not list((tmp_path / "tiny").iterdir())
    server.server.shutdown()


def test_names_as_other_programs_unpack_them(tmp_path, tiny_set):
    names = {name.replace("-idx", ".idx").removesuffix(".gz"): name for name in tiny_set}
    put(tmp_path, {new: gzip.decompress(tiny_set[old]) for new, old in names.items()})
    first = tmp_path / "tiny" / "train-images.idx3-ubyte"
    content = first.read_bytes()
    first.unlink()
    first.mkdir()  # as macOS unpacks some archives
    (first / "train-images.idx3-ubyte").write_bytes(content)
    assert len(load_tiny(tmp_path).train) == 12


def test_tildes_are_expanded(tmp_path, tiny_set, monkeypatch):
    put(tmp_path, tiny_set)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert len(datasets.load(config("tiny", data_dir="~")).test) == 6


def test_missing_data_folder_is_not_made(tmp_path):
    with pytest.raises(UserError, match="no such data folder"):
        datasets.load(config("mnist", data_dir=str(tmp_path / "nowhere")))
    assert not (tmp_path / "nowhere").exists()


def test_data_folder_from_the_environment(tmp_path, tiny_set, monkeypatch):
    put(tmp_path, tiny_set)
    monkeypatch.setenv("GENMODELS_DATA", str(tmp_path))
    assert len(datasets.load(config("tiny")).test) == 6


def test_unknown_name_lists_the_known():
    with pytest.raises(UserError, match="digits, mnist, fashion-mnist"):
        datasets.load(config("nosuch"))
