"""Texts of users, `str` or bytes in some encoding, as bytes of UTF-8, and back."""

from __future__ import annotations

import codecs
from typing import Any

import numpy as np

from nyala.layers.preprocessing.tokens._strings import (
    SPARE_ZEROS,
    JoinedTexts,
    Strings,
    count_zeros,
)

# Bytes that are no UTF-8 survive the way to Python's strings and back.
ERRORS = "surrogateescape"
_UTF8 = ("utf-8", "utf8", "ascii", "us-ascii")


def encoded(texts: np.ndarray, encoding: str, who: str) -> Strings:
    """Return strings as a column.

    Args:
        texts: `str` or bytes, of any shape.
        encoding: of those that are bytes.
        who: for errors.

    Raises:
        TypeError: there is something else than a string.
        ValueError: bytes are not in the encoding.
    """
    if not texts.size:
        return Strings.of([])
    if texts.dtype.kind not in "OUST":
        raise TypeError(f"{who} expects strings; got an array of dtype {texts.dtype}.")
    items = texts.ravel().tolist()
    text = _joined(items, encoding)
    if text is not None and count_zeros(text) == len(items) - 1 + SPARE_ZEROS:
        return JoinedTexts(text, len(items))
    return Strings.of([_encode(item, encoding, who) for item in items])


def _joined(items: list, encoding: str) -> bytes | None:
    """Return all texts as `JoinedTexts` has them, or `None` where they are of several kinds."""
    try:
        if isinstance(items[0], str):
            return "\0".join([*items, "\0" * (SPARE_ZEROS - 1)]).encode("utf-8", ERRORS)
        return b"\0".join([*items, bytes(SPARE_ZEROS - 1)]) if _is_utf8(encoding) else None
    except (TypeError, UnicodeEncodeError):
        return None


def check_encoding(encoding: str, who: str) -> str:
    """Return the name of an encoding, or raise where Python knows none by it."""
    try:
        codecs.lookup(encoding)
    except LookupError:
        raise ValueError(
            f"{who}: encoding must be one that Python knows, such as 'utf-8' or 'latin-1'; got "
            f"{encoding!r}."
        ) from None
    return encoding


def _is_utf8(encoding: str) -> bool:
    return encoding.lower().replace("_", "-") in _UTF8


def _encode(item: Any, encoding: str, who: str) -> bytes:
    if isinstance(item, str):
        # A lone surrogate is no character; it stays what it is.
        return item.encode("utf-8", "surrogatepass" if not _escapes(item) else ERRORS)
    if not isinstance(item, bytes):
        raise TypeError(f"{who} expects strings; got {item!r} of type {type(item).__name__}.")
    if _is_utf8(encoding):
        return item
    try:
        return item.decode(encoding).encode()
    except UnicodeDecodeError:
        raise ValueError(
            f"{who}: the text {item!r:.80} is not in encoding={encoding!r}; name the encoding that "
            "it is in."
        ) from None


def _escapes(item: str) -> bool:
    """Whether all lone surrogates of a string stand for bytes that are no UTF-8."""
    return all("\udc80" <= c <= "\udcff" for c in item if "\ud800" <= c <= "\udfff")


def decoded(token: bytes) -> str:
    """Return a token as a string."""
    return token.decode("utf-8", ERRORS)


def as_unicode(texts: np.ndarray, encoding: str) -> np.ndarray:
    """Return an array that NumPy's functions of strings take."""
    if texts.dtype.kind == "O":
        items = [t.decode(encoding) if isinstance(t, bytes) else t for t in texts.ravel().tolist()]
        return np.array(items, dtype=str).reshape(texts.shape)
    return texts
