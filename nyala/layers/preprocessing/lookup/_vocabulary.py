"""A vocabulary: tokens in order, behind the places of the mask and of unknown tokens."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from nyala.layers.preprocessing.tokens import Integers, Strings, table_of

# Places of what is not in the table. Negative places are left out of vectors.
DROPPED, UNKNOWN = -1, -2


@dataclass(frozen=True)
class Specials:
    """The indices that come before those of the vocabulary.

    Attributes:
        mask_token: the token that stands for "nothing here"; `None` for no such.
        oov_token: what the places of unknown tokens are shown as.
        num_oov_indices: how many places unknown tokens share.
        masked: whether the mask has a place; it has none in vectors.
    """

    mask_token: Any
    oov_token: Any
    num_oov_indices: int
    masked: bool

    @property
    def oov_start(self) -> int:
        """The first place of unknown tokens."""
        return 1 if self.mask_token is not None and self.masked else 0

    @property
    def start(self) -> int:
        """The place of the vocabulary's first token."""
        return self.oov_start + self.num_oov_indices

    def shown(self) -> list:
        """Return the special tokens in the order of their places."""
        return [self.mask_token] * self.oov_start + [self.oov_token] * self.num_oov_indices


class Vocabulary:
    """A table from tokens to places, and back.

    Args:
        specials: what comes before.
        tokens: in order, each once.
        mask: the mask token as it stands in tables, or `None`.
    """

    def __init__(self, specials: Specials, tokens: Sequence, mask: Any):
        self.specials, self.tokens = specials, list(tokens)
        self.size = specials.start + len(self.tokens)
        known, places = self.tokens, list(range(specials.start, self.size))
        if mask is not None:
            known, places = [*known, mask], [*places, 0 if specials.masked else DROPPED]
        missing = specials.oov_start if specials.num_oov_indices == 1 else UNKNOWN
        self._table = table_of(known, places, missing)

    def places(self, column: Strings | Integers, bucket: Callable) -> np.ndarray:
        """Return the place of each token.

        Args:
            column: the tokens.
            bucket: returns which of several places for unknown tokens those of a column take.
        """
        found = self._table.find(column)
        if self.specials.num_oov_indices != 1:
            unknown = np.flatnonzero(found == UNKNOWN)
            if unknown.size:
                found[unknown] = self.specials.oov_start + bucket(column[unknown])
        return found


def check_tokens(tokens: list, specials: Specials, reserved: Sequence, shown: Callable,
                 who: str) -> None:  # fmt: skip
    """Raise where tokens repeat, or are special ones.

    Args:
        tokens: of a vocabulary, as they stand in tables.
        specials: the special tokens.
        reserved: those of them that may not be in the vocabulary, as they stand in tables.
        shown: returns a token as users know it.
        who: for errors.
    """
    first: dict = {}
    repeated = [(token, i) for i, token in enumerate(tokens) if first.setdefault(token, i) != i]
    if repeated:
        named = [f"{shown(t)!r} (at {first[t]} and {i})" for t, i in repeated[:5]]
        more = f" and {len(repeated) - 5} more" if len(repeated) > 5 else ""
        raise ValueError(
            f"{who}: each token may stand in the vocabulary once; repeated are "
            f"{', '.join(named)}{more}. list(dict.fromkeys(tokens)) keeps the first of each."
        )
    for token in reserved:
        if token in first:
            raise ValueError(
                f"{who}: the token {shown(token)!r}, at {first[token]} of the vocabulary, is "
                "reserved: leave all special tokens out, or let the vocabulary begin with exactly "
                f"{specials.shown()}."
            )


def weights_in_place(weights: Any, count: int, missing: int, length: int | None,
                     who: str) -> np.ndarray:  # fmt: skip
    """Return a weight for each index; those of special tokens are the mean where not given.

    Args:
        weights: numbers, one for each token that was given.
        count: how many tokens were given.
        missing: how many special tokens were not among them.
        length: to what length the weights are filled with zeros; `None` for as they are.
        who: for errors.
    """
    array = np.asarray(weights, "float64")
    if array.shape != (count,):
        raise ValueError(
            f"{who}: idf_weights must hold one number for each of the {count} tokens; got an "
            f"array of shape {array.shape}."
        )
    array = np.concatenate([np.full(missing, array.mean()), array])
    return np.pad(array, (0, 0 if length is None else length - len(array)))
