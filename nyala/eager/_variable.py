"""`Variable`: a named array that can be assigned to."""

from __future__ import annotations

import contextlib
import sys
from typing import Any

import jax
import numpy as np

from nyala.core import (
    DType,
    auto_name,
    current_path,
    find_builtin,
    is_float_dtype,
    numpy_dtype,
    settings,
    standardize_dtype,
)
from nyala.eager._graph import local as recording
from nyala.eager._operators import OPERATIONS, ArrayMethods
from nyala.eager._scope import local
from nyala.eager._shape import Shape
from nyala.eager._tensor import NumpyFunctions, Tensor, is_host_array, is_tracer, wrap
from nyala.eager._unfilled import unfilled_variables

_made = 0


def variables_made() -> int:
    """Return how many variables were made so far."""
    return _made


class Variable(NumpyFunctions, ArrayMethods):
    """State that operations read and `assign` changes: weights, counters, random seeds.

    Args:
        initializer: a function of `(shape, dtype)` that returns the first value (then `shape` is
            required), the name of one, or the first value itself: an array, number or list.
        shape: tuple of integers; only with an initializer.
        dtype: a dtype's name; that of the value, or `config.floatx()`, by default.
        trainable: whether optimizers may change it.
        autocast: whether a mixed-precision layer reads it in its compute dtype.
        aggregation: how replicas are combined: `"none"`, `"mean"`, `"sum"` or
            `"only_first_replica"`.
        synchronization: accepted for Keras' sake.
        name: one part of a path (no `/`); automatic by default.
        regularizer: a function of the value that returns a penalty, or `None`.
        constraint: a function of the value applied after each optimizer step, or `None`.
        validate_shape: accepted for TensorFlow's sake.

    >>> import nyala
    >>> v = nyala.Variable([1.0, 2.0], name="v")
    >>> v.assign_add([1.0, 1.0]).numpy()
    array([2., 3.], dtype=float32)
    >>> float((v * 2).sum())
    10.0
    """

    def __init__(
        self,
        initializer: Any,
        shape: Any = None,
        dtype: Any = None,
        trainable: bool = True,
        autocast: bool = True,
        aggregation: str = "none",
        synchronization: str = "auto",
        name: str | None = None,
        *,
        regularizer: Any = None,
        constraint: Any = None,
        validate_shape: bool = True,
        layout: Any = None,
    ):
        name = name or auto_name(type(self).__name__)
        if not isinstance(name, str) or "/" in name:
            raise ValueError(f"A variable's name must be a string without '/'; got {name!r}.")
        if aggregation not in ("none", "mean", "sum", "only_first_replica", None):
            raise ValueError(
                "Variable(aggregation=...) expects 'none', 'mean', 'sum' or 'only_first_replica'; "
                f"got {aggregation!r}."
            )
        self._name, self._path = name, current_path(name)
        self._trainable = bool(trainable)
        self._autocast = bool(autocast)
        self.aggregation = aggregation or "none"
        self.synchronization = synchronization
        self._regularizer = self._constraint = None
        self.regularizer, self.constraint = regularizer, constraint
        self._layout = layout
        self.overwrite_with_gradient = False
        global _made
        _made += 1
        if isinstance(initializer, str):
            initializer = _initializer_named(initializer, self._path)
        value = _first_value(initializer, shape, dtype, self._path)
        self._tensor = wrap(value)
        self._shape, self._dtype = Shape(value.shape), _dtype_of(value)
        unfilled = unfilled_variables()
        if unfilled is not None and callable(initializer):
            unfilled.note(self, initializer)

    # -- what it is ------------------------------------------------------------------------------

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self._name

    @property
    def path(self) -> str:
        """The name behind the scopes in which it was made, such as `"dense/kernel"`."""
        return self._path

    @property
    def shape(self) -> Shape:
        """The lengths of the axes."""
        return self._shape

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self._shape)

    @property
    def dtype(self) -> DType:
        """The dtype in which it is read: the compute dtype inside a mixed-precision layer."""
        autocast = local.autocast
        if autocast is not None and self._autocast and is_float_dtype(self._dtype):
            return autocast
        return self._dtype

    @property
    def trainable(self) -> bool:
        """Whether optimizers may change it."""
        return self._trainable

    @trainable.setter
    def trainable(self, value: bool) -> None:
        self._trainable = bool(value)

    @property
    def autocast(self) -> bool:
        """Whether mixed-precision layers read it in their compute dtype."""
        return self._autocast

    @property
    def regularizer(self) -> Any:
        """A function of the value that returns a penalty, or `None`."""
        return self._regularizer

    @regularizer.setter
    def regularizer(self, value: Any) -> None:
        self._regularizer = _callable_or_none(value, "regularizer", self._path)

    @property
    def constraint(self) -> Any:
        """A function of the value that optimizers apply after each step, or `None`."""
        return self._constraint

    @constraint.setter
    def constraint(self, value: Any) -> None:
        self._constraint = _callable_or_none(value, "constraint", self._path)

    # -- reading ---------------------------------------------------------------------------------

    def _live(self) -> Tensor:
        before = local.before_reads
        if before is not None:
            before(self)
        return self._tensor

    def _is_shared(self) -> bool:
        """Whether somebody outside holds the live tensor (training then must not donate it)."""
        # One reference from the variable, one from getrefcount's own argument.
        return sys.getrefcount(self._tensor) > 2

    def _read(self) -> Tensor:
        """The value here: the scope's inside compiled code, the live one elsewhere."""
        scope = local.scope
        tensor = self._live() if scope is None else scope.read(self)
        for tape in recording.tapes:
            tensor = tape.read(self, tensor)
        return tensor

    @property
    def value(self) -> Tensor:
        """The value as a Tensor (in the compute dtype inside a mixed-precision layer)."""
        tensor = self._read()
        autocast = local.autocast
        if autocast is not None and self._autocast and self._dtype != autocast:
            if is_float_dtype(self._dtype):
                return OPERATIONS["cast"](tensor, autocast)
        return tensor

    def read_value(self) -> Tensor:
        """Return the value (TensorFlow's spelling)."""
        return self.value

    def numpy(self) -> np.ndarray:
        """Return the value as a NumPy array (a copy)."""
        return self._read().numpy()

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return self._read().__array__(dtype)

    def __jax_array__(self) -> jax.Array:
        return self.value._value

    def __float__(self) -> float:
        return float(self._read())

    def __int__(self) -> int:
        return int(self._read())

    def __index__(self) -> int:
        return self._read().__index__()

    def __bool__(self) -> bool:
        return bool(self._read())

    def __len__(self) -> int:
        return len(self._read())

    def __iter__(self):
        return iter(self.value)

    def __hash__(self) -> int:
        return id(self)

    def __setitem__(self, key: Any, value: Any) -> None:
        raise TypeError(
            f"Variable {self._path!r} cannot be changed by item assignment. Use "
            "variable.assign(ops.slice_update(...)) or variable.assign(new_value)."
        )

    # -- changing --------------------------------------------------------------------------------

    def assign(self, value: Any, use_locking: bool = False, name: str | None = None,
               read_value: bool = True) -> Variable:  # fmt: skip
        """Change the value; it must have the variable's shape and is cast to its dtype.

        Raises:
            ValueError: another shape (nothing is broadcast silently).
        """
        tensor = self._fitting(value)
        scope = local.scope
        if scope is None:
            self._assign_live(tensor)
        else:
            scope.write(self, tensor)
        return self

    def _fitting(self, value: Any) -> Tensor:
        if isinstance(value, Variable):
            value = value._read()
        if (
            isinstance(value, (bool, int, float, np.ndarray, np.generic))
            and self._dtype != "string"
        ):
            # Not recorded as a cast: numbers that change from step to step compile nothing.
            value = wrap(jax.numpy.asarray(value, numpy_dtype(self._dtype)))
        tensor = value if isinstance(value, Tensor) else OPERATIONS["convert_to_tensor"](value)
        if tuple(tensor.shape) != tuple(self._shape):
            raise ValueError(
                f"Variable {self._path!r} has shape {tuple(self._shape)}; a value of shape "
                f"{tuple(tensor.shape)} cannot be assigned to it."
            )
        if tensor.dtype != self._dtype or is_weak(tensor):
            with AutocastOff():
                tensor = OPERATIONS["cast"](tensor, self._dtype)
        return tensor

    def _assign_live(self, tensor: Tensor) -> None:
        # A loop that only assigns (metrics over an epoch) must not grow without end: the second
        # pending value runs what was recorded so far.
        waiting = self._tensor._data is None
        # Not a copy of the tensor: that somebody else holds it keeps its buffer from being donated.
        self._tensor = tensor
        if waiting:
            self._tensor._value  # noqa: B018

    def _set_array(self, array: Any) -> None:
        """Take a jax array as the live value, unchecked (the training loop's hand-over)."""
        self._tensor = wrap(array)

    def assign_add(self, value: Any, use_locking: bool = False, name: str | None = None,
                   read_value: bool = True) -> Variable:  # fmt: skip
        """Add `value` to the variable."""
        return self.assign(OPERATIONS["add"](self._read(), value))

    def assign_sub(self, value: Any, use_locking: bool = False, name: str | None = None,
                   read_value: bool = True) -> Variable:  # fmt: skip
        """Subtract `value` from the variable."""
        return self.assign(OPERATIONS["subtract"](self._read(), value))

    def initialized_value(self) -> Tensor:
        """Return the value (TensorFlow 1's spelling)."""
        return self.value

    def __repr__(self) -> str:
        head = f"<Variable path={self._path}, shape={tuple(self._shape)}, dtype={self._dtype}"
        tensor = self._read()
        if is_tracer(tensor._value):
            return head + ">"
        return f"{head}, value={np.asarray(tensor)}>"

    __str__ = __repr__

    def __deepcopy__(self, memo: dict) -> Variable:
        copy = self.__class__.__new__(self.__class__)
        memo[id(self)] = copy
        copy.__dict__.update(self.__dict__)
        copy._tensor = wrap(jax.numpy.array(self._live()._value, copy=True))
        return copy

    def __getstate__(self) -> dict:
        return {**self.__dict__, "_tensor": self._live().numpy()}

    def __setstate__(self, state: dict) -> None:
        self.__dict__.update(state)
        self._tensor = Tensor(state["_tensor"])


class AutocastOff(contextlib.AbstractContextManager):
    """Inside, variables are read in their own dtype."""

    def __enter__(self) -> None:
        self._outer, local.autocast = local.autocast, None

    def __exit__(self, *exc: object) -> None:
        local.autocast = self._outer


def is_weak(tensor: Tensor) -> bool:
    """Whether the tensor has a number's weak type, which state must not have."""
    data = tensor._data if tensor._data is not None else tensor._node.avals[tensor._index]
    return getattr(data, "weak_type", False)


def _callable_or_none(value: Any, what: str, path: str) -> Any:
    if value is not None and not callable(value):
        raise ValueError(f"Variable {path!r}: {what} must be callable; got {value!r}.")
    return value


def _dtype_of(value: Any) -> DType:
    return standardize_dtype("string" if is_host_array(value) else value.dtype.name)


def _initializer_named(name: str, path: str) -> Any:
    cls = find_builtin("keras.initializers", name)
    if cls is None:
        raise ValueError(f"Variable {path!r}: unknown initializer {name!r}.")
    return cls()


def _first_value(initializer: Any, shape: Any, dtype: Any, path: str) -> Any:
    """Return the jax array to begin with, computed now even while a function is being traced."""
    with jax.ensure_compile_time_eval(), AutocastOff(), NoScope():
        if callable(initializer):
            if shape is None:
                raise ValueError(
                    f"Variable {path!r}: with an initializer function, shape=... is required."
                )
            unfilled = unfilled_variables()
            if unfilled is not None and standardize_dtype(dtype) != "string":
                return unfilled.placeholder(path, _concrete(shape, path), numpy_dtype(dtype))
            value = initializer(_concrete(shape, path), dtype=standardize_dtype(dtype))
        else:
            value = initializer
        return _to_array(value, dtype)


def _concrete(shape: Any, path: str) -> tuple:
    shape = tuple(shape) if isinstance(shape, (tuple, list)) else (shape,)
    if any(n is None or int(n) < 0 for n in shape):
        raise ValueError(
            f"Variable {path!r}: every axis of its shape must be known; got {shape}. Give the "
            "input "
            "a fixed size along the axis that the weight depends on."
        )
    return tuple(int(n) for n in shape)


def _to_array(value: Any, dtype: Any) -> Any:
    if isinstance(value, (Tensor, Variable)):
        value = value._read()._value if isinstance(value, Variable) else value._value
    if isinstance(value, jax.Array) and (dtype is None or value.dtype == numpy_dtype(dtype)):
        # Never the caller's own buffer: training donates it.
        return jax.device_put(value, may_alias=False)
    if isinstance(value, (bool, int, float, list, tuple)) and dtype is None:
        value = np.asarray(value)
        if value.dtype.kind == "f":
            dtype = settings.floatx()
        elif value.dtype.kind == "i":
            dtype = "int32"
    if dtype is not None and standardize_dtype(dtype) == "string":
        return np.asarray(value, dtype=object)
    array = np.asarray(value)
    if is_host_array(array):
        return array.astype(object)
    # Put there as it is: `jax.numpy.array` compiles a program for every shape, 15 ms a variable.
    return jax.device_put(np.array(array, dtype=None if dtype is None else numpy_dtype(dtype)))


class NoScope(contextlib.AbstractContextManager):
    """Inside, variables are live even while a pure function is being traced."""

    def __enter__(self) -> None:
        self._outer, local.scope = local.scope, None

    def __exit__(self, *exc: object) -> None:
        local.scope = self._outer
