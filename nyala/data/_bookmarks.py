"""Reading ahead of what has been handed out, so that a saved state can still go back."""

from __future__ import annotations

import threading
from collections import deque
from typing import Any

from nyala.data._elements import count_rows
from nyala.data._stage import StageIterator


class Bookmarks:
    """States of an iterator along the way, from which any element not yet forgotten can be re-read.

    Args:
        iterator: read through `next` here only.
        every: elements between two states that are kept.

    It may be read in one thread and asked in another.
    """

    def __init__(self, iterator: StageIterator, every: int = 16):
        self.iterator, self.every = iterator, every
        self.position = 0  # elements read
        self._marks: deque[tuple[int, Any]] = deque()
        self._lock = threading.Lock()

    def read(self) -> Any:
        """Return the next element."""
        self._mark()
        element = next(self.iterator)
        self.position += 1
        return element

    def read_rows(self, count: int) -> Any:
        """Return up to `count` elements, stacked; `None` at the end."""
        self._mark()
        rows = self.iterator.next_rows(count)
        self.position += 0 if rows is None else count_rows(rows)
        return rows

    def _mark(self) -> None:
        if not self._marks or self.position - self._marks[-1][0] >= self.every:
            mark = (self.position, self.iterator.get_state())
            with self._lock:
                self._marks.append(mark)

    def jump(self, count: int) -> None:
        """Note that `count` elements were passed over without reading them here."""
        self.position += count
        with self._lock:
            self._marks.clear()

    def state_at(self, position: int) -> dict:
        """Return the state from which `position` is the next element read."""
        with self._lock:
            marks = [m for m in self._marks if m[0] <= position]
        if not marks:  # nothing was read yet
            return {"from": self.iterator.get_state(), "skip": 0}
        start, state = marks[-1]
        return {"from": state, "skip": position - start}

    def forget_before(self, position: int) -> None:
        """Drop states that only lead to elements before `position`."""
        with self._lock:
            while len(self._marks) > 1 and self._marks[1][0] <= position:
                self._marks.popleft()


def go_to(iterator: StageIterator, state: dict) -> None:
    """Bring an iterator to where `Bookmarks.state_at` pointed."""
    iterator.set_state(state["from"])
    iterator.skip(state["skip"])


def reread(reading: Bookmarks, stop: int, wanted: set[int]) -> dict[int, Any]:
    """Read on until `stop` elements were read; return those whose numbers are wanted."""
    held = {}
    while reading.position < stop:
        number = reading.position
        element = reading.read()
        if number in wanted:
            held[number] = element
    return held
