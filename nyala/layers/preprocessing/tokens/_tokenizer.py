"""Texts to tokens, in bytes of UTF-8, exactly as TensorFlow's string operations cut them.

Only ASCII letters are lowered and only ASCII whitespace separates: vocabularies of Keras' files
hold tokens that were made so.
"""

from __future__ import annotations

import string
from collections.abc import Callable
from itertools import chain
from typing import Any

import numpy as np

from nyala.layers.preprocessing.tokens import _cutting as cutting
from nyala.layers.preprocessing.tokens._strings import JoinedTexts, Strings
from nyala.layers.preprocessing.tokens._texts import ERRORS, as_unicode, check_encoding, encoded

_UNCHANGED = bytes(range(256))
_LOWERED = bytes.maketrans(string.ascii_uppercase.encode(), string.ascii_lowercase.encode())
_PUNCTUATION = string.punctuation.encode()
# The bytes to put in place of others, and those to drop.
_STANDARDIZE: dict[str | None, tuple[bytes, bytes]] = {
    "lower_and_strip_punctuation": (_LOWERED, _PUNCTUATION),
    "lower": (_LOWERED, b""),
    "strip_punctuation": (_UNCHANGED, _PUNCTUATION),
    None: (_UNCHANGED, b""),
}
_SPLIT = ("whitespace", "character")


class Tokenizer:
    """What turns texts into tokens.

    Args:
        standardize: `None`, the name of a way, or a function of an array of strings.
        split: `None`, `"whitespace"`, `"character"`, or a function of an array of strings that
            returns a list of tokens for each.
        ngrams: the lengths of the runs of tokens that count as tokens, in order; or `None`.
        encoding: of texts that are bytes.
        who: for errors.
    """

    def __init__(self, standardize: Any, split: Any, ngrams: tuple[int, ...] | None,
                 encoding: str, who: str):  # fmt: skip
        _check_choice(standardize, tuple(filter(None, _STANDARDIZE)), f"{who}: standardize")
        _check_choice(split, _SPLIT, f"{who}: split")
        self.standardize, self.split, self.ngrams = standardize, split, ngrams
        self.encoding, self.who = check_encoding(encoding, who), who

    def tokens(
        self, texts: np.ndarray, most: int | None = None
    ) -> tuple[Strings, np.ndarray, tuple]:
        """Return the tokens of all texts, how many each has, and the shape of the texts.

        Args:
            texts: strings of any shape. Where they are split, a last axis of length 1 is dropped;
                where they are not, the last axis of several is that of the tokens of a text.
            most: how many tokens of each text to return at most.
        """
        if self.split is None:
            shape = texts.shape[:-1] if texts.ndim > 1 else texts.shape
            width = texts.shape[-1] if texts.ndim > 1 else 1
            tokens = self._standardized(texts)
            counts = np.full(int(np.prod(shape)), width)
        else:
            texts = self._without_last_axis(texts) if texts.ndim > 1 else texts
            shape = texts.shape
            tokens, counts = self._split_up(texts)
        if self.ngrams is not None:
            tokens, counts = cutting.into_runs(tokens, counts, self.ngrams)
        if most is not None:
            tokens, counts = cutting.beginnings(tokens, counts, most)
        return tokens, counts, shape

    def _without_last_axis(self, texts: np.ndarray) -> np.ndarray:
        if texts.shape[-1] != 1:
            raise ValueError(
                f"{self.who}: texts that are split must have the shape (batch,) or (batch, 1); got "
                f"{texts.shape}. Join the columns, or pass split=None where they are tokens."
            )
        return texts[..., 0]

    def _standardized(self, texts: np.ndarray, table: bytes = _UNCHANGED) -> Strings:
        """Return the texts, standardized.

        Args:
            texts: strings.
            table: bytes to put in place of others besides.
        """
        given = callable(self.standardize)
        if given:
            texts = _strings_of(self.standardize(as_unicode(texts, self.encoding)), self.who)
        column = encoded(texts, self.encoding, self.who)
        changed, dropped = _STANDARDIZE[None if given else self.standardize]
        changed = changed.translate(table)
        if changed == _UNCHANGED and not dropped:
            return column
        if isinstance(column, JoinedTexts):
            return JoinedTexts(column.text.translate(changed, dropped), len(column))
        return Strings.of([item.translate(changed, dropped) for item in column.items()])

    def _split_up(self, texts: np.ndarray) -> tuple[Strings, np.ndarray]:
        if callable(self.split):
            if self.standardize is not None:
                items = [item.decode("utf-8", ERRORS) for item in self._standardized(texts).items()]
                texts = np.array(items, dtype=str).reshape(texts.shape)
            return _parted(self._given_rows(self.split(as_unicode(texts, self.encoding)), texts))
        if self.split == "character":
            column = self._standardized(texts)
            if isinstance(column, JoinedTexts):
                return cutting.into_characters(column)
            return _parted([_characters(item) for item in column.items()])
        column = self._standardized(texts, cutting.SPACES)
        if isinstance(column, JoinedTexts):
            return cutting.at_spaces(column)
        return _parted([item.split() for item in column.items()])

    def _given_rows(self, rows: Any, texts: np.ndarray) -> list[list[bytes]]:
        """Return what a user's function made of texts as rows of bytes."""
        rows = _listed(rows)
        rows = list(rows) if texts.ndim else [rows]
        if len(rows) != texts.size or any(isinstance(row, (str, bytes)) for row in rows):
            raise ValueError(
                f"{self.who}: the function given as split must return a list of tokens for each of "
                f"the {texts.size} texts; got {rows!r:.80}."
            )
        rows = [np.array(list(_listed(row)), dtype=object) for row in rows]
        return [encoded(row, "utf-8", self.who).items() for row in rows]


def _parted(rows: list[list[bytes]]) -> tuple[Strings, np.ndarray]:
    """Return lists of tokens as one column, and how many each has."""
    counts = np.fromiter(map(len, rows), np.int64, len(rows))
    return Strings.of(list(chain.from_iterable(rows))), counts


def _characters(item: bytes) -> list[bytes]:
    return [character.encode() for character in item.decode("utf-8", "replace")]


def _listed(value: Any) -> Any:
    """Return an array, a tensor or a ragged one as lists; anything else as it is."""
    for method in ("to_list", "tolist"):
        if hasattr(value, method):
            return getattr(value, method)()
    return value


def _strings_of(value: Any, who: str) -> np.ndarray:
    array = np.asarray(value.numpy() if hasattr(value, "numpy") else value)
    if array.dtype.kind not in "OUS":
        raise TypeError(
            f"{who}: the function given as standardize must return strings; it returned an array "
            f"of dtype {array.dtype}."
        )
    return array


def _check_choice(value: Any, names: tuple[str, ...], what: str) -> None:
    known: bool | Callable = value is None or callable(value) or value in names
    if not known:
        raise ValueError(
            f"{what} must be None, one of {', '.join(map(repr, names))}, or a function; got "
            f"{value!r}."
        )
