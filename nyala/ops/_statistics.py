"""Weighted means, correlations, histograms and counts."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np

from nyala.eager import Array, op
from nyala.ops._dtypes import as_float, float_operands
from nyala.ops._selection import concrete


@op
def average(x: Array, axis: Any = None, weights: Array | None = None) -> Array:
    """Weighted mean.

    Args:
        x: array of any shape.
        axis: an axis or a tuple of them; all by default.
        weights: array of the shape of `x`, or with one axis as long as `axis`; all equal by
            default.

    Returns:
        A float tensor without these axes.

    >>> import nyala
    >>> nyala.ops.average([1.0, 2.0], weights=[3.0, 1.0]).numpy()
    array(1.25, dtype=float32)
    """
    if weights is None:
        return jnp.average(as_float(x), axis)
    x, weights = float_operands(x, weights)
    return jnp.average(x, axis, weights)


@op
def corrcoef(x: Array) -> Array:
    """Pearson's correlation coefficients of variables.

    Args:
        x: array of shape `(variables, observations)`.

    Returns:
        A float tensor of shape `(variables, variables)`.

    >>> import nyala
    >>> nyala.ops.corrcoef([[1.0, 2.0, 3.0], [2.0, 4.0, 7.0]]).numpy()
    array([[1.        , 0.99339926],
           [0.99339926, 1.        ]], dtype=float32)
    """
    return jnp.corrcoef(as_float(x))


@op
def correlate(x1: Array, x2: Array, mode: str = "valid") -> Array:
    """Cross-correlation: the sums of products of one vector and another moved along it.

    Args:
        x1: array with one axis.
        x2: array with one axis.
        mode: which positions: `"valid"` where they overlap wholly, `"same"` as many as the
            longer is long, `"full"` wherever they overlap.

    Returns:
        A tensor with one axis.

    >>> import nyala
    >>> nyala.ops.correlate([1.0, 2.0, 3.0], [0.0, 1.0]).numpy()
    array([2., 3.], dtype=float32)
    """
    return jnp.correlate(jnp.asarray(x1), jnp.asarray(x2), mode)


@op
def histogram(x: Array, bins: Any = 10, range: Any = None) -> tuple:
    """How many elements lie in each interval.

    Args:
        x: array of any shape.
        bins: the number of intervals of equal width, or a list of their borders.
        range: the first and the last border; by default the least and the greatest element.

    Returns:
        A pair: the counts, of shape `(bins,)`, and the borders, one more. The last interval
        contains its upper border.

    >>> import nyala
    >>> counts, borders = nyala.ops.histogram([1.0, 2.0, 2.0, 5.0], bins=2)
    >>> counts.tolist(), borders.tolist()
    ([3.0, 1.0], [1.0, 3.0, 5.0])
    """
    borders = np.asarray(bins) if isinstance(bins, tuple) else bins
    return jnp.histogram(jnp.asarray(x), borders, range)


def bincount(x: Any, weights: Any = None, minlength: int = 0, sparse: bool = False) -> Any:
    """How often each integer from 0 on occurs.

    Args:
        x: integers from 0 on, of shape `(n,)` or `(rows, n)`; each row is counted for itself.
        weights: what each counts for; array of the shape of `x`, 1 by default.
        minlength: the least length of the result.
        sparse: accepted for Keras' sake; the result is dense.

    Returns:
        A tensor of shape `(length,)` or `(rows, length)`, where `length` is one more than the
        greatest integer.

    Raises:
        TypeError: compiled code or a symbolic tensor, where the greatest integer is not known.

    >>> import nyala
    >>> nyala.ops.bincount([1, 3, 3]).numpy()
    array([0, 1, 0, 2], dtype=int32)
    """
    values = concrete(x, "bincount", "use ops.segment_sum or the sum of ops.one_hot")
    length = max(int(values.max()) + 1 if values.size else 0, minlength)
    return _bincount(x, weights, length)


@op(name="bincount")
def _bincount(x: Array, weights: Array | None, length: int) -> Array:
    x = jnp.asarray(x)
    weights = jnp.ones_like(x, "int32") if weights is None else jnp.asarray(weights)
    rows = jnp.indices(x.shape, "int32", sparse=True)[:-1]
    counts = jnp.zeros((*x.shape[:-1], length), weights.dtype)
    return counts.at[(*rows, x)].add(weights)
