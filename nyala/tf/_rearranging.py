"""Reshaping, joining, splitting and repeating."""

from __future__ import annotations

from typing import Any

import numpy as np

from nyala import ops
from nyala.core import respelled
from nyala.ops._static_shapes import as_lengths, is_static, static


def reshape(tensor: Any, shape: Any, name: str | None = None) -> Any:
    """Return the elements in another shape; one length may be -1.

    >>> import nyala
    >>> nyala.tf.reshape([[1, 2], [3, 4]], [-1]).numpy()
    array([1, 2, 3, 4], dtype=int32)
    """
    return ops.reshape(tensor, as_lengths(shape))


def concat(values: Any, axis: int, name: str = "concat") -> Any:
    """Return tensors joined along an axis that they have.

    >>> import nyala
    >>> nyala.tf.concat([[[1]], [[2]]], axis=0).numpy().tolist()
    [[1], [2]]
    """
    if is_static(values):
        return static(np.concatenate([np.atleast_1d(v) for v in values], int(axis)))
    if not isinstance(values, (list, tuple)):
        return ops.convert_to_tensor(values)
    return ops.concatenate(list(values), axis=axis)


def stack(values: Any, axis: int = 0, name: str = "stack") -> Any:
    """Return tensors of one shape joined along a new axis.

    >>> import nyala
    >>> nyala.tf.stack([1, 2]).numpy()
    array([1, 2], dtype=int32)
    """
    if is_static(values):
        return static(np.stack(values, int(axis)))
    return ops.stack(list(values), axis=axis)


def unstack(value: Any, num: int | None = None, axis: int = 0, name: str = "unstack") -> list:
    """Return the slices along an axis, without that axis."""
    return list(ops.unstack(value, num, axis=axis))


def split(value: Any, num_or_size_splits: Any, axis: int = 0, num: int | None = None,
          name: str = "split") -> list:  # fmt: skip
    """Return parts along an axis.

    Args:
        value: a tensor.
        num_or_size_splits: how many parts of equal length, or their lengths, one of which may be
            -1, the rest.
        axis: along which.
        num: accepted for TensorFlow's sake.
        name: accepted for TensorFlow's sake.

    >>> import nyala
    >>> [part.numpy().tolist() for part in nyala.tf.split([1, 2, 3], [1, -1])]
    [[1], [2, 3]]
    """
    if np.ndim(num_or_size_splits) == 0:
        return list(ops.split(value, int(num_or_size_splits), axis=axis))
    sizes = [int(n) for n in num_or_size_splits]
    if -1 in sizes:
        value = ops.convert_to_tensor(value)
        sizes[sizes.index(-1)] = value.shape[axis] - sum(n for n in sizes if n != -1)
    return list(ops.split(value, np.cumsum(sizes)[:-1].tolist(), axis=axis))


def expand_dims(input: Any, axis: int, name: str | None = None) -> Any:
    """Return the tensor with an axis of length 1 inserted at `axis`."""
    return (
        static(np.expand_dims(input, int(axis)))
        if is_static(input)
        else ops.expand_dims(input, axis)
    )


def transpose(a: Any, perm: Any = None, conjugate: bool = False, name: str = "transpose") -> Any:
    """Return the tensor with its axes in another order; reversed by default."""
    result = ops.transpose(a, perm)
    return ops.conj(result) if conjugate else result


def tile(input: Any, multiples: Any, name: str | None = None) -> Any:
    """Return the tensor repeated whole, `multiples[i]` times along axis `i`."""
    return ops.tile(input, as_lengths(multiples))


def pad(tensor: Any, paddings: Any, mode: str = "CONSTANT", constant_values: Any = 0,
        name: str | None = None) -> Any:  # fmt: skip
    """Return the tensor with a border.

    Args:
        tensor: a tensor.
        paddings: pairs of integers: how much before and after, along each axis.
        mode: `"CONSTANT"`, `"REFLECT"` or `"SYMMETRIC"`.
        constant_values: the border's value in constant mode.
        name: accepted for TensorFlow's sake.

    >>> import nyala
    >>> nyala.tf.pad([1, 2], [[1, 0]]).numpy()
    array([0, 1, 2], dtype=int32)
    """
    pairs = tuple(as_lengths(pair) for pair in paddings)
    mode = mode.lower()
    return ops.pad(tensor, pairs, mode, constant_values if mode == "constant" else None)


def slice(input_: Any, begin: Any, size: Any, name: str | None = None) -> Any:
    """Return a box of the tensor.

    Args:
        input_: a tensor.
        begin: where it begins, along each axis.
        size: its lengths; -1 reaches to the end.
        name: accepted for TensorFlow's sake.
    """
    input_ = ops.convert_to_tensor(input_)
    sizes = as_lengths(size)
    if -1 not in sizes:
        return ops.slice(input_, begin, sizes)
    starts = as_lengths(begin)
    lengths = [
        whole - start if n == -1 else n
        for n, start, whole in zip(sizes, starts, input_.shape, strict=True)
    ]
    return ops.slice(input_, starts, lengths)


def roll(input: Any, shift: Any, axis: Any, name: str | None = None) -> Any:
    """Return the tensor with its elements moved along axes, those at the end to the beginning."""
    return ops.roll(input, shift, axis)


def broadcast_static_shape(shape_x: Any, shape_y: Any) -> Any:
    """Return the shape that two shapes broadcast to."""
    from nyala.eager import Shape

    return Shape(np.broadcast_shapes(as_lengths(shape_x), as_lengths(shape_y)))


def broadcast_dynamic_shape(shape_x: Any, shape_y: Any) -> Any:
    """Return the shape that two shapes broadcast to, as integers to compute with."""
    return static(np.asarray(broadcast_static_shape(shape_x, shape_y), "int32"))


def broadcast_to(input: Any, shape: Any, name: str | None = None) -> Any:
    """Return the tensor repeated along axes of length 1 and new ones to reach a shape."""
    return ops.broadcast_to(input, as_lengths(shape))


squeeze = respelled("tf.squeeze", ops.squeeze, "input", "axis")
repeat = respelled("tf.repeat", ops.repeat, "input", "repeats", "axis")
reverse = respelled("tf.reverse", ops.flip, "tensor", "axis")

__all__ = [
    "broadcast_dynamic_shape", "broadcast_static_shape", "broadcast_to", "concat", "expand_dims",
    "pad", "repeat", "reshape", "reverse", "roll", "slice", "split", "squeeze", "stack", "tile",
    "transpose", "unstack",
]  # fmt: skip
