"""Sequences of numbers."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from nyala.eager import Array, op
from nyala.ops._dtypes import float_operands, jax_dtype, optional_dtype, result_type


@op
def arange(start: Any, stop: Any = None, step: Any = None, dtype: Any = None) -> Array:
    """The numbers from `start` up to, without, `stop`.

    Args:
        start: first number; with no `stop` it is the end, and 0 the first number.
        stop: end, itself left out.
        step: distance between neighbours; 1 by default.
        dtype: the result's dtype; int32 if all arguments are integers, else `floatx`.

    Returns:
        A tensor with one axis.

    >>> import nyala
    >>> nyala.ops.arange(3).numpy()
    array([0, 1, 2], dtype=int32)
    >>> nyala.ops.arange(1.0, 2.0, 0.25).numpy()
    array([1.  , 1.25, 1.5 , 1.75], dtype=float32)
    """
    if dtype is None:
        dtype = result_type(*(type(n) for n in (start, stop, step) if n is not None))
    return jnp.arange(start, stop, step, jax_dtype(dtype))


@op
def linspace(
    start: Array,
    stop: Array,
    num: int = 50,
    endpoint: bool = True,
    retstep: bool = False,
    dtype: Any = None,
    axis: int = 0,
) -> Any:
    """Numbers at equal distances from `start` to `stop`.

    Args:
        start: first number, or an array of them.
        stop: last number, or an array of them.
        num: how many numbers.
        endpoint: whether `stop` is the last of them.
        retstep: whether the distance is returned too.
        dtype: the result's dtype; a float by default.
        axis: the axis along which they stand; of interest where `start` or `stop` is an
            array.

    Returns:
        A tensor of `num` numbers (along `axis`), or a pair of it and the distance.

    >>> import nyala
    >>> nyala.ops.linspace(0.0, 1.0, num=5).numpy()
    array([0.  , 0.25, 0.5 , 0.75, 1.  ], dtype=float32)
    """
    start, stop = float_operands(start, stop)
    return jnp.linspace(start, stop, num, endpoint, retstep, optional_dtype(dtype), axis)


@op
def logspace(
    start: Array,
    stop: Array,
    num: int = 50,
    endpoint: bool = True,
    base: Array = 10,
    dtype: Any = None,
    axis: int = 0,
) -> Array:
    """Numbers in equal ratios, from base^start to base^stop.

    Args:
        start: exponent of the first number.
        stop: exponent of the last number.
        num: how many numbers.
        endpoint: whether `stop` is the last of them.
        base: the base of the powers.
        dtype: the result's dtype; a float by default.
        axis: the axis along which they stand; of interest where `start` or `stop` is an
            array.

    Returns:
        A tensor of `num` numbers (along `axis`).

    >>> import nyala
    >>> nyala.ops.logspace(0.0, 2.0, num=3).numpy()
    array([  1.,  10., 100.], dtype=float32)
    """
    start, stop = float_operands(start, stop)
    return jnp.logspace(start, stop, num, endpoint, base, optional_dtype(dtype), axis)


@op
def geomspace(
    start: Array,
    stop: Array,
    num: int = 50,
    endpoint: bool = True,
    dtype: Any = None,
    axis: int = 0,
) -> Array:
    """Numbers in equal ratios, from `start` to `stop`.

    Args:
        start: first number, not 0.
        stop: last number, of the same sign.
        num: how many numbers.
        endpoint: whether `stop` is the last of them.
        dtype: the result's dtype; a float by default.
        axis: the axis along which they stand; of interest where `start` or `stop` is an
            array.

    Returns:
        A tensor of `num` numbers (along `axis`).

    >>> import nyala
    >>> nyala.ops.geomspace(1.0, 8.0, num=4).numpy()
    array([1.       , 2.       , 4.0000005, 8.       ], dtype=float32)
    """
    start, stop = float_operands(start, stop)
    return jnp.geomspace(start, stop, num, endpoint, optional_dtype(dtype), axis)


@op
def meshgrid(*x: Array, indexing: str = "xy") -> list:
    """The coordinates of the points of a grid.

    Args:
        *x: the coordinates along each axis, with one axis each.
        indexing: `"xy"` (the first two axes swapped, as in plots) or `"ij"` (as in
            matrices).

    Returns:
        A list of tensors, one per argument, each of the shape of the grid.

    >>> import nyala
    >>> xs, ys = nyala.ops.meshgrid([1, 2], [3, 4, 5])
    >>> xs.shape
    (3, 2)
    """
    return list(jnp.meshgrid(*map(jnp.asarray, x), indexing=indexing))
