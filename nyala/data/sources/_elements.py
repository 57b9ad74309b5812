"""`from_tensors`, and the elements of a window: a few elements in memory."""

from __future__ import annotations

from typing import Any

from nyala.data._specs import common_spec, spec_of
from nyala.data._stage import Pass, Stage, StageIterator


class Elements(Stage):
    """A list of elements, not stacked.

    Args:
        elements: structures of NumPy arrays.
    """

    def __init__(self, elements: list):
        self.elements = elements

    @property
    def spec(self) -> Any:
        """What the elements have in common."""
        spec = spec_of(self.elements[0])
        for element in self.elements[1:]:
            spec = common_spec(spec, spec_of(element), "a list of elements")
        return spec

    @property
    def length(self) -> int:
        """The number of elements."""
        return len(self.elements)

    def iterate(self, where: Pass) -> StageIterator:
        """Return an iterator over the elements."""
        return ElementsIterator(self.elements)


class ElementsIterator(StageIterator):
    """Holds a number."""

    def __init__(self, elements: list):
        self.elements, self.position = elements, 0

    def __next__(self) -> Any:
        if self.position >= len(self.elements):
            raise StopIteration
        self.position += 1
        return self.elements[self.position - 1]

    def skip(self, count: int) -> None:
        self.position = min(self.position + count, len(self.elements))

    def get_state(self) -> int:
        return self.position

    def set_state(self, state: int) -> None:
        self.position = state
