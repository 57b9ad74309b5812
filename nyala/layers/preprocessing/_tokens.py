"""Texts as tokens, in bytes of UTF-8, exactly as TensorFlow's string operations cut them.

Only ASCII letters are lowered and only ASCII whitespace separates: vocabularies of Keras' files
hold tokens that were made so. Bytes are also twice as fast here as Python's strings.
"""

from __future__ import annotations

import string
from collections.abc import Callable
from typing import Any

import numpy as np

_UNCHANGED = bytes(range(256))
_LOWERED = bytes.maketrans(string.ascii_uppercase.encode(), string.ascii_lowercase.encode())
_PUNCTUATION = string.punctuation.encode()
# The bytes to put in place of others, and those to drop.
_STANDARDIZE: dict[str, tuple[bytes, bytes]] = {
    "lower_and_strip_punctuation": (_LOWERED, _PUNCTUATION),
    "lower": (_LOWERED, b""),
    "strip_punctuation": (_UNCHANGED, _PUNCTUATION),
}
_SPLIT = ("whitespace", "character")
# Bytes that are no UTF-8 survive the way to Python's strings and back.
_ERRORS = "surrogateescape"


class Tokenizer:
    """What turns texts into rows of tokens.

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
        _check_choice(standardize, tuple(_STANDARDIZE), f"{who}: standardize")
        _check_choice(split, _SPLIT, f"{who}: split")
        self.standardize, self.split, self.ngrams = standardize, split, ngrams
        self.encoding, self.who = encoding, who

    def rows(self, texts: np.ndarray, most: int | None = None) -> tuple[list[list[bytes]], tuple]:
        """Return the tokens of each text, and the shape of the texts (the axis of tokens left out).

        Args:
            texts: strings of any shape; where they are split, a last axis of length 1 is dropped.
            most: tokens of a text beyond this number may be left out.
        """
        if self.split is None:
            items, shape = self._standardized(texts), texts.shape
            width = shape[-1] if len(shape) > 1 else 1
            rows = [items[i : i + width] for i in range(0, len(items), width)] if width else []
            shape = shape[:-1] if len(shape) > 1 else shape
        else:
            if texts.ndim > 1:
                texts = self._without_last_axis(texts)
            shape = texts.shape
            rows = self._split_up(texts, None if self.ngrams else most)
        return (rows if self.ngrams is None else [self._runs(row) for row in rows]), shape

    def _without_last_axis(self, texts: np.ndarray) -> np.ndarray:
        if texts.shape[-1] != 1:
            raise ValueError(
                f"{self.who}: texts that are split must have the shape (batch,) or (batch, 1); got "
                f"{texts.shape}. Join the columns, or pass split=None where they are tokens."
            )
        return texts[..., 0]

    def _standardized(self, texts: np.ndarray) -> list[bytes]:
        """Return the texts, standardized, as a flat list of bytes."""
        if callable(self.standardize):
            texts = _strings_of(self.standardize(_as_unicode(texts, self.encoding)), self.who)
        items = encoded(texts, self.encoding, self.who)
        if callable(self.standardize) or self.standardize is None:
            return items
        table, dropped = _STANDARDIZE[self.standardize]
        joined = b"\0".join(items).translate(table, dropped).split(b"\0")
        if len(joined) == len(items):
            return joined
        return [item.translate(table, dropped) for item in items]  # texts that hold zero bytes

    def _split_up(self, texts: np.ndarray, most: int | None) -> list[list[bytes]]:
        if callable(self.split):
            if callable(self.standardize) or self.standardize is not None:
                items = [item.decode("utf-8", _ERRORS) for item in self._standardized(texts)]
                texts = np.array(items, dtype=str).reshape(texts.shape)
            return self._given_rows(self.split(_as_unicode(texts, self.encoding)), texts)
        items = self._standardized(texts)
        if self.split == "character":
            return [[c.encode("utf-8", _ERRORS) for c in item.decode("utf-8", _ERRORS)]
                    for item in items]  # fmt: skip
        if most is None:
            return [item.split() for item in items]
        return [item.split(None, most)[:most] for item in items]

    def _given_rows(self, rows: Any, texts: np.ndarray) -> list[list[bytes]]:
        """Return what a user's function made of texts as rows of bytes."""
        for method in ("to_list", "tolist"):
            if hasattr(rows, method):
                rows = getattr(rows, method)()
                break
        rows = list(rows) if texts.ndim else [rows]
        if len(rows) != texts.size or any(isinstance(row, (str, bytes)) for row in rows):
            raise ValueError(
                f"{self.who}: the function given as split must return a list of tokens for each of "
                f"the {texts.size} texts; got {rows!r:.80}."
            )
        return [encoded(np.array(list(row), dtype=object), "utf-8", self.who) for row in rows]

    def _runs(self, row: list[bytes]) -> list[bytes]:
        found: list[bytes] = []
        for width in self.ngrams:
            if width == 1:
                found += row
            else:
                found += map(b" ".join, zip(*(row[i:] for i in range(width)), strict=False))
        return found


def encoded(texts: np.ndarray, encoding: str, who: str) -> list[bytes]:
    """Return strings as a flat list of bytes of UTF-8.

    Raises:
        TypeError: there is something else than a string.
    """
    if not texts.size:
        return []
    if texts.dtype.kind not in "OUS":
        raise TypeError(f"{who} expects strings; got an array of dtype {texts.dtype}.")
    items = texts.ravel().tolist()
    try:
        joined = "\0".join(items).encode("utf-8", _ERRORS).split(b"\0")
        if len(joined) == len(items):
            return joined
    except TypeError:
        pass  # bytes among them, or no strings at all
    return [_encode(item, encoding, who) for item in items]


def _encode(item: Any, encoding: str, who: str) -> bytes:
    if isinstance(item, str):
        return item.encode("utf-8", _ERRORS)
    if isinstance(item, bytes):
        if encoding.lower().replace("_", "-") in ("utf-8", "utf8", "ascii"):
            return item
        return item.decode(encoding).encode()
    raise TypeError(f"{who} expects strings; got {item!r} of type {type(item).__name__}.")


def decoded(token: bytes) -> str:
    """Return a token as a string."""
    return token.decode("utf-8", _ERRORS)


def _as_unicode(texts: np.ndarray, encoding: str) -> np.ndarray:
    """Return an array that NumPy's functions of strings take."""
    if texts.dtype.kind == "O":
        items = [t.decode(encoding) if isinstance(t, bytes) else t for t in texts.ravel().tolist()]
        return np.array(items, dtype=str).reshape(texts.shape)
    return texts


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
