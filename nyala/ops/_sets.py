"""Distinct elements, and membership."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np

from nyala.eager import Array, op, wrap_results
from nyala.ops._host import array_module
from nyala.ops._selection import concrete


@op
def isin(x1: Array, x2: Array, assume_unique: bool = False, invert: bool = False) -> Array:
    """Whether each element of `x1` is somewhere in `x2`.

    Args:
        x1: array of any shape.
        x2: array of any shape.
        assume_unique: whether no element occurs twice in either, which can be faster.
        invert: whether to return the opposite.

    Returns:
        A boolean tensor of the shape of `x1`.

    >>> import nyala
    >>> nyala.ops.isin([1, 2, 3], [1, 3]).numpy()
    array([ True, False,  True])
    """
    if array_module(x1, x2) is np:
        return jnp.asarray(np.isin(x1, x2, invert=invert))
    return jnp.isin(jnp.asarray(x1), jnp.asarray(x2), assume_unique, invert)


def unique(
    x: Any,
    sorted: bool = True,
    return_index: bool = False,
    return_inverse: bool = False,
    return_counts: bool = False,
    axis: int | None = None,
    size: int | None = None,
    fill_value: Any = None,
) -> Any:
    """The distinct elements, in ascending order.

    Args:
        x: array of any shape.
        sorted: accepted for Keras' sake; they are always sorted.
        return_index: whether to return where each occurs first.
        return_inverse: whether to return, for each element of `x`, which of them it is.
        return_counts: whether to return how often each occurs.
        axis: the axis whose slices are compared; by default single elements are.
        size: how many to return, which makes it work in compiled code: further ones are left out,
            missing ones filled in.
        fill_value: what fills up to `size`; the least element by default.

    Returns:
        A tensor, or a tuple with the further ones asked for.

    Raises:
        TypeError: compiled code or a symbolic tensor, and no `size`.

    >>> import nyala
    >>> nyala.ops.unique([3, 1, 3, 2]).numpy()
    array([1, 2, 3], dtype=int32)
    """
    wanted = (return_index, return_inverse, return_counts)
    if size is not None:
        return _unique(x, wanted, axis, size, fill_value)
    values = concrete(x, "unique")
    found = np.unique(values, *wanted, axis=axis, equal_nan=False)
    if not any(wanted):
        return _as_tensor(found)
    return tuple(map(_as_tensor, found))


def _as_tensor(array: np.ndarray) -> Any:
    return wrap_results(array if array.dtype == object else jnp.asarray(array))


@op(name="unique")
def _unique(x: Array, wanted: Any, axis: int | None, size: int, fill_value: Any) -> Any:
    return jnp.unique(
        jnp.asarray(x), *wanted, axis=axis, equal_nan=False, size=size, fill_value=fill_value
    )
