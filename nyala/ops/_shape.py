"""The same elements in another shape or order of axes."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from nyala.eager import Array, op
from nyala.ops._host import array_module


@op
def reshape(x: Array, newshape: Any) -> Array:
    """The elements of `x`, read row by row, in another shape.

    Args:
        x: array of any shape.
        newshape: tuple of integers; one of them may be -1, which means what is left.

    Returns:
        A tensor of the new shape.

    Raises:
        ValueError: the shapes do not have the same number of elements.

    >>> import nyala
    >>> nyala.ops.reshape([1, 2, 3, 4], (2, -1)).numpy()
    array([[1, 2],
           [3, 4]], dtype=int32)
    """
    return array_module(x).reshape(x, newshape)


@op
def ravel(x: Array) -> Array:
    """The elements of `x`, read row by row, along one axis.

    Args:
        x: array of any shape.

    Returns:
        A tensor with one axis.

    >>> import nyala
    >>> nyala.ops.ravel([[1, 2], [3, 4]]).numpy()
    array([1, 2, 3, 4], dtype=int32)
    """
    return array_module(x).ravel(x)


@op
def expand_dims(x: Array, axis: Any) -> Array:
    """An axis of length 1 put in.

    Args:
        x: array of any shape.
        axis: where it stands in the result; several with a tuple.

    Returns:
        A tensor with more axes.

    >>> import nyala
    >>> nyala.ops.expand_dims([1, 2], -1).shape
    (2, 1)
    """
    return array_module(x).expand_dims(x, axis)


@op
def squeeze(x: Array, axis: Any = None) -> Array:
    """Axes of length 1 taken out.

    Args:
        x: array of any shape.
        axis: which one, or a tuple of them; all of length 1 by default.

    Returns:
        A tensor with fewer axes.

    Raises:
        ValueError: the axis does not have length 1.

    >>> import nyala
    >>> nyala.ops.squeeze([[1, 2]]).shape
    (2,)
    """
    return array_module(x).squeeze(x, axis)


@op
def transpose(x: Array, axes: Any = None) -> Array:
    """The axes in another order.

    Args:
        x: array of any shape.
        axes: the order, as a permutation of the axes; reversed by default.

    Returns:
        A tensor of the permuted shape.

    >>> import nyala
    >>> nyala.ops.transpose([[1, 2], [3, 4]]).numpy()
    array([[1, 3],
           [2, 4]], dtype=int32)
    """
    return array_module(x).transpose(x, axes)


@op
def swapaxes(x: Array, axis1: int, axis2: int) -> Array:
    """Two axes exchanged.

    Args:
        x: array of any shape.
        axis1: one axis.
        axis2: the other.

    Returns:
        A tensor of the permuted shape.

    >>> import nyala
    >>> nyala.ops.swapaxes(nyala.ops.zeros((2, 3, 4)), 0, 2).shape
    (4, 3, 2)
    """
    return array_module(x).swapaxes(x, axis1, axis2)


@op
def moveaxis(x: Array, source: Any, destination: Any) -> Array:
    """Axes moved to other places, the rest kept in order.

    Args:
        x: array of any shape.
        source: an axis or a tuple of them.
        destination: where they shall stand.

    Returns:
        A tensor of the permuted shape.

    >>> import nyala
    >>> nyala.ops.moveaxis(nyala.ops.zeros((2, 3, 4)), 0, -1).shape
    (3, 4, 2)
    """
    return array_module(x).moveaxis(x, source, destination)


@op
def flip(x: Array, axis: Any = None) -> Array:
    """The order of elements along axes reversed.

    Args:
        x: array of any shape.
        axis: an axis or a tuple of them; all by default.

    Returns:
        A tensor of the shape of `x`.

    >>> import nyala
    >>> nyala.ops.flip([1, 2, 3]).numpy()
    array([3, 2, 1], dtype=int32)
    """
    return jnp.flip(x, axis)


@op
def fliplr(x: Array) -> Array:
    """The columns in reversed order.

    Args:
        x: array with at least two axes.

    Returns:
        A tensor of the shape of `x`.

    >>> import nyala
    >>> nyala.ops.fliplr([[1, 2], [3, 4]]).numpy()
    array([[2, 1],
           [4, 3]], dtype=int32)
    """
    return jnp.fliplr(x)


@op
def flipud(x: Array) -> Array:
    """The rows in reversed order.

    Args:
        x: array with at least one axis.

    Returns:
        A tensor of the shape of `x`.

    >>> import nyala
    >>> nyala.ops.flipud([[1, 2], [3, 4]]).numpy()
    array([[3, 4],
           [1, 2]], dtype=int32)
    """
    return jnp.flipud(x)


@op
def rot90(array: Array, k: int = 1, axes: Any = (0, 1)) -> Array:
    """A plane turned by quarter turns, from the first axis toward the second.

    Args:
        array: array with at least two axes.
        k: number of quarter turns.
        axes: the two axes that span the plane.

    Returns:
        A tensor of the turned shape.

    >>> import nyala
    >>> nyala.ops.rot90([[1, 2], [3, 4]]).numpy()
    array([[2, 4],
           [1, 3]], dtype=int32)
    """
    array = jnp.asarray(array)
    if array.ndim < 2:
        raise ValueError(f"array must have at least 2 axes; got shape {array.shape}.")
    return jnp.rot90(array, k, axes)


@op
def roll(x: Array, shift: Any, axis: Any = None) -> Array:
    """Elements moved along an axis; those that leave at one end enter at the other.

    Args:
        x: array of any shape.
        shift: by how many places, or a tuple of as many numbers as axes.
        axis: an axis or a tuple of them; by default all elements in one row.

    Returns:
        A tensor of the shape of `x`.

    >>> import nyala
    >>> nyala.ops.roll([1, 2, 3], 1).numpy()
    array([3, 1, 2], dtype=int32)
    """
    return jnp.roll(x, shift, axis)
