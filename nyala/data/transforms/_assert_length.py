"""`assert_cardinality`: the number of elements, stated and checked."""

from __future__ import annotations

from typing import Any

from nyala.data._stage import Pass, Stage, StageIterator, Transform, TransformIterator


class AssertLength(Transform):
    """Says how many elements there are, and raises where that turns out to be wrong.

    Args:
        source: the stage before.
        count: how many.
    """

    def __init__(self, source: Stage, count: int):
        super().__init__(source)
        self.count = int(count)

    @property
    def length(self) -> int:
        """As many as were stated."""
        return self.count

    def iterate(self, where: Pass) -> StageIterator:
        """Return an iterator that counts."""
        return AssertLengthIterator(self, where)


class AssertLengthIterator(TransformIterator):
    """Holds how many elements were read."""

    def __init__(self, stage: AssertLength, where: Pass):
        super().__init__(stage, where)
        self.read = 0

    def __next__(self) -> Any:
        try:
            element = next(self.source)
        except StopIteration:
            self._check(ended=True)
            raise
        self.read += 1
        self._check(ended=False)
        return element

    def _check(self, ended: bool) -> None:
        stated = self.stage.count
        if stated >= 0 and (self.read > stated or (ended and self.read < stated)):
            kind = "only" if ended else "at least"
            raise ValueError(
                f"assert_cardinality: the dataset was said to have {stated} elements; it has "
                f"{kind} {self.read}."
            )

    def get_state(self) -> dict:
        return {"read": self.read, "source": self.source.get_state()}

    def set_state(self, state: dict) -> None:
        self.read = state["read"]
        self.source.set_state(state["source"])
