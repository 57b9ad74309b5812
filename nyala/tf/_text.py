"""Functions of single strings, applied to tensors of strings on the host."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from nyala import ops
from nyala.eager import Tensor


def one_text(value: Any) -> str | bytes:
    """Return the string or the bytes in a scalar."""
    value = (
        np.asarray(value, dtype=object).item() if isinstance(value, (Tensor, np.ndarray)) else value
    )
    if not isinstance(value, (str, bytes)):
        raise TypeError(
            f"Expected one string or bytes; got {value!r} of type {type(value).__name__}."
        )
    return value


def texts(value: Any, who: str) -> np.ndarray:
    """Return a tensor, list or scalar of strings as an array of `str`."""
    tensor = ops.convert_to_tensor(value)
    if tensor.dtype != "string":
        raise TypeError(
            f"tf.strings.{who}: expected strings; got a tensor of dtype {tensor.dtype}. "
            "tf.strings.as_string makes strings of numbers."
        )
    array = tensor.numpy()
    result = np.empty(array.shape, object)
    result.flat = [
        x.decode("utf-8", "replace") if isinstance(x, bytes) else str(x) for x in array.flat
    ]
    return result


def each(function: Callable[[str], Any], value: Any, who: str, dtype: Any = "string") -> Any:
    """Return the results of a function of each string, in the shape of the input."""
    array = texts(value, who)
    results = [function(x) for x in array.flat]
    if dtype == "string":
        out = np.empty(array.shape, object)
        out.flat = results
        return ops.convert_to_tensor(out)
    return ops.convert_to_tensor(np.asarray(results).reshape(array.shape), dtype)
