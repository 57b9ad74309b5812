"""`scan`: a function of a state and each element."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nyala.data._elements import as_element
from nyala.data._encoding import from_json, to_json
from nyala.data._functions import ElementFunction
from nyala.data._random_scope import ElementKeys
from nyala.data._specs import spec_of
from nyala.data._stage import Pass, Stage, StageIterator, Transform, TransformIterator


class Scan(Transform):
    """Yields what a function makes of each element and of a state that it hands on.

    Args:
        source: the stage before.
        initial_state: a structure of tensors.
        function: the user's; `(state, element)` to `(state, output)`.
    """

    random = True
    _spec: Any = None

    def __init__(self, source: Stage, initial_state: Any, function: Callable):
        super().__init__(source)
        self.initial_state = as_element(initial_state, "initial_state")
        self.function = ElementFunction(function, "scan")

    @property
    def spec(self) -> Any:
        """The spec of the first output."""
        if self._spec is None:
            iterator = self.iterate(Pass())
            try:
                self._spec = spec_of(next(iterator))
            except StopIteration:
                raise ValueError(
                    "scan: the spec of the elements is not known, because the dataset is empty."
                ) from None
            finally:
                iterator.close()
        return self._spec

    @property
    def uniform(self) -> bool:
        """Not promised."""
        return False

    def iterate(self, where: Pass) -> StageIterator:
        """Return an iterator that begins with the initial state."""
        return ScanIterator(self, where)


class ScanIterator(TransformIterator):
    """Holds the state."""

    def __init__(self, stage: Scan, where: Pass):
        super().__init__(stage, where)
        self.keys = ElementKeys(stage, where)
        self.carried, self.number = stage.initial_state, 0

    def __next__(self) -> Any:
        element, number = next(self.source), self.number
        self.number += 1
        function = self.stage.function
        result = function.one((self.carried, element), self.keys.one(number), number)
        if not isinstance(result, tuple) or len(result) != 2:
            error = TypeError(
                f"scan: the function must return (new_state, output); it returned {result!r}."
            )
            raise function.noted(error, number)
        self.carried, output = result
        return output

    def get_state(self) -> dict:
        source = self.source.get_state()
        return {"number": self.number, "carried": to_json(self.carried), "source": source}

    def set_state(self, state: dict) -> None:
        self.number, self.carried = state["number"], from_json(state["carried"])
        self.source.set_state(state["source"])
