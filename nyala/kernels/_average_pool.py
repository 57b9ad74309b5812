"""Average pooling. Padding does not count: the mean is of the elements that exist."""

from __future__ import annotations

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array, lax

from nyala.kernels._mode import on_cpu, use_reference
from nyala.kernels._multilinear import Multilinear
from nyala.kernels._native import NATIVE_FLOATS, NativeKernel, native
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

_MOST_TAPS_ALONG = 32
# Below, most lanes of a vector are idle.
_FEWEST_CHANNELS = 8

_Ints = tuple[int, ...]


def average_pool(
    x: Array,
    window: PerDimension,
    *,
    strides: PerDimension | None = None,
    padding: Padding = "valid",
    data_format: str = CHANNELS_LAST,
) -> Array:
    """Take the mean of each window, channel by channel.

    Args:
        x: `(batch, *spatial, channels)`, or `(batch, channels, *spatial)` when channels come first.
        window: extent of the window, an int or one per spatial dimension.
        strides: step between windows; the window itself when `None`.
        padding: `"valid"`, `"same"`, or `(low, high)` pairs. Padding is left out of the mean.
        data_format: `"channels_last"` or `"channels_first"`.

    Returns:
        `(batch, *places, channels)` in the format of `x`.

    Raises:
        ValueError: if a parameter does not fit the number of dimensions.

    Example:
        >>> import jax.numpy as jnp
        >>> from nyala import kernels
        >>> kernels.average_pool(jnp.arange(3.0).reshape(1, 3, 1), 2, padding="same").ravel()
        Array([0.5, 2. ], dtype=float32)
    """
    rank = x.ndim - 2
    first = is_channels_first(data_format)
    window = per_dimension(window, rank, "window")
    strides = window if strides is None else per_dimension(strides, rank, "strides")
    sizes = x.shape[2:] if first else x.shape[1:-1]
    pairs = padding_pairs(padding, sizes, window, strides, (1,) * rank)
    x = to_channels_last(x) if first else x
    if use_reference() or not on_cpu() or max(window) > _MOST_TAPS_ALONG:
        counts = _counts(sizes, window, strides, pairs)
        y = (_sum_windows(x, window, strides, pairs) / counts).astype(x.dtype)
    elif rank == 1:
        # A sequence is an image of one row.
        y = _average_pool_cpu(x[:, None], (1, *window), (1, *strides), ((0, 0), *pairs))[:, 0]
    else:
        y = _average_pool_cpu(x, window, strides, pairs)
    return to_channels_first(y) if first else y


def _average_pool_cpu(x: Array, window: _Ints, strides: _Ints, pairs: Pairs) -> Array:
    ones = (1,) * len(window)
    places = tuple(map(output_size, x.shape[1:-1], pairs, window, strides, ones))
    low = tuple(low for low, _ in pairs)
    return _mean(x, sizes=places, window=window, strides=strides, low=low)


def _best(kernel: NativeKernel, x: Array, sizes: _Ints, geometry: dict[str, _Ints]) -> Array:
    able = len(sizes) == 2 and x.dtype in NATIVE_FLOATS
    run = kernel if able and kernel.chosen(x.shape[-1] >= _FEWEST_CHANNELS) else kernel.lowering
    return run(x, sizes=sizes, **geometry)


@native("average_pool")
def _forward(x: Array, *, sizes: _Ints, window: _Ints, strides: _Ints, low: _Ints) -> Array:
    pairs = tuple(
        (before, (count - 1) * stride + w - size - before)
        for size, w, count, stride, before in zip(
            x.shape[1:-1], window, sizes, strides, low, strict=True
        )
    )
    counts = _counts(x.shape[1:-1], window, strides, pairs)
    return (_sum_each_dimension(x, window, strides, pairs) / counts).astype(x.dtype)


@native("average_pool_gradient")
def _gradient(dy: Array, *, sizes: _Ints, **geometry: _Ints) -> Array:
    x = jax.ShapeDtypeStruct((dy.shape[0], *sizes, dy.shape[-1]), dy.dtype)
    forward = partial(_forward.lowering, sizes=dy.shape[1:-1], **geometry)
    return jax.linear_transpose(forward, x)(dy)[0]


_mean = Multilinear(
    lambda x, *, sizes, **geometry: _best(_forward, x, sizes, geometry),
    lambda dy, *, shape, sizes, **geometry: _best(_gradient, dy, shape[1:-1], geometry),
)


def average_pool_reference(
    x: Array, window: tuple[int, ...], strides: tuple[int, ...], pairs: Pairs
) -> Array:
    """XLA's own windowed sum over the number of elements, channels last."""
    counts = _sum_windows(jnp.ones((1, *x.shape[1:-1], 1)), window, strides, pairs)
    return (_sum_windows(x, window, strides, pairs) / counts).astype(x.dtype)


def _counts(
    sizes: tuple[int, ...], window: tuple[int, ...], strides: tuple[int, ...], pairs: Pairs
) -> np.ndarray:
    """How many elements each window covers, as a constant that broadcasts over (*places, 1)."""
    counts = np.ones((1,) * (len(sizes) + 1), np.float32)
    for axis, (size, w, stride, pair) in enumerate(zip(sizes, window, strides, pairs, strict=True)):
        starts = np.arange(output_size(size, pair, w, stride, 1)) * stride - pair[0]
        covered = np.clip(starts + w, 0, size) - np.clip(starts, 0, size)
        shape = [-1 if a == axis else 1 for a in range(len(sizes) + 1)]
        counts = counts * covered.reshape(shape).astype(np.float32)
    return counts


def _sum_windows(
    x: Array, window: tuple[int, ...], strides: tuple[int, ...], pairs: Pairs
) -> Array:
    return lax.reduce_window(
        x.astype(jnp.promote_types(x.dtype, jnp.float32)),
        0.0,
        lax.add,
        (1, *window, 1),
        (1, *strides, 1),
        ((0, 0), *pairs, (0, 0)),
    )


def _sum_each_dimension(
    x: Array, window: tuple[int, ...], strides: tuple[int, ...], pairs: Pairs
) -> Array:
    """The window's sum is separable: shifted adds along one dimension after another."""
    rank = len(window)
    sums = x.astype(jnp.promote_types(x.dtype, jnp.float32))
    ones = (1,) * rank
    for axis in reversed(range(rank)):
        if window[axis] == strides[axis] == 1 and pairs[axis] == (0, 0):
            continue
        only = tuple(pairs[a] if a == axis else (0, 0) for a in range(rank))
        steps = tuple(strides[a] if a == axis else 1 for a in range(rank))
        padded = pad_spatial(sums, only)
        out = list(sums.shape[1:-1])
        out[axis] = output_size(out[axis], pairs[axis], window[axis], strides[axis], 1)
        offsets = [[o if a == axis else 0 for a in range(rank)] for o in range(window[axis])]
        sums = sum(tap(padded, offset, out, steps, ones) for offset in offsets)
    return sums
