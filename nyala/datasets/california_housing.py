"""California housing: 20,640 districts of the census of 1990, and what houses cost there."""

from __future__ import annotations

import numpy as np

from nyala.core import did_you_mean
from nyala.datasets._arrays import load_arrays
from nyala.datasets._cache import cached_file
from nyala.datasets._split import check_test_split, split_table

__all__ = ["load_data"]

_URL = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/california_housing.npz"
_SHA256 = "1a2e3a52e0398de6463aebe6f4a8da34fb21fbb6b934cf88c3425e766f2a1a6f"
_ARRAYS = {"x": ((None, 8), "floats"), "y": ((None,), "floats")}
_SMALL = 600


def load_data(
    version: str = "large", path: str = "california_housing.npz", test_split: float = 0.2,
    seed: int = 113,
) -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:  # fmt: skip
    """Return features of districts and prices of houses, fetched once (0.8 MB).

    Args:
        version: `"large"` for all districts, `"small"` for the first 600.
        path: name of the file in the cache (see `mnist.load_data`), or an absolute path.
        test_split: the fraction of the rows, at the end, that is the test set.
        seed: of the order of the rows; it is Keras' for each seed.

    Returns:
        `(x_train, y_train), (x_test, y_test)`: 8 features a row (median income, age of houses,
        rooms and bedrooms a household, people, people a household, latitude, longitude), and median
        prices in dollars.

    Raises:
        FileNotFoundError: the file is nowhere and could not be fetched.
        ValueError: a file placed by hand does not hold these arrays; an unknown version;
            `test_split` is no fraction.

    Example, not run here because it needs the file::

        (x_train, y_train), (x_test, y_test) = nyala.datasets.california_housing.load_data("small")

    Source: R. Pace and R. Barry, "Sparse Spatial Autoregressions", Statistics and Probability
    Letters 33 (1997).
    """
    if version not in ("large", "small"):
        hint = did_you_mean(str(version), ("large", "small"))
        raise ValueError(f"version expects 'large' or 'small'; got {version!r}.{hint}")
    check_test_split(test_split)
    file = cached_file(path, url=_URL, file_hash=_SHA256)
    x, y = load_arrays(file, _ARRAYS)
    count = _SMALL if version == "small" else len(x)
    return split_table(x[:count], y[:count], test_split, seed)
