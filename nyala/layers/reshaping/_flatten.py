"""`Flatten`: one axis from many."""

from __future__ import annotations

import math
from typing import Any

from nyala import ops
from nyala.core import enrol, standardize_data_format
from nyala.layers.base import InputSpec, Layer


@enrol("keras.layers")
class Flatten(Layer):
    """Lays all axes but the batch end to end.

    Args:
        data_format: `"channels_first"` puts the channels of an input `(batch, channels, ...)` last
            before it is flattened, so that weights fit both formats; `config.image_data_format()`
            by default.

    >>> import nyala
    >>> nyala.layers.Flatten()(nyala.ops.ones((2, 3, 4))).shape
    (2, 12)
    """

    def __init__(self, data_format: str | None = None, **kwargs: Any):
        super().__init__(**kwargs)
        self.data_format = standardize_data_format(data_format)
        self.input_spec = InputSpec(min_ndim=1)

    def call(self, inputs: Any) -> Any:
        """Return `(batch, features)`."""
        rank = len(inputs.shape)
        if self.data_format == "channels_first" and rank > 2:
            inputs = ops.transpose(inputs, (0, *range(2, rank), 1))
        return ops.reshape(inputs, (inputs.shape[0], math.prod(inputs.shape[1:])))

    def get_config(self) -> dict[str, Any]:
        """Return the arguments with which an equal layer can be made."""
        return {**super().get_config(), "data_format": self.data_format}
