"""`Dropout`: sets random elements to 0."""

from __future__ import annotations

from typing import Any

from nyala import random
from nyala.core import enrol
from nyala.layers.regularization._random_layer import (
    RandomLayer,
    filled_noise_shape,
    noise_shape_of,
    probability,
)


@enrol("keras.layers")
class Dropout(RandomLayer):
    """Sets a random part of the elements to 0 in training, and scales the others up.

    The others are divided by `1 - rate`, so that the expected sum stays the same. Outside training
    the inputs pass unchanged.

    Args:
        rate: the part that is dropped, from 0 to 1.
        noise_shape: the shape of the random choice, which is broadcast to the inputs: 1 along axes
            that share it, `None` for the input's own length. `(None, 1, None)` drops the same
            features at all time steps.
        seed: an integer, for reproducible choices.

    Input shape: any. Output shape: the same.

    >>> import nyala
    >>> layer = nyala.layers.Dropout(0.5, seed=1)
    >>> sorted(set(layer(nyala.ops.ones((4, 4)), training=True).numpy().ravel().tolist()))
    [0.0, 2.0]
    >>> layer(nyala.ops.ones((1, 2))).numpy()
    array([[1., 1.]], dtype=float32)

    Source: Srivastava et al., "Dropout: A Simple Way to Prevent Neural Networks from Overfitting",
    JMLR 15 (2014).
    """

    def __init__(self, rate: float, noise_shape: Any = None, seed: int | None = None,
                 **kwargs: Any):  # fmt: skip
        super().__init__(probability(rate, "Dropout(rate=...)"), seed, **kwargs)
        self.noise_shape = noise_shape_of(noise_shape, "Dropout")

    def _perturb(self, inputs: Any) -> Any:
        shape = filled_noise_shape(self.noise_shape, inputs)
        return random.dropout(inputs, self.rate, noise_shape=shape, seed=self.seed_generator)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments with which an equal layer can be made."""
        return {**super().get_config(), "noise_shape": self.noise_shape}
