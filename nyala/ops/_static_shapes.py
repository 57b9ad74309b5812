"""Shapes as TensorFlow computes with them: small integers that stay known in compiled code."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from nyala.eager import Symbolic, to_tensor


class StaticTensor(np.ndarray):
    """Integers that come from a shape; a NumPy array with a tensor's `numpy()`.

    In TensorFlow, `tf.shape(x)[0]` is a tensor. Here shapes are known when code is compiled, and
    what is computed from them alone must stay known, because it becomes a shape again.
    """

    def numpy(self) -> np.ndarray:
        """Return the integers as a plain NumPy array."""
        return np.array(self)

    def get_shape(self) -> tuple:
        """Return the shape (TensorFlow's spelling)."""
        return self.shape

    def __getitem__(self, key: Any) -> Any:
        return static(super().__getitem__(key))

    def __array_wrap__(self, array: Any, context: Any = None, return_scalar: bool = False) -> Any:
        return static(array)

    def __hash__(self) -> int:
        return hash(tuple(self.tolist()) if self.ndim else int(self))


def static(values: Any) -> StaticTensor:
    """Return integers as a `StaticTensor`."""
    array = np.asarray(values)
    return (array.astype("int32") if array.dtype.kind == "i" else array).view(StaticTensor)


def is_static(values: Any) -> bool:
    """Whether all of this is known from shapes alone: one at least must come from `tf.shape`."""
    flat = list(_leaves(values))
    return any(isinstance(x, StaticTensor) for x in flat) and all(
        isinstance(x, (int, np.integer, np.ndarray)) for x in flat
    )


def _leaves(values: Any) -> Iterator[Any]:
    if isinstance(values, (list, tuple)):
        for value in values:
            yield from _leaves(value)
    else:
        yield values


def shape_of(value: Any) -> Any:
    """Return the shape of a value as a `StaticTensor`; a tuple where an axis is unknown."""
    if not hasattr(value, "shape"):
        value = to_tensor(value)
    lengths = tuple(value.shape)
    if isinstance(value, Symbolic) and None in lengths:
        return lengths
    return static(np.asarray(lengths, "int32"))


def as_lengths(shape: Any) -> tuple:
    """Return a shape given as integers, tensors or a mixture as a tuple of integers.

    One `None` (the batch of a symbolic tensor) becomes -1, which `reshape` works out.
    """
    if isinstance(shape, (int, np.integer)):
        return (int(shape),)
    if hasattr(shape, "shape") and not isinstance(shape, (tuple, list)):
        shape = np.asarray(shape)
        return tuple(shape.reshape(-1).tolist())
    return tuple(-1 if n is None else int(n) for n in shape)
