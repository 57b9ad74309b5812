"""Data that arrives batch by batch: generators, iterators and iterables."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from nyala.core import tree
from nyala.data._bookmarks import Bookmarks
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
        self._bookmarks: Bookmarks | None = None
        self._at_start = False  # whether a pass has begun of which no batch was handed out

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
                self._begin()
            try:
                self._pushed_back.append(self._read())
            except StopIteration:
                raise ValueError("The data is empty: the source yielded no batch.") from None
        return self._standardized(self._pushed_back[0])

    def batches(self, fresh: bool = True) -> Iterator[tuple]:
        """Yield `(x, y, sample_weight)`.

        Args:
            fresh: whether a source that can be iterated anew begins at its first batch.
        """
        if self._iterator is None or (fresh and not self.once and not self._at_start):
            self._begin()
        self._at_start = False
        while True:
            if self._pushed_back:
                batch = self._pushed_back.pop()
            else:
                try:
                    batch = self._read()
                except StopIteration:
                    self._iterator = None
                    return
            yield self._standardized(batch)

    def _begin(self) -> None:
        self._iterator, self._at_start = self._iterate(), True
        saves = hasattr(self._iterator, "get_state") and hasattr(self._iterator, "set_state")
        self._bookmarks = Bookmarks(self._iterator) if saves else None

    def _read(self) -> Any:
        return next(self._iterator) if self._bookmarks is None else self._bookmarks.read()

    def state_at(self, batches: int) -> dict:
        """Return the place in this pass from which all but the first `batches` batches come next.

        It is JSON-ready where the state of the source's iterator is. Batches may have been read
        ahead; a source that cannot save its place is read up to there when it is restored.
        """
        marks, memory = self._bookmarks, getattr(self.source, "_get_memory", None)
        return {
            "batches": batches,
            "source": marks and marks.state_at(batches),
            "memory": memory and memory(),
        }

    def forget_before(self, batches: int) -> None:
        """Drop what only leads to earlier places of this pass than this one."""
        if self._bookmarks is not None:
            self._bookmarks.forget_before(batches)

    def restore(self, state: dict) -> None:
        """Go to a place that `state_at` returned, in this process or another."""
        if self.once and not state["batches"] and state["source"] is None:
            return
        passed = len(self._pushed_back) if self.once else 0
        self._pushed_back.clear()
        self.close()
        self._begin()
        count = state["batches"] - passed
        if state["source"] is not None and self._bookmarks is not None:
            self._iterator.set_state(state["source"]["from"])
            count = state["source"]["skip"]
        self._at_start = not state["batches"]
        self._pass_over(count)
        if self._bookmarks is not None:
            self._bookmarks.jump(state["batches"])
        if state["memory"] is not None:
            self.source._set_memory(state["memory"])

    def _pass_over(self, count: int) -> None:
        skip = getattr(self._iterator, "skip", None)
        if skip is not None:
            skip(count)
        else:
            for _ in range(count):
                next(self._iterator, None)

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
            with contextlib.suppress(ValueError):  # a generator that a thread is still in
                end()
        self._iterator = self._bookmarks = None

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
