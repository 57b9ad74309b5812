"""From what users have to tensors and back, and between dtypes."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import ml_dtypes
import numpy as np

from nyala.core import DType, floatx, numpy_dtype, standardize_dtype
from nyala.eager import (
    OPERATIONS,
    Array,
    Symbolic,
    Tensor,
    Variable,
    array_of_texts,
    is_host_array,
    op,
    to_tensor,
    wrap,
)
from nyala.ops._dtypes import jax_dtype


def convert_to_tensor(
    x: Any, dtype: Any = None, sparse: bool | None = None, ragged: bool | None = None
) -> Any:
    """Return `x` as a tensor.

    Args:
        x: a number, array, nested list, tensor, variable or string; a symbolic tensor passes.
        dtype: the result's dtype. By default that of an array; `floatx` for Python floats, int32
            for Python integers, `"string"` for strings.
        sparse: accepted for Keras' sake; every tensor is dense.
        ragged: must not be true.

    Returns:
        A `Tensor`, or a `KerasTensor` where one came in.

    Raises:
        ValueError: `ragged=True`, or a nested list of unequal lengths.

    >>> import nyala
    >>> nyala.ops.convert_to_tensor([1.0, 2.5]).numpy()
    array([1. , 2.5], dtype=float32)
    >>> nyala.ops.convert_to_tensor([1, 2], dtype="bfloat16").dtype
    'bfloat16'
    """
    if ragged:
        raise ValueError(
            "convert_to_tensor(ragged=True): nyala has no ragged tensors; pad to equal lengths."
        )
    if isinstance(x, Symbolic):
        return x if dtype is None or x.dtype == dtype else cast(x, dtype)
    if isinstance(x, (Tensor, Variable)):
        tensor = to_tensor(x)
        return tensor if dtype is None else _cast_if_needed(tensor, dtype)
    if isinstance(x, jax.Array):
        return _cast_if_needed(wrap(x), dtype) if dtype is not None else wrap(x)
    if isinstance(x, (bool, int, float, complex)) and dtype is None:
        return wrap(_number(x))
    return _convert_host(x, dtype)


def array(x: Any, dtype: Any = None) -> Any:
    """Return `x` as a tensor: NumPy's name for `convert_to_tensor`.

    Args:
        x: a number, array, nested list, tensor or variable.
        dtype: the result's dtype.

    Returns:
        A tensor.

    >>> import nyala
    >>> nyala.ops.array([1, 2, 3]).numpy()
    array([1, 2, 3], dtype=int32)
    """
    return convert_to_tensor(x, dtype)


def _number(x: Any) -> Any:
    """A Python number keeps its weak type, so that `bfloat16 * tensor(2.0)` stays bfloat16."""
    value = jnp.asarray(x)
    if isinstance(x, float) and value.dtype != jax_dtype(floatx()):
        return jnp.asarray(x, jax_dtype(floatx()))
    if type(x) is int and value.dtype != jnp.int32:
        return jnp.asarray(x, "int32")
    return value


def _convert_host(x: Any, dtype: Any) -> Tensor:
    """Convert lists and foreign arrays, in NumPy as far as possible."""
    if isinstance(x, (list, tuple)) and _holds_tensors(x):
        tensor = to_tensor(x)
        return tensor if dtype is None else _cast_if_needed(tensor, dtype)
    was_array = hasattr(x, "dtype")
    array = x if isinstance(x, np.ndarray) else np.asarray(to_host(x))
    if is_host_array(array) or (dtype is not None and standardize_dtype(dtype) == "string"):
        return _strings(array, dtype)
    if dtype is None and not was_array:
        dtype = {"f": floatx(), "i": "int32"}.get(array.dtype.kind)
    target = jax_dtype(array.dtype if dtype is None else dtype)
    if array.dtype.kind == "c" and target.kind != "c":
        array = array.real
    return wrap(jnp.asarray(array.astype(target, copy=False)))


def to_host(x: Any) -> Any:
    """Return something NumPy can read, or say that it can't."""
    if isinstance(x, (list, tuple, str, bytes)):
        try:
            found = array_of_texts(x)
            return np.asarray(x) if found is None else found
        except ValueError:
            raise ValueError(
                "A nested list must have the same length along each axis to become a tensor; got "
                f"{x!r}."
            ) from None
    if x is None or (callable(x) and not hasattr(x, "__array__")):
        raise TypeError(f"Expected an array, a number or a list of numbers; got {x!r}.")
    return x


def _holds_tensors(x: Any) -> bool:
    return any(
        _holds_tensors(item)
        if isinstance(item, (list, tuple))
        else isinstance(item, (Tensor, Variable, jax.Array, Symbolic))
        for item in x
    )


def _strings(array: np.ndarray, dtype: Any) -> Tensor:
    if dtype is None or standardize_dtype(dtype) == "string":
        if array.dtype.kind == "O" and array.size and not isinstance(array.flat[0], (str, bytes)):
            raise TypeError(
                "Expected numbers or strings; got Python objects of type "
                f"{type(array.flat[0]).__name__}: {array.flat[0]!r}."
            )
        return wrap(
            array.astype(object) if array.dtype.kind in "OUST" else array.astype(str).astype(object)
        )
    return wrap(jnp.asarray(array.astype(numpy_dtype(dtype)).astype(jax_dtype(dtype))))


def _cast_if_needed(tensor: Tensor, dtype: Any) -> Tensor:
    if tensor.dtype == dtype or tensor.dtype == jax_dtype(dtype):
        return tensor
    if standardize_dtype(dtype) == "string":
        return _strings(tensor.numpy(), dtype)
    return cast(tensor, dtype)


def convert_to_numpy(x: Any) -> np.ndarray:
    """Return the value of `x` as a NumPy array (a copy).

    Args:
        x: a tensor, variable, array, number or nested list.

    Returns:
        A NumPy array of the same shape and dtype; bfloat16 is `ml_dtypes.bfloat16`.

    Raises:
        TypeError: inside compiled code, where values are not known.

    >>> import nyala
    >>> nyala.ops.convert_to_numpy(nyala.ops.ones((2,)))
    array([1., 1.], dtype=float32)
    """
    if isinstance(x, Symbolic):
        raise TypeError(f"A symbolic tensor has no value: {x!r} cannot become a NumPy array.")
    if isinstance(x, (Tensor, Variable)):
        return x.numpy()
    if isinstance(x, (list, tuple)) and _holds_tensors(x):
        return to_tensor(x).numpy()
    return np.array(x)


@op
def cast(x: Array, dtype: Any) -> Array:
    """Return `x` in another dtype.

    Args:
        x: array of any shape. Floats are cut toward 0 to become integers; complex numbers lose
            their imaginary part to become real.
        dtype: the dtype wanted. 64-bit types are 32-bit ones unless 64 bits are switched on.

    Returns:
        A tensor of the shape of `x`.

    >>> import nyala
    >>> nyala.ops.cast([1.7, -1.7], "int32").numpy()
    array([ 1, -1], dtype=int32)
    """
    if is_host_array(x):
        return (
            x if standardize_dtype(dtype) == "string" else jnp.asarray(x.astype(jax_dtype(dtype)))
        )
    if standardize_dtype(dtype) == "string":
        raise TypeError("numbers become strings by convert_to_tensor(x, 'string') only.")
    target = jax_dtype(dtype)
    x = jnp.asarray(x)
    if jnp.iscomplexobj(x) and not jnp.issubdtype(target, jnp.complexfloating):
        x = jnp.real(x)
    return x.astype(target)


@op
def saturate_cast(x: Array, dtype: Any) -> Array:
    """Return `x` in another dtype, values beyond its range brought to its nearest end.

    Args:
        x: array of any shape.
        dtype: the dtype wanted.

    Returns:
        A tensor of the shape of `x`.

    >>> import nyala
    >>> nyala.ops.saturate_cast([-3.0, 7.0, 300.0], "uint8").numpy()
    array([  0,   7, 255], dtype=uint8)
    """
    x = jnp.asarray(x)
    target = jax_dtype(dtype)
    if x.dtype == jnp.bool_:
        return x.astype(target)
    low, high = _common_range(x.dtype, target)
    return jnp.clip(x, low, high).astype(target)


def _common_range(source: Any, target: Any) -> tuple:
    """The least and greatest number that both dtypes hold, as numbers of `source`."""
    (in_low, in_high), (out_low, out_high) = _range(source), _range(target)
    low, high = np.maximum(in_low, out_low), np.minimum(in_high, out_high)
    low_in, high_in = low.astype(source), high.astype(source)
    # The bound may round outward: float32 has no 2**32 - 1. One step inward is representable.
    if low_in < low:
        low_in = np.nextafter(low_in, source.type(0), dtype=source)
    if high_in > high:
        high_in = np.nextafter(high_in, source.type(0), dtype=source)
    return low_in, high_in


def _range(dtype: Any) -> tuple:
    if dtype == np.bool_:
        return np.float64(0), np.float64(1)
    kind = ml_dtypes.iinfo if jnp.issubdtype(dtype, jnp.integer) else ml_dtypes.finfo
    info = kind(dtype)
    return np.asarray(info.min), np.asarray(info.max)


@op
def view(x: Array, dtype: Any = None) -> Array:
    """Return the same bytes read as another dtype.

    Args:
        x: array of any shape. A dtype of another width changes the length of its last axis.
        dtype: the dtype to read as; that of `x` by default.

    Returns:
        A tensor over the same bytes.

    >>> import nyala
    >>> nyala.ops.view(nyala.ops.array([1.0], "float32"), "int32").numpy()
    array([1065353216], dtype=int32)
    """
    x = jnp.asarray(x)
    return x if dtype is None else x.view(jax_dtype(dtype))


def shape(x: Any) -> tuple:
    """Return the lengths of the axes of `x`.

    Args:
        x: a tensor, array or nested list. Unknown axes of a symbolic tensor give `None`.

    Returns:
        A tuple of integers.

    >>> import nyala
    >>> nyala.ops.shape(nyala.ops.zeros((2, 3)))
    (2, 3)
    """
    return tuple(x.shape) if hasattr(x, "shape") else tuple(to_tensor(x).shape)


def dtype(x: Any) -> DType:
    """Return the name of the dtype of `x`.

    Args:
        x: a tensor, variable, array or number.

    Returns:
        A name, equal also to NumPy's dtype.

    >>> import nyala
    >>> nyala.ops.dtype(nyala.ops.zeros((2,), "int32"))
    'int32'
    """
    return standardize_dtype(x.dtype) if hasattr(x, "dtype") else convert_to_tensor(x).dtype


def ndim(x: Any) -> int:
    """Return the number of axes of `x`.

    Args:
        x: a tensor, array or nested list.

    Returns:
        An integer.

    >>> import nyala
    >>> nyala.ops.ndim([[1, 2], [3, 4]])
    2
    """
    return len(shape(x))


def size(x: Any) -> Any:
    """Return the number of elements of `x`.

    Args:
        x: a tensor, array or nested list.

    Returns:
        An integer; a symbolic scalar where a symbolic tensor has an axis of unknown length.

    >>> import nyala
    >>> nyala.ops.size([[1, 2], [3, 4]])
    4
    """
    lengths = shape(x)
    return _size(x) if None in lengths else int(np.prod(lengths, dtype=int))


@op(name="size")
def _size(x: Array) -> Array:
    return jnp.asarray(jnp.size(x), "int32")


def is_tensor(x: Any) -> bool:
    """Whether `x` is a tensor (a JAX array counts, a NumPy array or variable does not).

    Args:
        x: anything.

    >>> import nyala
    >>> nyala.ops.is_tensor(nyala.ops.zeros(2)), nyala.ops.is_tensor([1, 2])
    (True, False)
    """
    return isinstance(x, (Tensor, jax.Array))


OPERATIONS["convert_to_tensor"] = convert_to_tensor
