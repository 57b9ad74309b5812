"""Axes reduced to one value: sums, products, extremes, truth."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from nyala.eager import Array, op
from nyala.ops._dtypes import as_float, optional_dtype


@op
def sum(x: Array, axis: Any = None, keepdims: bool = False) -> Array:
    """Sum.

    Args:
        x: array of any shape.
        axis: an axis or a tuple of them; all by default.
        keepdims: whether the axes stay, with length 1.

    Returns:
        A tensor without these axes; booleans and small integers are added up in 32 bits.

    >>> import nyala
    >>> nyala.ops.sum([[1.0, 2.0], [3.0, 4.0]], axis=1).numpy()
    array([3., 7.], dtype=float32)
    """
    return jnp.sum(x, axis, keepdims=keepdims)


@op
def prod(x: Array, axis: Any = None, keepdims: bool = False, dtype: Any = None) -> Array:
    """Product.

    Args:
        x: array of any shape.
        axis: an axis or a tuple of them; all by default.
        keepdims: whether the axes stay, with length 1.
        dtype: the result's dtype; by default that of `x`, small integers in 32 bits.

    Returns:
        A tensor without these axes.

    >>> import nyala
    >>> nyala.ops.prod([[1.0, 2.0], [3.0, 4.0]], axis=1).numpy()
    array([ 2., 12.], dtype=float32)
    """
    return jnp.prod(x, axis, optional_dtype(dtype), keepdims=keepdims)


@op
def mean(x: Array, axis: Any = None, keepdims: bool = False) -> Array:
    """Mean.

    Args:
        x: array of any shape.
        axis: an axis or a tuple of them; all by default.
        keepdims: whether the axes stay, with length 1.

    Returns:
        A float tensor without these axes; the mean of integers is in `floatx`.

    >>> import nyala
    >>> nyala.ops.mean([[1.0, 2.0], [3.0, 4.0]], axis=0).numpy()
    array([2., 3.], dtype=float32)
    """
    x = jnp.asarray(x)
    dtype = as_float(x).dtype
    # 16-bit floats are summed up in 32 bits: their sums overflow and round early.
    mean = jnp.mean(x, axis, dtype=jnp.promote_types(dtype, "float32"), keepdims=keepdims)
    return mean.astype(dtype)


@op
def var(x: Array, axis: Any = None, keepdims: bool = False) -> Array:
    """Variance: the mean squared distance from the mean.

    Args:
        x: array of any shape.
        axis: an axis or a tuple of them; all by default.
        keepdims: whether the axes stay, with length 1.

    Returns:
        A float tensor without these axes.

    >>> import nyala
    >>> nyala.ops.var([[1.0, 3.0], [3.0, 7.0]], axis=1).numpy()
    array([1., 4.], dtype=float32)
    """
    return _variance(x, axis, keepdims)


@op
def std(x: Array, axis: Any = None, keepdims: bool = False) -> Array:
    """Standard deviation: the square root of the variance.

    Args:
        x: array of any shape.
        axis: an axis or a tuple of them; all by default.
        keepdims: whether the axes stay, with length 1.

    Returns:
        A float tensor without these axes.

    >>> import nyala
    >>> nyala.ops.std([[1.0, 3.0], [3.0, 7.0]], axis=1).numpy()
    array([1., 2.], dtype=float32)
    """
    return jnp.sqrt(_variance(x, axis, keepdims))


def _variance(x: Array, axis: Any, keepdims: bool) -> Array:
    x = as_float(x)
    wide = jnp.promote_types(x.dtype, "float32")
    variance = jnp.var(x, axis, dtype=wide, keepdims=keepdims)
    return variance.astype(jnp.finfo(x.dtype).dtype)


@op
def max(x: Array, axis: Any = None, keepdims: bool = False, initial: Any = None) -> Array:
    """Greatest value.

    Args:
        x: array of any shape.
        axis: an axis or a tuple of them; all by default.
        keepdims: whether the axes stay, with length 1.
        initial: a number that takes part too; needed where an axis has length 0.

    Returns:
        A tensor without these axes.

    >>> import nyala
    >>> nyala.ops.max([[1, 5], [3, 2]], axis=1).numpy()
    array([5, 3], dtype=int32)
    """
    return jnp.max(x, axis, keepdims=keepdims, initial=initial)


@op
def min(x: Array, axis: Any = None, keepdims: bool = False, initial: Any = None) -> Array:
    """Least value.

    Args:
        x: array of any shape.
        axis: an axis or a tuple of them; all by default.
        keepdims: whether the axes stay, with length 1.
        initial: a number that takes part too; needed where an axis has length 0.

    Returns:
        A tensor without these axes.

    >>> import nyala
    >>> nyala.ops.min([[1, 5], [3, 2]], axis=1).numpy()
    array([1, 2], dtype=int32)
    """
    return jnp.min(x, axis, keepdims=keepdims, initial=initial)


@op
def amax(x: Array, axis: Any = None, keepdims: bool = False) -> Array:
    """Greatest value: the same as `max`.

    Args:
        x: array of any shape.
        axis: an axis or a tuple of them; all by default.
        keepdims: whether the axes stay, with length 1.

    Returns:
        A tensor without these axes.

    >>> import nyala
    >>> nyala.ops.amax([[1, 5], [3, 2]], axis=1).numpy()
    array([5, 3], dtype=int32)
    """
    return jnp.max(x, axis, keepdims=keepdims)


@op
def amin(x: Array, axis: Any = None, keepdims: bool = False) -> Array:
    """Least value: the same as `min`.

    Args:
        x: array of any shape.
        axis: an axis or a tuple of them; all by default.
        keepdims: whether the axes stay, with length 1.

    Returns:
        A tensor without these axes.

    >>> import nyala
    >>> nyala.ops.amin([[1, 5], [3, 2]], axis=1).numpy()
    array([1, 2], dtype=int32)
    """
    return jnp.min(x, axis, keepdims=keepdims)


@op
def ptp(x: Array, axis: Any = None, keepdims: bool = False) -> Array:
    """Distance between the greatest and the least value.

    Args:
        x: array of any shape.
        axis: an axis or a tuple of them; all by default.
        keepdims: whether the axes stay, with length 1.

    Returns:
        A tensor without these axes.

    >>> import nyala
    >>> nyala.ops.ptp([[1, 5], [3, 2]], axis=1).numpy()
    array([4, 1], dtype=int32)
    """
    return jnp.ptp(jnp.asarray(x), axis, keepdims=keepdims)


@op
def all(x: Array, axis: Any = None, keepdims: bool = False) -> Array:
    """Whether all are true.

    Args:
        x: array of any shape.
        axis: an axis or a tuple of them; all by default.
        keepdims: whether the axes stay, with length 1.

    Returns:
        A boolean tensor without these axes.

    >>> import nyala
    >>> nyala.ops.all([[True, False], [True, True]], axis=1).numpy()
    array([False,  True])
    """
    return jnp.all(x, axis, keepdims=keepdims)


@op
def any(x: Array, axis: Any = None, keepdims: bool = False) -> Array:
    """Whether at least one is true.

    Args:
        x: array of any shape.
        axis: an axis or a tuple of them; all by default.
        keepdims: whether the axes stay, with length 1.

    Returns:
        A boolean tensor without these axes.

    >>> import nyala
    >>> nyala.ops.any([[True, False], [False, False]], axis=1).numpy()
    array([ True, False])
    """
    return jnp.any(x, axis, keepdims=keepdims)


@op
def count_nonzero(x: Array, axis: Any = None) -> Array:
    """How many elements are not 0.

    Args:
        x: array of any shape.
        axis: an axis or a tuple of them; all by default.

    Returns:
        An int32 tensor without these axes.

    >>> import nyala
    >>> nyala.ops.count_nonzero([[1, 0], [3, 2]], axis=1).numpy()
    array([1, 2], dtype=int32)
    """
    return jnp.count_nonzero(x, axis).astype("int32")


@op
def logsumexp(x: Array, axis: Any = None, keepdims: bool = False) -> Array:
    """log(sum(exp(x))), without overflow on the way.

    Args:
        x: array of any shape.
        axis: an axis or a tuple of them; all by default.
        keepdims: whether the axes stay, with length 1.

    Returns:
        A float tensor without these axes.

    >>> import nyala
    >>> nyala.ops.logsumexp([1000.0, 1000.0]).numpy()
    array(1000.6932, dtype=float32)
    """
    return jax.scipy.special.logsumexp(as_float(x), axis, keepdims=keepdims)


@op
def argmax(x: Array, axis: Any = None, keepdims: bool = False) -> Array:
    """Index of the greatest value; the first of equals.

    Args:
        x: array of any shape.
        axis: one axis; by default the index counts all elements row by row.
        keepdims: whether the axes stay, with length 1.

    Returns:
        An int32 tensor without this axis.

    >>> import nyala
    >>> nyala.ops.argmax([[1, 5], [3, 2]], axis=1).numpy()
    array([1, 0], dtype=int32)
    """
    return jnp.argmax(x, axis, keepdims=keepdims)


@op
def argmin(x: Array, axis: Any = None, keepdims: bool = False) -> Array:
    """Index of the least value; the first of equals.

    Args:
        x: array of any shape.
        axis: one axis; by default the index counts all elements row by row.
        keepdims: whether the axes stay, with length 1.

    Returns:
        An int32 tensor without this axis.

    >>> import nyala
    >>> nyala.ops.argmin([[1, 5], [3, 2]], axis=1).numpy()
    array([0, 1], dtype=int32)
    """
    return jnp.argmin(x, axis, keepdims=keepdims)
