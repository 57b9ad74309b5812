"""`shard`: every n-th element, for one of n workers."""

from __future__ import annotations

from typing import Any

from nyala.data._rows import RowsIterator
from nyala.data._stage import (
    Pass,
    Stage,
    StageIterator,
    Transform,
    TransformIterator,
    check_count,
)
from nyala.data.transforms._take import shifted


class Shard(Transform):
    """Keeps the elements `index`, `index + num_shards`, …

    Args:
        source: the stage before.
        num_shards: workers among which the elements are dealt.
        index: of the worker.
    """

    def __init__(self, source: Stage, num_shards: int, index: int):
        super().__init__(source)
        self.num_shards = check_count(num_shards, "shard: num_shards")
        self.index = check_count(index, "shard: index", least=0)
        if self.index >= self.num_shards:
            raise ValueError(
                f"shard: index must be below num_shards; got index={index}, "
                f"num_shards={num_shards}."
            )

    @property
    def length(self) -> int:
        """The number of the input's elements that are this worker's."""
        length = self.source.length
        return length if length < 0 else self._own(length)

    def _own(self, length: int) -> int:
        return max(-(-(length - self.index) // self.num_shards), 0)

    @property
    def row_count(self) -> int | None:
        """The number of the input's rows that are this worker's."""
        rows = self.source.row_count
        return None if rows is None else self._own(rows)

    def rows(self, index: Any, where: Pass) -> Any:
        """Return the input's rows that are this worker's."""
        index = shifted(index, self.index, self.num_shards, self.row_count)
        return self.source.rows(index, where)

    def iterate(self, where: Pass) -> StageIterator:
        """Return an iterator over this worker's elements."""
        if self.row_count is not None:
            return RowsIterator(self, where)
        return ShardIterator(self, where)


class ShardIterator(TransformIterator):
    """Passes over the other workers' elements."""

    def __init__(self, stage: Shard, where: Pass):
        super().__init__(stage, where)
        self.begun = False

    def __next__(self) -> Any:
        self.source.skip(self.stage.num_shards - 1 if self.begun else self.stage.index)
        self.begun = True
        return next(self.source)

    def get_state(self) -> dict:
        return {"begun": self.begun, "source": self.source.get_state()}

    def set_state(self, state: dict) -> None:
        self.begun = state["begun"]
        self.source.set_state(state["source"])
