"""`shuffle`: random order, through a buffer of indices where that is possible."""

from __future__ import annotations

from typing import Any

import numpy as np

from nyala.core import tree
from nyala.data._bookmarks import Bookmarks, go_to, reread
from nyala.data._elements import concat_rows, count_rows, one_row, pick_rows
from nyala.data._index_shuffle import Exchange, IndexShuffle, Slots
from nyala.data._stage import Pass, Stage, StageIterator, Transform, TransformIterator, check_count

_SMALL_BYTES = 4096


class Shuffle(Transform):
    """Hands out elements in random order.

    Args:
        source: the stage before.
        buffer_size: elements among which the next one is chosen.
        seed: of the order; drawn if `None`.
        reshuffle: whether every pass has an order of its own.
    """

    random = True

    def __init__(self, source: Stage, buffer_size: int, seed: int | None, reshuffle: bool):
        super().__init__(source)
        if self.source.length >= 0 and buffer_size > self.source.length:
            buffer_size = max(self.source.length, 1)
        self.buffer_size = check_count(buffer_size, "shuffle: buffer_size")
        self.own_seed = None if seed is None else int(seed)
        self.reshuffle = reshuffle

    def slots(self, where: Pass) -> Slots:
        """Return the random choices of a pass."""
        return Slots(
            self.buffer_size,
            lambda purpose: where.generator(self, purpose, fixed=not self.reshuffle),
        )

    def order(self, where: Pass) -> IndexShuffle:
        """Return the order of the rows in a pass, for a source with random access."""
        return IndexShuffle(self.source.row_count, self.slots(where))

    def iterate(self, where: Pass) -> StageIterator:
        """Return an iterator over indices, or over a buffer of elements."""
        if self.source.row_count is not None:
            return ShuffledRows(self, where)
        if self.source.uniform and _are_small(self.source.spec):
            return ShuffledColumns(self, where)
        return ShuffledStream(self, where)


class ShuffledRows(StageIterator):
    """Picks the rows of a stage with random access; holds 8 bytes a slot.

    Args:
        stage: the shuffle.
        where: the pass.
    """

    # Single elements are picked a few at a time.
    BLOCK = 128

    def __init__(self, stage: Shuffle, where: Pass):
        self.source, self.where = stage.source, where
        self.order = stage.order(where)
        self._rows: Any = None
        self._next = self._count = 0  # within the rows picked ahead

    def __next__(self) -> Any:
        if self._next == self._count:
            index = self.order.take(self.BLOCK if self.order.position else 1)
            if not len(index):
                raise StopIteration
            self._rows, self._next, self._count = self.source.rows(index, self.where), 0, len(index)
        self._next += 1
        return one_row(self._rows, self._next - 1)

    def next_rows(self, count: int) -> Any:
        if self._next < self._count:  # single elements were read before
            return super().next_rows(count)
        index = self.order.take(count)
        return self.source.rows(index, self.where) if len(index) else None

    def skip(self, count: int) -> None:
        ahead = min(count, self._count - self._next)
        self._next += ahead
        self.order.skip(count - ahead)

    def get_state(self) -> int:
        return self.order.position - (self._count - self._next)

    def set_state(self, state: int) -> None:
        self.order.skip(state)


class ShuffledStream(TransformIterator):
    """Keeps elements in a buffer; a restored one reads anew those that it held.

    Args:
        stage: the shuffle.
        where: the pass.
    """

    def __init__(self, stage: Shuffle, where: Pass):
        super().__init__(stage, where)
        self._slots = stage.slots(where)
        self._reading = Bookmarks(self.source, every=max(stage.buffer_size, 16))
        self._indices: list[int] = []  # which element of the source stands in a slot
        self._buffer: list[Any] = []
        self._block = np.empty(0, np.int64)  # slots drawn and not used
        self._read = self._handed_out = 0
        self._ended = False

    def __next__(self) -> Any:
        while not self._ended:
            try:
                element = self._reading.read()
            except StopIteration:
                self._end()
                break
            self._read += 1
            if len(self._buffer) < self.stage.buffer_size:
                self._buffer.append(element)
                self._indices.append(self._read - 1)
                continue
            return self._exchange(element)
        if not self._buffer:
            raise StopIteration
        self._handed_out += 1
        self._indices.pop()
        return self._buffer.pop()

    def _exchange(self, element: Any) -> Any:
        if not len(self._block):
            self._block = self._slots.next_block()
        slot, self._block = int(self._block[0]), self._block[1:]
        chosen, self._buffer[slot] = self._buffer[slot], element
        self._indices[slot] = self._read - 1
        self._handed_out += 1
        if self._handed_out % self._reading.every == 0:
            self._reading.forget_before(min(self._indices))
        return chosen

    def _end(self) -> None:
        self._ended = True
        # The last are popped from the end.
        order = self._slots.last_order(len(self._buffer))[::-1]
        self._buffer = [self._buffer[i] for i in order]
        self._indices = [self._indices[i] for i in order]

    def get_state(self) -> dict:
        oldest = min(self._indices, default=self._read)
        return {
            "handed_out": self._handed_out,
            "read": self._read,
            "ended": self._ended,
            "oldest": oldest,
            "source": self._reading.state_at(oldest),
        }

    def set_state(self, state: dict) -> None:
        self._handed_out, self._ended = state["handed_out"], state["ended"]
        first = state["oldest"]
        go_to(self.source, state["source"])
        # Positions of the new bookmarks go on counting where the source's elements do.
        self._reading.position = first
        if self._ended:
            order = IndexShuffle(state["read"], self._slots)
            order.skip(self._handed_out)
            indices = order.take(state["read"] - self._handed_out)[::-1]
        elif self._handed_out:
            indices, self._block = IndexShuffle(None, self._slots).replay(self._handed_out)
        else:
            indices = np.arange(state["read"])
        self._indices = [int(i) for i in indices]
        held = reread(self._reading, state["read"], set(self._indices))
        self._buffer = [held[i] for i in self._indices]
        self._read = state["read"]


class ShuffledColumns(TransformIterator):
    """Keeps rows that stack in arrays, a slot a row, and exchanges many at a time.

    The order and the states are those of `ShuffledStream`.

    Args:
        stage: the shuffle.
        where: the pass.
    """

    BLOCK = 1024

    def __init__(self, stage: Shuffle, where: Pass):
        super().__init__(stage, where)
        self._slots = stage.slots(where)
        self._reading = Bookmarks(self.source, every=max(stage.buffer_size, self.BLOCK))
        self._buffer: Any = None  # rows by slot
        self._indices = np.empty(0, np.int64)  # which row of the source stands in a slot
        self._block = np.empty(0, np.int64)  # slots drawn and not used
        self._out: Any = None  # rows in the order that they are handed out in
        self._out_indices = np.empty(0, np.int64)
        self._next = 0  # in those
        self._handed_out = 0
        self._ended = False

    def __next__(self) -> Any:
        if not self._have_rows():
            raise StopIteration
        self._next += 1
        self._handed_out += 1
        return one_row(self._out, self._next - 1)

    def next_rows(self, count: int) -> Any:
        pieces = []
        while count and self._have_rows():
            rows = pick_rows(self._out, slice(self._next, self._next + count))
            taken = count_rows(rows)
            self._next, self._handed_out = self._next + taken, self._handed_out + taken
            count -= taken
            pieces.append(rows)
        return concat_rows(pieces) if pieces else None

    def _have_rows(self) -> bool:
        while self._next >= len(self._out_indices):
            if self._ended:
                return False
            if self._buffer is None and not self._fill():
                return False
            self._exchange()
        return True

    def _fill(self) -> bool:
        self._buffer = self._reading.read_rows(self.stage.buffer_size)
        if self._buffer is None:
            self._ended = True
            return False
        # It is written to, and may be a view of what the source keeps.
        self._buffer = tree.map_structure(lambda a: None if a is None else a.copy(), self._buffer)
        self._indices = np.arange(count_rows(self._buffer))
        return True

    def _exchange(self) -> None:
        """Hand out rows for the next slots, and put the source's next rows there."""
        if not len(self._block):
            self._block = self._slots.next_block()
        start = self._reading.position
        fresh = None
        if len(self._indices) == self.stage.buffer_size:
            fresh = self._reading.read_rows(min(self.BLOCK, len(self._block)))
        if fresh is None:
            self._end()
            return
        count = count_rows(fresh)
        slots, self._block = self._block[:count], self._block[count:]
        steps = Exchange(slots)
        self._out = tree.map_structure(
            lambda held, new: None if held is None else steps.apply(held, new), self._buffer, fresh
        )
        self._out_indices = steps.apply(self._indices, np.arange(start, start + count))
        self._next = 0
        self._reading.forget_before(self._oldest())

    def _end(self) -> None:
        self._ended = True
        order = self._slots.last_order(len(self._indices))
        self._out, self._out_indices = pick_rows(self._buffer, order), self._indices[order]
        self._buffer, self._next = None, 0
        self._indices = self._indices[:0]

    def _oldest(self) -> int:
        left = self._out_indices[self._next :]
        return int(min(left.min(initial=self._reading.position),
                       self._indices.min(initial=self._reading.position)))  # fmt: skip

    def get_state(self) -> dict:
        handed_out, read = self._handed_out, self._reading.position
        ended = self._ended and handed_out > read - min(read, self.stage.buffer_size)
        if not ended:  # as if nothing had been exchanged ahead
            read = handed_out + self.stage.buffer_size if handed_out else 0
        oldest = self._oldest() if read else 0
        return {
            "handed_out": handed_out,
            "read": read,
            "ended": ended,
            "oldest": oldest,
            "source": self._reading.state_at(oldest),
        }

    def set_state(self, state: dict) -> None:
        self._handed_out, self._ended = state["handed_out"], state["ended"]
        self._reading.position = state["oldest"]
        go_to(self.source, state["source"])
        if self._ended:
            order = IndexShuffle(state["read"], self._slots)
            order.skip(self._handed_out)
            self._out_indices = order.take(state["read"] - self._handed_out)
            if len(self._out_indices):
                self._out = self._read_again(state["read"], self._out_indices)
        elif self._handed_out:
            indices, self._block = IndexShuffle(None, self._slots).replay(self._handed_out)
            self._buffer, self._indices = self._read_again(state["read"], indices), indices

    def _read_again(self, stop: int, wanted: np.ndarray) -> Any:
        """Read up to row `stop` of the source; return the rows with these numbers."""
        pieces, found = [], []
        while self._reading.position < stop:
            start = self._reading.position
            rows = self._reading.read_rows(min(self.BLOCK, stop - start))
            numbers = np.arange(start, self._reading.position)
            kept = np.isin(numbers, wanted)
            pieces.append(pick_rows(rows, kept))
            found.append(numbers[kept])
        return pick_rows(concat_rows(pieces), np.searchsorted(np.concatenate(found), wanted))


def _are_small(spec: Any) -> bool:
    """Whether rows are small enough to be copied once more."""
    return all(
        leaf is None or int(np.prod(leaf.shape)) * 8 <= _SMALL_BYTES for leaf in tree.flatten(spec)
    )
