"""`RowsIterator`: in order through what can be had by index."""

from __future__ import annotations

from typing import Any

from nyala.data._elements import one_row
from nyala.data._stage import Pass, Stage, StageIterator


class RowsIterator(StageIterator):
    """Goes through a stage with random access in order.

    Args:
        stage: its elements can be had by index.
        where: the pass.
    """

    # Single elements are cut out of a few rows at a time.
    BLOCK = 128

    def __init__(self, stage: Stage, where: Pass):
        self.stage, self.where = stage, where
        self.position = 0
        self._block: Any = None
        self._block_start = 0
        self._block_stop = 0

    def __next__(self) -> Any:
        if not self._block_start <= self.position < self._block_stop:
            start, count = self.position, self.stage.row_count
            if start >= count:
                raise StopIteration
            # The first element comes alone: whoever only peeks should not wait for more.
            stop = min(start + (self.BLOCK if start else 1), count)
            self._block = self.stage.rows(slice(start, stop), self.where)
            self._block_start, self._block_stop = start, stop
        element = one_row(self._block, self.position - self._block_start)
        self.position += 1
        return element

    def next_rows(self, count: int) -> Any:
        start, stop = self.position, min(self.position + count, self.stage.row_count)
        if start >= stop:
            return None
        self.position = stop
        return self.stage.rows(slice(start, stop), self.where)

    def skip(self, count: int) -> None:
        self.position = min(self.position + count, self.stage.row_count)

    def get_state(self) -> int:
        return self.position

    def set_state(self, state: int) -> None:
        self.position = state
