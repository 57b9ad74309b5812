"""`tf.strings`: functions of strings, on tensors that stay on the host.

A string is Python's `str`, not bytes. Where TensorFlow returns ragged tensors, lists are returned.
"""

from __future__ import annotations

import builtins
import itertools
import re
from typing import Any

import numpy as np

from nyala import ops
from nyala.tf._absent import refuse_others
from nyala.tf._text import each, one_text, texts

_HASHING = "Use nyala.layers.Hashing."
_HINTS = {
    "ngrams": "Use nyala.layers.TextVectorization(ngrams=...).",
    "to_hash_bucket": _HASHING,
    "to_hash_bucket_fast": _HASHING,
    "to_hash_bucket_strong": _HASHING,
    "unicode_decode": "Use unicode_split, and ord() on its pieces.",
}
_WHITESPACE = " \t\n\v\f\r"


def lower(input: Any, encoding: str = "", name: str | None = None) -> Any:
    """Return strings in lower case.

    >>> import nyala
    >>> nyala.tf.strings.lower(["Ab"]).numpy().tolist()
    ['ab']
    """
    return each(str.lower, input, "lower")


def upper(input: Any, encoding: str = "", name: str | None = None) -> Any:
    """Return strings in upper case."""
    return each(str.upper, input, "upper")


def strip(input: Any, name: str | None = None) -> Any:
    """Return strings without whitespace at both ends."""
    return each(lambda s: s.strip(_WHITESPACE), input, "strip")


def length(input: Any, unit: str = "BYTE", name: str | None = None) -> Any:
    """Return the lengths of strings in bytes of UTF-8, or in characters (`unit="UTF8_CHAR"`)."""
    in_bytes = _in_bytes(unit)
    return each(lambda s: len(s.encode()) if in_bytes else len(s), input, "length", "int32")


def _in_bytes(unit: str) -> bool:
    if unit not in ("BYTE", "UTF8_CHAR"):
        raise ValueError(f"tf.strings: unit expects 'BYTE' or 'UTF8_CHAR'; got {unit!r}.")
    return unit == "BYTE"


def substr(input: Any, pos: Any, len: Any, unit: str = "BYTE", name: str | None = None) -> Any:
    """Return `len` bytes (or characters) of strings from `pos` on, negative from the end."""
    start, count = int(pos), int(len)
    in_bytes = _in_bytes(unit)

    def cut(text: str) -> str:
        whole: Any = text.encode() if in_bytes else text
        first = start if start >= 0 else builtins.len(whole) + start
        piece = whole[first : first + count]
        return piece.decode("utf-8", "replace") if in_bytes else piece

    return each(cut, input, "substr")


def join(inputs: Any, separator: str = "", name: str | None = None) -> Any:
    """Return the strings of several tensors joined element by element; scalars fit any shape.

    >>> import nyala
    >>> nyala.tf.strings.join([["a", "b"], "!"], " ").numpy().tolist()
    ['a !', 'b !']
    """
    parts = np.broadcast_arrays(*(texts(one, "join") for one in inputs))
    out = np.empty(parts[0].shape, object)
    out.flat = [
        one_text(separator).join(pieces) for pieces in zip(*(p.flat for p in parts), strict=True)
    ]
    return ops.convert_to_tensor(out)


def reduce_join(inputs: Any, axis: int | None = None, keepdims: bool = False, separator: str = "",
                name: str | None = None) -> Any:  # fmt: skip
    """Return the strings of a tensor joined along an axis, or all of them."""
    array = texts(inputs, "reduce_join")
    if axis is None:
        joined = np.asarray(separator.join(array.flat), object)
        return ops.convert_to_tensor(joined.reshape((1,) * array.ndim) if keepdims else joined)
    rows = np.moveaxis(array, axis, -1)
    out = np.empty(rows.shape[:-1], object)
    out.flat = [separator.join(row) for row in rows.reshape(-1, rows.shape[-1])]
    return ops.convert_to_tensor(np.expand_dims(out, axis) if keepdims else out)


def split(input: Any, sep: str | None = None, maxsplit: int = -1, name: str | None = None) -> Any:
    """Return the pieces of a string between separators, whitespace by default.

    Returns:
        For one string a tensor of its pieces; for a tensor of strings a list with one for each.

    >>> import nyala
    >>> nyala.tf.strings.split("a b").numpy().tolist()
    ['a', 'b']
    """
    return _pieces(lambda s: s.split(sep or None, maxsplit), texts(input, "split"))


def unicode_split(input: Any, input_encoding: str = "UTF-8", errors: str = "replace",
                  replacement_char: int = 65533, name: str | None = None) -> Any:  # fmt: skip
    """Return the characters of a string; for a tensor a list with one tensor for each."""
    return _pieces(list, texts(input, "unicode_split"))


def bytes_split(input: Any, name: str | None = None) -> Any:
    """Return the bytes of a string, one by one; for a tensor a list with one tensor for each."""
    return _pieces(lambda s: [bytes([b]) for b in s.encode()], texts(input, "bytes_split"))


def _pieces(cut: Any, array: np.ndarray) -> Any:
    if array.ndim == 0:
        found = cut(array.item())
        out = np.empty(builtins.len(found), object)
        out[:] = found
        return ops.convert_to_tensor(out)
    return [_pieces(cut, np.asarray(one, object)) for one in array]


def regex_replace(input: Any, pattern: str, rewrite: str, replace_global: bool = True,
                  name: str | None = None) -> Any:  # fmt: skip
    r"""Return strings with what a pattern fits replaced; `\1` in `rewrite` is the first group.

    >>> import nyala
    >>> nyala.tf.strings.regex_replace("a1b2", "[0-9]", "").numpy().item()
    'ab'
    """
    found, count = _compiled(pattern), 0 if replace_global else 1
    by = re.sub(r"\\0", r"\\g<0>", one_text(rewrite))
    return each(lambda s: found.sub(by, s, count=count), input, "regex_replace")


def regex_full_match(input: Any, pattern: str, name: str | None = None) -> Any:
    """Return whether a pattern fits whole strings."""
    found = _compiled(pattern)
    return each(lambda s: found.fullmatch(s) is not None, input, "regex_full_match", "bool")


# RE2, TensorFlow's expressions, has classes by name, which Python's have not.
_CLASSES = {
    "[:punct:]": re.escape("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"), "[:space:]": r"\s",
    "[:alpha:]": "a-zA-Z", "[:digit:]": "0-9", "[:alnum:]": "a-zA-Z0-9", "[:upper:]": "A-Z",
    "[:lower:]": "a-z", "[:xdigit:]": "0-9a-fA-F",
}  # fmt: skip


def _compiled(pattern: Any) -> re.Pattern:
    text = one_text(pattern)
    text = text.decode() if isinstance(text, bytes) else text
    for name, characters in _CLASSES.items():
        text = text.replace(name, characters)
    return re.compile(text)


def as_string(input: Any, precision: int = -1, scientific: bool = False, shortest: bool = False,
              width: int = -1, fill: str = "", name: str | None = None) -> Any:  # fmt: skip
    """Return numbers as strings, floats with 6 digits behind the point by default."""
    array = np.asarray(ops.convert_to_tensor(input))
    kind = "g" if shortest else "e" if scientific else "f"
    digits = f".{precision}" if precision >= 0 else ""
    padding = f"{fill}{width}" if width >= 0 else ""

    def write(x: Any) -> str:
        if array.dtype == bool:
            return "true" if x else "false"
        return builtins.format(
            x, f"{padding}{digits}{kind}" if array.dtype.kind == "f" else padding
        )

    out = np.empty(array.shape, object)
    out.flat = [write(x.item()) for x in array.flat]
    return ops.convert_to_tensor(out)


def to_number(input: Any, out_type: Any = "float32", name: str | None = None) -> Any:
    """Return the numbers that strings spell.

    Raises:
        ValueError: a string is not a number.
    """
    parse = int if str(out_type).startswith("int") else float
    return each(parse, input, "to_number", out_type)


def format(template: str, inputs: Any, placeholder: str = "{}", summarize: int = 3,
           name: str | None = None) -> Any:  # fmt: skip
    """Return a text in which placeholders are replaced by tensors, printed."""
    inputs = inputs if isinstance(inputs, (list, tuple)) else [inputs]
    pieces = template.split(placeholder)
    if builtins.len(pieces) != builtins.len(inputs) + 1:
        raise ValueError(
            f"tf.strings.format: {template!r} has {builtins.len(pieces) - 1} placeholders for "
            f"{builtins.len(inputs)} values."
        )
    shown = [np.array2string(np.asarray(x), threshold=2 * summarize) for x in inputs]
    together = itertools.chain.from_iterable(zip(pieces, [*shown, ""], strict=True))
    return ops.convert_to_tensor("".join(together))


__all__ = [
    "as_string", "bytes_split", "format", "join", "length", "lower", "reduce_join",
    "regex_full_match", "regex_replace", "split", "strip", "substr", "to_number", "unicode_split",
    "upper",
]  # fmt: skip

__getattr__ = refuse_others("tf.strings", __all__, _HINTS)
