"""Hashes of strings that put a value into the same bucket in every process, and where Keras does.

Sources: FarmHash (Geoff Pike, https://github.com/google/farmhash: the 64-bit fingerprint); Aumasson
and Bernstein, "SipHash: a fast short-input PRF", 2012.
"""

from __future__ import annotations

import struct

_MASK = (1 << 64) - 1
_K0, _K1, _K2 = 0xC3A5C85C97CB3127, 0xB492B66FBE98F273, 0x9AE16A3B2F90404F
_CAT = 0xC6A4A7935BD1E995


def fingerprint64(text: bytes) -> int:
    """Return FarmHash's 64-bit fingerprint, an unsigned integer."""
    length = len(text)
    if length <= 16:
        return _up_to_16(text)
    if length <= 32:
        return _up_to_32(text)
    return _up_to_64(text) if length <= 64 else _blocks(text)


def combined(first: int, second: int) -> int:
    """Return one fingerprint for two, in this order."""
    result = first ^ _CAT
    result ^= _shift_mix(second * _CAT & _MASK) * _CAT & _MASK
    result = result * _CAT & _MASK
    return _shift_mix(_shift_mix(result) * _CAT & _MASK)


def keyed_hash64(text: bytes, key: tuple[int, int]) -> int:
    """Return SipHash-2-4 of `text` under two 64-bit numbers, an unsigned integer."""
    low, high = (part & _MASK for part in key)
    state = [low ^ 0x736F6D6570736575, high ^ 0x646F72616E646F6D,
             low ^ 0x6C7967656E657261, high ^ 0x7465646279746573]  # fmt: skip
    padded = text + bytes(7 - len(text) % 8) + bytes([len(text) & 0xFF])
    for (word,) in struct.iter_unpack("<Q", padded):
        state[3] ^= word
        state = _sip_round(*_sip_round(*state))
        state[0] ^= word
    state[2] ^= 0xFF
    for _ in range(4):
        state = _sip_round(*state)
    return state[0] ^ state[1] ^ state[2] ^ state[3]


def _sip_round(a: int, b: int, c: int, d: int) -> list[int]:
    a, c = (a + b) & _MASK, (c + d) & _MASK
    b, d = _left(b, 13) ^ a, _left(d, 16) ^ c
    a, c = (_left(a, 32) + d) & _MASK, (c + b) & _MASK
    return [a, _left(b, 17) ^ c, _left(c, 32), _left(d, 21) ^ a]


def _left(x: int, bits: int) -> int:
    return (x << bits | x >> 64 - bits) & _MASK


def _right(x: int, bits: int) -> int:
    x &= _MASK
    return (x >> bits | x << 64 - bits) & _MASK


def _shift_mix(x: int) -> int:
    return x ^ x >> 47


def _mixed(u: int, v: int, factor: int) -> int:
    """Fold two words into one (Murmur's way)."""
    a = _shift_mix(((u ^ v) & _MASK) * factor & _MASK)
    b = _shift_mix(((v & _MASK) ^ a) * factor & _MASK)
    return b * factor & _MASK


def _word(text: bytes, start: int) -> int:
    """Return the eight bytes from `start` on as a number; negative ones count from the end."""
    return struct.unpack_from("<Q", text, start)[0]


def _up_to_16(text: bytes) -> int:
    length = len(text)
    factor = _K2 + 2 * length
    if length >= 8:
        a, b = _word(text, 0) + _K2, _word(text, -8)
        return _mixed(_right(b, 37) * factor + a, (_right(a, 25) + b) * factor, factor)
    if length >= 4:
        (a,), (b,) = struct.unpack_from("<I", text), struct.unpack_from("<I", text, -4)
        return _mixed(length + (a << 3), b, factor)
    if length:
        y = text[0] + (text[length // 2] << 8)
        z = length + (text[-1] << 2)
        return _shift_mix((y * _K2 ^ z * _K0) & _MASK) * _K2 & _MASK
    return _K2


def _head(text: bytes, first: int) -> tuple[int, int, int]:
    """Return what the hashes of 17 to 64 bytes begin with."""
    factor = _K2 + 2 * len(text)
    a, b = _word(text, 0) * first & _MASK, _word(text, 8)
    c, d = _word(text, -8) * factor & _MASK, _word(text, -16) * _K2
    return a, _right(a + b, 43) + _right(c, 30) + d, a + _right(b + _K2, 18) + c


def _up_to_32(text: bytes) -> int:
    _, u, v = _head(text, _K1)
    return _mixed(u, v, _K2 + 2 * len(text))


def _up_to_64(text: bytes) -> int:
    factor = _K2 + 2 * len(text)
    a, y, v = _head(text, _K2)
    z = _mixed(y, v, factor)
    e, f = _word(text, 16) * factor & _MASK, _word(text, 24)
    g, h = (y + _word(text, -32)) * factor, (z + _word(text, -24)) * factor
    return _mixed(_right(e + f, 43) + _right(g, 30) + h, e + _right(f + a, 18) + g, factor)


def _weak(text: bytes, start: int, a: int, b: int) -> tuple[int, int]:
    """Return two words for the 32 bytes from `start` on."""
    w, x, y, z = struct.unpack_from("<4Q", text, start)
    a += w
    b = _right(b + a + z, 21)
    total = a + x + y
    return (total + z) & _MASK, (b + _right(total, 44) + a) & _MASK


def _blocks(text: bytes) -> int:
    """Return the hash of more than 64 bytes: block after block, then the last 64 bytes."""
    x, y = 81, 81 * _K1 + 113 & _MASK
    z = _shift_mix(y * _K2 + 113 & _MASK) * _K2 & _MASK
    v = w = (0, 0)
    x = x * _K2 + _word(text, 0)
    for start in range(0, (len(text) - 1) // 64 * 64, 64):
        x, y, z, v, w = _block(text, start, x, y, z, v, w, _K1, 1)
    factor = _K1 + ((z & 0xFF) << 1)
    first = w[0] + (len(text) - 1 & 63)
    v = (v[0] + first & _MASK, v[1])
    w = (first + v[0] & _MASK, w[1])
    x, y, z, v, w = _block(text, len(text) - 64, x, y, z, v, w, factor, 9)
    return _mixed(
        _mixed(v[0], w[0], factor) + _shift_mix(y) * _K0 + z, _mixed(v[1], w[1], factor) + x, factor
    )


def _block(text: bytes, start: int, x: int, y: int, z: int, v: tuple, w: tuple, factor: int,
           weight: int) -> tuple:  # fmt: skip
    """Return the state after 64 bytes more."""
    x = _right(x + y + v[0] + _word(text, start + 8), 37) * factor & _MASK
    y = _right(y + v[1] + _word(text, start + 48), 42) * factor & _MASK
    x ^= w[1] * weight & _MASK
    y = y + v[0] * weight + _word(text, start + 40) & _MASK
    z = _right(z + w[0], 33) * factor & _MASK
    v = _weak(text, start, v[1] * factor, x + w[0])
    w = _weak(text, start + 32, z + w[1], y + _word(text, start + 16))
    return z, y, x, v, w
