"""Constraints by name, and to and from configs."""

from __future__ import annotations

from typing import Any

from nyala.constraints._constraint import Constraint
from nyala.constraints._projections import MaxNorm, MinMaxNorm, NonNeg, RadialConstraint, UnitNorm
from nyala.core import (
    by_names,
    deserialize_keras_object,
    resolve_identifier,
    serialize_keras_object,
)

_TABLE = by_names(Constraint, MaxNorm, MinMaxNorm, NonNeg, RadialConstraint, UnitNorm)


def get(identifier: Any) -> Any:
    """Return the constraint that `identifier` means.

    Args:
        identifier: a name, a config, a class, a constraint, a function, or `None`.

    Raises:
        ValueError: the name is unknown, or the object is not callable.

    >>> import nyala
    >>> nyala.constraints.get("non_neg")
    <nyala.constraints.NonNeg>
    """
    return resolve_identifier(identifier, _TABLE, "constraint")


def serialize(constraint: Any) -> Any:
    """Return the JSON-ready config of a constraint.

    >>> import nyala
    >>> nyala.constraints.serialize(nyala.constraints.UnitNorm())["config"]
    {'axis': 0}
    """
    return serialize_keras_object(constraint)


def deserialize(config: Any, custom_objects: dict | None = None) -> Any:
    """Return the constraint that a config describes.

    Args:
        config: from `serialize()`, or Keras 2's `{"class_name": ..., "config": ...}`.
        custom_objects: names of the user's own classes.

    >>> import nyala
    >>> nyala.constraints.deserialize({"class_name": "NonNeg", "config": {}})
    <nyala.constraints.NonNeg>
    """
    return deserialize_keras_object(config, custom_objects, module_objects=_TABLE)
