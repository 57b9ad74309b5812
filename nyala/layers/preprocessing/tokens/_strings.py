"""A column of strings as bytes of UTF-8 behind each other, which NumPy can work on at once."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np

# As many stand behind the last token, so that eight bytes can be read from wherever one starts.
SPARE_ZEROS = 9
# For a number of bytes, up to eight, the mask that keeps the first so many of a word.
_FIRST_BYTES = np.array([(1 << 8 * count) - 1 for count in range(9)], "<u8")


def count_zeros(text: bytes) -> int:
    """Return how many zero bytes there are; where they are many, `bytes.count` takes far longer."""
    return len(text) - np.count_nonzero(np.frombuffer(text, np.uint8))


class Strings:
    """Tokens as places in a text.

    Args:
        text: bytes that hold all tokens, and `SPARE_ZEROS` zeros behind the last.
        starts, lengths: of the tokens, in bytes.
        plain: whether no token has a zero byte, so that a token filled up with zeros stands for
            itself alone.
    """

    def __init__(self, text: bytes, starts: np.ndarray, lengths: np.ndarray, plain: bool):
        self.text, self.starts, self.lengths, self.plain = text, starts, lengths, plain

    @classmethod
    def of(cls, items: list[bytes]) -> Strings:
        """Return a column of these strings."""
        text = b"\0".join(items)
        lengths = np.fromiter(map(len, items), np.int64, len(items))
        starts = np.cumsum(lengths + 1) - lengths - 1
        return cls(
            text + bytes(SPARE_ZEROS), starts, lengths, text.count(0) == max(len(items) - 1, 0)
        )

    @classmethod
    def of_integers(cls, values: np.ndarray) -> Strings:
        """Return the decimal digits of integers."""
        return cls.of([b"%d" % value for value in values.tolist()])

    def __len__(self) -> int:
        return len(self.starts)

    def __getitem__(self, selection: Any) -> Strings:
        return Strings(self.text, self.starts[selection], self.lengths[selection], self.plain)

    def items(self) -> list[bytes]:
        """Return the tokens as a list."""
        text, ends = self.text, self.starts + self.lengths
        return [text[a:b] for a, b in zip(self.starts.tolist(), ends.tolist(), strict=True)]

    def read(self, at: np.ndarray) -> np.ndarray:
        """Return the eight bytes from places of the text on, as numbers (the first byte lowest)."""
        words = np.ndarray((len(self.text) - 7,), "<u8", self.text, strides=(1,))
        return words[at]

    def words(self, at: int = 0) -> np.ndarray:
        """Return eight bytes of each token from its byte `at` on, zeros behind its end.

        Args:
            at: not beyond the end of any token.
        """
        kept = _FIRST_BYTES.take(self.lengths - at, mode="clip")
        kept &= self.read(self.starts + at)
        return kept


class JoinedTexts(Strings):
    """Texts behind each other: between them, and nowhere in them, stands a zero byte.

    Where each begins is found out when somebody asks.

    Args:
        text: the texts, and `SPARE_ZEROS` zeros behind the last.
        count: how many texts there are.
    """

    def __init__(self, text: bytes, count: int):
        self.text, self.count, self.plain = text, count, True

    def __len__(self) -> int:
        return self.count

    @cached_property
    def _ends(self) -> np.ndarray:
        zeros = np.flatnonzero(np.frombuffer(self.text, np.uint8) == 0)
        return zeros[: self.count]

    @cached_property
    def starts(self) -> np.ndarray:
        """Where the texts begin."""
        return np.concatenate([[0], self._ends[:-1] + 1])[: self.count]

    @cached_property
    def lengths(self) -> np.ndarray:
        """How many bytes the texts have."""
        return self._ends - self.starts

    def with_ends(self) -> np.ndarray:
        """Return the bytes of all texts, and the zero behind each."""
        return np.frombuffer(self.text, np.uint8)[: len(self.text) - SPARE_ZEROS + 1]
