"""The sums that batch and group normalization are made of, for each channel.

A native kernel reads each array once. XLA reads it once for the mean and again for the variance,
and writes down the centred array between (`docs/decisions/0003-kernel-lowerings.md`). What is left,
scaling and shifting, stays with XLA, which merges it with the activation that follows.

`axis` is that of the channels. Sums are `(channels,)`, or `(examples, channels)` if `batched`: then
those of each example, the first axis, are apart.
"""

from __future__ import annotations

import math
from typing import Any

import jax.numpy as jnp
from jax import Array

from nyala.kernels._native import NATIVE_FLOATS, native

# Keeps what is masked altogether from dividing by zero.
_SMALL = 1e-7
# Below, starting a native kernel costs more than it saves.
_FEWEST_ELEMENTS = 1 << 12
# Channels that do not come last are summed in runs; the rest of a short one costs too much.
_SHORTEST_RUN = 128


def use_native_sums(x: Array, axis: int) -> bool:
    """Whether the native kernels take over for an array like `x`, with its channels at `axis`."""
    run = math.prod(x.shape[axis + 1 :])
    faster = x.size >= _FEWEST_ELEMENTS and (run == 1 or run >= _SHORTEST_RUN)
    return x.dtype in NATIVE_FLOATS and moments.chosen(faster)


def wide_type(x: Array) -> Any:
    """The type to compute in: float32, or float64 for float64."""
    return jnp.promote_types(x.dtype, jnp.float32)


@native("norm_moments")
def moments(x: Array, *, axis: int, batched: bool) -> tuple[Array, Array]:
    """The mean and the variance."""
    wide, others = x.astype(wide_type(x)), _others(x, axis, batched)
    count = count_of(x, axis, batched)
    mean = wide.sum(others) / count
    return mean, jnp.square(wide - along(mean, x, axis)).sum(others) / count


@native("norm_weighted_moments")
def weighted_moments(x: Array, weights: Array, *, axis: int) -> tuple[Array, Array]:
    """The same with weights of the shape of `x`, whose last axis has an extent of 1.

    The native kernel wants the channels last.
    """
    wide, others = x.astype(wide_type(x)), _others(x, axis, False)
    count = weighted_count(x, weights, axis)
    mean = (wide * weights).sum(others) / count
    return mean, (jnp.square(wide - along(mean, x, axis)) * weights).sum(others) / count


def weighted_count(x: Array, weights: Array, axis: int) -> Array:
    """The sum of the weights, and a little."""
    return jnp.broadcast_to(weights, x.shape).sum(_others(x, axis, False)) + _SMALL


@native("norm_gradient_sums")
def gradient_sums(
    dy: Array, x: Array, mean: Array, *, axis: int, batched: bool
) -> tuple[Array, Array]:
    """The sums of `dy` and of `dy * (x - mean)`."""
    dy, others = dy.astype(mean.dtype), _others(x, axis, batched)
    centred = x.astype(mean.dtype) - along(mean, x, axis)
    return dy.sum(others), (dy * centred).sum(others)


def count_of(x: Array, axis: int, batched: bool) -> int:
    """How many elements a channel has."""
    return math.prod(x.shape[a] for a in _others(x, axis, batched))


def along(sums: Array, x: Array, axis: int) -> Array:
    """Shape sums so that they broadcast against `x`."""
    shape = [1] * x.ndim
    shape[axis] = x.shape[axis]
    if sums.ndim == 2:
        shape[0] = x.shape[0]
    return sums.reshape(shape)


def _others(x: Array, axis: int, batched: bool) -> tuple[int, ...]:
    return tuple(a for a in range(x.ndim) if a != axis and (a > 0 or not batched))
