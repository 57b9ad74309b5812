"""Whatever holds numbers, as arrays that a device takes."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np

from nyala.core import floatx, tree
from nyala.eager import Tensor, Variable, is_host_array

_WIDE = {
    np.dtype("float64"): "float32",
    np.dtype("int64"): "int32",
    np.dtype("uint64"): "uint32",
    np.dtype("complex128"): "complex64",
}


def as_array(value: Any, what: str = "data") -> Any:
    """Return a NumPy or jax array, floats in `floatx` and integers in at most 32 bits.

    Args:
        value: a NumPy or jax array, Tensor, list of numbers, pandas frame or column, or anything
            with `__array__`.
        what: named in errors.
    """
    if value is None or isinstance(value, jax.Array):
        return value
    if isinstance(value, (Tensor, Variable)):
        return value._value if isinstance(value, Tensor) else value._read()._value
    if hasattr(value, "to_numpy"):
        value = value.to_numpy()
    elif type(value).__module__.startswith("torch") and hasattr(value, "detach"):
        value = value.detach().cpu().numpy()
    try:
        array = np.asarray(value)
    except ValueError as error:
        raise ValueError(f"{what} cannot become an array: {error}") from None
    if is_host_array(array):
        numeric = _numeric_column(array)
        return array.astype(object) if numeric is None else narrowed(numeric)
    return narrowed(array)


def _numeric_column(array: np.ndarray) -> np.ndarray | None:
    """A pandas frame of mixed number types arrives as objects: return it as floats if it is one."""
    if array.dtype != object or any(isinstance(v, (str, bytes)) for v in array.ravel()[:16]):
        return None
    try:
        return array.astype("float64")
    except (TypeError, ValueError):
        return None


def narrowed(array: np.ndarray) -> np.ndarray:
    """Return the array in the width that the device computes in."""
    if array.dtype not in _WIDE or jax.config.jax_enable_x64:
        return array
    if array.dtype == np.float64:
        return array.astype(floatx() if floatx() != "bfloat16" else "float32")
    return array.astype(_WIDE[array.dtype])


def as_arrays(structure: Any, what: str = "data") -> Any:
    """Return a structure of arrays; a plain list of numbers or strings is one array."""
    if isinstance(structure, list) and structure and _holds_numbers(structure):
        return as_array(structure, what)
    return tree.map_structure(lambda leaf: as_array(leaf, what), structure)


def _holds_numbers(value: Any) -> bool:
    return all(isinstance(x, (int, float, bool, str, bytes, np.generic)) or (
        isinstance(x, (list, tuple)) and _holds_numbers(x)) for x in value)  # fmt: skip
