"""`tf.strings`: characters and their numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from nyala import ops
from nyala.tf._text import each, of_strings, pieces, texts

_ENCODINGS = ("UTF-8", "UTF-16-BE", "UTF-32-BE")


def unicode_split(input: Any, input_encoding: str = "UTF-8", errors: str = "replace",
                  replacement_char: int = 65533, name: str | None = None) -> Any:  # fmt: skip
    """Return the characters of a string; for a tensor a list with one tensor for each.

    Args:
        input: strings.
        input_encoding: `"UTF-8"`, `"UTF-16-BE"` or `"UTF-32-BE"`.
        errors: what becomes of bytes that are no characters: `"replace"`, `"ignore"` or `"strict"`,
            an error.
        replacement_char: the number of the character that replaces them.
        name: ignored.
    """
    decode = _decoder(input_encoding, errors, replacement_char)
    encoding = input_encoding.lower()
    return pieces(lambda s: [c.encode(encoding) for c in decode(s)], texts(input, "unicode_split"))


def unicode_decode(input: Any, input_encoding: str, errors: str = "replace",
                   replacement_char: int = 65533, replace_control_characters: bool = False,
                   name: str | None = None) -> Any:  # fmt: skip
    """Return the numbers of the characters of a string; for a tensor a list with one for each.

    >>> import nyala
    >>> nyala.tf.strings.unicode_decode("aé", "UTF-8").numpy()
    array([ 97, 233], dtype=int32)
    """
    decode = _decoder(input_encoding, errors, replacement_char, replace_control_characters)

    def numbers(array: np.ndarray) -> Any:
        if array.ndim == 0:
            return ops.convert_to_tensor(np.array([ord(c) for c in decode(array.item())], "int32"))
        return [numbers(array[i, ...]) for i in range(len(array))]

    return numbers(texts(input, "unicode_decode"))


def unicode_encode(input: Any, output_encoding: str = "UTF-8", errors: str = "replace",
                   replacement_char: int = 65533, name: str | None = None) -> Any:  # fmt: skip
    """Return the string of characters by their numbers; for a matrix or list of rows several."""
    encoding = _encoding(output_encoding)

    def text(row: Any) -> bytes:
        return "".join(_character(int(n), errors, replacement_char) for n in row).encode(encoding)

    several = isinstance(input, (list, tuple)) and any(np.ndim(row) for row in input)
    if several or np.ndim(input) > 1:
        rows = [text(np.asarray(row).tolist()) for row in input]
        return of_strings(rows, (len(rows),))
    return of_strings([text(np.asarray(input).tolist())], ())


def unicode_transcode(input: Any, input_encoding: str, output_encoding: str,
                      errors: str = "replace", replacement_char: int = 65533,
                      replace_control_characters: bool = False,
                      name: str | None = None) -> Any:  # fmt: skip
    """Return strings in another encoding; bytes that are no characters become `replacement_char`.

    Args:
        input: strings.
        input_encoding, output_encoding: `"UTF-8"`, `"UTF-16-BE"` or `"UTF-32-BE"`.
        errors: `"replace"`, `"ignore"` or `"strict"`.
        replacement_char: the number of the character that replaces what is wrong.
        replace_control_characters: whether control characters count as wrong.
        name: ignored.
    """
    decode = _decoder(input_encoding, errors, replacement_char, replace_control_characters)
    encoding = _encoding(output_encoding)
    return each(lambda s: decode(s).encode(encoding), input, "unicode_transcode")


def _character(number: int, errors: str, replacement: int) -> str:
    if 0 <= number < 0x110000 and not 0xD800 <= number < 0xE000:
        return chr(number)
    if errors == "strict":
        raise ValueError(f"tf.strings.unicode_encode: {number} is the number of no character.")
    return chr(replacement) if errors == "replace" else ""


def _encoding(name: str) -> str:
    if name not in _ENCODINGS:
        raise ValueError(
            f"tf.strings: an encoding is one of {', '.join(map(repr, _ENCODINGS))}; got {name!r}."
        )
    return name.lower()


def _decoder(name: str, errors: str, replacement: int, control: bool = False) -> Any:
    encoding = _encoding(name)
    if errors not in ("replace", "ignore", "strict"):
        raise ValueError(
            f"tf.strings: errors must be 'replace', 'ignore' or 'strict'; got {errors!r}."
        )

    def decode(text: bytes) -> str:
        found = text.decode(encoding, errors)
        if errors == "replace" and replacement != 0xFFFD:
            found = found.replace("\ufffd", chr(replacement))
        if control:
            found = "".join(chr(replacement) if ord(c) < 32 or ord(c) == 127 else c for c in found)
        return found

    return decode
