"""Reductions in which NaN does not count."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from nyala.eager import Array, op
from nyala.ops._dtypes import as_float, optional_dtype


@op
def nansum(x: Array, axis: Any = None, keepdims: bool = False) -> Array:
    """Sum of the values that are not NaN.

    Args:
        x: array of any shape.
        axis: an axis or a tuple of them; all by default.
        keepdims: whether the axes stay, with length 1.

    Returns:
        A tensor without these axes.

    >>> import nyala
    >>> nyala.ops.nansum([1.0, float("nan"), 3.0]).numpy()
    array(4., dtype=float32)
    """
    return jnp.nansum(x, axis, keepdims=keepdims)


@op
def nanprod(x: Array, axis: Any = None, keepdims: bool = False) -> Array:
    """Product of the values that are not NaN.

    Args:
        x: array of any shape.
        axis: an axis or a tuple of them; all by default.
        keepdims: whether the axes stay, with length 1.

    Returns:
        A tensor without these axes.

    >>> import nyala
    >>> nyala.ops.nanprod([1.0, float("nan"), 3.0]).numpy()
    array(3., dtype=float32)
    """
    return jnp.nanprod(x, axis, keepdims=keepdims)


@op
def nanmean(x: Array, axis: Any = None, keepdims: bool = False) -> Array:
    """Mean of the values that are not NaN.

    Args:
        x: array of any shape.
        axis: an axis or a tuple of them; all by default.
        keepdims: whether the axes stay, with length 1.

    Returns:
        A float tensor without these axes. NaN where nothing is left.

    >>> import nyala
    >>> nyala.ops.nanmean([1.0, float("nan"), 3.0]).numpy()
    array(2., dtype=float32)
    """
    return jnp.nanmean(as_float(x), axis, keepdims=keepdims)


@op
def nanvar(x: Array, axis: Any = None, keepdims: bool = False) -> Array:
    """Variance of the values that are not NaN.

    Args:
        x: array of any shape.
        axis: an axis or a tuple of them; all by default.
        keepdims: whether the axes stay, with length 1.

    Returns:
        A float tensor without these axes.

    >>> import nyala
    >>> nyala.ops.nanvar([1.0, float("nan"), 3.0]).numpy()
    array(1., dtype=float32)
    """
    return jnp.nanvar(as_float(x), axis, keepdims=keepdims)


@op
def nanstd(x: Array, axis: Any = None, keepdims: bool = False) -> Array:
    """Standard deviation of the values that are not NaN.

    Args:
        x: array of any shape.
        axis: an axis or a tuple of them; all by default.
        keepdims: whether the axes stay, with length 1.

    Returns:
        A float tensor without these axes.

    >>> import nyala
    >>> nyala.ops.nanstd([1.0, float("nan"), 3.0]).numpy()
    array(1., dtype=float32)
    """
    return jnp.nanstd(as_float(x), axis, keepdims=keepdims)


@op
def nanmax(x: Array, axis: Any = None, keepdims: bool = False) -> Array:
    """Greatest value that is not NaN.

    Args:
        x: array of any shape.
        axis: an axis or a tuple of them; all by default.
        keepdims: whether the axes stay, with length 1.

    Returns:
        A tensor without these axes.

    >>> import nyala
    >>> nyala.ops.nanmax([1.0, float("nan"), 3.0]).numpy()
    array(3., dtype=float32)
    """
    return jnp.nanmax(x, axis, keepdims=keepdims)


@op
def nanmin(x: Array, axis: Any = None, keepdims: bool = False) -> Array:
    """Least value that is not NaN.

    Args:
        x: array of any shape.
        axis: an axis or a tuple of them; all by default.
        keepdims: whether the axes stay, with length 1.

    Returns:
        A tensor without these axes.

    >>> import nyala
    >>> nyala.ops.nanmin([1.0, float("nan"), 3.0]).numpy()
    array(1., dtype=float32)
    """
    return jnp.nanmin(x, axis, keepdims=keepdims)


@op
def nanargmax(x: Array, axis: Any = None, keepdims: bool = False) -> Array:
    """Index of the greatest value that is not NaN; -1 where all are.

    Args:
        x: array of any shape.
        axis: one axis; by default the index counts all elements row by row.
        keepdims: whether the axes stay, with length 1.

    Returns:
        An int32 tensor without this axis.

    >>> import nyala
    >>> nyala.ops.nanargmax([1.0, float("nan"), 3.0]).numpy()
    array(2, dtype=int32)
    """
    return jnp.nanargmax(x, axis, keepdims=keepdims)


@op
def nanargmin(x: Array, axis: Any = None, keepdims: bool = False) -> Array:
    """Index of the least value that is not NaN; -1 where all are.

    Args:
        x: array of any shape.
        axis: one axis; by default the index counts all elements row by row.
        keepdims: whether the axes stay, with length 1.

    Returns:
        An int32 tensor without this axis.

    >>> import nyala
    >>> nyala.ops.nanargmin([1.0, float("nan"), 3.0]).numpy()
    array(0, dtype=int32)
    """
    return jnp.nanargmin(x, axis, keepdims=keepdims)


@op
def nancumsum(x: Array, axis: int | None = None, dtype: Any = None) -> Array:
    """Running sum in which NaN counts as 0.

    Args:
        x: array of any shape.
        axis: one axis; by default all elements in one row.
        dtype: the result's dtype; that of `x` by default, small integers in 32 bits.

    Returns:
        A tensor of the shape of `x`.

    >>> import nyala
    >>> nyala.ops.nancumsum([1.0, float("nan"), 3.0]).numpy()
    array([1., 1., 4.], dtype=float32)
    """
    return jnp.nancumsum(x, axis, optional_dtype(dtype))


@op
def nancumprod(x: Array, axis: int | None = None, dtype: Any = None) -> Array:
    """Running product in which NaN counts as 1.

    Args:
        x: array of any shape.
        axis: one axis; by default all elements in one row.
        dtype: the result's dtype; that of `x` by default, small integers in 32 bits.

    Returns:
        A tensor of the shape of `x`.

    >>> import nyala
    >>> nyala.ops.nancumprod([1.0, float("nan"), 3.0]).numpy()
    array([1., 1., 3.], dtype=float32)
    """
    return jnp.nancumprod(x, axis, optional_dtype(dtype))
