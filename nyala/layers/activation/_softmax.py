"""`Softmax` as a layer."""

from __future__ import annotations

from typing import Any

from nyala import activations, ops
from nyala.core import enrol
from nyala.layers.base import Layer

# Far below any score, and a number in half precision as well.
_NEGLIGIBLE = {"float16": -3e4}
_NEGLIGIBLE_OTHERS = -1e9


@enrol("keras.layers")
class Softmax(Layer):
    """Turns scores into probabilities that sum to 1: `exp(x) / sum(exp(x))`.

    Args:
        axis: the axis, or several over which the sum is 1.

    Call arguments:
        inputs: scores of any shape.
        mask: where false, the probability is 0; it must broadcast against the inputs.

    >>> import nyala
    >>> x = nyala.ops.array([[1.0, 1.0, 5.0]])
    >>> nyala.layers.Softmax()(x, mask=nyala.ops.array([[True, True, False]])).numpy()
    array([[0.5, 0.5, 0. ]], dtype=float32)
    """

    def __init__(self, axis: Any = -1, **kwargs: Any):
        super().__init__(**kwargs)
        self.axis = axis
        self.supports_masking = True
        self.built = True

    def call(self, inputs: Any, mask: Any = None) -> Any:
        """Return the probabilities."""
        if mask is None:
            return self._softmax(inputs)
        mask = self._checked(mask, inputs)
        negligible = _NEGLIGIBLE.get(str(inputs.dtype), _NEGLIGIBLE_OTHERS)
        outputs = self._softmax(ops.where(mask, inputs, negligible))
        # Not only those far below: where all are masked, each would be equally probable.
        return ops.where(mask, outputs, 0.0)

    def _checked(self, mask: Any, inputs: Any) -> Any:
        shape, own = tuple(inputs.shape), tuple(mask.shape)
        pairs = zip(reversed(own), reversed(shape), strict=False)
        if len(own) > len(shape) or any(m not in (1, n) for m, n in pairs):
            raise ValueError(
                f"Softmax {self.name!r}: the mask must broadcast against the inputs; got a mask of "
                f"shape {own} for inputs of shape {shape}."
            )
        return mask if mask.dtype == "bool" else ops.greater(mask, 0.5)

    def _softmax(self, inputs: Any) -> Any:
        if isinstance(self.axis, (list, tuple)) and len(self.axis) != 1:
            axes = tuple(self.axis)
            return ops.exp(ops.subtract(inputs, ops.logsumexp(inputs, axis=axes, keepdims=True)))
        axis = self.axis[0] if isinstance(self.axis, (list, tuple)) else self.axis
        return activations.softmax(inputs, axis=axis)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments with which an equal layer can be made."""
        return {**super().get_config(), "axis": self.axis}
