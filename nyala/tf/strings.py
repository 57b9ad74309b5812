"""`tf.strings`: functions of strings, on tensors that stay on the host.

A string is bytes, of UTF-8 where characters matter. Where TensorFlow returns ragged tensors, lists
are returned.
"""

from __future__ import annotations

import builtins
import itertools
import string
from typing import Any

import numpy as np

from nyala import ops
from nyala.tf._absent import refuse_others
from nyala.tf._regular_expressions import compiled, replacement
from nyala.tf._string_hashes import to_hash_bucket_fast, to_hash_bucket_strong
from nyala.tf._text import each, of_strings, one_string, pieces, rows_of, texts
from nyala.tf._unicode import unicode_decode, unicode_encode, unicode_split, unicode_transcode

_HINTS = {
    "to_hash_bucket": "Use to_hash_bucket_fast.",
    "unicode_split_with_offsets": "Use unicode_split, and the lengths of its pieces.",
    "unicode_decode_with_offsets": "Use unicode_decode.",
}
_WHITESPACE = b" \t\n\v\f\r"
_LOWER, _UPPER = string.ascii_lowercase.encode(), string.ascii_uppercase.encode()
# Bytes that are no UTF-8 stay what they are.
_ERRORS = "surrogateescape"


def lower(input: Any, encoding: str = "", name: str | None = None) -> Any:
    """Return strings in lower case: letters of ASCII, or all with `encoding="utf-8"`.

    >>> import nyala
    >>> nyala.tf.strings.lower(["Ab"]).numpy().tolist()
    [b'ab']
    """
    table = bytes.maketrans(_UPPER, _LOWER)
    return _in_case(input, encoding, lambda s: s.translate(table), str.lower, "lower")


def upper(input: Any, encoding: str = "", name: str | None = None) -> Any:
    """Return strings in upper case: letters of ASCII, or all with `encoding="utf-8"`."""
    table = bytes.maketrans(_LOWER, _UPPER)
    return _in_case(input, encoding, lambda s: s.translate(table), str.upper, "upper")


def _in_case(input: Any, encoding: str, of_bytes: Any, of_text: Any, who: str) -> Any:
    if encoding not in ("", "utf-8"):
        raise ValueError(f"tf.strings.{who}: encoding must be '' or 'utf-8'; got {encoding!r}.")
    if not encoding:
        return each(of_bytes, input, who)
    return each(lambda s: of_text(s.decode("utf-8", _ERRORS)).encode("utf-8", _ERRORS), input, who)


def strip(input: Any, name: str | None = None) -> Any:
    """Return strings without whitespace at both ends."""
    return each(lambda s: s.strip(_WHITESPACE), input, "strip")


def length(input: Any, unit: str = "BYTE", name: str | None = None) -> Any:
    """Return the lengths of strings in bytes, or in characters (`unit="UTF8_CHAR"`)."""
    whole = _by_unit(unit)
    return each(lambda s: len(whole(s)), input, "length", "int32")


def _by_unit(unit: str) -> Any:
    if unit not in ("BYTE", "UTF8_CHAR"):
        raise ValueError(f"tf.strings: unit expects 'BYTE' or 'UTF8_CHAR'; got {unit!r}.")
    return bytes if unit == "BYTE" else lambda s: s.decode("utf-8", _ERRORS)


def substr(input: Any, pos: Any, len: Any, unit: str = "BYTE", name: str | None = None) -> Any:
    """Return `len` bytes (or characters) of strings from `pos` on, negative from the end.

    Args:
        input: strings.
        pos, len: integers, or one for each string.
        unit: `"BYTE"` or `"UTF8_CHAR"`.
        name: ignored.
    """
    whole = _by_unit(unit)
    given = np.broadcast_arrays(texts(input, "substr"), np.asarray(pos), np.asarray(len))

    def cut(text: bytes, start: int, count: int) -> bytes:
        entire = whole(text)
        first = start if start >= 0 else builtins.len(entire) + start
        if not 0 <= first <= builtins.len(entire):
            raise ValueError(f"tf.strings.substr: pos {start} is outside of {text!r:.80}.")
        piece = entire[first : first + count]
        return piece if isinstance(piece, bytes) else piece.encode("utf-8", _ERRORS)

    cuts = zip(*(array.ravel().tolist() for array in given), strict=True)
    return of_strings(list(itertools.starmap(cut, cuts)), given[0].shape)


def join(inputs: Any, separator: Any = "", name: str | None = None) -> Any:
    """Return the strings of several tensors joined element by element; scalars fit any shape.

    >>> import nyala
    >>> nyala.tf.strings.join([["a", "b"], "!"], " ").numpy().tolist()
    [b'a !', b'b !']
    """
    parts = np.broadcast_arrays(*(texts(one, "join") for one in inputs))
    rows = zip(*(part.ravel().tolist() for part in parts), strict=True)
    return of_strings([one_string(separator).join(row) for row in rows], parts[0].shape)


def reduce_join(inputs: Any, axis: Any = None, keepdims: bool = False, separator: Any = "",
                name: str | None = None) -> Any:  # fmt: skip
    """Return the strings of a tensor joined along an axis or several, or all of them.

    Args:
        inputs: strings.
        axis: one, or several in the order in which they are joined; all, the last first, by
            default.
        keepdims: whether joined axes stay, with length 1.
        separator: what stands between the strings.
        name: ignored.
    """
    array, by = texts(inputs, "reduce_join"), one_string(separator)
    if axis is None:
        axis = range(array.ndim)[::-1]
    axes = [one % array.ndim for one in ([axis] if isinstance(axis, int) else axis)]
    kept = [one for one in range(array.ndim) if one not in axes]
    lengths = tuple(array.shape[one] for one in kept)
    rows = array.transpose([*kept, *axes[::-1]]).reshape(int(np.prod(lengths)), -1)
    shape = tuple(1 if one in axes else n for one, n in enumerate(array.shape))
    return of_strings([by.join(row) for row in rows.tolist()], shape if keepdims else lengths)


def unsorted_segment_join(inputs: Any, segment_ids: Any, num_segments: int, separator: Any = "",
                          name: str | None = None) -> Any:  # fmt: skip
    """Return one string for each segment: those with its number, joined in their order."""
    found: list[list[bytes]] = [[] for _ in range(num_segments)]
    flat = texts(inputs, "unsorted_segment_join").ravel().tolist()
    for text, segment in zip(flat, np.asarray(segment_ids).ravel().tolist(), strict=True):
        if segment >= 0:
            found[segment].append(text)
    return of_strings([one_string(separator).join(row) for row in found], (num_segments,))


def split(input: Any, sep: Any = None, maxsplit: int = -1, name: str | None = None) -> Any:
    """Return the pieces of a string between separators, whitespace by default.

    Returns:
        For one string a tensor of its pieces; for a tensor of strings a list with one for each.

    >>> import nyala
    >>> nyala.tf.strings.split("a b").numpy().tolist()
    [b'a', b'b']
    """
    by = one_string(sep) if sep is not None else b""
    return pieces(lambda s: s.split(by or None, maxsplit), texts(input, "split"))


def bytes_split(input: Any, name: str | None = None) -> Any:
    """Return the bytes of a string, one by one; for a tensor a list with one tensor for each."""
    return pieces(lambda s: [bytes([b]) for b in s], texts(input, "bytes_split"))


def ngrams(data: Any, ngram_width: Any, separator: Any = " ", pad_values: Any = None,
           padding_width: int | None = None, preserve_short_sequences: bool = False,
           name: str | None = None) -> Any:  # fmt: skip
    """Return runs of neighbouring tokens, joined; of rows a list with one tensor for each.

    Args:
        data: tokens `(length,)`, or rows of them.
        ngram_width: how many tokens a run has, or several such numbers.
        separator: what stands between them.
        pad_values: a token, or one for the left and one for the right, that rows are framed by.
        padding_width: how many of those at most; as many as the runs need by default.
        preserve_short_sequences: whether rows that are too short become one run.
        name: ignored.

    >>> import nyala
    >>> nyala.tf.strings.ngrams(["a", "b", "c"], 2).numpy().tolist()
    [b'a b', b'b c']
    """
    widths = [ngram_width] if isinstance(ngram_width, int) else list(ngram_width)
    by, frame = one_string(separator), _frame(pad_values)

    def runs(row: list[bytes]) -> list[bytes]:
        found: list[bytes] = []
        for width in widths:
            count = width - 1 if padding_width is None else min(padding_width, width - 1)
            tokens = [*frame[:1] * count, *row, *frame[1:] * count]
            spans = range(len(tokens) - width + 1)
            found += [by.join(tokens[i : i + width]) for i in spans]
        return [by.join(row)] if preserve_short_sequences and row and not found else found

    rows, several = rows_of(data, "ngrams")
    made = [runs(row.ravel().tolist()) for row in rows]
    tensors = [of_strings(row, (len(row),)) for row in made]
    return tensors if several else tensors[0]


def _frame(pad_values: Any) -> list[bytes]:
    if pad_values is None:
        return []
    both = pad_values if isinstance(pad_values, (list, tuple)) else (pad_values, pad_values)
    return [one_string(value) for value in both]


def regex_replace(input: Any, pattern: Any, rewrite: Any, replace_global: bool = True,
                  name: str | None = None) -> Any:  # fmt: skip
    r"""Return strings with what a pattern fits replaced; `\1` in `rewrite` is the first group.

    >>> import nyala
    >>> nyala.tf.strings.regex_replace("a1b2", "[0-9]", "").numpy()
    b'ab'
    """
    found, write = compiled(_text(pattern)), replacement(_text(rewrite))
    count = 0 if replace_global else 1

    def replaced(text: bytes) -> bytes:
        return found.sub(write, text.decode("utf-8", _ERRORS), count=count).encode("utf-8", _ERRORS)

    return each(replaced, input, "regex_replace")


def regex_full_match(input: Any, pattern: Any, name: str | None = None) -> Any:
    """Return whether a pattern fits whole strings."""
    found = compiled(_text(pattern))
    return each(
        lambda s: found.fullmatch(s.decode("utf-8", _ERRORS)) is not None,
        input, "regex_full_match", "bool",
    )  # fmt: skip


def _text(value: Any) -> str:
    return one_string(value).decode("utf-8", _ERRORS)


def as_string(input: Any, precision: int = -1, scientific: bool = False, shortest: bool = False,
              width: int = -1, fill: str = "", name: str | None = None) -> Any:  # fmt: skip
    """Return numbers as strings, floats with 6 digits behind the point by default."""
    tensor = ops.convert_to_tensor(input)
    if tensor.dtype == "string":
        return tensor
    array = np.asarray(tensor)
    kind = "g" if shortest else "e" if scientific else "f"
    digits = f".{precision}" if precision >= 0 else ""
    padding = f"{fill}{width}" if width >= 0 else ""

    def write(x: Any) -> str:
        if array.dtype == bool:
            return "true" if x else "false"
        return builtins.format(
            x, f"{padding}{digits}{kind}" if array.dtype.kind == "f" else padding
        )

    return of_strings([write(x).encode() for x in array.ravel().tolist()], array.shape)


def to_number(input: Any, out_type: Any = "float32", name: str | None = None) -> Any:
    """Return the numbers that strings spell.

    Raises:
        ValueError: a string is not a number.
    """
    parse = int if str(out_type).startswith("int") else float

    def number(text: bytes) -> Any:
        try:
            return parse(text)
        except ValueError:
            raise ValueError(
                f"tf.strings.to_number: {text!r:.80} is no number of dtype {out_type}."
            ) from None

    return each(number, input, "to_number", out_type)


def format(template: str, inputs: Any, placeholder: str = "{}", summarize: int = 3,
           name: str | None = None) -> Any:  # fmt: skip
    """Return a text in which placeholders are replaced by tensors, printed."""
    inputs = inputs if isinstance(inputs, (list, tuple)) else [inputs]
    parts = template.split(placeholder)
    if builtins.len(parts) != builtins.len(inputs) + 1:
        raise ValueError(
            f"tf.strings.format: {template!r} has {builtins.len(parts) - 1} placeholders for "
            f"{builtins.len(inputs)} values."
        )
    shown = [_shown(np.asarray(x), summarize) for x in inputs]
    together = itertools.chain.from_iterable(zip(parts, [*shown, ""], strict=True))
    return ops.convert_to_tensor("".join(together))


def _shown(value: np.ndarray, most: int) -> str:
    if value.dtype.kind not in "OUS":
        return np.array2string(value, threshold=2 * most, edgeitems=most)
    quoted = [f'"{_text(one)}"' for one in value.ravel().tolist()]
    return quoted[0] if not value.ndim else f"[{' '.join(quoted)}]"


__all__ = [
    "as_string", "bytes_split", "format", "join", "length", "lower", "ngrams", "reduce_join",
    "regex_full_match", "regex_replace", "split", "strip", "substr", "to_hash_bucket_fast",
    "to_hash_bucket_strong", "to_number", "unicode_decode", "unicode_encode", "unicode_split",
    "unicode_transcode", "unsorted_segment_join", "upper",
]  # fmt: skip

__getattr__ = refuse_others("tf.strings", __all__, _HINTS)
