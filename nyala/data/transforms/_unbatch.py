"""`unbatch`: the rows of every element as elements."""

from __future__ import annotations

from typing import Any

from nyala.core import tree
from nyala.data._elements import one_row, pick_rows
from nyala.data._specs import TensorSpec, drop_axis
from nyala.data._stage import (
    INFINITE,
    UNKNOWN,
    Pass,
    Stage,
    StageIterator,
    Transform,
    TransformIterator,
)
from nyala.data.transforms._batch import Batch


class Unbatch(Transform):
    """Cuts elements along their first axis.

    Args:
        source: the stage before.
    """

    def __init__(self, source: Stage):
        super().__init__(source)
        for leaf in tree.flatten(source.spec):
            if not isinstance(leaf, TensorSpec) or leaf.shape == ():
                raise ValueError(
                    "unbatch cuts tensors along their first axis, but the elements are "
                    f"{source.spec}."
                )

    @property
    def spec(self) -> Any:
        """The input's spec without its first axis."""
        return drop_axis(self.source.spec)

    @property
    def length(self) -> int:
        """The input's length times the rows of an element, where those are known."""
        if isinstance(self.source, Batch) and not self.source.drop_remainder:
            return self.source.source.length
        length = self.source.length
        rows = _known_rows(self.source.spec)
        if length in (0, INFINITE):
            return length
        return UNKNOWN if length == UNKNOWN or rows is None else length * rows

    @property
    def uniform(self) -> bool:
        """Whether the rows' shapes are known."""
        return all(
            leaf.shape is not None and None not in leaf.shape for leaf in tree.flatten(self.spec)
        )

    def iterate(self, where: Pass) -> StageIterator:
        """Return an iterator over rows."""
        return UnbatchIterator(self, where)


class UnbatchIterator(TransformIterator):
    """Holds the element that is being cut, and where it came from."""

    def __init__(self, stage: Unbatch, where: Pass):
        super().__init__(stage, where)
        self.rows: Any = None
        self.next_row = self.count = 0
        self._before: Any = None  # the input's state before the element was read

    def _read(self) -> None:
        self._before = self.source.get_state()
        self.rows = next(self.source)
        self.next_row, self.count = 0, _rows_of(self.rows)

    def __next__(self) -> Any:
        while self.next_row >= self.count:
            self._read()
        self.next_row += 1
        return one_row(self.rows, self.next_row - 1)

    def next_rows(self, count: int) -> Any:
        if self.next_row + count > self.count:
            return super().next_rows(count)
        start = self.next_row
        self.next_row += count
        return pick_rows(self.rows, slice(start, self.next_row))

    def get_state(self) -> dict:
        if self.next_row >= self.count:
            return {"row": 0, "source": self.source.get_state()}
        return {"row": self.next_row, "source": self._before}

    def set_state(self, state: dict) -> None:
        self.source.set_state(state["source"])
        if state["row"]:
            self._read()
            self.next_row = state["row"]


def _rows_of(rows: Any) -> int:
    counts = {leaf.shape[0] for leaf in tree.flatten(rows) if leaf is not None}
    if len(counts) != 1:
        raise ValueError(
            f"unbatch: the components of an element have different numbers of rows: "
            f"{sorted(counts)}."
        )
    return counts.pop()


def _known_rows(spec: Any) -> int | None:
    known = {leaf.shape[0] for leaf in tree.flatten(spec) if leaf.shape is not None}
    return known.pop() if len(known) == 1 else None
