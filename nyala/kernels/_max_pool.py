"""Max pooling, with gradients that go to the first maximum of each window.

XLA's gradient of a windowed maximum (select-and-scatter) is the slowest part of a small CNN on CPU.
A native kernel keeps one byte for each window, the number of its winner. Without it, comparing
shifted slices with the maximum does the same work five to ten times as fast as XLA's own. Measured
in `docs/decisions/0003-kernel-lowerings.md`.
"""

from __future__ import annotations

import math
from functools import partial, reduce
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array, lax

from nyala.kernels._mode import on_cpu, use_reference
from nyala.kernels._native import NATIVE_FLOATS, native
from nyala.kernels._windows import (
    CHANNELS_LAST,
    Padding,
    Pairs,
    PerDimension,
    is_channels_first,
    output_size,
    pad_spatial,
    padding_pairs,
    per_dimension,
    tap,
    to_channels_first,
    to_channels_last,
)

# Each tap is a term in the program: above these counts the program would grow too long.
_MOST_TAPS_AT_ONCE = 32
_MOST_TAPS_ALONG = 64
_MOST_NATIVE_TAPS = 64
# Below, most lanes of a vector are idle.
_FEWEST_CHANNELS = 8

_Ints = tuple[int, ...]


def max_pool(
    x: Array,
    window: PerDimension,
    *,
    strides: PerDimension | None = None,
    padding: Padding = "valid",
    data_format: str = CHANNELS_LAST,
) -> Array:
    """Take the maximum of each window, channel by channel.

    Args:
        x: `(batch, *spatial, channels)`, or `(batch, channels, *spatial)` when channels come first.
        window: extent of the window, an int or one per spatial dimension.
        strides: step between windows; the window itself when `None`.
        padding: `"valid"`, `"same"`, or `(low, high)` pairs. Padding never wins.
        data_format: `"channels_last"` or `"channels_first"`.

    Returns:
        `(batch, *places, channels)` in the format of `x`. Where elements of a window are equal,
        the gradient goes to the first of them.

    Raises:
        ValueError: if a parameter does not fit the number of dimensions.

    Example:
        >>> import jax.numpy as jnp
        >>> from nyala import kernels
        >>> kernels.max_pool(jnp.arange(4.0).reshape(1, 4, 1), 2).ravel()
        Array([1., 3.], dtype=float32)
    """
    rank = x.ndim - 2
    first = is_channels_first(data_format)
    window = per_dimension(window, rank, "window")
    strides = window if strides is None else per_dimension(strides, rank, "strides")
    sizes = x.shape[2:] if first else x.shape[1:-1]
    pairs = padding_pairs(padding, sizes, window, strides, (1,) * rank)
    if use_reference() or not on_cpu() or max(window) > _MOST_TAPS_ALONG:
        return max_pool_reference(x, window, strides, pairs, first)
    x = to_channels_last(x) if first else x
    y = _max_pool_cpu(x, window, strides, pairs)
    return to_channels_first(y) if first else y


def _max_pool_cpu(x: Array, window: _Ints, strides: _Ints, pairs: Pairs) -> Array:
    if len(window) == 1:
        # A sequence is an image of one row.
        y = _max_pool_cpu(x[:, None], (1, *window), (1, *strides), ((0, 0), *pairs))
        return y[:, 0]
    able = len(window) == 2 and x.dtype in NATIVE_FLOATS and math.prod(window) <= _MOST_NATIVE_TAPS
    # Windows side by side are a few shifted comparisons, which XLA does as well.
    if able and _forward.chosen(x.shape[-1] >= _FEWEST_CHANNELS and window != strides):
        return _max_native(x, x.shape[1:-1], window, strides, pairs)
    if window == strides and math.prod(window) <= _MOST_TAPS_AT_ONCE:
        return _max_disjoint(_cut_to_windows(x, window, pairs), window)
    return _max_each_dimension(x, window, strides, pairs)


def max_pool_reference(
    x: Array,
    window: tuple[int, ...],
    strides: tuple[int, ...],
    pairs: Pairs,
    channels_first: bool = False,
) -> Array:
    """XLA's own windowed maximum."""
    expand = (lambda v, one: (one, one, *v)) if channels_first else (lambda v, one: (one, *v, one))
    padding = expand(pairs, (0, 0))
    return lax.reduce_window(x, _lowest(x), lax.max, expand(window, 1), expand(strides, 1), padding)


def _lowest(x: Array) -> Any:
    if jnp.issubdtype(x.dtype, jnp.floating):
        return np.array(-np.inf, x.dtype)
    return np.array(False) if x.dtype == bool else np.array(jnp.iinfo(x.dtype).min, x.dtype)


# -- native ---------------------------------------------------------------------------------------


@partial(jax.custom_vjp, nondiff_argnums=(1, 2, 3, 4))
def _max_native(x: Array, sizes: _Ints, window: _Ints, strides: _Ints, pairs: Pairs) -> Array:
    return _forward(x, **_geometry(sizes, window, strides, pairs))


def _max_native_forward(x, sizes, window, strides, pairs):
    return _with_winners(x, **_geometry(sizes, window, strides, pairs))


def _max_native_backward(sizes, window, strides, pairs, winners, dy):
    low = tuple(low for low, _ in pairs)
    return (_gradient(dy, winners, sizes=sizes, window=window, strides=strides, low=low),)


_max_native.defvjp(_max_native_forward, _max_native_backward)


def _geometry(sizes: _Ints, window: _Ints, strides: _Ints, pairs: Pairs) -> dict[str, _Ints]:
    ones = (1,) * len(sizes)
    places = tuple(map(output_size, sizes, pairs, window, strides, ones))
    low = tuple(low for low, _ in pairs)
    return {"sizes": places, "window": window, "strides": strides, "low": low}


@native("max_pool")
def _forward(x: Array, *, sizes: _Ints, window: _Ints, strides: _Ints, low: _Ints) -> Array:
    return reduce(jnp.maximum, _taps(x, sizes, window, strides, low))


@native("max_pool_with_winners")
def _with_winners(
    x: Array, *, sizes: _Ints, window: _Ints, strides: _Ints, low: _Ints
) -> tuple[Array, Array]:
    """The maxima, and the number in its window of the first element that is each."""
    best, *others = _taps(x, sizes, window, strides, low)
    winners = jnp.zeros(best.shape, jnp.uint8)
    for number, value in enumerate(others, start=1):
        larger = (value > best) | (jnp.isnan(value) & ~jnp.isnan(best))
        best = jnp.where(larger, value, best)
        winners = jnp.where(larger, jnp.uint8(number), winners)
    return best, winners


@native("max_pool_gradient")
def _gradient(
    dy: Array, winners: Array, *, sizes: _Ints, window: _Ints, strides: _Ints, low: _Ints
) -> Array:
    """To each element the gradients of the windows that it won."""
    zero = jnp.zeros((), dy.dtype)
    dx = jnp.zeros((dy.shape[0], *sizes, dy.shape[-1]), dy.dtype)
    for number, offset in enumerate(np.ndindex(*window)):
        widths = [(0, 0, 0)] * dy.ndim
        for axis, (o, before, stride) in enumerate(zip(offset, low, strides, strict=True), start=1):
            start, places = o - before, dy.shape[axis]
            extent = (places - 1) * stride + 1 if places else 0
            widths[axis] = (start, dx.shape[axis] - start - extent, stride - 1)
        dx = dx + lax.pad(jnp.where(winners == number, dy, zero), zero, widths)
    return dx


def _taps(x: Array, places: _Ints, window: _Ints, strides: _Ints, low: _Ints) -> list[Array]:
    """What each element of the window sees, padded with the lowest number."""
    ones = (1,) * len(window)
    pairs = tuple(
        (before, (count - 1) * stride + w - size - before)
        for size, w, count, stride, before in zip(
            x.shape[1:-1], window, places, strides, low, strict=True
        )
    )
    padded = pad_spatial(x, pairs, _lowest(x))
    return [tap(padded, offset, places, strides, ones) for offset in np.ndindex(*window)]


# -- windows side by side -------------------------------------------------------------------------


def _cut_to_windows(x: Array, window: tuple[int, ...], pairs: Pairs) -> Array:
    """Pad, then crop what no whole window covers."""
    whole = tuple(
        (low, output_size(size, (low, high), w, w, 1) * w - size - low)
        for size, (low, high), w in zip(x.shape[1:-1], pairs, window, strict=True)
    )
    return pad_spatial(x, whole, _lowest(x))


@partial(jax.custom_vjp, nondiff_argnums=(1,))
def _max_disjoint(x: Array, window: tuple[int, ...]) -> Array:
    return reduce(jnp.maximum, _disjoint_taps(x, window))


def _max_disjoint_forward(x, window):
    y = _max_disjoint(x, window)
    return y, (x, y)


def _max_disjoint_backward(window, saved, dy):
    """Number the winning tap of each window, then let every element compare its own number."""
    x, y = saved
    winner = jnp.full(y.shape, -1, jnp.int32)
    taps = _disjoint_taps(x, window)
    for number in reversed(range(len(taps))):
        winner = jnp.where(taps[number] == y, number, winner)
    inner = tuple(range(2, x.ndim - 1 + len(window), 2))
    numbers = np.arange(math.prod(window)).reshape([size for w in window for size in (1, w)] + [1])
    won = jnp.expand_dims(winner, inner) == numbers
    dx = jnp.where(won, jnp.expand_dims(dy, inner), jnp.zeros((), dy.dtype))
    return (dx.reshape(x.shape),)


_max_disjoint.defvjp(_max_disjoint_forward, _max_disjoint_backward)


def _disjoint_taps(x: Array, window: tuple[int, ...]) -> list[Array]:
    out = [size // w for size, w in zip(x.shape[1:-1], window, strict=True)]
    ones = (1,) * len(window)
    return [tap(x, offset, out, window, ones) for offset in np.ndindex(*window)]


# -- windows that overlap -------------------------------------------------------------------------


def _max_each_dimension(
    x: Array, window: tuple[int, ...], strides: tuple[int, ...], pairs: Pairs
) -> Array:
    """Pool the last spatial dimension, then the one before it, and so on.

    A window of 3x3 costs 3 + 3 comparisons instead of 9, and the first maximum of the first row
    that holds it is the first maximum of the window.
    """
    for dimension in reversed(range(len(window))):
        w, stride, pair = window[dimension], strides[dimension], pairs[dimension]
        if (w, stride, pair) != (1, 1, (0, 0)):
            x = _max_along(x, dimension + 1, w, stride, pair)
    return x


@partial(jax.custom_vjp, nondiff_argnums=(1, 2, 3, 4))
def _max_along(x: Array, axis: int, window: int, stride: int, pair: tuple[int, int]) -> Array:
    return reduce(jnp.maximum, _taps_along(x, axis, window, stride, pair))


def _max_along_forward(x, axis, window, stride, pair):
    y = _max_along(x, axis, window, stride, pair)
    return y, (x, y)


def _max_along_backward(axis, window, stride, pair, saved, dy):
    x, y = saved
    size, out = x.shape[axis], y.shape[axis]
    zero = jnp.zeros((), dy.dtype)
    free = jnp.ones(y.shape, bool)
    dx = jnp.zeros(x.shape, dy.dtype)
    for offset, seen in enumerate(_taps_along(x, axis, window, stride, pair)):
        hit = (seen == y) & free
        free = free & ~hit
        # Where the tap lay in `x`: `out` elements, `stride` apart, from `start` on.
        start = offset - pair[0]
        end = size - start - ((out - 1) * stride + 1)
        widths = [(start, end, stride - 1) if a == axis else (0, 0, 0) for a in range(x.ndim)]
        dx = dx + lax.pad(jnp.where(hit, dy, zero), zero, widths)
    return (dx,)


_max_along.defvjp(_max_along_forward, _max_along_backward)


def _taps_along(
    x: Array, axis: int, window: int, stride: int, pair: tuple[int, int]
) -> list[Array]:
    out = output_size(x.shape[axis], pair, window, stride, 1)
    widths = [(*pair, 0) if a == axis else (0, 0, 0) for a in range(x.ndim)]
    padded = lax.pad(x, _lowest(x), widths)
    return [
        lax.slice_in_dim(padded, offset, offset + (out - 1) * stride + 1, stride, axis)
        for offset in range(window)
    ]
