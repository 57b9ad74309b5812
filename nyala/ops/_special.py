"""Special functions, element by element."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from nyala.eager import Array, op
from nyala.ops._dtypes import as_float


@op
def erf(x: Array) -> Array:
    """Error function, 2/√π ∫₀ˣ exp(-t²) dt.

    Args:
        x: array of any shape.

    Returns:
        A float tensor of the shape of `x`; integers are computed in `floatx`.

    >>> import nyala
    >>> nyala.ops.erf([0.0, 1.0]).numpy()
    array([0.        , 0.84270084], dtype=float32)
    """
    return jax.lax.erf(as_float(x))


@op
def erfc(x: Array) -> Array:
    """Complement of the error function, 1 - erf(x), exact where it is small.

    Args:
        x: array of any shape.

    Returns:
        A float tensor of the shape of `x`; integers are computed in `floatx`.

    >>> import nyala
    >>> nyala.ops.erfc([0.0, 1.0]).numpy()
    array([1.        , 0.15729924], dtype=float32)
    """
    return jax.lax.erfc(as_float(x))


@op
def erfinv(x: Array) -> Array:
    """Inverse of the error function.

    Args:
        x: values between -1 and 1, of any shape.

    Returns:
        A float tensor of the shape of `x`; integers are computed in `floatx`.

    >>> import nyala
    >>> nyala.ops.erfinv([0.0, 0.5]).numpy()
    array([0.        , 0.47693628], dtype=float32)
    """
    return jax.lax.erf_inv(as_float(x))


@op
def i0(x: Array) -> Array:
    """Modified Bessel function of the first kind, order 0.

    Args:
        x: array of any shape.

    Returns:
        A float tensor of the shape of `x`; integers are computed in `floatx`.

    >>> import nyala
    >>> nyala.ops.i0([0.0, 1.0]).numpy()
    array([1.0000001, 1.266066 ], dtype=float32)
    """
    return jnp.i0(as_float(x))
