"""`DatasetIterator`: what `iter(dataset)` returns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from nyala.core import tree
from nyala.data._elements import to_tensors
from nyala.data._reader import Reader
from nyala.data._stage import Pass
from nyala.eager import as_bytes, is_host_array

if TYPE_CHECKING:
    from nyala.data._dataset import Dataset


class DatasetIterator:
    """A way through a dataset, whose place can be saved.

    Args:
        dataset: what is iterated over.
        run: how often the dataset was iterated over before.

    >>> import nyala
    >>> dataset = nyala.data.Dataset.range(100).shuffle(10, seed=1)
    >>> iterator = iter(dataset)
    >>> _ = next(iterator), next(iterator)
    >>> state = iterator.get_state()
    >>> rest = [int(x) for x in iterator]
    >>> restored = iter(dataset)
    >>> restored.set_state(state)
    >>> [int(x) for x in restored] == rest
    True
    """

    def __init__(self, dataset: Dataset, run: int):
        self._dataset = dataset
        self._reader = Reader(dataset._stage, (run,))

    @property
    def where(self) -> Pass:
        """The pass."""
        return Pass(self._reader.numbers)

    @property
    def element_spec(self) -> Any:
        """The spec of the elements."""
        return self._dataset.element_spec

    def __iter__(self) -> DatasetIterator:
        return self

    def __next__(self) -> Any:
        return to_tensors(next(self._reader))

    def get_next(self) -> Any:
        """Return the next element, as `next` does."""
        return next(self)

    def next_on_host(self) -> Any:
        """Return the next element as NumPy arrays, not yet tensors."""
        return next(self._reader)

    def get_state(self) -> dict:
        """Return where the iterator stands: data that `json.dumps` takes.

        It leads to exactly the elements that were left, in this process or another, for an iterator
        over a dataset that the same code built.
        """
        return self._reader.get_state()

    def set_state(self, state: dict) -> None:
        """Go to where `get_state` was called.

        Raises:
            ValueError: the state was saved by another pipeline.
        """
        self._reader.set_state(state)
        self._dataset._note_run(self._reader.numbers[0])

    def skip(self, count: int) -> None:
        """Pass over up to `count` elements; functions are not called for them where that can be."""
        self._reader.skip(count)

    def close(self) -> None:
        """End the threads that work for this iterator. Dropping it does so as well."""
        self._reader.close()


class BatchesOnHost(DatasetIterator):
    """An iterator over elements as they are inside the pipeline: NumPy arrays."""

    def __next__(self) -> Any:
        return self.next_on_host()


class NumpyIterator(DatasetIterator):
    """What `as_numpy_iterator` returns: NumPy arrays and scalars in place of tensors."""

    def __next__(self) -> Any:
        return tree.map_structure(_plain, self.next_on_host())


def _plain(leaf: Any) -> Any:
    """Return arrays without axes as NumPy's scalars, strings as bytes."""
    if isinstance(leaf, np.ndarray):
        if is_host_array(leaf):
            return as_bytes(leaf)[()]
        if leaf.ndim == 0:
            return leaf[()]
        # The user may change it: not so what the pipeline keeps.
        return leaf if leaf.flags.owndata and leaf.flags.writeable else leaf.copy()
    return leaf if leaf is None else NumpyIterable(leaf)


class NumpyIterable:
    """A dataset inside an element, read as NumPy arrays."""

    def __init__(self, dataset: Any):
        self._dataset = dataset

    def __iter__(self) -> Any:
        return self._dataset.as_numpy_iterator()
