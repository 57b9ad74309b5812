"""Boston housing: what 506 neighbourhoods of the 1970s were like, and what houses cost there."""

from __future__ import annotations

import numpy as np

from nyala.datasets._arrays import load_arrays
from nyala.datasets._cache import cached_file
from nyala.datasets._split import check_test_split, split_table

__all__ = ["load_data"]

_URL = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/boston_housing.npz"
_SHA256 = "f553886a1f8d56431e820c5b82552d9d95cfcb96d1e678153f8839538947dff5"
_ARRAYS = {"x": ((None, 13), "floats"), "y": ((None,), "floats")}


def load_data(
    path: str = "boston_housing.npz", test_split: float = 0.2, seed: int = 113
) -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """Return features of neighbourhoods and prices of houses, fetched once (57 kB).

    One of the features, "B", was derived from the share of black people in a neighbourhood on the
    assumption that segregation shapes prices. Use `california_housing` unless that is your subject.

    Args:
        path: name of the file in the cache (see `mnist.load_data`), or an absolute path.
        test_split: the fraction of the rows, at the end, that is the test set.
        seed: of the order of the rows; it is Keras' for each seed.

    Returns:
        `(x_train, y_train), (x_test, y_test)`: 13 features a row, and median prices in thousands of
        dollars.

    Raises:
        FileNotFoundError: the file is nowhere and could not be fetched.
        ValueError: a file placed by hand does not hold these arrays; `test_split` is no fraction.

    Example, not run here because it needs the file::

        (x_train, y_train), (x_test, y_test) = nyala.datasets.boston_housing.load_data()

    Source: D. Harrison and D. Rubinfeld, "Hedonic housing prices and the demand for clean air",
    Journal of Environmental Economics and Management 5 (1978).
    """
    check_test_split(test_split)
    file = cached_file(path, url=_URL, file_hash=_SHA256)
    x, y = load_arrays(file, _ARRAYS)
    return split_table(x, y, test_split, seed)
