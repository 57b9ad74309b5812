"""Turning what a user may write for an object (string, class, config, instance) into the object."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from nyala.core._errors import did_you_mean
from nyala.core._registry import find_custom
from nyala.core._serialization import deserialize_keras_object


def resolve_identifier(
    identifier: Any,
    table: dict[str, Any],
    kind: str,
    *,
    custom_objects: dict | None = None,
    instantiate: bool = True,
) -> Any:
    """Return the object that `identifier` means.

    Args:
        identifier: `None`, a name, a config dict, a class, or a finished object or function.
        table: the built-in names of this kind.
        kind: what it is called in errors, such as `"activation"`.
        custom_objects: further names.
        instantiate: whether a class is called without arguments to make an object.

    Raises:
        ValueError: the name is unknown (the nearest ones are named), or the thing is unusable.
    """
    if identifier is None:
        return None
    if isinstance(identifier, dict):
        return deserialize_keras_object(
            identifier, custom_objects=custom_objects, module_objects=table
        )
    if isinstance(identifier, str):
        obj = find_custom(identifier, custom_objects)
        if obj is None:
            obj = table.get(identifier)
        if obj is None:
            raise ValueError(
                f"Unknown {kind}: {identifier!r}.{did_you_mean(identifier, table)} Pass a known "
                f"name, an object or function, or register your own with "
                f"nyala.saving.register_keras_serializable()."
            )
    else:
        obj = identifier
    if inspect.isclass(obj) and instantiate:
        return obj()
    if callable(obj) or hasattr(obj, "get_config"):
        return obj
    raise ValueError(
        f"Cannot use {identifier!r} as {kind}: expected a name, a config dict, a class, an object "
        f"or a function; got {type(identifier).__name__}."
    )


def by_names(*objects: Callable) -> dict[str, Any]:
    """Return a table of names for `resolve_identifier`: class names and their snake_case."""
    from nyala.core._naming import to_snake_case

    table: dict[str, Any] = {}
    for obj in objects:
        table[obj.__name__] = obj
        table[to_snake_case(obj.__name__)] = obj
        table[obj.__name__.lower()] = obj
    return table
