"""Sums, means, extremes, running sums, segments and counts."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from nyala import ops
from nyala.core import respelled
from nyala.ops._static_shapes import is_static, static


class TopK(NamedTuple):
    """What `top_k` returns."""

    values: Any
    indices: Any


_REDUCED = ("input_tensor", "axis", "keepdims")

reduce_all = respelled("tf.reduce_all", ops.all, *_REDUCED)
reduce_any = respelled("tf.reduce_any", ops.any, *_REDUCED)
reduce_logsumexp = respelled("tf.reduce_logsumexp", ops.logsumexp, *_REDUCED)
reduce_max = respelled("tf.reduce_max", ops.max, *_REDUCED)
reduce_min = respelled("tf.reduce_min", ops.min, *_REDUCED)
reduce_std = respelled("tf.math.reduce_std", ops.std, *_REDUCED)
reduce_sum = respelled("tf.reduce_sum", ops.sum, *_REDUCED)
reduce_variance = respelled("tf.math.reduce_variance", ops.var, *_REDUCED)


def reduce_mean(
    input_tensor: Any, axis: Any = None, keepdims: bool = False, name: str | None = None
) -> Any:
    """Return the mean along axes, all by default; integers are divided as TensorFlow does, cut off.

    >>> import nyala
    >>> int(nyala.tf.reduce_mean([1, 2])), float(nyala.tf.reduce_mean([1.0, 2.0]))
    (1, 1.5)
    """
    mean = ops.mean(input_tensor, axis, keepdims)
    given = ops.convert_to_tensor(input_tensor).dtype
    return ops.cast(mean, given) if given.is_integer else mean


def reduce_prod(
    input_tensor: Any, axis: Any = None, keepdims: bool = False, name: str | None = None
) -> Any:
    """Return the product along axes, all by default."""
    if is_static(input_tensor):
        return static(np.prod(input_tensor, axis=axis, keepdims=keepdims))
    return ops.prod(input_tensor, axis, keepdims)


def reduce_euclidean_norm(
    input_tensor: Any, axis: Any = None, keepdims: bool = False, name: str | None = None
) -> Any:
    """Return the square root of the sum of squares along axes, all by default."""
    return ops.sqrt(ops.sum(ops.square(input_tensor), axis, keepdims))


def argmax(
    input: Any, axis: Any = None, output_type: Any = "int32", name: str | None = None
) -> Any:
    """Return the position of the greatest element along an axis, the first by default.

    >>> import nyala
    >>> nyala.tf.argmax([[1, 5], [7, 2]], axis=1).numpy()
    array([1, 0], dtype=int32)
    """
    return ops.cast(ops.argmax(input, 0 if axis is None else int(axis)), output_type)


def argmin(
    input: Any, axis: Any = None, output_type: Any = "int32", name: str | None = None
) -> Any:
    """Return the position of the smallest element along an axis, the first by default."""
    return ops.cast(ops.argmin(input, 0 if axis is None else int(axis)), output_type)


def cumsum(x: Any, axis: int = 0, exclusive: bool = False, reverse: bool = False,
           name: str | None = None) -> Any:  # fmt: skip
    """Return running sums along an axis.

    Args:
        x: a tensor.
        axis: along which.
        exclusive: whether an element's own value is left out of its sum.
        reverse: whether they run from the end.
        name: accepted for TensorFlow's sake.

    >>> import nyala
    >>> nyala.tf.cumsum([1, 2, 3], exclusive=True).numpy()
    array([0, 1, 3], dtype=int32)
    """
    return _running(ops.cumsum, x, axis, exclusive, reverse, 0)


def cumprod(x: Any, axis: int = 0, exclusive: bool = False, reverse: bool = False,
            name: str | None = None) -> Any:  # fmt: skip
    """Return running products along an axis (see `cumsum`)."""
    return _running(ops.cumprod, x, axis, exclusive, reverse, 1)


def _running(run: Any, x: Any, axis: int, exclusive: bool, reverse: bool, neutral: int) -> Any:
    x = ops.convert_to_tensor(x)
    x = ops.flip(x, axis) if reverse else x
    if exclusive:
        first = ops.full_like(ops.take(x, [0], axis=axis), neutral)
        kept = ops.take(x, list(range(x.shape[axis] - 1)), axis=axis)
        x = ops.concatenate([first, kept], axis=axis)
    result = run(x, axis)
    return ops.flip(result, axis) if reverse else result


def count_nonzero(input: Any, axis: Any = None, keepdims: bool = False, dtype: Any = "int32",
                  name: str | None = None) -> Any:  # fmt: skip
    """Return how many elements along axes, all by default, are not 0."""
    return ops.sum(ops.cast(ops.not_equal(input, 0), dtype), axis, keepdims)


def zero_fraction(value: Any, name: str | None = None) -> Any:
    """Return the fraction of elements that are 0."""
    return ops.mean(ops.cast(ops.equal(value, 0), "float32"))


def bincount(arr: Any, weights: Any = None, minlength: Any = None, maxlength: Any = None,
             dtype: Any = "int32", name: str | None = None, axis: Any = None,
             binary_output: bool = False) -> Any:  # fmt: skip
    """Return how often each integer from 0 on occurs (see `nyala.ops.bincount`)."""
    counts = ops.bincount(arr, weights, minlength or 0)
    counts = counts if maxlength is None else counts[..., : int(maxlength)]
    return ops.cast(ops.cast(counts, "bool"), dtype) if binary_output else counts


def confusion_matrix(
    labels: Any,
    predictions: Any,
    num_classes: int | None = None,
    weights: Any = None,
    dtype: Any = "int32",
    name: str | None = None,
) -> Any:
    """Return how often each label (row) met each prediction (column).

    >>> import nyala
    >>> nyala.tf.math.confusion_matrix([0, 1, 1], [0, 0, 1]).numpy().tolist()
    [[1, 0], [1, 1]]
    """
    labels, predictions = ops.cast(labels, "int32"), ops.cast(predictions, "int32")
    if num_classes is None:
        num_classes = 1 + max(int(ops.max(labels)), int(ops.max(predictions)))
    pairs = ops.stack([labels, predictions], axis=-1)
    ones = ops.ones_like(labels) if weights is None else weights
    return ops.cast(ops.scatter(pairs, ones, (num_classes, num_classes)), dtype)


def top_k(input: Any, k: int = 1, sorted: bool = True, index_type: Any = "int32",
          name: str | None = None) -> Any:  # fmt: skip
    """Return the `k` greatest values of each row and their positions, as a named pair."""
    return TopK(*ops.top_k(input, int(k), sorted))


def in_top_k(targets: Any, predictions: Any, k: int, name: str | None = None) -> Any:
    """Return for each row whether its target is among the `k` greatest predictions."""
    return ops.in_top_k(targets, predictions, int(k))


def _by_segment(name: str, function: Any) -> Any:
    def segments(data: Any, segment_ids: Any, num_segments: int | None = None,
                 name: str | None = None) -> Any:  # fmt: skip
        number = None if num_segments is None else int(num_segments)
        return function(data, segment_ids, number)

    segments.__name__ = segments.__qualname__ = name
    segments.__doc__ = (
        function.__doc__.partition("\n\n")[0] + f" See `nyala.ops.{function.__name__}`."
    )
    return segments


segment_sum = _by_segment("segment_sum", ops.segment_sum)
segment_max = _by_segment("segment_max", ops.segment_max)
segment_min = _by_segment("segment_min", ops.segment_min)
segment_prod = _by_segment("segment_prod", ops.segment_prod)
unsorted_segment_sum = _by_segment("unsorted_segment_sum", ops.segment_sum)
unsorted_segment_max = _by_segment("unsorted_segment_max", ops.segment_max)
unsorted_segment_min = _by_segment("unsorted_segment_min", ops.segment_min)
unsorted_segment_prod = _by_segment("unsorted_segment_prod", ops.segment_prod)


def unsorted_segment_mean(
    data: Any, segment_ids: Any, num_segments: int, name: str | None = None
) -> Any:
    """Return the mean of the rows of each segment, 0 where it has none."""
    total = ops.segment_sum(data, segment_ids, int(num_segments))
    counts = ops.segment_sum(
        ops.ones_like(segment_ids, dtype=total.dtype), segment_ids, int(num_segments)
    )
    counts = ops.reshape(ops.maximum(counts, 1), (-1, *[1] * (len(total.shape) - 1)))
    return total / counts


def segment_mean(data: Any, segment_ids: Any, name: str | None = None) -> Any:
    """Return the mean of the rows of each segment."""
    return unsorted_segment_mean(data, segment_ids, int(ops.max(segment_ids)) + 1)


def clip_by_norm(t: Any, clip_norm: Any, axes: Any = None, name: str | None = None) -> Any:
    """Return the tensor scaled down to a norm, if it has a greater one.

    >>> import nyala
    >>> nyala.tf.clip_by_norm([3.0, 4.0], 1.0).numpy()
    array([0.6, 0.8], dtype=float32)
    """
    norm = reduce_euclidean_norm(t, axes, keepdims=axes is not None)
    return ops.multiply(t, ops.divide_no_nan(clip_norm, ops.maximum(norm, clip_norm)))


def global_norm(t_list: Any, name: str | None = None) -> Any:
    """Return the norm of all elements of a list of tensors, of which some may be `None`."""
    squares = [ops.sum(ops.square(t)) for t in t_list if t is not None]
    total: Any = squares[0] if squares else 0.0
    for one in squares[1:]:
        total = total + one
    return ops.sqrt(total)


def clip_by_global_norm(
    t_list: Any, clip_norm: Any, use_norm: Any = None, name: str | None = None
) -> tuple[list, Any]:
    """Return tensors scaled down together to a global norm, and the norm that they had.

    >>> import nyala
    >>> clipped, norm = nyala.tf.clip_by_global_norm([[3.0], None, [4.0]], 1.0)
    >>> float(norm), clipped[1]
    (5.0, None)
    """
    norm = global_norm(t_list) if use_norm is None else use_norm
    scale = ops.true_divide(clip_norm, ops.maximum(norm, clip_norm))
    return [None if t is None else ops.multiply(t, scale) for t in t_list], norm


__all__ = [
    "argmax", "argmin", "bincount", "clip_by_global_norm", "clip_by_norm", "confusion_matrix",
    "count_nonzero", "cumprod", "cumsum", "global_norm", "in_top_k", "reduce_all", "reduce_any",
    "reduce_euclidean_norm", "reduce_logsumexp", "reduce_max", "reduce_mean", "reduce_min",
    "reduce_prod", "reduce_std", "reduce_sum", "reduce_variance", "segment_max", "segment_mean",
    "segment_min", "segment_prod", "segment_sum", "top_k", "unsorted_segment_max",
    "unsorted_segment_mean", "unsorted_segment_min", "unsorted_segment_prod",
    "unsorted_segment_sum", "zero_fraction",
]  # fmt: skip
