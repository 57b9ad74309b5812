"""Convolution as XLA operations: its own, a matrix product, and patches times kernel.

Measured in `docs/decisions/0003-kernel-lowerings.md`.
"""

from __future__ import annotations

import math

from jax import Array, lax

from nyala.kernels._conv_matmul import conv_patches, conv_pointwise
from nyala.kernels._windows import Pairs

SPATIAL = "DHW"

# Up to this many inputs to one place (3x3x3 in the first layer for colour images), gathering them
# costs less than the gradient of XLA's convolution.
_SHORT_PATCH = 32


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
    spatial = SPATIAL[-len(strides) :]
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


def conv_lowering(
    x: Array,
    kernel: Array,
    strides: tuple[int, ...],
    pairs: Pairs,
    dilation: tuple[int, ...],
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


def conv_transpose_reference(
    x: Array,
    kernel: Array,
    strides: tuple[int, ...],
    pairs: tuple[tuple[int, int], ...],
    dilation: tuple[int, ...],
    channels_first: bool = False,
) -> Array:
    """XLA's own: a convolution of the input with zeros inserted, by the reversed kernel."""
    rank = len(strides)
    spatial = SPATIAL[-rank:]
    layout = f"NC{spatial}" if channels_first else f"N{spatial}C"
    return lax.conv_general_dilated(
        x,
        lax.rev(kernel, tuple(range(rank))),
        (1,) * rank,
        pairs,
        lhs_dilation=strides,
        rhs_dilation=dilation,
        dimension_numbers=(layout, f"{spatial}OI", layout),
    )
