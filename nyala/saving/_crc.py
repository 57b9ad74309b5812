"""The CRC-32 of bytes from those of their parts, so that parts may be read in any order."""

from __future__ import annotations

import functools

_POLYNOMIAL = 0xEDB88320  # of ISO-HDLC, bits reversed, as in zip files


def crc32_joined(first: int, second: int, length: int) -> int:
    """Return the CRC-32 of two pieces of bytes one after another.

    Args:
        first: the CRC-32 of the first piece.
        second: that of the second.
        length: how many bytes the second has.

    Appending `length` bytes multiplies the first by x to the power of `8 * length`, modulo the
    polynomial over GF(2).

    >>> import zlib
    >>> from nyala.saving._crc import crc32_joined
    >>> crc32_joined(zlib.crc32(b"ny"), zlib.crc32(b"ala"), 3) == zlib.crc32(b"nyala")
    True
    """
    return _times(_power(length), first) ^ second


@functools.lru_cache(maxsize=4096)
def _power(length: int) -> int:
    """Return x to the power of `8 * length`."""
    result = 1 << 31
    for i, square in enumerate(_squares()):
        if length >> i & 1:
            result = _times(result, square)
    return result


@functools.cache
def _squares() -> list[int]:
    """Return x to the powers of 8, 16, 32, … for lengths below 2 ** 48."""
    squares = [1 << 23]
    for _ in range(47):
        squares.append(_times(squares[-1], squares[-1]))
    return squares


def _times(a: int, b: int) -> int:
    """Return the product of two polynomials, whose highest bit is the factor of x ** 0."""
    product = 0
    for i in range(31, -1, -1):
        if a >> i & 1:
            product ^= b
        b = b >> 1 ^ _POLYNOMIAL if b & 1 else b >> 1
    return product
