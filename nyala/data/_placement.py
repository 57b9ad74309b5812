"""Large arrays on their way to the device."""

from __future__ import annotations

import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import jax
import numpy as np

# XLA uses a NumPy buffer as it is when it begins at a multiple of this many bytes.
_ALIGNMENT = 64
# Below this, one copy by JAX costs less than two threads.
_LARGE = 4 << 20
_THREADS = 4
# Below this, handing over costs as much as a copy.
_WORTH_SHARING = 1 << 18
_MOST_BLOCKS = 4


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


def as_it_lies(array: np.ndarray) -> Any:
    """Return a large array of `aligned_empty` as a jax array on the same memory, on a CPU.

    Nothing may change the array afterwards. Elsewhere, and where it is small, it is returned as it
    is: it may yet have a way to go on the host.
    """
    if array.nbytes < _WORTH_SHARING or array.dtype.hasobject or jax.default_backend() != "cpu":
        return array
    return jax.device_put(array, may_alias=True)


def _aligned_copy(array: np.ndarray) -> np.ndarray:
    copy = aligned_empty(array.shape, array.dtype)
    cuts = np.linspace(0, len(array), _THREADS + 1, dtype=int)
    with ThreadPoolExecutor(_THREADS) as pool:
        list(pool.map(lambda a, b: np.copyto(copy[a:b], array[a:b]), cuts[:-1], cuts[1:]))
    return copy


def aligned_empty(shape: tuple, dtype: Any) -> np.ndarray:
    """Return an uninitialised array that begins where XLA can use it as it is."""
    return _aligned(np.empty(_bytes_for(shape, dtype), np.uint8), shape, dtype)


class ReusedMemory:
    """Arrays whose memory is used again as soon as nobody holds the array any more.

    Fresh memory costs a large array as much as filling it: the system clears every page. Who holds
    an array, or a jax array on the same memory (`as_it_lies`), or a view, keeps its memory.
    """

    def __init__(self) -> None:
        self._blocks: list[np.ndarray] = []
        self._lock = threading.Lock()

    def empty(self, shape: tuple, dtype: Any) -> np.ndarray:
        """Return an array as `aligned_empty` does."""
        size = _bytes_for(shape, dtype)
        if size < _WORTH_SHARING:
            return aligned_empty(shape, dtype)
        with self._lock:
            for block in self._blocks:
                # This list, the loop and the call hold it; every array that was made of it, too.
                if block.nbytes >= size and sys.getrefcount(block) == 3:
                    return _aligned(block, shape, dtype)
            block = np.empty(size, np.uint8)
            # As many as a batch in use, one that is read and one that is waited for; more only
            # where somebody collects batches, and then theirs is the memory.
            self._blocks = [*self._blocks[-_MOST_BLOCKS + 1 :], block]
            return _aligned(block, shape, dtype)


def _bytes_for(shape: tuple, dtype: Any) -> int:
    return int(np.prod(shape)) * np.dtype(dtype).itemsize + _ALIGNMENT


def _aligned(block: np.ndarray, shape: tuple, dtype: Any) -> np.ndarray:
    start = -block.ctypes.data % _ALIGNMENT
    size = _bytes_for(shape, dtype) - _ALIGNMENT
    return block[start : start + size].view(dtype).reshape(shape)
