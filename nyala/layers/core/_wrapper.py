"""`Wrapper`: the base of layers that hold another layer."""

from __future__ import annotations

from typing import Any

from nyala.core import deserialize_keras_object, enrol, serialize_keras_object
from nyala.layers.base import Layer


@enrol("keras.layers")
class Wrapper(Layer):
    """Holds a layer and changes how it is called; subclasses say how.

    Args:
        layer: the layer inside.

    >>> import nyala
    >>> class Twice(nyala.layers.Wrapper):
    ...     def call(self, inputs):
    ...         return self.layer(self.layer(inputs))
    >>> Twice(nyala.layers.Dense(3))(nyala.ops.ones((1, 3))).shape
    (1, 3)
    """

    def __init__(self, layer: Layer, **kwargs: Any):
        if not isinstance(layer, Layer):
            raise ValueError(
                f"{type(self).__name__}(layer=...) expects a layer; got {layer!r} of type "
                f"{type(layer).__name__}."
            )
        super().__init__(**kwargs)
        self.layer = layer

    def build(self, input_shape: Any = None) -> None:
        """Build the layer inside."""
        if not self.layer.built:
            self.layer.build(input_shape)
            self.layer.built = True

    def get_config(self) -> dict[str, Any]:
        """Return the arguments with which an equal layer can be made."""
        return {**super().get_config(), "layer": serialize_keras_object(self.layer)}

    @classmethod
    def from_config(cls, config: dict, custom_objects: dict | None = None) -> Wrapper:
        """Return a layer from `get_config()`."""
        config = dict(config)
        layer = deserialize_keras_object(config.pop("layer"), custom_objects=custom_objects)
        return cls(layer, **config)
