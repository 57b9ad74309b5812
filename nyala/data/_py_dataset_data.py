"""`PyDataset`s as training data."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np

from nyala.data._py_dataset import PyDataset
from nyala.data._streams import StreamData
from nyala.data._worker_pool import Workers


class PyDatasetData(StreamData):
    """The batches of a `PyDataset`, made by its workers.

    Args:
        source: the dataset.
        class_weight: a dict from class to weight.
        shuffle: whether the batches of an epoch come in random order.
        seed: of the order.
    """

    def __init__(self, source: PyDataset, class_weight: dict | None = None, shuffle: bool = False,
                 seed: int = 0):  # fmt: skip
        super().__init__(source, class_weight)
        self._random = np.random.default_rng(seed) if shuffle else None
        parallel = source.workers > 1 or (source.workers > 0 and source.use_multiprocessing)
        self._workers = Workers(source) if parallel else None
        self._order: dict | None = None  # the random state that the order of this pass came from
        self._first = 0  # batches of the next pass that are left out
        self._own: dict[int, Any] = {}  # the source's own states by batches read
        self._epochs = [0, 0]  # begun and ended, as the source was told

    @property
    def num_batches(self) -> int | None:
        """Batches in an epoch, or `None` for no end."""
        return self.source.num_batches

    @property
    def endless(self) -> bool:
        """Whether the dataset has no end."""
        return self.num_batches is None

    def state_at(self, batches: int) -> dict:
        """Return the place in this pass from which all but the first `batches` batches come next.

        Batches are made by number: those before are not made again when it is restored. A source
        that changes between epochs may have `get_state` and `set_state`; one that has not is told
        of the epochs before anew, so that it repeats what it did then.
        """
        own = None
        if _keeps_state(self.source):
            own = self._own[batches] if batches in self._own else self.source.get_state()
        return {"batches": batches, "order": self._order, "epochs": list(self._epochs), "own": own}

    def restore(self, state: dict) -> None:
        """Go to a place that `state_at` returned, in this process or another."""
        self._pushed_back.clear()
        StreamData.close(self)
        if self._random is not None and state["order"] is not None:
            self._random.bit_generator.state = state["order"]
        if _keeps_state(self.source):
            self.source.set_state(state["own"])
            self._epochs = list(state["epochs"])
        while self._epochs != state["epochs"]:
            self._tell_next()
        self._first = state["batches"]
        self._iterator, self._at_start = self._made(), not state["batches"]

    def _tell_next(self) -> None:
        """Tell the source of the end of an epoch that began, or of a beginning."""
        begun, ended = self._epochs
        if ended < begun:
            self._epochs[1] += 1
            self.source.on_epoch_end()
        else:
            self._epochs[0] += 1
            self.source.on_epoch_begin()

    def end_epoch(self) -> None:
        """Tell the source that an epoch has ended."""
        self._epochs[1] += 1
        self._own.clear()
        self.source.on_epoch_end()

    def forget_before(self, batches: int) -> None:
        """Drop what only leads to earlier places of this pass than this one."""
        for number in list(self._own):  # a copy: the reading thread adds to it
            if number < batches:
                del self._own[number]

    def _iterate(self) -> Iterator:
        self._epochs[0] += 1
        self.source.on_epoch_begin()
        return self._made()

    def _made(self) -> Iterator:
        count, (first, self._first) = self.num_batches, (self._first, 0)
        if count is None:
            indices: Iterator[int] = itertools.count(first)
        elif self._random is None:
            indices = iter(range(first, count))
        else:
            self._order = self._random.bit_generator.state
            indices = iter(self._random.permutation(count)[first:].tolist())
        if self._workers is None:
            batches = (self.source[index] for index in indices)
            return self._noted(batches, first) if _keeps_state(self.source) else batches
        return self._workers.batches(indices)

    def _noted(self, batches: Iterator, number: int) -> Iterator:
        """Yield batches, and note the source's own state behind each: they are read ahead."""
        self._own = {number: self.source.get_state()}
        for batch in batches:
            number += 1
            self._own[number] = self.source.get_state()
            yield batch

    def close(self) -> None:
        """End the threads and processes."""
        super().close()
        if self._workers is not None:
            self._workers.close()


def _keeps_state(source: PyDataset) -> bool:
    return hasattr(source, "get_state") and hasattr(source, "set_state")


def with_workers(x: Any, workers: int | None = None, use_multiprocessing: bool | None = None,
                 max_queue_size: int | None = None) -> None:  # fmt: skip
    """Set the workers of a `PyDataset`, as Keras 2's `fit(workers=…)` did; other data stays."""
    if isinstance(x, PyDataset):
        given = {
            "workers": workers,
            "use_multiprocessing": use_multiprocessing,
            "max_queue_size": max_queue_size,
        }
        for name, value in given.items():
            if value is not None:
                setattr(x, name, value)
