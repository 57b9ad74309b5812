"""`batch`: several elements as one, stacked along a new first axis."""

from __future__ import annotations

from typing import Any

from nyala.data._elements import count_rows
from nyala.data._specs import add_axis
from nyala.data._stage import Pass, Stage, StageIterator, Transform, TransformIterator, check_count


class Batch(Transform):
    """Stacks elements.

    Args:
        source: the stage before.
        batch_size: elements of a batch.
        drop_remainder: whether a last smaller batch is left out.
    """

    def __init__(self, source: Stage, batch_size: int, drop_remainder: bool):
        super().__init__(source)
        self.batch_size = check_count(batch_size, "batch: batch_size")
        self.drop_remainder = bool(drop_remainder)

    @property
    def spec(self) -> Any:
        """The input's spec with a first axis."""
        return add_axis(self.source.spec, self.batch_size if self.drop_remainder else None)

    @property
    def length(self) -> int:
        """The number of batches."""
        return batches_of(self.source.length, self.batch_size, self.drop_remainder)

    @property
    def uniform(self) -> bool:
        """Whether the input is, and no batch is smaller."""
        return self.drop_remainder and self.source.uniform

    def iterate(self, where: Pass) -> StageIterator:
        """Return an iterator over batches."""
        return BatchIterator(self, where)


class BatchIterator(TransformIterator):
    """Asks its input for several elements at once."""

    def __next__(self) -> Any:
        rows = self.source.next_rows(self.stage.batch_size)
        if rows is None:
            raise StopIteration
        if self.stage.drop_remainder and count_rows(rows) < self.stage.batch_size:
            raise StopIteration
        return rows

    def skip(self, count: int) -> None:
        self.source.skip(count * self.stage.batch_size)


def batches_of(length: int, batch_size: int, drop_remainder: bool) -> int:
    """Return how many batches `length` elements make (`UNKNOWN`, `INFINITE` stay what they are)."""
    if length < 0:
        return length
    return length // batch_size if drop_remainder else -(-length // batch_size)
