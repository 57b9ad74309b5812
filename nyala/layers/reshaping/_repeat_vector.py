"""`RepeatVector`: a vector as a sequence of copies."""

from __future__ import annotations

from typing import Any

from nyala import ops
from nyala.core import enrol
from nyala.layers.base import InputSpec, Layer


@enrol("keras.layers")
class RepeatVector(Layer):
    """Repeats each vector `n` times: `(batch, features)` to `(batch, n, features)`.

    Args:
        n: how often, a positive integer.

    >>> import nyala
    >>> nyala.layers.RepeatVector(3)(nyala.ops.ones((2, 32))).shape
    (2, 3, 32)
    """

    def __init__(self, n: int, **kwargs: Any):
        super().__init__(**kwargs)
        if isinstance(n, bool) or not hasattr(n, "__index__"):
            raise TypeError(f"RepeatVector(n=...) expects an integer; got {n!r}.")
        self.n = int(n)
        self.input_spec = InputSpec(ndim=2)

    def call(self, inputs: Any) -> Any:
        """Return `n` copies of each vector, one after another in time."""
        batch, features = inputs.shape
        return ops.broadcast_to(ops.expand_dims(inputs, 1), (batch, self.n, features))

    def get_config(self) -> dict[str, Any]:
        """Return the arguments with which an equal layer can be made."""
        return {**super().get_config(), "n": self.n}
