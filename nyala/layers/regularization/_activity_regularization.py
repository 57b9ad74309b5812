"""`ActivityRegularization`: a penalty on what passes through."""

from __future__ import annotations

from typing import Any

from nyala import regularizers
from nyala.core import enrol
from nyala.layers.base import Layer


@enrol("keras.layers")
class ActivityRegularization(Layer):
    """Passes its inputs on and adds `l1 * sum(|x|) + l2 * sum(x²)` to the loss.

    Args:
        l1: weight of the sum of magnitudes, 0 or more.
        l2: weight of the sum of squares, 0 or more.

    Input shape: any. Output shape: the same.

    >>> import nyala
    >>> layer = nyala.layers.ActivityRegularization(l1=0.5)
    >>> _ = layer(nyala.ops.array([[1.0, -3.0]]))
    >>> [float(loss) for loss in layer.losses]
    [2.0]
    """

    def __init__(self, l1: float = 0.0, l2: float = 0.0, **kwargs: Any):
        super().__init__(activity_regularizer=regularizers.L1L2(l1=l1, l2=l2), **kwargs)
        self.l1, self.l2 = l1, l2
        self.supports_masking = True
        self.built = True

    def call(self, inputs: Any) -> Any:
        """Return the inputs."""
        return inputs

    def get_config(self) -> dict[str, Any]:
        """Return the arguments with which an equal layer can be made."""
        config = super().get_config()
        del config["activity_regularizer"]
        return {**config, "l1": self.l1, "l2": self.l2}
