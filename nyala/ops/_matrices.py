"""Matrices of a given form, and the diagonals and triangles of matrices."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from nyala.eager import Array, op
from nyala.ops._dtypes import jax_dtype


@op
def eye(N: int, M: int | None = None, k: int = 0, dtype: Any = None) -> Array:
    """Ones on a diagonal, zeros elsewhere.

    Args:
        N: number of rows.
        M: number of columns; `N` by default.
        k: which diagonal: 0 the main one, positive above it, negative below.
        dtype: the result's dtype; `floatx` by default.

    Returns:
        A tensor of shape `(N, M)`.

    >>> import nyala
    >>> nyala.ops.eye(2, 3).numpy()
    array([[1., 0., 0.],
           [0., 1., 0.]], dtype=float32)
    """
    return jnp.eye(N, M, k, jax_dtype(dtype))


@op
def identity(n: int, dtype: Any = None) -> Array:
    """The identity matrix.

    Args:
        n: number of rows and columns.
        dtype: the result's dtype; `floatx` by default.

    Returns:
        A tensor of shape `(n, n)`.

    >>> import nyala
    >>> nyala.ops.identity(2).numpy()
    array([[1., 0.],
           [0., 1.]], dtype=float32)
    """
    return jnp.identity(n, jax_dtype(dtype))


@op
def tri(N: int, M: int | None = None, k: int = 0, dtype: Any = None) -> Array:
    """Ones on a diagonal and below it, zeros above.

    Args:
        N: number of rows.
        M: number of columns; `N` by default.
        k: which diagonal.
        dtype: the result's dtype; `floatx` by default.

    Returns:
        A tensor of shape `(N, M)`.

    >>> import nyala
    >>> nyala.ops.tri(2, 3).numpy()
    array([[1., 0., 0.],
           [1., 1., 0.]], dtype=float32)
    """
    return jnp.tri(N, M, k, jax_dtype(dtype))


@op
def tril(x: Array, k: int = 0) -> Array:
    """The lower triangle of matrices, zeros above it.

    Args:
        x: array of shape `(..., rows, columns)`.
        k: the diagonal above which there are zeros.

    Returns:
        A tensor of the shape of `x`.

    >>> import nyala
    >>> nyala.ops.tril([[1, 2], [3, 4]]).numpy()
    array([[1, 0],
           [3, 4]], dtype=int32)
    """
    return jnp.tril(x, k)


@op
def triu(x: Array, k: int = 0) -> Array:
    """The upper triangle of matrices, zeros below it.

    Args:
        x: array of shape `(..., rows, columns)`.
        k: the diagonal below which there are zeros.

    Returns:
        A tensor of the shape of `x`.

    >>> import nyala
    >>> nyala.ops.triu([[1, 2], [3, 4]]).numpy()
    array([[1, 2],
           [0, 4]], dtype=int32)
    """
    return jnp.triu(x, k)


@op
def diag(x: Array, k: int = 0) -> Array:
    """The diagonal of a matrix, or a matrix with a diagonal.

    Args:
        x: a vector, put on the diagonal, or a matrix, whose diagonal is taken.
        k: which diagonal.

    Returns:
        A matrix for a vector, a vector for a matrix.

    >>> import nyala
    >>> nyala.ops.diag([1, 2]).numpy()
    array([[1, 0],
           [0, 2]], dtype=int32)
    """
    return jnp.diag(jnp.asarray(x), k)


@op
def diagflat(x: Array, k: int = 0) -> Array:
    """A matrix with all elements of `x` on its diagonal.

    Args:
        x: array of any shape, read row by row.
        k: which diagonal.

    Returns:
        A square matrix.

    >>> import nyala
    >>> nyala.ops.diagflat([[1, 2]]).numpy()
    array([[1, 0],
           [0, 2]], dtype=int32)
    """
    return jnp.diagflat(x, k)


@op
def diagonal(x: Array, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Array:
    """The diagonals of the matrices that two axes span.

    Args:
        x: array with at least two axes.
        offset: which diagonal.
        axis1: the axis of rows.
        axis2: the axis of columns.

    Returns:
        A tensor without the two axes and with the diagonal as its last axis.

    >>> import nyala
    >>> nyala.ops.diagonal([[1, 2], [3, 4]]).numpy()
    array([1, 4], dtype=int32)
    """
    return jnp.diagonal(jnp.asarray(x), offset, axis1, axis2)


@op
def trace(x: Array, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Array:
    """The sums of the diagonals of the matrices that two axes span.

    Args:
        x: array with at least two axes.
        offset: which diagonal.
        axis1: the axis of rows.
        axis2: the axis of columns.

    Returns:
        A tensor without the two axes.

    >>> import nyala
    >>> nyala.ops.trace([[1, 2], [3, 4]]).numpy()
    array(5, dtype=int32)
    """
    return jnp.trace(jnp.asarray(x), offset, axis1, axis2)


@op
def vander(x: Array, N: int | None = None, increasing: bool = False) -> Array:
    """Vandermonde matrix: the powers of a vector's elements, one row each.

    Args:
        x: array of shape `(length,)`.
        N: number of columns; `length` by default.
        increasing: whether powers grow from left to right.

    Returns:
        A tensor of shape `(length, N)`.

    >>> import nyala
    >>> nyala.ops.vander([2, 3], 3).numpy()
    array([[4, 2, 1],
           [9, 3, 1]], dtype=int32)
    """
    return jnp.vander(jnp.asarray(x), N, increasing)
