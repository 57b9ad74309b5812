"""`Tensor`: the one value that user code meets, in eager code as in compiled code."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import jax
import numpy as np

from nyala.core import DType, standardize_dtype, tree, user_line
from nyala.eager._operators import ArrayMethods
from nyala.eager._shape import Shape
from nyala.eager._strings import as_bytes, as_numpy

# NumPy's dtypes to ours: looking up the name of a NumPy dtype takes microseconds.
_dtypes: dict[Any, DType] = {}

# The tape, which stands above this file, puts here what is called when a value goes where
# derivatives cannot follow it.
LEAVING: list[Callable[[Any], None]] = []


class NumpyFunctions:
    """NumPy's functions on values: they return NumPy's own arrays, whichever function it is."""

    __slots__ = ()

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        if function in (np.shape, np.ndim, np.size) or any(map(_is_unknown, _leaves(args, kwargs))):
            # By the values' own attributes and methods, without looking at what they hold.
            return function._implementation(*args, **kwargs)
        args, kwargs = tree.map_structure(_as_numpy, (args, kwargs))
        return function(*args, **kwargs)


def _leaves(args: Any, kwargs: Any) -> list:
    return tree.flatten([args, kwargs])


def _as_numpy(leaf: Any) -> Any:
    return np.asarray(leaf) if isinstance(leaf, NumpyFunctions) else leaf


def _is_unknown(leaf: Any) -> bool:
    """Whether a value is a placeholder in code that is being compiled."""
    if not isinstance(leaf, NumpyFunctions):
        return isinstance(leaf, ArrayMethods)
    return is_tracer(leaf.__jax_array__())


class Tensor(NumpyFunctions, ArrayMethods):
    """An n-dimensional array of one dtype that cannot be changed in place.

    It behaves as a NumPy array does in arithmetic, indexing, comparison and printing. Inside
    compiled code it stands for a value that is not known yet.

    Args:
        value: an array, number or nested list. Tensors usually come from operations; see
            `nyala.ops.convert_to_tensor`.

    >>> import nyala
    >>> x = nyala.ops.convert_to_tensor([[1.0, 2.0], [3.0, 4.0]])
    >>> x
    <nyala.Tensor: shape=(2, 2), dtype=float32, numpy=
    array([[1., 2.],
           [3., 4.]], dtype=float32)>
    >>> float((x * x).sum())
    30.0
    """

    # `_data` is a jax array or tracer, a NumPy array of strings, or None while `_node` (a recorded
    # operation whose output `_index` this is) has not been run.
    __slots__ = ("__weakref__", "_data", "_index", "_keras_mask", "_node")

    def __init__(self, value: Any):
        if isinstance(value, Tensor):
            value = value._value
        elif not isinstance(value, jax.Array) and not is_host_array(value):
            value = jax.numpy.asarray(value)
        self._data = value
        self._node = None

    @property
    def _value(self) -> Any:
        """The jax array, computing it first where it is only recorded."""
        data = self._data
        if data is None:
            data = self._node.value(self._index)
        return data

    @property
    def shape(self) -> Shape:
        """The lengths of the axes, as a tuple of integers."""
        return Shape(
            (self._data if self._data is not None else self._node.avals[self._index]).shape
        )

    @property
    def dtype(self) -> DType:
        """The dtype's name; equal to NumPy's dtype as well."""
        data = self._data if self._data is not None else self._node.avals[self._index]
        known = _dtypes.get(data.dtype)
        if known is None:
            known = _dtypes[data.dtype] = standardize_dtype(data.dtype.name)
        return known

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.shape)

    @property
    def device(self) -> str:
        """The device that holds the value, such as `"cpu:0"`."""
        if is_host_array(self._value):
            return "cpu:0"
        device = next(iter(self._value.devices()))
        return f"{device.platform}:{device.id}"

    def numpy(self) -> np.ndarray:
        """Return the value as a NumPy array (a copy: changing it does not change the tensor).

        Strings are bytes of UTF-8, and a single one is `bytes`.
        """
        value = self._value
        if is_host_array(value):
            return as_bytes(value)[()]
        _refuse_tracer(value, "numpy()")
        LEAVING[0](self)
        return np.array(value)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        value = self._value
        _refuse_tracer(value, "numpy")
        LEAVING[0](self)
        if is_host_array(value):
            return np.array(as_bytes(value), dtype=dtype)
        return np.array(value, dtype=dtype, copy=copy)

    def __jax_array__(self) -> jax.Array:
        LEAVING[0](self)
        return self._value

    @classmethod
    def from_dlpack(cls, array: Any) -> Tensor:
        """Return a tensor on the memory of another library's array, without a copy.

        Args:
            array: an object with `__dlpack__`, such as a PyTorch tensor or a NumPy array. It must
                not be changed afterwards.
        """
        return wrap(jax.numpy.from_dlpack(array))

    def __dlpack__(self, **kwargs: Any) -> Any:
        return self._value.__dlpack__(**kwargs)

    def __dlpack_device__(self) -> Any:
        return self._value.__dlpack_device__()

    def item(self, *index: int) -> Any:
        """Return one element as a Python number."""
        value = self._value
        _refuse_tracer(value, "item()")
        LEAVING[0](self)
        if not index and np.size(value) != 1:
            raise ValueError(
                f"Only a tensor of one element is a Python number; got shape {self.shape}. Choose "
                "an element, reduce it, or use tolist()."
            )
        return as_numpy(value).item(*index)

    def tolist(self) -> Any:
        """Return the value as nested lists of Python numbers (or bytes)."""
        return as_numpy(self.numpy()).tolist()

    def __float__(self) -> float:
        return float(self.item())

    def __int__(self) -> int:
        return int(self.item())

    def __index__(self) -> int:
        if not (self.dtype.is_integer and self.ndim == 0):
            raise TypeError(f"Only a scalar integer tensor can be an index; got {self!r}.")
        return int(self.item())

    def __complex__(self) -> complex:
        return complex(self.item())

    def __bool__(self) -> bool:
        value = self._value
        _refuse_tracer(value, "if/while/bool()")
        if self.ndim and np.size(value) != 1:
            raise ValueError(
                f"The truth value of a tensor of shape {self.shape} is ambiguous: use ops.any() or "
                "ops.all()."
            )
        return bool(np.asarray(value).item())

    def __len__(self) -> int:
        if not self.shape:
            raise TypeError("A scalar tensor has no length.")
        return self.shape[0]

    def __iter__(self):
        if not self.shape:
            raise TypeError("A scalar tensor cannot be iterated over.")
        return (self[i] for i in range(self.shape[0]))

    def __hash__(self) -> int:
        return id(self)

    def __setitem__(self, key: Any, value: Any) -> None:
        raise TypeError(
            "A tensor cannot be changed in place. Make a new one with ops.slice_update() or "
            "ops.scatter_update(), or change a Variable with assign()."
        )

    def __repr__(self) -> str:
        if is_tracer(self._value):
            return f"<nyala.Tensor: shape={self.shape}, dtype={self.dtype}, traced>"
        value = as_numpy(self._value)
        body = str(value) if value.ndim == 0 else repr(value)
        if "\n" in body:
            body = "\n" + body
        return f"<nyala.Tensor: shape={self.shape}, dtype={self.dtype}, numpy={body}>"

    def __str__(self) -> str:
        if is_tracer(self._value):
            return repr(self)
        body = str(as_numpy(self._value))
        if self.shape:
            body = "\n" + body
        return f"nyala.Tensor({body}, shape={tuple(self.shape)}, dtype={self.dtype})"

    def __format__(self, spec: str) -> str:
        if is_tracer(self._value):
            return repr(self)
        if self.shape:
            return format(str(np.asarray(self)), spec)
        return format(self.item(), spec) if spec else str(np.asarray(self))

    def __copy__(self) -> Tensor:
        return self

    def __deepcopy__(self, memo: dict) -> Tensor:
        return self

    def __reduce__(self):
        return (Tensor, (np.asarray(self),))


def wrap(value: Any) -> Tensor:
    """Return a Tensor around a jax array or tracer, without any check."""
    tensor = Tensor.__new__(Tensor)
    tensor._data = value
    tensor._node = None
    return tensor


def is_tracer(value: Any) -> bool:
    """Whether `value` is a placeholder of a function that JAX is tracing."""
    return isinstance(value, jax.core.Tracer)


def is_host_array(value: Any) -> bool:
    """Whether `value` is a NumPy array of strings, which never goes to a device."""
    return isinstance(value, np.ndarray) and value.dtype.kind in "OUST"


def escaped(error: Exception, who: str) -> TypeError:
    """Return an error about a tensor that is used after the code it stood in was compiled."""
    found = re.search(r"being traced when the value leaked was (\w+)", str(error))
    where = f"{found[1]}()" if found else "a compiled function"
    return TypeError(
        f"{who}: a tensor escaped from {where}: it stood for a value while that was compiled, and "
        "has none outside. Return it from the function, or assign it to a Variable."
    )


def _refuse_escaped(value: Any, what: str) -> None:
    """Refuse a tracer whose function has been compiled already."""
    try:
        jax.numpy.negative(value) if value.dtype != bool else jax.numpy.logical_not(value)
    except jax.errors.UnexpectedTracerError as error:
        raise escaped(error, what) from None


def _refuse_tracer(value: Any, what: str) -> None:
    if is_tracer(value):
        _refuse_escaped(value, what)
        raise TypeError(
            f"{what} needs the value of a tensor of shape {tuple(value.shape)}, but this code is "
            f"being compiled, where values are not known yet (at {user_line()}). Use ops.cond / "
            "ops.where / ops.while_loop instead, or pass run_eagerly=True to compile() while "
            "debugging."
        )


def _flatten(tensor: Tensor) -> tuple[tuple[Any, ...], None]:
    LEAVING[0](tensor)
    return (tensor._value,), None


def _unflatten(_, children):
    # Inside a transformation of JAX's (jit, grad, vmap) the user's function works on JAX's own
    # values: JAX does not differentiate functions that return anything else.
    return children[0] if is_tracer(children[0]) else wrap(children[0])


jax.tree_util.register_pytree_node(Tensor, _flatten, _unflatten)
