"""Picking elements out and putting them in."""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from nyala import ops
from nyala.core import respelled
from nyala.eager import Array, Symbolic, in_compiled_code, op
from nyala.ops._static_shapes import as_lengths


class Unique(NamedTuple):
    """What `unique` returns: the values in order of appearance, and where each element went."""

    y: Any
    idx: Any


class UniqueWithCounts(NamedTuple):
    """What `unique_with_counts` returns: as `Unique`, and how often each value occurs."""

    y: Any
    idx: Any
    count: Any


def gather(params: Any, indices: Any, validate_indices: Any = None, axis: int | None = None,
           batch_dims: int = 0, name: str | None = None) -> Any:  # fmt: skip
    """Return slices of `params` along an axis.

    Args:
        params: a tensor.
        indices: integers of any shape.
        validate_indices: accepted for TensorFlow's sake.
        axis: along which; `batch_dims` by default.
        batch_dims: how many leading axes `params` and `indices` share.
        name: accepted for TensorFlow's sake.

    >>> import nyala
    >>> nyala.tf.gather([10, 20, 30], [2, 0]).numpy()
    array([30, 10], dtype=int32)
    """
    axis = batch_dims if axis is None else int(axis)
    if not batch_dims:
        return ops.take(params, indices, axis=axis)
    return _gather_rows(params, indices, axis, batch_dims)


@op(name="gather_rows")
def _gather_rows(params: Array, indices: Array, axis: int, batch_dims: int) -> Array:
    axis = axis % jnp.ndim(params) - batch_dims

    def take(values, places):
        return jnp.take(values, places, axis=axis)

    for _ in range(batch_dims):
        take = jax.vmap(take)
    return take(params, indices)


def gather_nd(params: Any, indices: Any, batch_dims: int = 0, name: str | None = None) -> Any:
    """Return the slices of `params` at positions.

    Args:
        params: a tensor.
        indices: integers of shape `(..., k)`: positions along the first `k` axes (after the batch).
        batch_dims: how many leading axes `params` and `indices` share.
        name: accepted for TensorFlow's sake.

    >>> import nyala
    >>> nyala.tf.gather_nd([[1, 2], [3, 4]], [[0, 1], [1, 0]]).numpy()
    array([2, 3], dtype=int32)
    """
    return _gather_nd(params, indices, batch_dims)


@op(name="gather_nd")
def _gather_nd(params: Array, indices: Array, batch_dims: int) -> Array:
    def take(values, places):
        return values[tuple(jnp.moveaxis(places, -1, 0))]

    for _ in range(batch_dims):
        take = jax.vmap(take)
    return take(params, indices)


def where(condition: Any, x: Any = None, y: Any = None, name: str | None = None) -> Any:
    """Return `x` where the condition holds and `y` elsewhere; alone, the positions where it holds.

    Returns:
        A tensor of the shape that the three broadcast to; without `x` and `y`, integers of shape
        `(how often it holds, axes)`, which only code outside a compiled function can give.

    >>> import nyala
    >>> nyala.tf.where([True, False, True]).numpy().tolist()
    [[0], [2]]
    """
    if x is None and y is None:
        return ops.stack(ops.nonzero(condition), axis=-1)
    if x is None or y is None:
        raise ValueError("tf.where: give both x and y, or neither.")
    return ops.where(condition, x, y)


def boolean_mask(
    tensor: Any, mask: Any, axis: int | None = None, name: str = "boolean_mask"
) -> Any:
    """Return the slices of a tensor for which the mask is true.

    The result's length depends on values: outside compiled code only.

    >>> import nyala
    >>> nyala.tf.boolean_mask([1, 2, 3], [True, False, True]).numpy()
    array([1, 3], dtype=int32)
    """
    if isinstance(mask, Symbolic) or in_compiled_code():
        raise TypeError(
            "tf.boolean_mask: how many elements remain depends on values, which compiled code does "
            "not know. Use tf.where(mask, x, 0) and divide by the mask's sum, or call it outside."
        )
    tensor, mask = ops.convert_to_tensor(tensor), np.asarray(mask)
    at = (slice(None),) * (axis or 0)
    return (
        tensor[(*at, np.flatnonzero(mask))] if mask.ndim == 1 else tensor[(*at, *np.nonzero(mask))]
    )


def scatter_nd(indices: Any, updates: Any, shape: Any, name: str | None = None) -> Any:
    """Return zeros of a shape, with updates added at positions (see `nyala.ops.scatter`)."""
    return ops.scatter(indices, updates, as_lengths(shape))


def _scatter(name: str, reduction: str | None, what: str) -> Any:
    def scatter(tensor: Any, indices: Any, updates: Any, name: str | None = None) -> Any:
        return ops.scatter_update(tensor, indices, updates, reduction)

    scatter.__name__ = scatter.__qualname__ = name
    scatter.__doc__ = f"Return a copy of the tensor with `updates` {what} at `indices`."
    return scatter


tensor_scatter_nd_update = _scatter("tensor_scatter_nd_update", None, "put")
tensor_scatter_nd_add = _scatter("tensor_scatter_nd_add", "add", "added")
tensor_scatter_nd_max = _scatter("tensor_scatter_nd_max", "max", "taken where greater")
tensor_scatter_nd_min = _scatter("tensor_scatter_nd_min", "min", "taken where less")


def tensor_scatter_nd_sub(tensor: Any, indices: Any, updates: Any, name: str | None = None) -> Any:
    """Return a copy of the tensor with `updates` subtracted at `indices`."""
    return ops.scatter_update(tensor, indices, ops.negative(updates), "add")


def unique(x: Any, out_idx: Any = "int32", name: str | None = None) -> Unique:
    """Return the values of a vector in order of appearance, and for each element its value's place.

    >>> import nyala
    >>> y, idx = nyala.tf.unique([5, 3, 5])
    >>> y.numpy().tolist(), idx.numpy().tolist()
    ([5, 3], [0, 1, 0])
    """
    return Unique(*unique_with_counts(x)[:2])


def unique_with_counts(x: Any, out_idx: Any = "int32", name: str | None = None) -> UniqueWithCounts:
    """Return what `unique` does, and how often each value occurs."""
    x = np.asarray(ops.convert_to_tensor(x))
    values, first, inverse, counts = np.unique(
        x, return_index=True, return_inverse=True, return_counts=True
    )
    order = np.argsort(first)
    places = np.argsort(order)
    return UniqueWithCounts(
        ops.convert_to_tensor(values[order]),
        ops.convert_to_tensor(places[inverse].astype("int32")),
        ops.convert_to_tensor(counts[order].astype("int32")),
    )


def sort(values: Any, axis: int = -1, direction: str = "ASCENDING", name: str | None = None) -> Any:
    """Return the values in order along an axis, `"ASCENDING"` or `"DESCENDING"`."""
    result = ops.sort(values, axis)
    return ops.flip(result, axis) if _is_descending(direction) else result


def argsort(values: Any, axis: int = -1, direction: str = "ASCENDING", stable: bool = False,
            name: str | None = None) -> Any:  # fmt: skip
    """Return the positions that would put the values in order along an axis."""
    return ops.argsort(ops.negative(values) if _is_descending(direction) else values, axis)


def _is_descending(direction: str) -> bool:
    if direction not in ("ASCENDING", "DESCENDING"):
        raise ValueError(f"direction expects 'ASCENDING' or 'DESCENDING'; got {direction!r}.")
    return direction == "DESCENDING"


searchsorted = respelled("tf.searchsorted", ops.searchsorted, "sorted_sequence", "values", "side")

__all__ = [
    "argsort", "boolean_mask", "gather", "gather_nd", "scatter_nd", "searchsorted", "sort",
    "tensor_scatter_nd_add", "tensor_scatter_nd_max", "tensor_scatter_nd_min",
    "tensor_scatter_nd_sub", "tensor_scatter_nd_update", "unique", "unique_with_counts", "where",
]  # fmt: skip
