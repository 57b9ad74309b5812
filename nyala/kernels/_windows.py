"""Geometry shared by convolutions and pools: per-dimension parameters, padding, data formats."""

from __future__ import annotations

from collections.abc import Sequence

import jax.numpy as jnp
from jax import Array

Pairs = tuple[tuple[int, int], ...]
Padding = str | Sequence[Sequence[int]]
PerDimension = int | Sequence[int]

CHANNELS_LAST = "channels_last"
CHANNELS_FIRST = "channels_first"


def per_dimension(value: PerDimension, rank: int, name: str) -> tuple[int, ...]:
    """One int for each of `rank` spatial dimensions."""
    values = (value,) * rank if isinstance(value, int) else tuple(int(v) for v in value)
    if len(values) != rank:
        raise ValueError(
            f"`{name}` needs one integer, or {rank} (one per spatial dimension); got {value!r}."
        )
    return values


def dilated(size: int, dilation: int) -> int:
    """Extent of a window of `size` taps that lie `dilation` apart."""
    return (size - 1) * dilation + 1


def padding_pairs(
    padding: Padding,
    sizes: Sequence[int],
    window: Sequence[int],
    strides: Sequence[int],
    dilation: Sequence[int],
    *,
    causal_allowed: bool = False,
) -> Pairs:
    """Zeros before and after each spatial dimension for a named or explicit padding.

    "same" gives `ceil(size / stride)` outputs and puts the odd zero after; "causal" puts all
    zeros before, so that no output sees a later input.
    """
    if not isinstance(padding, str):
        pairs = tuple((int(low), int(high)) for low, high in padding)
        if len(pairs) != len(sizes):
            raise ValueError(
                f"`padding` needs {len(sizes)} (low, high) pairs, one per spatial dimension; "
                f"got {padding!r}."
            )
        return pairs
    name = padding.lower()
    if name == "valid":
        return ((0, 0),) * len(sizes)
    extents = [dilated(w, d) for w, d in zip(window, dilation, strict=True)]
    if name == "same":
        totals = [
            max((-(-size // stride) - 1) * stride + extent - size, 0)
            for size, extent, stride in zip(sizes, extents, strides, strict=True)
        ]
        return tuple((total // 2, total - total // 2) for total in totals)
    if name == "causal" and causal_allowed:
        return tuple((extent - 1, 0) for extent in extents)
    names = '"valid", "same", "causal"' if causal_allowed else '"valid", "same"'
    raise ValueError(f"`padding` is one of {names} or (low, high) pairs; got {padding!r}.")


def output_size(size: int, pad: tuple[int, int], window: int, stride: int, dilation: int) -> int:
    """Number of places that a window takes on a padded dimension."""
    return max((size + sum(pad) - dilated(window, dilation)) // stride + 1, 0)


def is_channels_first(data_format: str) -> bool:
    if data_format not in (CHANNELS_LAST, CHANNELS_FIRST):
        raise ValueError(
            f'`data_format` is "{CHANNELS_LAST}" or "{CHANNELS_FIRST}"; got {data_format!r}.'
        )
    return data_format == CHANNELS_FIRST


def to_channels_last(x: Array) -> Array:
    return jnp.moveaxis(x, 1, -1)


def to_channels_first(x: Array) -> Array:
    return jnp.moveaxis(x, -1, 1)


def pad_spatial(x: Array, pairs: Pairs, value: float = 0.0) -> Array:
    """Pad the spatial dimensions of a channels-last array; a negative width crops."""
    if not any(low or high for low, high in pairs):
        return x
    kept = (
        slice(max(-low, 0), size - max(-high, 0))
        for (low, high), size in zip(pairs, x.shape[1:-1], strict=True)
    )
    cropped = x[(slice(None), *kept)]
    widths = [(0, 0), *((max(low, 0), max(high, 0)) for low, high in pairs), (0, 0)]
    return jnp.pad(cropped, widths, constant_values=value)


def tap(
    padded: Array,
    offset: Sequence[int],
    out: Sequence[int],
    strides: Sequence[int],
    dilation: Sequence[int],
) -> Array:
    """What one tap of a window sees at every place: a strided slice of a channels-last array."""
    seen = (
        slice(o * d, o * d + (n - 1) * s + 1, s)
        for o, n, s, d in zip(offset, out, strides, dilation, strict=True)
    )
    return padded[(slice(None), *seen)]
