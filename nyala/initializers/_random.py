"""Initializers that draw from one distribution, and random orthogonal matrices."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from nyala.core import deserialize_keras_object, enrol, serialize_keras_object
from nyala.eager import SeedGenerator, Tensor, make_default_seed
from nyala.initializers import _draw
from nyala.initializers._initializer import Initializer, as_shape, on_device

_MODULE = "keras.initializers"


class RandomInitializer(Initializer):
    """Base of the initializers with a seed.

    Args:
        seed: an integer (every call returns the same values), a `SeedGenerator` (every call
            returns new ones), or `None` for an integer drawn now.
    """

    def __init__(self, seed: int | SeedGenerator | dict | None = None):
        if isinstance(seed, dict):
            seed = deserialize_keras_object(seed)
        is_integer = isinstance(seed, (int, np.integer)) and not isinstance(seed, bool)
        if not (seed is None or is_integer or isinstance(seed, SeedGenerator)):
            raise ValueError(
                f"{type(self).__name__}(seed=...) expects an integer, a SeedGenerator or None; got "
                f"{seed!r}."
            )
        self._given_seed = int(seed) if is_integer else seed
        self.seed = make_default_seed() if seed is None else self._given_seed

    def get_config(self) -> dict[str, Any]:
        """Return the arguments of the constructor."""
        return {"seed": serialize_keras_object(self._given_seed)}


class _Gaussian(RandomInitializer):
    """Base of the initializers with a mean and a standard deviation."""

    def __init__(self, mean: float = 0.0, stddev: float = 0.05, seed: Any = None):
        super().__init__(seed)
        self.mean, self.stddev = mean, stddev

    def get_config(self) -> dict[str, Any]:
        """Return the arguments of the constructor."""
        return {**super().get_config(), "mean": self.mean, "stddev": self.stddev}


@enrol(_MODULE, aliases=("random_normal", "normal"))
class RandomNormal(_Gaussian):
    """Draws from a normal distribution.

    Args:
        mean: the mean of the values.
        stddev: their standard deviation.
        seed: an integer, a `SeedGenerator`, or `None` for an integer drawn now.

    >>> import nyala
    >>> init = nyala.initializers.RandomNormal(seed=1)
    >>> bool((init((2, 3)) == init((2, 3))).all())
    True
    """

    def __call__(self, shape: Any, dtype: Any = None) -> Tensor:
        """Return normal values of `shape`."""
        draws = _draw.normal(self.seed, as_shape(shape), self.mean, self.stddev, dtype)
        return on_device(draws, dtype)


@enrol(_MODULE, aliases=("truncated_normal",))
class TruncatedNormal(_Gaussian):
    """Draws from a normal distribution; values beyond two standard deviations are drawn again.

    Args:
        mean: the mean of the values.
        stddev: the standard deviation before the cut; that of the values is 0.88 of it.
        seed: an integer, a `SeedGenerator`, or `None` for an integer drawn now.

    >>> import nyala
    >>> values = nyala.initializers.TruncatedNormal(stddev=1.0)((100,))
    >>> bool((abs(values) <= 2).all())
    True
    """

    def __call__(self, shape: Any, dtype: Any = None) -> Tensor:
        """Return truncated normal values of `shape`."""
        draws = _draw.truncated_normal(self.seed, as_shape(shape), self.mean, self.stddev, dtype)
        return on_device(draws, dtype)


@enrol(_MODULE, aliases=("random_uniform", "uniform"))
class RandomUniform(RandomInitializer):
    """Draws evenly from an interval.

    Args:
        minval: its lower end (included).
        maxval: its upper end (excluded).
        seed: an integer, a `SeedGenerator`, or `None` for an integer drawn now.

    >>> import nyala
    >>> values = nyala.initializers.RandomUniform(0.0, 1.0)((100,))
    >>> bool((values >= 0).all() and (values < 1).all())
    True
    """

    def __init__(self, minval: float = -0.05, maxval: float = 0.05, seed: Any = None):
        super().__init__(seed)
        self.minval, self.maxval = minval, maxval

    def __call__(self, shape: Any, dtype: Any = None) -> Tensor:
        """Return uniform values of `shape`."""
        draws = _draw.uniform(self.seed, as_shape(shape), self.minval, self.maxval, dtype)
        return on_device(draws, dtype)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments of the constructor."""
        return {**super().get_config(), "minval": self.minval, "maxval": self.maxval}


@enrol(_MODULE, aliases=("orthogonal", "OrthogonalInitializer"))
class Orthogonal(RandomInitializer):
    """Makes a random matrix with orthonormal rows or columns, whichever are fewer.

    A weight of more than two axes counts as a matrix with all axes but the last as its rows.
    After Saxe et al. 2014, "Exact solutions to the nonlinear dynamics of learning in deep linear
    neural networks" (arXiv:1312.6120).

    Args:
        gain: a factor on the matrix.
        seed: an integer, a `SeedGenerator`, or `None` for an integer drawn now.

    Raises:
        ValueError: the weight has fewer than two axes.

    >>> import nyala
    >>> q = nyala.initializers.Orthogonal()((3, 3))
    >>> bool((abs(q @ q.T - nyala.ops.eye(3)) < 1e-5).all())
    True
    """

    def __init__(self, gain: float = 1.0, seed: Any = None):
        super().__init__(seed)
        self.gain = gain

    def __call__(self, shape: Any, dtype: Any = None) -> Tensor:
        """Return an orthogonal matrix, reshaped to `shape`."""
        shape = as_shape(shape)
        if len(shape) < 2:
            raise ValueError(
                f"Orthogonal initializes weights of at least two axes; got the shape {shape}."
            )
        rows, columns = math.prod(shape[:-1]), shape[-1]
        tall = (max(rows, columns), min(rows, columns))
        q, r = np.linalg.qr(_draw.normal(self.seed, tall, 0.0, 1.0, dtype))
        # The signs of R's diagonal are the algorithm's choice; undone, Q is uniformly distributed.
        q *= np.where(np.diagonal(r) < 0, -1, 1).astype(q.dtype)
        if rows < columns:
            q = q.T
        return on_device(self.gain * q.reshape(shape), dtype)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments of the constructor."""
        return {**super().get_config(), "gain": self.gain}
