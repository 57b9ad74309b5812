"""Random numbers from NumPy's counter-based Philox generator: a seed determines every value."""

from __future__ import annotations

from typing import Any

import numpy as np

from nyala.core import standardize_dtype
from nyala.eager import SeedGenerator

_TRUNCATE_AT = 2.0


def generator(seed: int | SeedGenerator) -> np.random.Generator:
    """Return a fresh generator for an integer, or for the next key of a `SeedGenerator`."""
    if isinstance(seed, SeedGenerator):
        entropy: Any = [int(word) for word in np.asarray(seed.next())]
    else:
        entropy = int(seed) % 2**64
    return np.random.Generator(np.random.Philox(entropy))


def compute_dtype(dtype: Any) -> type:
    """Return the float type to draw in: double for doubles, single for everything smaller."""
    return np.float64 if standardize_dtype(dtype) == "float64" else np.float32


def normal(seed: Any, shape: tuple, mean: float, stddev: float, dtype: Any) -> np.ndarray:
    """Draw from a normal distribution."""
    z = generator(seed).standard_normal(shape, compute_dtype(dtype))
    return _scaled(z, stddev, mean)


def truncated_normal(seed: Any, shape: tuple, mean: float, stddev: float, dtype: Any) -> np.ndarray:
    """Draw from a normal distribution cut off at two standard deviations.

    Values beyond are drawn again, all at once; about 5 in 100 are, so a few rounds do.
    """
    random = generator(seed)
    z = random.standard_normal(shape, compute_dtype(dtype))
    flat = z.reshape(-1)
    outside = np.flatnonzero(np.abs(flat) > _TRUNCATE_AT)
    while outside.size:
        fresh = random.standard_normal(outside.size, z.dtype.type)
        flat[outside] = fresh
        outside = outside[np.abs(fresh) > _TRUNCATE_AT]
    return _scaled(z, stddev, mean)


def uniform(seed: Any, shape: tuple, low: float, high: float, dtype: Any) -> np.ndarray:
    """Draw evenly from the interval from `low` (included) to `high` (excluded)."""
    return _scaled(generator(seed).random(shape, compute_dtype(dtype)), high - low, low)


def _scaled(values: np.ndarray, factor: float, offset: float) -> np.ndarray:
    # In place: weights may be large. NumPy returns bare scalars for shape (), hence `asarray`.
    values = np.asarray(values)
    values *= values.dtype.type(factor)
    if offset:
        values += values.dtype.type(offset)
    return values
