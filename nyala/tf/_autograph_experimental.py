"""`tf.autograph.experimental`."""

from __future__ import annotations

from typing import Any


def do_not_convert(func: Any = None) -> Any:
    """Return the function as it is: functions are not rewritten."""
    return func if func is not None else do_not_convert


def set_loop_options(**options: Any) -> None:
    """Do nothing: loops are not rewritten."""


__all__ = ["do_not_convert", "set_loop_options"]
