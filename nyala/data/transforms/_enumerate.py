"""`enumerate`: every element with its number."""

from __future__ import annotations

from typing import Any

import numpy as np

from nyala.data._convert import narrowed
from nyala.data._elements import count_rows
from nyala.data._specs import TensorSpec
from nyala.data._stage import Pass, Stage, StageIterator, Transform, TransformIterator


class Enumerate(Transform):
    """Pairs `(number, element)`.

    Args:
        source: the stage before.
        start: the first number.
    """

    def __init__(self, source: Stage, start: int):
        super().__init__(source)
        self.start = int(start)

    @property
    def spec(self) -> Any:
        """An integer beside the input's spec."""
        return (TensorSpec((), narrowed(np.zeros((), "int64")).dtype), self.source.spec)

    @property
    def row_count(self) -> int | None:
        """The input's."""
        return self.source.row_count

    def rows(self, index: Any, where: Pass) -> Any:
        """Return numbers beside the input's rows."""
        numbers = np.arange(self.row_count)[index] if isinstance(index, slice) else index
        return narrowed(np.asarray(numbers, "int64") + self.start), self.source.rows(index, where)

    def iterate(self, where: Pass) -> StageIterator:
        """Return an iterator that counts."""
        return EnumerateIterator(self, where)


class EnumerateIterator(TransformIterator):
    """Holds the next number."""

    def __init__(self, stage: Enumerate, where: Pass):
        super().__init__(stage, where)
        self.number = stage.start

    def __next__(self) -> Any:
        element = next(self.source)
        self.number += 1
        return narrowed(np.asarray(self.number - 1)), element

    def next_rows(self, count: int) -> Any:
        rows = self.source.next_rows(count)
        if rows is None:
            return None
        start = self.number
        self.number += count_rows(rows)
        return narrowed(np.arange(start, self.number)), rows

    def get_state(self) -> dict:
        return {"number": self.number, "source": self.source.get_state()}

    def set_state(self, state: dict) -> None:
        self.number = state["number"]
        self.source.set_state(state["source"])
