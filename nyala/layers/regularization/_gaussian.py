"""Gaussian noise, added or multiplied."""

from __future__ import annotations

import math
from typing import Any

from nyala import ops, random
from nyala.core import enrol
from nyala.layers.regularization._random_layer import RandomLayer, probability


@enrol("keras.layers")
class GaussianNoise(RandomLayer):
    """Adds normally distributed noise in training.

    Args:
        stddev: the standard deviation, from 0 to 1.
        seed: an integer, for reproducible noise.

    Input shape: any. Output shape: the same.

    >>> import nyala
    >>> layer = nyala.layers.GaussianNoise(0.1)
    >>> layer(nyala.ops.ones((1, 2))).numpy()
    array([[1., 1.]], dtype=float32)
    """

    _strength = "stddev"

    def __init__(self, stddev: float, seed: int | None = None, **kwargs: Any):
        super().__init__(probability(stddev, "GaussianNoise(stddev=...)"), seed, **kwargs)

    def _perturb(self, inputs: Any) -> Any:
        return ops.add(inputs, random.normal(
            inputs.shape, stddev=self.stddev, dtype=self.compute_dtype, seed=self.seed_generator
        ))  # fmt: skip


@enrol("keras.layers")
class GaussianDropout(RandomLayer):
    """Multiplies by normally distributed noise of mean 1 in training.

    The standard deviation is `sqrt(rate / (1 - rate))`, that of dropout with this rate.

    Args:
        rate: from 0 up to, but not, 1.
        seed: an integer, for reproducible noise.

    Input shape: any. Output shape: the same.

    >>> import nyala
    >>> layer = nyala.layers.GaussianDropout(0.1)
    >>> layer(nyala.ops.ones((1, 2))).numpy()
    array([[1., 1.]], dtype=float32)

    Source: Srivastava et al., "Dropout: A Simple Way to Prevent Neural Networks from Overfitting",
    JMLR 15 (2014), section 10.
    """

    def __init__(self, rate: float, seed: int | None = None, **kwargs: Any):
        super().__init__(probability(rate, "GaussianDropout(rate=...)"), seed, **kwargs)
        if rate == 1:
            raise ValueError(
                "GaussianDropout(rate=...) expects a number below 1; at 1 the noise would be "
                "infinite."
            )

    def _perturb(self, inputs: Any) -> Any:
        return ops.multiply(inputs, random.normal(
            inputs.shape, mean=1.0, stddev=math.sqrt(self.rate / (1 - self.rate)),
            dtype=self.compute_dtype, seed=self.seed_generator,
        ))  # fmt: skip
