"""Elements taken by index, and put by index."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from nyala.eager import Array, Arrays, op, to_tensor
from nyala.ops._host import array_module


@op
def take(x: Array, indices: Array, axis: int | None = None) -> Array:
    """Elements or slices of `x` by their position.

    Args:
        x: array of any shape.
        indices: integers of any shape; negative ones count from the end.
        axis: along which; by default `x` is read as one row.

    Returns:
        A tensor of shape `x.shape[:axis] + indices.shape + x.shape[axis + 1:]`. Positions
        out of range give NaN, or the least integer.

    >>> import nyala
    >>> nyala.ops.take([10, 20, 30], [2, 0]).numpy()
    array([30, 10], dtype=int32)
    """
    if array_module(x) is not jnp:
        return array_module(x).take(x, indices, axis)
    return jnp.take(jnp.asarray(x), jnp.asarray(indices), axis)


@op
def take_along_axis(x: Array, indices: Array, axis: int | None = None) -> Array:
    """Elements of each row by their position in it.

    Args:
        x: array of any shape.
        indices: integers with as many axes as `x`, of a shape that broadcasts with it but
            along `axis`.
        axis: the axis that `indices` point along; by default `x` is read as one row.

    Returns:
        A tensor of the shape of `indices`.

    >>> import nyala
    >>> nyala.ops.take_along_axis([[10, 20], [30, 40]], [[1], [0]], axis=1).numpy()
    array([[20],
           [30]], dtype=int32)
    """
    return jnp.take_along_axis(jnp.asarray(x), jnp.asarray(indices), axis)


@op
def scatter(indices: Array, values: Array, shape: Any) -> Array:
    """Zeros, with values added at given positions.

    Args:
        indices: integers of shape `(..., k)`: positions along the first `k` axes.
        values: array of shape `indices.shape[:-1] + shape[k:]`.
        shape: the result's shape.

    Returns:
        A tensor of this shape in the dtype of `values`; values at the same position add up.

    >>> import nyala
    >>> nyala.ops.scatter([[0], [2]], [5.0, 7.0], shape=(3,)).numpy()
    array([5., 0., 7.], dtype=float32)
    """
    indices, values = jnp.asarray(indices), jnp.asarray(values)
    return jnp.zeros(shape, values.dtype).at[_positions(indices)].add(values)


@op
def scatter_update(
    inputs: Array, indices: Array, updates: Array, reduction: str | None = None
) -> Array:
    """`inputs` with other values at given positions.

    Args:
        inputs: array of any shape.
        indices: integers of shape `(n, k)`: positions along the first `k` axes.
        updates: array of shape `(n, *inputs.shape[k:])`.
        reduction: `None` to replace, or how old and new values are combined: `"add"`,
            `"max"`, `"min"` or `"mul"`.

    Returns:
        A tensor of the shape and dtype of `inputs`.

    >>> import nyala
    >>> nyala.ops.scatter_update([1, 2, 3], [[0], [2]], [10, 30]).numpy()
    array([10,  2, 30], dtype=int32)
    """
    inputs, indices = jnp.asarray(inputs), jnp.asarray(indices)
    place = inputs.at[_positions(indices)]
    if reduction not in _REDUCTIONS:
        raise ValueError(f"reduction must be one of {list(_REDUCTIONS)}; got {reduction!r}.")
    return getattr(place, _REDUCTIONS[reduction])(jnp.asarray(updates).astype(inputs.dtype))


_REDUCTIONS = {None: "set", "add": "add", "max": "max", "min": "min", "mul": "multiply"}


def _positions(indices: Array) -> tuple:
    """Return one array of positions for each axis that the indices point along."""
    return tuple(jnp.moveaxis(indices, -1, 0))


def slice(inputs: Any, start_indices: Any, shape: Any) -> Any:
    """A box of given shape cut out of `inputs`.

    Args:
        inputs: array of any shape.
        start_indices: where the box begins: one integer for each axis, or a tensor of them. A box
            that would reach beyond the end is moved back.
        shape: the shape of the box; -1 means up to the end.

    Returns:
        A tensor of this shape.

    >>> import nyala
    >>> nyala.ops.slice([[1, 2], [3, 4]], (0, 1), (2, 1)).numpy()
    array([[2],
           [4]], dtype=int32)
    """
    if -1 in tuple(shape):
        starts = [int(start) for start in start_indices]
        lengths = inputs.shape if hasattr(inputs, "shape") else to_tensor(inputs).shape
        shape = [
            length - start if size == -1 else size
            for size, length, start in zip(shape, lengths, starts, strict=True)
        ]
    return _slice(inputs, start_indices, shape)


@op(name="slice")
def _slice(inputs: Array, start_indices: Arrays, shape: Any) -> Array:
    return jax.lax.dynamic_slice(jnp.asarray(inputs), _starts(start_indices), shape)


def _starts(start_indices: Arrays) -> list:
    return [jnp.asarray(start, "int32") for start in start_indices]


@op
def slice_update(inputs: Array, start_indices: Arrays, updates: Array) -> Array:
    """`inputs` with a box of it replaced.

    Args:
        inputs: array of any shape.
        start_indices: where the box begins: one integer for each axis, or a tensor of them.
            A box that would reach beyond the end is moved back.
        updates: the new values, with as many axes as `inputs`.

    Returns:
        A tensor of the shape and dtype of `inputs`.

    >>> import nyala
    >>> nyala.ops.slice_update([1, 2, 3, 4], [1], [8, 9]).numpy()
    array([1, 8, 9, 4], dtype=int32)
    """
    inputs = jnp.asarray(inputs)
    updates = jnp.asarray(updates).astype(inputs.dtype)
    return jax.lax.dynamic_update_slice(inputs, updates, _starts(start_indices))
