"""Pictures are checked by what they show, not pixel by pixel."""

import warnings

import matplotlib.figure
import matplotlib.image
import numpy as np
import pytest

from common import plotting


def read(path):
    """[H, W] grey values of a PNG in [0, 1]."""
    return matplotlib.image.imread(path)[..., :3].mean(axis=2)


def panel(picture):
    """The inner part of a picture: rows and columns that are not background only."""
    rows = np.flatnonzero((picture < 0.5).any(axis=1))
    columns = np.flatnonzero((picture < 0.5).any(axis=0))
    return picture[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def test_tile_places_every_image():
    images = np.arange(1, 6, dtype=np.float32)[:, None, None, None] / 10 * np.ones((5, 1, 4, 3))
    sheet = plotting.tile(images, columns=3, pad=2)
    assert sheet.shape == (1, 2 * 6 + 2, 3 * 5 + 2)
    for index in range(5):
        top, left = 2 + index // 3 * 6, 2 + index % 3 * 5
        block = sheet[0, top : top + 4, left : left + 3]
        assert np.allclose(block, (index + 1) / 10)
    assert np.all(sheet[0, 8:, 12:] == 1)  # the empty place at the end


def test_grid_shows_images_in_reading_order_and_upright(tmp_path):
    images = np.zeros((4, 1, 10, 10), np.float32)
    images[1, :, :5] = 1  # second image: upper half white
    plotting.image_grid(images, tmp_path / "g.png", columns=2)
    inner = panel(read(tmp_path / "g.png"))
    half, quarter = inner.shape[0] // 2, inner.shape[0] // 4
    assert inner[:half, :half].mean() < 0.1
    assert inner[2 : quarter - 2, half + 5 : -5].mean() > 0.9
    assert inner[quarter + 5 : half - 5, half + 5 : -5].mean() < 0.1


def test_values_outside_the_range_are_clipped(tmp_path):
    plotting.image_grid(np.full((1, 3, 8, 8), -5.0), tmp_path / "g.png", columns=1)
    assert panel(read(tmp_path / "g.png")).max() < 0.6


def test_rows_are_labelled(tmp_path):
    images = np.ones((3, 1, 8, 8), np.float32)  # white: all ink is text
    plotting.image_rows({"a": images, "b": images}, tmp_path / "plain.png")
    plotting.image_rows({"original": images, "reconstruction": images}, tmp_path / "long.png")
    ink = [np.sum(read(tmp_path / name) < 0.5) for name in ("plain.png", "long.png")]
    assert ink[0] > 20 and ink[1] > 3 * ink[0]


def test_report_size(tmp_path):
    """Wide enough for a page at 150 dots an inch."""
    plotting.curves({"train": [3, 2, 1]}, tmp_path / "c.png", "epoch", "loss")
    height, width = read(tmp_path / "c.png").shape
    assert 800 <= width <= 1200 and 400 <= height <= 800


def test_curves_follow_the_numbers(tmp_path):
    plotting.curves({"falling": np.linspace(1, 0, 50)}, tmp_path / "c.png", "epoch", "loss")
    picture = matplotlib.image.imread(tmp_path / "c.png")[..., :3]
    blue = (picture[..., 2] > 0.6) & (picture[..., 0] < 0.3)
    rows, columns = np.nonzero(blue)
    assert np.corrcoef(rows, columns)[0, 1] > 0.99  # to the right means further down


def test_scatter_colours_by_label(tmp_path):
    points = np.array([[0.0, 0.0]] * 5 + [[1.0, 1.0]] * 5)
    plotting.scatter(points, np.repeat([0, 1], 5), tmp_path / "s.png", ["zero", "one"])
    picture = matplotlib.image.imread(tmp_path / "s.png")[..., :3]
    plot = picture[:, : int(picture.shape[1] * 0.85)]
    blue = np.argwhere((plot[..., 2] - plot[..., 0]) > 0.3)
    orange = np.argwhere((plot[..., 0] - plot[..., 2]) > 0.3)
    assert blue[:, 0].mean() > orange[:, 0].mean()  # class 0 at the bottom
    assert blue[:, 1].mean() < orange[:, 1].mean()  # and on the left


@pytest.mark.parametrize("name", ["零", "Ankle boot", "ünï", "🙂"])
def test_any_class_name_can_be_drawn(tmp_path, name, recwarn):
    plotting.scatter(np.zeros((2, 2)), [0, 1], tmp_path / "s.png", [name, "one"], title=name)
    assert (tmp_path / "s.png").stat().st_size > 5000
    assert not [w for w in recwarn if "Glyph" in str(w.message) or "font" in str(w.message)]


def test_many_classes(tmp_path):
    names = [f"class {index}" for index in range(30)]
    plotting.scatter(np.eye(60, 2), np.arange(60) % 30, tmp_path / "s.png", names)
    assert (tmp_path / "s.png").is_file()


def test_legends_and_axes_name_a_few_of_many_classes(tmp_path, monkeypatch):
    figures = []
    monkeypatch.setattr(plotting, "_save", lambda figure, path: figures.append(figure))
    names = [f"class {index}" for index in range(120)]
    plotting.scatter(np.eye(240, 2), np.arange(240) % 120, tmp_path / "s.png", names)
    plotting.bars({"a": np.arange(120)}, names, tmp_path / "b.png")
    texts = [text.get_text() for text in figures[0].axes[0].get_legend().get_texts()]
    assert texts[:2] == ["class 0", "class 1"] and texts[-1] == "and 95 more" and len(texts) == 26
    assert len(figures[1].axes[0].get_xticklabels()) <= 25
    assert figures[1].get_figwidth() < 20


def test_characters_without_a_font_become_question_marks_on_axes_too(tmp_path, monkeypatch):
    monkeypatch.setattr(plotting, "_fonts", lambda: (["DejaVu Sans"], set(map(ord, "ab?: 0123."))))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        images = np.zeros((2, 1, 4, 4), np.float32)
        plotting.image_grid(images, tmp_path / "g.png", 1, row_labels=["a猫", "b"])
        plotting.bars({"a": [1, 2]}, ["狗", "b"], tmp_path / "b.png", "b")


def test_no_personal_setting_of_matplotlib_counts(tmp_path):
    series = {"a": [1.0, 2.0]}
    plotting.curves(series, tmp_path / "a.png", "x", "y")
    with matplotlib.rc_context({"text.usetex": True, "font.size": 30, "lines.linewidth": 9}):
        plotting.curves(series, tmp_path / "b.png", "x", "y")
        assert matplotlib.rcParams["text.usetex"]
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def test_names_are_drawn_as_they_are(tmp_path, monkeypatch):
    seen = []
    save = matplotlib.figure.Figure.savefig

    def savefig(figure, *arguments, **options):
        seen.extend(text.get_text() for text in figure.axes[0].get_legend().get_texts())
        save(figure, *arguments, **options)

    monkeypatch.setattr(matplotlib.figure.Figure, "savefig", savefig)
    points = np.random.default_rng(0).standard_normal((30, 2))
    names = ["_none", "$\\frac$", "$5 and 6$"]
    plotting.scatter(points, np.arange(30) % 3, tmp_path / "s.png", names)
    assert [text.strip().replace("\\$", "$") for text in seen] == names


def test_a_long_sheet_is_cut(tmp_path, monkeypatch):
    assert plotting.LONGEST * plotting.DPI < 2**16  # what Matplotlib 3.8 draws
    monkeypatch.setattr(plotting, "LONGEST", 5)
    images = np.zeros((100, 1, 2, 2), np.float32)
    plotting.image_grid(images, tmp_path / "g.png", columns=2, cell=1.0)
    assert read(tmp_path / "g.png").shape[0] < 6 * plotting.DPI


@pytest.fixture
def drawn(monkeypatch):
    """The figures that are drawn, in place of their files."""
    figures = []
    monkeypatch.setattr(plotting, "_save", lambda figure, path: figures.append(figure))
    return figures


def test_one_epoch_is_a_point_that_says_so(drawn):
    plotting.curves({"train": [2.0], "test": [3.0]}, "c.png", "epoch", "loss")
    plotting.curves({"train": [2.0, 1.0]}, "c.png", "epoch", "loss")
    texts = [[text.get_text() for text in figure.axes[0].texts] for figure in drawn]
    assert texts == [[plotting.ONE_POINT], []]
    assert drawn[0].axes[0].get_xticks().tolist() == [1]


def test_the_last_panel_fills_its_row(drawn):
    plotting.panels([lambda axes: axes.plot([1, 2])] * 3, "p.png", columns=2)
    drawn[0].draw_without_rendering()
    first, second, third = (axes.get_position().bounds for axes in drawn[0].axes)
    assert first[1] == pytest.approx(second[1]) and third[1] < first[1]
    assert third[2] > first[2] + second[2]


def test_labels_do_not_shrink_the_images(drawn):
    """A sheet of one row keeps the size of its cells, whatever stands above it."""
    images = np.zeros((9, 1, 8, 8), np.float32)
    for labels in (None, [f"{value}\nname" for value in range(9)]):
        plotting.image_grid(images, "g.png", 9, "title", column_labels=labels, cell=0.5, xlabel="z")
        drawn[-1].draw_without_rendering()
        assert drawn[-1].axes[0].get_window_extent().width / drawn[-1].dpi > 0.95 * 9 * 0.5


def test_a_red_frame_around_the_chosen_images():
    images = np.full((2, 1, 28, 28), 0.5, np.float32)
    framed = plotting.framed(images, np.array([False, True]))
    assert framed.shape == (2, 3, 32, 32) and (framed[:, :, 2:-2, 2:-2] == 0.5).all()
    assert (framed[0, :, :2] == 1).all() and (framed[1, 0, :2] > framed[1, 1, :2] + 0.5).all()
