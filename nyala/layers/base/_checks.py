"""Checks of constructor arguments that many layers share."""

from __future__ import annotations

from typing import Any


def positive_integer(value: Any, who: str) -> int:
    """Return `value` as an int, or raise an error that names the argument.

    Args:
        value: what the user passed.
        who: class and argument as they stand in the error, such as `"LSTM(units=...)"`.
    """
    if isinstance(value, bool) or not hasattr(value, "__index__") or value <= 0:
        raise ValueError(f"{who} expects a positive integer; got {value!r}.")
    return int(value)
