"""Data that arrives batch by batch: generators, iterators and iterables."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from nyala.core import tree
from nyala.data._convert import as_array
from nyala.data._stage import INFINITE
from nyala.data._structures import combined_weights, unpack_x_y_sample_weight, weights_of_classes


class StreamData:
    """An iterable of batches.

    Args:
        source: yields `x`, `(x, y)` or `(x, y, sample_weight)`; a generator is consumed once and
            goes on where the last epoch stopped, anything that can be iterated anew begins again.
        class_weight: a dict from class to weight.
    """

    def __init__(self, source: Any, class_weight: dict | None = None):
        self.source, self.class_weight = source, class_weight
        self.once = hasattr(source, "__next__")
        self._pushed_back: list[Any] = []
        self._iterator: Iterator | None = None

    @property
    def num_batches(self) -> int | None:
        """Batches in a pass over the source, or `None` where it does not say."""
        try:
            return len(self.source)
        except TypeError:
            return None

    @property
    def endless(self) -> bool:
        """Whether the source says that it has no end."""
        stage = getattr(self.source, "_stage", None)
        return stage is not None and stage.length == INFINITE

    def head(self) -> tuple:
        """Return the first batch without consuming it.

        Raises:
            ValueError: the source is empty.
        """
        if not self._pushed_back:
            if self._iterator is None:
                self._iterator = self._iterate()
            try:
                self._pushed_back.append(next(self._iterator))
            except StopIteration:
                raise ValueError("The data is empty: the source yielded no batch.") from None
        return self._standardized(self._pushed_back[0])

    def batches(self, fresh: bool = True) -> Iterator[tuple]:
        """Yield `(x, y, sample_weight)`.

        Args:
            fresh: whether a source that can be iterated anew begins at its first batch.
        """
        if self._iterator is None or (fresh and not self.once and not self._pushed_back):
            self._iterator = self._iterate()
        while True:
            if self._pushed_back:
                batch = self._pushed_back.pop()
            else:
                try:
                    batch = next(self._iterator)
                except StopIteration:
                    self._iterator = None
                    return
            yield self._standardized(batch)

    def _iterate(self) -> Iterator:
        # A dataset's elements need not become tensors here.
        on_host = getattr(self.source, "_batches_on_host", None)
        if on_host is not None:
            return on_host()
        if not hasattr(self.source, "__iter__"):  # Keras 2 took any object with these two
            return (self.source[index] for index in range(len(self.source)))
        return iter(self.source)

    def close(self) -> None:
        """End what works for the batches; there will be no more."""
        end = getattr(self._iterator, "close", None)
        if end is not None and not self.once:
            end()
        self._iterator = None

    def end_epoch(self) -> None:
        """Tell a source that wants to know (`on_epoch_end`) that an epoch has ended."""
        if hasattr(self.source, "on_epoch_end"):
            self.source.on_epoch_end()

    def _standardized(self, batch: Any) -> tuple:
        x, y, sample_weight = unpack_x_y_sample_weight(batch)
        x, y, sample_weight = tree.map_structure(as_array, (x, y, sample_weight))
        if self.class_weight is not None:
            sample_weight = combined_weights(
                weights_of_classes(y, self.class_weight), sample_weight
            )
        return x, y, sample_weight


def is_stream(x: Any) -> bool:
    """Whether `x` yields batches by itself (rather than being arrays to cut into batches)."""
    if isinstance(x, (list, tuple, dict, str, bytes)) or hasattr(x, "shape"):
        return False
    if hasattr(x, "__array__") or hasattr(x, "to_numpy"):
        return False
    return hasattr(x, "__iter__") or hasattr(x, "__next__") or (
        hasattr(x, "__getitem__") and hasattr(x, "__len__")
    )  # fmt: skip
