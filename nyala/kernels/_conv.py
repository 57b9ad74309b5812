"""Convolution of any rank, format and padding.

The kernel behind it works on images; a sequence is an image of one row.
"""

from __future__ import annotations

from functools import partial

from jax import Array

from nyala.kernels._conv_images import convolve
from nyala.kernels._conv_lowering import conv_lowering, conv_reference
from nyala.kernels._mode import in_loop, on_cpu, use_reference
from nyala.kernels._windows import (
    CHANNELS_LAST,
    Padding,
    Pairs,
    PerDimension,
    is_channels_first,
    padding_pairs,
    per_dimension,
    to_channels_first,
    to_channels_last,
)

_Ints = tuple[int, ...]


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


def _conv_cpu(
    x: Array,
    kernel: Array,
    strides: _Ints,
    pairs: Pairs,
    dilation: _Ints,
    groups: int,
) -> Array:
    if len(strides) > 2:
        return conv_lowering(x, kernel, strides, pairs, dilation, groups, in_loop())
    run = partial(convolve, groups=groups, loop=in_loop())
    if len(strides) == 2:
        return run(x, kernel, strides=strides, pairs=pairs, dilation=dilation)
    # A sequence is an image of one row.
    geometry = {"strides": (1, *strides), "pairs": ((0, 0), *pairs), "dilation": (1, *dilation)}
    return run(x[:, None], kernel[None], **geometry)[:, 0]


def _check_channels(channels: int, kernel: Array, groups: int) -> None:
    expected = kernel.shape[-2] * groups
    if channels != expected:
        raise ValueError(
            f"A kernel of shape {kernel.shape} with groups={groups} expects {expected} input "
            f"channels; the input has {channels}. Check `data_format` and `groups`."
        )
    if kernel.shape[-1] % groups:
        raise ValueError(f"{kernel.shape[-1]} filters do not divide into groups={groups}.")
