"""Messages between the grader and the process that runs a student's code.

One message = 4 bytes magic, 4 bytes header length, a JSON header, then the arrays as `.npy` one
after another; the header lists their names and sizes. Nothing is unpickled, and every length is
checked before the bytes behind it are looked at: the other end may be hostile, and whatever it
sends is a message or `Malformed`, nothing else.
"""

import io
import json
import math
import struct

import numpy as np

MAGIC = b"GRD1"
MAX_HEADER = 64 * 2**10
MAX_MESSAGE = 4 * 2**20  # bytes of one message, arrays included
MAX_VALUES = 2**18  # numbers of one answer: however small they travel, they are judged as float64
MAX_ARRAYS = 256
MAX_NPY_HEADER = 2000
MAX_DIMENSIONS = 8
KINDS = "fiubc"  # NumPy dtype kinds that may travel: numbers and booleans
_PREFIX = struct.Struct("<4sI")


class Malformed(Exception):
    """The bytes are not a message of this format."""


class TooLarge(Exception):
    """The message is larger than MAX_MESSAGE."""


def encode(header, arrays=None, most=MAX_VALUES):
    """The bytes of one message.

    Args:
        header: dict of JSON values; the key "arrays" is taken.
        arrays: name -> ndarray.
        most: numbers in all arrays together; a request, which brings a file, may have more.

    Returns:
        bytes. Raises TooLarge, or Malformed for an array that may not travel.
    """
    arrays = arrays or {}
    size, count = (sum(getattr(a, n) for a in arrays.values()) for n in ("nbytes", "size"))
    if size > MAX_MESSAGE or count > most:
        raise TooLarge
    parts = {name: _npy(array) for name, array in arrays.items()}
    listed = [[name, len(part)] for name, part in parts.items()]
    text = json.dumps({**header, "arrays": listed}).encode()
    message = b"".join([_PREFIX.pack(MAGIC, len(text)), text, *parts.values()])
    if len(message) > MAX_MESSAGE or len(text) > MAX_HEADER or len(parts) > MAX_ARRAYS:
        raise TooLarge
    return message


def _npy(array):
    if type(array) is not np.ndarray or array.dtype.kind not in KINDS:
        raise Malformed(f"an array of dtype {array.dtype} cannot be sent")
    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, array, version=(1, 0), allow_pickle=False)
    return buffer.getvalue()


def decode(data, start=0, most=MAX_VALUES):
    """Read the message that begins at `start`; most: see encode.

    Returns:
        (header, arrays, end), or None while bytes are missing. Raises Malformed.
    """
    try:
        return _decode(data, start, most)
    except Malformed:
        raise
    except Exception as error:  # whatever json and NumPy make of hostile bytes
        raise Malformed("no message") from error


def _decode(data, start, most):
    if len(data) - start < _PREFIX.size:
        return None
    magic, length = _PREFIX.unpack_from(data, start)
    if magic != MAGIC or length > MAX_HEADER:
        raise Malformed("no message begins here")
    begin = start + _PREFIX.size
    if len(data) < begin + length:
        return None
    header = _header(bytes(data[begin : begin + length]))
    sizes = _sizes(header)
    end = begin + length + sum(size for _, size in sizes)
    if len(data) < end:
        return None
    arrays = _arrays(data, begin + length, sizes)
    if sum(a.size for a in arrays.values()) > most:
        raise Malformed("too many numbers")
    return header, arrays, end


def _header(text):
    try:
        header = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Malformed("the header is not JSON") from error
    if not isinstance(header, dict):
        raise Malformed("the header is not an object")
    return header


def _sizes(header):
    """The list of (name, bytes) of a header, checked."""
    listed = header.get("arrays")
    if not isinstance(listed, list) or len(listed) > MAX_ARRAYS:
        raise Malformed("no list of arrays")
    for entry in listed:
        if not (isinstance(entry, list) and [type(v) for v in entry] == [str, int]):
            raise Malformed("an array without name or size")
        if not 0 <= entry[1] <= MAX_MESSAGE or len(entry[0]) > 200:
            raise Malformed("an array of impossible size")
    if len({name for name, _ in listed}) != len(listed):
        raise Malformed("two arrays of one name")
    if sum(size for _, size in listed) > MAX_MESSAGE:
        raise Malformed("the arrays are too large")
    return [tuple(entry) for entry in listed]


def _arrays(data, offset, sizes):
    arrays = {}
    for name, size in sizes:
        arrays[name] = _read_npy(bytes(data[offset : offset + size]))
        offset += size
    return arrays


def _read_npy(data):
    """One array from its `.npy` bytes; NumPy reads the header only, and only a short one."""
    stream = io.BytesIO(data)
    if np.lib.format.read_magic(stream) != (1, 0):
        raise Malformed("an array of another .npy version")
    shape, by_column, dtype = np.lib.format.read_array_header_1_0(stream, MAX_NPY_HEADER)
    if dtype.hasobject or dtype.kind not in KINDS or dtype.fields or dtype.subdtype:
        raise Malformed("an array of a dtype that may not travel")
    whole = all(type(n) is int and 0 <= n <= MAX_MESSAGE for n in shape)  # True is no length
    if len(shape) > MAX_DIMENSIONS or not whole:
        raise Malformed("an array of impossible shape")
    if math.prod(shape) * dtype.itemsize != len(data) - stream.tell():
        raise Malformed("an array whose size does not fit its shape")
    values = np.frombuffer(data, dtype, offset=stream.tell(), count=math.prod(shape))
    return values.reshape(shape, order="F" if by_column else "C").copy()  # one that can be written
