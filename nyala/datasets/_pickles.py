"""Pickles of plain data: numbers, texts, lists, dicts and arrays, and nothing else.

`pickle` runs whatever a file names. Old datasets come as pickles all the same. Here the three names
that they need, those with which NumPy writes arrays, stand for objects of this file, which check
what they are given; any other name ends the reading.
"""

from __future__ import annotations

import io
import math
import pickle
import re
from typing import Any, BinaryIO, NoReturn

import numpy as np

from nyala.datasets._pickle_opcodes import first_unknown_step

_MODULES = ("numpy.core.multiarray", "numpy._core.multiarray")
_NUMBERS = re.compile(r"[biuf][1248]")


class PickleError(ValueError):
    """A pickle holds more than plain data, or is damaged."""


def read_plain_pickle(file: BinaryIO) -> Any:
    """Return what a pickle holds: a structure of numbers, texts, bytes and NumPy arrays.

    Texts of Python 2 come as bytes.

    Raises:
        PickleError: it names anything but NumPy's arrays, or is damaged.
    """
    data = file.read()
    wrong = first_unknown_step(data)
    if wrong:
        raise PickleError(f"a pickle in it is damaged, or holds more than plain data: {wrong}")
    try:
        return _plain(_Reader(io.BytesIO(data), encoding="bytes").load())
    except PickleError:
        raise
    except Exception as error:  # a damaged pickle raises anything
        raise PickleError(f"a pickle in it is damaged: {error!r}") from error


def read_object_array(file: BinaryIO, shape: tuple[int, ...]) -> np.ndarray:
    """Return an array of lists of integers, as NumPy writes it into an `.npy` file.

    Raises:
        PickleError: it holds anything else.
    """
    start = file.tell()
    array = read_plain_pickle(file)
    size = file.tell() - start
    if not isinstance(array, np.ndarray) or array.dtype != object or array.shape != shape:
        raise PickleError("a pickle in it is not the array of lists that it should be")
    for item in array.ravel():
        if type(item) is not list or not all(type(number) is int for number in item):
            raise PickleError("an array in it holds other things than lists of integers")
    if sum(map(len, array)) > size:  # one list may stand for a million: whoever copies them is lost
        raise PickleError("an array in it holds more numbers than the file")
    return array


class _Reader(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("numpy", "ndarray"):
            return _Array
        if (module, name) == ("numpy", "dtype"):
            return _DType
        if module in _MODULES and name == "_reconstruct":
            return _new_array
        raise PickleError(f"a pickle in it asks for {module}.{name}, which is never called")

    def persistent_load(self, pid: Any) -> NoReturn:
        raise PickleError("a pickle in it refers to something outside")


class _DType:
    """What stands for `numpy.dtype` while a pickle is read: numbers, or objects."""

    __slots__ = ("code", "order")

    def __init__(self, code: Any, *_: Any):
        self.code = code.decode("ascii") if isinstance(code, bytes) else str(code)
        self.order = "="
        if not _NUMBERS.fullmatch(self.code) and self.code not in ("O", "O8"):
            raise PickleError(f"an array in it has the dtype {self.code!r}")

    def __setstate__(self, state: tuple) -> None:
        order = state[1].decode("ascii") if isinstance(state[1], bytes) else state[1]
        if order not in ("<", ">", "|", "=") or any(part is not None for part in state[2:5]):
            raise PickleError("an array in it has a dtype of several fields")
        self.order = order


class _Array:
    """What stands for `numpy.ndarray` while a pickle is read."""

    __slots__ = ("value",)

    value: np.ndarray

    def __setstate__(self, state: tuple) -> None:
        _, shape, dtype, in_columns, data = state
        if type(shape) is not tuple or not all(type(n) is int and n >= 0 for n in shape):
            raise PickleError(f"an array in it has the shape {shape!r}")
        if type(dtype) is not _DType:
            raise PickleError("an array in it has no dtype")
        order = "F" if in_columns else "C"
        self.value = _filled(math.prod(shape), dtype, data).reshape(shape, order=order)  # type: ignore[call-overload]


def _filled(count: int, dtype: _DType, data: Any) -> np.ndarray:
    if dtype.code.startswith("O"):
        if type(data) is not list or len(data) != count:
            raise PickleError("an array in it does not hold as many items as it says")
        items: np.ndarray = np.empty(count, object)
        for place, item in enumerate(data):  # at once, lists of one length would become a table
            items[place] = item
        return items
    numbers = np.dtype(dtype.order + dtype.code)
    if type(data) is not bytes or len(data) != count * numbers.itemsize:
        raise PickleError("an array in it does not hold as many bytes as it says")
    return np.frombuffer(data, numbers)


def _new_array(*_: Any) -> _Array:
    return _Array()


def _plain(value: Any) -> Any:
    """Return the arrays for which stand-ins were built, also inside a dict."""
    if isinstance(value, _Array):
        return value.value
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return value
