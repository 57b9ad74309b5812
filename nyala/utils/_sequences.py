"""Sequences of different lengths as one array."""

from __future__ import annotations

from typing import Any

import numpy as np


def pad_sequences(sequences: Any, maxlen: int | None = None, dtype: Any = "int32",
                  padding: str = "pre", truncating: str = "pre",
                  value: Any = 0.0) -> np.ndarray:  # fmt: skip
    """Return sequences as rows of equal length, filled up and cut off where needed.

    Args:
        sequences: a list of sequences of numbers, strings, or arrays of one shape.
        maxlen: the length of the rows; that of the longest sequence by default.
        dtype: of the result; `object` for strings of different lengths.
        padding: `"pre"` fills short sequences up in front, `"post"` behind.
        truncating: `"pre"` cuts long sequences off in front, `"post"` behind.
        value: with which short sequences are filled up.

    Returns:
        Array of shape `(len(sequences), maxlen, ...)`.

    Raises:
        ValueError: an element is not a sequence, or the shapes inside differ.

    >>> import nyala
    >>> nyala.utils.pad_sequences([[1], [2, 3], [4, 5, 6]], maxlen=2)
    array([[0, 1],
           [2, 3],
           [5, 6]], dtype=int32)
    """
    for name, choice in (("padding", padding), ("truncating", truncating)):
        if choice not in ("pre", "post"):
            raise ValueError(f"pad_sequences({name}=...) expects 'pre' or 'post'; got {choice!r}.")
    if not hasattr(sequences, "__len__"):
        raise ValueError(
            f"pad_sequences expects a list of sequences; got {type(sequences).__name__}. Turn a "
            "generator into a list first."
        )
    for index, sequence in enumerate(sequences):
        if not hasattr(sequence, "__len__"):
            raise ValueError(
                f"pad_sequences expects a list of sequences, but the element at {index} is "
                f"{sequence!r}."
            )
    is_text = np.issubdtype(dtype, np.str_) or np.issubdtype(dtype, np.bytes_)
    if isinstance(value, str) and dtype is not object and dtype != "object" and not is_text:
        raise ValueError(
            f"pad_sequences: the value {value!r} does not fit dtype {dtype!r}; pass dtype=object "
            "for strings."
        )
    length = max(map(len, sequences), default=0) if maxlen is None else maxlen
    shape = next((np.shape(s)[1:] for s in sequences if len(s)), ())
    rows = np.full((len(sequences), length, *shape), value, dtype=dtype)
    for index, sequence in enumerate(sequences):
        start = max(len(sequence) - length, 0)
        kept = sequence[start:] if truncating == "pre" else sequence[:length]
        kept = np.asarray(kept, dtype=dtype)
        if len(sequence) and np.shape(sequence)[1:] != shape:
            raise ValueError(
                f"pad_sequences: the elements of the sequence at {index} have shape "
                f"{np.shape(sequence)[1:]}, those before it {shape}."
            )
        if len(kept):
            place = slice(length - len(kept), None) if padding == "pre" else slice(len(kept))
            rows[index, place] = kept
    return rows
