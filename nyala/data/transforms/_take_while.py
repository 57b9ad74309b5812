"""`take_while`: elements up to the first for which a function does not hold."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nyala.data._stage import UNKNOWN, Pass, Stage, StageIterator
from nyala.data.transforms._filter import Filter, FilterIterator


class TakeWhile(Filter):
    """Ends before the first element for which a function does not hold.

    Args:
        source: the stage before.
        predicate: the user's function; returns one truth value.
    """

    def __init__(self, source: Stage, predicate: Callable):
        super().__init__(source, predicate, "take_while")

    @property
    def length(self) -> int:
        """Unknown, but for an empty input."""
        return UNKNOWN if self.source.length else 0

    def iterate(self, where: Pass) -> StageIterator:
        """Return an iterator that ends early."""
        return TakeWhileIterator(self, where)


class TakeWhileIterator(FilterIterator):
    """Remembers that it has ended."""

    ended = False

    def __next__(self) -> Any:
        if self.ended:
            raise StopIteration
        element, number = next(self.source), self.number
        self.number += 1
        if self.stage.holds(element, self.keys.one(number), number):
            return element
        self.ended = True
        raise StopIteration

    def get_state(self) -> dict:
        return {**super().get_state(), "ended": self.ended}

    def set_state(self, state: dict) -> None:
        self.ended = state["ended"]
        super().set_state(state)
