"""`prefetch`: elements made ahead in a thread while earlier ones are used."""

from __future__ import annotations

import threading
import weakref
from collections import deque
from typing import Any

from nyala.data._bookmarks import Bookmarks, go_to
from nyala.data._stage import Pass, Stage, StageIterator, Transform

_AUTOTUNE = -1
_CHOSEN = 4  # elements ahead where the user leaves it open


class Prefetch(Transform):
    """Keeps elements ready.

    Args:
        source: the stage before.
        buffer_size: how many; -1 to leave it open, 0 for none.
    """

    def __init__(self, source: Stage, buffer_size: int):
        super().__init__(source)
        if isinstance(buffer_size, bool) or buffer_size is None or buffer_size < _AUTOTUNE:
            raise ValueError(
                f"prefetch: buffer_size must be a number of elements or AUTOTUNE; got "
                f"{buffer_size!r}."
            )
        self.buffer_size = _CHOSEN if buffer_size == _AUTOTUNE else int(buffer_size)

    @property
    def row_count(self) -> int | None:
        """The input's: what can be had by index need not be made ahead."""
        return self.source.row_count

    def rows(self, index: Any, where: Pass) -> Any:
        """Return the input's rows."""
        return self.source.rows(index, where)

    def iterate(self, where: Pass) -> StageIterator:
        """Return an iterator with a thread behind it."""
        source = self.source.iterate(where)
        return source if self.buffer_size == 0 else PrefetchIterator(source, self.buffer_size)


class PrefetchIterator(StageIterator):
    """Takes elements out of a buffer that a thread fills; the thread starts with the first one.

    Args:
        source: read in the thread only.
        size: elements of the buffer.
    """

    def __init__(self, source: StageIterator, size: int):
        self.source, self.size = source, size
        self._reading = Bookmarks(source)
        self._handed_out = 0
        self._buffer: _Buffer | None = None
        self._end: Any = None

    def __next__(self) -> Any:
        if self._buffer is None:
            self._start()
        element = self._buffer.take()
        self._handed_out += 1
        self._reading.forget_before(self._handed_out)
        return element

    def _start(self) -> None:
        self._buffer = _Buffer(self.size)
        # The thread knows the buffer and the source, not this object: dropping it ends the thread.
        thread = threading.Thread(
            target=_fill, args=(self._buffer, self._reading), name="nyala-prefetch", daemon=True
        )
        self._end = weakref.finalize(self, _stop, self._buffer, thread, self.source)
        thread.start()

    def get_state(self) -> dict:
        return {"handed_out": self._handed_out, "source": self._reading.state_at(self._handed_out)}

    def set_state(self, state: dict) -> None:
        self._handed_out = self._reading.position = state["handed_out"]
        go_to(self.source, state["source"])

    def close(self) -> None:
        if self._end is not None:
            self._end()
        else:
            self.source.close()


class _Buffer:
    """A queue of results with an end and a stop."""

    def __init__(self, size: int):
        self.size = size
        self.items: deque[tuple[Any, Exception | None]] = deque()
        self.changed = threading.Condition()
        self.stopped = False

    def put(self, item: tuple[Any, Exception | None]) -> bool:
        """Add an element, or the error in its place; return whether anybody wants more."""
        with self.changed:
            self.items.append(item)
            # A raised error knows the frames that it passed, and so whoever reads here: a thread
            # that waits must not hold it.
            del item
            self.changed.notify_all()
            self.changed.wait_for(lambda: self.stopped or len(self.items) < self.size)
            return not self.stopped

    def take(self) -> Any:
        """Return the next element when it is there; raise what the source raised in its place."""
        with self.changed:
            self.changed.wait_for(lambda: self.items or self.stopped)
            if not self.items:
                raise StopIteration
            element, error = self.items.popleft()
            self.changed.notify_all()
        if error is not None:
            raise error
        return element

    def end(self) -> None:
        """Say that there are no more elements than those in the queue."""
        with self.changed:
            self.stopped = True
            self.changed.notify_all()

    def stop(self) -> None:
        """Let the thread end."""
        with self.changed:
            self.stopped = True
            self.items.clear()
            self.changed.notify_all()


def _fill(buffer: _Buffer, reading: Bookmarks) -> None:
    """What the thread does."""
    try:
        while buffer.put(_next_item(reading)):
            pass
    except StopIteration:
        buffer.end()


def _next_item(reading: Bookmarks) -> tuple[Any, Exception | None]:
    try:
        return reading.read(), None
    except StopIteration:
        raise
    except Exception as error:
        reading.position += 1  # it takes an element's place
        return None, error


def _stop(buffer: _Buffer, thread: threading.Thread, source: StageIterator) -> None:
    buffer.stop()
    if thread is not threading.current_thread():
        thread.join()
    source.close()
