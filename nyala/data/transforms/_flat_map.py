"""`flat_map`: datasets made of elements, one after the other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nyala.data._functions import ElementFunction
from nyala.data._random_scope import ElementKeys
from nyala.data._reader import Reader
from nyala.data._stage import (
    INFINITE,
    UNKNOWN,
    Pass,
    Stage,
    StageIterator,
    Transform,
    TransformIterator,
)


class FlatMap(Transform):
    """Yields the elements of the datasets that a function makes.

    Args:
        source: the stage before.
        function: the user's; returns a dataset.
        what: named in errors.
    """

    random = True
    _spec: Any = None

    def __init__(self, source: Stage, function: Callable, what: str = "flat_map"):
        super().__init__(source)
        self.function = ElementFunction(function, what)

    @property
    def spec(self) -> Any:
        """The spec of the dataset that the first element makes."""
        if self._spec is None:
            iterator = self.source.iterate(Pass())
            try:
                self._spec = self.made_of(next(iterator), Pass(), 0).spec
            except StopIteration:
                raise ValueError(
                    f"{self.function.what}: the spec of the elements is not known, because the "
                    "dataset is empty."
                ) from None
            finally:
                iterator.close()
        return self._spec

    @property
    def length(self) -> int:
        """Unknown, but for an empty or endless input."""
        return self.source.length if self.source.length in (0, INFINITE) else UNKNOWN

    @property
    def uniform(self) -> bool:
        """Not promised."""
        return False

    def made_of(self, element: Any, where: Pass, number: int) -> Stage:
        """Return the dataset that the function makes of an element."""
        key = ElementKeys(self, where).one(number)
        made = self.function.in_python(element, key, number)
        if not hasattr(made, "_stage"):
            error = TypeError(
                f"{self.function.what}: the function must return a Dataset; it returned {made!r}. "
                "Use map for functions that return tensors."
            )
            raise self.function.noted(error, number)
        return made._stage

    def iterate(self, where: Pass) -> StageIterator:
        """Return an iterator over one dataset after the other."""
        return FlatMapIterator(self, where)


class FlatMapIterator(TransformIterator):
    """Holds the dataset that is being read, and where its element came from."""

    def __init__(self, stage: FlatMap, where: Pass):
        super().__init__(stage, where)
        self.where, self.number = where, 0
        self._inner: Reader | None = None
        self._before: Any = None  # the input's state before the element was read

    def _open(self) -> None:
        self._before = self.source.get_state()
        element, number = next(self.source), self.number
        self.number += 1
        made = self.stage.made_of(element, self.where, number)
        self._inner = Reader(made, (*self.where.numbers, number), self.where.seed(self.stage))

    def __next__(self) -> Any:
        while True:
            if self._inner is None:
                self._open()
            try:
                return next(self._inner)
            except StopIteration:
                self._inner = None

    def get_state(self) -> dict:
        if self._inner is None:
            return {"number": self.number, "source": self.source.get_state(), "inner": None}
        inner = self._inner.get_state()
        return {"number": self.number - 1, "source": self._before, "inner": inner}

    def set_state(self, state: dict) -> None:
        self.number = state["number"]
        self.source.set_state(state["source"])
        if state["inner"] is not None:
            self._open()
            self._inner.set_state(state["inner"])

    def close(self) -> None:
        if self._inner is not None:
            self._inner.close()
        super().close()
