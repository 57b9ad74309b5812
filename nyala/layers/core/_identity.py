"""`Identity`: the inputs as they are."""

from __future__ import annotations

from typing import Any

from nyala.core import enrol
from nyala.layers.base import Layer


@enrol("keras.layers")
class Identity(Layer):
    """Returns its inputs (one tensor or any structure) unchanged.

    >>> import nyala
    >>> nyala.layers.Identity()(nyala.ops.ones((2, 3))).shape
    (2, 3)
    """

    def __init__(self, **kwargs: Any):
        super().__init__(**kwargs)
        self.supports_masking = True

    def call(self, inputs: Any) -> Any:
        """Return `inputs`."""
        return inputs

    def get_config(self) -> dict[str, Any]:
        """Return the arguments with which an equal layer can be made."""
        return super().get_config()
