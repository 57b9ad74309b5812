"""Transposed convolution: the gradient of a convolution with respect to its input."""

from __future__ import annotations

from jax import Array

from nyala.kernels._conv_images import convolve_transposed
from nyala.kernels._conv_lowering import conv_transpose_reference
from nyala.kernels._mode import in_loop, on_cpu, use_reference
from nyala.kernels._windows import (
    CHANNELS_LAST,
    PerDimension,
    dilated,
    is_channels_first,
    per_dimension,
    to_channels_first,
    to_channels_last,
)


def conv_transpose(
    x: Array,
    kernel: Array,
    *,
    strides: PerDimension = 1,
    padding: str = "valid",
    output_padding: PerDimension | None = None,
    dilation: PerDimension = 1,
    data_format: str = CHANNELS_LAST,
) -> Array:
    """Spread each element over a window of the output, weighted by the kernel.

    Args:
        x: `(batch, *spatial, channels)`, or `(batch, channels, *spatial)` when channels come first.
        kernel: `(*window, filters, channels)`.
        strides: step between the windows in the output, an int or one per spatial dimension.
        padding: `"valid"` or `"same"`.
        output_padding: elements added after the output's end; chosen when `None` so that "same"
            gives `size * stride` and "valid" `size * stride + max(window - stride, 0)`.
        dilation: distance between taps of the window.
        data_format: `"channels_last"` or `"channels_first"`.

    Returns:
        `(batch, *places, filters)` in the format of `x`.

    Raises:
        ValueError: if padding, format, or the number of channels does not fit.

    Source: Dumoulin and Visin, "A guide to convolution arithmetic for deep learning",
    arXiv:1603.07285.

    Example:
        >>> import jax.numpy as jnp
        >>> from nyala import kernels
        >>> x, kernel = jnp.ones((1, 4, 4, 3)), jnp.ones((3, 3, 8, 3))
        >>> kernels.conv_transpose(x, kernel, strides=2, padding="same").shape
        (1, 8, 8, 8)
    """
    rank = x.ndim - 2
    first = is_channels_first(data_format)
    channels = x.shape[1 if first else -1]
    if kernel.shape[-1] != channels:
        raise ValueError(
            f"A transposed convolution's kernel of shape {kernel.shape} (window, filters, channels)"
            f" expects {kernel.shape[-1]} channels; the input has {channels}. Check `data_format`."
        )
    strides = per_dimension(strides, rank, "strides")
    dilation = per_dimension(dilation, rank, "dilation")
    extra = (None,) * rank
    if output_padding is not None:
        extra = per_dimension(output_padding, rank, "output_padding")
    pairs = tuple(
        _pads(padding, dilated(w, d), s, o)
        for w, d, s, o in zip(kernel.shape, dilation, strides, extra, strict=False)
    )
    if use_reference() or not on_cpu():
        return conv_transpose_reference(x, kernel, strides, pairs, dilation, first)
    y = _transpose_cpu(to_channels_last(x) if first else x, kernel, strides, pairs, dilation)
    return to_channels_first(y) if first else y


def _transpose_cpu(
    x: Array,
    kernel: Array,
    strides: tuple[int, ...],
    pairs: tuple[tuple[int, int], ...],
    dilation: tuple[int, ...],
) -> Array:
    if len(strides) > 2:
        return conv_transpose_reference(x, kernel, strides, pairs, dilation)
    if len(strides) == 1:
        # A sequence is an image of one row.
        given = (1, *strides), ((0, 0), *pairs), (1, *dilation)
        return _transpose_cpu(x[:, None], kernel[None], *given)[:, 0]
    extents = tuple(map(dilated, kernel.shape[:-2], dilation))
    spread = tuple((n - 1) * s + 1 for n, s in zip(x.shape[1:-1], strides, strict=True))
    sizes = tuple(
        size + low + high - extent + 1
        for size, (low, high), extent in zip(spread, pairs, extents, strict=True)
    )
    # Of the convolution that this transposes: `low` zeros before what is now the output.
    lows = tuple(extent - 1 - low for (low, _), extent in zip(pairs, extents, strict=True))
    transposed = tuple(
        (low, count + extent - 1 - size - low)
        for low, count, extent, size in zip(lows, spread, extents, sizes, strict=True)
    )
    geometry = {"strides": strides, "pairs": transposed, "dilation": dilation}
    return convolve_transposed(x, kernel, sizes=sizes, groups=1, loop=in_loop(), **geometry)


def _pads(padding: str, extent: int, stride: int, extra: int | None) -> tuple[int, int]:
    """Zeros around the input with zeros inserted, for one dimension.

    The full output has `(size - 1) * stride + extent` elements. "valid" keeps it (and at least
    `size * stride`); "same" centres a cut of `size * stride` of it, or of
    `(size - 1) * stride + extent % 2 + extra` if the output padding is given.
    """
    name = padding.lower()
    if name == "valid":
        extra = max(stride - extent, 0) if extra is None else extra
        return extent - 1, extent - 1 + extra
    if name != "same":
        raise ValueError(f'`padding` is "valid" or "same"; got {padding!r}.')
    total = stride + extent - 2 if extra is None else extent + extent % 2 - 2 + extra
    low = min(total - total // 2, extent - 1)
    return low, total - low
