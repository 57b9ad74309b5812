"""Operators and array methods shared by Tensor, Variable and KerasTensor.

Each is the operation of that name in `nyala.ops`, looked up in the table that `@op` fills.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

# name -> public operation; filled by `nyala.eager.op`.
OPERATIONS: dict[str, Any] = {}


class NotAnArray(TypeError):
    """An argument is nothing that a tensor can be made from."""


def _binary(name: str) -> Callable[..., Any]:
    def method(self, other):
        if other is None or isinstance(other, str):
            return NotImplemented
        try:
            return OPERATIONS[name](self, other)
        except NotAnArray:
            return NotImplemented  # the other side may know what to do

    return method


def _reflected(name: str) -> Callable[..., Any]:
    def method(self, other):
        if other is None or isinstance(other, str):
            return NotImplemented
        try:
            return OPERATIONS[name](other, self)
        except NotAnArray:
            return NotImplemented

    return method


def _compared(name: str, own: Any, other: Any) -> Any:
    try:
        return OPERATIONS[name](own, other)
    except NotAnArray:
        return NotImplemented


def _unary(name: str) -> Callable[..., Any]:
    def method(self):
        return OPERATIONS[name](self)

    return method


class ArrayMethods:
    """Arithmetic, comparison, indexing and the common methods of NumPy arrays."""

    __slots__ = ()
    # Makes `numpy_array + tensor` come to `__radd__` instead of looping over elements.
    __array_priority__ = 1000

    __add__, __radd__ = _binary("add"), _reflected("add")
    __sub__, __rsub__ = _binary("subtract"), _reflected("subtract")
    __mul__, __rmul__ = _binary("multiply"), _reflected("multiply")
    __truediv__, __rtruediv__ = _binary("true_divide"), _reflected("true_divide")
    __floordiv__, __rfloordiv__ = _binary("floor_divide"), _reflected("floor_divide")
    __mod__, __rmod__ = _binary("mod"), _reflected("mod")
    __pow__, __rpow__ = _binary("power"), _reflected("power")
    __matmul__, __rmatmul__ = _binary("matmul"), _reflected("matmul")
    __and__, __rand__ = _binary("bitwise_and"), _reflected("bitwise_and")
    __or__, __ror__ = _binary("bitwise_or"), _reflected("bitwise_or")
    __xor__, __rxor__ = _binary("bitwise_xor"), _reflected("bitwise_xor")
    __lshift__, __rlshift__ = _binary("left_shift"), _reflected("left_shift")
    __rshift__, __rrshift__ = _binary("right_shift"), _reflected("right_shift")
    __lt__, __le__ = _binary("less"), _binary("less_equal")
    __gt__, __ge__ = _binary("greater"), _binary("greater_equal")
    __neg__, __pos__ = _unary("negative"), _unary("positive")
    __abs__, __invert__ = _unary("absolute"), _unary("bitwise_not")

    def __eq__(self, other: Any) -> Any:
        return NotImplemented if other is None else _compared("equal", self, other)

    def __ne__(self, other: Any) -> Any:
        return NotImplemented if other is None else _compared("not_equal", self, other)

    __hash__ = object.__hash__

    def __divmod__(self, other: Any) -> Any:
        return self // other, self % other

    def __rdivmod__(self, other: Any) -> Any:
        return other // self, other % self

    def __round__(self, ndigits: int | None = None) -> Any:
        return OPERATIONS["round"](self, ndigits or 0)

    def __getitem__(self, key: Any) -> Any:
        return OPERATIONS["get_item"](self, key)

    @property
    def T(self) -> Any:
        """The transpose."""
        return OPERATIONS["transpose"](self)

    @property
    def size(self) -> int:
        """The number of elements."""
        total = 1
        for length in self.shape:
            if length is None:
                return None
            total *= length
        return total

    def astype(self, dtype: Any) -> Any:
        """Return the values in another dtype."""
        return OPERATIONS["cast"](self, dtype)

    def reshape(self, *shape: Any) -> Any:
        """Return the values in another shape."""
        shape = shape[0] if len(shape) == 1 and isinstance(shape[0], (tuple, list)) else shape
        return OPERATIONS["reshape"](self, tuple(shape))

    def transpose(self, *axes: Any) -> Any:
        """Return the array with its axes permuted."""
        axes = axes[0] if len(axes) == 1 and not isinstance(axes[0], int) else axes
        return OPERATIONS["transpose"](self, axes or None)

    def get_shape(self) -> Any:
        """Return the shape (TensorFlow's spelling)."""
        return self.shape

    def set_shape(self, shape: Any) -> None:
        """Check `shape` against the tensor's own (TensorFlow's spelling)."""
        own = tuple(self.shape)
        if shape is None:
            return
        if len(own) != len(shape) or any(
            None not in (a, b) and a != b for a, b in zip(own, shape, strict=True)
        ):
            raise ValueError(
                f"set_shape: a tensor of shape {own} cannot have shape {tuple(shape)}."
            )


def _reduction(name: str) -> Callable[..., Any]:
    def method(
        self: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: bool = False,
        **others: Any,
    ) -> Any:  # fmt: skip
        # The parameters of NumPy's methods: `np.sum(tensor)` calls this one.
        if out is not None or others:  # ddof=, where=, initial=: NumPy's alone
            return getattr(np, name)(
                np.asarray(self), axis=axis, dtype=dtype, out=out, keepdims=keepdims, **others
            )
        result = OPERATIONS[name](self, axis=axis, keepdims=keepdims)
        return result if dtype is None else result.astype(dtype)

    method.__name__, method.__doc__ = name, f"Return `ops.{name}` of the array."
    return method


for _name in ("sum", "mean", "max", "min", "prod", "std", "var", "any", "all"):
    setattr(ArrayMethods, _name, _reduction(_name))


def _axis_method(name: str) -> Callable[..., Any]:
    def method(self: Any, axis: Any = None, dtype: Any = None, out: Any = None) -> Any:
        return OPERATIONS[name](self, axis=axis)

    method.__name__, method.__doc__ = name, f"Return `ops.{name}` of the array."
    return method


for _name in ("argmax", "argmin", "squeeze", "cumsum", "cumprod"):
    setattr(ArrayMethods, _name, _axis_method(_name))


def _flat_method(name: str, op_name: str) -> Callable[..., Any]:
    def method(self: Any) -> Any:
        return OPERATIONS[op_name](self)

    method.__name__, method.__doc__ = name, f"Return `ops.{op_name}` of the array."
    return method


for _name, _op in (("flatten", "ravel"), ("ravel", "ravel"), ("copy", "copy")):
    setattr(ArrayMethods, _name, _flat_method(_name, _op))
