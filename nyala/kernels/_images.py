"""Resizing images, and decoding JPEG files while they are resized, in native code on the host.

The functions work on the calling thread and let go of Python's lock. Each says with `False` that
it cannot do something (there is no native library, the file is of a rare kind or broken); the
caller then takes another way, to the same result.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import cache

import numpy as np

from nyala.kernels._mode import kernels_mode
from nyala.kernels._native_library import host_function

Axis = tuple[np.ndarray, np.ndarray]
"""What makes up each place of a resized axis: places of the source (int32), and their weights
(float32), both of shape `(size, taps)` and contiguous."""

_POINTER, _SIZE = ctypes.c_void_p, ctypes.c_int64
_RESULT = (_POINTER,) * 6  # two axes, their description, the result


def resize_image(pixels: np.ndarray, rows: Axis, columns: Axis, out: np.ndarray) -> bool:
    """Write a resized image into `out`; whether that was possible.

    Args:
        pixels: uint8 of shape `(height, width, bytes)`, the pixels of a row without gaps.
        rows, columns: the axes.
        out: float32 of shape `(len(rows), len(columns), channels)`, with as many channels as
            `pixels` or fewer.
    """
    resize = _native("nyala_resize_image", (_POINTER, _POINTER, *_RESULT))
    height, width, depth = pixels.shape
    if resize is None or pixels.strides[1:] != (depth, 1) or not _is_writable(out):
        return False
    place = np.array((height, width, pixels.strides[0], depth), np.int64)
    return resize(pixels.ctypes.data, place.ctypes.data, *_arguments(rows, columns, out)) == 0


def jpeg_shape(data: bytes) -> tuple[int, int, int] | None:
    """Return height, width and channels of a JPEG file that `resize_jpeg` may know, else `None`."""
    read = _native("nyala_jpeg_shape", (ctypes.c_char_p, _SIZE, _POINTER))
    shape = (_SIZE * 3)()
    if read is None or read(data, len(data), ctypes.addressof(shape)) != 0:
        return None
    return shape[0], shape[1], shape[2]


def resize_jpeg(data: bytes, shape: tuple[int, int, int], rows: Axis, columns: Axis,
                out: np.ndarray) -> bool:  # fmt: skip
    """Write the image of a JPEG file, resized, into `out`; whether that was possible.

    Pixels are those of libjpeg's accurate transform with smooth chroma, bit by bit.

    Args:
        data: the file.
        shape: what `jpeg_shape` returned.
        rows, columns: the axes.
        out: float32 of shape `(len(rows), len(columns), channels)`: one channel for a grey image,
            three, or four (the last is 255).
    """
    types = (ctypes.c_char_p, _SIZE, _SIZE, _SIZE, *_RESULT)
    resize = _native("nyala_jpeg_resize", types)
    if resize is None or not _is_writable(out):
        return False
    return resize(data, len(data), shape[0], shape[1], *_arguments(rows, columns, out)) == 0


def _arguments(rows: Axis, columns: Axis, out: np.ndarray) -> tuple:
    described = (*rows[0].shape, *columns[0].shape, out.shape[2], out.strides[0] // 4)
    # ctypes keeps no reference: an argument that is an object stays until the call has ended.
    result = (_SIZE * 6)(*described)
    arrays = [array.ctypes.data for array in (*rows, *columns)]
    return (*arrays, result, out.ctypes.data)


def _is_writable(out: np.ndarray) -> bool:
    return out.dtype == np.float32 and out.strides[1:] == (4 * out.shape[2], 4)


def _native(name: str, types: tuple) -> Callable | None:
    return _function(name, types) if kernels_mode() in ("auto", "native") else None


@cache
def _function(name: str, types: tuple) -> Callable | None:
    return host_function(name, types)
