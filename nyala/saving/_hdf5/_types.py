"""Datatypes and shapes of HDF5 as NumPy's, and values of both."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np

from nyala.saving._hdf5._bytes import Bytes, Cursor
from nyala.saving._limits import limits

_MAX_RANK = 32
_VARIABLE_STRING = 1
_NULL_SPACE = 2


@dataclasses.dataclass(frozen=True)
class Type:
    """A datatype.

    Args:
        dtype: NumPy's dtype of one element; of texts of any length, that of its 16 bytes of place.
        texts: whether elements are texts, of fixed or any length.
        anywhere: whether each element says where in the file its bytes are.
    """

    dtype: np.dtype
    texts: bool = False
    anywhere: bool = False


def read_type(cursor: Cursor, file: Bytes) -> Type:
    """Return the datatype at the cursor."""
    kind, bits, size = _head(cursor)
    if kind == 0:
        return Type(_integer(cursor, bits, size, file))
    if kind == 1:
        return Type(_float(cursor, bits, size, file))
    if kind == 3:
        return Type(np.dtype(f"S{_sized(size, file)}"), texts=True)
    if kind == 5:
        return Type(np.dtype(f"V{_sized(size, file)}"))
    if kind == 8:
        return Type(_enumeration(cursor, bits, file))
    if kind == 9 and bits & 15 == _VARIABLE_STRING and size == 16:
        return Type(np.dtype("V16"), texts=True, anywhere=True)
    raise file.damaged(f"it holds values of HDF5's kind {kind}, which no model file needs")


def _head(cursor: Cursor) -> tuple[int, int, int]:
    first = cursor.number(1)
    return first & 15, cursor.number(3), cursor.number(4)


def _sized(size: int, file: Bytes) -> int:
    if not 0 < size <= file.size:
        raise file.damaged(f"one element has {size:,} bytes")
    return size


def _integer(cursor: Cursor, bits: int, size: int, file: Bytes) -> np.dtype:
    offset, precision = cursor.numbers("HH")
    if size not in (1, 2, 4, 8) or offset or precision != 8 * size:
        raise file.damaged(f"it holds integers of {precision} bits in {size} bytes")
    return np.dtype(f"{'>' if bits & 1 else '<'}{'i' if bits & 8 else 'u'}{size}")


def _float(cursor: Cursor, bits: int, size: int, file: Bytes) -> np.dtype:
    offset, precision, _, exponent, _, mantissa, _ = cursor.numbers("HHBBBBI")
    known = {2: (5, 10), 4: (8, 23), 8: (11, 52)}
    if offset or precision != 8 * size or known.get(size) != (exponent, mantissa):
        raise file.damaged(f"it holds floats of {size} bytes that are not IEEE's")
    return np.dtype(f"{'>' if bits & 1 else '<'}f{size}")


def _enumeration(cursor: Cursor, bits: int, file: Bytes) -> np.dtype:
    kind, base_bits, size = _head(cursor)
    if kind != 0:
        raise file.damaged("it holds an enumeration of other things than integers")
    base = _integer(cursor, base_bits, size, file)
    # Of enumerations, only h5py's booleans are in model files; others stay the integers they are.
    return np.dtype(bool) if bits & 0xFFFF == 2 and size == 1 else base


def read_shape(cursor: Cursor, file: Bytes) -> tuple[int, ...]:
    """Return the dataspace at the cursor."""
    version, rank = cursor.numbers("BBx")
    if version == 1:
        cursor.take(5)
    elif version == 2:
        if cursor.number(1) == _NULL_SPACE:
            raise file.damaged("one of its arrays has no shape")
    else:
        raise file.damaged(f"a shape of version {version}")
    if rank > _MAX_RANK:
        raise file.damaged(f"an array of {rank} axes")
    return tuple(cursor.number(8) for _ in range(rank))


def values_of(data: bytes, kind: Type, shape: tuple[int, ...], file: Bytes) -> Any:
    """Return the array, or the text, that stands in these bytes."""
    count = math.prod(shape)
    if count * kind.dtype.itemsize != len(data):
        raise file.damaged(f"{len(data)} bytes for {count} values of {kind.dtype.itemsize} bytes")
    if kind.anywhere:
        texts = [_text_elsewhere(data[i : i + 16], file) for i in range(0, len(data), 16)]
        return texts[0] if shape == () else np.array(texts, dtype=object).reshape(shape)
    array = np.frombuffer(data, kind.dtype).reshape(shape)
    return array[()] if shape == () else array


def _text_elsewhere(place: bytes, file: Bytes) -> bytes:
    """Return a text from the heap of texts that all of the file shares."""
    cursor = Cursor(place, file)
    length, address, number = cursor.numbers("IQI")
    if not length or not address:
        return b""
    limits.check("json_bytes", length, f"The length of a text in {file.what}")
    head = file.cursor(address, 16)
    if head.take(4) != b"GCOL":
        raise file.damaged("a text does not lie where it should")
    size = head.numbers("B3xQ")[1]
    heap = file.cursor(address + 16, max(0, size - 16))
    while heap.left >= 16:
        found, _, bytes_of_it = heap.numbers("HH4xQ")
        if found == 0:
            break
        if found == number:
            return heap.take(bytes_of_it)[:length]
        heap.take(bytes_of_it)
        heap.align(8)
    raise file.damaged("a text is missing")
