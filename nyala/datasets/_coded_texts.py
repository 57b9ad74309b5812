"""Texts whose words are numbers by their rank: what `imdb` and `reuters` have in common."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

Texts = list[list[int]]


def shuffled(texts: np.ndarray, labels: np.ndarray, random: np.random.RandomState) -> tuple:
    """Return texts and labels in another order."""
    order = np.arange(len(texts))
    random.shuffle(order)
    return texts[order], labels[order]


def with_start(texts: Any, start_char: int | None, index_from: int) -> Texts:
    """Return texts after a sign of their beginning, with words' numbers moved up."""
    begin = [] if start_char is None else [start_char]
    moved = index_from or 0
    return [begin + [word + moved for word in text] for text in texts]


def shorter_than(maxlen: int, texts: Texts, labels: Any) -> tuple[Texts, np.ndarray]:
    """Return the texts of fewer than `maxlen` numbers, with their labels.

    Raises:
        ValueError: there is none.
    """
    kept = [i for i, text in enumerate(texts) if len(text) < maxlen]
    if not kept:
        raise ValueError(
            f"maxlen={maxlen} leaves no text: the shortest has {min(map(len, texts))} words, and "
            "only texts of fewer than maxlen are kept."
        )
    return [texts[i] for i in kept], np.asarray(labels)[kept]


def limited(texts: Texts, num_words: int | None, skip_top: int, oov_char: int | None) -> Texts:
    """Return texts without words that are too rare or too frequent.

    Args:
        texts: numbers of words.
        num_words: the number from which on words are too rare; the largest there is by default.
        skip_top: the number from which on words are not too frequent.
        oov_char: what stands for words that are left out; they vanish if `None`.
    """
    if not num_words:
        num_words = max(map(max, filter(None, texts)), default=0)
    if oov_char is None:
        return [[word for word in text if skip_top <= word < num_words] for text in texts]
    return [[word if skip_top <= word < num_words else oov_char for word in text] for text in texts]


def as_rows(texts: Texts) -> np.ndarray:
    """Return an array of lists (of one axis, also where all are of one length)."""
    rows: np.ndarray = np.empty(len(texts), object)
    for place, text in enumerate(texts):
        rows[place] = text
    return rows


def read_word_index(path: Path) -> dict[str, int]:
    """Return the number of each word.

    Raises:
        ValueError: the file is no such table.
    """
    try:
        table = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(table, dict) or not all(type(n) is int for n in table.values()):
            raise ValueError("it does not hold a number for each word")
    except ValueError as error:
        raise ValueError(
            f"{path} is not the table of words that it should be: {error}. Remove or replace it."
        ) from error
    return table
