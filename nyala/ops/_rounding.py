"""Rounding, bounds and the bits of floating-point numbers, element by element."""

from __future__ import annotations

import jax.numpy as jnp

from nyala.eager import Array, op
from nyala.ops._dtypes import as_float, is_integral


@op
def ceil(x: Array) -> Array:
    """The least whole number not below `x`.

    Args:
        x: array of any shape.

    Returns:
        A float tensor of the shape of `x`; integers are computed in `floatx`.

    >>> import nyala
    >>> nyala.ops.ceil([1.2, -1.2]).numpy()
    array([ 2., -1.], dtype=float32)
    """
    return jnp.ceil(as_float(x))


@op
def floor(x: Array) -> Array:
    """The greatest whole number not above `x`.

    Args:
        x: array of any shape.

    Returns:
        A float tensor of the shape of `x`; integers are computed in `floatx`.

    >>> import nyala
    >>> nyala.ops.floor([1.2, -1.2]).numpy()
    array([ 1., -2.], dtype=float32)
    """
    return jnp.floor(as_float(x))


@op
def trunc(x: Array) -> Array:
    """The whole number next to `x` on the side of 0.

    Args:
        x: array of any shape.

    Returns:
        A tensor of the shape of `x`.

    >>> import nyala
    >>> nyala.ops.trunc([1.7, -1.7]).numpy()
    array([ 1., -1.], dtype=float32)
    """
    x = jnp.asarray(x)
    return x if is_integral(x) else jnp.trunc(x)


@op
def round(x: Array, decimals: int = 0) -> Array:
    """The nearest number with this many decimals; halves go to the even digit.

    Args:
        x: array of any shape.
        decimals: digits behind the point; negative numbers round to tens, hundreds and so
            on.

    Returns:
        A tensor of the shape and dtype of `x`.

    >>> import nyala
    >>> nyala.ops.round([1.25, 2.5, 3.5]).numpy()
    array([1., 2., 4.], dtype=float32)
    >>> nyala.ops.round([1.26], decimals=1).numpy()
    array([1.3000001], dtype=float32)
    """
    x = jnp.asarray(x)
    if decimals < 0 and is_integral(x):
        factor = 10.0**-decimals
        return (jnp.round(as_float(x) / factor) * factor).astype(x.dtype)
    return jnp.round(x, decimals)


@op
def clip(x: Array, x_min: Array, x_max: Array) -> Array:
    """`x` held within bounds.

    Args:
        x: array of any shape.
        x_min: lower bound, of a shape that broadcasts; `None` for none.
        x_max: upper bound, of a shape that broadcasts; `None` for none.

    Returns:
        A tensor of the broadcast shape; booleans become int32.

    >>> import nyala
    >>> nyala.ops.clip([-2.0, 0.5, 3.0], 0, 1).numpy()
    array([0. , 0.5, 1. ], dtype=float32)
    """
    x = jnp.asarray(x)
    if x.dtype == jnp.bool_:
        x = x.astype("int32")
    return jnp.clip(x, x_min, x_max)


@op
def maximum(x1: Array, x2: Array) -> Array:
    """The greater of two numbers; NaN where either is NaN.

    Args:
        x1: array of any shape.
        x2: array whose shape broadcasts with that of `x1`.

    Returns:
        A tensor of the broadcast shape, in the promoted dtype.

    >>> import nyala
    >>> nyala.ops.maximum([1, 5], [3, 2]).numpy()
    array([3, 5], dtype=int32)
    """
    return jnp.maximum(x1, x2)


@op
def minimum(x1: Array, x2: Array) -> Array:
    """The lesser of two numbers; NaN where either is NaN.

    Args:
        x1: array of any shape.
        x2: array whose shape broadcasts with that of `x1`.

    Returns:
        A tensor of the broadcast shape, in the promoted dtype.

    >>> import nyala
    >>> nyala.ops.minimum([1, 5], [3, 2]).numpy()
    array([1, 2], dtype=int32)
    """
    return jnp.minimum(x1, x2)


@op
def fmax(x1: Array, x2: Array) -> Array:
    """The greater of two numbers; a NaN gives way to the other.

    Args:
        x1: array of any shape.
        x2: array whose shape broadcasts with that of `x1`.

    Returns:
        A tensor of the broadcast shape, in the promoted dtype.

    >>> import nyala
    >>> nyala.ops.fmax([1.0, float("nan")], [3.0, 2.0]).numpy()
    array([3., 2.], dtype=float32)
    """
    return jnp.fmax(x1, x2)


@op
def fmin(x1: Array, x2: Array) -> Array:
    """The lesser of two numbers; a NaN gives way to the other.

    Args:
        x1: array of any shape.
        x2: array whose shape broadcasts with that of `x1`.

    Returns:
        A tensor of the broadcast shape, in the promoted dtype.

    >>> import nyala
    >>> nyala.ops.fmin([1.0, float("nan")], [3.0, 2.0]).numpy()
    array([1., 2.], dtype=float32)
    """
    return jnp.fmin(x1, x2)


@op
def nextafter(x1: Array, x2: Array) -> Array:
    """The floating-point number next to `x1` in the direction of `x2`.

    Args:
        x1: array of any shape.
        x2: array whose shape broadcasts with that of `x1`.

    Returns:
        A float tensor of the broadcast shape.

    >>> import nyala
    >>> nyala.ops.nextafter([1.0], [2.0]).numpy() > 1.0
    array([ True])
    """
    return jnp.nextafter(x1, x2)


@op
def signbit(x: Array) -> Array:
    """Whether the sign bit is set, which is so for -0.0 too.

    Args:
        x: array of any shape.

    Returns:
        A boolean tensor of the shape of `x`.

    >>> import nyala
    >>> nyala.ops.signbit([-0.0, 0.0, -3.0]).numpy()
    array([ True, False,  True])
    """
    return jnp.signbit(x)


@op
def ldexp(x1: Array, x2: Array) -> Array:
    """x1 · 2^x2.

    Args:
        x1: array of any shape.
        x2: integers of a shape that broadcasts with that of `x1`.

    Returns:
        A float tensor of the broadcast shape.

    Raises:
        TypeError: `x2` does not hold integers.

    >>> import nyala
    >>> nyala.ops.ldexp([1.0, 0.5], [3, 2]).numpy()
    array([8., 2.], dtype=float32)
    """
    x2 = jnp.asarray(x2)
    if not jnp.issubdtype(x2.dtype, jnp.integer):
        raise TypeError(f"the exponents x2 must be integers; got {x2.dtype}.")
    return jnp.ldexp(as_float(x1), x2)


@op
def nan_to_num(
    x: Array, nan: float = 0.0, posinf: float | None = None, neginf: float | None = None
) -> Array:
    """`x` with NaN and infinities replaced.

    Args:
        x: array of any shape.
        nan: what stands for NaN.
        posinf: what stands for +inf; the greatest finite number by default.
        neginf: what stands for -inf; the least finite number by default.

    Returns:
        A tensor of the shape and dtype of `x`.

    >>> import nyala
    >>> nyala.ops.nan_to_num([1.0, float("nan")]).numpy()
    array([1., 0.], dtype=float32)
    """
    return jnp.nan_to_num(x, nan=nan, posinf=posinf, neginf=neginf)
