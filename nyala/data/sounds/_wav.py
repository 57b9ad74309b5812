"""WAV files: samples as they were recorded, integers or floats, as float32.

Format: Microsoft and IBM, "Multimedia Programming Interface and Data Specifications 1.0" (1991),
and Microsoft, "Multiple Channel Audio Data and WAVE Files" (2001).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

_INTEGERS, _FLOATS, _EXTENSIBLE = 1, 3, 0xFFFE
_OTHERS = {2: "ADPCM", 6: "A-law", 7: "mu-law", 17: "IMA ADPCM", 85: "MP3"}
_UNKNOWN_SIZE = 0xFFFF_FFFF  # written by programs that cannot go back to the header


def decode_wav(data: bytes, what: str = "the WAV file") -> tuple[np.ndarray, int]:
    """Return the samples of a WAV file and its sampling rate.

    Args:
        data: the file's bytes: integers of 8, 16, 24 or 32 bits, or floats of 32 or 64 bits.
        what: the file, named in errors.

    Returns:
        float32 array of shape `(samples, channels)`, integers scaled to -1 up to 1; and the
        samples a second.

    Raises:
        ValueError: the bytes are no such file, or not a whole one.

    >>> import struct
    >>> from nyala.data.sounds import decode_wav
    >>> form = struct.pack("<HHIIHH", 1, 1, 8000, 16000, 2, 16)
    >>> sound = struct.pack("<3h", 0, 16384, -32768)
    >>> chunks = b"fmt " + struct.pack("<I", 16) + form + b"data" + struct.pack("<I", 6) + sound
    >>> samples, rate = decode_wav(b"RIFF" + struct.pack("<I", 42) + b"WAVE" + chunks)
    >>> samples[:, 0].tolist(), rate
    ([0.0, 0.5, -1.0], 8000)
    """
    if data[:4] != b"RIFF" or data[8:12] != b"WAVE":
        raise _unreadable(
            what, f"its first bytes are {bytes(data[:12])!r}, not those of a WAV file"
        )
    form: _Form | None = None
    for name, size, start in _chunks(data):
        if name == b"fmt ":
            form = _form(data[start : start + size], what)
        elif name == b"data":
            if form is None:
                raise _unreadable(what, "its sound comes before the description of it")
            return _samples(data, start, size, form, what), form.rate
    raise _unreadable(what, "it holds no sound" if form else "it holds no description of its sound")


@dataclass(frozen=True)
class _Form:
    """How samples are written."""

    floats: bool
    channels: int
    rate: int
    width: int  # bytes of a sample


def _chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Yield name, size and place of the parts of a file."""
    place = 12
    while place + 8 <= len(data):
        size = int.from_bytes(data[place + 4 : place + 8], "little")
        yield data[place : place + 4], size, place + 8
        place += 8 + size + size % 2


def _form(chunk: bytes, what: str) -> _Form:
    if len(chunk) < 16:
        raise _unreadable(what, "the description of its sound is cut off")
    kind, channels, rate, _, frame, bits = struct.unpack("<HHIIHH", chunk[:16])
    if kind == _EXTENSIBLE and len(chunk) >= 26:  # the kind stands at the head of a long number
        kind = int.from_bytes(chunk[24:26], "little")
    allowed = {_INTEGERS: (8, 16, 24, 32), _FLOATS: (32, 64)}.get(kind)
    if allowed is None:
        name = _OTHERS.get(kind, f"of the kind {kind}")
        raise _unreadable(what, f"its sound is {name}; integers (PCM) and floats are read")
    if bits not in allowed:
        raise _unreadable(
            what, f"its samples have {bits} bits; {', '.join(map(str, allowed))} are read"
        )
    if not channels or not rate or frame != channels * bits // 8:
        raise _unreadable(
            what,
            f"it claims {channels} channels of {bits} bits in {frame} bytes, {rate} times a second",
        )
    return _Form(kind == _FLOATS, channels, rate, bits // 8)


def _samples(data: bytes, start: int, size: int, form: _Form, what: str) -> np.ndarray:
    there = len(data) - start
    if size == _UNKNOWN_SIZE:
        size = there
    if size > there:
        raise _unreadable(what, f"it is cut off: {there} of {size} bytes of sound are there")
    frames = size // (form.width * form.channels)
    count = frames * form.channels
    if form.floats:
        values = np.frombuffer(data, f"<f{form.width}", count, start).astype("float32")
    elif form.width == 1:
        values = np.frombuffer(data, np.uint8, count, start).astype("float32")
        values = (values - 128.0) / 128.0
    elif form.width == 3:
        raw = np.frombuffer(data, np.uint8, 3 * count, start).reshape(count, 3)
        wide = np.zeros((count, 4), np.uint8)
        wide[:, 1:] = raw  # the upper three of four bytes
        values = wide.view("<i4")[:, 0].astype("float32") / 2.0**31
    else:
        values = np.frombuffer(data, f"<i{form.width}", count, start).astype("float32")
        values /= 2.0 ** (8 * form.width - 1)
    return values.reshape(frames, form.channels)


def _unreadable(what: str, why: str) -> ValueError:
    return ValueError(f"{what} cannot be read: {why}.")
