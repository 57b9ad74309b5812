"""Rows of a table by number."""

from __future__ import annotations

import jax.numpy as jnp
from jax import Array


def embedding_lookup(table: Array, ids: Array) -> Array:
    """Take the row of `table` that each id names.

    Args:
        table: `(rows, ...)`.
        ids: integers of any shape. A negative id counts from the end; one that names no row gives
            NaN, as it does in Keras on JAX.

    Returns:
        `(*ids.shape, ...)` in the dtype of `table`.

    Example:
        >>> import jax.numpy as jnp
        >>> from nyala import kernels
        >>> kernels.embedding_lookup(jnp.array([[1.0], [2.0]]), jnp.array([1, 0, 1])).ravel()
        Array([2., 1., 2.], dtype=float32)
    """
    return jnp.take(table, ids, axis=0)
