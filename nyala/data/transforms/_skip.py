"""`skip`: all but the first elements."""

from __future__ import annotations

from typing import Any

from nyala.data._stage import Pass, Stage, StageIterator, Transform, TransformIterator


class Skip(Transform):
    """Begins after a number of elements.

    Args:
        source: the stage before.
        count: how many are left out; -1 for all.
    """

    def __init__(self, source: Stage, count: int):
        super().__init__(source)
        self.count = None if count < 0 else int(count)

    @property
    def length(self) -> int:
        """The input's length less the count."""
        if self.count is None:
            return 0
        length = self.source.length
        return max(length - self.count, 0) if length >= 0 else length

    @property
    def row_count(self) -> int | None:
        """The input's less the count."""
        rows = self.source.row_count
        return rows if rows is None else max(rows - (rows if self.count is None else self.count), 0)

    def rows(self, index: Any, where: Pass) -> Any:
        """Return the input's rows further on."""
        offset = self.count or 0
        if isinstance(index, slice):
            start, stop, step = index.indices(self.row_count)
            return self.source.rows(slice(start + offset, stop + offset, step), where)
        return self.source.rows(index + offset, where)

    def iterate(self, where: Pass) -> StageIterator:
        """Return an iterator over the last elements."""
        return SkipIterator(self, where)


class SkipIterator(TransformIterator):
    """Leaves elements out before the first one is asked for."""

    def __init__(self, stage: Skip, where: Pass):
        super().__init__(stage, where)
        self.begun = False

    def _begin(self) -> None:
        if not self.begun:
            self.begun = True
            if self.stage.count is not None:
                self.source.skip(self.stage.count)

    def __next__(self) -> Any:
        if self.stage.count is None:
            raise StopIteration
        self._begin()
        return next(self.source)

    def next_rows(self, count: int) -> Any:
        if self.stage.count is None:
            return None
        self._begin()
        return self.source.next_rows(count)

    def skip(self, count: int) -> None:
        self._begin()
        self.source.skip(count)

    def get_state(self) -> dict:
        return {"begun": self.begun, "source": self.source.get_state()}

    def set_state(self, state: dict) -> None:
        self.begun = state["begun"]
        self.source.set_state(state["source"])
