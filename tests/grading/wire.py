"""Messages between the grader and the process that runs a student's code.

One message = 4 bytes magic, 4 bytes header length, a JSON header, then the arrays as `.npy` one
after another; the header lists their names and sizes. Nothing is unpickled, and every length is
checked before the bytes behind it are looked at: the other end may be hostile.
"""

import io
import json
import math
import struct

import numpy as np

MAGIC = b"GRD1"
MAX_HEADER = 64 * 2**10
MAX_MESSAGE = 8 * 2**20  # bytes of one message, arrays included
MAX_ARRAYS = 256
MAX_NPY_HEADER = 2000
MAX_DIMENSIONS = 8
KINDS = "fiubc"  # NumPy dtype kinds that may travel: numbers and booleans
_PREFIX = struct.Struct("<4sI")


class Malformed(Exception):
    """The bytes are not a message of this format."""


class TooLarge(Exception):
    """The message is larger than MAX_MESSAGE."""


def encode(header, arrays=None):
    """The bytes of one message.

    Args:
        header: dict of JSON values; the key "arrays" is taken.
        arrays: name -> ndarray.

    Returns:
        bytes. Raises TooLarge, or Malformed for an array that may not travel.
    """
    arrays = arrays or {}
    if sum(a.nbytes for a in arrays.values()) > MAX_MESSAGE:
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


def decode(data, start=0):
    """Read the message that begins at `start`.

    Returns:
        (header, arrays, end), or None while bytes are missing. Raises Malformed.
    """
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
    return header, _arrays(data, begin + length, sizes), end


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
    """One array from its `.npy` bytes; the header is checked before NumPy loads the rest."""
    stream = io.BytesIO(data)
    try:
        if np.lib.format.read_magic(stream) != (1, 0):
            raise Malformed("an array of another .npy version")
        shape, _, dtype = np.lib.format.read_array_header_1_0(stream, MAX_NPY_HEADER)
    except Malformed:
        raise
    except Exception as error:  # whatever NumPy's parser makes of hostile bytes
        raise Malformed("an array with a broken header") from error
    if dtype.hasobject or dtype.kind not in KINDS or dtype.fields or dtype.subdtype:
        raise Malformed("an array of a dtype that may not travel")
    if len(shape) > MAX_DIMENSIONS or any(n < 0 for n in shape):
        raise Malformed("an array of impossible shape")
    if math.prod(shape) * dtype.itemsize != len(data) - stream.tell():
        raise Malformed("an array whose size does not fit its shape")
    return np.load(io.BytesIO(data), allow_pickle=False, max_header_size=MAX_NPY_HEADER)
