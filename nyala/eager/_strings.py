"""Strings as users see them: bytes of UTF-8, as in TensorFlow, however they came in."""

from __future__ import annotations

from typing import Any

import numpy as np


def as_bytes(texts: np.ndarray) -> np.ndarray:
    """Return an array of strings, `str` or bytes, as an array of objects that are bytes.

    Characters that stand for bytes that are no UTF-8 (`surrogateescape`) become those again.
    """
    found = np.empty(texts.size, object)
    items = texts.ravel().tolist()
    found[:] = [x.encode("utf-8", "surrogateescape") if isinstance(x, str) else x for x in items]
    return found.reshape(texts.shape)


def as_numpy(value: Any) -> np.ndarray:
    """Return an array as an array of NumPy, strings as bytes."""
    array = np.asarray(value)
    return as_bytes(array) if array.dtype.kind in "OUST" else array


def array_of_texts(value: Any) -> np.ndarray | None:
    """Return a string or a nested list of strings as an array of objects, else `None`.

    NumPy's own arrays of strings are as wide as the longest and drop zero bytes at the end.

    Raises:
        ValueError: the lists' lengths differ.
    """
    first = value
    while isinstance(first, (list, tuple)) and first:
        first = first[0]
    if not isinstance(first, (str, bytes)):
        return None
    array = np.array(value, object)
    if any(isinstance(item, (list, tuple)) for item in array.flat):
        raise ValueError("The lists have different lengths.")
    return array
