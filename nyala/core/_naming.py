"""Automatic names, equal to Keras': `dense`, `dense_1`, … and scopes such as `block/dense`."""

from __future__ import annotations

import collections
import re
import threading

_counts: dict[str, int] = collections.defaultdict(int)


class _Local(threading.local):
    def __init__(self) -> None:
        self.scopes: list[str] = []


_local = _Local()


def to_snake_case(name: str) -> str:
    """Turn a class name into the stem of automatic names: `ConvLSTM1D` → `conv_lstm1d`."""
    name = re.sub(r"\W+", "", name)
    name = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub("([a-z])([A-Z])", r"\1_\2", name).lower()


def auto_name(prefix: str) -> str:
    """Return the next free name with this stem: `dense`, then `dense_1`."""
    return uniquify(to_snake_case(prefix))


def uniquify(name: str) -> str:
    """Return `name` the first time it is asked for, then `name_1`, `name_2`, …"""
    count = _counts[name]
    _counts[name] += 1
    return name if count == 0 else f"{name}_{count}"


def reset_names() -> None:
    """Forget every name given out, so that the next layer is `dense` again."""
    _counts.clear()


def get_uid(prefix: str = "") -> int:
    """Return the next number for `prefix`, starting at 1 (Keras 2's counter)."""
    _counts[prefix] += 1
    return _counts[prefix]


def _stack() -> list[str]:
    return _local.scopes


class name_scope:
    """Put `name/` before the path of every variable made inside.

    Args:
        name: one part of a path; may not contain `/` unless it comes from Keras 2 code,
            where it then counts as several parts.
        caller: accepted for Keras' sake.
    """

    __slots__ = ("name",)

    def __init__(self, name: str, caller: object = None):
        if not isinstance(name, str) or not name:
            raise ValueError(f"name_scope expects a non-empty string; got {name!r}.")
        self.name = name

    def __enter__(self) -> None:
        _stack().append(self.name)

    def __exit__(self, *exc: object) -> None:
        _stack().pop()


def current_path(name: str | None = None) -> str:
    """Return the current scope, with `name` behind it where given."""
    parts = _stack() if name is None else [*_stack(), name]
    return "/".join(parts)
