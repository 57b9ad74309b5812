"""`concatenate`: one dataset after another."""

from __future__ import annotations

from typing import Any

import numpy as np

from nyala.core import tree
from nyala.data._rows import RowsIterator
from nyala.data._specs import common_spec
from nyala.data._stage import INFINITE, UNKNOWN, Pass, Stage, StageIterator


class Concatenate(Stage):
    """The elements of one stage, then those of another.

    Args:
        first, second: the stages.
    """

    def __init__(self, first: Stage, second: Stage):
        self.inputs = (first, second)
        self._spec = common_spec(first.spec, second.spec, "concatenate")

    @property
    def spec(self) -> Any:
        """What both inputs' specs allow."""
        return self._spec

    @property
    def length(self) -> int:
        """The sum of the lengths."""
        lengths = [stage.length for stage in self.inputs]
        if INFINITE in lengths:
            return INFINITE
        return UNKNOWN if UNKNOWN in lengths else sum(lengths)

    @property
    def uniform(self) -> bool:
        """Whether both inputs are, alike."""
        first, second = self.inputs
        return first.uniform and second.uniform and first.spec == second.spec

    @property
    def row_count(self) -> int | None:
        """The sum of the inputs', where both have random access and rows that stack."""
        counts = [stage.row_count for stage in self.inputs]
        return None if None in counts or not self.uniform else sum(counts)

    def rows(self, index: Any, where: Pass) -> Any:
        """Return rows of both inputs."""
        if isinstance(index, slice):
            index = np.arange(self.row_count)[index]
        first, second = self.inputs
        late = index >= first.row_count
        if not late.any():
            return first.rows(index, where.inner(0))
        if late.all():
            return second.rows(index - first.row_count, where.inner(1))
        order = np.argsort(np.argsort(late, kind="stable"), kind="stable")
        early_rows = first.rows(index[~late], where.inner(0))
        late_rows = second.rows(index[late] - first.row_count, where.inner(1))
        return tree.map_structure(
            lambda a, b: None if a is None else np.concatenate([a, b])[order], early_rows, late_rows
        )

    def iterate(self, where: Pass) -> StageIterator:
        """Return an iterator over one input after the other."""
        if self.row_count is not None:
            return RowsIterator(self, where)
        return ConcatenateIterator(self, where)


class ConcatenateIterator(StageIterator):
    """Holds the iterator over the input that is being read."""

    def __init__(self, stage: Concatenate, where: Pass):
        self.stage, self.where = stage, where
        self._begin(0)

    def _begin(self, number: int) -> None:
        self.number = number
        self.source = self.stage.inputs[number].iterate(self.where.inner(number))
        self.upstream = (self.source,)

    def __next__(self) -> Any:
        try:
            return next(self.source)
        except StopIteration:
            if self.number == 1:
                raise
        self.close()
        self._begin(1)
        return next(self.source)

    def get_state(self) -> dict:
        return {"number": self.number, "source": self.source.get_state()}

    def set_state(self, state: dict) -> None:
        if state["number"] != self.number:
            self._begin(state["number"])
        self.source.set_state(state["source"])
