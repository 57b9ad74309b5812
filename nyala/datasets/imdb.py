"""IMDB: 50,000 film reviews, half of them good, as numbers of words."""

from __future__ import annotations

from typing import Any

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

__all__ = ["get_word_index", "load_data"]

_BASE = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"
_SHA256 = "69664113be75683a8fe16e3ed0ab59fda8886cb3cd7ada244f7d9544e4676b9f"
_WORDS_MD5 = "bfafd718b763782e994055a2d397834f"
_ARRAYS = {
    "x_train": ((None,), "lists"),
    "y_train": ((None,), "integers"),
    "x_test": ((None,), "lists"),
    "y_test": ((None,), "integers"),
}


def load_data(
    path: str = "imdb.npz", num_words: int | None = None, skip_top: int = 0,
    maxlen: int | None = None, seed: int = 113, start_char: int | None = 1,
    oov_char: int | None = 2, index_from: int = 3, **kwargs: Any,
) -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:  # fmt: skip
    """Return film reviews, fetched once (17 MB) and then read from the disk.

    A word's number is its rank among the most frequent ones, moved up by `index_from`; 0 is left
    for filling up. The order is Keras' for each seed.

    Args:
        path: name of the file in the cache (see `mnist.load_data`), or an absolute path.
        num_words: words with this number or a larger one are too rare; none is if `None`.
        skip_top: words with a smaller number are too frequent.
        maxlen: only reviews of fewer numbers than this are kept; all if `None`.
        seed: of the order of the reviews.
        start_char: stands before each review; nothing does if `None`.
        oov_char: stands for words that are too rare or too frequent; they are left out if `None`.
        index_from: by how much numbers are moved up.
        **kwargs: `nb_words`, Keras 1's name of `num_words`.

    Returns:
        `(x_train, y_train), (x_test, y_test)`: arrays of lists of integers, and 1 for good reviews,
        0 for bad ones; 25,000 of each.

    Raises:
        FileNotFoundError: the file is nowhere and could not be fetched.
        ValueError: a file placed by hand does not hold these arrays; `maxlen` leaves no review.

    Example, not run here because it needs the file::

        (x_train, y_train), (x_test, y_test) = nyala.datasets.imdb.load_data(num_words=10_000)
        x_train = nyala.utils.pad_sequences(x_train, maxlen=200)

    Source: A. Maas, R. Daly, P. Pham, D. Huang, A. Ng and C. Potts, "Learning Word Vectors for
    Sentiment Analysis", ACL (2011).
    """
    num_words = kwargs.pop("nb_words", num_words)
    if kwargs:
        raise TypeError(f"imdb.load_data got unexpected arguments: {', '.join(kwargs)}.")
    file = cached_file(path, url=f"{_BASE}imdb.npz", file_hash=_SHA256)
    x_train, y_train, x_test, y_test = load_arrays(file, _ARRAYS)
    random = np.random.RandomState(seed)
    x_train, y_train = shuffled(x_train, y_train, random)
    x_test, y_test = shuffled(x_test, y_test, random)
    train = with_start(x_train, start_char, index_from)
    test = with_start(x_test, start_char, index_from)
    if maxlen:
        train, y_train = shorter_than(maxlen, train, y_train)
        test, y_test = shorter_than(maxlen, test, y_test)
    texts = limited(train + test, num_words, skip_top, oov_char)
    return (as_rows(texts[: len(train)]), y_train), (as_rows(texts[len(train) :]), y_test)


def get_word_index(path: str = "imdb_word_index.json") -> dict[str, int]:
    """Return the rank of each word, fetched once (1.6 MB).

    The numbers in `load_data`'s reviews are these moved up by `index_from`.

    Args:
        path: name of the file in the cache (see `mnist.load_data`), or an absolute path.

    Raises:
        FileNotFoundError: the file is nowhere and could not be fetched.

    Example, not run here because it needs the files::

        words = {rank + 3: word for word, rank in nyala.datasets.imdb.get_word_index().items()}
        print(" ".join(words.get(number, "?") for number in x_train[0]))
    """
    url = f"{_BASE}imdb_word_index.json"
    return read_word_index(cached_file(path, url=url, file_hash=_WORDS_MD5))
