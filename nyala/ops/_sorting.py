"""Order: sorted values, ranks, the greatest few."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from nyala.eager import Array, op


@op
def sort(x: Array, axis: int | None = -1) -> Array:
    """The elements in ascending order, NaN last.

    Args:
        x: array of any shape.
        axis: the axis to sort along; `None` sorts all elements in one row.

    Returns:
        A tensor of the shape of `x`.

    >>> import nyala
    >>> nyala.ops.sort([3, 1, 2]).numpy()
    array([1, 2, 3], dtype=int32)
    """
    return jnp.sort(jnp.asarray(x), axis)


@op
def argsort(x: Array, axis: int | None = -1) -> Array:
    """The positions of the elements in ascending order; equals keep their order.

    Args:
        x: array of any shape.
        axis: the axis to sort along; `None` sorts all elements in one row.

    Returns:
        An int32 tensor of the shape of `x`.

    >>> import nyala
    >>> nyala.ops.argsort([3, 1, 2]).numpy()
    array([1, 2, 0], dtype=int32)
    """
    x = jnp.asarray(x)
    return jnp.argsort(x, axis if x.ndim else None)


@op
def argpartition(x: Array, kth: int, axis: int | None = -1) -> Array:
    """Positions such that the first `kth` elements are the least ones, in any order.

    Args:
        x: array of any shape.
        kth: how many elements come first.
        axis: along which; `None` takes all elements in one row.

    Returns:
        An int32 tensor of the shape of `x`.

    >>> import nyala
    >>> nyala.ops.argpartition([3, 1, 2], 1)[0].numpy()
    array(1, dtype=int32)
    """
    x = jnp.asarray(x)
    if axis is None:
        x, axis = jnp.ravel(x), 0
    return jnp.argpartition(x, kth, axis)


@op
def searchsorted(sorted_sequence: Array, values: Array, side: str = "left") -> Array:
    """Where values would have to be put in to keep a sequence sorted.

    Args:
        sorted_sequence: ascending numbers, with one axis.
        values: numbers of any shape.
        side: `"left"` in front of equals, `"right"` behind them.

    Returns:
        An int32 tensor of the shape of `values`.

    >>> import nyala
    >>> nyala.ops.searchsorted([1, 3, 5], [3, 4]).numpy()
    array([1, 2], dtype=int32)
    """
    sequence = jnp.asarray(sorted_sequence)
    if sequence.ndim != 1:
        raise ValueError(
            f"sorted_sequence must have one axis; got shape {sequence.shape}. Use "
            "ops.vectorized_map for several sequences."
        )
    return jnp.searchsorted(sequence, jnp.asarray(values), side)


@op
def digitize(x: Array, bins: Array) -> Array:
    """In which interval numbers lie.

    Args:
        x: numbers of any shape.
        bins: the borders, ascending or descending, with one axis.

    Returns:
        An int32 tensor of the shape of `x`: 0 below the first border, `len(bins)` from the
        last on.

    >>> import nyala
    >>> nyala.ops.digitize([0.5, 1.5, 9.0], [1.0, 2.0]).numpy()
    array([0, 1, 2], dtype=int32)
    """
    return jnp.digitize(jnp.asarray(x), jnp.asarray(bins))


@op
def top_k(x: Array, k: int, sorted: bool = True) -> tuple:
    """The greatest elements along the last axis.

    Args:
        x: array of shape `(..., n)`.
        k: how many.
        sorted: accepted for Keras' sake; they always come in descending order.

    Returns:
        A pair of tensors of shape `(..., k)`: the elements, and their positions (int32).

    >>> import nyala
    >>> values, indices = nyala.ops.top_k([5, 9, 7], 2)
    >>> values.tolist(), indices.tolist()
    ([9, 7], [1, 2])
    """
    return tuple(jax.lax.top_k(jnp.asarray(x), k))


@op
def in_top_k(targets: Array, predictions: Array, k: int) -> Array:
    """Whether a class is among the `k` with the highest scores.

    Args:
        targets: class indices, integers of shape `(batch,)`.
        predictions: scores of shape `(batch, classes)`.
        k: how many classes count.

    Returns:
        A boolean tensor of shape `(batch,)`; equal scores count for the target, NaN against
        it.

    >>> import nyala
    >>> nyala.ops.in_top_k([1, 0], [[0.1, 0.9], [0.2, 0.8]], k=1).numpy()
    array([ True, False])
    """
    targets, predictions = jnp.asarray(targets), jnp.asarray(predictions)
    score = jnp.take_along_axis(predictions, targets[..., None], axis=-1)
    score = jnp.where(jnp.isnan(score), -jnp.inf, score)
    return jnp.sum(predictions > score, axis=-1) < k


@op
def unravel_index(indices: Array, shape: Any) -> tuple:
    """Positions along each axis from positions in the flattened array.

    Args:
        indices: integers of any shape.
        shape: the shape of the array.

    Returns:
        A tuple of tensors of the shape of `indices`, one for each axis.

    >>> import nyala
    >>> [i.tolist() for i in nyala.ops.unravel_index([3, 5], (2, 3))]
    [[1, 1], [0, 2]]
    """
    return tuple(jnp.unravel_index(jnp.asarray(indices), shape))
