"""The wire format of protocol buffers, as much of it as records of examples need.

A message is a sequence of fields, each a key (its number and the kind of its value) and a value.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any

import numpy as np

VARINT, FIXED64, LENGTH, FIXED32 = 0, 1, 2, 5

# Bytes up to which numbers are read faster one by one than all at once.
_FEW = 48


class WireError(ValueError):
    """Bytes are no message."""


def varint(number: int) -> bytes:
    """Return an integer of up to 64 bits, seven a byte, the lowest first."""
    number &= 0xFFFF_FFFF_FFFF_FFFF
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def field(number: int, data: bytes) -> bytes:
    """Return a field that holds bytes: a string, a message or packed numbers."""
    return varint(number << 3 | LENGTH) + varint(len(data)) + data


def varint_field(number: int, value: int) -> bytes:
    """Return a field that holds an integer."""
    return varint(number << 3 | VARINT) + varint(value)


def read_varint(data: bytes, position: int) -> tuple[int, int]:
    """Return an integer and the position behind it."""
    number = shift = 0
    while True:
        try:
            byte = data[position]
        except IndexError:
            raise WireError("it ends inside a number") from None
        position += 1
        number |= (byte & 0x7F) << shift
        if byte < 0x80:
            return number, position
        shift += 7
        if shift > 63:
            raise WireError("a number has more than 64 bits")


def fields(data: bytes) -> Iterator[tuple[int, int, Any]]:
    """Yield the number, the kind and the value of every field: an integer, or bytes."""
    position, size = 0, len(data)
    while position < size:
        key = data[position]  # most numbers take one byte
        position += 1
        if key > 0x7F:
            key, position = read_varint(data, position - 1)
        kind = key & 7
        if kind == LENGTH:
            if position < size and data[position] < 0x80:
                stop = position + 1 + data[position]
                position += 1
            else:
                count, position = read_varint(data, position)
                stop = position + count
        elif kind == VARINT:
            number, position = read_varint(data, position)
            yield key >> 3, kind, number
            continue
        elif kind in (FIXED64, FIXED32):
            stop = position + (8 if kind == FIXED64 else 4)
        else:
            raise WireError(f"a field of the unknown kind {kind}")
        if stop > size:
            raise WireError("it ends inside a field")
        yield key >> 3, kind, data[position:stop]
        position = stop


def packed_varints(numbers: Any) -> bytes:
    """Return integers one after another."""
    return b"".join([varint(int(n)) for n in numbers])


def read_packed_varints(data: bytes) -> list[int]:
    """Return signed integers of 64 bits that stand one after another."""
    if len(data) <= _FEW:
        numbers, position = [], 0
        while position < len(data):
            number, position = read_varint(data, position)
            numbers.append(number - (number >> 63 << 64))
        return numbers
    bytes_ = np.frombuffer(data, np.uint8)
    ends = np.flatnonzero(bytes_ < 0x80)
    if len(bytes_) and (not len(ends) or ends[-1] != len(bytes_) - 1):
        raise WireError("it ends inside a number")
    if len(ends) == len(bytes_):  # each is below 128
        return bytes_.tolist()
    starts = np.concatenate([[0], ends[:-1] + 1])
    if len(ends) and (ends - starts).max() > 9:
        raise WireError("a number has more than 64 bits")
    places = np.arange(len(bytes_)) - np.repeat(starts, ends - starts + 1)
    parts = (bytes_ & np.uint8(0x7F)).astype(np.uint64) << (places.astype(np.uint64) * np.uint64(7))
    return np.bitwise_or.reduceat(parts, starts).view(np.int64).tolist() if len(ends) else []


def read_packed_floats(data: bytes) -> list[float]:
    """Return floats of 32 bits that stand one after another."""
    if len(data) % 4:
        raise WireError("it ends inside a float")
    return list(struct.unpack(f"<{len(data) // 4}f", data))
