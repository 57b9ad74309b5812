"""The devices, as TensorFlow lists them."""

from __future__ import annotations

from typing import NamedTuple

import jax


class PhysicalDevice(NamedTuple):
    """A device: its name and its kind, `"CPU"`, `"GPU"` or `"TPU"`."""

    name: str
    device_type: str


class LogicalDevice(NamedTuple):
    """A device as operations name it."""

    name: str
    device_type: str


_KINDS = {"cpu": "CPU", "gpu": "GPU", "cuda": "GPU", "rocm": "GPU", "tpu": "TPU"}


def list_physical_devices(device_type: str | None = None) -> list[PhysicalDevice]:
    """Return the devices of this machine.

    Args:
        device_type: `"CPU"`, `"GPU"` or `"TPU"`; all by default. There is always a CPU.

    >>> import nyala
    >>> nyala.tf.config.list_physical_devices("CPU")
    [PhysicalDevice(name='/physical_device:CPU:0', device_type='CPU')]
    """
    return [
        PhysicalDevice(f"/physical_device:{kind}:{i}", kind) for kind, i in _devices(device_type)
    ]


def list_logical_devices(device_type: str | None = None) -> list[LogicalDevice]:
    """Return the devices by the names that `tf.device` takes."""
    return [LogicalDevice(f"/device:{kind}:{i}", kind) for kind, i in _devices(device_type)]


def _devices(device_type: str | None) -> list[tuple[str, int]]:
    found = {(_KINDS.get(d.platform, d.platform.upper()), d.id) for d in jax.local_devices()}
    found.add(("CPU", 0))
    if any(d.platform == "cpu" for d in jax.local_devices()):
        found.update(("CPU", d.id) for d in jax.local_devices(backend="cpu"))
    return sorted(d for d in found if device_type in (None, d[0]))
