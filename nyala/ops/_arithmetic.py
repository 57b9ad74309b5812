"""The four operations, remainders and signs, element by element."""

from __future__ import annotations

import jax.numpy as jnp

from nyala.eager import Array, op
from nyala.ops._dtypes import as_float, float_operands, is_integral


@op
def add(x1: Array, x2: Array) -> Array:
    """Sum, x1 + x2.

    Args:
        x1: array of any shape.
        x2: array whose shape broadcasts with that of `x1`.

    Returns:
        A tensor of the broadcast shape, in the promoted dtype.

    >>> import nyala
    >>> nyala.ops.add([1, 2], 0.5).numpy()
    array([1.5, 2.5], dtype=float32)
    """
    return jnp.add(x1, x2)


@op
def subtract(x1: Array, x2: Array) -> Array:
    """Difference, x1 - x2.

    Args:
        x1: array of any shape.
        x2: array whose shape broadcasts with that of `x1`.

    Returns:
        A tensor of the broadcast shape, in the promoted dtype.

    >>> import nyala
    >>> nyala.ops.subtract([1, 2], 1).numpy()
    array([0, 1], dtype=int32)
    """
    return jnp.subtract(x1, x2)


@op
def multiply(x1: Array, x2: Array) -> Array:
    """Product, x1 · x2.

    Args:
        x1: array of any shape.
        x2: array whose shape broadcasts with that of `x1`.

    Returns:
        A tensor of the broadcast shape, in the promoted dtype.

    >>> import nyala
    >>> nyala.ops.multiply([1, 2], 3).numpy()
    array([3, 6], dtype=int32)
    """
    return jnp.multiply(x1, x2)


@op
def divide(x1: Array, x2: Array) -> Array:
    """Quotient, x1 / x2.

    Args:
        x1: array of any shape.
        x2: array whose shape broadcasts with that of `x1`.

    Returns:
        A float tensor of the broadcast shape; integers are computed in `floatx`.

    >>> import nyala
    >>> nyala.ops.divide([1, 2], 4).numpy()
    array([0.25, 0.5 ], dtype=float32)
    """
    return _quotient(x1, x2)


@op
def true_divide(x1: Array, x2: Array) -> Array:
    """Quotient, x1 / x2: the same as `divide`.

    Args:
        x1: array of any shape.
        x2: array whose shape broadcasts with that of `x1`.

    Returns:
        A float tensor of the broadcast shape; integers are computed in `floatx`.

    >>> import nyala
    >>> nyala.ops.true_divide([1, 2], 4).numpy()
    array([0.25, 0.5 ], dtype=float32)
    """
    return _quotient(x1, x2)


def _quotient(x1: Array, x2: Array) -> Array:
    x1, x2 = jnp.asarray(x1), jnp.asarray(x2)
    if is_integral(x1) and is_integral(x2):
        return jnp.divide(as_float(x1), as_float(x2))
    return jnp.divide(x1, x2)


@op
def divide_no_nan(x1: Array, x2: Array) -> Array:
    """Quotient, x1 / x2, and 0 wherever `x2` is 0.

    Args:
        x1: array of any shape.
        x2: array whose shape broadcasts with that of `x1`.

    Returns:
        A float tensor of the broadcast shape.

    >>> import nyala
    >>> nyala.ops.divide_no_nan([1.0, 2.0], [0.0, 4.0]).numpy()
    array([0. , 0.5], dtype=float32)
    """
    x2 = jnp.asarray(x2)
    # The divisor is replaced first: the unused branch of a `where` would make the gradient NaN.
    safe = jnp.where(x2 == 0, jnp.ones_like(x2), x2)
    quotient = _quotient(x1, safe)
    return jnp.where(x2 == 0, jnp.zeros_like(quotient), quotient)


@op
def floor_divide(x1: Array, x2: Array) -> Array:
    """Quotient rounded down to a whole number.

    Args:
        x1: array of any shape.
        x2: array whose shape broadcasts with that of `x1`.

    Returns:
        A tensor of the broadcast shape, in the promoted dtype.

    >>> import nyala
    >>> nyala.ops.floor_divide([7, -7], 2).numpy()
    array([ 3, -4], dtype=int32)
    """
    return jnp.floor_divide(x1, x2)


@op
def mod(x1: Array, x2: Array) -> Array:
    """Remainder of the division rounded down; it has the sign of `x2`.

    Args:
        x1: array of any shape.
        x2: array whose shape broadcasts with that of `x1`.

    Returns:
        A tensor of the broadcast shape, in the promoted dtype.

    >>> import nyala
    >>> nyala.ops.mod([7, -7], 3).numpy()
    array([1, 2], dtype=int32)
    """
    return jnp.mod(x1, x2)


@op
def fmod(x1: Array, x2: Array) -> Array:
    """Remainder of the division rounded toward 0; it has the sign of `x1`.

    Args:
        x1: array of any shape.
        x2: array whose shape broadcasts with that of `x1`.

    Returns:
        A tensor of the broadcast shape, in the promoted dtype.

    >>> import nyala
    >>> nyala.ops.fmod([7, -7], 3).numpy()
    array([ 1, -1], dtype=int32)
    """
    return jnp.fmod(x1, x2)


@op
def negative(x: Array) -> Array:
    """Opposite, -x.

    Args:
        x: array of any shape.

    Returns:
        A tensor of the shape of `x`.

    >>> import nyala
    >>> nyala.ops.negative([1, -2]).numpy()
    array([-1,  2], dtype=int32)
    """
    return jnp.negative(x)


@op
def positive(x: Array) -> Array:
    """The array itself, +x.

    Args:
        x: array of any shape.

    Returns:
        A tensor of the shape of `x`.

    >>> import nyala
    >>> nyala.ops.positive([1, -2]).numpy()
    array([ 1, -2], dtype=int32)
    """
    return jnp.positive(x)


@op
def reciprocal(x: Array) -> Array:
    """Reciprocal, 1 / x.

    Args:
        x: array of any shape.

    Returns:
        A float tensor of the shape of `x`; integers are computed in `floatx`.

    >>> import nyala
    >>> nyala.ops.reciprocal([2.0, 4.0]).numpy()
    array([0.5 , 0.25], dtype=float32)
    """
    return jnp.reciprocal(as_float(x))


@op
def absolute(x: Array) -> Array:
    """Absolute value; the modulus of complex numbers.

    Args:
        x: array of any shape.

    Returns:
        A tensor of the shape of `x`.

    >>> import nyala
    >>> nyala.ops.absolute([-1.5, 2.0]).numpy()
    array([1.5, 2. ], dtype=float32)
    """
    return jnp.absolute(x)


@op
def abs(x: Array) -> Array:
    """Absolute value: the same as `absolute`.

    Args:
        x: array of any shape.

    Returns:
        A tensor of the shape of `x`.

    >>> import nyala
    >>> nyala.ops.abs([-1.5, 2.0]).numpy()
    array([1.5, 2. ], dtype=float32)
    """
    return jnp.absolute(x)


@op
def fabs(x: Array) -> Array:
    """Absolute value as a float.

    Args:
        x: array of any shape.

    Returns:
        A float tensor of the shape of `x`; integers are computed in `floatx`.

    >>> import nyala
    >>> nyala.ops.fabs([-1, 2]).numpy()
    array([1., 2.], dtype=float32)
    """
    return jnp.fabs(as_float(x))


@op
def sign(x: Array) -> Array:
    """Sign: -1, 0 or 1.

    Args:
        x: array of any shape.

    Returns:
        A tensor of the shape of `x`.

    >>> import nyala
    >>> nyala.ops.sign([-2.0, 0.0, 3.0]).numpy()
    array([-1.,  0.,  1.], dtype=float32)
    """
    return jnp.sign(x)


@op
def heaviside(x1: Array, x2: Array) -> Array:
    """Step function: 0 where `x1` < 0, `x2` where it is 0, 1 where it is greater.

    Args:
        x1: array of any shape.
        x2: array whose shape broadcasts with that of `x1`.

    Returns:
        A float tensor of the broadcast shape.

    >>> import nyala
    >>> nyala.ops.heaviside([-1.0, 0.0, 2.0], 0.5).numpy()
    array([0. , 0.5, 1. ], dtype=float32)
    """
    return jnp.heaviside(*float_operands(x1, x2))


@op
def gcd(x1: Array, x2: Array) -> Array:
    """Greatest common divisor of integers.

    Args:
        x1: integers of any shape.
        x2: integers of a shape that broadcasts with that of `x1`.

    Returns:
        A tensor of the broadcast shape, in the promoted dtype.

    >>> import nyala
    >>> nyala.ops.gcd([12, 7], 8).numpy()
    array([4, 1], dtype=int32)
    """
    return jnp.gcd(x1, x2)


@op
def lcm(x1: Array, x2: Array) -> Array:
    """Least common multiple of integers.

    Args:
        x1: integers of any shape.
        x2: integers of a shape that broadcasts with that of `x1`.

    Returns:
        A tensor of the broadcast shape, in the promoted dtype.

    >>> import nyala
    >>> nyala.ops.lcm([4, 7], 6).numpy()
    array([12, 42], dtype=int32)
    """
    return jnp.lcm(x1, x2)
