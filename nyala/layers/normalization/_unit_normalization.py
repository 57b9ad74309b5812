"""`UnitNormalization`: vectors of length 1."""

from __future__ import annotations

from typing import Any

from nyala import ops
from nyala.core import enrol
from nyala.layers.base import Layer
from nyala.layers.normalization._affine import checked_axis


@enrol("keras.layers")
class UnitNormalization(Layer):
    """Scales each vector to Euclidean length 1.

    Args:
        axis: the axis or axes along which the vectors lie.

    >>> import nyala
    >>> nyala.layers.UnitNormalization()(nyala.ops.array([[3.0, 4.0]])).numpy()
    array([[0.6, 0.8]], dtype=float32)
    """

    def __init__(self, axis: Any = -1, **kwargs: Any):
        super().__init__(**kwargs)
        self.axis = checked_axis(axis, "UnitNormalization")
        self.supports_masking = True

    def call(self, inputs: Any) -> Any:
        """Return the scaled inputs."""
        axis = tuple(self.axis) if isinstance(self.axis, list) else self.axis
        # Sums of squares overflow float16 soon.
        half = inputs.dtype in ("float16", "bfloat16")
        wide = ops.cast(inputs, "float32") if half else inputs
        outputs = ops.normalize(wide, axis=axis, order=2, epsilon=1e-12)
        return ops.cast(outputs, self.compute_dtype) if half else outputs

    def get_config(self) -> dict[str, Any]:
        """Return the arguments with which an equal layer can be made."""
        axis = self.axis if isinstance(self.axis, int) else list(self.axis)
        return {**super().get_config(), "axis": axis}
