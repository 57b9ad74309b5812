"""Solving linear systems, inverses, determinants and norms."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from nyala.eager import Array, op
from nyala.ops._dtypes import as_float, float_operands


@op
def inv(x: Array) -> Array:
    """Inverse of a matrix.

    Args:
        x: square matrices of shape `(..., n, n)`.

    Returns:
        A float tensor of the shape of `x`; infinities where a matrix is singular.

    >>> import nyala
    >>> nyala.ops.linalg.inv([[2.0, 0.0], [0.0, 4.0]]).numpy()
    array([[0.5 , 0.  ],
           [0.  , 0.25]], dtype=float32)
    """
    return jnp.linalg.inv(as_float(x))


@op
def pinv(x: Array, rcond: float | None = None) -> Array:
    """Moore–Penrose pseudo-inverse of a matrix.

    Args:
        x: matrices of shape `(..., m, n)`.
        rcond: singular values below this part of the greatest count as 0.

    Returns:
        A float tensor of shape `(..., n, m)`.

    >>> import nyala
    >>> nyala.ops.linalg.pinv([[2.0], [0.0]]).numpy()
    array([[0.5, 0. ]], dtype=float32)
    """
    return jnp.linalg.pinv(_matrix(x), rtol=rcond)


def _matrix(x: Array) -> Array:
    x = as_float(x)
    if x.ndim < 2:
        raise ValueError(f"x must have at least 2 axes; got shape {x.shape}.")
    return x


@op
def det(x: Array) -> Array:
    """Determinant.

    Args:
        x: square matrices of shape `(..., n, n)`.

    Returns:
        A float tensor of shape `(...)`.

    >>> import nyala
    >>> nyala.ops.linalg.det([[1.0, 2.0], [3.0, 4.0]]).numpy()
    array(-2., dtype=float32)
    """
    return jnp.linalg.det(as_float(x))


@op
def slogdet(x: Array) -> tuple:
    """Sign of the determinant, and logarithm of its absolute value.

    Args:
        x: square matrices of shape `(..., n, n)`.

    Returns:
        A pair of float tensors of shape `(...)`.

    >>> import nyala
    >>> sign, log = nyala.ops.slogdet([[2.0, 0.0], [0.0, -4.0]])
    >>> float(sign), float(log)
    (-1.0, 2.079441547393799)
    """
    return tuple(jnp.linalg.slogdet(as_float(x)))


@op
def logdet(x: Array) -> Array:
    """Logarithm of the absolute value of the determinant.

    Args:
        x: square matrices of shape `(..., n, n)`.

    Returns:
        A float tensor of shape `(...)`.

    >>> import nyala
    >>> nyala.ops.logdet([[2.0, 0.0], [0.0, 4.0]]).numpy()
    array(2.0794415, dtype=float32)
    """
    return jnp.linalg.slogdet(as_float(x))[1]


@op
def solve(a: Array, b: Array) -> Array:
    """The solution x of the linear system a · x = b.

    Args:
        a: square matrices of shape `(..., n, n)`.
        b: right-hand sides of shape `(n,)` or `(..., n, k)`.

    Returns:
        A float tensor of the shape of `b`.

    >>> import nyala
    >>> nyala.ops.linalg.solve([[2.0, 0.0], [0.0, 4.0]], [2.0, 2.0]).numpy()
    array([1. , 0.5], dtype=float32)
    """
    return jnp.linalg.solve(*float_operands(a, b))


@op
def solve_triangular(a: Array, b: Array, lower: bool = False) -> Array:
    """The solution x of a · x = b for a triangular matrix.

    Args:
        a: triangular matrices of shape `(..., n, n)`; the other triangle is not read.
        b: right-hand sides of shape `(..., n)` or `(..., n, k)`.
        lower: whether the lower triangle holds the matrix, else the upper.

    Returns:
        A float tensor of the shape of `b`.

    >>> import nyala
    >>> nyala.ops.linalg.solve_triangular([[2.0, 0.0], [1.0, 1.0]], [2.0, 3.0], lower=True).numpy()
    array([1., 2.], dtype=float32)
    """
    a, b = float_operands(a, b)
    return jax.scipy.linalg.solve_triangular(a, b, lower=lower)


@op
def lstsq(a: Array, b: Array, rcond: float | None = None) -> Array:
    """The least-squares solution x of a · x = b, the shortest where there are several.

    Args:
        a: matrix of shape `(m, n)`.
        b: right-hand sides of shape `(m,)` or `(m, k)`.
        rcond: singular values below this part of the greatest count as 0.

    Returns:
        A float tensor of shape `(n,)` or `(n, k)`.

    >>> import nyala
    >>> nyala.ops.linalg.lstsq([[1.0], [1.0]], [1.0, 3.0]).numpy()
    array([1.9999999], dtype=float32)
    """
    a, b = float_operands(a, b)
    return jnp.linalg.lstsq(a, b, rcond)[0]


@op
def norm(x: Array, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Array:
    """Norm of vectors or matrices.

    Args:
        x: array of any shape.
        ord: which norm: `None` for the Euclidean or Frobenius one, a number p for the
            p-norm, `"fro"` or `"nuc"` for matrices.
        axis: an integer for vectors, a pair for matrices; by default all of `x`.
        keepdims: whether the axes stay, with length 1.

    Returns:
        A float tensor without these axes.

    >>> import nyala
    >>> nyala.ops.norm([3.0, 4.0]).numpy()
    array(5., dtype=float32)
    """
    return jnp.linalg.norm(as_float(x), ord, axis, keepdims)


@op
def matrix_rank(x: Array, tol: float | None = None) -> Array:
    """Rank: the number of singular values that are not nearly 0.

    Args:
        x: matrices of shape `(..., m, n)`.
        tol: the bound for that, absolute; by default relative to the greatest and the
            precision.

    Returns:
        An int32 tensor of shape `(...)`.

    >>> import nyala
    >>> nyala.ops.linalg.matrix_rank([[1.0, 2.0], [2.0, 4.0]]).numpy()
    array(1, dtype=int32)
    """
    x = _matrix(x)
    if tol is None:
        return jnp.linalg.matrix_rank(x).astype("int32")
    return jnp.sum(jnp.linalg.svd(x, compute_uv=False) > tol, axis=-1, dtype="int32")


@op
def cdist(x: Array, y: Array) -> Array:
    """Euclidean distances between all pairs of points.

    Args:
        x: points of shape `(..., n, features)`.
        y: points of shape `(..., m, features)`.

    Returns:
        A float tensor of shape `(..., n, m)`.

    >>> import nyala
    >>> nyala.ops.cdist([[0.0, 0.0]], [[3.0, 4.0], [0.0, 1.0]]).numpy()
    array([[5., 1.]], dtype=float32)
    """
    x, y = float_operands(x, y)
    if x.ndim < 2 or y.ndim < 2 or x.shape[-1] != y.shape[-1]:
        raise ValueError(
            "x and y must have at least 2 axes and the same last one; got shapes "
            f"{x.shape} and {y.shape}."
        )
    difference = x[..., :, None, :] - y[..., None, :, :]
    return jnp.sqrt(jnp.sum(difference * difference, axis=-1))
