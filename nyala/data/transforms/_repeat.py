"""`repeat`: the same dataset several times in a row."""

from __future__ import annotations

from typing import Any

from nyala.data._elements import concat_rows, count_rows
from nyala.data._stage import INFINITE, Pass, Stage, StageIterator, Transform


class Repeat(Transform):
    """Reads its input again when it ends.

    Args:
        source: the stage before.
        count: how often; `None` or -1 for ever.
    """

    def __init__(self, source: Stage, count: int | None):
        super().__init__(source)
        self.count = None if count is None or count < 0 else int(count)

    @property
    def length(self) -> int:
        """The input's length times the count."""
        length = self.source.length
        if self.count == 0 or length == 0:
            return 0
        if self.count is None:
            return INFINITE
        return length * self.count if length > 0 else length

    def iterate(self, where: Pass) -> StageIterator:
        """Return an iterator over one pass after the other."""
        return RepeatIterator(self, where)


class RepeatIterator(StageIterator):
    """Holds the iterator of the pass that goes on."""

    def __init__(self, stage: Repeat, where: Pass):
        self.stage, self.where = stage, where
        self._begin(0)

    def _begin(self, number: int) -> None:
        for iterator in self.upstream:
            iterator.close()
        self.number, self._read = number, 0
        self.source: StageIterator | None = None
        self.upstream = ()
        if self.stage.count is None or number < self.stage.count:
            self.source = self.stage.source.iterate(self.where.inner(number))
            self.upstream = (self.source,)

    def __next__(self) -> Any:
        while self.source is not None:
            try:
                element = next(self.source)
            except StopIteration:
                self._end_pass()
                continue
            self._read += 1
            return element
        raise StopIteration

    def _end_pass(self) -> None:
        if not self._read:  # so is every further pass: repeated for ever, it would hang
            self.source = None
        else:
            self._begin(self.number + 1)

    def next_rows(self, count: int) -> Any:
        if not self.stage.uniform:
            return super().next_rows(count)
        pieces = []
        while count and self.source is not None:
            rows = self.source.next_rows(count)
            if rows is None:
                self._end_pass()
                continue
            self._read += count_rows(rows)
            count -= count_rows(rows)
            pieces.append(rows)
        return concat_rows(pieces) if pieces else None

    def get_state(self) -> dict:
        source = None if self.source is None else self.source.get_state()
        return {"number": self.number, "read": self._read, "source": source}

    def set_state(self, state: dict) -> None:
        self._begin(state["number"])
        self._read = state["read"]
        if state["source"] is None:
            self.source = None
        else:
            self.source.set_state(state["source"])
