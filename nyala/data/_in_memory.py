"""Data that lies in arrays: batches are rows picked by index."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np

from nyala.core import tree
from nyala.data._convert import as_arrays
from nyala.data._structures import combined_weights, weights_of_classes


class InMemoryData:
    """Arrays of equal length, and how they are cut into batches.

    Args:
        x, y, sample_weight: structures of arrays with one row for each sample.
        batch_size: rows of a batch; 32 by default.
        shuffle: whether each epoch has an order of its own; `"batch"` keeps batches together.
        class_weight: a dict from class to weight, for a single integer or one-hot target.
        seed: of the orders.

    Raises:
        ValueError: no rows, different lengths, or a batch size below 1.
    """

    def __init__(self, x: Any, y: Any = None, sample_weight: Any = None,
                 batch_size: int | None = None, shuffle: bool | str = False,
                 class_weight: dict | None = None, seed: int = 0):  # fmt: skip
        self.x, self.y = as_arrays(x, "x"), as_arrays(y, "y")
        weights = None if class_weight is None else weights_of_classes(self.y, class_weight)
        self.sample_weight = combined_weights(weights, as_arrays(sample_weight, "sample_weight"))
        self.batch_size = check_batch_size(batch_size)
        self.size = _common_length(self.x, self.y, self.sample_weight)
        self.shuffle = shuffle
        self._random = np.random.default_rng(seed)
        self._began_with: Any = None  # what the present pass began with
        self._gone_back_to: tuple[Iterator[tuple], int] | None = None

    @property
    def arrays(self) -> tuple:
        """The triple `(x, y, sample_weight)`."""
        return (self.x, self.y, self.sample_weight)

    @property
    def num_batches(self) -> int:
        """Batches in an epoch, a last smaller one included."""
        return -(-self.size // self.batch_size)

    @property
    def endless(self) -> bool:
        """Arrays end."""
        return False

    def next_order(self) -> np.ndarray | None:
        """Return the order of the rows in the next epoch, or `None` for the order they lie in."""
        if not self.shuffle:
            return None
        if self.shuffle == "batch":
            full = self.size // self.batch_size
            blocks = self._random.permutation(full)[:, None] * self.batch_size
            rows = (blocks + np.arange(self.batch_size)).ravel()
            return np.concatenate([rows, np.arange(full * self.batch_size, self.size)]).astype(
                "int32"
            )
        return self._random.permutation(self.size).astype("int32")

    def rounds(self) -> Iterator[tuple[np.ndarray | None, int]]:
        """Yield what a pass consists of: orders of rows (`None`: as they lie), and how many rows.

        Each is cut into batches by itself.
        """
        self._began_with = self._present()
        yield self.next_order(), self.size

    # -- places ----------------------------------------------------------------------------------

    def state_at(self, batches: int) -> dict:
        """Return the place in this pass behind its first `batches` batches."""
        began_with = self._began_with if batches else self._present()
        return {"batches": batches, "began_with": began_with, "now": self._present()}

    def restore(self, state: dict) -> None:
        """Go to a place that `state_at` returned, in this process or another."""
        self._gone_back_to = None
        if state["batches"]:
            self._go_back(state["began_with"])
            rounds = self.rounds()
            first = [next(rounds)]  # now, while the random state is that of then
            self._gone_back_to = itertools.chain(first, rounds), state["batches"]
        self._go_back(state["now"])

    def rest(self) -> tuple[Iterator[tuple[np.ndarray | None, int]], int]:
        """Return the rounds of the pass that was restored, and how many batches were used."""
        found, self._gone_back_to = self._gone_back_to, None
        return found if found is not None else (self.rounds(), 0)

    def _present(self) -> Any:
        """Return what the next pass would begin with, as plain data."""
        return self._random.bit_generator.state

    def _go_back(self, began_with: Any) -> None:
        self._random.bit_generator.state = began_with

    def forget_before(self, batches: int) -> None:
        """Nothing is kept to go back to: a pass is known by its order."""

    def batches(self, fresh: bool = True) -> Iterator[tuple]:
        """Yield the batches `(x, y, sample_weight)` of a pass.

        Args:
            fresh: whether it is a new pass, not the rest of one that was restored.
        """
        rounds, used = (self.rounds(), 0) if fresh else self.rest()
        return itertools.islice(self._batches(rounds), used, None)

    def _batches(self, rounds: Iterator[tuple]) -> Iterator[tuple]:
        for order, size in rounds:
            for start in range(0, size, self.batch_size):
                stop = min(start + self.batch_size, size)
                rows = slice(start, stop) if order is None else order[start:stop]
                yield self._rows(rows)

    def _rows(self, rows: Any) -> tuple:
        return tree.map_structure(lambda a: None if a is None else a[rows], self.arrays)

    def close(self) -> None:
        """Nothing works for arrays."""

    def head(self) -> tuple:
        """Return the first batch (to learn shapes and dtypes from)."""
        return self._rows(slice(0, min(self.batch_size, self.size)))


def check_batch_size(batch_size: Any) -> int:
    """Return a valid batch size (32 where it is `None`)."""
    if batch_size is None:
        return 32
    if (
        isinstance(batch_size, bool)
        or not isinstance(batch_size, (int, np.integer))
        or batch_size < 1
    ):
        raise ValueError(f"batch_size must be a positive integer; got {batch_size!r}.")
    return int(batch_size)


def _common_length(x: Any, y: Any, sample_weight: Any) -> int:
    lengths = {}
    for what, part in (("x", x), ("y", y), ("sample_weight", sample_weight)):
        for path, leaf in tree.flatten_with_path(part):
            if leaf is None:
                continue
            name = what + "".join(f"[{key!r}]" for key in path)
            if not getattr(leaf, "shape", ()):
                raise ValueError(f"{name} must be an array with one row a sample; got {leaf!r}.")
            lengths[name] = leaf.shape[0]
    if not lengths:
        raise ValueError("There is no data: x is None or an empty structure.")
    if len(set(lengths.values())) > 1:
        described = ", ".join(f"{name} has {n} rows" for name, n in lengths.items())
        raise ValueError(f"All arrays must have the same number of rows (samples): {described}.")
    size = next(iter(lengths.values()))
    if size == 0:
        raise ValueError("The data is empty: the arrays have 0 rows.")
    return size
