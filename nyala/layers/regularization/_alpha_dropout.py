"""`AlphaDropout`: dropout that keeps mean and variance."""

from __future__ import annotations

from typing import Any

from nyala import ops, random
from nyala.core import enrol
from nyala.layers.regularization._random_layer import (
    RandomLayer,
    filled_noise_shape,
    noise_shape_of,
    probability,
)

# The value that SELU approaches for very negative inputs: -scale * alpha of its definition.
_SATURATION = -1.6732632423543772 * 1.0507009873554805


@enrol("keras.layers")
class AlphaDropout(RandomLayer):
    """Dropout for self-normalizing networks (`selu`).

    Dropped elements get the value at which SELU saturates; then all are scaled and shifted so that
    mean 0 and variance 1 are kept.

    Args:
        rate: the part that is dropped, from 0 to 1.
        noise_shape: the shape of the random choice, as of `Dropout`.
        seed: an integer, for reproducible choices.

    Input shape: any. Output shape: the same.

    >>> import nyala
    >>> layer = nyala.layers.AlphaDropout(0.5, seed=1)
    >>> len(set(layer(nyala.ops.zeros((4, 4)), training=True).numpy().ravel().tolist()))
    2

    Source: Klambauer et al., "Self-Normalizing Neural Networks", arXiv:1706.02515.
    """

    def __init__(self, rate: float, noise_shape: Any = None, seed: int | None = None,
                 **kwargs: Any):  # fmt: skip
        super().__init__(probability(rate, "AlphaDropout(rate=...)"), seed, **kwargs)
        self.noise_shape = noise_shape_of(noise_shape, "AlphaDropout")

    def _perturb(self, inputs: Any) -> Any:
        if self.rate == 1:
            return ops.zeros_like(inputs)
        shape = filled_noise_shape(self.noise_shape, inputs) or tuple(inputs.shape)
        kept = ops.greater_equal(random.uniform(shape, seed=self.seed_generator), self.rate)
        scale = ((1 - self.rate) * (1 + self.rate * _SATURATION**2)) ** -0.5
        shift = -scale * _SATURATION * self.rate
        chosen = ops.where(kept, inputs, ops.cast(_SATURATION, inputs.dtype))
        return ops.add(ops.multiply(chosen, scale), shift)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments with which an equal layer can be made."""
        return {**super().get_config(), "noise_shape": self.noise_shape}
