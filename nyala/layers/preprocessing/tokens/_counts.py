"""How often tokens occur, and in how many documents: what `adapt` learns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import repeat
from operator import add
from typing import Any

import numpy as np

from nyala.layers.preprocessing.tokens._codes import StringCodes
from nyala.layers.preprocessing.tokens._integers import Integers
from nyala.layers.preprocessing.tokens._strings import Strings
from nyala.layers.preprocessing.tokens._tables import table_of


def distinct(column: Strings | Integers) -> tuple[list, list[int]]:
    """Return the tokens, each once, and how often each is there."""
    if isinstance(column, Integers):
        values, times = np.unique(column.values, return_counts=True)
        return values.tolist(), times.tolist()
    if not column.plain:
        counted = Counter(column.items())
        return list(counted), list(counted.values())
    short = column.lengths <= 8
    words, times = np.unique(column.words()[short], return_counts=True)
    rest = column[~short]
    codes = StringCodes(rest)
    # Of equal tokens the last one is shown.
    example, totals = np.full(codes.count, -1), np.bincount(codes.learned, minlength=codes.count)
    example[codes.learned] = np.arange(len(rest))
    there = np.flatnonzero(totals)
    tokens = words.view("S8").tolist() + rest[example[there]].items()
    return tokens, times.tolist() + totals[there].tolist()


class TokenCounts:
    """Counts of tokens, batch after batch.

    Args:
        by_document: whether the documents that hold a token are counted as well.
    """

    def __init__(self, by_document: bool):
        self.tokens: Counter = Counter()
        self.documents: Counter | None = Counter() if by_document else None
        self.num_documents = 0

    def add(self, column: Strings | Integers, counts: np.ndarray) -> None:
        """Take documents into account.

        Args:
            column: the tokens of all.
            counts: how many tokens each has.
        """
        tokens, times = distinct(column)
        self._increase(self.tokens, tokens, times)
        if self.documents is not None and tokens:
            numbers = table_of(tokens, range(len(tokens)), -1).find(column)
            documents = np.repeat(np.arange(len(counts)), counts)
            found = np.unique(documents * len(tokens) + numbers) % len(tokens)
            holding = np.bincount(found, minlength=len(tokens)).tolist()
            self._increase(self.documents, tokens, holding)
        self.num_documents += len(counts)

    @staticmethod
    def _increase(totals: Counter, tokens: list, times: list[int]) -> None:
        before = map(totals.get, tokens, repeat(0))
        dict.update(totals, zip(tokens, map(add, before, times), strict=True))

    def ranked(self, without: Iterable, most: int | None) -> list:
        """Return the tokens, the most frequent first, equally frequent ones in falling order.

        Args:
            without: tokens that are left out.
            most: how many to return at most.
        """
        left_out = set(without)
        pairs = [(n, token) for token, n in self.tokens.items() if token not in left_out]
        pairs.sort(reverse=True)
        return [token for _, token in pairs[:most]]

    def inverse_document_frequencies(self, tokens: list) -> np.ndarray:
        """Return the weights of tokens: `log(1 + documents / (1 + documents with the token))`."""
        found = np.array([self.documents[token] for token in tokens], "float64")
        return np.log1p(self.num_documents / (1 + found))


def steps_of(data: Any, steps: int | None) -> Iterator[Any] | None:
    """Return the batches of an iterable of batches, or `None` for a single piece of data.

    Args:
        data: what `adapt` was given.
        steps: how many batches to take at most.
    """
    if isinstance(data, (list, tuple, str, bytes)) or hasattr(data, "shape"):
        return None
    if hasattr(data, "__array__") or not hasattr(data, "__iter__"):
        return None
    return _first(data, steps)


def _first(batches: Iterable, steps: int | None) -> Iterator[Any]:
    for i, batch in enumerate(batches):
        if steps is not None and i >= steps:
            return
        yield batch
