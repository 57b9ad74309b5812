"""Trigonometric and hyperbolic functions, element by element."""

from __future__ import annotations

import jax.numpy as jnp

from nyala.eager import Array, op
from nyala.ops._dtypes import as_float, float_operands


@op
def sin(x: Array) -> Array:
    """Sine.

    Args:
        x: angles in radians, of any shape.

    Returns:
        A float tensor of the shape of `x`; integers are computed in `floatx`.

    >>> import nyala
    >>> nyala.ops.sin([0.0, 1.0]).numpy()
    array([0.        , 0.84147096], dtype=float32)
    """
    return jnp.sin(as_float(x))


@op
def cos(x: Array) -> Array:
    """Cosine.

    Args:
        x: angles in radians, of any shape.

    Returns:
        A float tensor of the shape of `x`; integers are computed in `floatx`.

    >>> import nyala
    >>> nyala.ops.cos([0.0, 1.0]).numpy()
    array([1.       , 0.5403023], dtype=float32)
    """
    return jnp.cos(as_float(x))


@op
def tan(x: Array) -> Array:
    """Tangent.

    Args:
        x: angles in radians, of any shape.

    Returns:
        A float tensor of the shape of `x`; integers are computed in `floatx`.

    >>> import nyala
    >>> nyala.ops.tan([0.0, 1.0]).numpy()
    array([0.       , 1.5574077], dtype=float32)
    """
    return jnp.tan(as_float(x))


@op
def arcsin(x: Array) -> Array:
    """Inverse sine, in radians between -π/2 and π/2.

    Args:
        x: values between -1 and 1, of any shape; NaN outside.

    Returns:
        A float tensor of the shape of `x`; integers are computed in `floatx`.

    >>> import nyala
    >>> nyala.ops.arcsin([0.0, 1.0]).numpy()
    array([0.       , 1.5707964], dtype=float32)
    """
    return jnp.arcsin(as_float(x))


@op
def arccos(x: Array) -> Array:
    """Inverse cosine, in radians between 0 and π.

    Args:
        x: values between -1 and 1, of any shape; NaN outside.

    Returns:
        A float tensor of the shape of `x`; integers are computed in `floatx`.

    >>> import nyala
    >>> nyala.ops.arccos([1.0, -1.0]).numpy()
    array([0.       , 3.1415927], dtype=float32)
    """
    return jnp.arccos(as_float(x))


@op
def arctan(x: Array) -> Array:
    """Inverse tangent, in radians between -π/2 and π/2.

    Args:
        x: array of any shape.

    Returns:
        A float tensor of the shape of `x`; integers are computed in `floatx`.

    >>> import nyala
    >>> nyala.ops.arctan([0.0, 1.0]).numpy()
    array([0.       , 0.7853981], dtype=float32)
    """
    return jnp.arctan(as_float(x))


@op
def arctan2(x1: Array, x2: Array) -> Array:
    """Angle in radians, between -π and π, of the point with ordinate `x1` and abscissa `x2`.

    Args:
        x1: ordinates, of any shape.
        x2: abscissas, of a shape that broadcasts with that of `x1`.

    Returns:
        A float tensor of the broadcast shape.

    >>> import nyala
    >>> nyala.ops.arctan2([1.0, -1.0], [1.0, -1.0]).numpy()
    array([ 0.7853982, -2.3561945], dtype=float32)
    """
    return jnp.arctan2(*float_operands(x1, x2))


@op
def sinh(x: Array) -> Array:
    """Hyperbolic sine.

    Args:
        x: array of any shape.

    Returns:
        A float tensor of the shape of `x`; integers are computed in `floatx`.

    >>> import nyala
    >>> nyala.ops.sinh([0.0, 1.0]).numpy()
    array([0.       , 1.1752012], dtype=float32)
    """
    return jnp.sinh(as_float(x))


@op
def cosh(x: Array) -> Array:
    """Hyperbolic cosine.

    Args:
        x: array of any shape.

    Returns:
        A float tensor of the shape of `x`; integers are computed in `floatx`.

    >>> import nyala
    >>> nyala.ops.cosh([0.0, 1.0]).numpy()
    array([1.       , 1.5430806], dtype=float32)
    """
    return jnp.cosh(as_float(x))


@op
def tanh(x: Array) -> Array:
    """Hyperbolic tangent, between -1 and 1.

    Args:
        x: array of any shape.

    Returns:
        A float tensor of the shape of `x`; integers are computed in `floatx`.

    >>> import nyala
    >>> nyala.ops.tanh([0.0, 1.0]).numpy()
    array([0.       , 0.7615942], dtype=float32)
    """
    return jnp.tanh(as_float(x))


@op
def arcsinh(x: Array) -> Array:
    """Inverse hyperbolic sine.

    Args:
        x: array of any shape.

    Returns:
        A float tensor of the shape of `x`; integers are computed in `floatx`.

    >>> import nyala
    >>> nyala.ops.arcsinh([0.0, 1.0]).numpy()
    array([0.        , 0.88137364], dtype=float32)
    """
    return jnp.arcsinh(as_float(x))


@op
def arccosh(x: Array) -> Array:
    """Inverse hyperbolic cosine.

    Args:
        x: values from 1 upward, of any shape; NaN below.

    Returns:
        A float tensor of the shape of `x`; integers are computed in `floatx`.

    >>> import nyala
    >>> nyala.ops.arccosh([1.0, 2.0]).numpy()
    array([0.      , 1.316958], dtype=float32)
    """
    return jnp.arccosh(as_float(x))


@op
def arctanh(x: Array) -> Array:
    """Inverse hyperbolic tangent.

    Args:
        x: values between -1 and 1, of any shape; NaN outside.

    Returns:
        A float tensor of the shape of `x`; integers are computed in `floatx`.

    >>> import nyala
    >>> nyala.ops.arctanh([0.0, 0.5]).numpy()
    array([0.        , 0.54930615], dtype=float32)
    """
    return jnp.arctanh(as_float(x))


@op
def sinc(x: Array) -> Array:
    """Normalized sinc, sin(πx) / (πx), with the value 1 at 0.

    Args:
        x: array of any shape.

    Returns:
        A float tensor of the shape of `x`; integers are computed in `floatx`.

    >>> import nyala
    >>> nyala.ops.sinc([0.0, 0.5]).numpy()
    array([1.        , 0.63661975], dtype=float32)
    """
    return jnp.sinc(as_float(x))


@op
def deg2rad(x: Array) -> Array:
    """Degrees to radians.

    Args:
        x: angles in degrees, of any shape.

    Returns:
        A float tensor of the shape of `x`; integers are computed in `floatx`.

    >>> import nyala
    >>> nyala.ops.deg2rad([0.0, 180.0]).numpy()
    array([0.       , 3.1415927], dtype=float32)
    """
    return jnp.deg2rad(as_float(x))


@op
def rad2deg(x: Array) -> Array:
    """Radians to degrees.

    Args:
        x: angles in radians, of any shape.

    Returns:
        A float tensor of the shape of `x`; integers are computed in `floatx`.

    >>> import nyala
    >>> nyala.ops.rad2deg([0.0, 1.0]).numpy()
    array([ 0.     , 57.29578], dtype=float32)
    """
    return jnp.rad2deg(as_float(x))


@op
def hypot(x1: Array, x2: Array) -> Array:
    """Length of the hypotenuse, √(x1² + x2²), without overflow on the way.

    Args:
        x1: array of any shape.
        x2: array whose shape broadcasts with that of `x1`.

    Returns:
        A float tensor of the broadcast shape.

    >>> import nyala
    >>> nyala.ops.hypot([3.0, 5.0], [4.0, 12.0]).numpy()
    array([ 5.      , 12.999999], dtype=float32)
    """
    return jnp.hypot(*float_operands(x1, x2))
