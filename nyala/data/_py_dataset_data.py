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

    @property
    def num_batches(self) -> int | None:
        """Batches in an epoch, or `None` for no end."""
        return self.source.num_batches

    @property
    def endless(self) -> bool:
        """Whether the dataset has no end."""
        return self.num_batches is None

    def _iterate(self) -> Iterator:
        self.source.on_epoch_begin()
        count = self.num_batches
        if count is None:
            indices: Iterator[int] = itertools.count()
        elif self._random is None:
            indices = iter(range(count))
        else:
            indices = iter(self._random.permutation(count).tolist())
        if self._workers is None:
            return (self.source[index] for index in indices)
        return self._workers.batches(indices)

    def close(self) -> None:
        """End the threads and processes."""
        super().close()
        if self._workers is not None:
            self._workers.close()


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
