"""`tf.config`: devices and switches; what JAX decides by itself is accepted and does nothing."""

from __future__ import annotations

from typing import Any

import jax

from nyala.core import settings
from nyala.tf import _config_experimental as experimental
from nyala.tf import _config_optimizer as optimizer
from nyala.tf import _config_threading as threading
from nyala.tf._absent import refuse_others
from nyala.tf._config_experimental import LogicalDeviceConfiguration
from nyala.tf._devices import (
    LogicalDevice,
    PhysicalDevice,
    list_logical_devices,
    list_physical_devices,
)


def get_visible_devices(device_type: str | None = None) -> list[PhysicalDevice]:
    """Return the devices that are used: all of them."""
    return list_physical_devices(device_type)


def set_visible_devices(devices: Any, device_type: str | None = None) -> None:
    """Choose where computation takes place by default: the first of these devices.

    Args:
        devices: one of `list_physical_devices()` or a list of them; with no GPU among them and
            `device_type="GPU"`, the CPU.
        device_type: the kind that the choice is about.
    """
    devices = devices if isinstance(devices, list) else [devices]
    if devices:
        kind, number = devices[0].name.rsplit(":", 2)[1:]
        jax.config.update(
            "jax_default_device", jax.local_devices(backend=kind.lower())[int(number)]
        )
    elif device_type in ("GPU", "TPU"):
        jax.config.update("jax_default_device", jax.local_devices(backend="cpu")[0])


def run_functions_eagerly(run_eagerly: bool) -> None:
    """Let functions made by `tf.function` run as plain Python, for `print` and debuggers."""
    settings.set_functions_run_eagerly(run_eagerly)


def functions_run_eagerly() -> bool:
    """Return what was set by `run_functions_eagerly`."""
    return settings.functions_run_eagerly()


experimental_run_functions_eagerly = run_functions_eagerly
experimental_functions_run_eagerly = functions_run_eagerly


def set_soft_device_placement(enabled: bool) -> None:
    """Do nothing: `tf.device` falls back to the default device in any case."""


def get_soft_device_placement() -> bool:
    """Return `True`: see `set_soft_device_placement`."""
    return True


def set_logical_device_configuration(device: Any, logical_devices: Any) -> None:
    """Do nothing: JAX divides a CPU by `jax.config.update("jax_num_cpu_devices", n)` at first."""


def get_logical_device_configuration(device: Any) -> None:
    """Return nothing: devices are not divided."""


__all__ = [
    "LogicalDevice", "LogicalDeviceConfiguration", "PhysicalDevice", "experimental",
    "experimental_functions_run_eagerly", "experimental_run_functions_eagerly",
    "functions_run_eagerly", "get_logical_device_configuration", "get_soft_device_placement",
    "get_visible_devices", "list_logical_devices", "list_physical_devices", "optimizer",
    "run_functions_eagerly", "set_logical_device_configuration", "set_soft_device_placement",
    "set_visible_devices", "threading",
]  # fmt: skip

__getattr__ = refuse_others(
    "tf.config", __all__, {"experimental_connect_to_cluster": "Use nyala.distribution.initialize."}
)
