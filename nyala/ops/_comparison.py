"""Comparisons and tests of numbers, element by element."""

from __future__ import annotations

import jax.numpy as jnp

from nyala.eager import Array, op
from nyala.ops._host import compare


@op
def equal(x1: Array, x2: Array) -> Array:
    """Whether x1 = x2. Strings compare too.

    Args:
        x1: array of any shape.
        x2: array whose shape broadcasts with that of `x1`.

    Returns:
        A boolean tensor of the broadcast shape.

    >>> import nyala
    >>> nyala.ops.equal([1, 2], [1, 3]).numpy()
    array([ True, False])
    """
    return compare(jnp.equal, x1, x2)


@op
def not_equal(x1: Array, x2: Array) -> Array:
    """Whether x1 ≠ x2. Strings compare too.

    Args:
        x1: array of any shape.
        x2: array whose shape broadcasts with that of `x1`.

    Returns:
        A boolean tensor of the broadcast shape.

    >>> import nyala
    >>> nyala.ops.not_equal([1, 2], [1, 3]).numpy()
    array([False,  True])
    """
    return compare(jnp.not_equal, x1, x2)


@op
def greater(x1: Array, x2: Array) -> Array:
    """Whether x1 > x2.

    Args:
        x1: array of any shape.
        x2: array whose shape broadcasts with that of `x1`.

    Returns:
        A boolean tensor of the broadcast shape.

    >>> import nyala
    >>> nyala.ops.greater([1, 2], 1).numpy()
    array([False,  True])
    """
    return compare(jnp.greater, x1, x2)


@op
def greater_equal(x1: Array, x2: Array) -> Array:
    """Whether x1 ≥ x2.

    Args:
        x1: array of any shape.
        x2: array whose shape broadcasts with that of `x1`.

    Returns:
        A boolean tensor of the broadcast shape.

    >>> import nyala
    >>> nyala.ops.greater_equal([1, 2], 2).numpy()
    array([False,  True])
    """
    return compare(jnp.greater_equal, x1, x2)


@op
def less(x1: Array, x2: Array) -> Array:
    """Whether x1 < x2.

    Args:
        x1: array of any shape.
        x2: array whose shape broadcasts with that of `x1`.

    Returns:
        A boolean tensor of the broadcast shape.

    >>> import nyala
    >>> nyala.ops.less([1, 2], 2).numpy()
    array([ True, False])
    """
    return compare(jnp.less, x1, x2)


@op
def less_equal(x1: Array, x2: Array) -> Array:
    """Whether x1 ≤ x2.

    Args:
        x1: array of any shape.
        x2: array whose shape broadcasts with that of `x1`.

    Returns:
        A boolean tensor of the broadcast shape.

    >>> import nyala
    >>> nyala.ops.less_equal([1, 2], 1).numpy()
    array([ True, False])
    """
    return compare(jnp.less_equal, x1, x2)


@op
def isclose(
    x1: Array, x2: Array, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False
) -> Array:
    """Whether two numbers are nearly equal: |x1 - x2| ≤ atol + rtol · |x2|.

    Args:
        x1: array of any shape.
        x2: array whose shape broadcasts with that of `x1`.
        rtol: relative tolerance.
        atol: absolute tolerance.
        equal_nan: whether NaN equals NaN.

    Returns:
        A boolean tensor of the broadcast shape.

    >>> import nyala
    >>> nyala.ops.isclose([1.0, 2.0], [1.0000001, 2.1]).numpy()
    array([ True, False])
    """
    return jnp.isclose(x1, x2, rtol, atol, equal_nan)


@op
def allclose(
    x1: Array, x2: Array, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False
) -> Array:
    """Whether all numbers are nearly equal (see `isclose`).

    Args:
        x1: array of any shape.
        x2: array whose shape broadcasts with that of `x1`.
        rtol: relative tolerance.
        atol: absolute tolerance.
        equal_nan: whether NaN equals NaN.

    Returns:
        A boolean scalar.

    >>> import nyala
    >>> bool(nyala.ops.allclose([1.0, 2.0], [1.0000001, 2.0]))
    True
    """
    return jnp.allclose(x1, x2, rtol, atol, equal_nan)


@op
def isnan(x: Array) -> Array:
    """Whether an element is NaN.

    Args:
        x: array of any shape.

    Returns:
        A boolean tensor of the shape of `x`.

    >>> import nyala
    >>> nyala.ops.isnan([1.0, float("nan")]).numpy()
    array([False,  True])
    """
    return jnp.isnan(x)


@op
def isfinite(x: Array) -> Array:
    """Whether an element is neither infinite nor NaN.

    Args:
        x: array of any shape.

    Returns:
        A boolean tensor of the shape of `x`.

    >>> import nyala
    >>> nyala.ops.isfinite([1.0, float("inf")]).numpy()
    array([ True, False])
    """
    return jnp.isfinite(x)


@op
def isinf(x: Array) -> Array:
    """Whether an element is +inf or -inf.

    Args:
        x: array of any shape.

    Returns:
        A boolean tensor of the shape of `x`.

    >>> import nyala
    >>> nyala.ops.isinf([1.0, -float("inf")]).numpy()
    array([False,  True])
    """
    return jnp.isinf(x)


@op
def isposinf(x: Array) -> Array:
    """Whether an element is +inf.

    Args:
        x: array of any shape.

    Returns:
        A boolean tensor of the shape of `x`.

    >>> import nyala
    >>> nyala.ops.isposinf([1.0, float("inf")]).numpy()
    array([False,  True])
    """
    return jnp.isposinf(x)


@op
def isneginf(x: Array) -> Array:
    """Whether an element is -inf.

    Args:
        x: array of any shape.

    Returns:
        A boolean tensor of the shape of `x`.

    >>> import nyala
    >>> nyala.ops.isneginf([1.0, -float("inf")]).numpy()
    array([False,  True])
    """
    return jnp.isneginf(x)


@op
def isreal(x: Array) -> Array:
    """Whether an element has no imaginary part.

    Args:
        x: array of any shape.

    Returns:
        A boolean tensor of the shape of `x`.

    >>> import nyala
    >>> nyala.ops.isreal([1 + 0j, 1 + 2j]).numpy()
    array([ True, False])
    """
    return jnp.isreal(x)
