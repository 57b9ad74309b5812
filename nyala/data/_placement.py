"""Large arrays on their way to the device."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import jax
import numpy as np

# XLA uses a NumPy buffer as it is when it begins at a multiple of this many bytes.
_ALIGNMENT = 64
# Below this, one copy by JAX costs less than two threads.
_LARGE = 4 << 20
_THREADS = 4


def on_device(array: Any) -> Any:
    """Return a jax array with the values of a NumPy array.

    NumPy's large arrays begin 16 bytes after a page, so that JAX on a CPU copies them twice
    (measured: 150 ms for 157 MB). Here they are copied once, by several threads, to where XLA can
    use them as they are (35 ms); an array that lies well already is not copied at all. The data
    must then not be changed while it is in use.
    """
    if isinstance(array, jax.Array):
        return array
    if jax.default_backend() != "cpu" or array.nbytes < _LARGE:
        return jax.numpy.asarray(array)
    if array.ctypes.data % _ALIGNMENT or not array.flags.c_contiguous:
        array = _aligned_copy(array)
    return jax.device_put(array, may_alias=True)


def _aligned_copy(array: np.ndarray) -> np.ndarray:
    copy = aligned_empty(array.shape, array.dtype)
    cuts = np.linspace(0, len(array), _THREADS + 1, dtype=int)
    with ThreadPoolExecutor(_THREADS) as pool:
        list(pool.map(lambda a, b: np.copyto(copy[a:b], array[a:b]), cuts[:-1], cuts[1:]))
    return copy


def aligned_empty(shape: tuple, dtype: Any) -> np.ndarray:
    """Return an uninitialised array that begins where XLA can use it as it is."""
    dtype = np.dtype(dtype)
    size = int(np.prod(shape)) * dtype.itemsize
    buffer = np.empty(size + _ALIGNMENT, np.uint8)
    start = -buffer.ctypes.data % _ALIGNMENT
    return buffer[start : start + size].view(dtype).reshape(shape)
