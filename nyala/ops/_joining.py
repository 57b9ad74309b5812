"""Several arrays joined into one."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np

from nyala.eager import Array, Arrays, is_host_array, op


def _arrays(xs: Arrays) -> tuple:
    """Return the list as arrays, and the module that joins them."""
    if any(is_host_array(x) for x in xs):
        return list(xs), np
    return [jnp.asarray(x) for x in xs], jnp


@op
def concatenate(xs: Arrays, axis: int | None = 0) -> Array:
    """Arrays one behind the other along an axis they have.

    Args:
        xs: a list of arrays, alike in shape but along `axis`.
        axis: the axis; `None` flattens them first.

    Returns:
        A tensor, its `axis` as long as theirs together.

    Raises:
        ValueError: the shapes differ along another axis.

    >>> import nyala
    >>> nyala.ops.concatenate([[1, 2], [3]]).numpy()
    array([1, 2, 3], dtype=int32)
    """
    xs, module = _arrays(xs)
    return module.concatenate(xs, axis)


@op
def stack(x: Arrays, axis: int = 0) -> Array:
    """Arrays one behind the other along a new axis.

    Args:
        x: a list of arrays of one shape.
        axis: where the new axis stands.

    Returns:
        A tensor with one axis more, as long as the list.

    Raises:
        ValueError: the shapes differ.

    >>> import nyala
    >>> nyala.ops.stack([[1, 2], [3, 4]], axis=1).numpy()
    array([[1, 3],
           [2, 4]], dtype=int32)
    """
    xs, module = _arrays(x)
    return module.stack(xs, axis)


@op
def append(x1: Array, x2: Array, axis: int | None = None) -> Array:
    """`x2` behind `x1`.

    Args:
        x1: array of any shape.
        x2: array of the same shape but along `axis`.
        axis: along which; both are flattened by default.

    Returns:
        A tensor that holds the elements of both.

    >>> import nyala
    >>> nyala.ops.append([1, 2], [3]).numpy()
    array([1, 2, 3], dtype=int32)
    """
    return jnp.append(jnp.asarray(x1), jnp.asarray(x2), axis)


@op
def hstack(xs: Arrays) -> Array:
    """Arrays side by side: along the second axis, vectors along their only one.

    Args:
        xs: a list of arrays.

    Returns:
        A tensor.

    >>> import nyala
    >>> nyala.ops.hstack([[1, 2], [3]]).numpy()
    array([1, 2, 3], dtype=int32)
    """
    return jnp.hstack(_arrays(xs)[0])


@op
def vstack(xs: Arrays) -> Array:
    """Arrays below each other: along the first axis, vectors as rows.

    Args:
        xs: a list of arrays.

    Returns:
        A tensor with at least two axes.

    >>> import nyala
    >>> nyala.ops.vstack([[1, 2], [3, 4]]).numpy()
    array([[1, 2],
           [3, 4]], dtype=int32)
    """
    return jnp.vstack(_arrays(xs)[0])


@op
def dstack(xs: Arrays) -> Array:
    """Arrays behind each other along the third axis.

    Args:
        xs: a list of arrays.

    Returns:
        A tensor with at least three axes.

    >>> import nyala
    >>> nyala.ops.dstack([[1, 2], [3, 4]]).numpy()
    array([[[1, 3],
            [2, 4]]], dtype=int32)
    """
    return jnp.dstack(_arrays(xs)[0])
