"""Functions that are methods of `Dataset` by now."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nyala.data._dataset import Dataset
from nyala.data._stage import INFINITE, UNKNOWN
from nyala.data.transforms import AssertLength

AUTOTUNE = -1
INFINITE_CARDINALITY, UNKNOWN_CARDINALITY = INFINITE, UNKNOWN

choose_from_datasets = Dataset.choose_from_datasets
sample_from_datasets = Dataset.sample_from_datasets


def cardinality(dataset: Dataset) -> Any:
    """Return `dataset.cardinality()`.

    >>> import nyala
    >>> int(nyala.data.experimental.cardinality(nyala.data.Dataset.range(3)))
    3
    """
    return dataset.cardinality()


def assert_cardinality(expected_cardinality: int) -> Callable:
    """Return a function for `Dataset.apply` that states the number of elements.

    Reading fewer or more is an error.

    >>> import nyala
    >>> odd = nyala.data.Dataset.range(6).filter(lambda x: x % 2 == 1)
    >>> len(odd.apply(nyala.data.experimental.assert_cardinality(3)))
    3
    """
    return lambda dataset: dataset._then(AssertLength(dataset._stage, expected_cardinality))


def get_single_element(dataset: Dataset) -> Any:
    """Return `dataset.get_single_element()`.

    >>> import nyala
    >>> int(nyala.data.experimental.get_single_element(nyala.data.Dataset.range(7, 8)))
    7
    """
    return dataset.get_single_element()


def unbatch() -> Callable:
    """Return a function for `Dataset.apply` that calls `unbatch`.

    >>> import nyala
    >>> len(nyala.data.Dataset.range(4).batch(2, True).apply(nyala.data.experimental.unbatch()))
    4
    """
    return lambda dataset: dataset.unbatch()


def enumerate_dataset(start: int = 0) -> Callable:
    """Return a function for `Dataset.apply` that calls `enumerate`.

    >>> import nyala
    >>> pairs = nyala.data.Dataset.range(1).apply(nyala.data.experimental.enumerate_dataset(5))
    >>> [int(number) for number, _ in pairs]
    [5]
    """
    return lambda dataset: dataset.enumerate(start)


def shuffle_and_repeat(
    buffer_size: int, count: int | None = None, seed: int | None = None
) -> Callable:
    """Return a function for `Dataset.apply` that calls `shuffle` and `repeat`.

    >>> import nyala
    >>> twice = nyala.data.experimental.shuffle_and_repeat(3, 2)
    >>> len(nyala.data.Dataset.range(3).apply(twice))
    6
    """
    return lambda dataset: dataset.shuffle(buffer_size, seed).repeat(count)


def take_while(predicate: Callable) -> Callable:
    """Return a function for `Dataset.apply` that calls `take_while`.

    >>> import nyala
    >>> small = nyala.data.experimental.take_while(lambda x: x < 2)
    >>> [int(x) for x in nyala.data.Dataset.range(9).apply(small)]
    [0, 1]
    """
    return lambda dataset: dataset.take_while(predicate)


def scan(initial_state: Any, scan_func: Callable) -> Callable:
    """Return a function for `Dataset.apply` that calls `scan`.

    >>> import nyala
    >>> sums = nyala.data.experimental.scan(0, lambda total, x: (total + x, total + x))
    >>> [int(x) for x in nyala.data.Dataset.range(3).apply(sums)]
    [0, 1, 3]
    """
    return lambda dataset: dataset.scan(initial_state, scan_func)


def bucket_by_sequence_length(*args: Any, **kwargs: Any) -> Callable:
    """Return a function for `Dataset.apply` that calls `bucket_by_sequence_length`.

    >>> import nyala
    >>> ragged = nyala.data.Dataset.from_generator(lambda: ([n] * n for n in (1, 4)))
    >>> buckets = nyala.data.experimental.bucket_by_sequence_length(len, [3], [1, 1])
    >>> [tuple(batch.shape) for batch in ragged.apply(buckets)]
    [(1, 1), (1, 4)]
    """
    return lambda dataset: dataset.bucket_by_sequence_length(*args, **kwargs)
