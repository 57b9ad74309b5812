"""Running sums and products, differences and areas along an axis."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from nyala.eager import Array, op
from nyala.ops._dtypes import optional_dtype


@op
def cumsum(x: Array, axis: int | None = None, dtype: Any = None) -> Array:
    """Running sum.

    Args:
        x: array of any shape.
        axis: one axis; by default all elements in one row.
        dtype: the result's dtype; that of `x` by default, small integers in 32 bits.

    Returns:
        A tensor of the shape of `x`.

    >>> import nyala
    >>> nyala.ops.cumsum([1, 2, 3]).numpy()
    array([1, 3, 6], dtype=int32)
    """
    return jnp.cumsum(x, axis, optional_dtype(dtype))


@op
def cumprod(x: Array, axis: int | None = None, dtype: Any = None) -> Array:
    """Running product.

    Args:
        x: array of any shape.
        axis: one axis; by default all elements in one row.
        dtype: the result's dtype; that of `x` by default, small integers in 32 bits.

    Returns:
        A tensor of the shape of `x`.

    >>> import nyala
    >>> nyala.ops.cumprod([1, 2, 3]).numpy()
    array([1, 2, 6], dtype=int32)
    """
    return jnp.cumprod(x, axis, optional_dtype(dtype))


@op
def diff(a: Array, n: int = 1, axis: int = -1) -> Array:
    """Differences of neighbours, taken `n` times.

    Args:
        a: array with at least one axis.
        n: how many times.
        axis: the axis along which neighbours stand.

    Returns:
        A tensor, shorter by `n` along `axis`.

    >>> import nyala
    >>> nyala.ops.diff([1, 4, 9, 16]).numpy()
    array([3, 5, 7], dtype=int32)
    """
    return jnp.diff(jnp.asarray(a), n, axis)


@op
def trapezoid(y: Array, x: Array | None = None, dx: Array = 1.0, axis: int = -1) -> Array:
    """Area under a curve by the trapezoidal rule.

    Args:
        y: ordinates, with at least one axis.
        x: abscissas, of the shape of `y` or with one axis; equally spaced by default.
        dx: distance between neighbours where `x` is not given.
        axis: the axis along which to integrate.

    Returns:
        A tensor without this axis.

    >>> import nyala
    >>> nyala.ops.trapezoid([1.0, 2.0, 3.0]).numpy()
    array(4., dtype=float32)
    """
    return jnp.trapezoid(jnp.asarray(y), x, dx, axis)
