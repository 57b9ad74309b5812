"""`serialize_tensor` and `parse_tensor`: tensors as bytes, in TensorFlow's format."""

from __future__ import annotations

from typing import Any

import ml_dtypes
import numpy as np

from nyala.core import standardize_dtype
from nyala.data._elements import as_host, to_tensors
from nyala.data.records._wire import (
    WireError,
    field,
    fields,
    read_packed_varints,
    varint_field,
)
from nyala.data.records._writer import as_bytes

_STRING = 7
_DTYPES = {
    1: np.float32, 2: np.float64, 3: np.int32, 4: np.uint8, 5: np.int16, 6: np.int8,
    8: np.complex64, 9: np.int64, 10: np.bool_, 14: ml_dtypes.bfloat16, 17: np.uint16,
    18: np.complex128, 19: np.float16, 22: np.uint32, 23: np.uint64,
}  # fmt: skip
_NUMBERS = {np.dtype(dtype): number for number, dtype in _DTYPES.items()}
# Small constants may be written value by value, in the field of their kind.
_BY_VALUE = (5, 6, 7, 9, 10, 11, 12, 13, 16, 17)


def serialize_tensor(tensor: Any, name: str | None = None) -> Any:
    """Return a tensor as bytes, in a scalar tensor.

    Args:
        tensor: a tensor or array, also of strings.
        name: accepted for TensorFlow's sake.

    >>> from nyala import tf
    >>> data = tf.io.serialize_tensor([1.5, 2.5])
    >>> tf.io.parse_tensor(data, tf.float32).numpy()
    array([1.5, 2.5], dtype=float32)
    """
    array = tensor if isinstance(tensor, np.ndarray) and tensor.dtype != object else as_host(tensor)
    shape = b"".join(field(2, varint_field(1, n) if n else b"") for n in array.shape)
    number = _STRING if array.dtype == object else _NUMBERS[array.dtype]
    content = _strings(array) if number == _STRING else _numbers(array)
    return to_tensors(np.asarray(varint_field(1, number) + field(2, shape) + content, object))


def parse_tensor(serialized: Any, out_type: Any, name: str | None = None) -> Any:
    """Return the tensor that `serialize_tensor`, nyala's or TensorFlow's, made bytes of.

    Args:
        serialized: bytes, or a scalar tensor of bytes.
        out_type: the dtype.
        name: accepted for TensorFlow's sake.

    Raises:
        ValueError: the bytes hold no tensor, or one of another dtype.
    """
    data = as_bytes(serialized, "parse_tensor")
    try:
        array = _read(data)
    except (WireError, TypeError, ValueError, KeyError) as error:
        raise ValueError(f"parse_tensor: the {len(data)} bytes hold no tensor: {error}.") from None
    held = "string" if array.dtype == object else array.dtype.name
    if held != str(standardize_dtype(out_type)):
        raise ValueError(f"parse_tensor: the tensor is one of {held}, not {out_type}.")
    return to_tensors(as_host(array))


def _strings(array: np.ndarray) -> bytes:
    items = [item.encode() if isinstance(item, str) else item for item in array.ravel()]
    return b"".join([field(8, item) for item in items])


def _numbers(array: np.ndarray) -> bytes:
    return field(4, np.ascontiguousarray(array).tobytes()) if array.size else b""


def _read(data: bytes) -> np.ndarray:
    number, shape, content, values = 0, [], None, []
    for key, _, value in fields(data):
        if key == 1:
            number = value
        elif key == 2:
            shape = _shape(value)
        elif key == 4:
            content = value
        elif key == 8:
            values.append(value)
        elif key in _BY_VALUE:
            values += _single_values(key, value)
    if number == _STRING:
        return _filled(np.array([*values, b""], object)[:-1], shape)
    dtype = np.dtype(_DTYPES[number])
    if content is not None:
        return np.frombuffer(content, dtype).reshape(shape)
    if number in (14, 19):  # sixteen bits, as integers
        return _filled(np.array(values, np.uint16).view(dtype), shape)
    if number in (8, 18):
        values = [complex(a, b) for a, b in zip(values[::2], values[1::2], strict=True)]
    return _filled(np.array(values, dtype), shape)


def _shape(data: bytes) -> list[int]:
    return [
        next((size for n, _, size in fields(dim) if n == 1), 0)
        for key, _, dim in fields(data) if key == 2
    ]  # fmt: skip


def _single_values(key: int, value: Any) -> list:
    if isinstance(value, int):
        return [value - (value >> 63 << 64)]
    if key in (5, 9):
        return np.frombuffer(value, "<f4").tolist()
    if key in (6, 12):
        return np.frombuffer(value, "<f8").tolist()
    return read_packed_varints(value)


def _filled(values: np.ndarray, shape: list[int]) -> np.ndarray:
    """Return values in a shape; the last one stands for all that are left out."""
    count = int(np.prod(shape, dtype=int))
    if len(values) < count:
        last = values[-1:] if len(values) else np.zeros(1, values.dtype)
        values = np.concatenate([values, np.repeat(last, count - len(values))])
    return values.reshape(shape)
