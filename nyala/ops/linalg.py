"""`nyala.ops.linalg`: linear algebra."""

from nyala.ops._decompositions import cholesky, cholesky_inverse, eig, eigh, lu_factor, qr, svd
from nyala.ops._gradients import jvp
from nyala.ops._linear_algebra import (
    det,
    inv,
    lstsq,
    matrix_rank,
    norm,
    pinv,
    solve,
    solve_triangular,
)

__all__ = [
    "cholesky",
    "cholesky_inverse",
    "det",
    "eig",
    "eigh",
    "inv",
    "jvp",
    "lstsq",
    "lu_factor",
    "matrix_rank",
    "norm",
    "pinv",
    "qr",
    "solve",
    "solve_triangular",
    "svd",
]
