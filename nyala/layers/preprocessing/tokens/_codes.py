"""Numbers for 64-bit words and for strings: equal ones have the same, without Python's dicts."""

from __future__ import annotations

import numpy as np

from nyala.layers.preprocessing.tokens._strings import Strings

# Knuth's multiplier: 2**64 over the golden ratio; the high bits of a product are well mixed.
_MULTIPLIER = 0x9E3779B97F4A7C15


class WordTable:
    """From numbers of 64 bits to where they stand in a list, 1 for the first; 0 for all others.

    A hash table with open addressing, written and read with NumPy: what hits another number's slot
    looks into the next.

    Args:
        words: the list, each number once.
    """

    def __init__(self, words: np.ndarray):
        bits = max(len(words) * 4 - 1, 1).bit_length()  # at most every fourth slot is taken
        self._shift, self._last = 64 - bits, (1 << bits) - 1
        self._words = np.zeros(1 << bits, np.uint64)
        self._found = np.zeros(1 << bits, np.int32)
        words = words.astype(np.uint64, copy=False)
        waiting, slots = np.arange(len(words)), self._slots(words)
        while waiting.size:
            free = self._found[slots] == 0
            self._found[slots[free]] = waiting[free] + 1
            left = self._found[slots] != waiting + 1
            waiting, slots = waiting[left], (slots[left] + 1) & self._last
        taken = self._found > 0
        self._words[taken] = words[self._found[taken] - 1]

    def _slots(self, words: np.ndarray) -> np.ndarray:
        return ((words * _MULTIPLIER) >> self._shift).view(np.int64)

    def find(self, words: np.ndarray) -> np.ndarray:
        """Return where each number stands in the list, from 1 on, or 0."""
        slots = self._slots(words)
        found = self._found.take(slots)
        waiting = np.flatnonzero(self._words.take(slots) != words)
        slots = slots[waiting]
        while waiting.size:
            busy = found[waiting] != 0  # an empty slot ends the search
            waiting, slots = waiting[busy], (slots[busy] + 1) & self._last
            found[waiting] = self._found[slots]
            other = self._words[slots] != words[waiting]
            waiting, slots = waiting[other], slots[other]
        return found


class StringCodes:
    """Codes of strings, from 1 on; 0 for those that were not learned.

    Strings are read in pieces of eight bytes: each piece has a code, and so has each pair of the
    code of what came before and the code of the piece behind it. Most words are one piece.

    Args:
        column: the strings to learn. None may hold zero bytes: filled up with zeros, one that ends
            with them would be taken for another.
    """

    def __init__(self, column: Strings):
        longest = int(column.lengths.max(initial=0))
        further = [column[column.lengths > at].words(at) for at in range(8, longest, 8)]
        pieces = np.unique(np.concatenate([column.words(), *further]))
        self._pieces, self._first_pair = WordTable(pieces), len(pieces) + 1
        self._keys = np.zeros(0, np.uint64)
        self._pairs = WordTable(self._keys)
        self.learned = self._codes(column, learn=True)
        self.count = self._first_pair + len(self._keys)

    def find(self, column: Strings) -> np.ndarray:
        """Return the codes of strings without zero bytes."""
        return self._codes(column, learn=False)

    def _codes(self, column: Strings, learn: bool) -> np.ndarray:
        codes = self._pieces.find(column.words())
        which, at = np.flatnonzero(column.lengths > 8), 8
        while which.size:
            keys = _paired(codes[which], self._pieces.find(column[which].words(at)))
            if learn:
                self._keys = np.concatenate([self._keys, np.unique(keys)])
                self._pairs = WordTable(self._keys)
            found = self._pairs.find(keys)
            codes[which] = np.where(found, found + (self._first_pair - 1), 0)
            at += 8
            which = which[(column.lengths[which] > at) & (found > 0)]
        return codes


def _paired(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """Return one number for two codes."""
    return (before.astype(np.uint64) << 32) | after.astype(np.uint64)
