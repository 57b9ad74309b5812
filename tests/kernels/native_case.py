"""What a case of a native kernel is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np


class Case(NamedTuple):
    """`run(*arrays)` calls the native kernels whose names start with `targets`."""

    run: Callable[..., Any]
    arrays: tuple[np.ndarray, ...]
    targets: str
    tolerance: float = 1e-5
    gradients: bool = True


def normal(*shape: int, dtype: Any = "float32", seed: int = 7) -> np.ndarray:
    """Standard normal numbers, the same in every run."""
    generator = np.random.default_rng(seed)
    return np.asarray(generator.standard_normal(shape), "float32").astype(dtype)
