"""Reuters: 11,228 newswires on 46 topics, as numbers of words."""

from __future__ import annotations

import numpy as np

from nyala.datasets._arrays import load_arrays
from nyala.datasets._cache import cached_file
from nyala.datasets._coded_texts import (
    as_rows,
    limited,
    read_word_index,
    shorter_than,
    shuffled,
    with_start,
)
from nyala.datasets._split import check_test_split

__all__ = ["get_label_names", "get_word_index", "load_data"]

_BASE = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"
_SHA256 = "d6586e694ee56d7a4e65172e12b3e987c03096cb01eab99753921ef915959916"
_WORDS_MD5 = "4d44cc38712099c9e383dc6e5f11a921"
_ARRAYS = {"x": ((None,), "lists"), "y": ((None,), "integers")}
_TOPICS = (
    "cocoa", "grain", "veg-oil", "earn", "acq", "wheat", "copper", "housing", "money-supply",
    "coffee", "sugar", "trade", "reserves", "ship", "cotton", "carcass", "crude", "nat-gas", "cpi",
    "money-fx", "interest", "gnp", "meal-feed", "alum", "oilseed", "gold", "tin",
    "strategic-metal", "livestock", "retail", "ipi", "iron-steel", "rubber", "heat", "jobs", "lei",
    "bop", "zinc", "orange", "pet-chem", "dlr", "gas", "silver", "wpi", "hog", "lead",
)  # fmt: skip


def load_data(
    path: str = "reuters.npz", num_words: int | None = None, skip_top: int = 0,
    maxlen: int | None = None, test_split: float = 0.2, seed: int = 113,
    start_char: int | None = 1, oov_char: int | None = 2, index_from: int = 3,
) -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:  # fmt: skip
    """Return newswires, fetched once (2 MB) and then read from the disk.

    A word's number is its rank among the most frequent ones, moved up by `index_from`; 0 is left
    for filling up. Order and split are Keras' for each seed.

    Args:
        path: name of the file in the cache (see `mnist.load_data`), or an absolute path.
        num_words: words with this number or a larger one are too rare; none is if `None`.
        skip_top: words with a smaller number are too frequent.
        maxlen: only newswires of fewer numbers than this are kept; all if `None`.
        test_split: the fraction of the newswires, at the end, that is the test set.
        seed: of the order of the newswires.
        start_char: stands before each newswire; nothing does if `None`.
        oov_char: stands for words that are too rare or too frequent; they are left out if `None`.
        index_from: by how much numbers are moved up.

    Returns:
        `(x_train, y_train), (x_test, y_test)`: arrays of lists of integers, and their topics, from
        0 to 45 (see `get_label_names`).

    Raises:
        FileNotFoundError: the file is nowhere and could not be fetched.
        ValueError: a file placed by hand does not hold these arrays; `maxlen` leaves no newswire;
            `test_split` is no fraction.

    Example, not run here because it needs the file::

        (x_train, y_train), (x_test, y_test) = nyala.datasets.reuters.load_data(num_words=10_000)

    Source: D. Lewis, "Reuters-21578 text categorization test collection" (1997).
    """
    check_test_split(test_split)
    file = cached_file(path, url=f"{_BASE}reuters.npz", file_hash=_SHA256)
    x, labels = load_arrays(file, _ARRAYS)
    x, labels = shuffled(x, labels, np.random.RandomState(seed))
    texts = with_start(x, start_char, index_from)
    if maxlen:
        texts, labels = shorter_than(maxlen, texts, labels)
    texts = limited(texts, num_words, skip_top, oov_char)
    count = int(len(texts) * (1 - test_split))
    train, test = as_rows(texts[:count]), as_rows(texts[count:])
    return (train, labels[:count]), (test, labels[count:])


def get_word_index(path: str = "reuters_word_index.json") -> dict[str, int]:
    """Return the rank of each word, fetched once (0.6 MB).

    The numbers in `load_data`'s newswires are these moved up by `index_from`.

    Args:
        path: name of the file in the cache (see `mnist.load_data`), or an absolute path.

    Raises:
        FileNotFoundError: the file is nowhere and could not be fetched.
    """
    url = f"{_BASE}reuters_word_index.json"
    return read_word_index(cached_file(path, url=url, file_hash=_WORDS_MD5))


def get_label_names() -> tuple[str, ...]:
    """Return the names of the topics in the order of their numbers.

    >>> import nyala
    >>> nyala.datasets.reuters.get_label_names()[3]
    'earn'
    """
    return _TOPICS
