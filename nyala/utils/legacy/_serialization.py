"""Keras 2's form of configs."""

from __future__ import annotations

from typing import Any

from nyala.core import (
    deserialize_keras_object as deserialize,
)
from nyala.core import (
    did_you_mean,
    find_custom,
    get_registered_name,
)
from nyala.core import (
    serialize_keras_object as serialize,
)


def serialize_keras_object(instance: Any) -> Any:
    """Return an object as Keras 2 wrote it.

    Args:
        instance: an object with `get_config()`, a function, or `None`.

    >>> import nyala
    >>> nyala.utils.legacy.serialize_keras_object(nyala.initializers.Zeros())
    {'class_name': 'Zeros', 'config': {}}
    """
    if instance is None:
        return None
    if hasattr(instance, "get_config"):
        return {
            "class_name": get_registered_name(type(instance)),
            "config": serialize(instance.get_config()),
        }
    if hasattr(instance, "__name__"):
        return get_registered_name(instance)
    raise ValueError(
        f"Cannot serialize {instance!r} of type {type(instance).__name__}: it has no get_config()."
    )


def deserialize_keras_object(identifier: Any, module_objects: dict | None = None,
                             custom_objects: dict | None = None,
                             printable_module_name: str = "object") -> Any:  # fmt: skip
    """Return the object that Keras 2's form describes.

    Args:
        identifier: `{"class_name", "config"}`, or the name of a function or class.
        module_objects: names to look the object up in, beside the built-in ones.
        custom_objects: names of your own, looked up first.
        printable_module_name: what is read, for errors.

    Raises:
        ValueError: the name is unknown.

    >>> import nyala
    >>> config = {"class_name": "Zeros", "config": {}}
    >>> nyala.utils.legacy.deserialize_keras_object(config)
    <nyala.initializers.Zeros>
    """
    if identifier is None or isinstance(identifier, dict):
        return identifier and deserialize(
            identifier, custom_objects=custom_objects, module_objects=module_objects
        )
    if not isinstance(identifier, str):
        return identifier  # an object already
    found = find_custom(identifier, custom_objects)
    if found is None:
        found = (module_objects or {}).get(identifier)
    if found is None:
        raise ValueError(
            f"Unknown {printable_module_name}: {identifier!r}."
            f"{did_you_mean(identifier, module_objects or {})}"
        )
    return found() if isinstance(found, type) else found
