"""Cases for the gradient of a lookup of rows."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from nyala import kernels
from tests.kernels.native_case import Case, normal

# Rows and what follows in the table, shape of ids, dtype.
TABLES = {
    "a few rows": ((7, 5), (3, 4), "float32"),
    "rows of several vectors": ((9, 83), (40,), "float32"),
    "two digits of a row's number, several parts": ((3001, 16), (60, 9), "float32"),
    "rows are matrices": ((6, 2, 3), (4,), "float32"),
    "rows are numbers": ((11,), (2, 5), "float32"),
    "one row": ((1, 4), (3,), "float32"),
    "no ids": ((5, 4), (0,), "float32"),
    "rows of nothing": ((5, 0), (3,), "float32"),
    "bfloat16": ((7, 19), (3, 9), "bfloat16"),
    "float16": ((7, 19), (3, 9), "float16"),
}
TOLERANCES = {"bfloat16": 2e-2, "float16": 5e-3}


def some_ids(rows: int, shape: tuple[int, ...]) -> np.ndarray:
    """Repeated ones, negative ones, and some that name no row."""
    return np.random.default_rng(5).integers(-rows - 1, rows + 2, shape).astype("int32")


def embeddings() -> Iterator[tuple[str, Case]]:
    for what, (shape, places, dtype) in TABLES.items():
        arrays = (normal(*shape, dtype=dtype), some_ids(shape[0], places))
        tolerance = TOLERANCES.get(dtype, 1e-5)
        yield (
            f"embedding: {what}",
            Case(kernels.embedding_lookup, arrays, "embedding_gradient", tolerance),
        )
