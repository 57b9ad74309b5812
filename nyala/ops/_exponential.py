"""Powers, roots, exponentials and logarithms, element by element."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from nyala.eager import Array, op
from nyala.ops._dtypes import as_float, float_operands


@op
def exp(x: Array) -> Array:
    """Exponential, e to the power `x`.

    Args:
        x: array of any shape.

    Returns:
        A float tensor of the shape of `x`; integers are computed in `floatx`.

    >>> import nyala
    >>> nyala.ops.exp([0.0, 1.0]).numpy()
    array([1.       , 2.7182817], dtype=float32)
    """
    return jnp.exp(as_float(x))


@op
def exp2(x: Array) -> Array:
    """Two to the power `x`.

    Args:
        x: array of any shape.

    Returns:
        A float tensor of the shape of `x`; integers are computed in `floatx`.

    >>> import nyala
    >>> nyala.ops.exp2([0.0, 3.0]).numpy()
    array([1., 8.], dtype=float32)
    """
    return jnp.exp2(as_float(x))


@op
def expm1(x: Array) -> Array:
    """exp(x) - 1, exact near 0 where the difference would cancel.

    Args:
        x: array of any shape.

    Returns:
        A float tensor of the shape of `x`; integers are computed in `floatx`.

    >>> import nyala
    >>> nyala.ops.expm1([0.0, 1e-8]).numpy()
    array([0.e+00, 1.e-08], dtype=float32)
    """
    return jnp.expm1(as_float(x))


@op
def log(x: Array) -> Array:
    """Natural logarithm.

    Args:
        x: positive numbers, of any shape; -inf at 0, NaN below.

    Returns:
        A float tensor of the shape of `x`; integers are computed in `floatx`.

    >>> import nyala
    >>> nyala.ops.log([1.0, 2.0]).numpy()
    array([0.       , 0.6931472], dtype=float32)
    """
    return jnp.log(as_float(x))


@op
def log2(x: Array) -> Array:
    """Logarithm to base 2.

    Args:
        x: positive numbers, of any shape; -inf at 0, NaN below.

    Returns:
        A float tensor of the shape of `x`; integers are computed in `floatx`.

    >>> import nyala
    >>> nyala.ops.log2([1.0, 8.0]).numpy()
    array([0., 3.], dtype=float32)
    """
    return jnp.log2(as_float(x))


@op
def log10(x: Array) -> Array:
    """Logarithm to base 10.

    Args:
        x: positive numbers, of any shape; -inf at 0, NaN below.

    Returns:
        A float tensor of the shape of `x`; integers are computed in `floatx`.

    >>> import nyala
    >>> nyala.ops.log10([1.0, 100.0]).numpy()
    array([0., 2.], dtype=float32)
    """
    return jnp.log10(as_float(x))


@op
def log1p(x: Array) -> Array:
    """log(1 + x), exact near 0 where the sum would round.

    Args:
        x: numbers above -1, of any shape; -inf at -1, NaN below.

    Returns:
        A float tensor of the shape of `x`; integers are computed in `floatx`.

    >>> import nyala
    >>> nyala.ops.log1p([0.0, 1e-8]).numpy()
    array([0.e+00, 1.e-08], dtype=float32)
    """
    return jnp.log1p(as_float(x))


@op
def logaddexp(x1: Array, x2: Array) -> Array:
    """log(exp(x1) + exp(x2)), without overflow on the way.

    Args:
        x1: array of any shape.
        x2: array whose shape broadcasts with that of `x1`.

    Returns:
        A float tensor of the broadcast shape.

    >>> import nyala
    >>> nyala.ops.logaddexp([0.0, 1000.0], [0.0, 0.0]).numpy()
    array([6.931472e-01, 1.000000e+03], dtype=float32)
    """
    return jnp.logaddexp(*float_operands(x1, x2))


@op
def logaddexp2(x1: Array, x2: Array) -> Array:
    """log2(2^x1 + 2^x2), without overflow on the way.

    Args:
        x1: array of any shape.
        x2: array whose shape broadcasts with that of `x1`.

    Returns:
        A float tensor of the broadcast shape.

    >>> import nyala
    >>> nyala.ops.logaddexp2([0.0, 1000.0], [0.0, 0.0]).numpy()
    array([   1., 1000.], dtype=float32)
    """
    return jnp.logaddexp2(*float_operands(x1, x2))


@op
def sqrt(x: Array) -> Array:
    """Square root.

    Args:
        x: numbers from 0 upward, of any shape; NaN below.

    Returns:
        A float tensor of the shape of `x`; integers are computed in `floatx`.

    >>> import nyala
    >>> nyala.ops.sqrt([4.0, 2.0]).numpy()
    array([2.       , 1.4142135], dtype=float32)
    """
    return jnp.sqrt(as_float(x))


@op
def rsqrt(x: Array) -> Array:
    """Reciprocal of the square root, 1 / √x.

    Args:
        x: positive numbers, of any shape.

    Returns:
        A float tensor of the shape of `x`; integers are computed in `floatx`.

    >>> import nyala
    >>> nyala.ops.rsqrt([4.0, 1.0]).numpy()
    array([0.5, 1. ], dtype=float32)
    """
    return jax.lax.rsqrt(as_float(x))


@op
def cbrt(x: Array) -> Array:
    """Cube root.

    Args:
        x: array of any shape.

    Returns:
        A float tensor of the shape of `x`; integers are computed in `floatx`.

    >>> import nyala
    >>> nyala.ops.cbrt([8.0, -1.0]).numpy()
    array([ 2., -1.], dtype=float32)
    """
    return jnp.cbrt(as_float(x))


@op
def square(x: Array) -> Array:
    """Square, x · x.

    Args:
        x: array of any shape.

    Returns:
        A tensor of the shape of `x`; booleans become int32.

    >>> import nyala
    >>> nyala.ops.square([2, -3]).numpy()
    array([4, 9], dtype=int32)
    """
    return jnp.square(x)


@op
def power(x1: Array, x2: Array) -> Array:
    """`x1` to the power `x2`.

    Args:
        x1: bases, of any shape.
        x2: exponents, of a shape that broadcasts with that of `x1`.

    Returns:
        A tensor of the broadcast shape, in the promoted dtype.

    >>> import nyala
    >>> nyala.ops.power([2.0, 3.0], 2).numpy()
    array([4., 9.], dtype=float32)
    """
    return jnp.power(x1, x2)
