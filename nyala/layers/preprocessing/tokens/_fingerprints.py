"""Hashes of strings that put a value into the same bucket in every process, and where Keras does.

All work on columns: one array of 64-bit words for each variable of the algorithms, whose sums and
products wrap around as those of C do.

Sources: FarmHash (Geoff Pike, https://github.com/google/farmhash: the 64-bit fingerprint); Aumasson
and Bernstein, "SipHash: a fast short-input PRF", 2012.
"""

from __future__ import annotations

import numpy as np

from nyala.layers.preprocessing.tokens._strings import Strings

_MASK = (1 << 64) - 1
_K0, _K1, _K2 = 0xC3A5C85C97CB3127, 0xB492B66FBE98F273, 0x9AE16A3B2F90404F
_CAT = 0xC6A4A7935BD1E995
Words = np.ndarray


def fingerprints64(column: Strings) -> Words:
    """Return FarmHash's 64-bit fingerprints, unsigned integers."""
    found = np.full(len(column), _K2, np.uint64)
    for low, high, function in _BY_LENGTH:
        which = np.flatnonzero((column.lengths >= low) & (column.lengths <= high))
        if which.size:
            found[which] = function(_Column(column[which]))
    return found


def combined(first: Words, second: Words) -> Words:
    """Return one fingerprint for two, in this order."""
    found = first ^ _CAT
    found ^= _shift_mix(second * _CAT) * _CAT
    return _shift_mix(_shift_mix(found * _CAT) * _CAT)


def keyed_hashes64(column: Strings, key: tuple[int, int]) -> Words:
    """Return SipHash-2-4 under two 64-bit numbers, unsigned integers."""
    low, high = (part & _MASK for part in key)
    start = (low ^ 0x736F6D6570736575, high ^ 0x646F72616E646F6D,
             low ^ 0x6C7967656E657261, high ^ 0x7465646279746573)  # fmt: skip
    state = np.repeat(np.array(start, np.uint64)[:, None], len(column), axis=1)
    whole = column.lengths // 8
    for i in range(int(whole.max(initial=-1)) + 1):
        which = np.flatnonzero(whole >= i)
        piece = column[which]
        last = (piece.lengths // 8 == i).astype(np.uint64)
        word = piece.words(8 * i) | last * ((piece.lengths.astype(np.uint64) & 0xFF) << 56)
        a, b, c, d = state[:, which]
        a, b, c, d = _sip_rounds(2, a, b, c, d ^ word)
        state[:, which] = a ^ word, b, c, d
    a, b, c, d = _sip_rounds(4, state[0], state[1], state[2] ^ 0xFF, state[3])
    return a ^ b ^ c ^ d


def _sip_rounds(count: int, a: Words, b: Words, c: Words, d: Words) -> tuple:
    for _ in range(count):
        a, c = a + b, c + d
        b, d = _left(b, 13) ^ a, _left(d, 16) ^ c
        a, c = _left(a, 32) + d, c + b
        b, c, d = _left(b, 17) ^ c, _left(c, 32), _left(d, 21) ^ a
    return a, b, c, d


def _left(x: Words, bits: int) -> Words:
    return x << bits | x >> 64 - bits


def _right(x: Words, bits: int) -> Words:
    return x >> bits | x << 64 - bits


def _shift_mix(x: Words) -> Words:
    return x ^ x >> 47


def _mixed(u: Words, v: Words, factor: Words) -> Words:
    """Fold two words into one (Murmur's way)."""
    a = _shift_mix((u ^ v) * factor)
    return _shift_mix((v ^ a) * factor) * factor


class _Column:
    """Strings whose bytes are read from their beginning or, at negative places, their end."""

    def __init__(self, column: Strings):
        self.column = column
        self.length = column.lengths.astype(np.uint64)
        self.factor = self.length * 2 + _K2

    def word(self, at: int) -> Words:
        column = self.column
        return column.read(column.starts + at + (column.lengths if at < 0 else 0))

    def half(self, at: int) -> Words:
        return self.word(at) & 0xFFFFFFFF

    def byte(self, at: int | np.ndarray) -> Words:
        return self.column.read(self.column.starts + at) & 0xFF


def _up_to_3(s: _Column) -> Words:
    y = s.byte(0) + (s.byte(s.column.lengths // 2) << 8)
    z = s.length + (s.byte(s.column.lengths - 1) << 2)
    return _shift_mix(y * _K2 ^ z * _K0) * _K2


def _up_to_7(s: _Column) -> Words:
    return _mixed(s.length + (s.half(0) << 3), s.half(-4), s.factor)


def _up_to_16(s: _Column) -> Words:
    a, b = s.word(0) + _K2, s.word(-8)
    return _mixed(_right(b, 37) * s.factor + a, (_right(a, 25) + b) * s.factor, s.factor)


def _head(s: _Column, first: int) -> tuple[Words, Words, Words]:
    """Return what the hashes of 17 to 64 bytes begin with."""
    a, b = s.word(0) * first, s.word(8)
    c, d = s.word(-8) * s.factor, s.word(-16) * _K2
    return a, _right(a + b, 43) + _right(c, 30) + d, a + _right(b + _K2, 18) + c


def _up_to_32(s: _Column) -> Words:
    _, u, v = _head(s, _K1)
    return _mixed(u, v, s.factor)


def _up_to_64(s: _Column) -> Words:
    a, y, v = _head(s, _K2)
    z = _mixed(y, v, s.factor)
    e, f = s.word(16) * s.factor, s.word(24)
    g, h = (y + s.word(-32)) * s.factor, (z + s.word(-24)) * s.factor
    return _mixed(_right(e + f, 43) + _right(g, 30) + h, e + _right(f + a, 18) + g, s.factor)


def _weak(s: _Column, at: int, a: Words, b: Words) -> tuple[Words, Words]:
    """Return two words for the 32 bytes from `at` on."""
    w, x, y, z = (s.word(at + 8 * i) for i in range(4))
    a = a + w
    b = _right(b + a + z, 21)
    total = a + x + y
    return total + z, b + _right(total, 44) + a


def _blocks(s: _Column) -> Words:
    """Return the hash of more than 64 bytes: block after block, then the last 64 bytes."""
    count = len(s.length)
    y = 81 * _K1 + 113 & _MASK
    z = (y * _K2 + 113 & _MASK) ^ (y * _K2 + 113 & _MASK) >> 47
    state = np.zeros((7, count), np.uint64)
    state[0] = s.word(0) + (81 * _K2 & _MASK)
    state[1], state[2] = y, z * _K2 & _MASK
    blocks = (s.column.lengths - 1) // 64
    for i in range(int(blocks.max())):
        which = np.flatnonzero(blocks > i)
        part = _Column(s.column[which])
        factor, weight = np.full(len(which), _K1, np.uint64), 1
        state[:, which] = _block(part, 64 * i, state[:, which], factor, weight)
    factor = ((state[2] & 0xFF) << 1) + _K1
    state[5] += s.length - 1 & 63
    state[3] += state[5]
    state[5] += state[3]
    x, y, z, v, v2, w, w2 = _block(s, -64, state, factor, 9)
    return _mixed(
        _mixed(v, w, factor) + _shift_mix(y) * _K0 + z, _mixed(v2, w2, factor) + x, factor
    )


def _block(s: _Column, at: int, state: Words, factor: Words, weight: int) -> tuple:
    """Return the state after 64 bytes more."""
    x, y, z, v, v2, w, w2 = state
    x = _right(x + y + v + s.word(at + 8), 37) * factor
    y = _right(y + v2 + s.word(at + 48), 42) * factor
    x = x ^ w2 * weight
    y = y + v * weight + s.word(at + 40)
    z = _right(z + w, 33) * factor
    v, v2 = _weak(s, at, v2 * factor, x + w)
    w, w2 = _weak(s, at + 32, z + w2, y + s.word(at + 16))
    return z, y, x, v, v2, w, w2


_BY_LENGTH = (
    (1, 3, _up_to_3), (4, 7, _up_to_7), (8, 16, _up_to_16), (17, 32, _up_to_32),
    (33, 64, _up_to_64), (65, _MASK >> 1, _blocks),
)  # fmt: skip
