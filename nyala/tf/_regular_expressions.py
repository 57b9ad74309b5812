"""TensorFlow's regular expressions (RE2) by Python's, on bytes or on characters."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable

# RE2 has classes by name, which Python's have not.
_CLASSES = {
    "[:punct:]": re.escape("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"), "[:space:]": r"\s",
    "[:alpha:]": "a-zA-Z", "[:digit:]": "0-9", "[:alnum:]": "a-zA-Z0-9", "[:upper:]": "A-Z",
    "[:lower:]": "a-z", "[:xdigit:]": "0-9a-fA-F", "[:word:]": "0-9A-Za-z_", "[:blank:]": r" \t",
    "[:cntrl:]": r"\x00-\x1f\x7f", "[:print:]": " -~", "[:graph:]": "!-~",
}  # fmt: skip


@functools.lru_cache(256)
def compiled(pattern: str) -> re.Pattern:
    r"""Return a pattern; as in RE2, `\w`, `\d`, `\s` and `\b` know ASCII only."""
    text = pattern
    for name, characters in _CLASSES.items():
        text = text.replace(name, characters)
    try:
        return re.compile(text, re.ASCII)
    except re.error as error:
        raise ValueError(
            f"tf.strings: {pattern!r} is no regular expression that Python understands: {error}."
        ) from None


@functools.lru_cache(256)
def replacement(rewrite: str) -> Callable[[re.Match], str]:
    r"""Return what writes a match anew: `\0` to `\9` are groups, `\\` is a backslash."""
    parts = re.split(r"\\([0-9\\])", rewrite)

    def write(match: re.Match) -> str:
        found = [
            part if i % 2 == 0 else "\\" if part == "\\" else match[int(part)] or ""
            for i, part in enumerate(parts)
        ]
        return "".join(found)

    return write
