"""Specs: the shape and dtype of what a pipeline yields."""

from __future__ import annotations

from typing import Any

import numpy as np

from nyala.core import DType, standardize_dtype, tree
from nyala.eager import Shape, Tensor, is_host_array


class TensorSpec:
    """The shape and dtype of tensors.

    Args:
        shape: lengths of the axes, `None` where unknown; `None` for an unknown number of axes.
        dtype: a dtype's name.
        name: a name, for readers.

    >>> import nyala
    >>> nyala.data.TensorSpec((None, 3), "float32")
    TensorSpec(shape=(None, 3), dtype=float32, name=None)
    """

    __slots__ = ("dtype", "name", "shape")

    def __init__(self, shape: Any, dtype: Any = "float32", name: str | None = None):
        self.shape: Shape | None = None if shape is None else Shape(shape)
        self.dtype: DType = standardize_dtype(dtype)
        self.name = name

    def fits(self, value: Any) -> bool:
        """Whether an array has this dtype and a shape that this one allows."""
        return _dtype_name(value) == self.dtype and shape_fits(self.shape, value.shape)

    @classmethod
    def from_tensor(cls, tensor: Any, name: str | None = None) -> TensorSpec:
        """Return the spec of a tensor's own shape and dtype."""
        return cls(tensor.shape, tensor.dtype, name)

    @classmethod
    def from_spec(cls, spec: Any, name: str | None = None) -> TensorSpec:
        """Return the spec of whatever has a shape and a dtype, with another name."""
        return cls(spec.shape, spec.dtype, name or getattr(spec, "name", None))

    def is_compatible_with(self, other: Any) -> bool:
        """Whether a tensor or another spec can be what this one says."""
        if self.dtype != other.dtype or self.shape is None or other.shape is None:
            return self.dtype == other.dtype
        return len(self.shape) == len(other.shape) and all(
            None in (own, its) or own == its
            for own, its in zip(self.shape, other.shape, strict=True)
        )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TensorSpec) and (self.shape, self.dtype) == (
            other.shape, other.dtype)  # fmt: skip

    def __hash__(self) -> int:
        return hash((self.shape, str(self.dtype)))

    def __repr__(self) -> str:
        return f"TensorSpec(shape={self.shape}, dtype={self.dtype}, name={self.name!r})"


class DatasetSpec:
    """What an element is that is a dataset itself, such as a window.

    Args:
        element_spec: the spec of its elements.
    """

    __slots__ = ("element_spec",)

    def __init__(self, element_spec: Any):
        self.element_spec = element_spec

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DatasetSpec) and self.element_spec == other.element_spec

    def __hash__(self) -> int:
        return hash(repr(self))

    def __repr__(self) -> str:
        return f"DatasetSpec({self.element_spec})"


def shape_fits(wanted: Any, shape: Any) -> bool:
    """Whether `shape` is one that `wanted` allows (`None` allows anything)."""
    if wanted is None:
        return True
    return len(wanted) == len(shape) and all(
        a is None or a == b for a, b in zip(wanted, shape, strict=True)
    )


def spec_of(element: Any) -> Any:
    """Return the spec of an element: a structure of `TensorSpec`."""
    return tree.map_structure(_leaf_spec, element)


def _leaf_spec(leaf: Any) -> Any:
    if leaf is None or isinstance(leaf, (TensorSpec, DatasetSpec)):
        return leaf
    if hasattr(leaf, "element_spec"):
        return DatasetSpec(leaf.element_spec)
    return TensorSpec(leaf.shape, _dtype_name(leaf))


def _dtype_name(value: Any) -> Any:
    if isinstance(value, np.ndarray) and is_host_array(value):
        return standardize_dtype("string")
    return value.dtype if isinstance(value, Tensor) else standardize_dtype(value.dtype)


def map_specs(function: Any, spec: Any) -> Any:
    """Return `spec` with the shape of every `TensorSpec` replaced by `function(shape)`.

    Args:
        function: called with a tuple, or `None` where the number of axes is unknown.
        spec: a structure of specs.
    """

    def changed(leaf):
        if not isinstance(leaf, TensorSpec):
            return leaf
        return TensorSpec(function(leaf.shape), leaf.dtype)

    return tree.map_structure(changed, spec)


def add_axis(spec: Any, length: int | None) -> Any:
    """Return the spec of elements stacked along a new first axis."""
    return map_specs(lambda shape: None if shape is None else (length, *shape), spec)


def drop_axis(spec: Any) -> Any:
    """Return the spec of the rows of such elements."""
    return map_specs(lambda shape: None if shape is None else shape[1:], spec)


def common_spec(first: Any, second: Any, what: str) -> Any:
    """Return the narrowest spec that allows elements of both.

    Raises:
        TypeError: the two are nested differently or differ in dtype.
    """
    try:
        return tree.map_structure(_common_leaf, first, second)
    except ValueError as error:
        raise TypeError(
            f"{what}: the elements must have one structure and the same dtypes; got {first} and "
            f"{second}."
        ) from error


def _common_leaf(a: Any, b: Any) -> Any:
    if not isinstance(a, TensorSpec) or not isinstance(b, TensorSpec):
        if type(a) is not type(b):
            raise ValueError("another kind")
        return a
    if a.dtype != b.dtype:
        raise ValueError("another dtype")
    if a.shape is None or b.shape is None or len(a.shape) != len(b.shape):
        return TensorSpec(None, a.dtype)
    shape = [m if m == n else None for m, n in zip(a.shape, b.shape, strict=True)]
    return TensorSpec(shape, a.dtype)
