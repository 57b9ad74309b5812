"""Making, rearranging and multiplying arrays, with Keras 2's argument names."""

from __future__ import annotations

from typing import Any

import numpy as np

from nyala import ops
from nyala.core import floatx, respelled, standardize_data_format
from nyala.ops._static_shapes import as_lengths, shape_of

flatten = respelled("keras.backend.flatten", ops.ravel, "x")
stack = respelled("keras.backend.stack", ops.stack, "x", "axis")
squeeze = respelled("keras.backend.squeeze", ops.squeeze, "x", "axis")
transpose = respelled("keras.backend.transpose", ops.transpose, "x")
ones_like = respelled("keras.backend.ones_like", ops.ones_like, "x", "dtype")
zeros_like = respelled("keras.backend.zeros_like", ops.zeros_like, "x", "dtype")
tile = respelled("keras.backend.tile", ops.tile, "x", "n")
reverse = respelled("keras.backend.reverse", ops.flip, "x", "axes")


def arange(start: Any, stop: Any = None, step: Any = 1, dtype: Any = "int32") -> Any:
    """Return the numbers from `start` up to, without, `stop`."""
    return ops.arange(start, stop, step, dtype)


def constant(value: Any, dtype: Any = None, shape: Any = None, name: str | None = None) -> Any:
    """Return a tensor of a value, in the default float type unless told otherwise."""
    tensor = ops.convert_to_tensor(value, dtype or floatx())
    return tensor if shape is None else ops.broadcast_to(tensor, as_lengths(shape))


def shape(x: Any) -> Any:
    """Return the lengths of the axes: integers that stay known in compiled code."""
    return shape_of(x)


def int_shape(x: Any) -> tuple:
    """Return the lengths of the axes as a tuple, `None` where unknown.

    >>> import nyala
    >>> nyala.backend.int_shape(nyala.Input((3,)))
    (None, 3)
    """
    return tuple(x.shape if hasattr(x, "shape") else np.shape(x))


def ndim(x: Any) -> int:
    """Return the number of axes."""
    return len(int_shape(x))


def count_params(x: Any) -> int:
    """Return the number of elements."""
    return int(np.prod(int_shape(x), dtype=int))


def dtype(x: Any) -> str:
    """Return the dtype's name."""
    return str(ops.dtype(x))


def reshape(x: Any, shape: Any) -> Any:
    """Return the elements in another shape; one length may be -1."""
    return ops.reshape(x, as_lengths(shape))


def batch_flatten(x: Any) -> Any:
    """Return a matrix with a row for each element of the batch."""
    return ops.reshape(x, (-1, int(np.prod(int_shape(x)[1:]))))


def expand_dims(x: Any, axis: int = -1) -> Any:
    """Return the array with an axis of length 1 inserted."""
    return ops.expand_dims(x, axis)


def permute_dimensions(x: Any, pattern: Any) -> Any:
    """Return the array with its axes in another order."""
    return ops.transpose(x, tuple(pattern))


def concatenate(tensors: Any, axis: int = -1) -> Any:
    """Return arrays joined along an axis, the last by default."""
    return ops.concatenate(list(tensors), axis=axis)


def repeat(x: Any, n: int) -> Any:
    """Return a matrix `(batch, width)` `n` times, as `(batch, n, width)`."""
    return ops.repeat(ops.expand_dims(x, 1), n, axis=1)


def repeat_elements(x: Any, rep: int, axis: int) -> Any:
    """Return the array with each slice along an axis `rep` times."""
    return ops.repeat(x, rep, axis=axis)


def gather(reference: Any, indices: Any) -> Any:
    """Return the rows at integer positions."""
    return ops.take(reference, indices, axis=0)


def one_hot(indices: Any, num_classes: int) -> Any:
    """Return vectors that are 1 at `indices` and 0 elsewhere."""
    return ops.one_hot(indices, num_classes)


def in_top_k(predictions: Any, targets: Any, k: int) -> Any:
    """Return for each row whether its target is among the `k` greatest predictions."""
    return ops.in_top_k(targets, predictions, k)


def is_sparse(tensor: Any) -> bool:
    """Return `False`: all tensors are dense."""
    return False


def to_dense(tensor: Any) -> Any:
    """Return the tensor, which is dense already."""
    return tensor


def dot(x: Any, y: Any) -> Any:
    """Return products along the last axis of `x` and the last but one of `y`."""
    return ops.dot(x, y)


def batch_dot(x: Any, y: Any, axes: Any = None) -> Any:
    """Return products of the elements of two batches.

    Args:
        x: array of shape `(batch, ...)`.
        y: array of shape `(batch, ...)`.
        axes: along which axes products are summed: one for both, or a pair; by default the last of
            `x` and the last but one of `y` (its last where it has two axes).

    Returns:
        An array of the axes of `x` and then those of `y` that are left; at least two.

    >>> import nyala
    >>> ones = nyala.ops.ones
    >>> nyala.backend.batch_dot(ones((2, 3, 4)), ones((2, 5, 4)), axes=2).shape
    (2, 3, 5)
    """
    x_rank, y_rank = ndim(x), ndim(y)
    if axes is None:
        axes = (x_rank - 1, y_rank - 1 if y_rank == 2 else y_rank - 2)
    pair = (axes, axes) if isinstance(axes, int) else tuple(axes)
    left, right = pair[0] % x_rank, pair[1] % y_rank
    if not (left and right):
        raise ValueError(f"batch_dot: the batch, axis 0, cannot be summed over; got axes={axes}.")
    letters = iter("abcdefghijklmnopqrstuvw")
    of_x = ["z", *[next(letters) for _ in range(x_rank - 1)]]
    of_y = ["z", *[next(letters) for _ in range(y_rank - 1)]]
    of_y[right] = of_x[left]
    kept = [n for n in of_x if n != of_x[left]] + [n for n in of_y[1:] if n != of_x[left]]
    product = ops.einsum(f"{''.join(of_x)},{''.join(of_y)}->{''.join(kept)}", x, y)
    return ops.expand_dims(product, 1) if len(kept) == 1 else product


def bias_add(x: Any, bias: Any, data_format: str | None = None) -> Any:
    """Return the array plus a number for each channel (or for each place and channel)."""
    shape = int_shape(bias)
    rank = ndim(x)
    if standardize_data_format(data_format) == "channels_first" and rank > 2:
        if len(shape) == 1:
            return ops.add(x, ops.reshape(bias, (1, shape[0], *[1] * (rank - 2))))
        return ops.add(x, ops.transpose(bias, (len(shape) - 1, *range(len(shape) - 1))))
    return ops.add(x, bias)


def temporal_padding(x: Any, padding: Any = (1, 1)) -> Any:
    """Return sequences with steps of zeros before and after."""
    return ops.pad(x, ((0, 0), tuple(padding), (0, 0)))


def spatial_2d_padding(
    x: Any, padding: Any = ((1, 1), (1, 1)), data_format: str | None = None
) -> Any:
    """Return images with a border of zeros."""
    return _padded(x, padding, data_format)


def spatial_3d_padding(
    x: Any, padding: Any = ((1, 1), (1, 1), (1, 1)), data_format: str | None = None
) -> Any:
    """Return volumes with a border of zeros."""
    return _padded(x, padding, data_format)


def _padded(x: Any, padding: Any, data_format: str | None) -> Any:
    inner = [tuple(pair) for pair in padding]
    none = (0, 0)
    first = standardize_data_format(data_format) == "channels_first"
    return ops.pad(x, [none, none, *inner] if first else [none, *inner, none])


def resize_images(x: Any, height_factor: int, width_factor: int, data_format: str,
                  interpolation: str = "nearest") -> Any:  # fmt: skip
    """Return images in a multiple of their size."""
    shape = int_shape(x)
    height, width = shape[2:4] if data_format == "channels_first" else shape[1:3]
    size = (height * height_factor, width * width_factor)
    return ops.image.resize(x, size, interpolation, data_format=data_format)


def resize_volumes(
    x: Any, depth_factor: int, height_factor: int, width_factor: int, data_format: str
) -> Any:
    """Return volumes in a multiple of their size, each element repeated."""
    first = 2 if data_format == "channels_first" else 1
    for axis, factor in enumerate((depth_factor, height_factor, width_factor), first):
        x = ops.repeat(x, factor, axis=axis)
    return x


__all__ = [
    "arange", "batch_dot", "batch_flatten", "bias_add", "concatenate", "constant", "count_params",
    "dot", "dtype", "expand_dims", "flatten", "gather", "in_top_k", "int_shape", "is_sparse",
    "ndim", "one_hot", "ones_like", "permute_dimensions", "repeat", "repeat_elements", "reshape",
    "resize_images", "resize_volumes", "reverse", "shape", "spatial_2d_padding",
    "spatial_3d_padding", "squeeze", "stack", "temporal_padding", "tile", "to_dense", "transpose",
    "zeros_like",
]  # fmt: skip
