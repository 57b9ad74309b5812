"""`group_by_window`: datasets of elements that have a key in common."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from nyala.data._bookmarks import Bookmarks, go_to, reread
from nyala.data._functions import ElementFunction
from nyala.data._random_scope import ElementKeys
from nyala.data._reader import Reader
from nyala.data._stage import UNKNOWN, Pass, Stage, StageIterator, Transform, TransformIterator


class GroupByWindow(Transform):
    """Collects elements by key; yields the elements of what is made of each full window.

    Args:
        source: the stage before.
        key_function: returns the key of an element, an integer.
        reduce_function: called with a key and a dataset of the window's elements; returns a
            dataset.
        size_of: returns the number of elements of a window of a key.
        dataset_of: makes a dataset of a list of elements.
    """

    random = True
    _spec: Any = None

    def __init__(self, source: Stage, key_function: Callable, reduce_function: Callable,
                 size_of: Callable[[int], int], dataset_of: Callable[[list], Any]):  # fmt: skip
        super().__init__(source)
        self.function = ElementFunction(key_function, "group_by_window")
        self.reduction = ElementFunction(reduce_function, "group_by_window")
        self.size_of, self.dataset_of = size_of, dataset_of

    @property
    def spec(self) -> Any:
        """The spec of the dataset that the first window makes."""
        if self._spec is None:
            iterator = self.source.iterate(Pass())
            try:
                element = next(iterator)
            except StopIteration:
                raise ValueError(
                    "group_by_window: the spec of the elements is not known, because the dataset "
                    "is empty."
                ) from None
            finally:
                iterator.close()
            keys = ElementKeys(self, Pass())
            key = self.key_of(element, keys.one(0), 0)
            self._spec = self.made_of(key, [element], keys.one(0), 0).spec
        return self._spec

    @property
    def length(self) -> int:
        """Unknown, but for an empty or endless input."""
        return UNKNOWN if self.source.length > 0 else self.source.length

    @property
    def uniform(self) -> bool:
        """Not promised."""
        return False

    def key_of(self, element: Any, random_key: np.ndarray, number: int) -> int:
        """Return the key of an element."""
        return int(np.asarray(self.function.one(element, random_key, number)).item())

    def made_of(self, key: int, elements: list, random_key: np.ndarray, number: int) -> Stage:
        """Return what is made of a window."""
        arguments = (np.asarray(key, "int32"), self.dataset_of(elements))
        made = self.reduction.in_python(arguments, random_key, number)
        if not hasattr(made, "_stage"):
            error = TypeError(
                f"group_by_window: reduce_func must return a Dataset; it returned {made!r}."
            )
            raise self.reduction.noted(error, number)
        return made._stage

    def iterate(self, where: Pass) -> StageIterator:
        """Return an iterator over the elements of one reduced window after the other."""
        return GroupByWindowIterator(self, where)


class GroupByWindowIterator(TransformIterator):
    """Holds the windows, their elements each with its number, and the one that is being read."""

    def __init__(self, stage: GroupByWindow, where: Pass):
        super().__init__(stage, where)
        self.where, self.keys = where, ElementKeys(stage, where)
        self._reading = Bookmarks(self.source)
        self._windows: dict[int, list[tuple[int, Any]]] = {}
        self._open: tuple[int, list[tuple[int, Any]], Reader] | None = None
        self._ended = False

    def __next__(self) -> Any:
        while True:
            if self._open is not None:
                try:
                    return next(self._open[2])
                except StopIteration:
                    self._open = None
                    self._reading.forget_before(self._oldest())
            self._open_next()

    def _open_next(self) -> None:
        while not self._ended:
            number = self._reading.position
            try:
                element = self._reading.read()
            except StopIteration:
                self._ended = True
                break
            key = self.stage.key_of(element, self.keys.one(number), number)
            held = self._windows.setdefault(key, [])
            held.append((number, element))
            if len(held) >= self.stage.size_of(key):
                self._open_window(key)
                return
        if not self._windows:
            raise StopIteration
        self._open_window(next(iter(self._windows)))

    def _open_window(self, key: int) -> None:
        held = self._windows.pop(key)
        first = held[0][0]
        made = self.stage.made_of(key, [e for _, e in held], self.keys.one(first), first)
        reader = Reader(made, (*self.where.numbers, first), self.where.seed(self.stage))
        self._open = key, held, reader

    def _oldest(self) -> int:
        held = [h for window in self._windows.values() for h in window]
        held += self._open[1] if self._open is not None else []
        return min((number for number, _ in held), default=self._reading.position)

    def get_state(self) -> dict:
        windows = [[key, [n for n, _ in held]] for key, held in self._windows.items()]
        opened = None
        if self._open is not None:
            key, held, reader = self._open
            opened = [key, [n for n, _ in held], reader.get_state()]
        oldest = self._oldest()
        return {
            "windows": windows,
            "open": opened,
            "read": self._reading.position,
            "oldest": oldest,
            "ended": self._ended,
            "source": self._reading.state_at(oldest),
        }

    def set_state(self, state: dict) -> None:
        go_to(self.source, state["source"])
        self._reading.position, self._ended = state["oldest"], state["ended"]
        windows = [*state["windows"], *([state["open"][:2]] if state["open"] else [])]
        held = reread(self._reading, state["read"], {n for _, numbers in windows for n in numbers})
        if state["open"]:
            key, numbers, reader = state["open"]
            self._windows = {key: [(n, held[n]) for n in numbers]}
            self._open_window(key)
            self._open[2].set_state(reader)
        self._windows = {key: [(n, held[n]) for n in ns] for key, ns in state["windows"]}

    def close(self) -> None:
        if self._open is not None:
            self._open[2].close()
        super().close()
