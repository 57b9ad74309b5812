"""A column of integers as tokens."""

from __future__ import annotations

from typing import Any

import numpy as np


class Integers:
    """Tokens that are integers.

    Args:
        values: one axis, int64.
    """

    def __init__(self, values: np.ndarray):
        self.values = values

    def __len__(self) -> int:
        return len(self.values)

    def __getitem__(self, selection: Any) -> Integers:
        return Integers(self.values[selection])

    def items(self) -> list[int]:
        """Return the tokens as a list."""
        return self.values.tolist()
