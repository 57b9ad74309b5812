"""Convolutions as matrix products, for channels-last arrays."""

from __future__ import annotations

import math

import jax.numpy as jnp
import numpy as np
from jax import Array, lax

from nyala.kernels._windows import Pairs, output_size, pad_spatial, tap


def conv_pointwise(x: Array, kernel: Array, strides: tuple[int, ...], pairs: Pairs) -> Array:
    """A window of one element: every place is a row of one matrix product."""
    x = pad_spatial(x, pairs)
    if any(stride != 1 for stride in strides):
        x = x[(slice(None), *(slice(None, None, stride) for stride in strides))]
    return lax.dot_general(x, kernel.reshape(kernel.shape[-2:]), (((x.ndim - 1,), (0,)), ((), ())))


def conv_patches(
    x: Array,
    kernel: Array,
    strides: tuple[int, ...],
    pairs: Pairs,
    dilation: tuple[int, ...],
    groups: int,
) -> Array:
    """Gather what the window sees at each place into a row; multiply by the kernel (im2col)."""
    *window, group_channels, filters = kernel.shape
    out = [
        output_size(size, *geometry)
        for size, *geometry in zip(x.shape[1:-1], pairs, window, strides, dilation, strict=True)
    ]
    padded = pad_spatial(x, pairs)
    taps = [tap(padded, offset, out, strides, dilation) for offset in np.ndindex(*window)]
    places = x.shape[0] * math.prod(out)
    if groups == 1:
        rows = jnp.concatenate(taps, axis=-1).reshape(places, -1)
        y = rows @ kernel.reshape(-1, filters)
    else:
        rows = jnp.stack([t.reshape(places, groups, group_channels) for t in taps], axis=2)
        matrices = kernel.reshape(math.prod(window), group_channels, groups, filters // groups)
        y = jnp.einsum("pgkc,kcgf->pgf", rows, matrices)
    return y.reshape(x.shape[0], *out, filters)
