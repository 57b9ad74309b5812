"""Functions of single strings, applied to tensors of strings on the host. A string is bytes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from nyala import ops
from nyala.eager import Tensor


def one_text(value: Any) -> bytes | str:
    """Return the string or the bytes in a scalar."""
    if isinstance(value, (Tensor, np.ndarray)):
        value = np.asarray(value, dtype=object).item()
    if not isinstance(value, (str, bytes)):
        raise TypeError(
            f"Expected one string or bytes; got {value!r} of type {type(value).__name__}."
        )
    return value


def one_string(value: Any) -> bytes:
    """Return the string in a scalar as bytes of UTF-8."""
    text = one_text(value)
    return text.encode() if isinstance(text, str) else text


def texts(value: Any, who: str) -> np.ndarray:
    """Return a tensor, list or scalar of strings as an array of bytes."""
    tensor = ops.convert_to_tensor(value)
    if tensor.dtype != "string":
        raise TypeError(
            f"tf.strings.{who}: expected strings; got a tensor of dtype {tensor.dtype}. "
            "tf.strings.as_string makes strings of numbers."
        )
    return np.asarray(tensor)


def each(function: Callable[[bytes], Any], value: Any, who: str, dtype: Any = "string") -> Any:
    """Return the results of a function of each string, in the shape of the input."""
    array = texts(value, who)
    results = [function(x) for x in array.flat]
    if dtype == "string":
        return of_strings(results, array.shape)
    return ops.convert_to_tensor(np.asarray(results).reshape(array.shape), dtype)


def of_strings(items: list, shape: tuple) -> Any:
    """Return a tensor of strings."""
    out = np.empty(len(items), object)
    out[:] = items
    return ops.convert_to_tensor(out.reshape(shape))


def pieces(cut: Callable[[bytes], list], array: np.ndarray) -> Any:
    """Return what a function cuts one string into as a tensor; a list of such for several."""
    if array.ndim == 0:
        found = cut(array.item())
        return of_strings(found, (len(found),))
    return [pieces(cut, array[i, ...]) for i in range(len(array))]


def rows_of(values: Any, who: str) -> tuple[list[np.ndarray], bool]:
    """Return rows of tokens, and whether there were several (a list of tensors, or a matrix)."""
    if isinstance(values, (list, tuple)) and values and not isinstance(values[0], (str, bytes)):
        return [texts(row, who) for row in values], True
    array = texts(values, who)
    return ([array], False) if array.ndim < 2 else (list(array), True)
