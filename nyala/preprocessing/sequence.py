"""Keras 2's `keras.preprocessing.sequence`: padding, word pairs, windows over time."""

from __future__ import annotations

import math
import random
from typing import Any

import numpy as np

from nyala.utils import pad_sequences

__all__ = ["TimeseriesGenerator", "make_sampling_table", "pad_sequences", "skipgrams"]


def make_sampling_table(size: int, sampling_factor: float = 1e-5) -> np.ndarray:
    """Return the probability with which the word of each rank is kept.

    Ranks are taken to follow Zipf's law, with the frequency of rank `r` about
    `1 / (r (log r + 0.577) + 1/2 - 1/(12 r))`; a word of frequency `f` is kept with probability
    `min(1, sqrt(factor / f))`, at least as in word2vec (Mikolov et al. 2013, "Distributed
    representations of words and phrases").

    Args:
        size: the number of ranks.
        sampling_factor: the frequency from which words are dropped.

    Returns:
        Array of shape `(size,)`.

    >>> import nyala
    >>> nyala.preprocessing.sequence.make_sampling_table(3).shape
    (3,)
    """
    rank = np.arange(size)
    rank[0] = 1
    inverse_frequency = rank * (np.log(rank) + 0.577) + 0.5 - 1.0 / (12.0 * rank)
    scaled = sampling_factor * inverse_frequency
    return np.minimum(1.0, scaled / np.sqrt(scaled))


def skipgrams(
    sequence: Any,
    vocabulary_size: int,
    window_size: int = 4,
    negative_samples: float = 1.0,
    shuffle: bool = True,
    categorical: bool = False,
    sampling_table: Any = None,
    seed: int | None = None,
) -> tuple[list, list]:
    """Return pairs of words, near each other (label 1) or drawn at random (label 0).

    Args:
        sequence: word numbers; 0 stands for no word.
        vocabulary_size: one more than the greatest word number.
        window_size: how far apart near words are at most.
        negative_samples: how many random pairs there are for each near one.
        shuffle: whether the pairs are in random order.
        categorical: whether a label is `[0, 1]` or `[1, 0]` instead of 1 or 0.
        sampling_table: the probability with which each word is kept as a pair's first (see
            `make_sampling_table`).
        seed: begins the random numbers.

    Returns:
        A list of pairs and a list of labels.
    """
    source = random.Random(seed)
    couples = _near_pairs(sequence, window_size, sampling_table, source)
    near, other = ([0, 1], [1, 0]) if categorical else (1, 0)
    labels: list = [near] * len(couples)
    if negative_samples > 0:
        words = [couple[0] for couple in couples]
        source.shuffle(words)
        count = int(len(labels) * negative_samples)
        drawn = [
            [words[i % len(words)], source.randint(1, vocabulary_size - 1)] for i in range(count)
        ]
        couples, labels = couples + drawn, labels + [other] * count
    if shuffle:
        order = list(range(len(couples)))
        source.shuffle(order)
        couples, labels = [couples[i] for i in order], [labels[i] for i in order]
    return couples, labels


def _near_pairs(sequence: Any, window: int, table: Any, source: random.Random) -> list:
    couples = []
    for i, word in enumerate(sequence):
        if not word or (table is not None and table[word] < source.random()):
            continue
        for j in range(max(0, i - window), min(len(sequence), i + window + 1)):
            if j != i and sequence[j]:
                couples.append([word, sequence[j]])
    return couples


class TimeseriesGenerator:
    """Batches of windows over a series, each with the target at its end.

    Args:
        data: array of shape `(steps, ...)`.
        targets: array of the same length.
        length: how many steps a window reaches over.
        sampling_rate: the distance of the steps inside a window.
        stride: the distance of windows.
        start_index: the first step used.
        end_index: the last step used; that of the data by default.
        shuffle: whether windows are drawn at random instead of in order.
        reverse: whether the steps of a window are in reversed order.
        batch_size: windows in a batch.

    >>> import nyala, numpy as np
    >>> series = np.arange(10)
    >>> from nyala.preprocessing.sequence import TimeseriesGenerator
    >>> generator = TimeseriesGenerator(series, series, length=3, batch_size=2)
    >>> generator[0]
    (array([[0, 1, 2],
           [1, 2, 3]]), array([3, 4]))
    """

    def __init__(self, data: Any, targets: Any, length: int, sampling_rate: int = 1,
                 stride: int = 1, start_index: int = 0, end_index: int | None = None,
                 shuffle: bool = False, reverse: bool = False, batch_size: int = 128):  # fmt: skip
        if len(data) != len(targets):
            raise ValueError(
                "TimeseriesGenerator: data and targets need one length; got "
                f"{len(data)} and {len(targets)}."
            )
        self.data, self.targets = data, targets
        self.length, self.sampling_rate, self.stride = length, sampling_rate, stride
        self.start_index = start_index + length
        self.end_index = len(data) - 1 if end_index is None else end_index
        self.shuffle, self.reverse, self.batch_size = shuffle, reverse, batch_size
        if self.start_index > self.end_index:
            raise ValueError(
                f"TimeseriesGenerator: a window of {length} steps from {start_index} on does not "
                f"fit before step {self.end_index}."
            )

    def __len__(self) -> int:
        windows = self.end_index - self.start_index + self.stride
        return math.ceil(windows // self.stride / self.batch_size)

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        if not -len(self) <= index < len(self):
            raise IndexError(f"TimeseriesGenerator: batch {index} of {len(self)}.")
        if self.shuffle:
            ends = np.random.randint(self.start_index, self.end_index + 1, size=self.batch_size)
        else:
            first = self.start_index + self.batch_size * self.stride * (index % len(self))
            last = min(first + self.batch_size * self.stride, self.end_index + 1)
            ends = np.arange(first, last, self.stride)
        step = self.sampling_rate
        samples = np.array([self.data[end - self.length : end : step] for end in ends])
        targets = np.array([self.targets[end] for end in ends])
        return (samples[:, ::-1, ...] if self.reverse else samples), targets

    def get_config(self) -> dict[str, Any]:
        """Return the arguments, arrays as lists."""
        return {
            "data": np.asarray(self.data).tolist(),
            "targets": np.asarray(self.targets).tolist(),
            "length": self.length,
            "sampling_rate": self.sampling_rate,
            "stride": self.stride,
            "start_index": self.start_index - self.length,
            "end_index": self.end_index,
            "shuffle": self.shuffle,
            "reverse": self.reverse,
            "batch_size": self.batch_size,
        }
