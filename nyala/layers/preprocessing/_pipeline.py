"""`Pipeline`: layers one after the other."""

from __future__ import annotations

from typing import Any

from nyala.core import deserialize_keras_object, enrol, serialize_keras_object
from nyala.layers.base import Layer


@enrol("keras.layers")
class Pipeline(Layer):
    """Calls layers one after the other, in the model or on data.

    Args:
        layers: a list of layers.
        name: of the layer; automatic by default.

    Input shape: that of the first layer. Output shape: that of the last.

    >>> import nyala
    >>> pipeline = nyala.layers.Pipeline([
    ...     nyala.layers.CenterCrop(4, 4), nyala.layers.Rescaling(1 / 255)])
    >>> pipeline(nyala.ops.ones((2, 8, 8, 3))).shape
    (2, 4, 4, 3)
    """

    def __init__(self, layers: list, name: str | None = None):
        super().__init__(name=name)
        wrong = [layer for layer in layers if not isinstance(layer, Layer)]
        if wrong:
            raise ValueError(f"Pipeline(layers=...) expects layers; got {wrong[0]!r}.")
        self._pipeline_layers = list(layers)
        # What the layers get is theirs to cast.
        self.autocast = False

    @property
    def layers(self) -> list:
        """The layers, in order."""
        return list(self._pipeline_layers)

    def call(self, inputs: Any, training: bool = True, mask: Any = None) -> Any:
        """Call the layers one after the other."""
        for layer in self._pipeline_layers:
            signature = layer._call_signature()
            kwargs: dict[str, Any] = {"training": training} if signature.has_training else {}
            if mask is not None and signature.takes_mask:
                kwargs["mask"] = mask
            inputs = layer(inputs, **kwargs)
            mask = None  # from here on it is the layers' own, which tensors carry
        return inputs

    def get_config(self) -> dict[str, Any]:
        """Return the arguments with which an equal layer can be made."""
        return {
            "layers": [serialize_keras_object(layer) for layer in self._pipeline_layers],
            "name": self.name,
        }

    @classmethod
    def from_config(cls, config: dict) -> Pipeline:
        """Return a layer from `get_config()`."""
        layers = config.get("layers")
        if not isinstance(layers, (list, tuple)):
            raise ValueError(f"Pipeline: its config needs a list of layers; got {layers!r}.")
        made = [deserialize_keras_object(layer) for layer in layers]
        return cls(**{**config, "layers": made})
