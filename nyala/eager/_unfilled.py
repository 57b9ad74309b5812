"""Variables whose first values are not computed, because they are about to be read from a file."""

from __future__ import annotations

import contextlib
import math
import threading
from collections.abc import Callable
from typing import Any

import jax
import numpy as np

_ALIGNMENT = 64  # as XLA wants it: memory so aligned becomes a device array without a copy


class _Local(threading.local):
    current: UnfilledVariables | None = None


_local = _Local()


def unfilled_variables() -> UnfilledVariables | None:
    """Return the open `UnfilledVariables`, or `None`."""
    return _local.current


class UnfilledVariables(contextlib.AbstractContextManager):
    """Inside the block, a variable with an initializer begins as zeros that take no memory yet.

    Args:
        admit: called with the path and the bytes of each variable, before it is made; it raises
            where they are too many.

    >>> import nyala
    >>> from nyala.eager import UnfilledVariables
    >>> with UnfilledVariables(lambda path, size: None) as unfilled:
    ...     v = nyala.Variable("ones", shape=(2,))
    >>> v.numpy()
    array([0., 0.], dtype=float32)
    >>> unfilled.fill()
    >>> v.numpy()
    array([1., 1.], dtype=float32)
    """

    def __init__(self, admit: Callable[[str, int], None]):
        self._admit = admit
        self._waiting: list[tuple[Any, Any, Callable]] = []

    def __enter__(self) -> UnfilledVariables:
        self._outer, _local.current = _local.current, self
        return self

    def __exit__(self, *exc: object) -> None:
        _local.current = self._outer

    def placeholder(self, path: str, shape: tuple, dtype: Any) -> jax.Array:
        """Return zeros. Memory that is zero from the start is not touched until it is used."""
        dtype = np.dtype(dtype)
        size = math.prod(shape) * dtype.itemsize
        self._admit(path, size)
        memory = np.zeros(size + _ALIGNMENT, np.uint8)
        start = -memory.ctypes.data % _ALIGNMENT
        return jax.device_put(memory[start : start + size].view(dtype).reshape(shape))

    def note(self, variable: Any, initializer: Callable) -> None:
        """Remember how to fill a variable that nothing is assigned to."""
        self._waiting.append((variable, variable._tensor, initializer))

    def fill(self) -> None:
        """Give the variables that were not assigned to the values of their initializers."""
        for variable, untouched, initializer in self._waiting:
            if variable._tensor is untouched:
                variable.assign(initializer(tuple(variable.shape), dtype=variable._dtype))
        self._waiting.clear()
