"""`zip`: elements of several datasets side by side."""

from __future__ import annotations

from typing import Any

from nyala.core import tree
from nyala.data._elements import count_rows, pick_rows
from nyala.data._stage import INFINITE, UNKNOWN, Pass, Stage, StageIterator


class Zip(Stage):
    """Structures of elements, one of each input; ends with the shortest.

    Args:
        structure: a structure with a stage at each leaf.
    """

    def __init__(self, structure: Any):
        self.structure = structure
        self.inputs = tuple(tree.flatten(structure))

    def packed(self, parts: list) -> Any:
        """Return the structure with a part at each leaf."""
        return tree.pack_sequence_as(self.structure, parts)

    @property
    def spec(self) -> Any:
        """The structure of the inputs' specs."""
        return self.packed([stage.spec for stage in self.inputs])

    @property
    def length(self) -> int:
        """The smallest of the inputs' lengths."""
        lengths = [stage.length for stage in self.inputs]
        finite = [n for n in lengths if n != INFINITE]
        if 0 in finite:
            return 0
        if UNKNOWN in finite:
            return UNKNOWN
        return min(finite, default=INFINITE)

    @property
    def uniform(self) -> bool:
        """Whether all inputs are."""
        return all(stage.uniform for stage in self.inputs)

    @property
    def row_count(self) -> int | None:
        """The smallest of the inputs', where all have random access."""
        counts = [stage.row_count for stage in self.inputs]
        return None if None in counts else min(counts)

    def rows(self, index: Any, where: Pass) -> Any:
        """Return the inputs' rows."""
        if isinstance(index, slice):
            index = slice(*index.indices(self.row_count))
        return self.packed([stage.rows(index, where) for stage in self.inputs])

    def iterate(self, where: Pass) -> StageIterator:
        """Return an iterator over elements side by side."""
        return ZipIterator(self, where)


class ZipIterator(StageIterator):
    """Reads one element of every input."""

    def __init__(self, stage: Zip, where: Pass):
        self.stage = stage
        self.upstream = tuple(source.iterate(where) for source in stage.inputs)

    def __next__(self) -> Any:
        return self.stage.packed([next(source) for source in self.upstream])

    def next_rows(self, count: int) -> Any:
        if not self.stage.uniform:
            return super().next_rows(count)
        parts = [source.next_rows(count) for source in self.upstream]
        if any(part is None for part in parts):
            return None
        least = min(count_rows(part) for part in parts)
        return self.stage.packed([pick_rows(part, slice(least)) for part in parts])

    def skip(self, count: int) -> None:
        for source in self.upstream:
            source.skip(count)

    def get_state(self) -> list:
        return [source.get_state() for source in self.upstream]

    def set_state(self, state: list) -> None:
        for source, part in zip(self.upstream, state, strict=True):
            source.set_state(part)
