"""How often each brightness occurs in images."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from nyala.eager import Array


def histograms(values: Array, bins: int) -> Array:
    """Return how often each whole number below `bins` occurs along the last axis.

    Args:
        values: integers from 0 to `bins - 1`, of shape `(..., pixels)`.
        bins: how many numbers there are.

    Returns:
        Integers of shape `(..., bins)`.
    """
    rows = values.reshape(-1, values.shape[-1])
    counts = jax.vmap(lambda row: jnp.zeros(bins, "int32").at[row].add(1))(rows)
    return counts.reshape(*values.shape[:-1], bins)


def looked_up(table: Array, values: Array) -> Array:
    """Return the entry that each number has in the table of its row.

    Args:
        table: array of shape `(..., bins)`.
        values: integers of shape `(..., pixels)`.
    """
    return jnp.take_along_axis(table, values, axis=-1)
