"""`filter`: the elements for which a function holds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from nyala.core import tree
from nyala.data._functions import ElementFunction
from nyala.data._random_scope import ElementKeys
from nyala.data._stage import UNKNOWN, Pass, Stage, StageIterator, Transform, TransformIterator


class Filter(Transform):
    """Leaves out elements.

    Args:
        source: the stage before.
        predicate: the user's function; returns one truth value.
        what: named in errors.
    """

    random = True

    def __init__(self, source: Stage, predicate: Callable, what: str = "filter"):
        super().__init__(source)
        self.function = ElementFunction(predicate, what)

    @property
    def length(self) -> int:
        """Unknown, but for an empty input."""
        length = self.source.length
        return UNKNOWN if length > 0 else length

    def holds(self, element: Any, key: np.ndarray, number: int) -> bool:
        """Whether the function holds for an element."""
        result = self.function.one(element, key, number)
        if tree.is_nested(result) or np.size(result) != 1:
            raise TypeError(
                f"{self.function.what}: the function must return one truth value; for element "
                f"{number} it returned {result!r}."
            )
        return bool(np.asarray(result).item())

    def iterate(self, where: Pass) -> StageIterator:
        """Return an iterator over the elements for which the function holds."""
        return FilterIterator(self, where)


class FilterIterator(TransformIterator):
    """Asks the function about one element after the other."""

    def __init__(self, stage: Filter, where: Pass):
        super().__init__(stage, where)
        self.keys = ElementKeys(stage, where)
        self.number = 0

    def __next__(self) -> Any:
        while True:
            element = next(self.source)
            number = self.number
            self.number += 1
            if self.stage.holds(element, self.keys.one(number), number):
                return element

    def get_state(self) -> dict:
        return {"number": self.number, "source": self.source.get_state()}

    def set_state(self, state: dict) -> None:
        self.number = state["number"]
        self.source.set_state(state["source"])
