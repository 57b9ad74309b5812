"""`Rescaling`: scale and shift."""

from __future__ import annotations

from typing import Any

from nyala import ops
from nyala.core import deserialize_keras_object, enrol, serialize_keras_object, settings
from nyala.layers.base import Layer


@enrol("keras.layers")
class Rescaling(Layer):
    """Returns `inputs * scale + offset` as floats.

    Args:
        scale: a number, or one for each channel.
        offset: a number, or one for each channel.

    Input shape: any. Output shape: the same.

    >>> import nyala
    >>> nyala.layers.Rescaling(0.5, offset=-1)(nyala.ops.array([[0, 4]])).numpy()
    array([[-1.,  1.]], dtype=float32)
    """

    def __init__(self, scale: Any, offset: Any = 0.0, **kwargs: Any):
        super().__init__(**kwargs)
        self.scale, self.offset = scale, offset
        self.supports_masking = True
        self.built = True

    def call(self, inputs: Any) -> Any:
        """Scale and shift."""
        scaled = ops.multiply(ops.cast(inputs, self.compute_dtype), self._factor(self.scale))
        return ops.add(scaled, self._factor(self.offset))

    def _factor(self, value: Any) -> Any:
        factor = ops.cast(ops.convert_to_tensor(value), self.compute_dtype)
        if factor.shape and settings.image_data_format() == "channels_first":
            factor = ops.reshape(factor, tuple(factor.shape) + (1,) * (3 - len(factor.shape)))
        return factor

    def get_config(self) -> dict[str, Any]:
        """Return the arguments with which an equal layer can be made."""
        return {
            **super().get_config(),
            "scale": serialize_keras_object(_plain(self.scale)),
            "offset": serialize_keras_object(_plain(self.offset)),
        }

    @classmethod
    def from_config(cls, config: dict, custom_objects: dict | None = None) -> Rescaling:
        """Return a layer from `get_config()`."""
        values = {
            key: deserialize_keras_object(config[key], custom_objects=custom_objects)
            for key in ("scale", "offset")
        }
        return cls(**{**config, **values})


def _plain(value: Any) -> Any:
    """Return a list as a list, whatever tracks what is set on a layer."""
    return list(value) if isinstance(value, list) else value
