"""`Permute`: axes in another order."""

from __future__ import annotations

from typing import Any

from nyala import ops
from nyala.core import enrol
from nyala.layers.base import InputSpec, Layer


@enrol("keras.layers")
class Permute(Layer):
    """Puts the axes of each sample into another order.

    Args:
        dims: for each axis of the output which axis of the input it is, counted from 1 (the batch,
            axis 0, stays).

    >>> import nyala
    >>> nyala.layers.Permute((2, 1))(nyala.ops.ones((5, 10, 64))).shape
    (5, 64, 10)
    """

    def __init__(self, dims: Any, **kwargs: Any):
        super().__init__(**kwargs)
        self.dims = tuple(dims)
        if sorted(self.dims) != list(range(1, len(self.dims) + 1)):
            raise ValueError(
                "Permute(dims=...) expects each of 1, ..., n once (the batch axis, 0, is left "
                f"out); got {dims!r}."
            )
        self.input_spec = InputSpec(ndim=len(self.dims) + 1)

    def call(self, inputs: Any) -> Any:
        """Return `inputs` with its axes in the order `(0, *dims)`."""
        return ops.transpose(inputs, (0, *self.dims))

    def get_config(self) -> dict[str, Any]:
        """Return the arguments with which an equal layer can be made."""
        return {**super().get_config(), "dims": self.dims}
