"""Matrices as products of simpler ones."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from nyala.eager import Array, Symbolic, is_tracer, op
from nyala.ops._dtypes import as_float


def cholesky(x: Any, upper: bool = False) -> Any:
    """Cholesky decomposition L · Lᴴ of a positive definite matrix.

    Args:
        x: symmetric or Hermitian matrices of shape `(..., n, n)`.
        upper: whether to return the upper triangular factor Lᴴ instead of L.

    Returns:
        A float tensor of the shape of `x`.

    Raises:
        ValueError: a matrix is not positive definite; in compiled code its result is NaN.

    >>> import nyala
    >>> nyala.ops.linalg.cholesky([[4.0, 2.0], [2.0, 5.0]]).numpy()
    array([[2., 0.],
           [1., 2.]], dtype=float32)
    """
    factor = _cholesky(x, upper)
    if isinstance(factor, Symbolic) or is_tracer(factor._value):
        return factor
    if bool(jnp.isnan(factor._value).any()):
        raise ValueError("ops.linalg.cholesky: a matrix is not positive definite.")
    return factor


@op(name="cholesky")
def _cholesky(x: Array, upper: bool) -> Array:
    return jnp.linalg.cholesky(as_float(x), upper=upper)


@op
def cholesky_inverse(x: Array, upper: bool = False) -> Array:
    """Inverse of a matrix whose Cholesky factor is given.

    Args:
        x: Cholesky factors of shape `(..., n, n)`.
        upper: whether they are the upper triangular ones.

    Returns:
        A float tensor of the shape of `x`.

    >>> import nyala
    >>> nyala.ops.linalg.cholesky_inverse([[2.0, 0.0], [0.0, 1.0]]).numpy()
    array([[0.25, 0.  ],
           [0.  , 1.  ]], dtype=float32)
    """
    x = as_float(x)
    identity = jnp.broadcast_to(jnp.eye(x.shape[-1], dtype=x.dtype), x.shape)
    inverse = jax.scipy.linalg.solve_triangular(x, identity, lower=not upper)
    transposed = jnp.conj(jnp.swapaxes(inverse, -1, -2))
    return inverse @ transposed if upper else transposed @ inverse


@op
def qr(x: Array, mode: str = "reduced") -> tuple:
    """QR decomposition into an orthogonal and an upper triangular matrix.

    Args:
        x: matrices of shape `(..., m, n)`.
        mode: `"reduced"` (k = min(m, n)) or `"complete"` (k = m).

    Returns:
        A pair of float tensors of shapes `(..., m, k)` and `(..., k, n)`.

    >>> import nyala
    >>> q, r = nyala.ops.qr([[1.0], [2.0], [2.0]])
    >>> q.shape, r.shape
    ((3, 1), (1, 1))
    """
    if mode not in ("reduced", "complete"):
        raise ValueError(f"mode must be 'reduced' or 'complete'; got {mode!r}.")
    return tuple(jnp.linalg.qr(as_float(x), mode))


@op
def svd(x: Array, full_matrices: bool = True, compute_uv: bool = True) -> Any:
    """Singular value decomposition U · diag(s) · Vᴴ.

    Args:
        x: matrices of shape `(..., m, n)`.
        full_matrices: whether U and Vᴴ are square, else only the k = min(m, n) vectors that
            count.
        compute_uv: whether U and Vᴴ are returned.

    Returns:
        U, s and Vᴴ of shapes `(..., m, m)`, `(..., k)` and `(..., n, n)`, or s alone.

    >>> import nyala
    >>> u, s, vh = nyala.ops.svd([[3.0, 0.0], [0.0, 4.0]])
    >>> s.numpy()
    array([4., 3.], dtype=float32)
    """
    result = jnp.linalg.svd(as_float(x), full_matrices, compute_uv)
    return tuple(result) if compute_uv else result


@op
def eig(x: Array) -> tuple:
    """Eigenvalues and eigenvectors of a square matrix (on CPU).

    Args:
        x: square matrices of shape `(..., n, n)`.

    Returns:
        A pair of complex tensors: eigenvalues of shape `(..., n)`, and matrices `(..., n,
        n)` with the eigenvectors as columns.

    >>> import nyala
    >>> values, vectors = nyala.ops.linalg.eig([[2.0, 0.0], [0.0, 3.0]])
    >>> values.numpy()
    array([2.+0.j, 3.+0.j], dtype=complex64)
    """
    return tuple(jnp.linalg.eig(as_float(x)))


@op
def eigh(x: Array) -> tuple:
    """Eigenvalues and eigenvectors of a symmetric or Hermitian matrix.

    Args:
        x: square matrices of shape `(..., n, n)`.

    Returns:
        A pair: real eigenvalues of shape `(..., n)` in ascending order, and matrices `(...,
        n, n)` with the eigenvectors as columns.

    >>> import nyala
    >>> values, vectors = nyala.ops.linalg.eigh([[2.0, 1.0], [1.0, 2.0]])
    >>> values.numpy().round(3)
    array([1., 3.], dtype=float32)
    """
    return tuple(jnp.linalg.eigh(as_float(x)))


@op
def lu_factor(x: Array) -> tuple:
    """LU decomposition with row exchanges.

    Args:
        x: square matrices of shape `(..., n, n)`.

    Returns:
        A pair: matrices that hold U and, below the diagonal, L (its diagonal is 1), and the
        exchanged rows as int32 of shape `(..., n)`.

    >>> import nyala
    >>> lu, pivots = nyala.ops.lu_factor([[1.0, 2.0], [4.0, 4.0]])
    >>> lu.numpy(), pivots.numpy()
    (array([[4.  , 4.  ],
           [0.25, 1.  ]], dtype=float32), array([1, 1], dtype=int32))
    """
    return tuple(jax.lax.linalg.lu(as_float(x))[:2])
