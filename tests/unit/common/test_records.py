"""Records that come from files: what fits is taken, anything else is a sentence with its file."""

from dataclasses import dataclass, field

import numpy as np
import pytest

from common import records
from common.errors import UserError


@dataclass
class Place:
    row: int
    name: str = ""


@dataclass
class Example:
    count: int = records.at_least(0)
    share: float = 0.5
    on: bool = False
    names: list[str] = field(default_factory=list)
    sums: dict[str, float] = field(default_factory=dict)
    place: Place | None = None
    places: list[Place] = field(default_factory=list)


def test_what_fits_is_taken_and_new_keys_are_left_out():
    values = {"count": 3, "share": 1, "names": ["a"], "sums": {"x": 2}, "of a newer version": []}
    found = records.read(Example, {**values, "places": [{"row": 1}]}, "f.json")
    assert (found.count, found.share, found.names, found.sums) == (3, 1, ["a"], {"x": 2})
    assert found.places == [Place(1)] and found.place is None


@pytest.mark.parametrize(
    "values",
    [
        *([], None, 3, "count", {}, {"count": None}, {"count": "3"}, {"count": 3.5}),
        *({"count": True}, {"count": -1}, {"count": 1, "share": float("nan")}),
        *({"count": 1, "share": 10**400}, {"count": 1, "on": 1}, {"count": 1, "names": "a"}),
        *({"count": 1, "names": [1]}, {"count": 1, "sums": {"x": "y"}}, {"count": 1, "sums": []}),
        *({"count": 1, "place": {}}, {"count": 1, "places": [{"row": None}]}),
    ],
)
def test_what_does_not_fit_names_the_file(values):
    with pytest.raises(UserError, match=r"f\.json is damaged") as error:
        records.read(Example, values, "f.json")
    assert len(str(error.value)) < 200


@pytest.mark.parametrize("text", ["", "{", "[" * 100000, "\ufeff{}", "nul"])
def test_what_is_no_json(tmp_path, text):
    (tmp_path / "a.json").write_text(text, encoding="utf-8")
    with pytest.raises(UserError, match=r"a\.json is damaged \(not JSON\)"):
        records.load_json(tmp_path / "a.json")


def test_arrays_are_checked_by_kind_shape_and_finite():
    good = {"means": np.zeros((2, 3), "f"), "square": np.zeros((3, 3), "f")}
    shapes = {"means": ("f", "KZ"), "square": ("f", "ZZ")}
    records.expect(good, shapes, "p.npz")
    nan = np.full((2, 3), np.nan, "f")
    for bad in (np.zeros((2, 3), int), np.zeros((2, 4), "f"), np.zeros(3, "f"), nan):
        with pytest.raises(UserError, match=r"p\.npz is damaged"):
            records.expect({**good, "means": bad}, shapes, "p.npz")
    with pytest.raises(UserError, match="square is missing"):
        records.expect({"means": good["means"]}, shapes, "p.npz")
