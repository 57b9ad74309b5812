"""`PyDataset`: batches by number, written in plain Python.

Worker processes load this file alone: it must import neither jax nor anything that does.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any


class PyDataset:
    """A base class for data that Python code makes batch by batch, in parallel where wanted.

    A subclass defines `__getitem__(index)`, which returns a whole batch (`x`, `(x, y)` or
    `(x, y, sample_weight)`, arrays or structures of them), and `__len__()` (or the property
    `num_batches`; `None` for no end). Where batches shall change between epochs, it defines
    `on_epoch_end()` or `on_epoch_begin()`. `fit`, `evaluate` and `predict` make each batch once an
    epoch.

    Args:
        workers: threads or processes that make batches; 1 makes them in the thread in which
            `fit` reads ahead, or in one process.
        use_multiprocessing: processes in place of threads. They are new ones, never forks: the
            class must be in a file that can be imported, the object must pickle, and a script must
            train under `if __name__ == "__main__":`.
        max_queue_size: batches that are kept ready.

    Subclasses need not call `super().__init__()`. One that changes in other ways than by the two
    hooks can define `get_state()`, which returns what JSON can hold, and `set_state(state)`:
    training that goes on from a checkpoint calls them.

    >>> import nyala, numpy as np
    >>> class Squares(nyala.utils.PyDataset):
    ...     def __len__(self):
    ...         return 3
    ...     def __getitem__(self, index):
    ...         x = np.full((4, 1), index, "float32")
    ...         return x, x**2
    >>> model = nyala.Sequential([nyala.Input((1,)), nyala.layers.Dense(1)])
    >>> model.compile("sgd", "mse")
    >>> history = model.fit(Squares(workers=2), verbose=0)
    """

    # A subclass whose constructor does not call ours has these.
    workers: int = 1
    use_multiprocessing: bool = False
    max_queue_size: int = 10

    def __init__(self, workers: int = 1, use_multiprocessing: bool = False,
                 max_queue_size: int = 10):  # fmt: skip
        self.workers = workers
        self.use_multiprocessing = use_multiprocessing
        self.max_queue_size = max_queue_size

    def __getitem__(self, index: int) -> Any:
        raise TypeError(f"{type(self).__name__} must define __getitem__(self, index): a batch.")

    @property
    def num_batches(self) -> int | None:
        """The number of batches, `None` for no end."""
        if hasattr(type(self), "__len__"):
            return len(self)
        raise TypeError(
            f"{type(self).__name__} must define __len__(self) or the property num_batches: the "
            "number of batches, None for no end."
        )

    def __iter__(self) -> Iterator[Any]:
        count = self.num_batches
        return (self[i] for i in (itertools.count() if count is None else range(count)))

    def on_epoch_begin(self) -> None:
        """Do something before an epoch; by default nothing."""

    def on_epoch_end(self) -> None:
        """Do something after an epoch; by default nothing."""
