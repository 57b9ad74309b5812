"""What decides on a lowering: the process-wide mode, the platform, and the surrounding program.

All are read while a function is traced, so changing them does not touch programs that are
already compiled.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import jax

MODES = ("auto", "xla", "reference", "native")

_mode = "auto"
_inside_loop: ContextVar[bool] = ContextVar("nyala_kernels_inside_loop", default=False)

_inputs_kept: ContextVar[bool] = ContextVar("nyala_kernels_inputs_kept", default=False)


def set_kernels(mode: str) -> None:
    """Choose how kernels are run by everything traced from now on.

    Args:
        mode: `"auto"` takes the fastest lowering known for the platform, a native kernel
            included; `"xla"` does the same without native kernels; `"reference"` takes the
            plain formulation that the tests compare with; `"native"` takes every native kernel
            that can do the work, also where it is not the fastest (for tests).

    Raises:
        ValueError: if `mode` is none of these.

    Example:
        >>> from nyala import kernels
        >>> kernels.set_kernels("auto")
        >>> kernels.kernels_mode()
        'auto'
    """
    global _mode
    if mode not in MODES:
        raise ValueError(f"set_kernels: expected one of {', '.join(MODES)}; got {mode!r}.")
    _mode = mode


def kernels_mode() -> str:
    """Return the mode last given to `set_kernels`, `"auto"` at first."""
    return _mode


def use_reference() -> bool:
    return _mode == "reference"


@contextmanager
def inside_loop() -> Iterator[None]:
    """Mark what is traced in this context as the body of a `lax.scan` or `lax.while_loop`.

    XLA for CPU runs a convolution inside a loop on one thread and without its fast path, about ten
    times slower than outside; there `conv` becomes a matrix product instead. Elsewhere this
    changes nothing.

    Example:
        >>> import jax, jax.numpy as jnp
        >>> from nyala import kernels
        >>> kernel = jnp.ones((3, 3, 1, 1))
        >>> def body(image, _):
        ...     with kernels.inside_loop():
        ...         return kernels.conv(image, kernel, padding="same"), None
        >>> jax.lax.scan(body, jnp.ones((1, 4, 4, 1)), length=2)[0].shape
        (1, 4, 4, 1)
    """
    token = _inside_loop.set(True)
    try:
        yield
    finally:
        _inside_loop.reset(token)


def in_loop() -> bool:
    return _inside_loop.get()


@contextmanager
def inputs_kept() -> Iterator[None]:
    """Mark what is traced in this context as part of a program whose inputs are not donated.

    There an update of all variables writes new arrays; elsewhere it overwrites the old ones.
    """
    token = _inputs_kept.set(True)
    try:
        yield
    finally:
        _inputs_kept.reset(token)


def may_overwrite() -> bool:
    return not _inputs_kept.get()


def on_cpu() -> bool:
    """Whether what is traced now is meant for the CPU (a `jax.default_device` is respected)."""
    device = jax.config.jax_default_device
    if device is None:
        return jax.default_backend() == "cpu"
    return (device if isinstance(device, str) else device.platform) == "cpu"
