"""Regularizers by name, and to and from configs."""

from __future__ import annotations

from typing import Any

from nyala.core import (
    by_names,
    deserialize_keras_object,
    resolve_identifier,
    serialize_keras_object,
)
from nyala.regularizers._penalties import L1, L1L2, L2, OrthogonalRegularizer
from nyala.regularizers._regularizer import Regularizer

_TABLE = {
    **by_names(Regularizer, L1, L2, L1L2, OrthogonalRegularizer),
    "l1_l2": L1L2(0.01, 0.01),
}


def get(identifier: Any) -> Any:
    """Return the regularizer that `identifier` means.

    Args:
        identifier: a name, a config, a class, a regularizer, a function, or `None`.

    Raises:
        ValueError: the name is unknown, or the object is not callable.

    >>> import nyala
    >>> nyala.regularizers.get("l2")
    <nyala.regularizers.L2>
    """
    return resolve_identifier(identifier, _TABLE, "regularizer")


def serialize(regularizer: Any) -> Any:
    """Return the JSON-ready config of a regularizer.

    >>> import nyala
    >>> nyala.regularizers.serialize(nyala.regularizers.L2(0.5))["config"]
    {'l2': 0.5}
    """
    return serialize_keras_object(regularizer)


def deserialize(config: Any, custom_objects: dict | None = None) -> Any:
    """Return the regularizer that a config describes.

    Args:
        config: from `serialize()`, or Keras 2's `{"class_name": ..., "config": ...}`.
        custom_objects: names of the user's own classes.

    >>> import nyala
    >>> nyala.regularizers.deserialize({"class_name": "L2", "config": {"l2": 0.5}}).l2
    0.5
    """
    return deserialize_keras_object(config, custom_objects, module_objects=_TABLE)
