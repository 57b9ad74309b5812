"""Where the tokens of texts begin and end."""

from __future__ import annotations

import numpy as np

from nyala.layers.preprocessing.tokens._strings import SPARE_ZEROS, JoinedTexts, Strings

_WHITESPACE = b"\t\n\v\f\r"
# All ASCII whitespace as spaces.
SPACES = bytes.maketrans(_WHITESPACE, b" " * len(_WHITESPACE))


def at_spaces(texts: JoinedTexts) -> tuple[Strings, np.ndarray]:
    """Cut texts at spaces; return the tokens and how many each text has."""
    text = texts.with_ends()
    ends = np.flatnonzero((text & 0xDF) == 0)  # zeros and spaces
    starts = np.zeros_like(ends)
    np.add(ends[:-1], 1, out=starts[1:])
    lengths = ends - starts
    counts = np.diff(np.flatnonzero(text.take(ends) == 0), prepend=-1)
    if len(ends) and lengths.min() == 0:  # somewhere two spaces follow each other
        filled = lengths > 0
        starts, lengths = starts[filled], lengths[filled]
        counts = _filled_of(filled, counts)
    return Strings(texts.text, starts, lengths, True), counts


def into_characters(texts: JoinedTexts) -> tuple[Strings, np.ndarray]:
    """Cut texts into characters; return those and how many each text has."""
    try:
        texts.text.decode()
    except UnicodeDecodeError:
        texts = JoinedTexts(texts.text.decode("utf-8", "replace").encode(), len(texts))
    text = texts.with_ends()
    starts = np.flatnonzero((text & 0xC0) != 0x80)  # all other bytes continue a character
    lengths = np.diff(starts, append=len(text))
    filled = text.take(starts) != 0
    counts = np.diff(np.flatnonzero(~filled), prepend=-1) - 1
    return Strings(texts.text, starts[filled], lengths[filled], True), counts


def _filled_of(filled: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Return how many of the pieces of each text are tokens.

    Args:
        filled: which pieces are.
        counts: how many pieces each text has.
    """
    return np.diff(np.cumsum(filled)[np.cumsum(counts) - 1], prepend=0)


def into_runs(
    tokens: Strings, counts: np.ndarray, widths: tuple[int, ...]
) -> tuple[Strings, np.ndarray]:
    """Return the runs of tokens, joined by spaces, and how many each text has.

    Args:
        tokens: of all texts.
        counts: how many tokens each text has.
        widths: how many tokens runs have; those of the first width come first in each text.
    """
    joined = b" ".join(tokens.items())
    starts = np.cumsum(tokens.lengths + 1) - tokens.lengths - 1
    ends = starts + tokens.lengths
    runs = [np.maximum(counts - width + 1, 0) for width in widths]
    totals = np.sum(runs, axis=0)
    first_token, first_run = np.cumsum(counts) - counts, np.cumsum(totals) - totals
    run_starts, run_lengths = (np.zeros(int(totals.sum()), np.int64) for _ in range(2))
    for width, number in zip(widths, runs, strict=True):
        within = np.arange(number.sum()) - np.repeat(np.cumsum(number) - number, number)
        run = np.repeat(first_run, number) + within
        token = np.repeat(first_token, number) + within
        run_starts[run] = starts[token]
        run_lengths[run] = ends[token + width - 1] - starts[token]
        first_run = first_run + number
    return Strings(joined + bytes(SPARE_ZEROS), run_starts, run_lengths, tokens.plain), totals


def beginnings(tokens: Strings, counts: np.ndarray, most: int) -> tuple[Strings, np.ndarray]:
    """Return the first `most` tokens of each text, and how many each text has then."""
    if counts.max(initial=0) <= most:
        return tokens, counts
    within = np.arange(len(tokens)) - np.repeat(np.cumsum(counts) - counts, counts)
    return tokens[within < most], np.minimum(counts, most)
