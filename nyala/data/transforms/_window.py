"""`window`: runs of neighbouring elements as datasets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nyala.core import tree
from nyala.data._bookmarks import Bookmarks, go_to
from nyala.data._specs import DatasetSpec
from nyala.data._stage import Pass, Stage, StageIterator, Transform, TransformIterator, check_count


class Window(Transform):
    """Yields datasets of neighbouring elements, one for each component.

    Args:
        source: the stage before.
        size: elements of a window.
        shift: from the first element of a window to that of the next; `size` if `None`.
        stride: from one element of a window to the next.
        drop_remainder: whether smaller windows at the end are left out.
        make: returns the dataset of a list of elements.
    """

    def __init__(self, source: Stage, size: int, shift: int | None, stride: int,
                 drop_remainder: bool, make: Callable):  # fmt: skip
        super().__init__(source)
        self.size = check_count(size, "window: size")
        self.shift = check_count(self.size if shift is None else shift, "window: shift")
        self.stride = check_count(stride, "window: stride")
        self.drop_remainder, self.make = bool(drop_remainder), make

    @property
    def reach(self) -> int:
        """The number of elements from the first of a window to its last."""
        return (self.size - 1) * self.stride + 1

    @property
    def spec(self) -> Any:
        """A dataset for each component."""
        return tree.map_structure(DatasetSpec, self.source.spec)

    @property
    def length(self) -> int:
        """The number of windows."""
        length = self.source.length
        if length < 0:
            return length
        if self.drop_remainder:
            return max((length - self.reach) // self.shift + 1, 0)
        return -(-length // self.shift)

    @property
    def uniform(self) -> bool:
        """Datasets cannot be stacked."""
        return False

    def iterate(self, where: Pass) -> StageIterator:
        """Return an iterator over windows."""
        return WindowIterator(self, where)


class WindowIterator(TransformIterator):
    """Holds the elements that the next window shares with the last."""

    def __init__(self, stage: Window, where: Pass):
        super().__init__(stage, where)
        self._reading = Bookmarks(self.source)
        self._first = 0  # the number of the next window's first element
        self._held: list[Any] = []  # the elements from there on that were read
        self._ended = False

    def __next__(self) -> Any:
        stage = self.stage
        while not self._ended and len(self._held) < stage.reach:
            try:
                element = self._reading.read()
            except StopIteration:
                self._ended = True
                break
            if self._reading.position > self._first:
                self._held.append(element)
        chosen = self._held[: stage.reach : stage.stride]
        if not chosen or (stage.drop_remainder and len(chosen) < stage.size):
            raise StopIteration
        self._first += stage.shift
        self._held = self._held[stage.shift :]
        self._reading.forget_before(self._first)
        return self._datasets(chosen)

    def _datasets(self, elements: list) -> Any:
        columns = zip(*(tree.flatten(element) for element in elements), strict=True)
        return tree.pack_sequence_as(elements[0], [self.stage.make(list(c)) for c in columns])

    def get_state(self) -> dict:
        read = self._reading.position
        start = min(self._first, read)
        return {"first": self._first, "start": start, "source": self._reading.state_at(start)}

    def set_state(self, state: dict) -> None:
        self._first = state["first"]
        self._reading.position = state["start"]
        go_to(self.source, state["source"])
