"""Tables from tokens to numbers, asked for whole columns at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nyala.layers.preprocessing.tokens._codes import StringCodes, WordTable
from nyala.layers.preprocessing.tokens._integers import Integers
from nyala.layers.preprocessing.tokens._strings import Strings


class IntegerTable:
    """From integers to numbers.

    Args:
        tokens: integers, each once.
        places: the number of each.
        missing: the number of all others.
    """

    def __init__(self, tokens: Sequence[int], places: Sequence[int], missing: int):
        self._table = WordTable(np.asarray(tokens, np.int64).view(np.uint64))
        self._places = np.asarray([missing, *places], np.int32)

    def find(self, column: Integers) -> np.ndarray:
        """Return the numbers of a column's tokens."""
        return self._places.take(self._table.find(column.values.view(np.uint64)))


class StringTable:
    """From strings to numbers.

    Args:
        tokens: strings as bytes, each once.
        places: the number of each.
        missing: the number of all others.
    """

    def __init__(self, tokens: Sequence[bytes], places: Sequence[int], missing: int):
        self._exact, self._missing = dict(zip(tokens, places, strict=True)), missing
        plain = [token for token in tokens if 0 not in token]
        self._codes = StringCodes(Strings.of(plain))
        self._places = np.full(self._codes.count, missing, np.int32)
        self._places[self._codes.learned] = [self._exact[token] for token in plain]

    def find(self, column: Strings) -> np.ndarray:
        """Return the numbers of a column's tokens."""
        if column.plain:
            return self._places.take(self._codes.find(column))
        found = (self._exact.get(token, self._missing) for token in column.items())
        return np.fromiter(found, np.int32, len(column))


def table_of(tokens: Sequence, places: Sequence[int], missing: int) -> StringTable | IntegerTable:
    """Return the table for tokens of one kind, bytes or integers."""
    strings = bool(tokens) and isinstance(tokens[0], bytes)
    return (StringTable if strings else IntegerTable)(tokens, places, missing)
