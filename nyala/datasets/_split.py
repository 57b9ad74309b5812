"""A training and a test set of one table."""

from __future__ import annotations

import numpy as np


def check_test_split(test_split: float) -> None:
    """Raise a `ValueError` where `test_split` is no fraction."""
    if not 0 <= test_split < 1:
        raise ValueError(f"test_split must be at least 0 and less than 1; got {test_split}.")


def split_table(x: np.ndarray, y: np.ndarray, test_split: float, seed: int) -> tuple[tuple, tuple]:
    """Return `(x_train, y_train), (x_test, y_test)`, in the order and at the place that Keras has.

    Args:
        x, y: one row a sample.
        test_split: the fraction of the rows, at the end, that is the test set.
        seed: of the order.
    """
    order = np.arange(len(x))
    np.random.RandomState(seed).shuffle(order)
    x, y = x[order], y[order]
    count = int(len(x) * (1 - test_split))
    return (x[:count], y[:count]), (x[count:], y[count:])
