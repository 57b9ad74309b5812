"""Contexts, and what only TensorFlow's graphs needed."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from typing import Any

import jax
import numpy as np

from nyala.eager import Tensor, flush_recorded, in_compiled_code, is_tracer


@contextlib.contextmanager
def device(device_name: Any) -> Iterator[None]:
    """Compute on a device inside the block, such as `"/CPU:0"` or `"/GPU:1"`.

    Where there is no such device, the default one is used, as TensorFlow does (soft placement).

    >>> import nyala
    >>> with nyala.tf.device("/CPU:0"):
    ...     nyala.tf.zeros(2).device
    'cpu:0'
    """
    chosen = _device(device_name)
    if chosen is None or in_compiled_code():
        yield
        return
    # What is pending belongs outside; what is recorded inside must run inside.
    flush_recorded()
    with jax.default_device(chosen):
        yield
        flush_recorded()


def _device(name: Any) -> Any:
    """Return the device that a name such as `"/job:localhost/device:GPU:1"` or `"cpu"` means."""
    parts = [part for part in re.split("[:/]", str(name or "").lower()) if part]
    if not parts:
        return None
    number = int(parts.pop()) if parts[-1].isdigit() else 0
    try:
        devices = jax.devices(parts[-1])
    except RuntimeError:
        return None
    return devices[number] if number < len(devices) else None


class init_scope(contextlib.AbstractContextManager):
    """A block like any other: nothing has to be lifted out of a graph."""

    def __exit__(self, *exc: object) -> None:
        return None


class control_dependencies(contextlib.AbstractContextManager):
    """A block like any other: code runs in the order in which it is written."""

    def __init__(self, control_inputs: Any = None):
        self.control_inputs = control_inputs

    def __exit__(self, *exc: object) -> None:
        return None


def executing_eagerly() -> bool:
    """Whether values are known here: not inside compiled code."""
    return not in_compiled_code()


def group(*inputs: Any, **kwargs: Any) -> None:
    """Return nothing: what was to be done has been done."""


def no_op(name: str | None = None) -> None:
    """Do nothing."""


def tuple(tensors: Any, control_inputs: Any = None, name: str | None = None) -> list:
    """Return the tensors as a list."""
    return list(tensors)


def get_static_value(tensor: Any, partial: bool = False) -> Any:
    """Return a tensor's value as a NumPy array, or `None` in compiled code."""
    value = tensor._value if isinstance(tensor, Tensor) else tensor
    return None if is_tracer(value) else np.array(value)


__all__ = [
    "control_dependencies", "device", "executing_eagerly", "get_static_value", "group",
    "init_scope", "no_op", "tuple",
]  # fmt: skip
