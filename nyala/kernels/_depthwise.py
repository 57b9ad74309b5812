"""Depthwise convolution: every channel has its own small window.

XLA for CPU turns it into a grouped convolution without vector instructions. A native kernel reads
and writes each array once; without it, a short sum of shifted products is ten to thirty times as
fast as the grouped convolution. Measured in `docs/decisions/0003-kernel-lowerings.md`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array, lax

from nyala.kernels._conv_lowering import conv_reference
from nyala.kernels._mode import on_cpu, use_reference
from nyala.kernels._multilinear import Multilinear
from nyala.kernels._native import NATIVE_FLOATS, NativeKernel, native
from nyala.kernels._windows import (
    CHANNELS_LAST,
    Padding,
    Pairs,
    PerDimension,
    dilated,
    is_channels_first,
    output_size,
    pad_spatial,
    padding_pairs,
    per_dimension,
    tap,
    to_channels_first,
    to_channels_last,
)

# Each tap is a term in the program; beyond this it costs more to compile than it saves.
_MOST_TAPS = 64

_Ints = tuple[int, ...]
_Geometry = tuple[_Ints, Pairs, _Ints]
_Attributes = dict[str, _Ints]


def depthwise_conv(
    x: Array,
    kernel: Array,
    *,
    strides: PerDimension = 1,
    padding: Padding = "valid",
    dilation: PerDimension = 1,
    data_format: str = CHANNELS_LAST,
) -> Array:
    """Convolve each channel with its own kernels.

    Args:
        x: `(batch, *spatial, channels)`, or `(batch, channels, *spatial)` when channels come first.
        kernel: `(*window, channels, multiplier)`.
        strides: step between places of the window, an int or one per spatial dimension.
        padding: `"valid"`, `"same"`, `"causal"` (one dimension only), or `(low, high)` pairs.
        dilation: distance between taps of the window.
        data_format: `"channels_last"` or `"channels_first"`.

    Returns:
        `(batch, *places, channels * multiplier)` in the format of `x`; the outputs of one input
        channel lie next to each other.

    Raises:
        ValueError: if padding, format, or the number of channels does not fit.

    Example:
        >>> import jax.numpy as jnp
        >>> from nyala import kernels
        >>> kernels.depthwise_conv(jnp.ones((1, 5, 5, 3)), jnp.ones((3, 3, 3, 2))).shape
        (1, 3, 3, 6)
    """
    rank = x.ndim - 2
    first = is_channels_first(data_format)
    channels = x.shape[1 if first else -1]
    if kernel.shape[-2] != channels:
        raise ValueError(
            f"A depthwise kernel of shape {kernel.shape} expects {kernel.shape[-2]} channels; the "
            f"input has {channels}. Check `data_format`."
        )
    strides = per_dimension(strides, rank, "strides")
    dilation = per_dimension(dilation, rank, "dilation")
    sizes = x.shape[2:] if first else x.shape[1:-1]
    window = kernel.shape[:rank]
    pairs = padding_pairs(padding, sizes, window, strides, dilation, causal_allowed=rank == 1)
    geometry = (strides, pairs, dilation)
    if use_reference() or not on_cpu() or math.prod(window) > _MOST_TAPS:
        return depthwise_conv_reference(x, kernel, geometry, first)
    y = _depthwise_cpu(to_channels_last(x) if first else x, kernel, geometry)
    return to_channels_first(y) if first else y


def depthwise_conv_reference(
    x: Array, kernel: Array, geometry: _Geometry, channels_first: bool = False
) -> Array:
    """XLA's own grouped convolution."""
    *window, channels, multiplier = kernel.shape
    grouped = kernel.reshape(*window, 1, channels * multiplier)
    return conv_reference(x, grouped, *geometry, channels, channels_first)


def _depthwise_cpu(x: Array, kernel: Array, geometry: _Geometry) -> Array:
    """One kernel per channel, after an input channel is repeated for each of its kernels."""
    *window, channels, multiplier = kernel.shape
    if multiplier > 1:
        x = jnp.repeat(x, multiplier, axis=-1)
    kernel = kernel.reshape(*window, channels * multiplier)
    if len(window) > 1:
        return _depthwise(x, kernel, geometry)
    # A sequence is an image of one row.
    strides, pairs, dilation = geometry
    geometry = ((1, *strides), ((0, 0), *pairs), (1, *dilation))
    return _depthwise(x[:, None], kernel[None], geometry)[:, 0]


def _depthwise(x: Array, kernel: Array, geometry: _Geometry) -> Array:
    strides, pairs, dilation = geometry
    sizes = tuple(
        output_size(*dimension)
        for dimension in zip(
            x.shape[1:-1], pairs, kernel.shape[:-1], strides, dilation, strict=True
        )
    )
    low = tuple(low for low, _ in pairs)
    return _product(x, kernel, sizes=sizes, strides=strides, low=low, dilation=dilation)


def _best(kernel: NativeKernel, a: Array, b: Array, sizes: _Ints, geometry: _Attributes) -> Array:
    able = len(sizes) == 2 and a.dtype == b.dtype and a.dtype in NATIVE_FLOATS
    run = kernel if able and kernel.chosen(a.shape[-1] >= _FEWEST_CHANNELS) else kernel.lowering
    return run(a, b, sizes=sizes, **geometry)


# Below, most lanes of a vector are idle.
_FEWEST_CHANNELS = 8


@native("depthwise_forward")
def _forward(
    x: Array, kernel: Array, *, sizes: _Ints, strides: _Ints, low: _Ints, dilation: _Ints
) -> Array:
    """Sum the products of what each tap sees with its weights."""
    y = None
    for offset, seen in _taps(x, kernel.shape[:-1], sizes, strides, low, dilation):
        term = seen * kernel[offset]
        y = term if y is None else y + term
    return y


@native("depthwise_input_gradient")
def _input_gradient(dy: Array, kernel: Array, *, sizes: _Ints, **geometry: _Ints) -> Array:
    x = jax.ShapeDtypeStruct((dy.shape[0], *sizes, dy.shape[-1]), dy.dtype)
    forward = partial(_forward.lowering, kernel=kernel, sizes=dy.shape[1:-1], **geometry)
    return jax.linear_transpose(forward, x)(dy)[0]


@native("depthwise_window_gradient")
def _window_gradient(x: Array, dy: Array, *, sizes: _Ints, **geometry: _Ints) -> Array:
    """Sum, for each tap, what it saw times `dy`: all taps in one pass over the arrays.

    Separate sums read both arrays once per tap and run on one thread; one reduction of several
    operands reads them once and is split over the batch.
    """
    wide = jnp.promote_types(x.dtype, jnp.float32)
    wide_dy = dy.astype(wide)
    taps = _taps(x, sizes, dy.shape[1:-1], **geometry)
    products = [seen.astype(wide) * wide_dy for _, seen in taps]
    zeros = [jnp.zeros((), wide)] * len(products)
    add = lambda left, right: [a + b for a, b in zip(left, right, strict=True)]  # noqa: E731
    per_image = lax.reduce(products, zeros, add, range(1, x.ndim - 1))
    # Without the barrier XLA merges both sums into one slow loop again.
    per_image = lax.optimization_barrier(per_image)
    gradient = jnp.stack([image.sum(axis=0) for image in per_image])
    return gradient.reshape(*sizes, x.shape[-1]).astype(x.dtype)


_product = Multilinear(
    lambda x, kernel, *, sizes, **geometry: _best(_forward, x, kernel, sizes, geometry),
    lambda dy, kernel, *, shape, sizes, **geometry: _best(
        _input_gradient, dy, kernel, shape[1:-1], geometry
    ),
    lambda dy, x, *, shape, sizes, **geometry: _best(_window_gradient, x, dy, shape[:-1], geometry),
)


def _taps(
    x: Array, window: _Ints, places: _Ints, strides: _Ints, low: _Ints, dilation: _Ints
) -> Iterator[tuple[_Ints, Array]]:
    """Pairs of an offset in the window and what it sees at every place."""
    pairs = tuple(
        (before, (count - 1) * stride + dilated(w, d) - size - before)
        for size, w, count, stride, before, d in zip(
            x.shape[1:-1], window, places, strides, low, dilation, strict=True
        )
    )
    # Padding once, kept out of the fusion, spares every tap a bounds check.
    padded = lax.optimization_barrier(pad_spatial(x, pairs))
    for offset in np.ndindex(*window):
        yield offset, tap(padded, offset, places, strides, dilation)
