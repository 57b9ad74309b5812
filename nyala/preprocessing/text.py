"""Keras 2's `keras.preprocessing.text`: words and their numbers.

New code uses `nyala.layers.TextVectorization`, which is saved with the model.
"""

from __future__ import annotations

import collections
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

__all__ = ["Tokenizer", "hashing_trick", "one_hot", "text_to_word_sequence", "tokenizer_from_json"]

_FILTERS = '!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n'
_MODES = ("binary", "count", "freq", "tfidf")


def text_to_word_sequence(
    input_text: str, filters: str = _FILTERS, lower: bool = True, split: str = " "
) -> list[str]:
    """Return the words of a text.

    Args:
        input_text: the text.
        filters: characters that separate words.
        lower: whether words are put in lower case.
        split: what else separates words.

    >>> import nyala
    >>> nyala.preprocessing.text.text_to_word_sequence("Hello, world!")
    ['hello', 'world']
    """
    text = input_text.lower() if lower else input_text
    words = text.translate(str.maketrans(dict.fromkeys(filters, split))).split(split)
    return [word for word in words if word]


def one_hot(input_text: str, n: int, filters: str = _FILTERS, lower: bool = True,
            split: str = " ") -> list[int]:  # fmt: skip
    """Return a number from 1 to `n - 1` for each word, by `hash`: another in the next process."""
    return hashing_trick(input_text, n, hash, filters, lower, split)


def hashing_trick(text: str, n: int, hash_function: Any = None, filters: str = _FILTERS,
                  lower: bool = True, split: str = " ") -> list[int]:  # fmt: skip
    """Return a number from 1 to `n - 1` for each word of a text.

    Args:
        text: the text.
        n: one more than the greatest number.
        hash_function: a function from a word to an integer, `"md5"` (the same at all times), or
            `None` for Python's `hash`.
        filters, lower, split: see `text_to_word_sequence`.

    >>> import nyala
    >>> nyala.preprocessing.text.hashing_trick("a b a", 10, "md5")
    [2, 5, 2]
    """
    number: Callable[[str], int] = {None: hash, "md5": _md5}.get(hash_function, hash_function)
    words = text_to_word_sequence(text, filters, lower, split)
    return [number(word) % (n - 1) + 1 for word in words]


def _md5(word: str) -> int:
    return int(hashlib.md5(word.encode(), usedforsecurity=False).hexdigest(), 16)


class Tokenizer:
    """Numbers for words, the most frequent first; 0 is left for padding.

    Args:
        num_words: numbers from this one on are left out of sequences and matrices.
        filters: characters that separate words.
        lower: whether words are put in lower case.
        split: what else separates words.
        char_level: whether each character is a word.
        oov_token: stands for words that were not seen; left out where `None`.
        analyzer: a function from a text to its words, instead of the rules above.

    >>> import nyala
    >>> tokenizer = nyala.preprocessing.text.Tokenizer()
    >>> tokenizer.fit_on_texts(["the cat", "the dog"])
    >>> tokenizer.texts_to_sequences(["the dog"])
    [[1, 3]]
    """

    def __init__(self, num_words: int | None = None, filters: str = _FILTERS, lower: bool = True,
                 split: str = " ", char_level: bool = False, oov_token: str | None = None,
                 analyzer: Callable | None = None, **kwargs: Any):  # fmt: skip
        self.document_count = kwargs.pop("document_count", 0)
        if kwargs:
            raise TypeError(f"Tokenizer: unknown arguments {sorted(kwargs)}.")
        self.num_words, self.filters, self.lower, self.split = num_words, filters, lower, split
        self.char_level, self.oov_token, self.analyzer = char_level, oov_token, analyzer
        self.word_counts: collections.OrderedDict[str, int] = collections.OrderedDict()
        self.word_docs: dict[str, int] = collections.defaultdict(int)
        self.index_docs: dict[int, int] = collections.defaultdict(int)
        self.word_index: dict[str, int] = {}
        self.index_word: dict[int, str] = {}

    def _words(self, text: Any) -> list[str]:
        if self.analyzer is not None:
            return self.analyzer(text)
        if self.char_level or isinstance(text, list):
            if not self.lower:
                return list(text)
            return [x.lower() for x in text]
        return text_to_word_sequence(text, self.filters, self.lower, self.split)

    def fit_on_texts(self, texts: Iterable) -> None:
        """Learn the words of texts (or of lists of words)."""
        for text in texts:
            self.document_count += 1
            words = self._words(text)
            for word in words:
                self.word_counts[word] = self.word_counts.get(word, 0) + 1
            for word in set(words):
                self.word_docs[word] += 1
        ranked = sorted(self.word_counts, key=self.word_counts.__getitem__, reverse=True)
        known = ranked if self.oov_token is None else [self.oov_token, *ranked]
        self.word_index = {word: number for number, word in enumerate(known, 1)}
        self.index_word = {number: word for word, number in self.word_index.items()}
        for word, count in self.word_docs.items():
            self.index_docs[self.word_index[word]] = count

    def fit_on_sequences(self, sequences: Iterable) -> None:
        """Count in how many sequences each number occurs, for `sequences_to_matrix`."""
        for sequence in sequences:
            self.document_count += 1
            for number in set(sequence):
                self.index_docs[number] += 1

    def texts_to_sequences(self, texts: Iterable) -> list[list[int]]:
        """Return the numbers of the words of each text."""
        return list(self.texts_to_sequences_generator(texts))

    def texts_to_sequences_generator(self, texts: Iterable) -> Iterator[list[int]]:
        """Yield the numbers of the words of each text."""
        unknown = self.word_index.get(self.oov_token) if self.oov_token is not None else None
        for text in texts:
            numbers = (
                self._known(self.word_index.get(word), unknown) for word in self._words(text)
            )
            yield [number for number in numbers if number is not None]

    def _known(self, number: int | None, unknown: int | None) -> int | None:
        if number is None or (self.num_words and number >= self.num_words):
            return unknown
        return number

    def sequences_to_texts(self, sequences: Iterable) -> list[str]:
        """Return the words of each sequence, joined by blanks."""
        return list(self.sequences_to_texts_generator(sequences))

    def sequences_to_texts_generator(self, sequences: Iterable) -> Iterator[str]:
        """Yield the words of each sequence, joined by blanks."""
        for sequence in sequences:
            words = (self._word(number) for number in sequence)
            yield " ".join(word for word in words if word is not None)

    def _word(self, number: int) -> str | None:
        too_rare = self.num_words and number >= self.num_words
        return self.oov_token if too_rare else self.index_word.get(number, self.oov_token)

    def texts_to_matrix(self, texts: Iterable, mode: str = "binary") -> np.ndarray:
        """Return a row for each text (see `sequences_to_matrix`)."""
        return self.sequences_to_matrix(self.texts_to_sequences(texts), mode)

    def sequences_to_matrix(self, sequences: list, mode: str = "binary") -> np.ndarray:
        """Return a row for each sequence, with a column for each number.

        Args:
            sequences: lists of numbers.
            mode: `"binary"` (whether it occurs), `"count"`, `"freq"` (the count, divided by the
                sequence's length) or `"tfidf"`: `(1 + log count) log(1 + documents / (1 + documents
                with it))`.
        """
        if mode not in _MODES:
            raise ValueError(f"Tokenizer: mode expects one of {', '.join(_MODES)}; got {mode!r}.")
        if not self.num_words and not self.word_index:
            raise ValueError("Tokenizer: give num_words=..., or call fit_on_texts first.")
        if mode == "tfidf" and not self.document_count:
            raise ValueError("Tokenizer: tfidf needs counts; call fit_on_texts first.")
        width = self.num_words or len(self.word_index) + 1
        rows = np.zeros((len(sequences), width))
        for row, sequence in zip(rows, sequences, strict=True):
            counts = collections.Counter(number for number in sequence if number < width)
            for number, count in counts.items():
                row[number] = self._weight(mode, number, count, len(sequence))
        return rows

    def _weight(self, mode: str, number: int, count: int, length: int) -> float:
        if mode == "count":
            return count
        if mode == "freq":
            return count / length
        if mode == "binary":
            return 1
        rarity = np.log(1 + self.document_count / (1 + self.index_docs.get(number, 0)))
        return (1 + np.log(count)) * rarity

    def get_config(self) -> dict[str, Any]:
        """Return the settings and what was learned, as text."""
        return {
            "num_words": self.num_words,
            "filters": self.filters,
            "lower": self.lower,
            "split": self.split,
            "char_level": self.char_level,
            "oov_token": self.oov_token,
            "document_count": self.document_count,
            "word_counts": json.dumps(self.word_counts),
            "word_docs": json.dumps(self.word_docs),
            "index_docs": json.dumps(self.index_docs),
            "index_word": json.dumps(self.index_word),
            "word_index": json.dumps(self.word_index),
        }

    def to_json(self, **kwargs: Any) -> str:
        """Return the tokenizer as JSON; `kwargs` go to `json.dumps`."""
        return json.dumps(
            {"class_name": type(self).__name__, "config": self.get_config()}, **kwargs
        )


def tokenizer_from_json(json_string: str) -> Tokenizer:
    """Return the tokenizer that `Tokenizer.to_json` wrote."""
    config = json.loads(json_string)["config"]
    learned = {
        name: json.loads(config.pop(name))
        for name in ("word_counts", "word_docs", "index_docs", "index_word", "word_index")
    }
    tokenizer = Tokenizer(**config)
    tokenizer.word_counts = collections.OrderedDict(learned["word_counts"])
    tokenizer.word_docs = collections.defaultdict(int, learned["word_docs"])
    by_number = {int(k): v for k, v in learned["index_docs"].items()}
    tokenizer.index_docs = collections.defaultdict(int, by_number)
    tokenizer.word_index = learned["word_index"]
    tokenizer.index_word = {int(k): v for k, v in learned["index_word"].items()}
    return tokenizer
