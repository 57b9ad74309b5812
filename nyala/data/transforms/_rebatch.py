"""`rebatch`: batches of another size."""

from __future__ import annotations

from typing import Any

from nyala.core import tree
from nyala.data._elements import count_rows
from nyala.data._specs import add_axis
from nyala.data._stage import (
    Pass,
    Stage,
    StageIterator,
    Transform,
    TransformIterator,
    check_count,
)
from nyala.data.transforms._unbatch import Unbatch


class Rebatch(Transform):
    """Cuts batches into rows and puts those together anew.

    Args:
        source: yields batches.
        sizes: rows of a batch; several are used in turn.
        drop_remainder: whether a last smaller batch is left out.
    """

    def __init__(self, source: Stage, sizes: Any, drop_remainder: bool):
        super().__init__(Unbatch(source))
        given = tree.flatten(sizes.tolist() if hasattr(sizes, "tolist") else sizes)
        self.sizes = [check_count(size, "rebatch: batch_size") for size in given]
        self.drop_remainder = bool(drop_remainder)

    @property
    def spec(self) -> Any:
        """The rows' spec with a first axis."""
        fixed = self.drop_remainder and len(set(self.sizes)) == 1
        return add_axis(self.source.spec, self.sizes[0] if fixed else None)

    @property
    def length(self) -> int:
        """The number of batches, where the number of rows is known."""
        rows = self.source.length
        if rows < 0:
            return rows
        whole, left = divmod(rows, sum(self.sizes))
        count = whole * len(self.sizes)
        for size in self.sizes:
            if left <= 0:
                break
            count += 1 if left >= size or not self.drop_remainder else 0
            left -= size
        return count

    @property
    def uniform(self) -> bool:
        """Not promised."""
        return False

    def iterate(self, where: Pass) -> StageIterator:
        """Return an iterator over the new batches."""
        return RebatchIterator(self, where)


class RebatchIterator(TransformIterator):
    """Takes as many rows as it is the turn of."""

    def __init__(self, stage: Rebatch, where: Pass):
        super().__init__(stage, where)
        self.turn = 0

    def __next__(self) -> Any:
        size = self.stage.sizes[self.turn]
        self.turn = (self.turn + 1) % len(self.stage.sizes)
        rows = self.source.next_rows(size)
        if rows is None or (self.stage.drop_remainder and count_rows(rows) < size):
            raise StopIteration
        return rows

    def get_state(self) -> dict:
        return {"turn": self.turn, "source": self.source.get_state()}

    def set_state(self, state: dict) -> None:
        self.turn = state["turn"]
        self.source.set_state(state["source"])
