"""Logs: a dict of metric values that are fetched from the device when somebody looks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np


def as_python(value: Any) -> Any:
    """Return a metric's value as a Python float, or as an array where it is not a scalar."""
    if isinstance(value, (bool, int, float, str)) or value is None:
        return value
    array = np.asarray(value)
    return float(array) if array.ndim == 0 else array


def pending(logs: Any) -> list[tuple[str, Any]]:
    """Return names and values of logs, without waiting for those that are not fetched yet."""
    values = logs.pending() if isinstance(logs, Logs) else list((logs or {}).values())
    return list(zip(logs or {}, values, strict=True))


class Logs(dict):
    """A dict whose values arrive when they are read: `fit` never waits for them.

    >>> from nyala.training import Logs
    >>> logs = Logs({"loss": 1})
    >>> logs["loss"], dict(logs)
    (1, {'loss': 1})
    """

    def __getitem__(self, key: Any) -> Any:
        value = as_python(super().__getitem__(key))
        super().__setitem__(key, value)
        return value

    # Overriding __iter__ makes dict(logs), {**logs} and update(logs) come through __getitem__.
    def __iter__(self) -> Iterator:
        return super().__iter__()

    def get(self, key: Any, default: Any = None) -> Any:
        """Return the value under `key`, or `default`."""
        return self[key] if key in self else default  # noqa: SIM401 - this is that method

    def items(self) -> list:
        """Return the pairs of name and value."""
        return [(key, self[key]) for key in self]

    def values(self) -> list:
        """Return the values."""
        return [self[key] for key in self]

    def pending(self) -> list:
        """Return the values as they are, fetched or still on the device."""
        return list(super().values())

    def pop(self, key: Any, *default: Any) -> Any:
        """Remove an entry and return its value."""
        return as_python(super().pop(key, *default))

    def copy(self) -> dict:
        """Return a plain dict."""
        return dict(self.items())

    def __repr__(self) -> str:
        return repr(self.copy())
