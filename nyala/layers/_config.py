"""Layers to configs and back, under Keras' names."""

from __future__ import annotations

from typing import Any

from nyala.core import deserialize_keras_object, serialize_keras_object
from nyala.layers.base import Layer


def serialize(layer: Layer) -> dict[str, Any]:
    """Return a config from which `deserialize` makes an equal layer, without its weights.

    Args:
        layer: a layer.

    >>> import nyala
    >>> config = nyala.layers.serialize(nyala.layers.Dense(3, activation="relu"))
    >>> config["class_name"], config["config"]["units"]
    ('Dense', 3)
    """
    return serialize_keras_object(layer)


def deserialize(config: dict[str, Any], custom_objects: dict | None = None) -> Layer:
    """Return a layer from what `serialize` returned.

    Args:
        config: the config.
        custom_objects: names of the user's own classes and functions, and what they stand for.

    Raises:
        ValueError: it is the config of something else than a layer.

    >>> import nyala
    >>> config = nyala.layers.serialize(nyala.layers.Dense(3, name="last"))
    >>> nyala.layers.deserialize(config).name
    'last'
    """
    layer = deserialize_keras_object(config, custom_objects=custom_objects)
    if not isinstance(layer, Layer):
        raise ValueError(
            f"layers.deserialize expects the config of a layer; got that of {layer!r}."
        )
    return layer
