"""Rows of a table by number, and the gradient for the table.

The gradient is zero but for the rows that were looked up. It keeps, beside the array of the table's
shape, what it was made of (`row_gradient`), so that an optimizer need not make that array.
"""

from __future__ import annotations

import weakref
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

from nyala.kernels._multilinear import Multilinear
from nyala.kernels._native import NATIVE_FLOATS, native

_MOST = 2**31 - 1


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
    table, ids = jnp.asarray(table), jnp.asarray(ids)
    if not (jnp.issubdtype(table.dtype, jnp.floating) and jnp.issubdtype(ids.dtype, jnp.integer)):
        return _take(table, ids)
    return _lookup(table, ids)


def _take(table: Array, ids: Array) -> Array:
    return jnp.take(table, ids, axis=0)


class RowGradient(NamedTuple):
    """A gradient as rows that are added to zeros.

    Attributes:
        ids: int32, of any shape.
        rows: `(*ids.shape, ...)`.
    """

    ids: Array
    rows: Array


# By the identity of the gradient, which is a tracer or an array and has no hash.
_made_of: dict[int, tuple[weakref.ref, RowGradient]] = {}


def row_gradient(gradient: Array) -> RowGradient | None:
    """What a gradient for a table was made of, if it comes from one lookup and nothing else.

    The sum of two lookups' gradients, or of a lookup's and a penalty's, is another array, for which
    this returns `None`.
    """
    found = _made_of.get(id(gradient))
    return found[1] if found is not None and found[0]() is gradient else None


def _remember(gradient: Array, ids: Array, rows: Array) -> None:
    key = id(gradient)
    reference = weakref.ref(gradient, lambda _: _made_of.pop(key, None))
    _made_of[key] = (reference, RowGradient(ids, rows))


def _gradient(dy: Array, ids: Array, *, shape: tuple[int, ...]) -> Array:
    if not _fits_native(ids, dy, shape):
        return table_gradient.lowering(ids, dy, rows=shape[0])
    ids = ids.astype(jnp.int32)
    gradient = table_gradient.best(True, ids, dy, rows=shape[0])
    _remember(gradient, ids, dy)
    return gradient


def _fits_native(ids: Array, dy: Array, shape: tuple[int, ...]) -> bool:
    """Whether every id keeps its meaning as an int32, and the kernels take the rest."""
    exact = jnp.issubdtype(ids.dtype, jnp.signedinteger) and ids.dtype.itemsize <= 4
    return exact and dy.dtype in NATIVE_FLOATS and max(shape[0], ids.size) < _MOST


@native("embedding_gradient")
def table_gradient(ids: Array, dy: Array, *, rows: int) -> Array:
    """Add each part of `dy` to the row of zeros that its id names."""
    table = jax.ShapeDtypeStruct((rows, *dy.shape[ids.ndim :]), dy.dtype)
    return jax.linear_transpose(lambda table: _take(table, ids), table)(dy)[0]


def _no_gradient(*_: Any, **__: Any) -> Array:
    raise TypeError("embedding_lookup: integers have no gradient.")


_lookup = Multilinear(_take, _gradient, _no_gradient)
