"""`KerasTensor`: what a model's graph is drawn with before any value exists."""

from __future__ import annotations

from typing import Any

from nyala.core import DType, auto_name, standardize_dtype
from nyala.eager import ArrayMethods, Shape, Symbolic


class KerasTensor(Symbolic, ArrayMethods):
    """The shape and dtype of a value to come, and the operation that will make it.

    Args:
        shape: axis lengths; `None` where unknown.
        dtype: a dtype's name.
        sparse: accepted for Keras' sake; must be false.
        ragged: accepted for Keras' sake; must be false.
        record_history: whether operations on it are drawn into a graph.
        name: a name; automatic by default.

    All operators and `nyala.ops` take it and return further KerasTensors.

    >>> import nyala
    >>> x = nyala.Input((4,))
    >>> (x * 2 + 1)[:, :2]
    <KerasTensor shape=(None, 2), dtype=float32, name=keras_tensor_...>
    """

    def __init__(
        self,
        shape: Any,
        dtype: Any = "float32",
        sparse: bool = False,
        ragged: bool = False,
        record_history: bool = True,
        name: str | None = None,
        ragged_rank: Any = None,
        row_splits_dtype: Any = None,
    ):
        if sparse or ragged:
            raise ValueError(
                "KerasTensor: sparse and ragged tensors are not supported; use dense ones."
            )
        self._shape = standardize_shape(shape)
        self._dtype = standardize_dtype(dtype)
        self.sparse, self.ragged, self.ragged_rank = bool(sparse), bool(ragged), ragged_rank
        self.row_splits_dtype = row_splits_dtype
        self.name = name or auto_name("KerasTensor")
        self.record_history = record_history

    @property
    def shape(self) -> Shape:
        """The axis lengths, `None` where unknown."""
        return self._shape

    @property
    def dtype(self) -> DType:
        """The dtype's name."""
        return self._dtype

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self._shape)

    def __len__(self) -> int:
        if not self._shape or self._shape[0] is None:
            raise TypeError(f"{self!r} has no known length along its first axis.")
        return self._shape[0]

    def __iter__(self) -> Any:
        if not self._shape or self._shape[0] is None:
            raise TypeError(
                f"{self!r} cannot be iterated over: the length of its first axis is unknown. Use "
                "ops.unstack, ops.map or indexing."
            )
        return (self[i] for i in range(self._shape[0]))

    def _refuse(self, what: str) -> Any:
        raise ValueError(
            f"{what}: {self!r} is a symbolic tensor of a model under construction and has no value "
            "yet. Use nyala.ops functions and layers on it; values exist when the model is called."
        )

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        self._refuse("A KerasTensor cannot be turned into a NumPy array")

    def __jax_array__(self):
        self._refuse("A KerasTensor cannot be used in a jax.numpy function")

    def __bool__(self) -> bool:
        self._refuse("A KerasTensor has no truth value")

    def __float__(self) -> float:
        self._refuse("A KerasTensor cannot be turned into a float")

    def __int__(self) -> int:
        self._refuse("A KerasTensor cannot be turned into an int")

    def numpy(self):
        """Raise: a symbolic tensor has no value."""
        self._refuse("numpy()")

    def __hash__(self) -> int:
        return id(self)

    def __repr__(self) -> str:
        return f"<KerasTensor shape={tuple(self._shape)}, dtype={self._dtype}, name={self.name}>"


def standardize_shape(shape: Any) -> Shape:
    """Return `shape` as a tuple of non-negative integers and `None`; refuse anything else."""
    if shape is None:
        raise ValueError("A shape is required; got None.")
    if isinstance(shape, int):
        raise ValueError(
            f"A shape is a tuple of integers and None, such as ({shape},); got {shape}."
        )
    lengths = []
    for length in shape:
        if length is not None:
            try:
                length = length.__index__()
            except (AttributeError, TypeError):
                raise ValueError(
                    f"A shape holds non-negative integers and None; got {length!r} in "
                    f"{tuple(shape)}."
                ) from None
            if length < 0:
                raise ValueError(
                    f"A shape holds non-negative integers and None; got {length} in {tuple(shape)}."
                )
        lengths.append(length)
    return Shape(lengths)


def is_keras_tensor(value: Any) -> bool:
    """Whether `value` is a `KerasTensor`.

    >>> import nyala
    >>> nyala.utils.is_keras_tensor(nyala.Input((2,)))
    True
    """
    return isinstance(value, KerasTensor)


def any_symbolic(*structures: Any) -> bool:
    """Whether a KerasTensor stands anywhere in the structures."""
    for value in structures:
        if isinstance(value, KerasTensor):
            return True
        if isinstance(value, (list, tuple)) and any_symbolic(*value):
            return True
        if isinstance(value, dict) and any_symbolic(*value.values()):
            return True
    return False
