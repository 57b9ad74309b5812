"""The programs of the seed documents, written against nyala itself, on the digits it ships with."""

from __future__ import annotations

import numpy as np
import pytest


@pytest.fixture(scope="module")
def digits():
    """Handwritten digits as flat rows: (x_train, y_train), (x_test, y_test); labels are floats."""
    from nyala import datasets

    (x_train, y_train), (x_test, y_test) = datasets.digits.load_data()
    rows = [np.asarray(x).reshape(len(x), -1).astype("float32") / 16 for x in (x_train, x_test)]
    return (rows[0], y_train.astype("float32")), (rows[1], y_test.astype("float32"))
