"""Elements repeated, and borders put around."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np

from nyala.eager import Array, op
from nyala.ops._host import array_module


@op
def broadcast_to(x: Array, shape: Any) -> Array:
    """Copies of `x` along new axes and along axes of length 1.

    Args:
        x: array of any shape.
        shape: a tuple of integers to which the shape of `x` broadcasts.

    Returns:
        A tensor of this shape.

    >>> import nyala
    >>> nyala.ops.broadcast_to([1, 2], (2, 2)).numpy()
    array([[1, 2],
           [1, 2]], dtype=int32)
    """
    return array_module(x).broadcast_to(x, shape)


@op
def tile(x: Array, repeats: Any) -> Array:
    """Copies of the whole of `x`, one behind the other.

    Args:
        x: array of any shape.
        repeats: how often along each axis; a tuple or one integer for the last.

    Returns:
        A tensor, each axis longer by its factor.

    >>> import nyala
    >>> nyala.ops.tile([1, 2], 2).numpy()
    array([1, 2, 1, 2], dtype=int32)
    """
    return array_module(x).tile(x, repeats)


@op
def repeat(x: Array, repeats: Any, axis: int | None = None) -> Array:
    """Copies of each element of `x`, next to each other.

    Args:
        x: array of any shape.
        repeats: how often, as one integer or a list with one for each element.
        axis: along which; by default all elements in one row.

    Returns:
        A tensor, longer along `axis`.

    >>> import nyala
    >>> nyala.ops.repeat([1, 2], 2).numpy()
    array([1, 1, 2, 2], dtype=int32)
    """
    return array_module(x).repeat(x, np.asarray(repeats), axis)


@op
def pad(x: Array, pad_width: Any, mode: str = "constant", constant_values: Any = None) -> Array:
    """A border around `x`.

    Args:
        x: array of any shape.
        pad_width: how wide: one integer, a pair (before, after), or one pair for each axis.
        mode: `"constant"`, `"reflect"`, `"symmetric"`, `"edge"`, `"wrap"` or another of
            NumPy's.
        constant_values: what the border is made of; 0 by default. Only with `"constant"`.

    Returns:
        A tensor, each axis longer by its border.

    >>> import nyala
    >>> nyala.ops.pad([1, 2], (1, 2)).numpy()
    array([0, 1, 2, 0, 0], dtype=int32)
    >>> nyala.ops.pad([1, 2, 3], 1, mode="reflect").numpy()
    array([2, 1, 2, 3, 2], dtype=int32)
    """
    if constant_values is None:
        return jnp.pad(x, pad_width, mode)
    if mode != "constant":
        raise ValueError(f"constant_values goes with mode='constant' only; got mode={mode!r}.")
    return jnp.pad(x, pad_width, mode, constant_values=constant_values)
