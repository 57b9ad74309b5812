"""Layers that only a `FeatureSpace` has, under the names that Keras' files give them."""

from __future__ import annotations

from typing import Any

from nyala import ops
from nyala.core import enrol
from nyala.layers import Layer
from nyala.utils._feature_space._features import MODULE


@enrol(MODULE, name="TFDIdentity")
class Passing(Layer):
    """Returns what it gets, in its dtype."""

    def call(self, inputs: Any) -> Any:
        """Return the inputs."""
        return ops.cast(inputs, self.compute_dtype)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments with which an equal layer can be made."""
        return super().get_config()


@enrol(MODULE, name="TFDConcat")
class Joined(Layer):
    """Joins vectors.

    Args:
        axis: along which.
    """

    def __init__(self, axis: int, **kwargs: Any):
        super().__init__(**kwargs)
        self.axis = axis
        self.built = True

    def call(self, xs: Any) -> Any:
        """Return the vectors behind each other."""
        return ops.concatenate(xs, axis=self.axis)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments with which an equal layer can be made."""
        return {**super().get_config(), "axis": self.axis}
