"""Making tensors, and asking what they are."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np

from nyala import ops
from nyala.core import respelled
from nyala.eager import Symbolic
from nyala.ops._static_shapes import StaticTensor, as_lengths, shape_of, static


def convert_to_tensor(
    value: Any, dtype: Any = None, dtype_hint: Any = None, name: str | None = None
) -> Any:
    """Return a tensor of a number, list, array, variable or string.

    Args:
        value: what to convert.
        dtype: the dtype wanted; that of the value by default (64 bits become 32).
        dtype_hint: the dtype of a value that has none of its own, such as a list.
        name: accepted for TensorFlow's sake.

    >>> import nyala
    >>> nyala.tf.convert_to_tensor([1, 2]).dtype
    'int32'
    """
    if dtype is None and dtype_hint is not None and not hasattr(value, "dtype"):
        dtype = dtype_hint
    return ops.convert_to_tensor(value, dtype)


def constant(value: Any, dtype: Any = None, shape: Any = None, name: str = "Const") -> Any:
    """Return a tensor that is known even in compiled code.

    Args:
        value: a number, list, array or string.
        dtype: the dtype wanted; that of the value by default (64 bits become 32).
        shape: the shape wanted; a single number fills it.
        name: accepted for TensorFlow's sake.

    >>> import nyala
    >>> nyala.tf.constant(0, shape=(2, 2)).numpy().tolist()
    [[0, 0], [0, 0]]
    """
    if isinstance(value, Symbolic) or isinstance(getattr(value, "_data", value), jax.core.Tracer):
        return convert_to_tensor(value, dtype)
    with jax.ensure_compile_time_eval():
        tensor = ops.convert_to_tensor(value, dtype)
        if shape is None:
            return tensor
        lengths = as_lengths(shape)
        one = tensor.size == 1
        tensor = ops.broadcast_to(tensor, lengths) if one else ops.reshape(tensor, lengths)
        tensor._value  # noqa: B018 (computed while constants are)
        return tensor


def fill(dims: Any, value: Any, name: str | None = None) -> Any:
    """Return a tensor of shape `dims` with one value everywhere.

    >>> import nyala
    >>> nyala.tf.fill((2,), 7).numpy()
    array([7, 7], dtype=int32)
    """
    return ops.broadcast_to(ops.convert_to_tensor(value), as_lengths(dims))


def eye(num_rows: int, num_columns: int | None = None, batch_shape: Any = None,
        dtype: Any = "float32", name: str | None = None) -> Any:  # fmt: skip
    """Return the identity matrix, as often as `batch_shape` says."""
    matrix = ops.eye(num_rows, num_columns, dtype=dtype)
    if batch_shape is None:
        return matrix
    return ops.broadcast_to(matrix, (*as_lengths(batch_shape), *matrix.shape))


def one_hot(
    indices: Any,
    depth: int,
    on_value: Any = None,
    off_value: Any = None,
    axis: int | None = None,
    dtype: Any = None,
    name: str | None = None,
) -> Any:
    """Return vectors of `depth` that are `on_value` (1) at `indices` and `off_value` (0) elsewhere.

    >>> import nyala
    >>> nyala.tf.one_hot([0, 2], 3).numpy()
    array([[1., 0., 0.],
           [0., 0., 1.]], dtype=float32)
    """
    axis = -1 if axis is None else axis
    if on_value is None and off_value is None:
        return ops.one_hot(indices, depth, axis=axis, dtype=dtype)
    chosen = ops.one_hot(indices, depth, axis=axis, dtype="bool")
    result = ops.where(
        chosen, 1 if on_value is None else on_value, 0 if off_value is None else off_value
    )
    return result if dtype is None else ops.cast(result, dtype)


def sequence_mask(
    lengths: Any, maxlen: int | None = None, dtype: Any = "bool", name: str | None = None
) -> Any:
    """Return rows of `maxlen` truth values of which the first `lengths` are true.

    >>> import nyala
    >>> nyala.tf.sequence_mask([1, 3]).numpy()
    array([[ True, False, False],
           [ True,  True,  True]])
    """
    lengths = ops.convert_to_tensor(lengths)
    maxlen = int(ops.max(lengths)) if maxlen is None else int(maxlen)
    return ops.cast(ops.arange(maxlen) < ops.expand_dims(lengths, -1), dtype)


def cast(x: Any, dtype: Any, name: str | None = None) -> Any:
    """Return the values in another dtype (64 bits become 32).

    >>> import nyala
    >>> nyala.tf.cast([0.9, -1.5], "int32").numpy()
    array([ 0, -1], dtype=int32)
    """
    if isinstance(x, StaticTensor) and str(dtype).startswith("int"):
        return x
    return ops.cast(x, dtype)


def shape(input: Any, out_type: Any = "int32", name: str | None = None) -> Any:
    """Return the lengths of the axes: integers that stay known in compiled code.

    For a symbolic tensor whose batch is not known yet they are a tuple, with `None` in it.

    >>> import nyala
    >>> x = nyala.tf.zeros((2, 3))
    >>> nyala.tf.reshape(x, (nyala.tf.shape(x)[0] * 3, -1)).shape
    (6, 1)
    """
    return shape_of(input)


def size(input: Any, out_type: Any = "int32", name: str | None = None) -> Any:
    """Return the number of elements."""
    return static(np.prod(shape_of(input), dtype="int32"))


def rank(input: Any, name: str | None = None) -> Any:
    """Return the number of axes."""
    return static(np.int32(len(shape_of(input))))


def is_tensor(x: Any) -> bool:
    """Whether `x` is a tensor, symbolic or not, or a variable."""
    return bool(ops.is_tensor(x)) or isinstance(x, StaticTensor) or hasattr(x, "assign")


zeros = respelled("tf.zeros", ops.zeros, "shape", "dtype")
ones = respelled("tf.ones", ops.ones, "shape", "dtype")
zeros_like = respelled("tf.zeros_like", ops.zeros_like, "input", "dtype")
ones_like = respelled("tf.ones_like", ops.ones_like, "input", "dtype")
range = respelled("tf.range", ops.arange, "start", "limit", "delta", "dtype")
saturate_cast = respelled("tf.saturate_cast", ops.saturate_cast, "value", "dtype")
bitcast = respelled("tf.bitcast", ops.view, "input", "type")
identity = respelled("tf.identity", ops.copy, "input")
stop_gradient = respelled("tf.stop_gradient", ops.stop_gradient, "input")


def linspace(start: Any, stop: Any, num: int = 50, name: str | None = None, axis: int = 0) -> Any:
    """Return `num` values at equal distances from `start` to `stop`, both included."""
    return ops.linspace(start, stop, int(num), axis=axis)


def meshgrid(*args: Any, indexing: str = "xy", name: str | None = None) -> list:
    """Return the coordinates of a grid, one tensor for each axis given."""
    return list(ops.meshgrid(*args, indexing=indexing))


def ensure_shape(x: Any, shape: Any, name: str | None = None) -> Any:
    """Return `x` after checking it against a shape, whose `None` fits any length.

    Raises:
        ValueError: another shape.
    """
    x = x if hasattr(x, "set_shape") else ops.convert_to_tensor(x)
    x.set_shape(shape)
    return x


__all__ = [
    "bitcast", "cast", "constant", "convert_to_tensor", "ensure_shape", "eye", "fill", "identity",
    "is_tensor", "linspace", "meshgrid", "one_hot", "ones", "ones_like", "range", "rank",
    "saturate_cast", "sequence_mask", "shape", "size", "stop_gradient", "zeros", "zeros_like",
]  # fmt: skip
