"""`Reshape`: another shape for each sample."""

from __future__ import annotations

import math
from typing import Any

from nyala import ops
from nyala.core import enrol
from nyala.layers.base import Layer
from nyala.symbolic import KerasTensor


@enrol("keras.layers")
class Reshape(Layer):
    """Gives each sample another shape with as many elements.

    Args:
        target_shape: the new shape without the batch axis; one length may be -1, and follows from
            the others then.

    >>> import nyala
    >>> nyala.layers.Reshape((-1, 2))(nyala.ops.ones((5, 12))).shape
    (5, 6, 2)
    """

    def __init__(self, target_shape: Any, **kwargs: Any):
        super().__init__(**kwargs)
        self.target_shape = tuple(target_shape)
        lengths = self.target_shape
        if any(not hasattr(n, "__index__") or n < -1 for n in lengths) or lengths.count(-1) > 1:
            raise ValueError(
                "Reshape(target_shape=...) expects positive integers, at most one of them -1; got "
                f"{target_shape!r}."
            )

    def call(self, inputs: Any) -> Any:
        """Return `inputs` as `(batch, *target_shape)`."""
        return ops.reshape(inputs, (inputs.shape[0], *self._sample_shape(inputs.shape)))

    def compute_output_shape(self, input_shape: Any) -> tuple:
        """Return `(batch, *target_shape)`, with -1 worked out where the input is known."""
        return (input_shape[0], *self._sample_shape(input_shape))

    def compute_output_spec(self, inputs: Any, **kwargs: Any) -> KerasTensor:
        """Return a KerasTensor that describes the output for this input."""
        # By hand: lengths put in place of unknown ones need not divide by those of target_shape.
        dtype = self.compute_dtype if inputs.dtype.is_floating else inputs.dtype
        return KerasTensor(self.compute_output_shape(inputs.shape), dtype)

    def _sample_shape(self, input_shape: Any) -> tuple:
        target = self.target_shape
        sample = tuple(input_shape)[1:]
        if None in sample:
            return tuple(None if n == -1 else n for n in target)
        size, known = math.prod(sample), math.prod(n for n in target if n != -1)
        missing = size // known if -1 in target and known else 1
        if known * missing != size:
            raise ValueError(
                f"Reshape {self.name!r}: a sample of shape {sample} has {size} elements, which do "
                f"not fill target_shape={target}. The batch axis belongs to neither."
            )
        return tuple(missing if n == -1 else n for n in target)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments with which an equal layer can be made."""
        return {**super().get_config(), "target_shape": self.target_shape}
