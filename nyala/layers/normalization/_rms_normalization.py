"""`RMSNormalization`: dividing by the root mean square."""

from __future__ import annotations

from typing import Any

from nyala import ops
from nyala.core import enrol
from nyala.layers.base import Layer
from nyala.layers.normalization._affine import checked_axis, known_length


@enrol("keras.layers")
class RMSNormalization(Layer):
    """Divides the features of each example by their root mean square, then scales them.

    Args:
        axis: the axis or axes over which the mean is taken.
        epsilon: added to the mean square.

    >>> import nyala
    >>> nyala.layers.RMSNormalization()(nyala.ops.array([[3.0, 4.0]])).numpy().round(2)
    array([[0.85, 1.13]], dtype=float32)

    Source: Zhang and Sennrich, "Root Mean Square Layer Normalization", arXiv:1910.07467.
    """

    def __init__(self, axis: Any = -1, epsilon: float = 1e-6, **kwargs: Any):
        super().__init__(**kwargs)
        self.axis = checked_axis(axis, "RMSNormalization")
        self.epsilon = epsilon

    def build(self, input_shape: Any) -> None:
        """Make the scale, shaped as the axes that the mean is taken over."""
        self.axis = sorted(self.axis) if isinstance(self.axis, list) else [self.axis]
        shape = tuple(known_length(input_shape, axis, self) for axis in self.axis)
        self.scale = self.add_weight(name="scale", shape=shape, initializer="ones")

    def call(self, inputs: Any) -> Any:
        """Return the scaled inputs."""
        return ops.rms_normalization(inputs, self.scale, tuple(self.axis), self.epsilon)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments with which an equal layer can be made."""
        axis = self.axis if isinstance(self.axis, int) else list(self.axis)
        return {**super().get_config(), "axis": axis, "epsilon": self.epsilon}
