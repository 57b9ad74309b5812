"""How often tokens occur, and in how many documents: what `adapt` learns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Any

import numpy as np


class TokenCounts:
    """Counts of tokens, batch after batch.

    Args:
        by_document: whether the documents that hold a token are counted as well.
    """

    def __init__(self, by_document: bool):
        self.tokens: Counter = Counter()
        self.documents: Counter | None = Counter() if by_document else None
        self.num_documents = 0

    def add(self, rows: Sequence[Sequence]) -> None:
        """Take documents, each a row of tokens, into account."""
        self.tokens.update(chain.from_iterable(rows))
        if self.documents is not None:
            self.documents.update(chain.from_iterable(map(set, rows)))
        self.num_documents += len(rows)

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
