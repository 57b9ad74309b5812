"""Depthwise convolution: every channel has its own small window.

XLA for CPU turns it into a grouped convolution without vector instructions. A short sum of shifted
products does the same work ten to thirty times faster. Measured in
`docs/decisions/0003-kernel-lowerings.md`.
"""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array, lax

from nyala.kernels._conv import conv_reference
from nyala.kernels._mode import on_cpu, use_reference
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

# Each tap is a term in the program; beyond this it costs more to compile than it saves.
_MOST_TAPS = 64

_Geometry = tuple[tuple[int, ...], Pairs, tuple[int, ...]]


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
    y = _depthwise_shifted(to_channels_last(x) if first else x, kernel, geometry)
    return to_channels_first(y) if first else y


def depthwise_conv_reference(
    x: Array, kernel: Array, geometry: _Geometry, channels_first: bool = False
) -> Array:
    """XLA's own grouped convolution."""
    *window, channels, multiplier = kernel.shape
    grouped = kernel.reshape(*window, 1, channels * multiplier)
    return conv_reference(x, grouped, *geometry, channels, channels_first)


def _depthwise_shifted(x: Array, kernel: Array, geometry: _Geometry) -> Array:
    """One kernel per channel, after an input channel is repeated for each of its kernels."""
    *window, channels, multiplier = kernel.shape
    if multiplier > 1:
        x = jnp.repeat(x, multiplier, axis=-1)
    return _shifted_sum(x, kernel.reshape(*window, channels * multiplier), geometry)


def _sum_of_taps(x: Array, kernel: Array, geometry: _Geometry) -> Array:
    y = None
    for offset, seen in _taps(x, kernel.shape[:-1], geometry):
        term = seen * kernel[offset]
        y = term if y is None else y + term
    return y


@partial(jax.custom_vjp, nondiff_argnums=(2,))
def _shifted_sum(x: Array, kernel: Array, geometry: _Geometry) -> Array:
    return _sum_of_taps(x, kernel, geometry)


def _shifted_sum_forward(x, kernel, geometry):
    return _sum_of_taps(x, kernel, geometry), (x, kernel)


def _shifted_sum_backward(geometry, saved, dy):
    x, kernel = saved
    _, transpose = jax.vjp(lambda x: _sum_of_taps(x, kernel, geometry), x)
    return *transpose(dy), _kernel_gradient(x, kernel, geometry, dy)


_shifted_sum.defvjp(_shifted_sum_forward, _shifted_sum_backward)


def _kernel_gradient(x: Array, kernel: Array, geometry: _Geometry, dy: Array) -> Array:
    """Sum, for each tap, what it saw times `dy`: all taps in one pass over the arrays.

    Separate sums read both arrays once per tap and run on one thread; one reduction of several
    operands reads them once and is split over the batch.
    """
    window = kernel.shape[:-1]
    wide = jnp.promote_types(x.dtype, jnp.float32)
    dy = dy.astype(wide)
    products = [seen.astype(wide) * dy for _, seen in _taps(x, window, geometry)]
    zeros = [jnp.zeros((), wide)] * len(products)
    add = lambda left, right: [a + b for a, b in zip(left, right, strict=True)]  # noqa: E731
    per_image = lax.reduce(products, zeros, add, range(1, x.ndim - 1))
    # Without the barrier XLA merges both sums into one slow loop again.
    per_image = lax.optimization_barrier(per_image)
    gradient = jnp.stack([image.sum(axis=0) for image in per_image])
    return gradient.reshape(kernel.shape).astype(kernel.dtype)


def _taps(x: Array, window: tuple[int, ...], geometry: _Geometry) -> Any:
    """Pairs of an offset in the window and what it sees at every place."""
    strides, pairs, dilation = geometry
    out = [
        output_size(*dimension)
        for dimension in zip(x.shape[1:-1], pairs, window, strides, dilation, strict=True)
    ]
    # Padding once, kept out of the fusion, spares every tap a bounds check.
    padded = lax.optimization_barrier(pad_spatial(x, pairs))
    for offset in np.ndindex(*window):
        yield offset, tap(padded, offset, out, strides, dilation)
