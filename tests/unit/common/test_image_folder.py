"""A user's own folder of images: what is read and how, what is refused, and how it is said."""

import os
import struct
import subprocess
import sys
import zlib

import numpy as np
import pytest
from PIL import Image

from common import datasets, image_folder
from common.compute import environment
from common.errors import UserError
from common.training.config import RunConfig
from tests.conftest import ROOT, assert_user_error


def load(folder, channels=3, size=8, **fields):
    config = RunConfig(dataset=str(folder), image_size=size, channels=channels, **fields)
    return datasets.load(config)


def pixels(path, channels=3, size=8):
    """One file as the runs see it: [C, size, size] uint8."""
    return image_folder.read([str(path)], channels, size)[0]


@pytest.fixture
def photos(tmp_path):
    """Two classes of six pictures each, in mixed sizes and formats: red ones and blue ones."""
    root = tmp_path / "我的 照片"
    for name, colour in (("猫", (255, 0, 0)), ("my dogs", (0, 0, 255))):
        (root / name).mkdir(parents=True)
        for index, suffix in enumerate(["png", "jpg", "bmp", "gif", "webp", "JPEG"]):
            picture = Image.new("RGB", (30 + 7 * index, 50 - 5 * index), colour)
            picture.save(root / name / f"图 {index}.{suffix}")
    return root


@pytest.mark.parametrize("channels", [1, 3])
def test_every_format_and_size_is_read_under_its_class(photos, channels):
    data = load(photos, channels)
    assert data.name == "我的 照片" and data.class_names == ["my dogs", "猫"]
    assert (len(data.train), len(data.test)) == (10, 2) and data.train.shape == (channels, 8, 8)
    assert data.train.images.dtype == np.uint8
    x, y = data.train.batch(slice(None))
    grey = {0: 29, 1: 76}  # ITU-R 601 of blue and red
    expected = (
        {0: (0, 0, 255), 1: (255, 0, 0)} if channels == 3 else {k: [v] for k, v in grey.items()}
    )
    for image, label in zip(x, y):
        assert np.abs(255 * image.mean(axis=(1, 2)) - expected[label]).max() < 6


def test_order_is_mixed_so_that_a_limit_takes_every_class(photos):
    assert set(load(photos, max_train=6).train.labels) == {0, 1}
    assert np.array_equal(load(photos).train.images, load(photos).train.images)


def test_the_middle_square_is_kept(tmp_path):
    wide = np.zeros((20, 60, 3), np.uint8)
    wide[:, 20:40] = 200
    Image.fromarray(wide).save(tmp_path / "wide.png")
    assert pixels(tmp_path / "wide.png", size=20).min() == 200


def test_exif_rotation_is_undone(tmp_path):
    picture = Image.new("L", (64, 64))
    picture.paste(255, (0, 0, 64, 32))  # the upper half is white
    exif = Image.Exif()
    exif[0x0112] = 6  # "turn by 90 degrees to see it upright": the white half comes to the right
    picture.save(tmp_path / "turned.jpg", exif=exif)
    turned = pixels(tmp_path / "turned.jpg", 1)
    assert turned[0, :, 5:].min() > 240 and turned[0, :, :3].max() < 15


def test_transparent_parts_become_white(tmp_path):
    clear = Image.new("RGBA", (16, 16), (0, 0, 0, 0))
    clear.save(tmp_path / "clear.png")
    Image.new("LA", (16, 16), (0, 128)).save(tmp_path / "half.png")
    palette = Image.new("P", (16, 16), 0)
    palette.putpalette([10, 20, 30])
    palette.save(tmp_path / "palette.png", transparency=0)
    assert pixels(tmp_path / "clear.png").min() == 255
    assert set(np.unique(pixels(tmp_path / "half.png"))) == {127}
    assert pixels(tmp_path / "palette.png").min() == 255


def test_palette_and_cmyk_keep_their_colours(tmp_path):
    picture = Image.new("RGB", (32, 32), (200, 100, 50))
    picture.quantize(8).save(tmp_path / "palette.png")
    picture.convert("CMYK").save(tmp_path / "cmyk.jpg", quality=95)
    for name in ("palette.png", "cmyk.jpg"):
        colour = pixels(tmp_path / name).mean(axis=(1, 2))
        assert np.abs(colour - (200, 100, 50)).max() < 4, name


@pytest.mark.parametrize("channels", [1, 3])
def test_sixteen_bits_are_scaled_not_clipped(tmp_path, channels):
    ramp = np.repeat(np.linspace(0, 65535, 8).astype(np.uint16)[None], 8, axis=0)
    Image.fromarray(ramp).save(tmp_path / "ramp.png")
    seen = pixels(tmp_path / "ramp.png", channels)
    assert np.abs(seen[0, 0] - np.linspace(0, 255, 8)).max() <= 1


def test_of_an_animation_the_first_frame(tmp_path):
    frames = [Image.new("RGB", (16, 16), colour) for colour in ("red", "blue", "lime")]
    for suffix in ("gif", "webp", "png"):
        path = tmp_path / f"moving.{suffix}"
        options = {"lossless": True} if suffix == "webp" else {}
        frames[0].save(path, save_all=True, append_images=frames[1:], duration=90, **options)
        assert np.abs(pixels(path).mean(axis=(1, 2)) - (255, 0, 0)).max() < 3, suffix


# ---------------------------------------------------------------- files that cannot be read


def bomb():
    """A PNG of a few bytes that says it is 30,000 x 30,000."""

    def chunk(kind, content):
        return (
            struct.pack(">I", len(content))
            + kind
            + content
            + struct.pack(">I", zlib.crc32(kind + content))
        )

    header = struct.pack(">IIBBBBB", 30000, 30000, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    "name, reason",
    [
        ("text.png", "no png"),
        ("empty.jpg", "no png"),
        ("truncated.jpg", "truncated"),
        ("truncated.png", "truncated"),
        ("tiny.png", "1 x 1 pixels"),
        ("bomb.png", "million pixels"),
        ("large.png", "million pixels"),
        ("gone.png", "No such file"),
        ("drawing.png", "no png"),
    ],
)
def test_unreadable_file_is_named_with_the_reason(photos, name, reason, monkeypatch):
    path = photos / "猫" / name
    noise = np.random.default_rng(0).integers(0, 256, (90, 90, 3), dtype=np.uint8)
    if name == "gone.png":
        path.symlink_to("nowhere.png")
    elif name == "drawing.png":  # PostScript under another name would start a program
        path.write_bytes(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\nshowpage\n")
    elif name == "bomb.png":
        path.write_bytes(bomb())
    elif name == "tiny.png":
        Image.new("L", (1, 1)).save(path)
    elif name == "large.png":  # between Pillow's warning and its error
        monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 5000)
        Image.fromarray(noise).save(path)
    elif name.startswith("truncated"):
        Image.fromarray(noise).save(path)
        path.write_bytes(path.read_bytes()[:3000])
    else:
        path.write_bytes(b"hello" if name == "text.png" else b"")
    with pytest.raises(UserError, match=r"cannot read 1 of 13 images") as error:
        load(photos)
    assert str(path) in str(error.value) and reason in str(error.value)
    assert "remove" in str(error.value) and len(str(error.value).splitlines()) == 1


def test_many_bad_files_are_counted_and_few_named(photos):
    for index in range(30):
        (photos / "猫" / f"bad {index}.png").write_bytes(b"")
    with pytest.raises(UserError, match=r"cannot read 30 of 42 images.*and 25 more") as error:
        load(photos)
    assert str(error.value).count(".png") == image_folder.NAMED


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may read everything")
def test_files_that_one_may_not_read(photos):
    (photos / "猫" / "图 0.png").chmod(0)
    with pytest.raises(UserError, match=r"图 0\.png \(Permission denied\)"):
        load(photos)
    (photos / "猫").chmod(0)
    with pytest.raises(UserError, match=r"cannot look into the folder .*猫"):
        load(photos)
    (photos / "猫").chmod(0o755)


# ---------------------------------------------------------------- folders


def test_other_files_are_ignored_with_a_count(photos, capsys):
    for name in (".DS_Store", "Thumbs.db", "._图 0.png", "desktop.ini"):
        (photos / "猫" / name).write_bytes(b"x")
    (photos / ".ipynb_checkpoints").mkdir()
    assert len(load(photos).train) == 10
    assert capsys.readouterr().err == ""
    (photos / "猫" / "notes.txt").write_text("mine")
    (photos / "labels.csv").write_text("a,b")
    assert len(load(photos).train) == 10
    said = capsys.readouterr().err
    assert "ignored 2 files" in said and len(said.splitlines()) == 1
    load(photos)
    assert capsys.readouterr().err == ""  # said once, though a run reads three times


def test_deeper_folders_and_links_belong_to_their_class(photos):
    (photos / "猫" / "2024" / "may").mkdir(parents=True)
    Image.new("RGB", (20, 20), "red").save(photos / "猫" / "2024" / "may" / "1.png")
    (photos / "猫" / "loop").symlink_to(photos / "猫")
    (photos / "linked").symlink_to(photos / "my dogs")
    data = load(photos)
    assert data.class_names == ["linked", "my dogs", "猫"]
    labels = np.concatenate([data.train.labels, data.test.labels])
    assert np.bincount(labels).tolist() == [6, 6, 7]


def test_class_folders_that_are_empty_or_hold_one_image_are_all_named(photos):
    (photos / "leer").mkdir()
    (photos / "allein").mkdir()
    Image.new("RGB", (20, 20)).save(photos / "allein" / "1.png")
    with pytest.raises(UserError, match=r"two or more images.*allein \(1\), leer \(0\)"):
        load(photos)


def test_images_without_class_folders(tmp_path):
    Image.new("RGB", (20, 20)).save(tmp_path / "1.png")
    with pytest.raises(UserError, match=r"has no subfolders.*<class name>"):
        load(tmp_path)


def test_folders_that_are_splits_are_told_from_classes(photos, tmp_path):
    for name in ("train", "val"):
        (tmp_path / "set" / name).mkdir(parents=True)
        (tmp_path / "set" / name / "cat").symlink_to(photos / "猫")
    with pytest.raises(UserError, match=r"splits, not classes.*--dataset .*train"):
        load(tmp_path / "set")


def test_single_class(photos, tmp_path):
    (tmp_path / "one" / "only").mkdir(parents=True)
    for path in (photos / "猫").iterdir():
        path.rename(tmp_path / "one" / "only" / path.name)
    data = load(tmp_path / "one")
    assert data.train.num_classes == 1 and (len(data.train), len(data.test)) == (5, 1)
    flags = ["--dataset", str(tmp_path / "one"), "--out", str(tmp_path / "run")]
    command = [sys.executable, str(ROOT / "vae" / "run.py"), *flags]
    result = subprocess.run(command, capture_output=True, text=True)
    assert_user_error(result, "one class only", "--no-conditional")
    assert not (tmp_path / "run").exists()


# ---------------------------------------------------------------- memory


def test_what_does_not_fit_is_refused_before_reading(photos, monkeypatch):
    monkeypatch.setattr(environment, "memory", lambda: 10_000)
    monkeypatch.setattr(Image, "open", lambda *a, **k: pytest.fail("an image was read"))
    with pytest.raises(UserError, match=r"12 images of 3 x 64 x 64 take .* GB.*--image-size"):
        load(photos, size=64)
    monkeypatch.undo()
    monkeypatch.setattr(environment, "memory", lambda: 10_000)
    assert len(load(photos, size=8, max_train=4).train) == 4


def test_memory_of_this_machine():
    found = environment.memory()
    assert found is None or 2**28 < found < 2**50


def test_a_large_jpeg_is_not_decoded_whole(tmp_path, monkeypatch):
    Image.effect_noise((1600, 1200), 50).convert("RGB").save(tmp_path / "large.jpg")
    seen, flat = [], image_folder._flat
    monkeypatch.setattr(image_folder, "_flat", lambda p, mode: seen.append(p.size) or flat(p, mode))
    small = pixels(tmp_path / "large.jpg", size=64)
    assert small.shape == (3, 64, 64) and seen == [(200, 150)]


def test_what_nas_and_systems_leave_is_nobodys_picture(photos):
    for place in ("@eaDir", "猫/@eaDir/图 0.png", "猫/#recycle", "$RECYCLE.BIN", "猫/.thumbnails"):
        (photos / place).mkdir(parents=True)
        Image.new("RGB", (20, 20), (255, 0, 255)).save(photos / place / "thumb.jpg")
    data = load(photos)
    assert data.class_names == ["my dogs", "猫"] and len(data.train) + len(data.test) == 12


def test_everyday_suffixes_are_read_and_others_are_named(tmp_path):
    for name in ("1.jfif", "2.JPE", "3.pjpeg"):
        (tmp_path / "a").mkdir(exist_ok=True)
        Image.new("RGB", (20, 20)).save(tmp_path / "a" / name, "JPEG")
    assert len(load(tmp_path).train) == 2
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "1.heic").write_bytes(b"x")
    with pytest.raises(UserError, match=r"b \(0, and 1 other files, 1\.heic for one\)"):
        load(tmp_path)


def test_runs_inside_the_data_are_no_class(photos, capsys):
    run = photos / "results" / "vae" / "set"
    (run / "figures").mkdir(parents=True)
    (run / "config.json").write_text("{}")
    for name in ("loss", "samples"):
        Image.new("RGB", (20, 20)).save(run / "figures" / f"{name}.png")
        Image.new("RGB", (20, 20)).save(run.parent / f"{name}.png")
    assert load(photos).class_names == ["my dogs", "猫"]
    assert "results" in capsys.readouterr().err


def test_alpha_that_is_empty_everywhere_is_opaque(tmp_path):
    Image.new("RGBA", (16, 16), (0, 200, 0, 0)).save(tmp_path / "a.png")
    assert pixels(tmp_path / "a.png")[:, 0, 0].tolist() == [0, 200, 0]


@pytest.mark.skipif(sys.platform != "linux", reason="file names are bytes on Linux")
def test_names_of_other_bytes_are_escaped(tmp_path):
    folder = os.fsencode(tmp_path) + b"/caf\xe9"
    os.mkdir(folder)
    for number in range(3):
        with open(folder + b"/%d.png" % number, "wb") as file:
            Image.new("RGB", (20, 20)).save(file, "PNG")
    assert load(tmp_path).class_names == ["caf\\xe9"]


def test_the_split_goes_by_names_not_by_positions(photos):
    def tested(root):
        paths, labels, _ = image_folder.find(root)
        test = image_folder.held_out(root, paths, labels, 0)
        return {path for path, chosen in zip(paths, test) if chosen}

    before = tested(photos)
    Image.new("RGB", (20, 20)).save(photos / "猫" / "0 the first.png")
    assert len(before) == 2 and len(before & tested(photos)) >= 1
    moved = photos.rename(photos.with_name("moved"))
    here = {os.path.relpath(path, moved) for path in tested(moved)}
    assert len(here & {os.path.relpath(path, photos) for path in before}) >= 1


def test_a_fingerprint_changes_with_names_numbers_and_bytes(photos):
    def found():
        return load(photos).fingerprint()

    first = found()
    assert first == found() and first["counts"] == {"my dogs": 6, "猫": 6}
    (photos / "猫" / "图 0.png").rename(photos / "猫" / "图 7.png")
    second = found()
    assert second["counts"] == first["counts"] and second["names"] != first["names"]
    Image.new("RGB", (20, 20)).save(photos / "猫" / "图 7.png")
    third = found()
    assert third["names"] == second["names"] and third["content"] != second["content"]
