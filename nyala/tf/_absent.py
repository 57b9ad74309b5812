"""What TensorFlow has and nyala has not is refused by name, with the nearest thing there is."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from nyala.core import did_you_mean


def refuse_others(
    namespace: str, names: Iterable[str], hints: Mapping[str, str] | None = None
) -> Callable[[str], Any]:
    """Return a module's `__getattr__` that refuses any further name.

    Args:
        namespace: how the module is written, such as `"tf.image"`.
        names: the names that it has.
        hints: for some names that it lacks, what to use instead.

    >>> from nyala.tf._absent import refuse_others
    >>> refuse_others("tf.fruit", ["apple"])("aple")
    Traceback (most recent call last):
    AttributeError: nyala has no tf.fruit.aple. Did you mean 'apple'? ...
    """
    hints = hints or {}

    def refuse(name: str) -> Any:
        if name.startswith("__"):  # asked for by Python itself
            raise AttributeError(name)
        hint = hints.get(name)
        advice = f" {hint}" if hint else did_you_mean(name, names)
        raise AttributeError(
            f"nyala has no {namespace}.{name}.{advice} docs/compatibility.md lists all tf names."
        )

    return refuse


def found_later(
    namespace: str, places: Mapping[str, str], hints: Mapping[str, str] | None = None
) -> Callable[[str], Any]:
    """Return a module's `__getattr__` that finds names in rooms of nyala when they are asked for.

    Args:
        namespace: how the module is written, such as `"tf.data"`.
        places: for each name, where it is defined, such as `"nyala.data.Dataset"`.
        hints: for some names that nyala lacks, what to use instead.
    """
    refuse = refuse_others(namespace, places, hints)

    def find(name: str) -> Any:
        if name not in places:
            return refuse(name)
        module, _, attribute = places[name].rpartition(".")
        try:
            return getattr(importlib.import_module(module), attribute)
        except (ModuleNotFoundError, AttributeError):
            raise AttributeError(
                f"nyala has no {namespace}.{name} yet: it will be {places[name]}."
            ) from None

    return find
