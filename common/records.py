"""Records that are read back from files: every value is checked before anything uses it.

A record is a dataclass, and `read` makes one of a dict that came from JSON. `expect` does the same
for arrays. What is missing, of another type, out of range or not finite is a UserError that names
the file; unknown keys, which a newer version may have added, are no error.
"""

import dataclasses
import json
import math
import types
import typing

import numpy as np

from common.errors import UserError

WORDS = {
    int: "a whole number",
    float: "a finite number",
    str: "a text",
    bool: "true or false",
    list: "a list",
    dict: "a group of values",
    type(None): "null",
}
SHOWN = 40  # characters of a wrong value


def at_least(low, **default):
    """A field of a record whose numbers must not be smaller. default: as of dataclasses.field."""
    return dataclasses.field(metadata={"least": low}, **default)


def damaged(source, reason, hint="restore it from a copy, or train again into another folder"):
    """The UserError of a file that cannot be used."""
    return UserError(f"{source} is damaged ({reason}); {hint}")


def load_json(path):
    """What a JSON file holds. Raises UserError if it is no JSON, OSError if it cannot be read."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError):
        raise damaged(path, "not JSON") from None


def read(kind, values, source):
    """The instance of a dataclass that a dict from a file describes.

    Args:
        kind: the dataclass. Its annotations are int, float, str, bool, list, dict, list[...],
            dict[str, ...], another dataclass or a union of them.
        values: what was read. source: the file, for the message.

    Raises UserError. Keys that the dataclass does not have are left out.
    """
    return kind(**checked(kind, values, source))


def checked(kind, values, source):
    """{field: value} of `read`, for what is left to a default or belongs to a function."""
    if not isinstance(values, dict):
        raise damaged(source, f"{_short(values)} instead of a group of values")
    found = {}
    for item in dataclasses.fields(kind):
        if item.name in values:
            found[item.name] = value = _value(item.type, values[item.name], item.name, source)
            least = item.metadata.get("least")
            if least is not None and value is not None and value < least:
                raise damaged(source, f"{item.name} is {value}, less than {least}")
        elif item.default is item.default_factory is dataclasses.MISSING:
            raise damaged(source, f"{item.name} is missing")
    return found


def _value(kind, value, name, source):
    """A value of one of the types that `read` knows. Raises UserError."""
    kinds = kind.__args__ if isinstance(kind, types.UnionType) else (kind,)
    for nested in filter(dataclasses.is_dataclass, kinds):
        if value is not None:
            return read(nested, value, source)
    fitting = [k for k in kinds if _is(typing.get_origin(k) or k, value)]
    if not fitting:
        wanted = " or ".join(WORDS.get(typing.get_origin(k) or k, WORDS[dict]) for k in kinds)
        raise damaged(source, f"{name} must be {wanted}, not {_short(value)}")
    inner = typing.get_args(fitting[0])
    if inner and isinstance(value, list):
        return [_value(inner[0], entry, f"an entry of {name}", source) for entry in value]
    if inner and isinstance(value, dict):
        return {k: _value(inner[1], entry, f"{name}.{k}", source) for k, entry in value.items()}
    return value


def _is(kind, value):
    """Whether a value of JSON is of a type; whole numbers are numbers, truth values are not."""
    if kind is float:
        number = isinstance(value, int | float) and not isinstance(value, bool)
        return number and abs(value) < 1e308 and math.isfinite(value)
    return isinstance(value, kind) and (kind is bool or not isinstance(value, bool))


def _short(value):
    text = repr(value)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}..."


def expect(arrays, shapes, source):
    """Raise UserError unless arrays have these names, kinds and shapes, and are finite.

    Args:
        arrays: {name: array}, read from a file; other names are no error.
        shapes: {name: (kind, shape)}: "f" numbers, "i" whole numbers or "u" bytes; None in a shape
            is any size, and one letter twice is twice the same size.
    """
    sizes = {}
    for name, (kind, shape) in shapes.items():
        if name not in arrays:
            raise damaged(source, f"{name} is missing")
        found = arrays[name]
        wanted = [
            sizes.setdefault(n, s) if isinstance(n, str) else n for n, s in zip(shape, found.shape)
        ]
        right = len(shape) == found.ndim and all(
            n in (None, s) for n, s in zip(wanted, found.shape)
        )
        if found.dtype.kind != kind or not right:
            raise damaged(source, f"{name} has type {found.dtype} and shape {list(found.shape)}")
    if bad := not_finite({name: arrays[name] for name in shapes}):
        raise damaged(source, f"{bad[0]} holds NaN or infinity")


def not_finite(arrays):
    """Names of the arrays in which a number is NaN or infinite. arrays: {name: array}."""
    return [n for n, a in arrays.items() if a.dtype.kind in "fc" and not np.isfinite(a).all()]
