"""`tf.linalg`: matrices and vectors."""

from __future__ import annotations

from typing import Any

from nyala import ops
from nyala.core import respelled
from nyala.tf._absent import refuse_others
from nyala.tf._creation import eye
from nyala.tf._reductions import global_norm
from nyala.tf.math import l2_normalize

_HINTS = {
    "expm": "Use jax.scipy.linalg.expm.",
    "logm": "nyala.ops.eigh gives the eigenvalues to take logarithms of.",
    "LinearOperatorFullMatrix": "Use nyala.ops.matmul and nyala.ops.solve.",
}

cholesky = respelled("tf.linalg.cholesky", ops.cholesky, "input")
cross = respelled("tf.linalg.cross", ops.cross, "a", "b")
det = respelled("tf.linalg.det", ops.det, "input")
einsum = respelled("tf.einsum", ops.einsum, "equation")
inv = respelled("tf.linalg.inv", ops.inv, "input")
logdet = respelled("tf.linalg.logdet", ops.logdet, "matrix")
matrix_rank = respelled("tf.linalg.matrix_rank", ops.matrix_rank, "a", "tol")
pinv = respelled("tf.linalg.pinv", ops.pinv, "a", "rcond")
slogdet = respelled("tf.linalg.slogdet", ops.slogdet, "input")
tensordot = respelled("tf.tensordot", ops.tensordot, "a", "b", "axes")
eigh = respelled("tf.linalg.eigh", ops.eigh, "tensor")
eig = respelled("tf.linalg.eig", ops.eig, "tensor")


def matmul(a: Any, b: Any, transpose_a: bool = False, transpose_b: bool = False,
           adjoint_a: bool = False, adjoint_b: bool = False, a_is_sparse: bool = False,
           b_is_sparse: bool = False, output_type: Any = None, grad_a: bool = False,
           grad_b: bool = False, name: str | None = None) -> Any:  # fmt: skip
    """Return the matrix product, of transposed (`transpose_`) or conjugate transposed factors.

    >>> import nyala
    >>> nyala.tf.matmul([[1.0, 2.0]], [[3.0, 4.0]], transpose_b=True).numpy()
    array([[11.]], dtype=float32)
    """
    a = adjoint(a) if adjoint_a else matrix_transpose(a) if transpose_a else a
    b = adjoint(b) if adjoint_b else matrix_transpose(b) if transpose_b else b
    result = ops.matmul(a, b)
    return result if output_type is None else ops.cast(result, output_type)


def matvec(
    a: Any,
    b: Any,
    transpose_a: bool = False,
    adjoint_a: bool = False,
    a_is_sparse: bool = False,
    b_is_sparse: bool = False,
    name: str | None = None,
) -> Any:
    """Return the products of matrices and vectors."""
    column = ops.expand_dims(b, -1)
    return ops.squeeze(matmul(a, column, transpose_a=transpose_a, adjoint_a=adjoint_a), -1)


def matrix_transpose(a: Any, name: str | None = None, conjugate: bool = False) -> Any:
    """Return the matrices with rows and columns exchanged."""
    result = ops.swapaxes(a, -1, -2)
    return ops.conj(result) if conjugate else result


def adjoint(matrix: Any, name: str | None = None) -> Any:
    """Return the conjugate transposes."""
    return matrix_transpose(matrix, conjugate=True)


def norm(tensor: Any, ord: Any = "euclidean", axis: Any = None, keepdims: bool = False,
         name: str | None = None) -> Any:  # fmt: skip
    """Return the norm of all elements, or of vectors or matrices along axes.

    Args:
        tensor: a tensor.
        ord: `"euclidean"`, `"fro"`, or a number (1, 2, `inf`, …) of a vector's or matrix' norm.
        axis: an axis for vectors, a pair for matrices; `None` reads the tensor as one vector.
        keepdims: whether those axes stay, with length 1.
        name: accepted for TensorFlow's sake.
    """
    if ord in ("euclidean", "fro"):
        return ops.sqrt(ops.sum(ops.square(ops.absolute(tensor)), axis, keepdims))
    if axis is None:
        tensor = ops.convert_to_tensor(tensor)
        whole = ops.norm(ops.ravel(tensor), ord)
        return ops.reshape(whole, (1,) * len(tensor.shape)) if keepdims else whole
    return ops.norm(tensor, ord, axis, keepdims)


def normalize(
    tensor: Any, ord: Any = "euclidean", axis: Any = None, name: str | None = None
) -> tuple:
    """Return the tensor divided by its norm, and the norm."""
    length = norm(tensor, ord, axis, keepdims=True)
    return ops.true_divide(tensor, length), length


def solve(matrix: Any, rhs: Any, adjoint: bool = False, name: str | None = None) -> Any:
    """Return `x` with `matrix @ x = rhs`; `rhs` is a matrix of columns."""
    return ops.solve(matrix_transpose(matrix, conjugate=True) if adjoint else matrix, rhs)


def triangular_solve(matrix: Any, rhs: Any, lower: bool = True, adjoint: bool = False,
                     name: str | None = None) -> Any:  # fmt: skip
    """Return `x` with `matrix @ x = rhs`, of which only one triangle is read."""
    if adjoint:
        return ops.solve_triangular(matrix_transpose(matrix, conjugate=True), rhs, not lower)
    return ops.solve_triangular(matrix, rhs, lower)


def cholesky_solve(chol: Any, rhs: Any, name: str | None = None) -> Any:
    """Return `x` with `A @ x = rhs` from the Cholesky factor of `A`."""
    return triangular_solve(chol, triangular_solve(chol, rhs), adjoint=True)


def lstsq(matrix: Any, rhs: Any, l2_regularizer: float = 0.0, fast: bool = True,
          name: str | None = None) -> Any:  # fmt: skip
    """Return the `x` that minimizes `|matrix @ x - rhs|² + l2_regularizer |x|²`."""
    if not l2_regularizer:
        return ops.lstsq(matrix, rhs)
    gram = matmul(matrix, matrix, adjoint_a=True)
    size = gram.shape[-1]
    right = matmul(matrix, rhs, adjoint_a=True)
    return ops.solve(gram + l2_regularizer * ops.eye(size, dtype=gram.dtype), right)


def svd(tensor: Any, full_matrices: bool = False, compute_uv: bool = True,
        name: str | None = None) -> Any:  # fmt: skip
    """Return singular values and the two matrices of singular vectors, in columns.

    The order is TensorFlow's: `s, u, v` with `tensor = u @ diag(s) @ v^H`.
    """
    if not compute_uv:
        return ops.svd(tensor, full_matrices, compute_uv=False)
    u, s, vh = ops.svd(tensor, full_matrices)
    return s, u, adjoint(vh)


def qr(input: Any, full_matrices: bool = False, name: str | None = None) -> tuple:
    """Return an orthogonal and an upper triangular matrix whose product is `input`."""
    return ops.qr(input, "complete" if full_matrices else "reduced")


def eigvalsh(tensor: Any, name: str | None = None) -> Any:
    """Return the eigenvalues of symmetric matrices, in ascending order."""
    return ops.eigh(tensor)[0]


def eigvals(tensor: Any, name: str | None = None) -> Any:
    """Return the eigenvalues of matrices."""
    return ops.eig(tensor)[0]


def trace(x: Any, name: str | None = None) -> Any:
    """Return the sum of the main diagonal of matrices."""
    return ops.trace(x, 0, -2, -1)


def diag_part(input: Any, name: str = "diag_part", k: int = 0, padding_value: Any = 0,
              align: str = "RIGHT_LEFT") -> Any:  # fmt: skip
    """Return one diagonal of matrices."""
    return ops.diagonal(input, k, -2, -1)


def diag(diagonal: Any, name: str = "diag", k: int = 0, num_rows: int = -1, num_cols: int = -1,
         padding_value: Any = 0, align: str = "RIGHT_LEFT") -> Any:  # fmt: skip
    """Return matrices with the given main diagonal (see `nyala.ops.diag` for others)."""
    diagonal = ops.convert_to_tensor(diagonal)
    if k:
        return ops.diag(diagonal, k)
    return ops.expand_dims(diagonal, -1) * ops.eye(diagonal.shape[-1], dtype=diagonal.dtype)


def set_diag(input: Any, diagonal: Any, name: str = "set_diag", k: int = 0,
             align: str = "RIGHT_LEFT") -> Any:  # fmt: skip
    """Return matrices with another main diagonal."""
    input = ops.convert_to_tensor(input)
    rows, columns = input.shape[-2:]
    on = ops.eye(rows, columns, dtype="bool")
    wide = ops.expand_dims(diagonal, -2 if columns <= rows else -1)
    return ops.where(on, wide, input)


def band_part(input: Any, num_lower: int, num_upper: int, name: str | None = None) -> Any:
    """Return matrices with zeros outside a band around the diagonal.

    Args:
        input: matrices.
        num_lower: how many diagonals below the main one are kept; -1 keeps all.
        num_upper: how many above it; -1 keeps all.
        name: accepted for TensorFlow's sake.

    >>> import nyala
    >>> nyala.tf.linalg.band_part(nyala.tf.ones((2, 2)), -1, 0).numpy().tolist()
    [[1.0, 0.0], [1.0, 1.0]]
    """
    result = input if int(num_lower) < 0 else ops.triu(input, -int(num_lower))
    return result if int(num_upper) < 0 else ops.tril(result, int(num_upper))


__all__ = [
    "adjoint", "band_part", "cholesky", "cholesky_solve", "cross", "det", "diag", "diag_part",
    "eig", "eigh", "eigvals", "eigvalsh", "einsum", "eye", "global_norm", "inv", "l2_normalize",
    "logdet", "lstsq", "matmul", "matrix_rank", "matrix_transpose", "matvec", "norm", "normalize",
    "pinv", "qr", "set_diag", "slogdet", "solve", "svd", "tensordot", "trace", "triangular_solve",
]  # fmt: skip

__getattr__ = refuse_others("tf.linalg", __all__, _HINTS)
