"""`take`: the first elements only."""

from __future__ import annotations

from typing import Any

import numpy as np

from nyala.data._stage import INFINITE, Pass, Stage, StageIterator, Transform, TransformIterator


class Take(Transform):
    """Ends after a number of elements.

    Args:
        source: the stage before.
        count: how many; -1 for all.
    """

    def __init__(self, source: Stage, count: int):
        super().__init__(source)
        self.count = None if count < 0 else int(count)

    @property
    def length(self) -> int:
        """The smaller of the input's length and the count."""
        length = self.source.length
        if self.count is None:
            return length
        if length == INFINITE:
            return self.count
        return min(length, self.count) if length >= 0 else (0 if self.count == 0 else length)

    @property
    def row_count(self) -> int | None:
        """The smaller of the input's and the count."""
        rows = self.source.row_count
        return rows if rows is None or self.count is None else min(rows, self.count)

    def rows(self, index: Any, where: Pass) -> Any:
        """Return the input's rows."""
        if isinstance(index, slice):
            index = slice(*index.indices(self.row_count))
        return self.source.rows(index, where)

    def iterate(self, where: Pass) -> StageIterator:
        """Return an iterator over the first elements."""
        return self.source.iterate(where) if self.count is None else TakeIterator(self, where)


class TakeIterator(TransformIterator):
    """Counts the elements that are left."""

    def __init__(self, stage: Take, where: Pass):
        super().__init__(stage, where)
        self.left = stage.count

    def __next__(self) -> Any:
        if self.left <= 0:
            raise StopIteration
        self.left -= 1
        return next(self.source)

    def next_rows(self, count: int) -> Any:
        count = min(count, self.left)
        self.left -= count
        return self.source.next_rows(count) if count else None

    def skip(self, count: int) -> None:
        count = min(count, self.left)
        self.left -= count
        self.source.skip(count)

    def get_state(self) -> dict:
        return {"left": self.left, "source": self.source.get_state()}

    def set_state(self, state: dict) -> None:
        self.left = state["left"]
        self.source.set_state(state["source"])


def shifted(index: Any, offset: int, step: int, count: int) -> Any:
    """Return the indices `offset + step * index`, for a slice or array of indices below `count`."""
    if isinstance(index, slice):
        index = np.arange(count)[index]
    return offset + step * index
