"""Vocabularies in text files: a token in each line."""

from __future__ import annotations

import os
from typing import Any

# Bytes that are no UTF-8 survive the way to a saved layer's file and back.
_ERRORS = "surrogateescape"
_ASSET = "vocabulary.txt"


def is_path(vocabulary: Any) -> bool:
    """Whether a vocabulary is given as the path of a file."""
    return isinstance(vocabulary, (str, os.PathLike))


def refuse_path(config: dict, who: str) -> None:
    """Raise where a config names a file: a model from elsewhere is not to read this machine's."""
    if is_path(config.get("vocabulary")):
        raise ValueError(
            f"{who}: its config names the vocabulary file {config['vocabulary']!r}, which is not "
            "read when a layer is restored. Saved layers bring their vocabulary themselves; to use "
            "that file, call set_vocabulary(path)."
        )


def read_tokens(path: Any, encoding: str, who: str) -> list[str]:
    """Return the lines of a user's file.

    Raises:
        ValueError: there is no such file, it is empty, or it is not in the encoding.
    """
    name = os.fspath(path)
    try:
        with open(path, "rb") as file:
            content = file.read()
    except FileNotFoundError:
        raise ValueError(f"{who}: there is no vocabulary file {name!r}.") from None
    except IsADirectoryError:
        raise ValueError(
            f"{who}: the vocabulary file {name!r} is a folder; name a text file with a token in "
            "each line."
        ) from None
    content = content.removeprefix(b"\xef\xbb\xbf")  # the mark with which some editors begin
    try:
        lines = content.decode(encoding).removesuffix("\n").split("\n")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ValueError(
            f"{who}: line {line} of the vocabulary file {name!r} is not in encoding={encoding!r}; "
            "pass the encoding that the file is in, or save it as UTF-8."
        ) from None
    if lines == [""]:
        raise ValueError(
            f"{who}: the vocabulary file {name!r} is empty; expected a token in each line."
        )
    return [line.removesuffix("\r") for line in lines]


def write_asset(folder: Any, tokens: list) -> None:
    """Write the vocabulary of a layer that is being saved, special tokens included."""
    path = os.path.join(folder, _ASSET)
    with open(path, "w", encoding="utf-8", errors=_ERRORS, newline="\n") as file:
        file.write("\n".join(map(str, tokens)))


def read_asset(folder: Any, least: int) -> list[str] | None:
    """Return the lines of a saved layer's vocabulary, `None` where it has no file.

    Args:
        folder: where it was saved.
        least: how many lines there are at least, empty ones at the end included.
    """
    path = os.path.join(folder, _ASSET)
    if not os.path.exists(path):
        return None
    with open(path, encoding="utf-8", errors=_ERRORS, newline="\n") as file:
        lines = [line.removesuffix("\r") for line in file.read().split("\n")]
    while lines and lines[-1] == "" and len(lines) > least:
        lines.pop()  # a last line that ends like all others
    return lines
