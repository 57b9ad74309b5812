"""`Masking`: marks time steps as missing."""

from __future__ import annotations

from typing import Any

from nyala import ops
from nyala.core import deserialize_keras_object, enrol
from nyala.layers.base import Layer


@enrol("keras.layers")
class Masking(Layer):
    """Marks the time steps whose features all equal `mask_value`, and sets them to 0.

    Args:
        mask_value: a number (or an array of the features' shape).

    Input and output shape: `(batch, time, features)`. The mask `(batch, time)` is true where a step
    is present; layers after this one that support masks pass over the others.

    >>> import nyala
    >>> x = nyala.ops.array([[[1.0, 2.0], [0.0, 0.0]]])
    >>> nyala.layers.Masking().compute_mask(x).numpy()
    array([[ True, False]])
    """

    def __init__(self, mask_value: Any = 0.0, **kwargs: Any):
        super().__init__(**kwargs)
        if isinstance(mask_value, dict) and mask_value.get("config") is not None:
            mask_value = deserialize_keras_object(mask_value)
        self.mask_value = mask_value
        self.supports_masking = True

    def call(self, inputs: Any) -> Any:
        """Return the inputs with masked steps set to 0."""
        present = self._present(inputs, keepdims=True)
        return ops.where(present, inputs, ops.zeros_like(inputs))

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        """Return `(batch, time)`: true where a step is present."""
        return self._present(inputs, keepdims=False)

    def _present(self, inputs: Any, keepdims: bool) -> Any:
        return ops.any(ops.not_equal(inputs, self.mask_value), axis=-1, keepdims=keepdims)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments with which an equal layer can be made."""
        return {**super().get_config(), "mask_value": self.mask_value}
