"""Which pixels of a row make up each pixel of the resized row, and with which weights.

Every interpolation is a table of taps for each axis. The tables are TensorFlow's, whose `tf.image.
resize` is behind Keras' loader: pixel centres at halves, no antialiasing, so that a table is as
wide as its kernel however much smaller the result is (`area` aside, which is a mean).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, partial
from typing import NamedTuple

import numpy as np

_TABLE = 1024  # TensorFlow reads the weights of bicubic from a table with this many steps


class Taps(NamedTuple):
    """The taps of an axis.

    Attributes:
        index: pixels of the source, int32 of shape `(size, taps)`.
        weight: their weights, float32 of the same shape.
    """

    index: np.ndarray
    weight: np.ndarray

    def moved(self, places: int) -> Taps:
        """Return the taps for a source that begins so many places later."""
        return Taps(self.index + np.int32(places), self.weight) if places else self


@lru_cache(maxsize=4096)
def make_taps(interpolation: str, source: int, size: int) -> Taps:
    """Return the taps that resize an axis.

    Args:
        interpolation: one of `INTERPOLATIONS`.
        source, size: lengths before and after, in pixels.
    """
    index, weight = INTERPOLATIONS[interpolation](source, size)
    used = (weight != 0).any(0)
    used[0] = True
    index = np.ascontiguousarray(np.clip(index[:, used], 0, source - 1), np.int32)
    weight = np.ascontiguousarray(weight[:, used], np.float32)
    index.flags.writeable = weight.flags.writeable = False  # the tables are shared
    return Taps(index, weight)


def _centres(source: int, size: int) -> np.ndarray:
    """Return where in the source the centres of the result's pixels lie; its own lie at halves."""
    scale = np.float32(source) / np.float32(size)
    return (np.arange(size, dtype=np.float32) + np.float32(0.5)) * scale


def _nearest(source: int, size: int) -> tuple[np.ndarray, np.ndarray]:
    index = np.floor(_centres(source, size)).astype(int)
    return index[:, None], np.ones((size, 1))


def _bilinear(source: int, size: int) -> tuple[np.ndarray, np.ndarray]:
    place = _centres(source, size) - np.float32(0.5)
    left = np.floor(place)
    share = place - left
    return left.astype(int)[:, None] + [0, 1], np.stack([1 - share, share], -1)


def _bicubic(source: int, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Keys' cubic with a = -0.5; taps beyond the border do not count."""
    place = _centres(source, size) - np.float32(0.5)
    left = np.floor(place)
    share = np.rint((place - left) * _TABLE) / _TABLE
    index = left.astype(int)[:, None] + np.arange(-1, 3)
    weight = _keys(np.abs(share[:, None] - np.arange(-1, 3)))
    return index, _normalized(np.where((index >= 0) & (index < source), weight, 0))


def _keys(x: np.ndarray, a: float = -0.5) -> np.ndarray:
    near = ((a + 2) * x - (a + 3)) * x * x + 1
    far = ((a * x - 5 * a) * x + 8 * a) * x - 4 * a
    return np.where(x <= 1, near, np.where(x < 2, far, 0))


def _area(source: int, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Each pixel counts with the share of it that the result's pixel covers."""
    scale = source / size
    begin = np.arange(size) * scale
    index = np.floor(begin).astype(int)[:, None] + np.arange(int(np.ceil(scale)) + 1)
    covered = np.minimum(index + 1, (begin + scale)[:, None]) - np.maximum(index, begin[:, None])
    return index, np.maximum(covered, 0) / scale


def _windowed(kernel: Callable, radius: float, source: int,
              size: int) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    centre = _centres(source, size)[:, None]
    first = np.ceil(centre - radius - 0.5).astype(int)
    index = first + np.arange(int(2 * radius) + 1)
    inside = (index >= 0) & (index < source) & (index <= np.floor(centre + radius - 0.5))
    return index, _normalized(np.where(inside, kernel(np.abs(index + 0.5 - centre)), 0))


def _lanczos(radius: int, x: np.ndarray) -> np.ndarray:
    return np.where(x > radius, 0, np.sinc(x) * np.sinc(x / radius))


def _gaussian(x: np.ndarray) -> np.ndarray:
    return np.where(x >= 1.5, 0, np.exp(-2 * x * x))  # a deviation of half a pixel


def _mitchell(x: np.ndarray) -> np.ndarray:
    """The cubic of Mitchell and Netravali with B = C = 1/3."""
    near = (7 / 6 * x - 2) * x * x + 8 / 9
    far = ((-7 / 18 * x + 2) * x - 10 / 3) * x + 16 / 9
    return np.where(x < 1, near, np.where(x < 2, far, 0))


def _normalized(weight: np.ndarray) -> np.ndarray:
    return weight / weight.sum(-1, keepdims=True)


INTERPOLATIONS: dict[str, Callable] = {
    "bilinear": _bilinear,
    "nearest": _nearest,
    "bicubic": _bicubic,
    "area": _area,
    "lanczos3": partial(_windowed, partial(_lanczos, 3), 3),
    "lanczos5": partial(_windowed, partial(_lanczos, 5), 5),
    "gaussian": partial(_windowed, _gaussian, 1.5),
    "mitchellcubic": partial(_windowed, _mitchell, 2),
}
