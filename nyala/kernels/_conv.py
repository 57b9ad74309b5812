"""Convolution: the rule that chooses among XLA's own, a matrix product, and patches times kernel.

Measured in `docs/decisions/0003-kernel-lowerings.md`.
"""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import jax
from jax import Array, lax

from nyala.kernels._conv_matmul import conv_patches, conv_pointwise
from nyala.kernels._mode import in_loop, on_cpu, use_reference
from nyala.kernels._multilinear import Multilinear
from nyala.kernels._native import NATIVE_FLOATS, native
from nyala.kernels._windows import (
    CHANNELS_LAST,
    Padding,
    Pairs,
    PerDimension,
    dilated,
    is_channels_first,
    padding_pairs,
    per_dimension,
    to_channels_first,
    to_channels_last,
)

_Ints = tuple[int, ...]

_SPATIAL = "DHW"

# Up to this many inputs to one place (3x3x3 in the first layer for colour images), gathering them
# costs less than the gradient of XLA's convolution.
_SHORT_PATCH = 32


def conv(
    x: Array,
    kernel: Array,
    *,
    strides: PerDimension = 1,
    padding: Padding = "valid",
    dilation: PerDimension = 1,
    groups: int = 1,
    data_format: str = CHANNELS_LAST,
) -> Array:
    """Convolve (cross-correlate) in one, two or three spatial dimensions.

    Args:
        x: `(batch, *spatial, channels)`, or `(batch, channels, *spatial)` when channels come first.
        kernel: `(*window, channels // groups, filters)`.
        strides: step between places of the window, an int or one per spatial dimension.
        padding: `"valid"`, `"same"`, `"causal"` (one dimension only), or `(low, high)` pairs.
        dilation: distance between taps of the window.
        groups: number of independent groups of channels.
        data_format: `"channels_last"` or `"channels_first"`.

    Returns:
        `(batch, *places, filters)` in the format of `x`.

    Raises:
        ValueError: if padding, format, or the number of channels does not fit.

    Example:
        >>> import jax.numpy as jnp
        >>> from nyala import kernels
        >>> kernels.conv(jnp.ones((1, 5, 5, 3)), jnp.ones((3, 3, 3, 8)), strides=2).shape
        (1, 2, 2, 8)
    """
    rank = x.ndim - 2
    first = is_channels_first(data_format)
    _check_channels(x.shape[1 if first else -1], kernel, groups)
    strides = per_dimension(strides, rank, "strides")
    dilation = per_dimension(dilation, rank, "dilation")
    sizes = x.shape[2:] if first else x.shape[1:-1]
    window = kernel.shape[:rank]
    pairs = padding_pairs(padding, sizes, window, strides, dilation, causal_allowed=rank == 1)
    if use_reference() or not on_cpu():
        return conv_reference(x, kernel, strides, pairs, dilation, groups, first)
    # On CPU only a channels-last convolution is fast; two transposes cost less than that.
    y = _conv_cpu(to_channels_last(x) if first else x, kernel, strides, pairs, dilation, groups)
    return to_channels_first(y) if first else y


def conv_reference(
    x: Array,
    kernel: Array,
    strides: tuple[int, ...],
    pairs: Pairs,
    dilation: tuple[int, ...],
    groups: int = 1,
    channels_first: bool = False,
) -> Array:
    """XLA's own convolution, which is cuDNN's on a GPU."""
    spatial = _SPATIAL[-len(strides) :]
    layout = f"NC{spatial}" if channels_first else f"N{spatial}C"
    return lax.conv_general_dilated(
        x,
        kernel,
        strides,
        pairs,
        rhs_dilation=dilation,
        dimension_numbers=(layout, f"{spatial}IO", layout),
        feature_group_count=groups,
    )


def _conv_cpu(
    x: Array,
    kernel: Array,
    strides: _Ints,
    pairs: Pairs,
    dilation: _Ints,
    groups: int,
) -> Array:
    if groups > 1 or len(strides) > 2:
        return _lowering(x, kernel, strides, pairs, dilation, groups, in_loop())
    if len(strides) == 2:
        return _product(x, kernel, strides=strides, pairs=pairs, dilation=dilation, loop=in_loop())
    # A sequence is an image of one row.
    geometry = {"strides": (1, *strides), "pairs": ((0, 0), *pairs), "dilation": (1, *dilation)}
    return _product(x[:, None], kernel[None], **geometry, loop=in_loop())[:, 0]


def _lowering(
    x: Array,
    kernel: Array,
    strides: _Ints,
    pairs: Pairs,
    dilation: _Ints,
    groups: int,
    loop: bool,
) -> Array:
    """The fastest composition of XLA operations."""
    window = kernel.shape[:-2]
    if groups == 1 and all(w == 1 for w in window):
        return conv_pointwise(x, kernel, strides, pairs)
    if loop or (groups == 1 and math.prod(kernel.shape[:-1]) <= _SHORT_PATCH):
        return conv_patches(x, kernel, strides, pairs, dilation, groups)
    return conv_reference(x, kernel, strides, pairs, dilation, groups)


def _forward(
    x: Array, kernel: Array, *, strides: _Ints, pairs: Pairs, dilation: _Ints, loop: bool
) -> Array:
    return _lowering(x, kernel, strides, pairs, dilation, 1, loop)


def _input_gradient(dy: Array, kernel: Array, *, shape: _Ints, **geometry: Any) -> Array:
    forward = partial(_forward, kernel=kernel, **geometry)
    return jax.linear_transpose(forward, jax.ShapeDtypeStruct(shape, dy.dtype))(dy)[0]


@native("conv_window_gradient")
def _window_gradient(
    x: Array, dy: Array, *, sizes: _Ints, strides: _Ints, low: _Ints, dilation: _Ints
) -> Array:
    """Patches, transposed, times the gradient of the output."""
    high = tuple(
        (count - 1) * stride + dilated(w, d) - size - before
        for size, w, count, stride, before, d in zip(
            x.shape[1:-1], sizes, dy.shape[1:-1], strides, low, dilation, strict=True
        )
    )
    pairs = tuple(zip(low, high, strict=True))
    shape = jax.ShapeDtypeStruct((*sizes, x.shape[-1], dy.shape[-1]), x.dtype)
    forward = partial(_lowering, x, strides=strides, pairs=pairs, dilation=dilation)
    return jax.linear_transpose(partial(forward, groups=1, loop=False), shape)(dy)[0]


def _kernel_gradient(dy: Array, x: Array, *, shape: _Ints, **geometry: Any) -> Array:
    able = x.dtype == dy.dtype and x.dtype in NATIVE_FLOATS
    if able and _window_gradient.chosen(_many_sums(dy.shape, shape)):
        low = tuple(low for low, _ in geometry["pairs"])
        strides, dilation = geometry["strides"], geometry["dilation"]
        return _window_gradient(x, dy, sizes=shape[:2], strides=strides, low=low, dilation=dilation)
    forward = partial(_forward, x, **geometry)
    return jax.linear_transpose(forward, jax.ShapeDtypeStruct(shape, dy.dtype))(dy)[0]


def _many_sums(places: _Ints, kernel: _Ints) -> bool:
    """Whether the native gradient is the faster one, as measured.

    A row of the window fills a block of it from eight numbers on. XLA sums over few places of a
    window of one element as fast.
    """
    row_of_window = kernel[1] * kernel[2]
    pointwise = kernel[0] == kernel[1] == 1
    return row_of_window >= 8 and (not pointwise or math.prod(places[:-1]) >= 1024)


_product = Multilinear(_forward, _input_gradient, _kernel_gradient)


def _check_channels(channels: int, kernel: Array, groups: int) -> None:
    expected = kernel.shape[-2] * groups
    if channels != expected:
        raise ValueError(
            f"A kernel of shape {kernel.shape} with groups={groups} expects {expected} input "
            f"channels; the input has {channels}. Check `data_format` and `groups`."
        )
    if kernel.shape[-1] % groups:
        raise ValueError(f"{kernel.shape[-1]} filters do not divide into groups={groups}.")
