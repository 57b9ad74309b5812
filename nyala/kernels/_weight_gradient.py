"""The gradient of weights that every step of a sequence meets."""

from __future__ import annotations

import math

from jax import Array, lax


def weight_gradient(left: Array, right: Array) -> Array:
    """Sum over all but the last axis of the outer products of two arrays."""
    transposed = _rows(left).T
    # Without the barrier XLA folds the transposition into a matrix product of a slower kind.
    return lax.optimization_barrier(transposed) @ _rows(right)


def _rows(x: Array) -> Array:
    return x.reshape(math.prod(x.shape[:-1]), x.shape[-1])
