"""Medians, quantiles and percentiles."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from nyala.eager import Array, op
from nyala.ops._dtypes import as_float


@op
def median(x: Array, axis: Any = None, keepdims: bool = False) -> Array:
    """Median: half of the values lie below.

    Args:
        x: array of any shape.
        axis: an axis or a tuple of them; all by default.
        keepdims: whether the axes stay, with length 1.

    Returns:
        A float tensor without these axes.

    >>> import nyala
    >>> nyala.ops.median([1.0, 9.0, 2.0]).numpy()
    array(2., dtype=float32)
    """
    return jnp.median(as_float(x), axis, keepdims=keepdims)


@op
def quantile(
    x: Array,
    q: Array,
    axis: Any = None,
    method: str = "linear",
    keepdims: bool = False,
) -> Array:
    """Quantiles: the fraction `q` of the values lies below.

    Args:
        x: array of any shape.
        q: fractions from 0 to 1, a scalar or with one axis.
        axis: an axis or a tuple of them; all by default.
        method: how to interpolate between neighbours: `"linear"`, `"lower"`, `"higher"`,
            `"nearest"` or `"midpoint"`.
        keepdims: whether the axes stay, with length 1.

    Returns:
        A float tensor; where `q` has an axis, it comes first.

    >>> import nyala
    >>> nyala.ops.quantile([1.0, 2.0, 3.0], 0.25).numpy()
    array(1.5, dtype=float32)
    """
    return jnp.quantile(as_float(x), as_float(q), axis, method=method, keepdims=keepdims)


@op
def percentile(
    x: Array,
    q: Array,
    axis: Any = None,
    method: str = "linear",
    keepdims: bool = False,
) -> Array:
    """Percentiles: `q` percent of the values lie below.

    Args:
        x: array of any shape.
        q: percentages from 0 to 100, a scalar or with one axis.
        axis: an axis or a tuple of them; all by default.
        method: how to interpolate between neighbours: `"linear"`, `"lower"`, `"higher"`,
            `"nearest"` or `"midpoint"`.
        keepdims: whether the axes stay, with length 1.

    Returns:
        A float tensor; where `q` has an axis, it comes first.

    >>> import nyala
    >>> nyala.ops.percentile([1.0, 2.0, 3.0], 25).numpy()
    array(1.5, dtype=float32)
    """
    return jnp.percentile(as_float(x), as_float(q), axis, method=method, keepdims=keepdims)


@op
def nanmedian(x: Array, axis: Any = None, keepdims: bool = False) -> Array:
    """Median of the values that are not NaN.

    Args:
        x: array of any shape.
        axis: an axis or a tuple of them; all by default.
        keepdims: whether the axes stay, with length 1.

    Returns:
        A float tensor without these axes.

    >>> import nyala
    >>> nyala.ops.nanmedian([1.0, float("nan"), 3.0]).numpy()
    array(2., dtype=float32)
    """
    return jnp.nanmedian(as_float(x), axis, keepdims=keepdims)


@op
def nanquantile(
    x: Array,
    q: Array,
    axis: Any = None,
    method: str = "linear",
    keepdims: bool = False,
) -> Array:
    """Quantiles of the values that are not NaN.

    Args:
        x: array of any shape.
        q: fractions from 0 to 1, a scalar or with one axis.
        axis: an axis or a tuple of them; all by default.
        method: how to interpolate between neighbours: `"linear"`, `"lower"`, `"higher"`,
            `"nearest"` or `"midpoint"`.
        keepdims: whether the axes stay, with length 1.

    Returns:
        A float tensor; where `q` has an axis, it comes first.

    >>> import nyala
    >>> nyala.ops.nanquantile([1.0, float("nan"), 3.0], 0.5).numpy()
    array(2., dtype=float32)
    """
    return jnp.nanquantile(as_float(x), as_float(q), axis, method=method, keepdims=keepdims)


@op
def nanpercentile(
    x: Array,
    q: Array,
    axis: Any = None,
    method: str = "linear",
    keepdims: bool = False,
) -> Array:
    """Percentiles of the values that are not NaN.

    Args:
        x: array of any shape.
        q: percentages from 0 to 100, a scalar or with one axis.
        axis: an axis or a tuple of them; all by default.
        method: how to interpolate between neighbours: `"linear"`, `"lower"`, `"higher"`,
            `"nearest"` or `"midpoint"`.
        keepdims: whether the axes stay, with length 1.

    Returns:
        A float tensor; where `q` has an axis, it comes first.

    >>> import nyala
    >>> nyala.ops.nanpercentile([1.0, float("nan"), 3.0], 50).numpy()
    array(2., dtype=float32)
    """
    return jnp.nanpercentile(as_float(x), as_float(q), axis, method=method, keepdims=keepdims)
