"""`tf.config.experimental`: memory, determinism, precision."""

from __future__ import annotations

from typing import Any

import jax

from nyala.tf._absent import refuse_others
from nyala.tf._devices import list_logical_devices, list_physical_devices


class LogicalDeviceConfiguration:
    """A wish for a part of a device's memory.

    Args:
        memory_limit: megabytes.
        experimental_priority, experimental_device_ordinal: accepted for TensorFlow's sake.
    """

    def __init__(self, memory_limit: int | None = None, experimental_priority: Any = None,
                 experimental_device_ordinal: Any = None):  # fmt: skip
        self.memory_limit = memory_limit


VirtualDeviceConfiguration = LogicalDeviceConfiguration


def set_memory_growth(device: Any, enable: bool) -> None:
    """Do nothing: JAX decides on memory when it starts.

    Set the environment variable `XLA_PYTHON_CLIENT_PREALLOCATE=false` before the first import to
    let the GPU's memory grow as it is needed.
    """


def get_memory_growth(device: Any) -> None:
    """Return nothing: see `set_memory_growth`."""


def set_virtual_device_configuration(device: Any, logical_devices: Any) -> None:
    """Do nothing: `XLA_PYTHON_CLIENT_MEM_FRACTION` bounds a GPU's memory."""


def get_memory_info(device: str) -> dict[str, int]:
    """Return the bytes in use now and at most, on a GPU such as `"GPU:0"`; zeros where unknown."""
    kind, _, number = device.rpartition("/")[2].rpartition(":")
    statistics = jax.local_devices(backend=kind.lower())[int(number)].memory_stats() or {}
    return {
        "current": statistics.get("bytes_in_use", 0),
        "peak": statistics.get("peak_bytes_in_use", 0),
    }


def enable_op_determinism() -> None:
    """Do nothing on a CPU, which always repeats itself bit by bit.

    For a GPU, set `XLA_FLAGS=--xla_gpu_deterministic_ops=true` before the first import.
    """


def enable_tensor_float_32_execution(enabled: bool) -> None:
    """Choose whether matrix products may round their float32 inputs on a GPU."""
    jax.config.update("jax_default_matmul_precision", "tensorfloat32" if enabled else "float32")


def tensor_float_32_execution_enabled() -> bool:
    """Return whether matrix products may round their float32 inputs on a GPU."""
    return jax.config.jax_default_matmul_precision != "float32"


__all__ = [
    "LogicalDeviceConfiguration", "VirtualDeviceConfiguration", "enable_op_determinism",
    "enable_tensor_float_32_execution", "get_memory_growth", "get_memory_info",
    "list_logical_devices", "list_physical_devices",
    "set_memory_growth", "set_virtual_device_configuration", "tensor_float_32_execution_enabled",
]  # fmt: skip

__getattr__ = refuse_others("tf.config.experimental", __all__)
