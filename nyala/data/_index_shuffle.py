"""The order of a shuffle with a buffer, as indices: computed without the elements.

A buffer of `size` slots is filled with the first elements; then, again and again, a random slot is
handed out and refilled with the next element; at the end the slots are handed out in random order.
Which element stands in a slot follows from the slots drawn so far alone, so whole blocks of the
order are computed at once: what a slot holds is what was put there when it was last drawn.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

# Slots are drawn this many at a time, whoever uses them: the order must not depend on it.
BLOCK = 1 << 14


class Slots:
    """The slots that a shuffle draws, one after another.

    Args:
        size: slots of the buffer.
        make_generator: returns random numbers for a purpose (0: the slots, 1: the last order).
    """

    def __init__(self, size: int, make_generator: Callable[[int], np.random.Generator]):
        self.size = size
        self._generator, self._last = make_generator(0), make_generator(1)
        self._dtype = np.uint16 if size <= 1 << 16 else np.int64

    def next_block(self) -> np.ndarray:
        """Return the next `BLOCK` slots."""
        return self._generator.integers(0, self.size, BLOCK, dtype=self._dtype)

    def last_order(self, count: int) -> np.ndarray:
        """Return the order in which the last `count` slots are emptied."""
        return self._last.permutation(count)


class Exchange:
    """Slots that are drawn one after another, each refilled at once, as array operations.

    Args:
        slots: the slots drawn.
    """

    def __init__(self, slots: np.ndarray):
        order = np.argsort(slots, kind="stable")
        ordered = slots[order]
        again = ordered[1:] == ordered[:-1]  # the slot was drawn before in this block
        last = np.append(~again, True)
        self.slots = slots
        self._later, self._earlier = order[1:][again], order[:-1][again]
        self._filled, self._by = ordered[last], order[last]

    def apply(self, held: np.ndarray, fresh: np.ndarray) -> np.ndarray:
        """Return what is handed out by the draws.

        Args:
            held: what the slots hold; changed to what they hold afterwards.
            fresh: what each draw puts into its slot.
        """
        out = held[self.slots]
        out[self._later] = fresh[self._earlier]
        held[self._filled] = fresh[self._by]
        return out


class IndexShuffle:
    """The indices `0 … length-1` in shuffled order.

    Args:
        length: how many; `None` for no end.
        slots: the random choices.
    """

    def __init__(self, length: int | None, slots: Slots):
        self.length, self.slots = length, slots
        filled = slots.size if length is None else min(slots.size, length)
        self.buffer = np.arange(filled)
        self.position = 0  # indices handed out
        self._drawn = 0  # indices computed
        self._block = np.empty(0, np.int64)

    def take(self, count: int) -> np.ndarray:
        """Return the next `count` indices, fewer at the end."""
        pieces = []
        while count:
            if not len(self._block):
                self._block = self._next_block()
                if not len(self._block):
                    break
            pieces.append(self._block[:count])
            self._block = self._block[count:]
            count -= len(pieces[-1])
            self.position += len(pieces[-1])
        if len(pieces) == 1:
            return pieces[0]
        return np.concatenate(pieces) if pieces else np.empty(0, np.int64)

    def skip(self, count: int) -> None:
        """Pass over `count` indices."""
        while count > 0:
            passed = len(self.take(min(count, BLOCK)))
            if not passed:
                return
            count -= passed

    def _next_block(self) -> np.ndarray:
        refills = BLOCK
        if self.length is not None:
            refills = min(BLOCK, self.length - len(self.buffer) - self._drawn)
        if refills > 0:
            block = self._refilled(self.slots.next_block()[:refills])
        else:
            block = self.buffer[self.slots.last_order(len(self.buffer))]
            self.buffer = self.buffer[:0]
        self._drawn += len(block)
        return block

    def _refilled(self, slots: np.ndarray) -> np.ndarray:
        """Return what the slots hold when they are drawn in turn, each refilled at once."""
        fresh = len(self.buffer) + self._drawn + np.arange(len(slots))  # put in by each draw
        return Exchange(slots).apply(self.buffer, fresh)

    def replay(self, count: int) -> tuple[np.ndarray, np.ndarray]:
        """Hand out `count` indices of a shuffle without an end, to learn where that leads.

        Returns:
            The indices in the slots, and the slots of the last block that are still to come.
        """
        rest = np.empty(0, np.int64)
        while count:
            block = self.slots.next_block()
            self._refilled(block[:count])
            self._drawn += len(block[:count])
            rest = block[count:]
            count -= len(block[:count])
        return self.buffer, rest
