"""Reductions over groups of elements."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from nyala.eager import Array, op
from nyala.ops._selection import concrete


def segment_sum(
    data: Any, segment_ids: Any, num_segments: int | None = None, sorted: bool = False
) -> Any:
    """Sum over the elements of each segment.

    Args:
        data: array of shape `(n, ...)`.
        segment_ids: integers of shape `(n,)`, which segment each belongs to; those out of range
            count nowhere.
        num_segments: how many segments; one more than the greatest by default, but required in
            compiled code.
        sorted: whether `segment_ids` ascend, which can be faster.

    Returns:
        A tensor of shape `(num_segments, ...)`. A segment without elements gives
        0.

    >>> import nyala
    >>> nyala.ops.segment_sum([1.0, 2.0, 3.0], [0, 0, 1], num_segments=2).numpy()
    array([3., 3.], dtype=float32)
    """
    return _segment("sum", data, segment_ids, num_segments, sorted)


def segment_max(
    data: Any, segment_ids: Any, num_segments: int | None = None, sorted: bool = False
) -> Any:
    """Greatest value over the elements of each segment.

    Args:
        data: array of shape `(n, ...)`.
        segment_ids: integers of shape `(n,)`, which segment each belongs to; those out of range
            count nowhere.
        num_segments: how many segments; one more than the greatest by default, but required in
            compiled code.
        sorted: whether `segment_ids` ascend, which can be faster.

    Returns:
        A tensor of shape `(num_segments, ...)`. A segment without elements gives
        the least number of its dtype.

    >>> import nyala
    >>> nyala.ops.segment_max([1.0, 2.0, 3.0], [0, 0, 1], num_segments=2).numpy()
    array([2., 3.], dtype=float32)
    """
    return _segment("max", data, segment_ids, num_segments, sorted)


def segment_min(
    data: Any, segment_ids: Any, num_segments: int | None = None, sorted: bool = False
) -> Any:
    """Least value over the elements of each segment.

    Args:
        data: array of shape `(n, ...)`.
        segment_ids: integers of shape `(n,)`, which segment each belongs to; those out of range
            count nowhere.
        num_segments: how many segments; one more than the greatest by default, but required in
            compiled code.
        sorted: whether `segment_ids` ascend, which can be faster.

    Returns:
        A tensor of shape `(num_segments, ...)`. A segment without elements gives
        the greatest number of its dtype.

    >>> import nyala
    >>> nyala.ops.segment_min([1.0, 2.0, 3.0], [0, 0, 1], num_segments=2).numpy()
    array([1., 3.], dtype=float32)
    """
    return _segment("min", data, segment_ids, num_segments, sorted)


def segment_prod(
    data: Any, segment_ids: Any, num_segments: int | None = None, sorted: bool = False
) -> Any:
    """Product over the elements of each segment.

    Args:
        data: array of shape `(n, ...)`.
        segment_ids: integers of shape `(n,)`, which segment each belongs to; those out of range
            count nowhere.
        num_segments: how many segments; one more than the greatest by default, but required in
            compiled code.
        sorted: whether `segment_ids` ascend, which can be faster.

    Returns:
        A tensor of shape `(num_segments, ...)`. A segment without elements gives
        1.

    >>> import nyala
    >>> nyala.ops.segment_prod([1.0, 2.0, 3.0], [0, 0, 1], num_segments=2).numpy()
    array([2., 3.], dtype=float32)
    """
    return _segment("prod", data, segment_ids, num_segments, sorted)


_FUNCTIONS = {
    "sum": jax.ops.segment_sum,
    "max": jax.ops.segment_max,
    "min": jax.ops.segment_min,
    "prod": jax.ops.segment_prod,
}


def _segment(kind: str, data: Any, ids: Any, number: int | None, ascending: bool) -> Any:
    if number is None:
        values = concrete(ids, f"segment_{kind}", "pass num_segments=...")
        number = int(values.max()) + 1 if values.size else 0
    return _segment_reduction(data, ids, kind, number, ascending)


@op(name="segment_reduction")
def _segment_reduction(
    data: Array, segment_ids: Array, kind: str, num_segments: int, ascending: bool
) -> Array:
    return _FUNCTIONS[kind](
        jnp.asarray(data), jnp.asarray(segment_ids), num_segments, indices_are_sorted=ascending
    )
