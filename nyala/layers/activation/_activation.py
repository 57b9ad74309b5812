"""`Activation`: any activation function as a layer."""

from __future__ import annotations

from typing import Any

from nyala import activations
from nyala.core import enrol
from nyala.layers.base import Layer


@enrol("keras.layers")
class Activation(Layer):
    """Applies an activation function.

    Args:
        activation: a function of a tensor, or the name of one of `nyala.activations`.

    Input shape: any. Output shape: the same.

    >>> import nyala
    >>> nyala.layers.Activation("relu")(nyala.ops.array([-1.0, 2.0])).numpy()
    array([0., 2.], dtype=float32)
    """

    def __init__(self, activation: Any, **kwargs: Any):
        super().__init__(**kwargs)
        self.activation = activations.get(activation)
        self.supports_masking = True
        self.built = True

    def call(self, inputs: Any) -> Any:
        """Apply the function."""
        return self.activation(inputs)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments with which an equal layer can be made."""
        return {**super().get_config(), "activation": activations.serialize(self.activation)}
